"""Any file that a directory of services comes in, read into one form, with a reason for whatever is left out.

JSON of Open Referral (a page of a list, a bare list, one service, an organisation with its services, tables
inside JSON), the tables of Open Referral as a zip of CSV files, and single sheets in CSV or Excel.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.support.directory import openreferral, sheets, tables
from kiosk.support.directory.openreferral import Coming
from kiosk.support.directory.remarks import Refused, Remark
from kiosk.support.directory.sheets import NotReadable
from kiosk.support.directory.tables import Found, Table
from kiosk.support.directory.texts import one_line, whole

MOST = 20 * 1024 * 1024
"""Bytes of a file."""
MOST_SERVICES = 20_000
MOST_ENTRIES = 50_000
"""Entries that are looked at, those that are refused or come again among them."""
_HALF_A_LETTER = re.compile(r"\\u[dD][89a-fA-F]")
_LISTS = ("contents", "content", "services", "items", "data", "results")
"""Under which key the services of a page stand, the surest first."""
REASONS = {
    "too-big": "The file is larger than %(most)s MB.",
    "empty": "The file is empty.",
    "not-json": "This is not whole JSON: something is wrong or missing in line %(line)s.",
    "too-deep": "The file is nested too deeply.",
    "no-services": "There are no services in this file.",
    "too-many": "There are more than %(most)s entries. The rest was left out.",
    "too-many-rows": "%(name)s.csv has more than %(most)s rows. The rest was left out.",
    "count": "The file says that it holds %(said)s services. It holds %(found)s.",
    "a-page": "This is page %(page)s of %(pages)s. Services of the other pages are left as they are.",
    "again": "This service stands in the file %(times)s times. It was read once.",
    "other": "Another service has the same id: %(text)s. The first was taken.",
    "no-columns": "No column was found for: %(names)s.",
}


@dataclass
class Directory:
    """What a file holds. `found` counts all its entries, also those refused and repeated.

    `is_whole`: what is not in it has left its directory. `refused_ids` stand in it and could not be taken.
    `table`: which column is what, where the file is a single sheet; while that leaves a question there are
    no services.
    """

    services: list[Coming] = field(default_factory=list)
    found: int = 0
    refused: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    refused_ids: set[str] = field(default_factory=set)
    is_whole: bool = True
    table: Table | None = None

    @property
    def must_ask(self) -> bool:
        return self.table is not None and bool(self.table.missing)

    @property
    def is_nothing(self) -> bool:
        """Nothing in it can be loaded, and no answer would change that."""
        return not self.services and not self.must_ask


def read(data: bytes, mapping: Mapping[str, str] | None = None) -> Directory:
    """The services of a file. Nothing is raised: `refused` says what is wrong.

    `mapping` is for a single sheet: a key of `tables.COLUMNS` → a heading.
    """
    directory = Directory()
    try:
        if len(data) > MOST:
            raise _NoDirectory("too-big", most=MOST // (1024 * 1024))
        _read(data, mapping, directory)
    except (_NoDirectory, NotReadable) as wrong:
        directory.is_whole = False
        directory.refused.append(Remark("the file", str(wrong)))
    return directory


def read_folder(folder: Path) -> Directory:
    """The same for a folder with Open Referral's tables as CSV files."""
    directory = Directory()
    files: dict[str, bytes] = {}
    left = MOST
    for path in sorted(folder.glob("*.csv")):
        with path.open("rb") as opened:
            files[path.stem.casefold()] = opened.read(left + 1)
        if (left := left - len(files[path.stem.casefold()])) < 0:
            directory.refused.append(
                Remark("the folder", REASONS["too-big"] % {"most": MOST // (1024 * 1024)})
            )
            return directory
    try:
        _from_files(files, directory)
    except (_NoDirectory, NotReadable) as wrong:
        directory.refused.append(Remark("the folder", str(wrong)))
    return directory


class _NoDirectory(ValueError):
    """Why a whole file cannot be read: a code of `REASONS` and its values."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values

    def __str__(self) -> str:
        return REASONS[self.code] % self.values


def _read(data: bytes, mapping: Mapping[str, str] | None, directory: Directory) -> None:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotReadable("old-excel")
    if data.startswith(b"PK"):
        if sheets.is_workbook(data):
            _from_sheets(sheets.of_workbook(data), mapping, directory)
        else:
            _from_files(sheets.unpacked(data), directory)
        return
    text, is_unicode = sheets.decoded(data)
    if not is_unicode:
        directory.warnings.append(Remark("the file", sheets.REASONS["encoding"]))
    if not text.strip():
        raise _NoDirectory("empty")
    if text.lstrip()[0] in "[{":
        _from_json(text, directory)
    else:
        _from_sheets(sheets.of_csv(text), mapping, directory)


# Tables -----------------------------------------------------------------------------------------------------


def _from_sheets(found: list[sheets.Rows], mapping: Mapping[str, str] | None, directory: Directory) -> None:
    if any(len(rows) > sheets.MOST_ROWS for rows in found):
        directory.refused.append(Remark("the file", str(NotReadable("too-many-rows", most=sheets.MOST_ROWS))))
        directory.is_whole = False
        found = [rows[: sheets.MOST_ROWS] for rows in found]
    made = tables.from_sheets(found, mapping)
    if made.table is None:
        raise NotReadable("not-a-table")
    directory.table = made.table
    if made.table.missing:
        names = ", ".join(made.table.missing)
        directory.warnings.append(Remark("the file", REASONS["no-columns"] % {"names": names}))
    _take(made, directory)


def _from_files(files: Mapping[str, bytes], directory: Directory) -> None:
    if not tables.is_open_referral(files):
        raise _NoDirectory("no-services")
    rows: dict[str, list[dict[str, Any]]] = {}
    for name, content in files.items():
        text, is_unicode = sheets.decoded(content)
        if not is_unicode:
            directory.warnings.append(Remark(f"{name}.csv", sheets.REASONS["encoding"]))
        best = max(sheets.of_csv(text), key=lambda rows: len(rows[0][1]), default=[])
        if len(best) > sheets.MOST_ROWS:
            reason = REASONS["too-many-rows"] % {"name": name, "most": sheets.MOST_ROWS}
            directory.refused.append(Remark(f"{name}.csv", reason))
            directory.is_whole = False
        headings = [str(cell).strip().casefold() for cell in best[0][1]] if best else []
        rows[name] = [dict(zip(headings, cells, strict=False)) for _number, cells in best[1:]]
    _take(tables.from_tables(rows), directory)


def _take(found: Found, directory: Directory) -> None:
    directory.refused += [Remark(where, reason) for where, reason in found.refused]
    if not found.entries and not found.refused and not directory.must_ask:
        raise _NoDirectory("no-services")
    _services(found.entries, directory)
    directory.found = max(directory.found, found.rows)


# JSON -------------------------------------------------------------------------------------------------------


def _from_json(text: str, directory: Directory) -> None:
    try:
        came = json.loads(text, parse_constant=lambda _name: None)
        if _HALF_A_LETTER.search(text):
            came = _whole(came)
    except RecursionError:
        raise _NoDirectory("too-deep") from None
    except json.JSONDecodeError as wrong:
        raise _NoDirectory("not-json", line=wrong.lineno) from None
    except ValueError:  # a number of thousands of digits
        raise _NoDirectory("not-json", line=1) from None
    if isinstance(came, dict) and tables.is_open_referral(_without_ending(came)):
        _take_json_tables(came, directory)
        return
    entries = came if isinstance(came, list) else _page(came, directory)
    runners = _runners(came.get("organizations")) if isinstance(came, dict) else {}
    every = [inner for each in entries for inner in _inside(each, runners)]
    if not every:
        raise _NoDirectory("no-services")
    _services(
        ((f"service {number}{_named(each)}", each, None) for number, each in enumerate(every, 1)), directory
    )


def _whole(came: Any) -> Any:
    """What came, with a sign in the place of each half of a letter."""
    if isinstance(came, dict):
        return {whole(key): _whole(value) for key, value in came.items()}
    if isinstance(came, list):
        return [_whole(each) for each in came]
    return whole(came) if isinstance(came, str) else came


def _without_ending(came: Mapping[str, Any]) -> dict[str, str]:
    return {key.casefold().removesuffix(".csv"): key for key in came if key.casefold().endswith(".csv")}


def _take_json_tables(came: Mapping[str, Any], directory: Directory) -> None:
    rows = {
        name: [row for row in came[key] if isinstance(row, dict)]
        for name, key in _without_ending(came).items()
        if isinstance(came[key], list)
    }
    _take(tables.from_tables(rows), directory)


def _page(came: Mapping[str, Any], directory: Directory) -> list[Any]:
    """The entries of a page of a list, or the one thing that the file is."""
    key = next((key for key in _LISTS if isinstance(came.get(key), list)), None)
    if key is None or _is_runner(came):
        directory.is_whole = False  # one thing out of a directory
        return [came]
    entries: list[Any] = came[key]
    said, pages = _count(came.get("total_items")), _count(came.get("total_pages"))
    if (pages or 1) > 1 or came.get("last_page") is False or came.get("last") is False:
        directory.is_whole = False
        page = _count(came.get("page_number")) or 1
        reason = REASONS["a-page"] % {"page": page, "pages": pages or "several"}
        directory.warnings.append(Remark("the file", reason))
    elif said is not None and said != len(entries):
        reason = REASONS["count"] % {"said": said, "found": len(entries)}
        directory.warnings.append(Remark("the file", reason))
    return entries


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def _is_runner(each: object) -> bool:
    """An organisation that comes with its services."""
    return isinstance(each, dict) and isinstance(each.get("services"), list) and bool(each.get("name"))


def _runners(came: object) -> dict[str, Any]:
    every = came if isinstance(came, list) else []
    return {str(each["id"]): each for each in every if isinstance(each, dict) and each.get("id")}


def _inside(each: Any, runners: Mapping[str, Any]) -> Iterator[Any]:
    """The services of an entry: it may be one itself, or an organisation, or a service at one place."""
    if _is_runner(each):
        runner = {key: value for key, value in each.items() if key != "services"}
        for service in each["services"]:
            yield {"organization": runner} | service if isinstance(service, dict) else service
    elif isinstance(each, dict) and isinstance(each.get("service"), dict):
        yield each["service"]
    elif (
        isinstance(each, dict) and "organization" not in each and str(each.get("organization_id")) in runners
    ):
        yield each | {"organization": runners[str(each["organization_id"])]}
    else:
        yield each


def _named(each: object) -> str:
    name = one_line(str(each.get("name") or "")) if isinstance(each, dict) else ""
    return f": {name[:80]}" if name else ""


# Services ---------------------------------------------------------------------------------------------------


def _services(entries: Iterable[tuple[str, Any, object]], directory: Directory) -> None:
    """Judge each entry; what comes again is taken once."""
    known: dict[str, Coming] = {}
    times: dict[str, list[str]] = {}
    for where, entry, as_it_came in entries:
        directory.found += 1
        if len(known) >= MOST_SERVICES or directory.found > MOST_ENTRIES:
            reason = REASONS["too-many"] % {"most": directory.found - 1}
            directory.refused.append(Remark("the file", reason))
            directory.is_whole = False
            break
        try:
            coming, strange = openreferral.read(entry, as_it_came)
        except Refused as refused:
            directory.refused.append(Remark(where, str(refused)))
            if isinstance(entry, dict):
                directory.refused_ids.add(str(entry.get("id")))
            continue
        first = known.setdefault(coming.id, coming)
        times.setdefault(coming.id, []).append(where)
        if first is coming:
            directory.warnings += [Remark(where, reason) for reason in strange]
        elif first.name != coming.name:
            directory.warnings.append(Remark(where, REASONS["other"] % {"text": first.name[:80]}))
    directory.services = list(known.values())
    directory.warnings += [
        Remark(each[0], REASONS["again"] % {"times": len(each)}) for each in times.values() if len(each) > 1
    ]
