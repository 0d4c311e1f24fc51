"""What is said when something failed, and what to do about it."""

from __future__ import annotations

DOWNLOAD_SCREEN = "Download what is on the screen"
FILE_NOT_MADE = "This file could not be made. Nothing you entered is lost: try again, or reload the page."
MISHAP = "Something went wrong on this page"
MISHAP_OF_A_STEP = "Something went wrong with your last step"


def mishap(saved: bool) -> list[str]:
    """What to do when a page failed. Only what is on the disk is sure to outlive a reload."""
    if saved:
        return [
            "Nothing you entered is lost.",
            "Reload this page, or go on with another one. If it happens again, stop the program and start it anew.",
        ]
    return [
        "Nothing you entered is lost, but it is not saved yet. Download what is on the screen before anything else.",
        "Then go on with another page, or reload this one.",
    ]


def mishap_of_a_step(saved: bool) -> list[str]:
    """What to do when a click or an entry failed: it may not have been taken."""
    kept = "Everything you entered before is saved." if saved else "Everything you entered before is still here."
    return [
        "It may not have been done. Look whether what you just did is shown; if not, do it again.",
        f"{kept} If it happens again, stop the program and start it anew.",
    ]
