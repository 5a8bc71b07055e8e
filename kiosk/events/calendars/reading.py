"""From the parts of a file to its events: what each line means, which are the same, and what is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from kiosk.events.calendars import rules, texts
from kiosk.events.calendars.entries import Calendar, Event, Limits, Moment, Remark, Status, key_of, remark
from kiosk.events.calendars.lines import SHOWN, Found, Part, Property, Unreadable, parts_of
from kiosk.events.calendars.zones import Zones

_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
_DURATION = re.compile(
    r"([+-]?)P(?=.)(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?=.)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?"
)
ONCE = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID")
"""What an event may say only once: two different values leave open when it is."""
YEARS = range(1583, 3000)
MOST_CATEGORIES = 20
DAY = timedelta(days=1)


class _Refusal(ValueError):
    """Why an event cannot be taken: a code of `REASONS` and its values."""

    def __init__(self, code: str, **values: object) -> None:
        self.code, self.values = code, values


@dataclass(frozen=True)
class _Read:
    """An event, or only what is known of one that is refused. Equal keys are exact duplicates."""

    part: Part
    key: tuple[str, str, str, str, str]
    place: str
    event: Event | None


def read(data: bytes, zone: ZoneInfo, limits: Limits | None = None) -> Calendar:
    """A calendar from the bytes of a file, or of an answer from the web. Nothing is raised.

    `zone` is the library's: times without any zone are in the one the calendar names (X-WR-TIMEZONE), else
    in this. What cannot be read is in `refused`, and costs nothing else; what was read with a difference
    is in `warnings`.
    """
    limits = limits or Limits()
    found = parts_of(data, limits)
    reader = _Reader(found, zone, limits)
    every = [each for part in found.events if (each := reader.read(part)) is not None]
    events, distinct = _one_of_each(every, reader.warnings)
    name = next(
        (
            texts.one_line(texts.unescaped(line.loosely()))
            for part in found.calendars
            if (line := part.first("X-WR-CALNAME") or part.first("NAME"))
        ),
        "",
    )
    return Calendar(
        name,
        zone,
        tuple(events),
        found.blocks,
        distinct,
        tuple(found.refused),
        tuple(found.warnings),
        found.complete,
    )


class _Reader:
    """Reads the events of one file, and collects what has to be said about them."""

    def __init__(self, found: Found, zone: ZoneInfo, limits: Limits) -> None:
        self.refused, self.warnings = found.refused, found.warnings
        self.zone, self.limits = zone, limits
        self.zones = Zones(found.zones)
        self._said: set[str] = set()
        self._homes: dict[int, tzinfo | None] = {}

    def read(self, part: Part) -> _Read | None:
        """The event of a block; None if it does not even have a start."""
        title = ""
        said: dict[str, list[Property]] = {}
        for line in part.properties:
            said.setdefault(line.name, []).append(line)
        try:
            title = texts.one_line(texts.unescaped(_first(said, "SUMMARY")))
            if not (part.closed or part.repaired):
                raise _Refusal("unclosed-at-end")
            starts = self._start(said, part)
        except _Refusal as refusal:
            self.refused.append(remark(refusal.code, part.line, title, **refusal.values))
            return None
        uid = texts.one_line(_first(said, "UID"))
        place = texts.one_line(texts.unescaped(_first(said, "LOCATION")))
        changed = _first(said, "RECURRENCE-ID")
        event: Event | None = None
        try:
            event = self._event(said, part, Event(uid, title, starts, location=place, line=part.line))
            changed = event.recurrence_id
        except _Refusal as refusal:
            self.refused.append(remark(refusal.code, part.line, title, **refusal.values))
        # a UID and a start name an event; where there is no UID, the place must tell
        return _Read(part, (uid, changed, key_of(starts), title, "" if uid else place), place, event)

    def _event(self, said: dict[str, list[Property]], part: Part, known: Event) -> Event:
        """The whole event. Everything of its times must be readable: half a series is a wrong one."""
        changed = self._moments(said, "RECURRENCE-ID", part)
        repeating = tuple(value for line in said.get("RRULE", ()) if (value := line.loosely().strip()))
        for text in repeating:
            try:
                _rule, odd = rules.read(text)
            except Unreadable:
                raise _Refusal("bad-value", name="RRULE", text=text[:SHOWN]) from None
            if odd:
                self._warn("odd-rule", known, text=";".join(odd)[:SHOWN])
        long_text = _first(said, "DESCRIPTION") or _first(said, "X-ALT-DESC")
        enough = 40 * self.limits.letters  # markup takes room too
        text = texts.paragraphs(texts.unescaped(long_text[:enough]))
        if len(text) > self.limits.letters or len(long_text) > enough:
            self._warn("text-cut", known, most=self.limits.letters)
        address = texts.unescaped(_first(said, "URL")).strip()
        url = texts.web_address(address)
        if address and not url:
            self._warn("address-dropped", known)
        if not known.summary:
            self._warn("no-title", known)
        if _first(said, "CLASS").strip().upper() in {"PRIVATE", "CONFIDENTIAL"}:
            self._warn("private", known)
        if part.repaired and not part.closed:
            self._warn("unclosed", known)
        return replace(
            known,
            ends=self._end(said, part, known),
            text=text[: self.limits.letters],
            url=url,
            categories=_categories(said),
            status=_status(said, part),
            recurrence=changed[0][0] if changed else None,
            onwards=bool(changed)
            and _parameter(said["RECURRENCE-ID"][0], "RANGE").upper() == "THISANDFUTURE",
            rules=repeating,
            extra=tuple(self._moments(said, "RDATE", part)),
            without=tuple(moment for moment, _length in self._moments(said, "EXDATE", part)),
            sequence=_sequence(said),
        )

    # times --------------------------------------------------------------------------------------------------

    def _start(self, said: dict[str, list[Property]], part: Part) -> Moment:
        for name in ONCE:
            if len({line.content for line in said.get(name, ())}) > 1:
                raise _Refusal("twice", name=name)
        found = self._moments(said, "DTSTART", part)
        if not found:
            raise _Refusal("no-start")
        return found[0][0]

    def _end(self, said: dict[str, list[Property]], part: Part, event: Event) -> Moment | None:
        """The end in the same kind and zone as the start; None if there is none after the start."""
        starts, ends = event.starts, None
        if found := self._moments(said, "DTEND", part):
            ends = found[0][0]
        elif "DURATION" in said:
            ends = _plus(starts, _length(_value(said["DURATION"][0])))
        if not isinstance(starts, datetime):
            last = ends
            if isinstance(ends, datetime):  # a day that ends at a time lasts to the end of that day
                last = ends.date() if ends.time() == ends.time().min else ends.date() + DAY
            if last is not None and last < starts:
                self._warn("ends-before-start", event)
            return last if last is not None and last > starts else starts + DAY
        if ends is None:
            return None
        if not isinstance(ends, datetime):
            ends = datetime.combine(ends, starts.time().min, starts.tzinfo)
        if ends < starts:
            self._warn("ends-before-start", event)
        return ends.astimezone(starts.tzinfo) if ends > starts else None

    def _moments(
        self, said: dict[str, list[Property]], name: str, part: Part
    ) -> list[tuple[Moment, timedelta | None]]:
        """The moments of every such line, each with its length where the line gives periods."""
        found: list[tuple[Moment, timedelta | None]] = []
        for line in said.get(name, ()):
            for text in _value(line).split(","):
                try:
                    begins, _slash, ends = text.strip().partition("/")
                    moment = self._moment(begins, line, part)
                    length = None
                    if ends:
                        length = _length(ends) if "P" in ends else self._moment(ends, line, part) - moment
                    found.append((moment, length))
                except (ValueError, TypeError, OverflowError):
                    raise _Refusal("bad-value", name=name, text=line.content[:SHOWN]) from None
                if begins and moment.year not in YEARS:
                    raise _Refusal("year", name=name, text=text[:SHOWN])
        return found

    def _moment(self, text: str, line: Property, part: Part) -> Moment:
        """A date, or a time with its zone. Raises `ValueError`."""
        found = _MOMENT.fullmatch(text)
        if found is None:
            raise ValueError(text)
        year, month, day = int(found[1]), int(found[2]), int(found[3])
        if found[4] is None:
            return date(year, month, day)
        numbers = (year, month, day, int(found[4]), int(found[5]), min(int(found[6]), 59))
        home = self._home(part)
        named = _parameter(line, "TZID")
        if named:  # it also wins over a Z, which programs add by mistake
            return datetime(*numbers, tzinfo=self._zone(named, line, home))
        if found[7]:
            moment = datetime(*numbers, tzinfo=UTC)
            return moment.astimezone(home) if home and year in YEARS else moment
        return datetime(*numbers, tzinfo=home or self.zone)

    def _home(self, part: Part) -> tzinfo | None:
        """The zone that the event's calendar names for itself."""
        calendar = part.calendar
        if calendar is None or (line := calendar.first("X-WR-TIMEZONE")) is None:
            return None
        if id(calendar) not in self._homes:
            name = line.loosely().strip()
            self._homes[id(calendar)] = self.zones.named(name)
            if self._homes[id(calendar)] is None and name:
                self._warn_of_zone(name, line, None)
        return self._homes[id(calendar)]

    def _zone(self, name: str, line: Property, home: tzinfo | None) -> tzinfo:
        zone = self.zones.named(name)
        if zone is None:
            self._warn_of_zone(name, line, home)
        return zone or home or self.zone

    def _warn_of_zone(self, name: str, line: Property, home: tzinfo | None) -> None:
        if name not in self._said:
            self._said.add(name)
            code = "unreadable-zone" if self.zones.is_described(name) else "unknown-zone"
            self.warnings.append(remark(code, line.line, name=name[:SHOWN], zone=home or self.zone))

    def _warn(self, code: str, event: Event, **values: object) -> None:
        self.warnings.append(remark(code, event.line, event.summary, **values))


def _value(line: Property) -> str:
    try:
        return line.value().strip()
    except Unreadable:
        raise _Refusal("bad-value", name=line.name, text=line.content[:SHOWN]) from None


def _parameter(line: Property, name: str) -> str:
    try:
        return line.parameter(name)
    except Unreadable:
        return ""


def _first(said: dict[str, list[Property]], name: str) -> str:
    return said[name][0].loosely() if name in said else ""


def _length(text: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise _Refusal("bad-value", name="DURATION", text=text[:SHOWN])
    weeks, days, hours, minutes, seconds = (int(each or 0) for each in found.groups()[1:])
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if found[1] == "-" else length


def _plus(starts: Moment, length: timedelta) -> Moment:
    if isinstance(starts, datetime):
        return starts + length
    return starts + timedelta(days=-(-length // DAY))  # a whole day is over when its last hour is


def _categories(said: dict[str, list[Property]]) -> tuple[str, ...]:
    found = (
        texts.one_line(each) for line in said.get("CATEGORIES", ()) for each in texts.parts(line.loosely())
    )
    return tuple(dict.fromkeys(filter(None, found)))[:MOST_CATEGORIES]


def _status(said: dict[str, list[Property]], part: Part) -> Status:
    status = _first(said, "STATUS").strip().upper()
    methods = [_first(said, "METHOD")]
    if part.calendar and (line := part.calendar.first("METHOD")):
        methods.append(line.loosely())
    if status in {"CANCELLED", "CANCELED"} or any(each.strip().upper() == "CANCEL" for each in methods):
        return "cancelled"
    return "tentative" if status == "TENTATIVE" else "confirmed"


def _sequence(said: dict[str, list[Property]]) -> int:
    found = _first(said, "SEQUENCE").strip()
    return int(found) if re.fullmatch(r"[0-9]{1,9}", found) else -1


# Which events are the same ----------------------------------------------------------------------------------


def _one_of_each(every: Sequence[_Read], warnings: list[Remark]) -> tuple[list[Event], int]:
    """The events without exact duplicates and older versions; and how many are distinct."""
    same: dict[tuple[str, ...], list[_Read]] = {}
    for each in every:
        same.setdefault(each.key, []).append(each)
    chosen = []
    for reads in same.values():
        usable = [each for each in reads if each.event]
        if usable:
            taken = max(usable, key=lambda each: each.event.sequence if each.event else -1)
            chosen.append(taken)
            for each in usable:
                if each.place != taken.place:
                    warnings.append(
                        remark("same-uid-elsewhere", each.part.line, each.key[3], place=each.place)
                    )
    if len(every) > len(same):
        warnings.append(remark("duplicates", count=len(every) - len(same)))
    return list(_told_apart(chosen, warnings)), len(same)


def _told_apart(chosen: Iterable[_Read], warnings: list[Remark]) -> Iterable[Event]:
    """Of those that share a UID and a date: the newest, if versions are numbered; else all of them."""
    named: dict[tuple[str, str], list[tuple[Part, Event]]] = {}
    for each in chosen:
        if each.event:
            named.setdefault(each.event.identity(), []).append((each.part, each.event))
    for group in named.values():
        newest: dict[int, int] = {}  # versions only count within one VCALENDAR
        for part, event in group:
            newest[id(part.calendar)] = max(newest.get(id(part.calendar), -1), event.sequence)
        kept = [event for part, event in group if event.sequence == newest[id(part.calendar)]]
        for part, event in group:
            if event.sequence < newest[id(part.calendar)]:
                warnings.append(remark("older-version", event.line, event.summary))
        if len(kept) > 1:
            warnings.append(remark("same-uid", kept[0].line, kept[0].summary))
            yield from (replace(event, twin=f"{key_of(event.starts)} {event.summary}") for event in kept)
        else:
            yield from kept
