"""The published evidence, read once for all windows; a dataset with faults is told and nothing of it is shown."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from decision_aid import components
from decision_aid.domain.escaping import as_label
from decision_aid.domain.problems import EvidenceError
from decision_aid.evidence import loading
from decision_aid.evidence.loading import Evidence

_seen = threading.local()  # in which run the files were looked at last, and what was in them


def evidence() -> Evidence:
    """The dataset, loaded once for all sessions and again only after a file changed.

    A dataset with faults is never used: the page shows every fault and stops. Whether a file changed is looked at once
    in a run of a page.
    """
    context = get_script_run_ctx()
    run = None if context is None else context.cursors  # another in every run
    if run is not None and getattr(_seen, "run", None) is run:
        kept: Evidence = _seen.evidence
        return kept
    found = _as_it_is_now()
    _seen.run, _seen.evidence = run, found
    return found


def _as_it_is_now() -> Evidence:
    folder = loading.directory(_arguments().data)
    try:
        # One text is hashed faster than a tuple, and a folder may have a name that is no text.
        return _load(os.fsencode(folder), repr(loading.fingerprint(folder)))
    except EvidenceError as error:
        st.html(components.page_title("The evidence cannot be shown"))
        many = f"{len(error.problems):,} faults" if len(error.problems) > 1 else "1 fault"
        st.error(
            f"{many} in {as_label(folder)}. Nothing is shown from a dataset with faults. Mend the cells below, or start again "
            "with the dataset that came with the program, then reload this page."
        )
        st.html(components.problem_list(error.problems[:200]))
        st.stop()


@st.cache_resource(show_spinner="Reading the evidence …", max_entries=4)
def _load(folder: bytes, fingerprint: str) -> Evidence:
    return loading.load(Path(os.fsdecode(folder)))


@cache
def _arguments() -> argparse.Namespace:
    """What stands after `--` on the command line."""
    parser = argparse.ArgumentParser(prog="streamlit run dashboard.py --", add_help=False, exit_on_error=False)
    parser.add_argument("--data")
    return parser.parse_known_args(sys.argv[1:])[0]
