"""The consultation on the desk: what is on the screen, what of it is saved, and what stands between the two.

Every answer is saved as it is given. What could not be saved stays on the desk, with the reason; nothing here ever
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
class Desk:
    """One window's consultation. `trouble` says why the last change is not on the disk; None: everything is."""

    consultation: Consultation = field(default_factory=Consultation)
    view: View = field(default_factory=dict)  # how the screen is set: whose face, which filters; never an answer
    draft: Draft | None = None  # as this window last saved or read it
    record_id: str | None = None  # the record this consultation was saved as
    trouble: StoreError | None = None
    wanted: str | None = None  # a draft that could not be opened yet

    @property
    def draft_id(self) -> str | None:
        return self.draft.id if self.draft else self.wanted

    @property
    def saved(self) -> bool:
        """Whether everything on the desk is on the disk."""
        return self.trouble is None and (self.draft is not None or self.consultation == Consultation())

    @property
    def theirs(self) -> Draft | None:
        """What another window saved in the same draft, when that is the trouble."""
        return self.trouble.theirs if isinstance(self.trouble, DraftConflict) else None


def put(desk: Desk, consultation: Consultation, open_store: OpenStore) -> Desk:
    """The desk with a changed consultation, saved if that can be done. A first answer makes the draft."""
    return save(replace(desk, consultation=consultation), open_store)


def set_view(desk: Desk, view: View, open_store: OpenStore) -> Desk:
    """The desk with the screen set otherwise. It makes no draft, and a fault in saving it is no trouble: no answer is lost."""
    changed = replace(desk, view=view)
    if desk.draft is None or desk.trouble is not None or dict(view) == dict(desk.view):
        return changed
    after = save(changed, open_store)
    return changed if after.trouble is not None else after


def save(desk: Desk, open_store: OpenStore) -> Desk:
    """The desk, saved in its draft or a new one; what another window saved since is never overwritten."""

    def write(store: Store) -> Draft:
        if desk.draft is None:
            return store.new_draft(content(desk))
        return store.save_draft(desk.draft.id, content(desk), desk.draft.version)

    return _written(desk, write, open_store)


def keep_mine(desk: Desk, open_store: OpenStore) -> Desk:
    """The desk, saved over what another window saved: for a reader who was shown both."""
    return _written(desk, lambda store: store.save_draft(desk.draft_id or "", content(desk), None), open_store)


def take_theirs(desk: Desk) -> Desk:
    """The desk as the other window saved it."""
    return desk if desk.theirs is None else _from_draft(desk.theirs)


def as_new_draft(desk: Desk, open_store: OpenStore) -> Desk:
    """The desk saved in a draft of its own, when its old one was deleted or has expired."""
    return save(replace(desk, draft=None, wanted=None), open_store)


def reopen(draft_id: str, open_store: OpenStore) -> Desk | None:
    """The desk as a draft holds it; None when there is no such draft. One that cannot be read now is still wanted."""
    try:
        draft = open_store().load_draft(draft_id)
        return None if draft is None else _from_draft(draft)
    except StoreError as error:
        return Desk(trouble=error, wanted=draft_id)


def from_record(record: Record) -> Desk:
    """A desk with a record on it. Saved again, it is a correction of that record, which stays as it is."""
    kept = record.content
    return Desk(_consultation(kept), _view(kept), record_id=record.id)


def keep_record(desk: Desk, store: Store, *, evidence_hash: str, program_version: str) -> Desk:
    """The desk after its consultation was saved as a record. Raises `StoreError` when it was not."""
    record = store.save_record(
        content(desk), evidence_hash=evidence_hash, program_version=program_version, corrects=desk.record_id
    )
    return replace(desk, record_id=record.id)


def is_recorded(desk: Desk, record: Record | None) -> bool:
    """Whether a record holds the consultation exactly as it is on the desk."""
    return record is not None and record.content.get("consultation") == as_content(desk.consultation)


def content(desk: Desk) -> dict[str, Any]:
    """What the store keeps of a desk."""
    return {"consultation": as_content(desk.consultation), "view": dict(desk.view), "record": desk.record_id}


def as_text(desk: Desk) -> str:
    """The consultation as JSON text, for a reader who must take the work elsewhere."""
    return json.dumps(as_content(desk.consultation), indent=2)


def consultation_of(kept: Draft | Record) -> Consultation:
    """The consultation of a saved entry, for a list. Raises `StoreError` when another version wrote it."""
    return _consultation(kept.content)


def _from_draft(draft: Draft) -> Desk:
    kept = draft.content
    record = kept.get("record")
    return Desk(_consultation(kept), _view(kept), draft, record if isinstance(record, str) else None)


def _view(kept: Mapping[str, Any]) -> View:
    """How the screen was set; nothing where the file says it in another way than ours."""
    view = kept.get("view")
    return view if isinstance(view, dict) else {}


def _consultation(kept: Mapping[str, Any]) -> Consultation:
    try:
        return from_content(kept.get("consultation", {}) if isinstance(kept, dict) else None)
    except ContentError as error:
        raise StoreError(Trouble.OTHER, Detail.ANOTHER_VERSION, said=str(error)) from None


def _written(desk: Desk, write: Callable[[Store], Draft], open_store: OpenStore) -> Desk:
    try:
        return replace(desk, draft=write(open_store()), trouble=None, wanted=None)
    except StoreError as error:
        return replace(desk, trouble=error)
