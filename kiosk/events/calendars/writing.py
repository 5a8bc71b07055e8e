"""Calendars for others: iCalendar that other programs read without complaint."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from icalendar import Calendar as Feed
from icalendar import Event as Entry
from icalendar import Timezone
from icalendar.prop import vDDDTypes, vRecur

from kiosk.events.calendars.entries import Event, Moment, Occurrence

PRODUCT = "-//Kiosk//Welcome desk//EN"


def write(entries: Iterable[Event | Occurrence], name: str, stamp: datetime) -> bytes:
    """A feed of events, or of single dates of theirs, in UTF-8 with CRLF, folded at 75 bytes.

    `name` is what programs call the calendar. `stamp` (aware) is when it was made, the DTSTAMP of each entry:
    with the same stamp the same entries give the same bytes. A date of a series becomes an event of its own.
    A zone that only the file it came from described is written in UTC: a series in it loses its summer time.
    """
    feed = Feed()
    feed.add("PRODID", PRODUCT)
    feed.add("VERSION", "2.0")
    feed.add("CALSCALE", "GREGORIAN")
    feed.add("METHOD", "PUBLISH")
    feed.add("X-WR-CALNAME", name)
    zones: dict[str, tuple[tzinfo, list[date]]] = {}
    written = [_entry(each, stamp, zones) for each in entries]
    for zone_name, (zone, days) in sorted(zones.items()):
        first = date(min(days).year - 1, 1, 1)
        last = date(max(days).year + 5, 1, 1)
        feed.add_component(Timezone.from_tzinfo(zone, zone_name, first, last))
    for entry in written:
        feed.add_component(entry)
    return bytes(feed.to_ical())


def _entry(given: Event | Occurrence, stamp: datetime, zones: dict[str, tuple[tzinfo, list[date]]]) -> Entry:
    event = given if isinstance(given, Event) else given.event
    single = None if isinstance(given, Event) else given
    entry = Entry()
    entry.add("UID", _uid(given))
    entry.add("DTSTAMP", stamp.astimezone(UTC))
    entry.add("SUMMARY", event.summary)
    starts, ends = (single.starts, single.ends) if single else (event.starts, event.ends)
    entry.add("DTSTART", _placed(starts, zones))
    if ends is not None:
        entry.add("DTEND", _placed(ends, zones))
    if single is None:
        _add_repetition(entry, event, zones)
    if event.sequence >= 0:
        entry.add("SEQUENCE", event.sequence)
    for word, value in (("DESCRIPTION", event.text), ("LOCATION", event.location), ("URL", event.url)):
        if value:
            entry.add(word, value)
    if event.categories:
        entry.add("CATEGORIES", list(event.categories))
    cancelled = single.cancelled if single else event.status == "cancelled"
    entry.add("STATUS", "CANCELLED" if cancelled else event.status.upper())
    return entry


def _add_repetition(entry: Entry, event: Event, zones: dict[str, tuple[tzinfo, list[date]]]) -> None:
    for rule in event.rules:
        entry.add("RRULE", vRecur.from_ical(_strict(rule, event.starts)))
    for moment, length in event.extra:
        if length is None:
            entry.add("RDATE", [_placed(moment, zones)])
        else:
            begins = moment.astimezone(UTC) if isinstance(moment, datetime) else moment
            entry.add("RDATE", [(begins, length)])
    for moment in event.without:
        entry.add("EXDATE", [_placed(moment, zones)])
    if event.recurrence is not None:
        changed = vDDDTypes(_placed(event.recurrence, zones))
        if event.onwards:
            changed.params["RANGE"] = "THISANDFUTURE"
        entry.add("RECURRENCE-ID", changed)


def _strict(rule: str, starts: Moment) -> str:
    """The rule as the standard has it: UNTIL of the same kind as the start, and in UTC if it is a time."""
    pieces: dict[str, str] = {}
    for piece in rule.upper().split(";"):
        name, _equals, value = ("".join(part.split()) for part in piece.partition("="))
        if name == "UNTIL" and value:
            if not isinstance(starts, datetime):
                value = value[:8]
            elif not value.endswith("Z"):
                moment = datetime.strptime(value[:8] + (value[8:] or "T235959"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
                value = moment.replace(tzinfo=starts.tzinfo).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        if value and not name.startswith("X-") and not (name == "COUNT" and value.startswith("-")):
            pieces[name] = value
    return ";".join(f"{name}={value}" for name, value in pieces.items())


def _placed(moment: Moment, zones: dict[str, tuple[tzinfo, list[date]]]) -> Moment:
    """The moment in a zone that a reader knows by name or is given; noted in `zones`, if it is not UTC."""
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return moment
    zone = moment.tzinfo
    if isinstance(zone, ZoneInfo) and zone.key not in {"UTC", "Etc/UTC", "GMT"}:
        zones.setdefault(zone.key, (zone, []))[1].append(moment.date())
        return moment
    return moment.astimezone(UTC)


def _uid(given: Event | Occurrence) -> str:
    if isinstance(given, Occurrence):
        return _digest(*given.identity)
    return given.uid if given.uid and not given.twin else _digest(given.identity()[0])


def _digest(*pieces: str) -> str:
    """A UID for what has none of its own: the same for the same event in every feed."""
    return hashlib.sha256("\n".join(pieces).encode()).hexdigest()[:40]
