"""What is kept of own cases and of saved work, for how long and who can read it, in sentences that hold."""

from __future__ import annotations

from pathlib import Path

from decision_aid.case_log.plan import Plan

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
    "The cases are forgotten: they have left this window and every window that showed the kept copy, and the copy and the remembered "
    "choices are deleted. Your own file stays where it is."
)
WHAT_LOCKING_DOES = (
    "Closes the saved work in this window. What is on the screen is saved and comes back with the passphrase; own cases that were "
    "read and not kept must be read again."
)
NOT_LOCKED = "Not locked: what is on this screen could not be saved yet. See what stands in the way, then lock again, or download it."
# What other people at the same computer can do, and what to do about it. For About and README alike.
OTHER_ACCOUNTS = (
    "The program listens on this computer only: other computers cannot reach it. It has no login of its own. Somebody who is logged in "
    "to another account of this same computer while it runs can open the page, read, change and delete what is saved, and type the "
    "path of a case log of yours.",
    "On a computer that several people use at once: set a passphrase on the page Saved work, which is then asked for in every window; "
    "switch the field for paths off by setting DECISION_AID_PATHS to off before the start; lock the saved work when you leave; and end "
    "the program when you are done.",
)
ON_THE_DISK = (
    "What is saved stays on this computer, in one folder, until you delete it. A case log is read where it is: nothing of it is written "
    "down unless you ask for a checked copy or to have its choices remembered. Both are in the same folder, under the same passphrase.",
    "Notes are kept as you write them: write no name into them. Forgetting and deleting overwrite what was in their files; a "
    "solid-state disk or a backup may still hold old bytes, and only a disk that is encrypted as a whole protects those.",
)
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
        "The cases leave this window and every window that shows the kept copy, and the copy is deleted for good. Your own file "
        f"stays where it is.{choices}"
    )


def what_is_kept(copy: bool, choices: bool) -> str:
    """What of own cases is in the saved work."""
    kept = ["A checked copy of a case log"] if copy else []
    kept += (
        ["the choices by which a case log was read" if copy else "The choices by which a case log was read"]
        if choices
        else []
    )
    return f"{' and '.join(kept)}, kept because you asked for it."


def remembered(plan: Plan) -> str:
    """For which file choices are remembered."""
    names = [f"“{header}”" for header in plan.mapping.values()]
    more = f" and {len(names) - _LONGEST_LIST} more" if len(names) > _LONGEST_LIST else ""
    return f"Choices are remembered for a file with the columns {', '.join(names[:_LONGEST_LIST])}{more}."


def forgotten_here_only(reason: str) -> str:
    """That the cases left this window, but a kept copy could not be reached, and why."""
    return f"The cases left this window. A kept copy, if there is one, is still there: {reason}"
