"""The patient's own screen: what the surgeon reads about it, and what stands on it while there is nothing to follow."""

from __future__ import annotations

HEADING = "The patient’s screen"
OPEN = "Open the patient’s screen"
CLOSE = "Close the patient’s screen"
FOLLOW_LINK = "Show it in a new tab"
HOW = (
    "Drag the tab out of this window and onto the second screen, then press F11. It shows the patient’s view and follows "
    "this window; what is answered there arrives here. Closing it changes nothing."
)
ONLY_HERE = "The address works on this computer only. It names nobody."
POINT_AT = "Point at a row"
NOT_POINTING = "Point at a row …"
BACK_IN_A_MOMENT = "The surgeon’s screen will be back in a moment"
NOT_OPEN = "This screen is not in use"
ASK_TO_OPEN = "What you answered is kept. If nothing comes, please ask the surgeon to open this screen again."
FOLLOWING = "This screen follows the surgeon’s. You can answer here too."
