"""Rows and cells out of CSV, Excel and zipped files, within limits of size; nothing of what they mean."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from openpyxl import load_workbook
from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.constants import SHARED_STRINGS

MOST_COLUMNS = 120
MOST_ROWS = 50_000
MOST_UNPACKED = 100 * 1024 * 1024
"""Bytes that a packed file may unfold to."""
OF_ROWS = (40 * 1024 * 1024, 2_000_000)
"""Bytes that the sheets of an Excel file may unfold to, and tags in them: four for most cells."""
BESIDE_ROWS = (10 * 1024 * 1024, 800_000)
"""The same for anything else in it: all of that is read before the first row, above all its texts."""
MOST_FILES = 200
REASONS = {
    "too-big": "The file unfolds to more than %(most)s MB.",
    "not-a-table": "This is no directory: neither JSON, CSV, an Excel file (.xlsx), nor a zip of CSV files.",
    "old-excel": "This is an old Excel file (.xls). Save it as .xlsx or CSV.",
    "too-many-rows": "There are more than %(most)s rows. The rest was left out.",
    "too-many-cells": "There are too many cells or texts in this Excel file. Save it as CSV.",
    "too-many-files": "The zip holds more than %(most)s files.",
    "encoding": "Some letters are not in UTF-8. They were read as Windows-1252. Check them.",
}

Rows = list[tuple[int, Sequence[Any]]]
"""Filled rows with their numbers in the file."""


class NotReadable(ValueError):
    """Why a whole file cannot be read: a code of `REASONS` and its values."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values

    def __str__(self) -> str:
        return REASONS[self.code] % self.values


def is_workbook(data: bytes) -> bool:
    """Whether a packed file is one of Excel. Raises `NotReadable` when it is damaged."""
    return "[Content_Types].xml" in _names(data)


def unpacked(data: bytes) -> dict[str, bytes]:
    """The CSV files of a zip by their name without folder and ending, in small letters. `NotReadable`."""
    names = [name for name in _names(data) if name.casefold().endswith(".csv") and "__MACOSX" not in name]
    found: dict[str, bytes] = {}
    left = MOST_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in names:
                with archive.open(name) as file:
                    content = file.read(left + 1)
                if (left := left - len(content)) < 0:
                    raise NotReadable("too-big", most=MOST_UNPACKED // (1024 * 1024))
                found[PurePosixPath(name).stem.casefold()] = content
    except NotReadable:
        raise
    except Exception:  # whatever a broken zip makes of the reader, it is one that cannot be read
        raise NotReadable("not-a-table") from None
    return found


def _names(data: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except Exception:
        raise NotReadable("not-a-table") from None
    if len(names) > MOST_FILES:
        raise NotReadable("too-many-files", most=MOST_FILES)
    return names


def of_workbook(data: bytes) -> list[Rows]:
    """The visible sheets of an Excel file. `NotReadable`."""
    try:
        _check_size(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which are not read
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            found = []
            for sheet in book.worksheets[:10]:
                if sheet.sheet_state == "visible":
                    sheet.reset_dimensions()  # what the file says of its own size is often wrong
                    every = enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1)
                    found.append(list(islice(_filled(islice(every, 5 * MOST_ROWS)), MOST_ROWS + 1)))
            book.close()
    except NotReadable:
        raise
    except Exception:  # as for a broken zip
        raise NotReadable("not-a-table") from None
    return found


def _check_size(data: bytes) -> None:
    """Whether all that is read of it is small enough, above all its texts, which may lie anywhere in it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sizes = {each.filename: each.file_size for each in archive.infolist()}
        sheets = {name for name in sizes if name.startswith("xl/worksheets/")}
        _check_parts(
            archive, {name: size for name, size in sizes.items() if name not in sheets}, *BESIDE_ROWS
        )
        reader = ExcelReader(io.BytesIO(data), read_only=True)
        reader.read_manifest()
        texts = reader.package.find(SHARED_STRINGS)
        reader.archive.close()
        if texts is not None and (name := texts.PartName.lstrip("/")) in sheets:
            _check_parts(archive, {name: sizes[name]}, *BESIDE_ROWS)
        _check_parts(archive, {name: sizes[name] for name in sheets}, *OF_ROWS)


def _check_parts(archive: zipfile.ZipFile, sizes: Mapping[str, int], most_bytes: int, most_tags: int) -> None:
    if sum(sizes.values()) > most_bytes:
        raise NotReadable("too-big", most=most_bytes // (1024 * 1024))
    tags = 0
    for name in sizes:
        with archive.open(name) as part:
            while (read := part.read(1024 * 1024)) and tags <= most_tags:
                tags += read.count(b"<")
    if tags > most_tags:
        raise NotReadable("too-many-cells")


def of_csv(text: str) -> list[Rows]:
    """The rows of a CSV file, once for every way in which its cells may be divided. `NotReadable`."""
    if "\0" in text:
        raise NotReadable("not-a-table")
    return [rows for delimiter in ",;\t|" if (rows := _csv(text, delimiter))]


def _csv(text: str, delimiter: str) -> Rows:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)

    def rows() -> Iterator[tuple[int, Sequence[Any]]]:
        number = 1
        for cells in reader:
            yield number, cells[:MOST_COLUMNS]
            number = reader.line_num + 1

    try:
        return list(islice(_filled(islice(rows(), 5 * MOST_ROWS)), MOST_ROWS + 1))
    except csv.Error:
        raise NotReadable("not-a-table") from None


def decoded(data: bytes) -> tuple[str, bool]:
    """The text of a file, and whether all of it was in a Unicode encoding."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), True
    try:
        return data.decode("utf-8-sig"), True
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), False


def _filled(rows: Iterator[tuple[int, Sequence[Any]]]) -> Iterator[tuple[int, Sequence[Any]]]:
    return (each for each in rows if any(map(is_filled, each[1])))


def is_filled(cell: object) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))
