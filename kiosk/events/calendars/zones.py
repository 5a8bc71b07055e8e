"""Which zone a name means: IANA's, Windows's, a vendor's path, or what the file itself describes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from kiosk.events.calendars import rules
from kiosk.events.calendars.lines import Part, Property, Unreadable

MOST_CHANGES = 400
"""Lines of a described zone that are read; real ones have some 20."""
_KEPT = {"BEGIN", "END", "DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"}
_WHEN = re.compile(r"\d{8}(?:T\d{6}Z?)?")


class Zones:
    """The zones of one file."""

    def __init__(self, described: Iterable[Part]) -> None:
        self._described: dict[str, Part] = {}
        self._known: dict[str, tzinfo | None] = {}
        for part in described:
            for line in part.properties:
                if line.name == "TZID":
                    self._described.setdefault(line.loosely().strip(), part)

    def named(self, name: str) -> tzinfo | None:
        """The zone of that name, or None if nothing tells what it is."""
        if name not in self._known:
            self._known[name] = _iana(name) or self._from_file(name)
        return self._known[name]

    def is_described(self, name: str) -> bool:
        """Whether the file tries to say what the name means."""
        return name in self._described

    def _from_file(self, name: str) -> tzinfo | None:
        part = self._described.get(name)
        if part is None:
            return None
        location = part.first("X-LIC-LOCATION")
        return (_iana(location.loosely().strip()) if location else None) or _built(part)


@cache
def _iana(name: str) -> tzinfo | None:
    name = name.strip("/")
    if name.upper() in {"UTC", "GMT", "Z"}:
        return ZoneInfo("UTC")
    name = WINDOWS_TO_OLSON.get(name, name)
    pieces = name.split("/")
    for start in range(min(len(pieces), 8)):  # /vendor.example/20260101_1/Europe/London
        if (tail := "/".join(pieces[start:])) in _names():
            return ZoneInfo(tail)
    return None


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


def _built(part: Part) -> tzinfo | None:
    """The zone as the file describes it, or None. Only yearly rules that come true are let through."""
    names = {line.loosely().strip() for line in part.properties if line.name == "TZID"}
    kept = [line for line in part.properties if line.name in _KEPT]
    if len(names) != 1 or len(kept) > MOST_CHANGES:
        return None
    try:
        lines = ["BEGIN:VTIMEZONE", "TZID:described", *map(_safe, kept), "END:VTIMEZONE"]
        described = Timezone.from_ical("\r\n".join(_lately(lines)) + "\r\n")
        zone = described.to_tz(lookup_tzid=False) if isinstance(described, Timezone) else None
        for year in (1990, 2026):
            if not isinstance(datetime(year, 7, 1, tzinfo=zone).utcoffset(), timedelta):
                return None
            datetime(year, 7, 1, tzinfo=UTC).astimezone(zone)
    except Exception:  # whatever another parser makes of a broken zone, here it is one that cannot be read
        return None
    return zone


def _safe(line: Property) -> str:
    value = line.value().strip()
    if line.name == "RRULE":
        rule, _odd = rules.read(value)
        first = datetime(2001, 1, 1)  # noqa: DTZ001 - a rule is in the time of its place
        tries = rules.Budget(dates=10, steps=10_000, seconds=1)
        found = rules.starts(rule, first, first, first.replace(2010), tries)
        if rule.freq != "YEARLY" or next(found, None) is None:
            raise Unreadable(value)
    elif line.name in {"DTSTART", "RDATE"}:
        moments = _WHEN.findall(value)
        if not moments:
            raise Unreadable(value)
        value = ",".join(each.rstrip("Z") if "T" in each else f"{each}T000000" for each in moments)
    elif line.name not in {"BEGIN", "END"} and not re.fullmatch(r"[+-]\d{4}(?:\d\d)?", value):
        raise Unreadable(value)
    return f"{line.name}:{value}"


def _lately(lines: list[str]) -> list[str]:
    """The same with open rules that began long ago (1601, as Outlook writes) begun in 1970."""
    text = "\r\n".join(lines)
    for block in re.findall(r"BEGIN:(?:STANDARD|DAYLIGHT).*?END:", text, re.DOTALL):
        if "RRULE" in block and not re.search(r"UNTIL|COUNT|INTERVAL=(?!1\b)", block):
            text = text.replace(block, re.sub(r"DTSTART:1[0-8]\d\d", "DTSTART:1970", block))
    return text.split("\r\n")
