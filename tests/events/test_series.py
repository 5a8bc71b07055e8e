"""Series of dates as staff write them down, and what speaks against them."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from kiosk import branches
from kiosk.events.desk.clashes import clashes
from kiosk.events.desk.series import MOST, Series
from kiosk.events.finding import shown
from kiosk.events.records import Facts, dates
from tests.events.conftest import Programme, at
from tests.events.conftest import date as date_at

TEN, ELEVEN = time(10), time(11)


def days(series: Series) -> list[str]:
    return [f"{day:%d.%m.}" for day in series.days()]


def test_once_is_once() -> None:
    assert days(Series(date(2026, 3, 10), TEN, until=date(2027, 1, 1))) == ["10.03."]


def test_every_week_until_a_day_that_is_the_last() -> None:
    series = Series(date(2026, 3, 10), TEN, every="week", until=date(2026, 3, 24))
    assert days(series) == ["10.03.", "17.03.", "24.03."]


def test_the_days_left_out_count_among_how_often_it_is() -> None:
    series = Series(date(2026, 3, 10), TEN, every="fortnight", count=3, not_on=frozenset({date(2026, 3, 24)}))
    assert days(series) == ["10.03.", "07.04."]


@pytest.mark.parametrize(
    ("first", "found"),
    [
        (date(2026, 1, 13), ["13.01.", "10.02.", "10.03.", "14.04."]),
        (date(2026, 1, 30), ["30.01.", "27.02.", "27.03.", "24.04."]),
        (date(2026, 10, 1), ["01.10.", "05.11.", "03.12.", "07.01."]),
    ],
)
def test_every_month_is_on_the_same_weekday_of_it(first: date, found: list[str]) -> None:
    assert days(Series(first, TEN, every="month", count=4)) == found


def test_no_series_is_without_end() -> None:
    assert len(Series(date(2026, 1, 1), TEN, every="week").days()) == MOST
    assert len(Series(date(2026, 1, 1), TEN, every="month", count=9999).days()) == MOST


def test_the_hour_stays_when_the_clocks_change() -> None:
    found = Series(date(2026, 10, 20), TEN, ELEVEN, "week", count=2).dates("Europe/London")
    assert [each.starts.time() for each in found] == [TEN, TEN]
    assert [each.starts.astimezone(ZoneInfo("UTC")).hour for each in found] == [9, 10]


def test_what_lasts_all_day_ends_at_midnight() -> None:
    [found] = Series(date(2026, 3, 29)).dates("Europe/London")
    assert found.all_day
    assert found.ends is not None
    assert (found.ends - found.starts).total_seconds() == 24 * 3600, "on the clocks; they went forward"
    assert found.ends.date() == date(2026, 3, 30)


def test_keys_that_are_taken_are_not_given_again() -> None:
    series = Series(date(2026, 3, 10), TEN)
    assert series.dates("Europe/London", {"2026-03-10T10:00", "2026-03-10T10:00#2"})[0].key.endswith("#3")


def test_a_branch_that_is_closed_speaks_against_a_date(programme: Programme) -> None:
    with programme.store.write() as db:
        branches.open_on(db, programme.central, {2: [("10:00", "18:00")], 3: [("10:00", "18:00")]})
        branches.close(db, programme.central, date(2026, 3, 11), date(2026, 3, 11), "Stocktaking")
        facts = Facts(branch_id=programme.central)
        found = clashes(db, [date_at(11, day) for day in range(1, 4)], facts)
        away = [*clashes(db, [date_at(11, 2, place="The park")], facts),
                *clashes(db, [date_at(11, 2, status="cancelled")], facts),
                *clashes(db, [date_at(11, 2)], Facts(place_kind="online"))]  # fmt: skip
    assert [(each.date.starts.day, each.why, each.reason) for each in found] == [
        (11, "closed", "Stocktaking"), (12, "closed", ""),
    ]  # fmt: skip
    assert away == []


def test_another_event_in_the_room_speaks_against_a_date(programme: Programme) -> None:
    chess = programme.add("Chess", date_at(10, lasts=2), room="Blue room")
    programme.add("Off", date_at(10, lasts=2), room="Blue room", status="cancelled")
    programme.add("Elsewhere", date_at(10, lasts=2), room="Blue room", branch_id=programme.north)
    facts = Facts(branch_id=programme.central, room="blue room ")
    with programme.store.read() as db:
        for hours, there in [(9, False), (9.5, True), (11, True), (12, False)]:
            found = clashes(db, [date_at(hours)], facts)
            assert [each.reason for each in found] == (["Chess"] if there else []), hours
        assert clashes(db, [date_at(11)], facts, chess) == [], "it is not in its own way"
        assert clashes(db, [date_at(11)], Facts(branch_id=programme.central)) == []
        assert clashes(db, [date_at(11, room="Red room")], facts) == []


def test_what_a_branch_runs_somewhere_else_is_not_listed_as_in_it(programme: Programme) -> None:
    walk = programme.add(
        "Walk", date_at(10), branch_id=programme.central, place_kind="elsewhere", place="The park"
    )
    with programme.store.read() as db:
        assert dates(db, walk, at(0))[0].date.branch_id == ""
        assert shown(db, walk, "en", at(0)).branch == ""
