"""What went wrong with saved work, in sentences: what happened, what was not done, what to do, that nothing is lost."""

from __future__ import annotations

from decision_aid.storage.errors import Detail, Doing, StoreError, Trouble

PASSPHRASE_LOSS = (
    "Without the passphrase nobody can open what was saved: there is no second key and no way to reset it. "
    "Write it down and keep it where you keep other keys; what you exported before stays readable."
)
_NOT_DONE = {
    Doing.OPENING: "nothing could be opened",
    Doing.SAVING: "nothing could be saved",
    Doing.DELETING: "nothing was deleted",
    Doing.CHANGING: "nothing was changed",
    Doing.SETTING_ASIDE: "nothing was set aside",
}
_SAFE = "; your work is still on the screen and can be downloaded"
# `{path}` is the file or folder, `{said}` what the system said of it.
_SENTENCES: dict[Trouble | Detail, str] = {
    Trouble.DISK_FULL: "The disk with the folder “{path}” is full, so {not_done}. Free some space and try again{safe}.",
    Trouble.READ_ONLY: "This program may not write to “{path}”, so {not_done}. Allow it to, or set DECISION_AID_HOME to another folder and start again{safe}.",
    Trouble.LOCKED: "Another window or program is holding the saved work in “{path}”, so {not_done}. Try again in a moment{safe}.",
    Trouble.DAMAGED: "The file “{path}” is damaged or was not made by this program, so {not_done}. Set it aside, which keeps it and leaves everything else as it is{safe}.",
    Trouble.WRONG_PASSPHRASE: "This passphrase does not open “{path}”, so {not_done}. Check capital letters and the keyboard and try again{safe}.",
    Trouble.NO_ENCRYPTION: "“{path}” was encrypted by an earlier version, and the package that opens it is not installed, so {not_done}. The file is still there, untouched. Install the package with “pip install sqlcipher3-wheels” and start again, or move the file to another folder and begin without it{safe}.",
    Trouble.CONFLICT: "Another window saved this draft after it was opened here, so nothing was overwritten. Choose which of the two to keep{safe}.",
    Trouble.OTHER: "The saved work in “{path}” could not be reached ({said}), so {not_done}. Try again, and restart the program if it happens again{safe}.",
    Detail.PASSPHRASE_MISSING: "The saved work in “{path}” is encrypted and no passphrase was given, so {not_done}. Start with the passphrase{safe}.",
    Detail.NOT_ENCRYPTED: "The saved work in “{path}” is not encrypted, and a passphrase was given, so {not_done}. Start without one{safe}.",
    Detail.DRAFT: "This draft was deleted in another window, or has expired, so nothing could be saved in it. Save it as a new draft{safe}.",
    Detail.RECORD: "This record has been deleted, so there is nothing to export. Reload the list of records.",
    Detail.CORRECTED_RECORD: "The record to be corrected has been deleted, so the correction was not saved. Save it as a record of its own{safe}.",
    Detail.NOT_PLAIN: "This cannot be saved: something in it would not come back as it is. Nothing was changed{safe}.",
    Detail.TOO_LARGE: "This is too large to be kept here (more than {said}). Shorten the longest note, or take a smaller file, and save again. Nothing was changed{safe}.",
    Detail.NO_PASSPHRASE: "This passphrase is empty or cannot be typed again, so {not_done}. Choose another one.",
    Detail.NOT_DAMAGED: "Nothing in “{path}” is damaged, so it stays as it is. Reload the page to use it.",
    Detail.NEWER_VERSION: "The saved work in “{path}” was made by a newer version of this program, so {not_done}. Start the newer version{safe}.",
    Detail.ANOTHER_VERSION: "{said} It is still in the file. Start the version of the program that wrote it, or begin a new one.",
    Detail.EARLIER_CHANGE: "An earlier version of this program was stopped while it changed the passphrase of “{path}”, so {not_done}. Start that version once, which finishes the change{safe}.",
    Detail.NOT_ORDINARY: "“{path}” is a link to another place, or no ordinary file, so {not_done}. Remove it, or set DECISION_AID_HOME to another folder and start again{safe}.",
    Detail.NO_FOLDER: "The saved work in “{path}” could not be reached ({said}), so {not_done}. Set DECISION_AID_HOME to a folder this program may write to and start again{safe}.",
}
_LONGEST_PATH_TOLD = 160


def told(error: StoreError, *, on_screen: bool = True) -> str:
    """The sentences for the reader. `on_screen`: whether there is work on the screen that is safe there."""
    path = str(error.path)
    return _SENTENCES[error.detail or error.trouble].format(
        path=path if len(path) <= _LONGEST_PATH_TOLD else f"{path[:_LONGEST_PATH_TOLD]} …",
        said=error.said,
        not_done=_NOT_DONE[error.doing or Doing.OPENING],
        safe=_SAFE if on_screen else "",
    )
