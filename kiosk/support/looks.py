"""How services look to a resident: cards in a list, and all that is known of one, in her language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType

from kiosk.configuration import store
from kiosk.forms import Choice
from kiosk.languages import InBoth, _l, language_name, shown
from kiosk.people import partners
from kiosk.store import NotThere
from kiosk.support.codes import STATES, STAY, WAYS, WORK, chosen
from kiosk.support.directory import records
from kiosk.support.directory.records import Card, Service
from kiosk.support.finding import Found, spoken
from kiosk.support.referrals import reports
from kiosk.support.rules import Verdict

HOURS_OF_A_DAY = 24
VERDICTS = {
    Verdict.FITS: Choice("fits", _l("This is for you."), "circle-check"),
    Verdict.MAY: Choice("may", _l("This may be for you. Ask them."), "help-circle"),
}


@dataclass(frozen=True)
class Offer:
    """A service as its card shows it. `state` is what must be known first of it, or None.

    `languages` are spoken there, hers first. `replies` is in how many days they usually reply, or None.
    `takes`: she can tell them her story here.
    """

    service: Service
    words: Card
    state: Choice | None
    languages: tuple[InBoth, ...]
    ways: tuple[Choice, ...]
    replies: int | None
    takes: bool

    @property
    def text(self) -> str:
        """The first paragraph."""
        return next(iter(self.paragraphs), "")

    @property
    def paragraphs(self) -> list[str]:
        return [line.strip() for line in self.words.text.splitlines() if line.strip()]

    @property
    def site(self) -> str:
        """The address of its pages, as people read it to each other."""
        return self.service.url.removeprefix("https://").removeprefix("http://").rstrip("/")

    @property
    def for_ages(self) -> tuple[int, int | None] | None:
        """The youngest and the oldest, in years, where that is not everybody."""
        youngest, oldest = self.service.min_age or 0, self.service.max_age
        return (youngest, oldest) if youngest or oldest is not None else None

    @property
    def for_whom(self) -> tuple[Choice, ...]:
        return (*chosen(WORK, self.service.work or ()), *chosen(STAY, self.service.stay or ()))


def offers(found: Iterable[Found]) -> list[Offer]:
    """What was found, as cards that say how well it fits."""
    return [offer(each.service, VERDICTS[each.verdict]) for each in found]


def offer(service: Service, state: Choice | None = None) -> Offer:
    """A service as a card; that it takes nobody now comes before any other `state`.

    `NotThere` when residents may see it no longer.
    """
    words = _cards().get(service.id)
    if words is None:
        raise NotThere
    hers = spoken(shown().tag)
    tags = sorted(service.languages or (), key=lambda tag: spoken(tag) != hers)
    return Offer(
        service=service,
        words=words,
        state=STATES.get(service.state, state),
        languages=tuple(language_name(tag) for tag in tags),
        ways=chosen(WAYS, service.ways or ()),
        replies=_replies(service),
        takes=service.state == "open" and service.partner_id in store().known("taking", partners.taking),
    )


def _cards() -> Mapping[str, Card]:
    tag = shown().tag
    return store().known(("cards", tag), lambda db: MappingProxyType(records.cards(db, tag)))


def _replies(service: Service) -> int | None:
    """In how many days its partner usually replies, at least one; None as long as nobody knows."""
    if not service.partner_id:
        return None
    partner_id = service.partner_id
    hours = store().known(("reply time", partner_id), lambda db: reports.reply_time(db, partner_id))
    return None if hours is None else max(1, ceil(hours / HOURS_OF_A_DAY))
