"""The dates of a series, as staff write it down once: every week until a day, but not on these days."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from kiosk.events.records import Date

EVERY = ("once", "week", "fortnight", "month")
MOST = 200
"""Dates that are made at one time."""
_WEEKS = {"week": 1, "fortnight": 2}


@dataclass(frozen=True)
class Series:
    """One date, or many. Without `starts` they last the whole day; without `ends` nobody knows how long.

    `until` is the last day that may be one; `count` is how many there are, those `not_on` among them. Every
    month is on the same weekday: on the second Tuesday, say, or on the last one instead of the fifth.
    """

    first: date
    starts: time | None = None
    ends: time | None = None
    every: str = "once"
    until: date | None = None
    count: int | None = None
    not_on: frozenset[date] = frozenset()

    def days(self) -> list[date]:
        """The days, in order; never more than `MOST`."""
        days = islice(self._days(), 1 if self.every == "once" else min(self.count or MOST, MOST))
        until = self.until or date.max
        return [day for day in takewhile(lambda day: day <= until, days) if day not in self.not_on]

    def _days(self) -> Iterator[date]:
        if self.every in _WEEKS:
            weeks = timedelta(weeks=_WEEKS[self.every])
            return (self.first + number * weeks for number in range(MOST))
        return (_same_weekday(self.first, number) for number in range(MOST))

    def dates(self, zone: str, taken: Collection[str] = ()) -> list[Date]:
        """The dates on the clocks of a zone: at the same hour, also when the clocks have changed.

        `taken` are keys that the event has given to other dates, which may have been moved since.
        """
        return [
            one_day(day, self.starts, self.ends, zone, _free(day, self.starts, taken)) for day in self.days()
        ]


def one_day(day: date, starts: time | None, ends: time | None, zone: str, key: str) -> Date:
    """A date within one day; without `starts` it lasts the whole day."""
    clock = ZoneInfo(zone)
    begins = datetime.combine(day, starts or time(), clock)
    over = datetime.combine(day, ends, clock) if starts and ends else None
    if starts is None:
        over = datetime.combine(day + timedelta(days=1), time(), clock)
    return Date(key=key, starts=begins, ends=over, zone=zone, all_day=starts is None)


def _same_weekday(first: date, later: int) -> date:
    """The day so many months later with the same weekday and the same week of the month."""
    years, month = divmod(first.month - 1 + later, 12)
    begins = date(first.year + years, month + 1, 1)
    day = begins + timedelta(days=(first.weekday() - begins.weekday()) % 7, weeks=(first.day - 1) // 7)
    return day if day.month == begins.month else day - timedelta(weeks=1)


def _free(day: date, starts: time | None, taken: Collection[str]) -> str:
    key = f"{day}T{starts:%H:%M}" if starts else f"{day}"
    number = 1
    while f"{key}#{number}" in taken if number > 1 else key in taken:
        number += 1
    return f"{key}#{number}" if number > 1 else key
