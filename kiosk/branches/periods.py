"""Times of opening: what one is, how they are written, and when a day with several of them is open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from itertools import pairwise

LONGEST = 100
"""Letters in one day's times of opening; more is no list of times."""
_TIME = r"(\d{1,2})(?:[:.](\d{2}))?\s*([ap]m)?"
_PERIOD = re.compile(rf"{_TIME}\s*(?:-|\u2010|\u2013|\u2014|\bto\b)\s*{_TIME}", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Period:
    """A time of opening on the branch's clock."""

    opens: time
    closes: time
    staffed: bool


Week = Mapping[int, Sequence[Period]]
"""ISO weekday → its times of opening, those with staff first. A week without any is one that nobody knows."""


class Fault(StrEnum):
    NOT_TIMES = "not times"
    BACKWARDS = "backwards"
    OVERLAP = "overlap"


class NotHours(ValueError):
    """What is written is not a day's times of opening. `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def read(text: str, *, staffed: bool = True) -> tuple[Period, ...]:
    """The times of opening of a day, as councils write them: `09:00-13:00, 14:00-17:00`. Raises `NotHours`.

    As people write them too: `9-1pm`, `9.30 to 17`. Nothing, or the word closed, is a day without any.
    """
    text = text.strip()
    if not text or text.casefold() == "closed":
        return ()
    if len(text) > LONGEST:
        raise NotHours(Fault.NOT_TIMES)
    periods = sorted(_period(part.strip(), staffed) for part in re.split(r"[,;]", text))
    if any(later.opens < earlier.closes for earlier, later in pairwise(periods)):
        raise NotHours(Fault.OVERLAP)
    return tuple(periods)


def _period(text: str, staffed: bool) -> Period:
    found = _PERIOD.fullmatch(text)
    if found is None:
        raise NotHours(Fault.NOT_TIMES)
    opens_at, closes_at = _hour_and_minute(*found.group(1, 2, 3)), _hour_and_minute(*found.group(4, 5, 6))
    # midnight as the end of a day is one minute later than the last time that a day has
    closes_at = (23, 59) if closes_at in {(0, 0), (24, 0)} else closes_at
    try:
        opens, closes = time(*opens_at), time(*closes_at)
    except ValueError:
        raise NotHours(Fault.NOT_TIMES) from None
    if opens >= closes:
        raise NotHours(Fault.BACKWARDS)
    return Period(opens, closes, staffed)


def _hour_and_minute(hour: str, minute: str | None, half: str | None) -> tuple[int, int]:
    number = int(hour)
    if half:
        if not 1 <= number <= 12:
            raise NotHours(Fault.NOT_TIMES)
        number = number % 12 + (12 if half.casefold() == "pm" else 0)
    return number, int(minute or 0)


def written(periods: Iterable[Period]) -> str:
    """Times of opening as councils write them, so that `read` understands them again."""
    return ", ".join(f"{period.opens:%H:%M}-{period.closes:%H:%M}" for period in periods)


def spans(periods: Iterable[Period]) -> list[tuple[time, time]]:
    """From when to when a day is open, with staff or without: times that touch or overlap are one."""
    joined: list[tuple[time, time]] = []
    for period in sorted(periods):
        if joined and period.opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], period.closes))
        else:
            joined.append((period.opens, period.closes))
    return joined


def week_of(periods: Iterable[tuple[int, Period]]) -> dict[int, tuple[Period, ...]]:
    """The week of these times of opening, each with its ISO weekday, in the one order that a week has."""
    days: dict[int, list[Period]] = {}
    for weekday, period in periods:
        days.setdefault(weekday, []).append(period)
    return {
        weekday: tuple(sorted(days[weekday], key=lambda period: (not period.staffed, period)))
        for weekday in sorted(days)
    }
