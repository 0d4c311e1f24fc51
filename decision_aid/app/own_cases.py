"""The clinic's own cases in a window: what was read or kept of them, their rates beside the published ones, and forgetting them."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from decision_aid.app import evidence_file, saved_work, shared_screens, state, trouble
from decision_aid.audit import kept_log, shown_results
from decision_aid.audit.kept_log import OwnCases
from decision_aid.audit.results import Summary
from decision_aid.audit.summary import summarise
from decision_aid.case_log.fields import Approach
from decision_aid.case_log.plan import CaseLogError, Plan
from decision_aid.charts import risks
from decision_aid.comparison.own_rates import OwnRate, OwnRates
from decision_aid.comparison.side_by_side import HARMS, SideBySide
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Outcome
from decision_aid.storage.store import StoreError, Trouble
from decision_aid.wording import keeping, own_results_words, storage_words


def held() -> OwnCases:
    """The cases that this window holds."""
    if "own" not in st.session_state:
        st.session_state["own"] = OwnCases()
    own: OwnCases = st.session_state["own"]
    return own


def summary() -> Summary | None:
    """What the clinic's case log says, from the file read in this session, else from the copy that was kept; or None."""
    own = held()
    if (own.summary is None or own.stamp is not None) and not shared_screens.is_patients_window():
        _follow_kept_copy(own)
    return own.summary


def is_shown() -> bool:
    """Whether the surgeon switched the own results on for the consultation."""
    on = bool(st.session_state.get("own_on")) and not held().invented
    return on and summary() is not None


def lines(table: SideBySide, whose: Audience) -> own_results_words.OwnLines:
    """“In this clinic” for every row of a table, when switched on."""
    found = summary() if is_shown() else None
    return own_results_words.lines_beside(found, table, whose) if found else {}


def rates() -> tuple[OwnRates, ...]:
    """What this clinic counted of each harm: as entered on Risks, else as in the case log that is switched on.

    The same for both audiences and every page, sheet and note.
    """
    found = summary() if is_shown() else None
    logged = {}
    if found:
        shown = risks.table(evidence_file.evidence(), state.condition(), state.procedure())
        logged = {r.outcome: r for r in shown_results.rates_of(found, shown)}
    entered = {r.outcome: r for r in entered_rates()}
    return tuple({**logged, **entered}.values())


def entered_rates() -> tuple[OwnRates, ...]:
    """The counts that were typed on Risks, of every harm that has a whole and possible one."""
    if not any(st.session_state.get("own_counts", {}).values()):
        return ()
    return tuple(found for h in HARMS if (found := _entered(h)) is not None)


def counts(harm: Outcome) -> dict[str, int | None]:
    """What was typed for a harm of the planned procedure, by approach and field; to be written into."""
    entered: dict[str, dict[str, int | None]] = st.session_state.setdefault("own_counts", {})
    return entered.setdefault(f"{state.procedure()}:{harm}", {})


def remembered_choices() -> Plan | None:
    """How the last file was read for which that was to be remembered, or None."""
    try:
        return kept_log.kept_plan(saved_work.opened())
    except StoreError:  # told when something is to be saved
        return None


def forget() -> None:
    """Forget the cases everywhere: in this session, on the disk, and in every session that holds the kept copy."""
    own = held()
    invented = own.invented
    own.clear()
    st.session_state.pop("own_on", None)
    let_go_of_files()
    if invented:
        return
    try:
        kept_log.forget(saved_work.opened())
    except StoreError as error:
        state.notice(keeping.forgotten_here_only(storage_words.told(error)))
    except CaseLogError as error:
        state.notice(str(error))
    else:
        state.notice(keeping.FORGOTTEN)


def let_go_of_files() -> None:
    """Drop the files that were handed over in this window, and where others are; the fields for them are empty again."""
    context = get_script_run_ctx()
    if context is not None:
        context.uploaded_file_mgr.remove_session_files(context.session_id)
    st.session_state["_uploads"] = st.session_state.get("_uploads", 0) + 1
    for field in ("case_log_path", "registry_address", "registry_table"):
        st.session_state.pop(field, None)


def upload_key() -> str:
    """The name of the field for a file, another one after what was handed over was forgotten."""
    return f"case_log_file:{st.session_state.get('_uploads', 0)}"


def _follow_kept_copy(own: OwnCases) -> None:
    """Make the cases of this session those of the kept copy, which may have been kept or forgotten in another one."""
    try:
        opened = saved_work.opened()
        stamp = opened.kept_stamp(kept_log.CASES)
        if stamp is None or stamp != own.stamp:
            own.clear()
            own.stamp = stamp
            cases = kept_log.kept(opened)
            if cases is not None:
                own.take(cases, summarise(cases), stamp=stamp)
    except StoreError as error:
        if error.trouble is not Trouble.LOCKED:  # that passes; what is held is still what is kept
            own.clear()
            trouble.show(error)
    except CaseLogError as error:
        own.fault = str(error)


def _entered(harm: Outcome) -> OwnRates | None:
    """The counts that were typed for a harm; None until there is a whole and possible one."""
    typed = counts(harm)
    found: list[OwnRate | None] = []
    for approach in Approach:
        events, n = (typed.get(f"{approach}:{what}") for what in ("events", "cases"))
        if events is not None and n is not None and 0 <= events <= n and n > 0:
            found.append(OwnRate(events, n))
        else:
            found.append(None)
    return OwnRates(harm, *found) if any(found) else None
