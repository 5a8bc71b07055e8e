"""Dates and times as people type them into spreadsheets: `5 May 2026`, `05/05/26`, `10.30am`, `2-3.30pm`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_WEEKDAY = re.compile(
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b[,.]?\s*", re.IGNORECASE
)
_DAY_FIRST = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[\s-]*{_MONTH}[\s,-]*(\d{{4}}|\d{{2}})?(?!\d)", re.IGNORECASE
)
_MONTH_FIRST = re.compile(
    rf"{_MONTH}\s*(\d{{1,2}})(?:st|nd|rd|th)?(?!\d)[\s,]*(\d{{4}})?(?!\d)", re.IGNORECASE
)
_REPEATS = re.compile(
    r"\b(?:every|each|weekly|monthly|daily|fortnightly|(?:mon|tues|wednes|thurs|fri|satur|sun)days)\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?:(?:12\s*)?(noon|midday|midnight)|(\d\d)(\d\d)|(\d{1,2})(?:[.:h](\d\d))?(?::\d\d(?:\.\d+)?)?)"
    r"\s*(?:([ap])\.?\s?m\b\.?)?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*(?:-|–|—|to|until|till?)\s*", re.IGNORECASE)
_NAMED = {"noon": time(12), "midday": time(12), "midnight": time(0)}
YEARS = range(1900, 2200)
FIRST_SERIAL, LAST_SERIAL = 20_000, 80_000
"""Days since 1900 that spreadsheets mean by a bare number: from 1954 to 2119."""


class NotAMoment(ValueError):
    """A cell that is no date, or no time. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Clock:
    """The times that a cell names; both None when it says that it lasts all day, or nothing."""

    starts: time | None = None
    ends: time | None = None
    guessed: bool = False
    """Whether the start is before seven with no am or pm: probably an afternoon."""


def order_of(cell: object) -> tuple[int, int] | None:
    """The two first numbers of a date like 05/01/2026, of which one is the day and one the month."""
    found = _NUMBERS.match(_WEEKDAY.sub("", cell.strip(), count=1)) if isinstance(cell, str) else None
    return (int(found[1]), int(found[3])) if found else None


def day_of(cell: object, day_first: bool) -> tuple[date, str]:
    """The date of a cell, and the text after it, which may hold times. Raises `NotAMoment`."""
    if isinstance(cell, datetime):
        return cell.date(), "" if cell.time() == time(0) else cell.time().isoformat("minutes")
    if isinstance(cell, date):
        return cell, ""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and FIRST_SERIAL <= cell <= LAST_SERIAL:
        moment = datetime(1899, 12, 30) + timedelta(days=float(cell))  # noqa: DTZ001 - wall time
        return day_of(moment.replace(microsecond=0), day_first)
    text = _WEEKDAY.sub("", str(cell).strip(), count=1)
    if text.startswith("="):
        raise NotAMoment("formula")
    if _REPEATS.search(str(cell)):
        raise NotAMoment("repeats")
    try:
        found, rest = _written(text, day_first)
    except NotAMoment:
        raise
    except ValueError:
        raise NotAMoment("bad-date") from None
    if found.year not in YEARS:
        raise NotAMoment("bad-date")
    return found, rest


def _written(text: str, day_first: bool) -> tuple[date, str]:
    if found := _ISO.match(text):
        return date(int(found[1]), int(found[3]), int(found[4])), _rest(text, found)
    if found := _NUMBERS.match(text):
        first, second = int(found[1]), int(found[3])
        day, month = (first, second) if day_first else (second, first)
        return date(_year(found[4]), month, day), _rest(text, found)
    if found := _DAY_FIRST.match(text):
        if not found[3]:
            raise NotAMoment("no-year")
        return date(_year(found[3]), _month(found[2]), int(found[1])), _rest(text, found)
    if found := _MONTH_FIRST.match(text):
        if not found[3]:
            raise NotAMoment("no-year")
        return date(_year(found[3]), _month(found[1]), int(found[2])), _rest(text, found)
    raise NotAMoment("bad-date")


def _rest(text: str, found: re.Match[str]) -> str:
    """What follows the date; a midnight that a program added to it is no time."""
    rest = re.sub(r"(?:Z|[+-]\d\d:?\d\d)$", "", text[found.end() :].strip(" ,").removeprefix("T"))
    return "" if re.fullmatch(r"00:00(?::00(?:\.0+)?)?", rest) else rest


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)


def _month(name: str) -> int:
    return MONTHS.index(name[:3].lower()) + 1


def clock_of(cell: object) -> Clock:
    """The time, or the two times, of a cell; none if it is empty or "all day". Raises `NotAMoment`."""
    if isinstance(cell, datetime):
        return Clock(cell.time().replace(second=0, microsecond=0))
    if isinstance(cell, time):
        return Clock(cell.replace(second=0, microsecond=0, tzinfo=None))
    if isinstance(cell, timedelta) or (
        isinstance(cell, (int, float)) and not isinstance(cell, bool) and 0 <= cell < 1
    ):
        seconds = round(cell.total_seconds() if isinstance(cell, timedelta) else cell * 86_400)
        minutes = seconds // 60 % 1440
        return Clock(time(minutes // 60, minutes % 60))
    text = str(cell or "").strip().rstrip(".")
    if not text or text.replace(" ", "").replace("-", "").lower() == "allday":
        return Clock()
    if text.startswith("="):
        raise NotAMoment("formula")
    first = _CLOCK.match(text)
    between = _BETWEEN.match(text, first.end()) if first else None
    second = _CLOCK.match(text, between.end()) if between else None
    last = second or first
    if first is None or last is None or text[last.end() :].strip(" ."):
        raise NotAMoment("bad-time")
    ends = _time(second, "") if second else None
    starts = _time(first, (second[6] or "") if second else "")
    if second and ends is not None and not first[6] and second[6] and starts > ends:
        starts = _time(first, "a")  # 10-1pm begins in the morning
    if second and ends is not None and first[6] and not second[6] and ends < starts:
        ends = _time(second, "p")  # 12.30pm-1.30 ends in the afternoon
    bare = not first[6] and not (second and second[6]) and first[1] is None and not first[2]
    return Clock(starts, ends, guessed=bare and 1 <= starts.hour < 7)


def _time(found: re.Match[str], half: str) -> time:
    """The time; `half` is a or p where another time tells it."""
    if found[1]:
        return _NAMED[found[1].lower()]
    hour, minute = int(found[2] or found[4]), int(found[3] or found[5] or 0)
    half = (found[6] or half).lower()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59:
        raise NotAMoment("bad-time")
    return time(hour, minute)
