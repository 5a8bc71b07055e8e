"""Events from spreadsheets: CSV and XLSX as staff have them, with columns found by name, or mapped.

A row that cannot be taken is listed with its reason and costs nothing else. A date like 05/01/2026 is never
guessed: where no other date of the file settles it, the table asks.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import load_workbook

from kiosk.events.calendars import Calendar, Event, Limits, Moment, Remark
from kiosk.events.calendars.texts import one_line, paragraphs, web_address
from kiosk.events.incoming import when

COLUMNS: dict[str, tuple[str, ...]] = {
    "title": (
        "subject",
        "title",
        "event name",
        "event title",
        "name",
        "event",
        "activity",
        "session",
        "what",
    ),
    "starts_on": (
        "start date",
        "event date",
        "date",
        "start",
        "starts",
        "event start",
        "day",
        "when",
        "dates",
    ),
    "starts_at": ("start time", "time", "times", "begins", "from"),
    "ends_on": ("end date", "end", "event end", "ends"),
    "ends_at": ("end time", "finish time", "finish", "until", "to"),
    "all_day": ("all day event", "all day"),
    "text": ("description", "details", "notes", "about", "event description", "information", "summary"),
    "location": ("location", "venue", "library name", "library", "branch", "where", "place", "location name"),
    "categories": ("category", "categories", "type", "event type", "main outcome", "outcome", "tags"),
    "url": ("url", "link", "website", "web address", "booking link", "event url"),
    "uid": ("uid", "event id", "id", "reference"),
    "status": ("status",),
    "private": ("private",),
}
"""What a column may mean, each with the headings that mean it, the surest first: calendar programs', the core
dataset's, and those that people make up."""
NEEDED = ("title", "starts_on")
REASONS = {
    "too-big": "The file is larger than %(most)s MB.",
    "not-a-table": "This is neither CSV nor an Excel file (.xlsx). Save it as one of them.",
    "old-excel": "This is an old Excel file (.xls). Save it as .xlsx or CSV.",
    "too-many-rows": "There are more than %(most)s rows. The rest was left out.",
    "encoding": "Some letters are not in UTF-8. They were read as Windows-1252. Check them.",
    "no-title": "The row has no title.",
    "no-date": "The row has no date.",
    "bad-date": "This is not a date: %(text)s",
    "no-year": "The date has no year: %(text)s",
    "repeats": "This is a rule, not a date. Give each date a row of its own: %(text)s",
    "bad-time": "This is not a time: %(text)s",
    "formula": "The cell has a formula. Put its value there: %(text)s",
    "private": "The row is marked as private.",
    "duplicate": "Another row has the same title, start and place. This one was left out.",
    "ends-before-start": "It ends before it starts. The end was ignored.",
    "no-time": "The row has no start time. It was read as all day.",
    "early": "The start is before 7 in the morning. Check if it is in the afternoon.",
    "address-dropped": "The link is not a whole web address. It was left out.",
    "text-cut": "The text is longer than %(most)s letters. The rest was left out.",
}
MOST_COLUMNS = 60
MOST_UNPACKED = 100 * 1024 * 1024
"""Bytes that an XLSX file may unfold to."""
ROWS_BEFORE_HEADER = 15
SHOWN = 60
DAY = timedelta(days=1)
Cells = Sequence[Any]


@dataclass(frozen=True)
class Table:
    """What a file holds, and what must be known before its rows are events.

    `mapping` is field → heading, as given or as guessed; `missing` the fields of `NEEDED` that no column is
    for. `asks` holds a date as written and its two readings (day first, month first) when the order must be
    asked; as long as something is missing or asked, there are no events.
    """

    headings: tuple[str, ...]
    mapping: dict[str, str]
    missing: tuple[str, ...]
    asks: tuple[str, date, date] | None
    calendar: Calendar


class _Refusal(ValueError):
    """Why a row, or a file, cannot be taken: a code of `REASONS` and its values."""

    def __init__(self, code: str, **values: object) -> None:
        self.code, self.values = code, values


@dataclass
class _Notes:
    """What is noticed while a file is read."""

    refused: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    complete: bool = True


def _remark(code: str, row: int = 0, title: str = "", **values: object) -> Remark:
    where = f"row {row}" if row else "the file"
    return Remark(code, f"{where}: {title[:80]}" if title else where, REASONS[code] % values)


def read(
    data: bytes,
    zone: ZoneInfo,
    mapping: Mapping[str, str] | None = None,
    day_first: bool | None = None,
    limits: Limits | None = None,
) -> Table:
    """The events of a CSV or XLSX file; times are in `zone`. Nothing is raised: `refused` says what is wrong.

    `mapping` (a key of `COLUMNS` → a heading) is used instead of guessing, as far as the file has it.
    `day_first` answers what `asks` asked: True for 1 May when the file has 01/05/2026.
    """
    limits = limits or Limits()
    notes = _Notes()
    sheets: list[list[tuple[int, Cells]]] = []
    try:
        if len(data) > limits.size:
            raise _Refusal("too-big", most=limits.size // (1024 * 1024))
        sheets = list(_sheets(data, limits, notes))
    except _Refusal as refusal:
        notes.refused.append(_remark(refusal.code, 0, "", **refusal.values))
        notes.complete = False
    place, sheet = max(((_header(each, mapping), each) for each in sheets), key=_score, default=((0, -1), []))
    headings = tuple(one_line(str(cell or "")) for cell in sheet[place[1]][1]) if place[1] >= 0 else ()
    chosen = _guess(headings) if mapping is None else _given(headings, mapping)
    missing = tuple(each for each in NEEDED if each not in chosen)
    rows = [(number, cells) for number, cells in sheet[place[1] + 1 :] if any(map(_filled, cells))]
    asks, settled = _order(rows, chosen) if day_first is None else (None, day_first)
    events: list[Event] = []
    if not missing and not asks:
        events = list(_events(rows, chosen, zone, settled, limits, notes))
    calendar = Calendar(
        "",
        zone,
        tuple(events),
        len(rows),
        len(events),
        tuple(notes.refused),
        tuple(notes.warnings),
        notes.complete,
    )
    named = {name: headings[column] for name, column in chosen.items()}
    return Table(headings, named, missing, asks, calendar)


# The cells of a file ----------------------------------------------------------------------------------------


def _sheets(data: bytes, limits: Limits, notes: _Notes) -> Iterator[list[tuple[int, Cells]]]:
    """Each sheet as rows with their numbers; of CSV, one for every way in which the cells may be divided."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _Refusal("old-excel")
    if data.startswith(b"PK"):
        yield from _workbook(data, limits, notes)
        return
    text = _decoded(data, notes)
    if "\0" in text:
        raise _Refusal("not-a-table")
    delimiter = max(
        ",;\t|", key=lambda each: _score((_header(_csv(text, each, ROWS_BEFORE_HEADER), None), []))
    )
    yield _limited(_csv(text, delimiter, limits.events + ROWS_BEFORE_HEADER + 1), limits, notes)


def _csv(text: str, delimiter: str, most: int) -> list[tuple[int, Cells]]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found: list[tuple[int, Cells]] = []
    try:
        for cells in rows:
            if any(map(_filled, cells)):
                found.append((rows.line_num, cells[:MOST_COLUMNS]))
            if len(found) >= most:
                break
    except csv.Error:
        raise _Refusal("not-a-table") from None
    return found


def _decoded(data: bytes, notes: _Notes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        notes.warnings.append(_remark("encoding"))
        return data.decode("cp1252", "replace")


def _workbook(data: bytes, limits: Limits, notes: _Notes) -> Iterator[list[tuple[int, Cells]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(each.file_size for each in archive.infolist()) > MOST_UNPACKED:
                raise _Refusal("too-big", most=MOST_UNPACKED // (1024 * 1024))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which are not read
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=False)
            for sheet in book.worksheets[:10]:
                if sheet.sheet_state == "visible":
                    sheet.reset_dimensions()  # what the file says of its own size is often wrong
                    every = enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1)
                    filled = (each for each in islice(every, 5 * limits.events) if any(map(_filled, each[1])))
                    yield _limited(
                        list(islice(filled, limits.events + ROWS_BEFORE_HEADER + 1)), limits, notes
                    )
            book.close()
    except _Refusal:
        raise
    except Exception:  # whatever another parser makes of a broken file, here it is one that cannot be read
        raise _Refusal("not-a-table") from None


def _limited(rows: list[tuple[int, Cells]], limits: Limits, notes: _Notes) -> list[tuple[int, Cells]]:
    if len(rows) > limits.events + ROWS_BEFORE_HEADER:
        notes.refused.append(_remark("too-many-rows", most=limits.events))
        notes.complete = False
    return rows[: limits.events + ROWS_BEFORE_HEADER]


def _filled(cell: object) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


# Which column is what ---------------------------------------------------------------------------------------


def _key(heading: object) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", str(heading or "").casefold()).split())


def _header(rows: Sequence[tuple[int, Cells]], mapping: Mapping[str, str] | None) -> tuple[int, int]:
    """How many columns the best heading row names, and which row it is; titles may stand above it."""
    best = (0, -1)
    for place, (_number, cells) in enumerate(rows[:ROWS_BEFORE_HEADER]):
        named = len(_guess(cells) if mapping is None else _given(cells, mapping))
        several = sum(map(_filled, cells)) >= 2
        if several and (named, best[1] < 0) > (best[0], False):
            best = (named, place)
    return best


def _score(found: tuple[tuple[int, int], Sequence[object]]) -> tuple[int, bool, int]:
    (named, place), rows = found
    return named, place >= 0, len(rows)


def _guess(headings: Iterable[object]) -> dict[str, int]:
    """Field → column, by the surest heading; a column means one thing."""
    keys = [_key(each) for each in headings]
    chosen: dict[str, int] = {}
    for name, known in COLUMNS.items():
        column = next((keys.index(each) for each in known if each in keys), None)
        if column is not None and column not in chosen.values():
            chosen[name] = column
    return chosen


def _given(headings: Iterable[object], mapping: Mapping[str, str]) -> dict[str, int]:
    keys = [_key(each) for each in headings]
    return {
        name: keys.index(_key(each))
        for name, each in mapping.items()
        if name in COLUMNS and _key(each) in keys
    }


def _order(
    rows: Iterable[tuple[int, Cells]], chosen: Mapping[str, int]
) -> tuple[tuple[str, date, date] | None, bool]:
    """What must be asked of dates like 05/01/2026; or whether the day is first, if the file settles it."""
    seen: dict[tuple[int, int], str] = {}
    for _number, cells in rows:
        for name in ("starts_on", "ends_on"):
            cell = _cell(cells, chosen, name)
            if (pair := when.order_of(cell)) is not None:
                seen.setdefault(pair, str(cell))
    later = [pair for pair in seen if pair[0] > 12 >= pair[1]]
    earlier = [pair for pair in seen if pair[1] > 12 >= pair[0]]
    open_pairs = [pair for pair in seen if pair[0] != pair[1] and max(pair) <= 12 and min(pair) > 0]
    if open_pairs and bool(later) == bool(earlier):
        text = seen[open_pairs[0]]
        return (text[:SHOWN], when.day_of(text, True)[0], when.day_of(text, False)[0]), True
    return None, not earlier or bool(later)


def _cell(cells: Cells, chosen: Mapping[str, int], name: str) -> Any:
    column = chosen.get(name, len(cells))
    cell = cells[column] if column < len(cells) else None
    return cell.strip() if isinstance(cell, str) else cell


# Events -----------------------------------------------------------------------------------------------------


def _events(
    rows: Iterable[tuple[int, Cells]],
    chosen: Mapping[str, int],
    zone: ZoneInfo,
    day_first: bool,
    limits: Limits,
    notes: _Notes,
) -> Iterator[Event]:
    known: set[tuple[str, str]] = set()
    for number, cells in rows:
        title = one_line(_text(_cell(cells, chosen, "title")))
        try:
            event = _event(number, title, cells, chosen, zone, day_first, notes)
        except _Refusal as refusal:
            notes.refused.append(_remark(refusal.code, number, title, **refusal.values))
            continue
        if event.identity() in known:
            notes.warnings.append(_remark("duplicate", number, title))
            continue
        if len(event.text) > limits.letters:
            notes.warnings.append(_remark("text-cut", number, title, most=limits.letters))
            event = replace(event, text=event.text[: limits.letters])
        known.add(event.identity())
        yield event


def _event(
    number: int,
    title: str,
    cells: Cells,
    chosen: Mapping[str, int],
    zone: ZoneInfo,
    day_first: bool,
    notes: _Notes,
) -> Event:
    said = {name: _cell(cells, chosen, name) for name in COLUMNS}
    if not title:
        raise _Refusal("no-title")
    if _is_yes(said["private"]):
        raise _Refusal("private")
    starts, ends, odd = _times(said, "starts_at" in chosen, zone, day_first)
    address = _text(said["url"])
    url = web_address(address)
    for code in (*odd, *(["address-dropped"] if address and not url else [])):
        notes.warnings.append(_remark(code, number, title))
    return Event(
        uid=one_line(_text(said["uid"])),
        summary=title,
        starts=starts,
        ends=ends,
        text=paragraphs(_text(said["text"])),
        location=one_line(_text(said["location"])),
        url=url,
        categories=tuple(filter(None, map(one_line, re.split(r"[,;]", _text(said["categories"]))))),
        status="cancelled" if "cancel" in _text(said["status"]).casefold() else "confirmed",
        line=number,
    )


def _times(
    said: Mapping[str, Any], has_times: bool, zone: ZoneInfo, day_first: bool
) -> tuple[Moment, Moment | None, list[str]]:
    """Start and end of a row, and the codes of what was odd about them. Raises `_Refusal`."""
    if not _filled(said["starts_on"]):
        raise _Refusal("no-date")
    first, rest = _day(said["starts_on"], day_first)
    last, last_rest = _day(said["ends_on"], day_first) if _filled(said["ends_on"]) else (first, "")
    clock = _clock(said["starts_at"] if _filled(said["starts_at"]) else rest)
    until = _clock(said["ends_at"] if _filled(said["ends_at"]) else last_rest).starts or clock.ends
    whole_day = _is_yes(said["all_day"])
    if whole_day or clock.starts is None:
        odd = ["no-time"] if has_times and not whole_day and not _filled(said["starts_at"]) else []
        if last < first:
            return first, first + DAY, [*odd, "ends-before-start"]
        return first, last + DAY, odd
    starts = datetime.combine(first, clock.starts, zone)
    odd = ["early"] if clock.guessed else []
    if until is None:
        return starts, None, odd
    ends = datetime.combine(last, until, zone)
    if until == time(0) and last == first:  # midnight is the end of the day
        ends += DAY
    if ends < starts:
        odd.append("ends-before-start")
    return starts, ends if ends > starts else None, odd


def _day(cell: object, day_first: bool) -> tuple[date, str]:
    try:
        return when.day_of(cell, day_first)
    except when.NotAMoment as wrong:
        raise _Refusal(wrong.code, text=str(cell)[:SHOWN]) from None


def _clock(cell: object) -> when.Clock:
    try:
        return when.clock_of(cell)
    except when.NotAMoment as wrong:
        raise _Refusal(wrong.code, text=str(cell)[:SHOWN]) from None


def _text(cell: object) -> str:
    """A cell as text; of a whole number without the point that spreadsheets give it."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell) if cell is not None else ""


def _is_yes(cell: object) -> bool:
    return cell is True or _text(cell).strip().casefold() in {"true", "yes", "y", "1", "x"}
