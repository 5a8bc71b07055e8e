"""The life of a handover: its states, which step leads from where to where, and the words for why.

A person reads the words of `QUESTIONS`, `REASONS` and `OUTCOMES` in her language, others in English.
"""

from __future__ import annotations

from kiosk.forms import Choice
from kiosk.languages import _l, _lp

STATES = (
    "new", "seen", "accepted", "asking", "declined", "passing", "passed", "contacted", "closed", "withdrawn",
)  # fmt: skip
OPEN = ("new", "seen", "accepted", "asking", "passing", "contacted")
OVER = ("declined", "passed", "closed", "withdrawn")
UNANSWERED = ("new", "seen")
"""Nobody of the partner has said anything yet: the library asks after it."""

FROM: dict[str, tuple[str, ...]] = {
    "seen": ("new",),
    "accepted": ("new", "seen", "asking"),
    "asking": ("new", "seen", "accepted", "contacted"),
    "declined": ("new", "seen", "accepted", "asking"),
    "passing": ("new", "seen", "accepted", "asking", "contacted"),
    "passed": ("passing",),
    "contacted": ("new", "seen", "accepted", "asking", "contacted"),
    "closed": ("seen", "accepted", "asking", "contacted"),
    "withdrawn": tuple(state for state in STATES if state != "withdrawn"),
}
"""From which states each step can be made; from any other it is `Moved`."""

QUESTIONS = (
    Choice("reach", _l("How can we reach you?"), "phone"),
    Choice("when", _l("When can you come or talk?"), "calendar-time"),
    Choice("language", _l("Which language do you speak best?"), "language"),
    Choice("more", _l("Please tell us a little more."), "message-2"),
    Choice("come-in", _l("Can you come to us?"), "walk"),
)
"""What a partner asks; she answers at any screen, in own words or by touch."""
REASONS = (
    Choice("full", _l("They have no free place now."), "users-group"),
    Choice("not-ours", _l("They do not do this."), "circle-x"),
    Choice("area", _l("They work in another place."), "map-pin"),
    Choice("not-reached", _l("They could not reach you."), "phone-off"),
    Choice("has-help", _l("You have this help already."), "lifebuoy"),
    Choice("other", _l("They cannot help this time."), "circle-x"),
)
"""Why a partner declines."""
NO_ANSWER = Choice("no-answer", _l("They did not answer."), "clock-off")
"""Stands in the place of a reason when the time to keep the story is over, and nobody has said anything."""
TIME_OVER = Choice("time-over", _l("The time is over."), "clock-off")
"""The same, where the partner has said something before, if only asked her."""
OUTCOMES = (
    Choice("helped", _l("They helped you."), "circle-check"),
    Choice("started", _l("The help has begun."), "player-play"),
    Choice("advice", _l("They gave you advice."), "bulb"),
    Choice("elsewhere", _l("They told you who can help."), "arrow-right"),
    Choice("not-reached", _l("They could not reach you."), "phone-off"),
    Choice("not-wanted", _l("You did not want it any more."), "circle-x"),
)
"""How a partner closes."""
WHO_READS = (
    Choice("advisers", _lp("who reads it", "Their advisers"), "users"),
    Choice("workers", _lp("who reads it", "Their paid staff"), "id-badge-2"),
    Choice("volunteers", _lp("who reads it", "Their staff and volunteers"), "heart-handshake"),
    Choice("one", _lp("who reads it", "One person there"), "user"),
)
"""Who of a partner opens what is sent to it, as a consent says it."""
METHODS = ("touch", "helped", "heard", "staff", "phone", "paper", "partner")
"""How a yes or no was given: touched on the screen, touched by herself where somebody else fills
in for her, touched after it was read aloud, said to staff who were
with her, on the phone, signed on paper, said to the partner that refers her in."""


class Moved(Exception):
    """The handover has gone on meanwhile, or cannot take this step. `state` is what it is now."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state
