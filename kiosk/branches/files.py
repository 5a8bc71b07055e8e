"""Reading the files that councils have: the branches of the UK core dataset (CSV), and bank holidays (JSON).

The core dataset's columns are those of its published Table Schema. A name may be in it twice when a library
moved to another building: the row that is open now is the branch, the closed one is its past.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kiosk.branches import periods
from kiosk.branches.periods import Fault, NotHours, Period, Week, week_of
from kiosk.spelling import as_postcode, clean

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = tuple((number, f"{day} {kind} hours", kind == "staffed")
              for kind in ("staffed", "unstaffed") for number, day in enumerate(DAYS, 1))  # fmt: skip
NAME, CLOSED, POSTCODE = "Library name", "Year closed", "Postcode"
ADDRESS = ("Address 1", "Address 2", "Address 3")
READ = (NAME, *ADDRESS, POSTCODE, CLOSED, *(column for _day, column, _staffed in HOURS))
"""The columns that are read here; the others say nothing that a screen needs."""
LONGEST_NAME = 200
LONGEST_ADDRESS = 300
DIVISIONS = ("england-and-wales", "scotland", "northern-ireland")

_FAULTS = {
    Fault.NOT_TIMES: "is not written like 09:00-13:00,14:00-17:00",
    Fault.BACKWARDS: "closes before it opens",
    Fault.OVERLAP: "has times that overlap",
}


class NotThisFile(ValueError):
    """The file is not one of those that are read here. The text says what is wrong with it."""


class _Refusal(ValueError):
    """A row that cannot be taken. The text says why."""


@dataclass(frozen=True)
class Row:
    """A branch as the file describes it. What the file leaves empty is not known: no address, no hours.

    `line` is the line of the file where its row ends.
    """

    line: int
    name: str
    address: str
    postcode: str
    closed_year: int | None
    week: Week

    def is_closed(self, year: int) -> bool:
        return self.closed_year is not None and self.closed_year <= year


@dataclass(frozen=True)
class Refused:
    """A row, or an entry, that was not taken, and why."""

    line: int
    name: str
    reason: str


@dataclass(frozen=True)
class Sheet:
    """A whole file: its branches as they are in `year`, the rows of the past, and what could not be taken."""

    branches: tuple[Row, ...]
    past: tuple[Row, ...]
    refused: tuple[Refused, ...]
    missing: tuple[str, ...]
    year: int

    @property
    def taken(self) -> tuple[Row, ...]:
        return (*self.branches, *self.past)

    @property
    def counts(self) -> dict[str, int]:
        """What is in the file, counted by row: closed rows and their hours as well."""
        found = [period for row in self.taken for day in row.week.values() for period in day]
        return {
            "rows": len(self.taken) + len(self.refused),
            "closed": sum(row.is_closed(self.year) for row in self.taken),
            "with_hours": sum(bool(row.week) for row in self.taken),
            "staffed_periods": sum(period.staffed for period in found),
            "unstaffed_periods": sum(not period.staffed for period in found),
            "refused": len(self.refused),
        }


@dataclass(frozen=True)
class Calendar:
    """The bank holidays of one division: day → name; and the entries that could not be read."""

    holidays: dict[date, str]
    refused: tuple[Refused, ...]


# Branches ---------------------------------------------------------------------------------------------------


def read_branches(content: bytes, year: int) -> Sheet:
    """The branches of a core dataset file, as they are in `year`. Raises `NotThisFile`.

    Columns are found by name, whatever their order, case and hyphens (older files write "Colocated").
    """
    rows = csv.reader(io.StringIO(_decoded(content), newline=""))
    taken: list[Row] = []
    refused: list[Refused] = []
    try:
        header = {_key(cell): place for place, cell in reversed(list(enumerate(next(rows, []))))}
        if _key(NAME) not in header:
            raise NotThisFile(f"There is no column {NAME!r} in the first line.")
        places = {column: header[_key(column)] for column in READ if _key(column) in header}
        for cells in rows:
            if any(cell.strip() for cell in cells):
                _take(cells, places, len(header), rows.line_num, taken, refused)
    except csv.Error as error:
        raise NotThisFile(f"This is not CSV: {error}.") from None
    branches, past, twice = _one_a_name(taken, year)
    return Sheet(
        branches,
        past,
        tuple(sorted([*refused, *twice], key=lambda row: row.line)),
        tuple(column for column in READ if column not in places),
        year,
    )


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotThisFile("This file is in UTF-16. Save it as CSV in UTF-8.")
    try:
        return content.decode("cp1252")  # what spreadsheets in Britain write when nobody asks for UTF-8
    except UnicodeDecodeError:
        raise NotThisFile("This is no text in UTF-8. Save it as CSV in UTF-8.") from None


def _key(column: str) -> str:
    return re.sub(r"[^a-z0-9]", "", column.casefold())


def _take(
    cells: Sequence[str],
    places: dict[str, int],
    width: int,
    line: int,
    taken: list[Row],
    refused: list[Refused],
) -> None:
    said = {column: clean(cells[place]) for column, place in places.items() if place < len(cells)}
    try:
        if any(cell.strip() for cell in cells[width:]):
            raise _Refusal(f"it has {len(cells)} cells and the first line has {width}")
        taken.append(_row(said, line))
    except _Refusal as refusal:
        refused.append(Refused(line, said.get(NAME, "")[:LONGEST_NAME], str(refusal)))


def _row(said: dict[str, str], line: int) -> Row:
    name = said.get(NAME, "")
    if not name:
        raise _Refusal("it has no library name")
    if len(name) > LONGEST_NAME:
        raise _Refusal(f"its name has more than {LONGEST_NAME} letters")
    address = ", ".join(filter(None, (said.get(column, "").strip(" ,") for column in ADDRESS)))
    if len(address) > LONGEST_ADDRESS:
        raise _Refusal(f"its address has more than {LONGEST_ADDRESS} letters")
    return Row(
        line, name, address, _postcode(said.get(POSTCODE, "")), _year(said.get(CLOSED, "")), _week(said)
    )


def _postcode(text: str) -> str:
    postcode = as_postcode(text) if text else ""
    if postcode is None:
        raise _Refusal(f"{text[:30]!r} is no postcode")
    return postcode


def _year(text: str) -> int | None:
    if text and not re.fullmatch(r"(?:1[89]|20)[0-9]{2}", text):
        raise _Refusal(f"{text[:30]!r} is no year closed")
    return int(text) if text else None


def _week(said: dict[str, str]) -> dict[int, tuple[Period, ...]]:
    found: list[tuple[int, Period]] = []
    for day, column, staffed in HOURS:
        text = said.get(column, "")
        try:
            found += [(day, period) for period in periods.read(text, staffed=staffed)]
        except NotHours as wrong:
            raise _Refusal(f"{column}: {text[:40]!r} {_FAULTS[wrong.fault]}") from None
    return week_of(found)


def _one_a_name(
    rows: Iterable[Row], year: int
) -> tuple[tuple[Row, ...], tuple[Row, ...], tuple[Refused, ...]]:
    """One row for each name, the rows that are its past, and those that name an open branch once more."""
    named: dict[str, list[Row]] = {}
    for row in rows:
        named.setdefault(row.name.casefold(), []).append(row)
    now: list[Row] = []
    past: list[Row] = []
    twice: list[Refused] = []
    for same in named.values():
        # the open row is the branch; of several that are open, the one that says when
        same.sort(key=lambda row: (row.is_closed(year), not row.week, -(row.closed_year or 0)))
        chosen, *others = same
        now.append(chosen)
        past += [row for row in others if row.is_closed(year)]
        twice += [
            Refused(row.line, row.name, f"line {chosen.line} is an open branch with the same name")
            for row in others
            if not row.is_closed(year)
        ]
    return tuple(now), tuple(past), tuple(twice)


# Bank holidays ----------------------------------------------------------------------------------------------


def read_holidays(content: bytes, division: str) -> Calendar:
    """The bank holidays of a division (one of `DIVISIONS`) from GOV.UK's file. Raises `NotThisFile`."""
    try:
        whole = json.loads(content)
    except (ValueError, RecursionError):
        raise NotThisFile("This is not JSON.") from None
    part = whole.get(division) if isinstance(whole, dict) else None
    events = part.get("events") if isinstance(part, dict) else None
    if not isinstance(events, list):
        raise NotThisFile(f"There are no bank holidays of {division} in this file.")
    holidays: dict[date, str] = {}
    refused: list[Refused] = []
    for number, event in enumerate(events, 1):
        try:
            day, name = _holiday(event)
        except _Refusal as refusal:
            refused.append(Refused(number, "", str(refusal)))
        else:
            holidays[day] = f"{holidays[day]}, {name}" if day in holidays else name
    return Calendar(dict(sorted(holidays.items())), tuple(refused))


def _holiday(event: Any) -> tuple[date, str]:
    said = event if isinstance(event, dict) else {}
    name = clean(said["title"])[:LONGEST_NAME] if isinstance(said.get("title"), str) else ""
    if not name:
        raise _Refusal("it has no title")
    try:
        return date.fromisoformat(said["date"]), name
    except (KeyError, TypeError, ValueError):
        raise _Refusal(f"{str(said.get('date', ''))[:30]!r} is no date like 2026-12-25") from None
