"""What is kept of own cases and of saved work, for how long and who can read it, in sentences that hold."""

from __future__ import annotations

from pathlib import Path

from decision_aid.caselog_plan import Plan

PATH = "or where a large file is on this computer"
REMEMBER = "Remember these choices for the next file with the same columns"
WHAT_IS_REMEMBERED = (
    "Kept with the saved work until you forget it: the names of the columns, their units and dates, and the words of the file "
    "that were given a meaning. No case is in it."
)
REGISTRY_WITHOUT_PATHS = (
    "An address such as postgres://host/database, with the columns of the template. The counting is done there; only the summary "
    "comes here. Paths of files on this computer are switched off here. It needs what requirements-registry.txt lists."
)
FORGOTTEN = (
    "The cases are forgotten: they are out of the memory of this program, and the kept copy and the remembered choices are deleted. "
    "Your own file stays where it is."
)
WHAT_LOCKING_DOES = (
    "Closes the saved work in this window. What is on the screen is saved and comes back with the passphrase; own cases that were "
    "read and not kept must be read again."
)
NOT_LOCKED = "Not locked: what is on this screen could not be saved yet. See what stands in the way, then lock again, or download it."
_LONGEST_LIST = 12


def kept_copy(folder: Path, encrypted: bool) -> str:
    """Where the checked copy is and who can read it."""
    who = (
        "encrypted with the same passphrase"
        if encrypted
        else "not encrypted, as the saved work is not: set a passphrase on the page Saved work to change that"
    )
    return f"A checked copy is kept with the saved work in “{folder}”, {who}."


def what_forget_takes(invented: bool, plan: Plan | None) -> str:
    """What goes with a click on Forget, before it is clicked."""
    if invented:
        return "The invented cases leave the screen. Nothing else is deleted."
    choices = f" {remembered(plan)} They go too." if plan else ""
    return (
        "The cases leave the memory of this program, in every window, and the kept copy is deleted for good. Your own file stays "
        f"where it is.{choices}"
    )


def remembered(plan: Plan) -> str:
    """For which file choices are remembered."""
    names = [f"“{header}”" for header in plan.mapping.values()]
    more = f" and {len(names) - _LONGEST_LIST} more" if len(names) > _LONGEST_LIST else ""
    return f"Choices are remembered for a file with the columns {', '.join(names[:_LONGEST_LIST])}{more}."


def forgotten_here_only(reason: object) -> str:
    """That the cases left this window, but a kept copy could not be reached, and why."""
    return f"The cases left this window. A kept copy, if there is one, is still there: {reason}"
