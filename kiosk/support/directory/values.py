"""Values in the JSON of a directory, which may be anything: read as what they should be, or as nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from kiosk.support.directory.texts import one_line

MOST_PARTS = 200
"""Of each list in a service so many entries are looked at."""


def line(value: object) -> str:
    """A short text, or nothing if it is none; spreadsheets make numbers of ids."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return one_line(str(value))


def dicts(value: object) -> list[Mapping[str, Any]]:
    """The first objects of a list; where one object stands instead of a list, that."""
    values = value[:MOST_PARTS] if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, Mapping)]


def yes_or_no(value: object) -> bool | None:
    """What a yes, a no or a tick in any spelling means; None for anything else."""
    if isinstance(value, bool):
        return value
    word = line(value).casefold()
    if word in {"true", "yes", "y", "1", "x"}:
        return True
    return False if word in {"false", "no", "n", "0"} else None


def number(value: object) -> float | None:
    """An amount or an age from 0 to below a million; None for anything else."""
    try:
        found = float(line(value).removeprefix("£").replace(",", ""))
    except ValueError:
        return None
    return found if math.isfinite(found) and 0 <= found < 1e6 else None
