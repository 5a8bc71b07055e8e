"""What the screen says about opening today is true, minute by minute, or it says nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine

from kiosk import branches
from kiosk.branches import periods
from kiosk.store import Store
from tests.visitor import Visitor

MONDAY = date(2026, 3, 9)


@pytest.fixture
def central(store: Store) -> str:
    with store.read() as db:
        return branches.every(db)[0].id


def opens(store: Store, branch_id: str, with_staff: str, without: str = "") -> None:
    """Hours of every Monday."""
    with store.write() as db:
        week = {1: (*periods.read(with_staff), *periods.read(without, staffed=False))}
        branches.set_week(db, branch_id, week)


def told(visitor: Visitor) -> str:
    visitor.get("/")
    visitor.get("/en/")
    line = visitor.page.select_one(".hours")
    return " ".join(line.get_text().split()) if line else ""


def at(clock: time_machine.Traveller, moment: str) -> None:
    hour, minute = moment.split(":")
    clock.move_to(datetime(2026, 3, 9, int(hour), int(minute), tzinfo=UTC))


def test_with_a_break_at_noon_each_half_of_the_day_is_told_for_itself(
    store: Store, central: str, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    opens(store, central, "10:00-13:00, 14:00-17:00")
    for moment, says in {
        "09:59": "Opens today at 10:00",
        "10:00": "Open today until 13:00",
        "12:59": "Open today until 13:00",
        "13:00": "Opens today at 14:00",
        "14:00": "Open today until 17:00",
        "17:00": "The library is closed now",
    }.items():
        at(clock, moment)
        assert told(visitor) == says, moment


def test_the_door_that_stays_open_without_staff_counts(
    store: Store, central: str, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    opens(store, central, "10:00-13:00, 14:00-17:00", "08:00-11:00, 13:00-20:00")
    at(clock, "07:00")
    assert told(visitor) == "Opens today at 08:00"
    at(clock, "10:30")
    assert told(visitor) == "Open today until 20:00"


def test_a_day_without_hours_in_a_known_week_is_a_closed_day(
    store: Store, central: str, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    opens(store, central, "10:00-13:00")
    clock.move_to(datetime(2026, 3, 10, 11, 0, tzinfo=UTC))
    assert told(visitor) == "The library is closed now"


def test_hours_that_nobody_knows_are_not_told(visitor: Visitor) -> None:
    assert told(visitor) == ""


@pytest.mark.parametrize("known", [True, False])
def test_on_a_day_of_closure_the_library_is_closed_whatever_its_hours(
    store: Store, central: str, visitor: Visitor, known: bool
) -> None:
    if known:
        opens(store, central, "08:00-20:00")
    with store.write() as db:
        branches.close(db, central, MONDAY, MONDAY, "Roof")
    assert told(visitor) == "The library is closed now"
    with store.write() as db:
        branches.open_after_all(db, central, MONDAY, MONDAY)
    assert told(visitor) == ("Open today until 20:00" if known else "")


def test_hours_are_those_of_the_clock_on_the_wall_in_summer_too(
    store: Store, central: str, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    opens(store, central, "10:00-13:00")
    clock.move_to(datetime(2026, 6, 8, 9, 30, tzinfo=UTC))  # half past ten in Britain
    assert told(visitor) == "Open today until 13:00"
