"""What looks the same to everybody is drawn once and kept.

Most of a page says nothing of the person in front of it: its frame, the keyboard, all of home. To draw that
costs more than everything else that a request does. Here it is drawn once for each way it can look, and its
token, the one thing in it that is hers, stays a gap that is filled anew each time.

Two rules make this safe. While something is drawn to be kept there is no visit: whoever asks for it gets an
error, so that nothing of a person is drawn by mistake. And a thing is found again only by all that it was
made of: the language, the place with its settings, and what its template was given.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from threading import Lock
from typing import Any

from flask import Flask, current_app, g, render_template
from markupsafe import Markup

from kiosk.branches import here

MOST = 1_000_000
"""Letters that are kept; what was not looked at for longest goes first."""
GAP = secrets.token_hex(16)
"""Stands in what is kept where the token goes. Nobody outside has ever seen it."""


class Shelf:
    """Drawn things by what they were made of, each as the parts between its gaps. All threads share it."""

    def __init__(self, token: Callable[[], str], most: int = MOST) -> None:
        self.token = token
        self._parts: OrderedDict[Hashable, list[str]] = OrderedDict()
        self._turn = Lock()
        self._most = most
        self.letters = 0

    def find(self, key: Hashable) -> list[str] | None:
        with self._turn:
            parts = self._parts.get(key)
            if parts is not None:
                self._parts.move_to_end(key)
            return parts

    def put(self, key: Hashable, drawn: str) -> list[str]:
        parts = drawn.split(GAP)
        with self._turn:
            self.letters += _letters(parts) - _letters(self._parts.pop(key, []))
            self._parts[key] = parts
            while self.letters > self._most:
                self.letters -= _letters(self._parts.popitem(last=False)[1])
        return parts

    def __iter__(self) -> Iterator[str]:
        """All that is kept, in pieces."""
        with self._turn:
            return iter([part for parts in self._parts.values() for part in parts])


def _letters(parts: list[str]) -> int:
    return sum(map(len, parts))


def page(template: str, besides: Mapping[str, Any] | None = None, **given: Hashable) -> str:
    """A whole page that says nothing of a person; the same for all who are in the same place, given the same.

    The template gets `besides` too, but the page is not found by it: what it shows must follow from the rest.
    """
    about = ("page", template, *given.items())
    return _once(about, lambda: render_template(template, **(besides or {}), **given))


def part(*about: Hashable, caller: Callable[[], str]) -> Markup:
    """The same for a part of a page, in a template: `{% call kept("name", …) %}`, given all that it shows."""
    return Markup(_once(("part", *about), caller))  # noqa: S704 - drawn by a template of ours


def _once(about: tuple[Hashable, ...], draw: Callable[[], str]) -> str:
    now = g._get_current_object()  # this is asked a dozen times a page: not through the proxy each time
    if "for_everybody" in now:  # a part of something that is kept as a whole
        return str(draw())
    key = (about, now.get("way_of_speaking"), now.get("place") or here(), "kiosk_id" in now)
    shelf: Shelf = current_app.extensions["kept"]
    parts = shelf.find(key) or shelf.put(key, _drawn_for_everybody(draw))
    return parts[0] if len(parts) == 1 else shelf.token().join(parts)


def _drawn_for_everybody(draw: Callable[[], str]) -> str:
    g.for_everybody = True
    try:
        drawn = str(draw())
    finally:
        del g.for_everybody
    if g.get("csrf_token", GAP + GAP) in drawn:
        raise RuntimeError("what is kept for everybody shows one person's token")
    return drawn


def check_that_somebody_is_meant() -> None:
    """To be called by whoever tells of one person; what is drawn for everybody gets an error."""
    if "for_everybody" in g:
        raise RuntimeError("what is kept for everybody asks for one person's visit")


def init_app(app: Flask, token: Callable[[], str]) -> None:
    """`token` gives the token of the person who asks."""
    app.extensions["kept"] = Shelf(token)

    def hers_or_gap() -> str:
        return GAP if "for_everybody" in g else token()

    app.jinja_env.globals.update(kept=part, csrf_token=hers_or_gap)
    app.context_processor(lambda: {"csrf_token": hers_or_gap})  # Flask-WTF has both as well
