"""A list over a whole county is asked for in the same way as one over ten events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
import time_machine

from kiosk import branches, create_app
from kiosk.events.calendars import Calendar, read
from kiosk.events.incoming import importing, places
from kiosk.events.incoming.importing import Window
from kiosk.store import Store
from tests.branches.councils import needs_data
from tests.events.feeds import LONDON, real
from tests.events.test_plans import GROWS
from tests.visitor import Visitor

pytestmark = [pytest.mark.patient, needs_data]

MORNING = datetime(2026, 9, 1, 9, tzinfo=LONDON)
PATHS = ("list/week", "list/week?wide=yes", "list/today", "list/near", "list/children?wide=yes")


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=False) as clock:
        yield clock


def asked(folder: Path, calendar: Calendar) -> dict[str, list[list[str]]]:
    """For each list over this calendar, how the database goes about each statement that it is asked."""
    app = create_app(folder)
    store: Store = app.extensions["store"]
    with store.write() as db:
        central = branches.add_branch(db, "Central Library")
        branches.add_kiosk(db, central, "By the door")
        for spelling in {each.location for each in calendar.events if places.key_of(each.location)}:
            places.confirm(db, spelling, central)
        there = places.places(db, central)
        window = Window(date(2026, 9, 1), date(2027, 9, 1))
        importing.carry_out(db, importing.plan(db, calendar, "county", window, places=there), by="maria")
    statements: list[str] = []
    found: dict[str, list[list[str]]] = {}
    for connection in (store._reader(), store._writer):
        connection.set_trace_callback(statements.append)
    for path in PATHS:
        visitor = Visitor(app.test_client())
        statements.clear()
        visitor.get(f"/en/events/{path}")
        assert visitor.page.select("a.event"), path
        here = [sql for sql in statements if sql.startswith(("SELECT", "WITH")) and GROWS.search(sql)]
        with store.read() as db:
            found[path] = [[row["detail"] for row in db.all(f"EXPLAIN QUERY PLAN {sql}")] for sql in here]
    store.close()
    return found


def test_a_list_over_a_county_asks_no_more_than_one_over_ten_events(tmp_path: Path) -> None:
    county = read(real("big_lancaster_libraries.ics"), LONDON)
    first = sorted(county.events, key=lambda each: str(each.starts))
    coming = [each for each in first if str(each.starts) > "2026-09-01 18"]
    ten = asked(tmp_path / "ten", replace(county, events=type(county.events)(coming[:10])))
    many = asked(tmp_path / "many", county)
    assert len(county.events) > 1500
    for path in PATHS:
        assert ten[path], path
        assert many[path] == ten[path], path
