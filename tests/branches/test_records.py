"""What is kept of branches: closures, neighbours, screens, and hours that were kept before."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest
from sqlite_utils import Database

from kiosk import branches
from kiosk.branches import Closure, NameTaken, Period
from kiosk.migrations import migrations
from kiosk.store import NotThere, Store, Writing

MAY = [date(2026, 5, number) for number in range(1, 32)]


@pytest.fixture
def central(store: Store) -> str:
    with store.read() as db:
        return branches.every(db)[0].id


def closed(db: Writing, branch_id: str) -> list[tuple[int, int, str]]:
    return [(each.first.day, each.last.day, each.reason) for each in branches.closures(db, branch_id, MAY[0])]


def test_days_in_a_row_for_one_reason_are_one_closure(store: Store, central: str) -> None:
    with store.write() as db:
        assert branches.close(db, central, MAY[3], MAY[5], "Roof")
        assert branches.close(db, central, MAY[6], MAY[6], "Strike")
        assert branches.close(db, central, MAY[9], MAY[9], "Roof")
        assert closed(db, central) == [(4, 6, "Roof"), (7, 7, "Strike"), (10, 10, "Roof")]
        assert branches.closures(db, central, MAY[9]) == [Closure(MAY[9], MAY[9], "Roof")]


def test_a_day_that_is_closed_already_keeps_its_own_reason(store: Store, central: str) -> None:
    with store.write() as db:
        branches.close(db, central, MAY[4], MAY[4], "Strike")
        assert branches.close(db, central, MAY[3], MAY[5], "Roof")
        assert not branches.close(db, central, MAY[3], MAY[5], "Roof")
        assert closed(db, central) == [(4, 4, "Roof"), (5, 5, "Strike"), (6, 6, "Roof")]


def test_a_day_can_be_opened_and_closed_again(store: Store, central: str) -> None:
    with store.write() as db:
        branches.close(db, central, MAY[3], MAY[5], "Roof")
        assert branches.open_after_all(db, central, MAY[3], MAY[4])
        assert not branches.open_after_all(db, central, MAY[3], MAY[4])
        assert closed(db, central) == [(6, 6, "Roof")]
        assert branches.close(db, central, MAY[3], MAY[3], "Strike")
        assert closed(db, central) == [(4, 4, "Strike"), (6, 6, "Roof")]


@pytest.mark.parametrize(("first", "last"), [(MAY[3], MAY[2]), (MAY[0], date(2027, 5, 3))])
def test_a_closure_is_between_one_day_and_a_year_long(
    store: Store, central: str, first: date, last: date
) -> None:
    with store.write() as db, pytest.raises(ValueError):
        branches.close(db, central, first, last, "")


def test_neighbours_are_in_the_order_that_was_chosen(store: Store, central: str) -> None:
    with store.write() as db:
        dale, hill = branches.add_branch(db, "Dale"), branches.add_branch(db, "Hill")
        branches.set_neighbours(db, central, [hill, dale, hill])
        assert [each.name for each in branches.neighbours(db, central)] == ["Hill", "Dale"]
        assert branches.neighbours(db, hill) == []
        branches.set_neighbours(db, central, [])
        assert branches.neighbours(db, central) == []


def test_a_branch_is_no_neighbour_of_itself_or_of_nobody(store: Store, central: str) -> None:
    for wrong in (central, "nobody"):
        with pytest.raises(NotThere), store.write() as db:
            branches.set_neighbours(db, central, [wrong])


def test_a_screen_keeps_its_id_when_its_name_changes(store: Store, central: str) -> None:
    with store.write() as db:
        [door] = branches.screens(db, central)
        assert branches.rename_kiosk(db, central, door.id, "Entrance")
        assert not branches.rename_kiosk(db, central, door.id, "Entrance")
        assert [(each.id, each.name) for each in branches.screens(db)] == [(door.id, "Entrance")]


def test_two_screens_of_a_branch_have_different_names(store: Store, central: str) -> None:
    with store.write() as db:
        second = branches.add_kiosk(db, central, "Lift")
        with pytest.raises(NameTaken):
            branches.add_kiosk(db, central, "by the DOOR")
        with pytest.raises(NameTaken):
            branches.rename_kiosk(db, central, second, "By the door")
        hill = branches.add_branch(db, "Hill")
        branches.add_kiosk(db, hill, "By the door")
        for branch, screen in ((hill, second), (central, "nothing"), (central, "")):
            with pytest.raises(NotThere):
                branches.rename_kiosk(db, branch, screen, "Garden")


def test_times_with_and_without_staff_may_begin_together(store: Store, central: str) -> None:
    week = {1: (Period(time(9), time(12), True), Period(time(9), time(20), False))}
    with store.write() as db:
        assert branches.set_week(db, central, week)
        assert not branches.set_week(db, central, {1: week[1][::-1]})
        assert branches.week(db, central) == week


def test_hours_that_were_kept_by_an_older_version_are_still_there(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    old = Database(path)
    migrations.apply(old, stop_before="m005_branches_as_councils_list_them")
    old.execute("INSERT INTO branches (id, name, created_at) VALUES ('b', 'Hill', '2026-01-01')")
    old.execute(
        "INSERT INTO opening_hours (branch_id, weekday, opens, closes) VALUES ('b', 1, '09:00', '13:00')"
    )
    old.execute("INSERT INTO closures (branch_id, day, reason) VALUES ('b', '2026-05-04', 'Roof')")
    old.conn.commit()
    old.close()
    store = Store(path)
    with store.read() as db:
        assert branches.week(db, "b") == {1: (Period(time(9), time(13), True),)}
        assert [each.reason for each in branches.closures(db, "b", MAY[0])] == ["Roof"]
        assert not branches.find(db, "b").is_closed_for_good
    store.close()
