"""How events look to a resident: dates, prices and languages in hers and in English, and cards in a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_currency

from kiosk.events import labels
from kiosk.events.finding import Listed
from kiosk.events.records import Date, Facts, Occurrence
from kiosk.forms import Choice
from kiosk.languages import NO_BREAK, InBoth, day_of_week, known, shown, time_of_day
from kiosk.languages import language_name as language_name

TO = f"{NO_BREAK}–\N{WORD JOINER}{NO_BREAK}"
"""Between two times. No line ends there: after a dash it might, even before a space that holds."""


@dataclass(frozen=True)
class When:
    """When something is, as it is said: `days` from now where that has a name (0 or 1), else None.

    `time` is None for whole days, and for what lasts longer than a day.
    """

    day: InBoth
    time: InBoth | None
    days: int | None

    @property
    def whole(self) -> InBoth:
        """The day and the time as one."""
        if self.time is None:
            return self.day
        return InBoth(f"{self.day.own}, {self.time.own}", f"{self.day.english}, {self.time.english}")


def when(date: Date, now: datetime, *, long: bool = False) -> When:
    """The date as it is said at `now`; `long` writes the day out, with its year."""
    first, last = date.starts.date(), _last_day(date)
    today = now.astimezone(ZoneInfo(date.zone)).date()
    if last > first:
        return When(_between(_day(first, long), _day(last, long)), None, None)
    days = (first - today).days
    time = None
    if not date.all_day:
        time = time_of_day(date.starts.time())
        if date.ends is not None:
            time = _between(time, time_of_day(date.ends.time()), TO)
    return When(_day(first, long), time, days if days in (0, 1) and time else None)


def _last_day(date: Date) -> date:
    """The last day of a date: what ends at midnight ended the day before, and so does a night after six."""
    if date.ends is None:
        return date.starts.date()
    last = (date.ends - timedelta(minutes=1)).date()
    return date.starts.date() if date.ends - date.starts < timedelta(hours=12) else last


def _day(day: date, long: bool) -> InBoth:
    return _in_both(_whole_day_in, day) if long else day_of_week(day)


@lru_cache(maxsize=1000)
def _whole_day_in(tag: str, day: date) -> str:
    return str(format_date(day, "full", known()[tag].locale))


def deadline(moment: str, zone: str) -> InBoth:
    """A deadline (UTC, ISO 8601) as the day and the time it is in a zone."""
    until = datetime.fromisoformat(moment).astimezone(ZoneInfo(zone))
    at, day = time_of_day(until.time()), _day(until.date(), long=False)
    return InBoth(f"{day.own}, {at.own}", f"{day.english}, {at.english}")


def money(pence: int) -> InBoth:
    return _in_both(_money_in, pence)


@lru_cache(maxsize=1000)
def _money_in(tag: str, pence: int) -> str:
    return str(format_currency(Decimal(pence) / 100, "GBP", locale=known()[tag].locale))


def _in_both(write: Callable[..., str], *about: object) -> InBoth:
    """What `write` makes of it by the tag of a language, in that of this page and in English."""
    return InBoth(write(shown().tag, *about), write("en", *about))


def _between(first: InBoth, last: InBoth, dash: str = " – ") -> InBoth:
    return InBoth(f"{first.own}{dash}{last.own}", f"{first.english}{dash}{last.english}")


@dataclass(frozen=True)
class Where:
    """Where something is: a picture, the words for a place that is no building, and names as they are."""

    kind: str
    names: tuple[str, ...]


def where(facts: Facts, date: Date, branch: str, but: str = "") -> Where:
    """Where a date is; a building by its name, unless that is the one of `but`."""
    place = branch or date.place or facts.place
    names = tuple(name for name in (place, date.room or facts.room) if name and name != but)
    return Where(facts.place_kind, names)


@dataclass(frozen=True)
class Card:
    """An event in a list. `state` is what must not be missed, else None; `price` None when nobody said."""

    event_id: str
    date_id: str
    title: str
    language: str
    when: When
    where: Where
    price: InBoth | None
    is_free: bool
    getting_in: Choice
    state: Choice | None


def cards(events: Iterable[Listed], now: datetime, but: str = "") -> tuple[Card, ...]:
    """The events as cards. The branch `but` is not named: all of the list is there."""
    return tuple(
        Card(
            event_id=each.event_id,
            date_id=each.occurrence.id,
            title=each.title,
            language=each.language,
            when=when(each.occurrence.date, now),
            where=where(each.facts, each.occurrence.date, each.branch, but),
            price=money(each.facts.pence) if each.facts.pence else None,
            is_free=each.facts.pence == 0,
            getting_in=labels.GETTING_IN[each.facts.booking],
            state=state(each.facts, each.occurrence, now),
        )
        for each in events
    )


def state(facts: Facts, date: Occurrence, now: datetime, *, gone: bool = False) -> Choice | None:
    """What must not be missed of a date, the weightiest first; None when there is nothing."""
    if date.status == "cancelled" or facts.status == "cancelled":
        code = "cancelled"
    elif gone or date.gone_at:
        code = "gone"
    elif date.is_over(now):
        code = "over"
    elif facts.booking == "book" and date.left == 0:
        code = "full"
    elif date.date.moved_from is not None or date.status == "moved":
        code = "moved"
    elif "tentative" in (facts.status, date.status):
        code = "tentative"
    else:
        return None
    return labels.STATES[code]
