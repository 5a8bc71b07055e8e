"""Tables that people open in a spreadsheet: written so that nothing anybody typed is ever calculated."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

BOM = "\ufeff"
"""What a file begins with whose letters are any: without it Excel takes Arabic for Western European."""
_FORMULA = set("=+-@\u2212")


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Lines of RFC 4180 with a header; no cell is one that a spreadsheet would calculate."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows([guarded(each[column]) for column in columns] for each in rows)
    return file.getvalue()


def guarded(text: str) -> str:
    """The text, behind an apostrophe if a spreadsheet might take it for a formula.

    A text that only looks guarded gets one more, so that taking one away always gives back what was said.
    """
    return f"'{text}" if _like_a_formula(text.lstrip("'")) else text


def _like_a_formula(text: str) -> bool:
    if text[:1] in {"\t", "\r", "\n"}:
        return True
    for letter in text:
        if letter == "'" or unicodedata.category(letter)[0] in "ZC":
            continue  # spaces and what cannot be seen: some programs skip them
        return unicodedata.normalize("NFKC", letter)[0] in _FORMULA  # ＝ and ﹢ are = and +
    return False
