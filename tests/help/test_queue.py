"""Who is next, what is late, and what can honestly be said about waiting; by the time, which stands still."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from kiosk import branches, settings
from kiosk.branches import Period
from kiosk.help import hours, queue, records, slots, talk
from kiosk.help.queue import Called
from kiosk.help.records import Caller, Request
from kiosk.help.requests import SOON
from kiosk.people import boards
from tests.help.conftest import NINE, Town, at

pytestmark = pytest.mark.patient

MINUTE = timedelta(minutes=1)
PHONE = Caller(phone="+447700900982")


def late(town: Town, request: Request, now: datetime) -> int:
    return queue.is_late(town.now(request), now)


def opens(town: Town, branch_id: str, *spans: tuple[str, str], days: range = range(1, 6)) -> None:
    """Staff are there at these times, on these ISO weekdays."""
    with town.store.write() as db:
        branches.open_on(db, branch_id, {day: list(spans) for day in days})


def answered(town: Town, created: datetime, minutes: float, **more: str) -> Request:
    request = town.ask(now=created, **more)
    town.do(records.take, request, town.amina, 0, created + timedelta(minutes=minutes))
    town.do(records.done, request, "helped", town.amina, created + timedelta(minutes=minutes + 5))
    return town.now(request)


def estimate(town: Town, now: datetime) -> int | None:
    with town.store.read() as db:
        return queue.estimate(db, branches.find(db, town.central), now)


def standing(town: Town, request: Request, now: datetime) -> queue.Standing:
    with town.store.read() as db:
        return queue.standing(db, records.find(db, request.id), now)


def choose(town: Town, name: str, value: object) -> None:
    with town.store.write() as db:
        settings.change(db, "branch", town.central, name, value)


# The order of the board -------------------------------------------------------------------------------------


def test_the_most_urgent_is_first_and_in_each_group_who_waits_longest(town: Town) -> None:
    with town.store.write() as db:
        soon = slots.add(db, town.central, at(9.5), 30, NINE)
        tomorrow = slots.add(db, town.central, at(9, days=1), 30, NINE)
    appointment = town.ask(way="time", slot_id=tomorrow.id)
    message = town.ask(way="message", now=at(9.01))
    ring = town.ask(way="ring", caller=PHONE, now=at(9.02))
    held = town.ask(now=at(9.03))
    town.do(records.hold, held, "person-away", at(11), town.sam, at(9.04))
    taken = town.ask(now=at(9.05))
    town.do(records.take, taken, town.amina, 10, at(9.3))
    late_one = town.ask(screen=town.shelf, now=at(9.1))
    booked = town.ask(way="time", slot_id=soon.id, now=at(9.11))
    first, second = town.ask(now=at(9.4)), town.ask(way="desk", now=at(9.41))
    unsafe = town.ask("unsafe", now=at(9.45))
    order = [unsafe, late_one, first, second, booked, taken, held, message, ring, appointment]
    assert town.board(now=at(9.46)) == [one.id for one in order]


def test_a_board_shows_its_own_branch_and_nothing_that_is_over(town: Town) -> None:
    here, north = town.ask(), town.ask(branch=town.north)
    gone = town.ask()
    town.do(records.cancel, gone, NINE)
    assert town.board() == [here.id]
    assert town.board(town.north) == [north.id]
    assert set(town.board(town.central, town.north)) == {here.id, north.id}
    with town.store.read() as db:
        assert queue.unfinished(db, ()) == ()


# Late -------------------------------------------------------------------------------------------------------


def test_nobody_answers_and_the_board_and_then_others_are_told(town: Town) -> None:
    request = town.ask()
    assert late(town, request, NINE + 5 * MINUTE - timedelta(seconds=1)) == 0
    assert late(town, request, NINE + 5 * MINUTE) == 1
    assert late(town, request, NINE + 10 * MINUTE - timedelta(seconds=1)) == 1
    assert town.board(town.north, now=NINE + 9 * MINUTE) == []
    assert late(town, request, NINE + 10 * MINUTE) == 2
    assert late(town, request, NINE + 60 * MINUTE) == 2
    assert town.board(town.north, now=NINE + 10 * MINUTE) == [request.id], "the neighbour sees it"
    town.do(records.take, request, town.sam, 3, NINE + 11 * MINUTE)
    assert late(town, request, NINE + 12 * MINUTE) == 0
    assert town.board(town.north, now=NINE + 12 * MINUTE) == []


def test_who_said_three_minutes_and_did_not_come_is_late_too(town: Town) -> None:
    request = town.ask()
    town.do(records.take, request, town.amina, 3, NINE)
    assert late(town, request, NINE + timedelta(minutes=8, seconds=-1)) == 0
    assert late(town, request, NINE + 8 * MINUTE) == 1
    assert late(town, request, NINE + 13 * MINUTE) == 2
    assert town.board(town.north, now=NINE + 13 * MINUTE) == [request.id]
    town.do(records.take, request, town.amina, 10, NINE + 13 * MINUTE)
    assert late(town, request, NINE + 27 * MINUTE) == 0
    assert late(town, request, NINE + 28 * MINUTE) == 1
    town.do(records.coming, request, town.amina, NINE + 28 * MINUTE)
    assert late(town, request, at(20)) == 0


@pytest.mark.parametrize(
    ("code", "gaps", "expected"),
    [
        ("look", {}, at(9) + 4 * MINUTE),
        ("minutes", {"minutes": "20"}, at(9) + 24 * MINUTE),
        ("minutes", {"minutes": "2"}, at(9) + 6 * MINUTE),
        ("interpreter-rings", {"time": "09:40"}, at(9) + 40 * MINUTE),
        ("interpreter-rings", {"time": "08:40"}, at(9) + 4 * MINUTE),
    ],
)
def test_what_staff_say_puts_off_when_it_is_late(
    town: Town, code: str, gaps: dict[str, str], expected: datetime
) -> None:
    request = town.ask()
    town.do(records.take, request, town.amina, 3, NINE)
    town.do(talk.say, request, code, gaps, town.amina, NINE + 4 * MINUTE)
    assert late(town, request, expected + timedelta(minutes=5, seconds=-1)) == 0
    assert late(town, request, expected + 5 * MINUTE) == 1
    if "minutes" in gaps:
        assert town.now(request).minutes == int(gaps["minutes"])


def test_a_booked_time_that_staff_have_seen_before_is_due_all_the_same(town: Town) -> None:
    with town.store.write() as db:
        slot = slots.add(db, town.central, at(11), 30, NINE)
    booked = town.ask(way="time", slot_id=slot.id)
    town.do(records.take, booked, town.amina, 0, at(9.5))
    assert not town.now(booked).is_needed(at(10.8))
    assert town.now(booked).is_needed(at(11) - SOON)
    assert late(town, booked, at(11)) == 0
    assert late(town, booked, at(11) + 5 * MINUTE) == 1
    town.do(records.take, booked, town.amina, 3, at(11) - 5 * MINUTE)
    assert not town.now(booked).is_needed(at(11))
    assert late(town, booked, at(11) + 4 * MINUTE) == 0
    assert late(town, booked, at(11) + 5 * MINUTE) == 1, "who took it did not come"


def test_a_request_passed_on_is_as_late_as_before(town: Town) -> None:
    request = town.ask()
    town.do(records.pass_to_person, request, town.sam, town.amina, NINE + MINUTE)
    assert late(town, request, NINE + 5 * MINUTE) == 1
    assert standing(town, request, NINE + 4 * MINUTE).place == 1, "she waits in the queue as before"


def test_others_are_told_only_where_somebody_can_see_it(town: Town) -> None:
    request, very_late = town.ask(), NINE + 10 * MINUTE

    def told(now: datetime = very_late) -> bool:
        return standing(town, request, now).others_told

    town.is_seen(town.central, very_late)
    assert not told(), "a board of her own branch is nobody else"
    with town.store.write() as db:
        south = branches.add_branch(db, "South Library")
    town.is_seen(south, very_late + timedelta(seconds=1))
    assert not told(), "no neighbour"
    town.is_seen(town.north, very_late - timedelta(seconds=1))
    assert told()
    assert not told(NINE + 9 * MINUTE), "it is not so late yet"
    assert not told(very_late + 2 * MINUTE), "the board there was closed"


def test_a_manager_who_looks_at_another_branch_is_told_too(town: Town) -> None:
    with town.store.write() as db:
        branches.set_neighbours(db, town.central, [])
    request = town.ask()
    with town.store.write() as db:
        manager = db.value("SELECT id FROM people WHERE role = 'manager'")
        boards.open_board(db, manager, town.north, NINE + 10 * MINUTE)
    assert standing(town, request, NINE + 10 * MINUTE).others_told


def test_when_the_hours_of_staff_are_over_a_waiting_person_can_know(town: Town) -> None:
    opens(town, town.central, ("09:00", "17:00"))
    request, seen = town.ask(now=at(16.99)), town.ask(now=at(16.99))
    assert standing(town, request, at(16.99)).has_staff
    before, after = standing(town, request, at(17)), standing(town, request, at(17.01))
    assert not before.has_staff
    assert before.mark == after.mark != standing(town, request, at(16.99)).mark
    town.do(records.coming, seen, town.amina, at(16.99))
    assert standing(town, seen, at(17)).has_staff, "somebody is about it"


def test_put_back_it_has_the_whole_limit_again_and_keeps_its_turn(town: Town) -> None:
    first, second = town.ask(), town.ask(now=NINE + MINUTE)
    town.do(records.take, first, town.amina, 3, NINE + MINUTE)
    town.do(records.put_back, first, town.amina, NINE + 4 * MINUTE)
    assert late(town, first, NINE + 8 * MINUTE) == 0
    assert late(town, first, NINE + 9 * MINUTE) == 1
    assert town.board(now=NINE + 4 * MINUTE) == [first.id, second.id]


def test_a_hold_that_has_run_out_can_be_late(town: Town) -> None:
    request = town.ask()
    town.do(records.hold, request, "person-away", at(10), town.amina, NINE)
    assert late(town, request, at(10)) == 0
    assert late(town, request, at(10) + 5 * MINUTE) == 1


def test_who_does_not_wait_here_is_not_late_but_a_booked_time_is(town: Town) -> None:
    with town.store.write() as db:
        slot = slots.add(db, town.central, at(11), 30, NINE)
    for way in ("ring", "message"):
        assert late(town, town.ask(way=way, caller=PHONE), at(20)) == 0
    booked = town.ask(way="time", slot_id=slot.id)
    assert late(town, booked, at(11)) == 0
    assert late(town, booked, at(11) + 5 * MINUTE) == 1
    assert not booked.is_needed(at(10.8))
    assert booked.is_needed(at(11) - SOON)
    quiet = town.ask("unsafe", "ring", caller=PHONE)
    assert late(town, quiet, at(20)) == 2


def test_each_branch_has_its_own_limit(town: Town) -> None:
    choose(town, "help_limit_minutes", 12)
    request = town.ask()
    assert late(town, request, NINE + 11 * MINUTE) == 0
    assert late(town, request, NINE + 12 * MINUTE) == 1


def test_a_library_says_who_else_is_told_and_a_manager_sees_it_anyhow(town: Town) -> None:
    with town.store.write() as db:
        west = branches.add_branch(db, "West Library")
    choose(town, "help_escalates_to", ["west library", "Central Library", "Gone Library"])
    request = town.ask()
    very_late = NINE + 10 * MINUTE
    assert town.board(west, now=very_late) == [request.id]
    assert town.board(town.north, now=very_late) == []
    assert town.board(town.north, now=very_late, every_branch=True) == [request.id]
    with town.store.read() as db:
        assert [each.id for each in queue.escalates_to(db, branches.find(db, town.central))] == [west]


# One person in the queue ------------------------------------------------------------------------------------


def test_she_knows_how_many_are_before_her(town: Town) -> None:
    people = [town.ask(now=NINE + number * MINUTE, screen=(town.door, town.shelf)[number % 2])
              for number in range(4)]  # fmt: skip
    ring = town.ask(way="ring", caller=PHONE)
    assert [standing(town, one, NINE).place for one in people] == [1, 2, 3, 4]
    assert standing(town, ring, NINE).place == 0
    town.do(records.take, people[0], town.amina, 3, NINE)
    town.do(records.cancel, people[1], NINE)
    assert [standing(town, one, NINE).place for one in people] == [0, 0, 1, 2]
    unsafe = town.ask("unsafe", now=at(10))
    assert [standing(town, one, NINE).place for one in (unsafe, *people[2:])] == [1, 2, 3]


def test_what_she_is_told_follows_what_happens(town: Town) -> None:
    first, second = town.ask(), town.ask(screen=town.shelf)
    marks: list[str] = []

    def told(minutes: float = 0) -> tuple[int, int | None, int, bool]:
        now = standing(town, second, NINE + minutes * MINUTE)
        marks.append(now.mark)
        return now.place, now.minutes, now.late, now.staff_see_it

    assert told() == (2, None, 0, False)
    town.do(records.take, first, town.amina, 3, NINE)
    assert told() == (1, None, 0, False)
    assert told(5) == (1, None, 1, False)
    town.is_seen(town.central, NINE + 10 * MINUTE)
    assert told(10) == (1, None, 2, True)
    for number in range(5):
        answered(town, NINE + number * MINUTE, 4, screen=town.shelf)
    assert told(20) == (1, 4, 2, False)
    town.do(records.coming, second, town.amina, NINE)
    assert told(20) == (0, None, 0, False)
    assert len(set(marks)) == len(marks)
    told(21)
    assert marks[-1] == marks[-2], "nothing has happened"


# An honest estimate -----------------------------------------------------------------------------------------


def test_after_five_answers_it_is_the_median_in_whole_minutes(town: Town) -> None:
    for number, minutes in enumerate((1, 2, 30, 3.5)):
        answered(town, at(9) + number * MINUTE, minutes)
        assert estimate(town, at(10)) is None, "of so few nobody can say"
    answered(town, at(9.2), 8)
    assert estimate(town, at(10)) == 4


def test_an_answer_within_seconds_is_one_minute(town: Town) -> None:
    for number in range(5):
        answered(town, at(9) + number * MINUTE, 0.1)
    assert estimate(town, at(10)) == 1


def test_only_people_who_waited_here_count_and_only_those_who_were_answered(town: Town) -> None:
    for number in range(4):
        answered(town, at(9) + number * MINUTE, 2)
    gone = town.ask(now=at(9))
    town.do(records.cancel, gone, at(9.1))
    ring = town.ask(way="ring", caller=PHONE, now=at(9))
    town.do(records.take, ring, town.amina, 0, at(9.1))
    answered(town, at(9), 2, branch=town.north)
    assert estimate(town, at(10)) is None


def test_without_hours_the_last_four_hours_count(town: Town) -> None:
    for number in range(5):
        answered(town, at(9) + number * MINUTE, 6)
    assert estimate(town, at(13)) == 6
    assert estimate(town, at(14)) is None


def test_the_hours_that_count_go_back_over_the_night_and_a_closure(town: Town) -> None:
    opens(town, town.central, ("09:00", "12:00"), ("13:00", "17:00"))
    for number in range(5):
        answered(town, at(15) + number * MINUTE, 7)  # on Monday from three to four in the afternoon
    for number in range(5):
        answered(
            town, at(11.5), 45 + number, screen=town.shelf
        )  # answered in the break, when nobody is there
    assert estimate(town, at(17)) == 7, "one to five o'clock"
    assert estimate(town, at(23)) == 7, "at night nothing changes"
    assert estimate(town, at(10, days=1)) == 7, "ten on Tuesday is three hours back to two on Monday"
    with town.store.write() as db:
        branches.close(db, town.central, date(2026, 3, 10), date(2026, 3, 12), "Flood")
    assert estimate(town, at(10, days=4)) == 7, "closed days do not count"
    assert estimate(town, at(12, days=4)) is None, "on Friday at noon it is four o'clock on Monday"


def test_open_without_staff_is_not_open_for_this(town: Town) -> None:
    with town.store.write() as db:
        morning, evening = (
            Period(time.fromisoformat(opens), time.fromisoformat(closes), staffed)
            for opens, closes, staffed in (("09:00", "13:00", True), ("13:00", "22:00", False))
        )
        branches.set_week(db, town.central, {1: [morning, evening]})
    for number in range(5):
        answered(town, at(9.5) + number * MINUTE, 3)
    assert estimate(town, at(21)) == 3


def test_a_branch_that_has_been_shut_for_weeks_says_nothing(town: Town) -> None:
    opens(town, town.central, ("09:00", "17:00"))
    for number in range(5):
        answered(town, at(9) + number * MINUTE, 3)
    with town.store.write() as db:
        branches.close(db, town.central, date(2026, 3, 9), date(2026, 3, 30), "Building work")
    assert estimate(town, at(12, days=21)) is None


# The public display -----------------------------------------------------------------------------------------


def test_the_wall_shows_numbers_and_never_who_is_not_safe(town: Town) -> None:
    waits, comes, held, unsafe, ring, yesterday = (
        town.ask(),
        town.ask(way="desk"),
        town.ask(screen=town.shelf),
        town.ask("unsafe"),
        town.ask(way="ring", caller=PHONE),
        town.ask(now=at(9, days=-1)),
    )
    town.do(records.coming, comes, town.amina, NINE)
    town.do(records.hold, held, "person-away", at(11), town.amina, NINE)
    town.ask(branch=town.north)

    def called() -> Called:
        with town.store.read() as db:
            return queue.called(db, town.central, NINE)

    assert called() == Called(waiting=(waits.number, held.number), called=(comes.number,))
    town.do(records.coming, unsafe, town.amina, NINE)
    assert unsafe.number not in {*called().waiting, *called().called}
    assert ring.number not in {*called().waiting, *called().called}
    town.do(records.pass_to_branch, waits, town.north, town.amina,
            settings=settings.Settings(), now=NINE)  # fmt: skip
    assert waits.number in called().waiting, "she still looks at the display here"
    assert yesterday.number == 1


# Whether staff are there ------------------------------------------------------------------------------------


def offer(town: Town, now: datetime) -> hours.Offer:
    with town.store.read() as db:
        return hours.offer(db, branches.find(db, town.central), now)


def test_while_staff_are_there_they_come_and_else_a_message_is_left(town: Town) -> None:
    opens(town, town.central, ("09:00", "17:00"))
    with town.store.write() as db:
        evening = Period(time.fromisoformat("17:00"), time.fromisoformat("20:00"), False)
        week = branches.week(db, town.central)
        branches.set_week(db, town.central, {**week, 1: [*week[1], evening]})
    day = offer(town, at(16.9))
    assert (day.staffing, day.has_staff, day.ways) == ("staffed", True, ("here", "desk", "ring"))
    assert (day.until, day.staff_back) == (at(17), None)
    alone = offer(town, at(17))
    assert (alone.staffing, alone.has_staff, alone.ways) == ("unstaffed", False, ("message", "ring"))
    assert (alone.until, alone.staff_back) == (None, at(9, days=1))
    assert offer(town, at(20)).staffing == "closed"
    assert offer(town, at(8)).staff_back == at(9)
    assert offer(town, at(18, days=4)).staff_back == at(9, days=7), "on Friday it is Monday"


def test_without_hours_nobody_is_sent_away_but_told_what_is_known(town: Town) -> None:
    open_now = offer(town, at(3))
    assert (open_now.staffing, open_now.has_staff, open_now.staff_see_it) == ("unknown", True, False)
    assert (open_now.until, open_now.staff_back) == (None, None)


def test_a_closed_day_and_a_branch_that_stays_shut(town: Town) -> None:
    opens(town, town.central, ("09:00", "17:00"))
    with town.store.write() as db:
        branches.close(db, town.central, date(2026, 3, 9), date(2026, 3, 10), "Flood")
    assert (offer(town, NINE).staffing, offer(town, NINE).staff_back) == ("closed", at(9, days=2))
    with town.store.write() as db:
        branches.close(db, town.central, date(2026, 3, 9), date(2026, 4, 10), "Flood")
    assert offer(town, NINE).staff_back is None


def test_booking_a_time_is_offered_while_there_is_one(town: Town) -> None:
    with town.store.write() as db:
        slots.add(db, town.central, at(11), 30, NINE)
    assert offer(town, NINE).ways == ("here", "desk", "ring", "time")
    assert offer(town, at(11)).ways == ("here", "desk", "ring")


@pytest.mark.parametrize(("branch", "sees"), [("central", True), ("", True), ("north", False)])
def test_a_board_that_asks_for_news_is_staff_who_see_it(town: Town, branch: str, sees: bool) -> None:
    town.is_seen(getattr(town, branch) if branch else "", NINE)
    assert offer(town, NINE + timedelta(seconds=59)).staff_see_it is sees
    assert offer(town, NINE + timedelta(seconds=60)).staff_see_it is False


def test_open_branches_come_first_and_among_them_the_neighbours(town: Town) -> None:
    with town.store.write() as db:
        east, south, west = (branches.add_branch(db, f"{name} Library") for name in ("East", "South", "West"))
        branches.add_branch(db, "Nobody knows when")
        branches.set_neighbours(db, town.central, [west, town.north])
    opens(town, west, ("14:00", "17:00"))
    opens(town, town.north, ("09:00", "13:00"))
    opens(town, east, ("08:00", "18:00"))
    opens(town, south, ("08:00", "18:00"), days=range(6, 7))
    with town.store.read() as db:
        near = hours.nearby(db, branches.find(db, town.central), at(10))
        assert [(each.branch.id, each.opens, each.closes) for each in near] == [
            (town.north, None, at(13)),
            (east, None, at(18)),
            (west, at(14), at(17)),
        ]
        assert [each.branch.id for each in hours.nearby(db, branches.find(db, east), at(10), most=1)] == [
            town.north
        ]
