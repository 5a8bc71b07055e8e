"""Pages for what cannot be: a picture, a sentence, and a way on. They are answers, not errors."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from babel.support import LazyProxy
from flask import render_template, url_for

from kiosk.languages import _l

SAYS: MappingProxyType[str, tuple[str, LazyProxy, int]] = MappingProxyType(
    {
        "nobody": ("user-question", _l("We cannot send a story there. Ask a person here."), 200),
        "not-now": ("player-pause", _l("They cannot take it just now. Nothing was sent."), 200),
        "too-many": (
            "hourglass",
            _l("Too many people sent something here just now. Wait a little, or ask staff."),
            429,
        ),
        "too-many-services": ("checks", _l("You can choose six services at most."), 200),
        "wait": ("hourglass", _l("That was wrong too often. Wait %(minutes)s minutes, or ask staff."), 429),
        "moved": ("refresh", _l("Something has changed there just now. Look again."), 200),
    }
)
"""The picture, the words and the status of the answer, by the reason."""


def sorry(why: str, onwards: str = "", **values: Any) -> Any:
    """The page for a reason, and where it leads; `values` fill the gaps of its words."""
    picture, says, status = SAYS[why]
    page = render_template(
        "support/tell/sorry.html",
        picture=picture,
        says=says,
        values=values,
        onwards=onwards or url_for("support.start"),
    )
    return page, status
