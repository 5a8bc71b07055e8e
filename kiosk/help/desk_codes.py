"""What staff choose at the board: in English, for staff alone."""

from __future__ import annotations

from kiosk.forms import Choice
from kiosk.languages import _l, _lp

HOLDS = (
    Choice("needs-colleague", _l("A colleague is needed")),
    Choice("getting-interpreter", _l("An interpreter is being found")),
    Choice("person-away", _l("The person has gone for a moment")),
    Choice("other-branch", _l("Another branch must be asked")),
)
"""Why a request is held until a time."""
OUTCOMES = (
    Choice("helped", _lp("outcome", "Helped")),
    Choice("gave-leaflet", _lp("outcome", "Gave a leaflet or an address")),
    Choice("passed-on", _lp("outcome", "Passed on to somebody else")),
    Choice("nobody-there", _lp("outcome", "Nobody was there")),
    Choice("could-not-help", _lp("outcome", "Could not help")),
)
"""How a request ended that staff have closed."""
NOT_BY_STAFF = {
    "by-person": _lp("outcome", "The person cancelled it"),
    "gave-way": _lp("outcome", "Left at the screen; the next person needed it"),
    "lapsed": _lp("outcome", "Nobody closed it in time"),
}
"""How it ended otherwise: these are kept as outcomes, too."""
MINUTES = (0, 3, 5, 10)
"""What staff say when they take a request: they come in about so many minutes; 0 leaves it open."""
STATES = {
    "waiting": _lp("help", "Waiting"),
    "taken": _lp("help", "Seen"),
    "coming": _lp("help", "On the way"),
    "held": _lp("help", "On hold"),
    "done": _lp("help", "Done"),
    "cancelled": _lp("help", "Cancelled"),
}
PRIVATE_WORD = _l("Private word")
"""What stands on the board in the place of the quiet topic."""
