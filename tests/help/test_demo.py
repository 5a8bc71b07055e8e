"""Whoever tries the demo library finds people who ask for help, whatever the time of the day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from kiosk import branches, demo
from kiosk.help import hours, queue, slots
from kiosk.people import accounts
from kiosk.store import Store

KEY = bytes(range(32))


@pytest.fixture(params=["2026-03-09T11:00", "2026-03-09T00:10", "2026-10-25T00:50"])
def loaded(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Store, datetime]]:
    """The demo library at a usual time, just after midnight, and in the night in which the clocks change."""
    now = datetime.fromisoformat(request.param).replace(tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        kept = Store(tmp_path / "kiosk.db")
        demo.load(kept, KEY)
        yield kept, now
        kept.close()


def test_the_demo_board_has_something_of_everything(loaded: tuple[Store, datetime]) -> None:
    kept, now = loaded
    with kept.read() as db:
        central = next(each for each in branches.every(db) if each.name == "Central Library")
        shown = queue.in_order(queue.unfinished(db, [central.id]), [central.id], now)
        assert [(each.topic, each.way, each.state) for each in shown] == [
            ("unsafe", "here", "waiting"),
            ("letter", "here", "waiting"),
            ("book", "desk", "waiting"),
            ("card", "here", "taken"),
            ("jobs", "ring", "waiting"),
        ]
        assert not any(queue.is_late(each, now) for each in shown)
        assert len(slots.free(db, central.id, now)) == 8
        assert "time" in hours.offer(db, central, now).ways
        assert accounts.readers(db).keys() == {"desk", "recovery"}
