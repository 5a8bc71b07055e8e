"""What a resident looks at: which list, narrowed by what, how far down. The address says it in codes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from babel.support import LazyProxy
from flask import request, url_for

from kiosk import branches
from kiosk.branches import Place
from kiosk.events import finding, labels
from kiosk.events.finding import Page, Wanted
from kiosk.forms import Choice
from kiosk.languages import _lp
from kiosk.store import Reading
from kiosk.visits import current

TITLES: dict[str, LazyProxy | str] = {
    "today": _lp("list", "Today"),
    "week": _lp("list", "This week"),
    "near": _lp("list", "Near here"),
    "online": _lp("list", "Online"),
    "mobile": _lp("list", "Mobile library"),
    "found": _lp("list", "Found"),
    **{topic.code: topic.label for topic in labels.TOPICS},
}
"""The lists by the names in their addresses; each topic is one."""
HERE = ("today", "week")
"""Lists of this building alone."""
EVERYWHERE = ("online", "mobile", "found")
"""Lists that have no place to be near to."""
MOST_PAGES = 12
"""Pages that Back remembers the way through."""
FURTHEST = 1 << 62


@dataclass(frozen=True)
class Look:
    """A list as somebody sees it. `wide` is in all libraries; `after` are the ends of the pages before."""

    name: str
    traits: frozenset[str] = frozenset()
    spoken: str = ""
    wide: bool = False
    after: tuple[int, ...] = ()

    @classmethod
    def of_address(cls, name: str) -> Look:
        """What the query of this request says; whatever it cannot mean is left out."""
        said = request.args
        ends = [int(end) for end in said.getlist("after") if re.fullmatch(r"[0-9]{1,19}", end, re.ASCII)]
        spoken = said.get("spoken", "")
        return cls(
            name=name,
            traits=frozenset(said.getlist("with")).intersection(labels.CHOSEN),
            spoken=spoken if re.fullmatch(r"[A-Za-z0-9-]{2,20}", spoken) else "",
            wide="wide" in said and name not in EVERYWHERE,
            after=tuple(end for end in ends if end <= FURTHEST)[-MOST_PAGES:],
        )

    @property
    def title(self) -> LazyProxy | str:
        return TITLES[self.name]

    @property
    def query(self) -> dict[str, Any]:
        """What stands in an address for it, beside its name."""
        said: dict[str, Any] = {"with": sorted(self.traits), "after": list(self.after)}
        return (
            said | ({"spoken": self.spoken} if self.spoken else {}) | ({"wide": "yes"} if self.wide else {})
        )

    @property
    def address(self) -> str:
        return url_for("events.listed", name=self.name, **self.query)

    def page_of(self, endpoint: str) -> str:
        """The address of a page about this list."""
        return url_for(endpoint, name=self.name, **self.query)

    def event(self, event_id: str, date_id: str) -> str:
        """The address of an event, with the way back to this list."""
        return url_for("events.event", event_id=event_id, date_id=date_id, name=self.name, **self.query)

    def narrowed(self, *traits: str, spoken: str = "") -> Look:
        return replace(self, traits=self.traits | set(traits), spoken=spoken or self.spoken, after=())

    def without(self, trait: str) -> Look:
        return replace(self, traits=self.traits - {trait}, after=())

    def in_any_language(self) -> Look:
        return replace(self, spoken="", after=())

    def in_all_libraries(self) -> Look:
        return replace(self, wide=True, after=())

    def next(self, more: int) -> Look:
        return replace(self, after=(*self.after, more)[-MOST_PAGES:])

    @property
    def back(self) -> str:
        """The page before: of this list, or of what it was chosen on."""
        if self.after:
            return replace(self, after=self.after[:-1]).address
        if self.name in {topic.code for topic in labels.TOPICS}:
            return url_for("events.topics")
        return url_for("events.search" if self.name == "found" else "events.start")

    @property
    def chosen(self) -> list[Choice]:
        return [choice for code, choice in labels.CHOSEN.items() if code in self.traits]


def events_of(db: Reading, look: Look, place: Place, language: str, now: datetime) -> Page:
    """The page of a list that somebody looks at."""
    after = look.after[-1] if look.after else 0
    traits = look.traits
    if look.name in {"online", "mobile", *(topic.code for topic in labels.TOPICS)}:
        traits |= {look.name}
    words = str(current().get("search", "")) if look.name == "found" else ""
    wanted = Wanted(_branches(db, look, place), traits, look.spoken, words)
    match look.name:
        case "today":
            return finding.today(db, wanted, language, now, after)
        case "week":
            return finding.this_week(db, wanted, language, now, after)
    return finding.page(db, wanted, language, now, after=after)


def _branches(db: Reading, look: Look, place: Place) -> tuple[str, ...]:
    """Where: in this building for the next days, else here and near by; nowhere in particular when wide."""
    if look.wide or look.name in EVERYWHERE:
        return ()
    if look.name in HERE:
        return (place.branch.id,)
    return (place.branch.id, *(each.id for each in branches.neighbours(db, place.branch.id)))
