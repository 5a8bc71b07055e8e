"""From bytes to the parts of a calendar: trim, unfold, decode, and find what begins and ends where.

Folded lines are joined before they are decoded, because some programs fold in the middle of a letter.
A part that is not closed, or a line that means nothing, costs neither the part nor its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from kiosk.events.calendars.entries import Limits, Remark, remark

_BEGIN = re.compile(rb"BEGIN[ \t]*:[ \t]*VCALENDAR", re.IGNORECASE)
_NAME = re.compile(r"\s*([A-Za-z0-9-]+)\s*[;:]")
_HEAD = re.compile(
    r'\s*[A-Za-z0-9-]+\s*((?:;\s*[A-Za-z0-9-]+\s*=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):'
)
_PARAMETER = re.compile(r';\s*([A-Za-z0-9-]+)\s*=((?:"[^"]*"|[^";])*)')
LONGEST_HEAD = 1000
DEEPEST = 16
SHOWN = 60


class Unreadable(ValueError):
    """A line, or a value, is not as the standard has it. The text is the value."""


@dataclass(frozen=True)
class Property:
    """One line of a part: its name in capitals and the rest, still unread."""

    name: str
    line: int
    content: str

    def value(self) -> str:
        """What stands after the colon. Raises `Unreadable`."""
        return self.content[self._head().end() :]

    def parameter(self, name: str) -> str:
        """A parameter such as TZID, without its quotation marks, or nothing. Raises `Unreadable`."""
        head = self._head()
        for found in _PARAMETER.finditer(head[1]) if head[1] else ():
            if found[1].upper() == name:
                return found[2].strip().strip('"').strip()
        return ""

    def loosely(self) -> str:
        """The value even where the parameters are broken."""
        return self.content.partition(":")[2] if self._found() is None else self.value()

    def _head(self) -> re.Match[str]:
        found = self._found()
        if found is None:
            raise Unreadable(self.content)
        return found

    def _found(self) -> re.Match[str] | None:
        return _HEAD.match(self.content, 0, LONGEST_HEAD)


@dataclass
class Part:
    """A VCALENDAR, VEVENT or VTIMEZONE with its lines; those of an alarm in it are left out."""

    kind: str
    line: int
    properties: list[Property] = field(default_factory=list)
    calendar: Part | None = None
    closed: bool = False
    repaired: bool = False

    def first(self, name: str) -> Property | None:
        return next((each for each in self.properties if each.name == name), None)


@dataclass
class Found:
    """The parts of a file, and what was noticed on the way. `blocks` counts every BEGIN:VEVENT."""

    calendars: list[Part] = field(default_factory=list)
    events: list[Part] = field(default_factory=list)
    zones: list[Part] = field(default_factory=list)
    blocks: int = 0
    refused: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    complete: bool = True


def parts_of(data: bytes, limits: Limits) -> Found:
    """The parts of a file, however broken. Nothing is raised: what cannot be read is in `refused`."""
    found = Found()
    if len(data) > limits.size:
        return _nothing(found, remark("too-big", most=limits.size // (1024 * 1024)))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode()
    begin = _BEGIN.search(data)
    if begin is None:
        begins = " ".join(data[: 4 * SHOWN].decode("utf-8", "replace").split())[:SHOWN]
        return _nothing(found, remark("not-a-calendar", begins=begins))
    skipped = data.count(b"\n", 0, begin.start())
    _walk(_decoded(_unfolded(data[begin.start() :], skipped), found), found, limits)
    return found


def _nothing(found: Found, why: Remark) -> Found:
    found.refused.append(why)
    found.complete = False
    return found


def _unfolded(data: bytes, skipped: int) -> Iterator[tuple[int, bytes]]:
    """The lines and their numbers in the file. A line that begins with a blank goes on with the last."""
    number, pieces = 0, [b""]
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    for count, line in enumerate(data.split(b"\n"), skipped + 1):
        line = line.removesuffix(b"\r")
        if line[:1] in {b" ", b"\t"}:
            pieces.append(line[1:])
            continue
        if number:
            yield number, b"".join(pieces)
        number, pieces = count, [line]
    yield number, b"".join(pieces)


def _decoded(lines: Iterator[tuple[int, bytes]], found: Found) -> Iterator[tuple[int, str]]:
    warned = False
    for number, line in lines:
        try:
            yield number, line.decode()
        except UnicodeDecodeError:
            if not warned:
                warned = True
                found.warnings.append(remark("encoding", number))
            yield number, line.decode("cp1252", "replace")


def _walk(lines: Iterator[tuple[int, str]], found: Found, limits: Limits) -> None:
    open_parts: list[Part] = []
    stray = -1
    for number, line in lines:
        if not line.strip():
            continue
        named = _NAME.match(line, 0, LONGEST_HEAD)
        name = named[1].upper() if named else ""
        if name == "BEGIN":
            if len(open_parts) >= DEEPEST:
                _nothing(found, remark("too-deep", number))
                return
            _begin(line.partition(":")[2].strip().upper(), number, open_parts, found, limits)
        elif name == "END":
            _end(line.partition(":")[2].strip().upper(), number, line, open_parts, found)
        elif not open_parts:
            found.warnings.append(remark("stray-line", number, text=line.strip()[:SHOWN]))
        elif name:
            open_parts[-1].properties.append(Property(name, number, line))
        else:
            if stray != number - 1:  # text that was not folded makes many such lines: the first says it
                found.warnings.append(remark("stray-line", number, text=line.strip()[:SHOWN]))
            stray = number
    if open_parts:
        found.complete = False
        found.refused.append(remark("cut-off"))


def _begin(kind: str, number: int, open_parts: list[Part], found: Found, limits: Limits) -> None:
    if kind in {"VEVENT", "VCALENDAR"}:
        for index, part in enumerate(open_parts):
            if part.kind in {"VEVENT", kind}:  # the one before was never closed
                _left_open(open_parts[index:])
                del open_parts[index:]
                break
    part = Part(kind, number, calendar=next((each for each in open_parts if each.kind == "VCALENDAR"), None))
    if kind == "VCALENDAR":
        found.calendars.append(part)
    elif kind == "VTIMEZONE":
        found.zones.append(part)
    elif kind in {"STANDARD", "DAYLIGHT"} and open_parts and open_parts[-1].kind == "VTIMEZONE":
        open_parts[-1].properties.append(Property("BEGIN", number, f"BEGIN:{kind}"))
        part = Part(kind, number, open_parts[-1].properties, part.calendar)
    elif kind == "VEVENT":
        found.blocks += 1
        if found.blocks <= limits.events:
            found.events.append(part)
        elif found.blocks == limits.events + 1:
            _nothing(found, remark("too-many-events", number, most=limits.events))
    open_parts.append(part)


def _end(kind: str, number: int, line: str, open_parts: list[Part], found: Found) -> None:
    places = [index for index, part in enumerate(open_parts) if part.kind == kind]
    if not places:
        found.warnings.append(remark("stray-line", number, text=line.strip()[:SHOWN]))
        return
    ended = open_parts[places[-1] :]
    del open_parts[places[-1] :]
    ended[0].closed = True
    _left_open(ended[1:])
    if kind in {"STANDARD", "DAYLIGHT"}:
        ended[0].properties.append(Property("END", number, f"END:{kind}"))


def _left_open(parts: list[Part]) -> None:
    for part in parts:
        part.repaired = True
