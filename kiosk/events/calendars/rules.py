"""Repeating rules (RRULE): reading them, and their dates within a window at a price that is known before.

A rule may come from anybody. It is therefore not run from its first date to the year 9999, but only through
the window, step by step, against a budget of dates, steps and seconds.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import product

from kiosk.events.calendars.lines import Unreadable

WEEKDAYS = {name: number for number, name in enumerate(("MO", "TU", "WE", "TH", "FR", "SA", "SU"))}
STEPS = {"HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}
"""Frequencies finer than a day, with their seconds."""
FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", *STEPS)
_NUMBERS = {
    "BYMONTH": (1, 12, False),
    "BYMONTHDAY": (1, 31, True),
    "BYYEARDAY": (1, 366, True),
    "BYWEEKNO": (1, 53, True),
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
    "BYSECOND": (0, 59, False),
    "BYSETPOS": (1, 366, True),
}
_UNTIL = re.compile(r"\d{8}(?:T\d{6}Z?)?")
_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")


class Spent(Exception):
    """The budget is used up. `long` tells time and steps from the number of dates."""

    def __init__(self, long: bool) -> None:
        self.long = long


class Budget:
    """What may still be spent on working out dates: dates given, steps taken, and seconds."""

    def __init__(self, dates: int, steps: int, seconds: float) -> None:
        self.dates, self.steps, self.end = dates, steps, time.monotonic() + seconds

    def step(self, number: int = 1) -> None:
        """Take a step. Raises `Spent`."""
        self.steps -= number
        if self.steps < 0 or time.monotonic() > self.end:
            raise Spent(long=True)

    def give(self) -> None:
        """Give a date. Raises `Spent`."""
        self.dates -= 1
        if self.dates < 0:
            raise Spent(long=False)


@dataclass(frozen=True)
class Rule:
    """A rule as RFC 5545 has it. `until` is as written: `20261231`, or `20261231T235959Z`; or empty."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: str = ""
    week_start: int = 0
    days: tuple[tuple[int, int], ...] = ()
    """Weekdays from Monday = 0, each with the how-manieth it is, or 0 for every one."""
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()

    @property
    def calm(self) -> bool:
        """Whether it gives no more than one date a day."""
        return self.freq not in STEPS and all(
            len(each) <= 1 for each in (self.hours, self.minutes, self.seconds)
        )


@lru_cache(maxsize=2000)
def read(text: str) -> tuple[Rule, tuple[str, ...]]:
    """The rule, and the pieces of the text that mean nothing. Raises `Unreadable`."""
    said: dict[str, str] = {}
    odd = []
    for piece in filter(None, text.strip().split(";")):
        name, equals, value = (part.strip() for part in piece.upper().partition("="))
        if not equals:
            odd.append(piece.strip())
        elif name.startswith("X-"):
            continue
        elif name in _NUMBERS or name in {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY"}:
            said[name] = value
        else:
            raise Unreadable(text)
    until = said.get("UNTIL", "")
    if said.get("FREQ") not in FREQUENCIES or not _is_moment(until):
        raise Unreadable(text)
    count = _number(said.get("COUNT", "-1"), text)
    interval = _number(said.get("INTERVAL", "1"), text)
    numbers = {name: _numbers(said[name], *_NUMBERS[name], text) if name in said else () for name in _NUMBERS}
    if interval < 1 or said.get("WKST", "MO") not in WEEKDAYS:
        raise Unreadable(text)
    return (
        Rule(
            freq=said["FREQ"],
            interval=interval,
            count=count if count >= 0 else None,  # some programs write COUNT=-1 for "without end"
            until=until,
            week_start=WEEKDAYS[said.get("WKST", "MO")],
            days=_days(said.get("BYDAY", ""), text),
            months=numbers["BYMONTH"],
            month_days=numbers["BYMONTHDAY"],
            year_days=numbers["BYYEARDAY"],
            weeks=numbers["BYWEEKNO"],
            hours=numbers["BYHOUR"],
            minutes=numbers["BYMINUTE"],
            seconds=numbers["BYSECOND"],
            positions=numbers["BYSETPOS"],
        ),
        tuple(odd),
    )


def _is_moment(until: str) -> bool:
    if not until:
        return True
    try:
        datetime.strptime(until.rstrip("Z"), "%Y%m%dT%H%M%S" if "T" in until else "%Y%m%d")  # noqa: DTZ007
    except ValueError:
        return False
    return _UNTIL.fullmatch(until) is not None


def _number(value: str, text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", value):
        raise Unreadable(text)
    return int(value)


def _numbers(value: str, least: int, most: int, signed: bool, text: str) -> tuple[int, ...]:
    found = {_number(piece.strip(), text) for piece in value.split(",")}
    if not all(least <= (abs(each) if signed else each) <= most for each in found):
        raise Unreadable(text)
    return tuple(sorted(found))


def _days(value: str, text: str) -> tuple[tuple[int, int], ...]:
    found = [_DAY.fullmatch(piece.strip()) for piece in value.split(",")] if value else []
    if not all(found):
        raise Unreadable(text)
    return tuple((WEEKDAYS[each[2]], int(each[1] or 0)) for each in found if each)


# Dates ------------------------------------------------------------------------------------------------------


def starts(rule: Rule, first: datetime, low: datetime, high: datetime, budget: Budget) -> Iterator[datetime]:
    """The starts of a series that begins at `first`, from `low` to `high`, both included, in order.

    All moments are without zone, in the time of the event's place. UNTIL is the caller's to apply.
    Raises `Spent`.
    """
    given = 0
    for moment in _all(rule, first, first if rule.count is not None else max(first, low), high, budget):
        if moment < first:
            continue
        given += 1
        if moment > high or (rule.count is not None and given > rule.count):
            return
        if moment >= low:
            budget.give()
            yield moment


def _all(rule: Rule, first: datetime, low: datetime, high: datetime, budget: Budget) -> Iterator[datetime]:
    """Every start, period by period, from the period that `low` is in."""
    rule = _filled(rule, first)
    periods = (
        _moments(rule, first, low, high, budget) if rule.freq in STEPS else _days_of(rule, first, low, high)
    )
    for days in periods:
        budget.step(len(days))
        found = _of_period(rule, days, budget)
        if rule.positions:
            whole = list(found)
            chosen = {each - 1 if each > 0 else len(whole) + each for each in rule.positions}
            found = (moment for place, moment in enumerate(whole) if place in chosen)
        yield from found


def _of_period(rule: Rule, days: list[datetime], budget: Budget) -> Iterator[datetime]:
    for day in days:
        if _fits(rule, day.date()):
            for hour, minute, second in _times(rule, day):
                budget.step()
                yield day.replace(hour=hour, minute=minute, second=second)


def _filled(rule: Rule, first: datetime) -> Rule:
    """The rule with what it leaves to its first date."""
    given: dict[str, tuple[int, ...]] = {}
    values = {**rule.__dict__}
    if not (rule.days or rule.month_days or rule.year_days or rule.weeks):
        if rule.freq == "YEARLY":
            given["months"] = rule.months or (first.month,)
        if rule.freq in {"YEARLY", "MONTHLY"}:
            given["month_days"] = (first.day,)
        if rule.freq == "WEEKLY":
            values["days"] = ((first.weekday(), 0),)
    return Rule(**{**values, **given})


def _days_of(rule: Rule, first: datetime, low: datetime, high: datetime) -> Iterator[list[datetime]]:
    """The days of each year, month, week or day that the interval falls on."""
    step = rule.interval
    day = timedelta(days=1)
    if rule.freq in {"YEARLY", "MONTHLY"}:
        length = 12 if rule.freq == "YEARLY" else 1
        base, lowest, highest = ((each.year * 12 + each.month - 1) // length for each in (first, low, high))
        for number in range(base + max(0, lowest - base) // step * step, highest + 1, step):
            year, month = divmod(number * length, 12)
            begin = first.replace(year=year, month=month + 1, day=1)
            year, month = divmod((number + 1) * length, 12)
            size = (date(year, month + 1, 1) - begin.date()).days
            yield [begin + place * day for place in range(size)]
    else:
        size = 7 if rule.freq == "WEEKLY" else 1
        begin = first - (first.weekday() - rule.week_start) % 7 * day if size == 7 else first
        begin += max(0, (low - begin).days // size // step) * step * size * day
        while begin.date() <= high.date():
            yield [begin + place * day for place in range(size)]
            begin += step * size * day


def _moments(
    rule: Rule, first: datetime, low: datetime, high: datetime, budget: Budget
) -> Iterator[list[datetime]]:
    """The moments that an interval finer than a day falls on. What cannot fit is skipped, not tried."""
    seconds = STEPS[rule.freq] * rule.interval
    step = timedelta(seconds=seconds)
    moment = first + max(0, int((low - first).total_seconds()) // seconds) * step
    while moment <= high:
        budget.step()
        if not _fits(rule, moment.date()):
            after = moment.replace(hour=0, minute=0, second=0) + timedelta(days=1)
        elif rule.hours and moment.hour not in rule.hours:
            after = moment.replace(minute=0, second=0) + timedelta(hours=1)
        elif rule.freq != "HOURLY" and rule.minutes and moment.minute not in rule.minutes:
            after = moment.replace(second=0) + timedelta(minutes=1)
        elif rule.freq == "SECONDLY" and rule.seconds and moment.second not in rule.seconds:
            after = moment + timedelta(seconds=1)
        else:
            yield [moment]
            after = moment + step
        moment += max(1, -(-int((after - moment).total_seconds()) // seconds)) * step


def _times(rule: Rule, day: datetime) -> Iterator[tuple[int, int, int]]:
    """The times of one day; of a frequency finer than a day, those of its own moment."""
    finer = FREQUENCIES.index(rule.freq) - FREQUENCIES.index("DAILY")
    hours = rule.hours if finer < 1 and rule.hours else (day.hour,)
    minutes = rule.minutes if finer < 2 and rule.minutes else (day.minute,)
    seconds = rule.seconds if finer < 3 and rule.seconds else (day.second,)
    return product(hours, minutes, seconds)


def _fits(rule: Rule, day: date) -> bool:
    if rule.months and day.month not in rule.months:
        return False
    if rule.month_days and not _among(rule.month_days, day.day, _length_of_month(day)):
        return False
    if rule.year_days and not _among(
        rule.year_days, day.timetuple().tm_yday, 366 if _is_leap(day.year) else 365
    ):
        return False
    if rule.weeks and not _among(rule.weeks, *_week(day, rule.week_start)):
        return False
    return not rule.days or any(number == day.weekday() and _nth(rule, day, nth) for number, nth in rule.days)


def _nth(rule: Rule, day: date, nth: int) -> bool:
    """Whether the day is the nth of its weekday: in its month, or in its year."""
    if not nth or rule.freq not in {"YEARLY", "MONTHLY"}:
        return True
    if rule.freq == "MONTHLY" or rule.months:
        place, length = day.day, _length_of_month(day)
    else:
        place, length = day.timetuple().tm_yday, 366 if _is_leap(day.year) else 365
    return (place - 1) // 7 + 1 == nth if nth > 0 else (length - place) // 7 + 1 == -nth


def _among(numbers: tuple[int, ...], place: int, length: int) -> bool:
    return place in numbers or place - length - 1 in numbers


def _length_of_month(day: date) -> int:
    return (date(day.year + day.month // 12, day.month % 12 + 1, 1) - timedelta(days=1)).day


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _week(day: date, week_start: int) -> tuple[int, int]:
    """The number of the day's week, and how many weeks that year has. Week 1 has at least four days of it."""
    middle = day + timedelta(days=3 - (day.weekday() - week_start) % 7)
    last = date(middle.year, 12, 28)
    last += timedelta(days=3 - (last.weekday() - week_start) % 7)
    return (middle.timetuple().tm_yday - 1) // 7 + 1, (last.timetuple().tm_yday - 1) // 7 + 1
