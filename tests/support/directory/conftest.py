"""A library with an empty directory, in a database file alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from kiosk.store import Store


@pytest.fixture
def directory(tmp_path: Path, clock: time_machine.Traveller) -> Iterator[Store]:
    kept = Store(tmp_path / "kiosk.db")
    yield kept
    kept.close()
