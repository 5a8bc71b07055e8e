"""Directories as files: made up here, and the real ones that lie beside the checkout."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl import Workbook

from kiosk.store import Store
from kiosk.support.directory import importing, reading
from kiosk.support.directory.importing import Plan
from tests.branches.councils import DATA

ORUK = DATA / "oruk"
COUNCIL = ORUK / "feeds" / "north_lincolnshire_services_2024-12.json"
IDS = tuple(f"0000000{number}-0000-4000-8000-000000000000" for number in range(1, 10))


def service(number: int = 1, **said: Any) -> dict[str, Any]:
    """A service with nothing strange about it, but for what is said; None leaves a key out."""
    made = {
        "id": IDS[number - 1],
        "name": f"Service {number}",
        "description": f"<p>What service {number} does.</p>",
        "status": "active",
        "organization": {"id": IDS[8], "name": "The Hub", "description": "A hub"},
        **said,
    }
    return {key: value for key, value in made.items() if value is not None}


def as_json(said: object) -> bytes:
    return json.dumps(said).encode()


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def workbook(rows: Iterable[Iterable[Any]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def load(store: Store, said: object, source: str = "county", **how: Any) -> Plan:
    """Load a directory that is given as bytes, or as what its JSON says."""
    directory = reading.read(said if isinstance(said, bytes) else as_json(said))
    with store.write() as db:
        return importing.carry_out(db, importing.plan(db, directory, source), by="anna", **how)
