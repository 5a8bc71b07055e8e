"""The words and pictures for the codes of events: residents see them in their language, staff in English."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from kiosk.forms import Choice
from kiosk.languages import _l, _lp

TOPICS = (
    Choice("children", _lp("topic", "Children and families"), "mood-kid"),
    Choice("english", _lp("topic", "Learning English"), "abc"),
    Choice("reading", _lp("topic", "Books and reading"), "book"),
    Choice("digital", _lp("topic", "Computers and phones"), "device-laptop"),
    Choice("jobs", _lp("topic", "Jobs and business"), "briefcase"),
    Choice("homework", _lp("topic", "Homework and special needs"), "school"),
    Choice("health", _lp("topic", "Health"), "heartbeat"),
    Choice("making", _lp("topic", "Making and music"), "palette"),
    Choice("environment", _lp("topic", "Nature and climate"), "leaf"),
    Choice("meeting", _lp("topic", "Meeting people"), "friends"),
    Choice("bereavement", _lp("topic", "Quiet time and loss"), "candle"),
)

FREE = Choice("free", _lp("event", "Free"), "gift")
NO_BOOKING = Choice("no-booking", _lp("event", "No booking needed"), "door-enter")
WOMEN_ONLY = Choice("women-only", _lp("event", "Women only"), "woman")
STEP_FREE = Choice("step-free", _lp("event", "No stairs"), "wheelchair")
QUIET = Choice("quiet", _lp("event", "Quiet"), "volume-off")
WITH_CHILDREN = Choice("with-children", _lp("event", "Children can come too"), "mood-kid")
WITH_A_FRIEND = Choice("bring-a-friend", _lp("event", "Come with a friend"), "users")

FILTERS = (
    FREE,
    NO_BOOKING,
    WOMEN_ONLY,
    STEP_FREE,
    QUIET,
    Choice("hearing", _lp("event", "Help with hearing"), "ear"),
    WITH_CHILDREN,
    WITH_A_FRIEND,
)
"""What a list can be narrowed by with one touch each."""

LEVELS = (
    Choice("pre-entry", _lp("English level", "I start from zero"), "plant"),
    Choice("entry-1", _lp("English level", "Entry 1"), "number-1"),
    Choice("entry-2", _lp("English level", "Entry 2"), "number-2"),
    Choice("entry-3", _lp("English level", "Entry 3"), "number-3"),
    Choice("level-1", _lp("English level", "Level 1"), "plant-2"),
    Choice("level-2", _lp("English level", "Level 2"), "tree"),
)

ACCESS = (
    STEP_FREE,
    QUIET,
    Choice("bsl", _lp("event", "Sign language"), "hand-three-fingers"),
    Choice("hearing-loop", _lp("event", "Hearing loop"), "ear"),
)

AUDIENCE = (
    WOMEN_ONLY,
    WITH_CHILDREN,
    WITH_A_FRIEND,
    Choice("under-fives", _lp("audience", "Children under 5"), "mood-kid"),
    Choice("children-5-11", _lp("audience", "Children from 5 to 11"), "mood-kid"),
    Choice("teenagers", _lp("audience", "Teenagers"), "school"),
    Choice("adults", _lp("audience", "Adults"), "user"),
    Choice("older-people", _lp("audience", "Older people"), "old"),
)

GETTING_IN = MappingProxyType(
    {
        "drop-in": NO_BOOKING,
        "book": Choice("book", _lp("event", "Booking needed"), "ticket"),
        "ask": Choice("ask", _lp("event", "Ask staff"), "message-question"),
    }
)
"""How to get in, by the kind of booking."""

PARTS_OF_DAY = (
    Choice("morning", _lp("part of the day", "In the morning"), "sunrise"),
    Choice("afternoon", _lp("part of the day", "In the afternoon"), "sun"),
    Choice("evening", _lp("part of the day", "In the evening"), "sunset-2"),
    Choice("weekend", _lp("part of the day", "At the weekend"), "calendar-week"),
)

STATES = MappingProxyType(
    {
        "cancelled": Choice("cancelled", _lp("event", "Cancelled"), "calendar-x"),
        "full": Choice("full", _lp("event", "Full. There is a waiting list."), "hourglass"),
        "moved": Choice("moved", _lp("event", "Moved to a new time"), "calendar-time"),
        "tentative": Choice("tentative", _lp("event", "Not certain yet. Ask staff."), "message-question"),
        "over": Choice("over", _lp("event", "This is over"), "calendar-check"),
        "gone": Choice("gone", _l("Ask staff if this still takes place."), "message-question"),
    }
)
"""What must not be missed of a date, by its code."""

CHOSEN = {choice.code: choice for choice in (*FILTERS, *LEVELS)}
"""Everything that a list can be narrowed by and that a touch takes away again, by its code."""


def known(choices: Iterable[Choice], codes: Iterable[str]) -> list[Choice]:
    """Those of the choices that have one of the codes, in their own order."""
    among = set(codes)
    return [choice for choice in choices if choice.code in among]
