"""The files of real councils, which lie beside the checkout, and what is known to be in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="the councils' files are not beside the checkout, in ../shared/data"
)
HOLIDAYS = DATA / "events" / "bank-holidays.json"


def expected() -> dict[Path, Any]:
    """What the manifest of the collection says of each file; nothing when the collection is not there."""
    if not DATA.is_dir():
        return {}
    manifest = json.loads((DATA / "MANIFEST.json").read_text("utf-8"))
    return {DATA / row["file"]: row["expected"] for row in manifest["files"] if "expected" in row}


def core_files() -> dict[str, tuple[Path, Mapping[str, Any]]]:
    """The core dataset's files by name."""
    return {path.stem: (path, said) for path, said in expected().items() if path.parent.name == "core-schema"}
