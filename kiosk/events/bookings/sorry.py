"""Pages for what cannot be: a picture, a sentence, and a way on. They are answers, not errors."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from babel.support import LazyProxy
from flask import render_template

from kiosk.branches import here
from kiosk.languages import _l

SAYS: MappingProxyType[str, tuple[str, LazyProxy, int]] = MappingProxyType(
    {
        "over": ("calendar-check", _l("This event has begun. You cannot book it now."), 200),
        "cancelled": ("calendar-x", _l("This event is cancelled."), 200),
        "gone": ("message-question", _l("Ask staff if this still takes place."), 200),
        "drop-in": ("door-enter", _l("Just come. You do not need to book."), 200),
        "ask": ("message-question", _l("Ask staff about a place at this event."), 200),
        "draft": ("calendar-x", _l("You cannot book this event now."), 200),
        "too-many": (
            "hourglass",
            _l("Too many people booked here just now. Wait a little, or ask staff."),
            429,
        ),
        "wait": ("hourglass", _l("That was wrong too often. Wait %(minutes)s minutes, or ask staff."), 429),
    }
)
"""The picture, the words and the status of the answer, by the reason."""


def sorry(why: str, **values: Any) -> Any:
    """The page for a reason; `values` fill the gaps of its words."""
    picture, says, status = SAYS[why]
    page = render_template("events/sorry.html", place=here(), picture=picture, says=says, values=values)
    return page, status
