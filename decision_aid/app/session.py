"""The consultation in the session: what is on the screen, what of it is saved, and what stands between the two.

Every answer is saved as it is given. What could not be saved stays in the session, with the reason; nothing here ever
lets go of an answer. The functions take a way to open the store, because opening may fail as saving may.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from decision_aid.consultation.model import Consultation, ContentError, as_content, from_content
from decision_aid.storage.errors import Detail
from decision_aid.storage.store import Draft, DraftConflict, Record, Store, StoreError, Trouble

OpenStore = Callable[[], Store]
View = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Session:
    """One window's consultation. `trouble` says why the last change is not on the disk; None: everything is."""

    consultation: Consultation = field(default_factory=Consultation)
    view: View = field(default_factory=dict)  # how the screen is set: whose audience, which filters; never an answer
    draft: Draft | None = None  # as this window last saved or read it
    record_id: str | None = None  # the record this consultation was saved as
    trouble: StoreError | None = None
    wanted: str | None = None  # a draft that could not be opened yet

    @property
    def draft_id(self) -> str | None:
        return self.draft.id if self.draft else self.wanted

    @property
    def saved(self) -> bool:
        """Whether everything in the session is on the disk."""
        return self.trouble is None and (self.draft is not None or self.consultation == Consultation())

    @property
    def theirs(self) -> Draft | None:
        """What another window saved in the same draft, when that is the trouble."""
        return self.trouble.theirs if isinstance(self.trouble, DraftConflict) else None


def put(session: Session, consultation: Consultation, open_store: OpenStore) -> Session:
    """The session with a changed consultation, saved if that can be done. A first answer makes the draft."""
    return save(replace(session, consultation=consultation), open_store)


def set_view(session: Session, view: View, open_store: OpenStore) -> Session:
    """The session with the screen set otherwise. It makes no draft, and a fault in saving it is no trouble: no answer is lost."""
    changed = replace(session, view=view)
    if session.draft is None or session.trouble is not None or dict(view) == dict(session.view):
        return changed
    after = save(changed, open_store)
    return changed if after.trouble is not None else after


def save(session: Session, open_store: OpenStore) -> Session:
    """The session, saved in its draft or a new one; what another window saved since is never overwritten."""

    def write(store: Store) -> Draft:
        if session.draft is None:
            return store.new_draft(content(session))
        return store.save_draft(session.draft.id, content(session), session.draft.version)

    return _written(session, write, open_store)


def keep_mine(session: Session, open_store: OpenStore) -> Session:
    """The session, saved over what another window saved: for a reader who was shown both."""
    return _written(session, lambda store: store.save_draft(session.draft_id or "", content(session), None), open_store)


def take_theirs(session: Session) -> Session:
    """The session as the other window saved it."""
    return session if session.theirs is None else _from_draft(session.theirs)


def as_new_draft(session: Session, open_store: OpenStore) -> Session:
    """The session saved in a draft of its own, when its old one was deleted or has expired."""
    return save(replace(session, draft=None, wanted=None), open_store)


def reopen(draft_id: str, open_store: OpenStore) -> Session | None:
    """The session as a draft holds it; None when there is no such draft. One that cannot be read now is still wanted."""
    try:
        draft = open_store().load_draft(draft_id)
        return None if draft is None else _from_draft(draft)
    except StoreError as error:
        return Session(trouble=error, wanted=draft_id)


def from_record(record: Record) -> Session:
    """A session with a record on it. Saved again, it is a correction of that record, which stays as it is."""
    kept = record.content
    return Session(_consultation(kept), _view(kept), record_id=record.id)


def keep_record(session: Session, store: Store, *, evidence_hash: str, program_version: str) -> Session:
    """The session after its consultation was saved as a record. Raises `StoreError` when it was not."""
    record = store.save_record(
        content(session), evidence_hash=evidence_hash, program_version=program_version, corrects=session.record_id
    )
    return replace(session, record_id=record.id)


def is_recorded(session: Session, record: Record | None) -> bool:
    """Whether a record holds the consultation exactly as it is in the session."""
    try:
        return record is not None and consultation_of(record) == session.consultation
    except StoreError:  # another version wrote it
        return False


def content(session: Session) -> dict[str, Any]:
    """What the store keeps of a session."""
    return {"consultation": as_content(session.consultation), "view": dict(session.view), "record": session.record_id}


def as_text(session: Session) -> str:
    """The consultation as JSON text, for a reader who must take the work elsewhere."""
    return json.dumps(as_content(session.consultation), indent=2)


def consultation_of(kept: Draft | Record) -> Consultation:
    """The consultation of a saved entry, for a list. Raises `StoreError` when another version wrote it."""
    return _consultation(kept.content)


def _from_draft(draft: Draft) -> Session:
    kept = draft.content
    record = kept.get("record")
    return Session(_consultation(kept), _view(kept), draft, record if isinstance(record, str) else None)


def _view(kept: Mapping[str, Any]) -> View:
    """How the screen was set; nothing where the file says it in another way than ours."""
    view = kept.get("view")
    return view if isinstance(view, dict) else {}


def _consultation(kept: Mapping[str, Any]) -> Consultation:
    try:
        return from_content(kept.get("consultation", {}) if isinstance(kept, dict) else None)
    except ContentError as error:
        raise StoreError(Trouble.OTHER, Detail.ANOTHER_VERSION, said=str(error)) from None


def _written(session: Session, write: Callable[[Store], Draft], open_store: OpenStore) -> Session:
    try:
        return replace(session, draft=write(open_store()), trouble=None, wanted=None)
    except StoreError as error:
        return replace(session, trouble=error)
