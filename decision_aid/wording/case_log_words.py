"""What is said of a case log: what it is, what became of its rows, and why a registry could not be counted."""

from __future__ import annotations

from decision_aid.audit.limits import RegistryError
from decision_aid.audit.results import Summary
from decision_aid.case_log.log import CaseLog, to_know
from decision_aid.domain.dates import day_in_words

WHAT_A_LOG_IS = (
    "One row for each operation. The file stays where it is: it is read here, on this computer, and nothing of it is written "
    "down unless you ask. It leaves the memory when you forget it or end the program. Of a case only dates, numbers, "
    "yes or no and choices of a list can be kept; columns that look like names, birth dates, addresses or record numbers are left out."
)
ONLY_THREE_NEEDED = (
    "Three are needed (*): the date, the procedure and the approach. What is not in the file is “not recorded”."
)
EVERYBODY_THE_SAME = "In these columns everybody has the same. If one of them was never written down, choose “– not in this file –” for it."
REGISTRY = "A registry, or files larger than memory"
REGISTRY_HINT = (
    "An address such as postgres://… or a path such as cases/*.parquet, with the columns of the template. The counting is done "
    "there; only the summary comes here. It needs what requirements-registry.txt lists."
)
INVENTED = "Invented cases, to try the page. They are no results of any clinic."


def no_registry(error: Exception, reason: str) -> str:
    """Why a registry could not be counted, with what to do. `reason` is what its engine says, without the address."""
    if isinstance(error, FileNotFoundError):
        return "There is no such file. Check where it is and write its whole path."
    from decision_aid.audit.registry import NoEngine  # it brings its engines' libraries; whoever failed has it already

    if isinstance(error, RegistryError | NoEngine):
        return f"The registry was not counted: {error}."
    said = f": {reason.rstrip('. ')}" if reason else f" ({type(error).__name__})"
    return (
        f"The registry could not be counted{said}. Check the address and the name of the table, and that its columns have "
        "the names of the template."
    )


def log_sentence(summary: Summary) -> str:
    """What the log spans: “5,000 cases, 3 Jan 2019 to 20 Dec 2024”."""
    first, last = summary.first_operation, summary.last_operation
    span = f", {day_in_words(first)} to {day_in_words(last)}" if first and last else ""
    return f"{summary.cases:,} cases{span}"


def file_sentence(log: CaseLog) -> str:
    """What became of the rows of the file, and how much there is to know of it: “40 rows: 38 used, 2 set aside; 3 notes”."""
    apart = f", {log.left_out_rows:,} left out" if log.left_out_rows else ""
    notes = len(to_know(log))
    told = f"; {notes} {'note' if notes == 1 else 'notes'} on Case log" if notes else ""
    return f"{log.rows_in:,} rows: {log.used:,} used, {log.set_aside_rows:,} set aside{apart}{told}"
