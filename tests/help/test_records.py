"""The life of a request: asked once, given to one of the staff, and sealed from everybody else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from kiosk import branches
from kiosk.help import records, slots
from kiosk.help.records import AlreadyTaken, Caller, Closed, Request, TooMany
from kiosk.help.slots import SlotTaken
from kiosk.people import accounts
from kiosk.sealing import CannotOpen
from kiosk.settings import Settings
from kiosk.store import NotThere, Store
from tests.help.conftest import NINE, Town, at

SENAIT = Caller("Senait", "+447700900982")
ELEVEN = at(11)


def all_at_once(acts: Sequence[Callable[[], Any]]) -> tuple[list[Any], list[Exception]]:
    """What these give, and what they raise, each in a thread of its own."""
    together, got, failed = threading.Barrier(len(acts)), list[Any](), list[Exception]()

    def go(act: Callable[[], Any]) -> None:
        together.wait()
        try:
            got.append(act())
        except Exception as error:  # to be looked at by the one who waits for the threads
            failed.append(error)

    threads = [threading.Thread(target=go, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got, failed


def count(town: Town) -> int:
    with town.store.read() as db:
        found: int = db.value("SELECT COUNT(*) FROM help_requests")
    return found


def steps(town: Town, request: Request) -> list[str]:
    with town.store.read() as db:
        return [row["what"] for row in records.steps(db, request.id)]


# Asked once -------------------------------------------------------------------------------------------------


def test_a_storm_of_taps_with_one_key_is_one_request(town: Town) -> None:
    asked = [town.asking(key="one", asker=f"{number}") for number in range(20)]
    got, failed = all_at_once([lambda one=one: town.keep(one) for one in asked])  # type: ignore[misc]
    assert failed == []
    assert len({one.id for one in got}) == count(town) == 1


def test_a_storm_of_taps_on_many_pages_of_one_visit_is_one_request(town: Town) -> None:
    topics = ("letter", "card", "jobs", "book", "english") * 2
    asked = [town.asking(topic, way, asker="she") for topic in topics for way in ("here", "desk")]
    got, failed = all_at_once([lambda one=one: town.keep(one) for one in asked])  # type: ignore[misc]
    assert failed == []
    assert len({one.id for one in got}) == count(town) == 1


def test_who_has_booked_a_time_can_still_ask_for_help_now_and_say_that_she_is_not_safe(town: Town) -> None:
    rung = town.ask(way="ring", asker="she", caller=SENAIT)
    now = town.ask(asker="she")
    unsafe = town.ask("unsafe", asker="she")
    assert len({rung.id, now.id, unsafe.id}) == 3
    assert town.ask("unsafe", asker="she").id == unsafe.id


def test_after_it_is_over_she_can_ask_again(town: Town) -> None:
    first = town.ask(asker="she")
    town.do(records.cancel, first, NINE)
    second = town.ask(asker="she")
    assert second.id != first.id
    assert (first.number, second.number) == (1, 2)


def test_numbers_begin_anew_each_day_and_in_each_branch(town: Town) -> None:
    numbers = [town.ask().number, town.ask().number, town.ask(branch=town.north).number]
    assert numbers == [1, 2, 1]
    assert town.ask(now=at(9, days=1)).number == 1
    with town.store.read() as db:
        found = records.by_number(db, town.central, "2026-03-09", 2)
        assert found is not None
        assert found.screen == "By the door"
        assert records.by_number(db, town.north, "2026-03-09", 2) is None


def test_a_number_finds_only_who_waits_here_and_never_a_quiet_word(town: Town) -> None:
    waits, ring, unsafe = town.ask(), town.ask(way="ring", caller=SENAIT), town.ask("unsafe")
    with town.store.read() as db:
        found = [
            records.by_number(db, town.central, "2026-03-09", each.number) for each in (waits, ring, unsafe)
        ]
    assert [each.id if each else "" for each in found] == [waits.id, "", ""]


def test_what_is_none_cannot_be_asked(town: Town) -> None:
    for topic, way, slot_id in (
        ("gossip", "here", ""),
        ("letter", "owl", ""),
        ("letter", "ring", ""),
        ("letter", "time", ""),
        ("letter", "here", "s"),
    ):
        with pytest.raises(ValueError):
            town.asking(topic, way, slot_id=slot_id)


# One screen, many people ------------------------------------------------------------------------------------


def test_a_child_at_the_button_keeps_nobody_from_asking(town: Town) -> None:
    played = [town.ask(now=NINE + timedelta(seconds=second)) for second in range(30)]
    woman = town.ask(now=NINE + timedelta(minutes=2))
    waiting = [one for one in map(town.now, [*played, woman]) if one.is_open]
    assert len(waiting) == records.MOST_LEFT
    assert waiting[-1].id == woman.id
    assert {town.now(one).outcome for one in played[:-2]} == {"gave-way"}
    assert steps(town, played[0]) == ["asked", "gave-way"]


def test_four_who_go_to_the_desk_are_all_helped(town: Town) -> None:
    came = [town.ask(way="desk", now=NINE + timedelta(minutes=2 * number)) for number in range(6)]
    assert all(town.now(one).is_open for one in came)


def test_who_lets_others_use_the_screen_waits_however_many_come(town: Town) -> None:
    kept = []
    for number in range(6):
        kept.append(town.ask(now=NINE + timedelta(minutes=2 * number)))
        town.do(records.keep_for_later, kept[-1])
    assert all(town.now(one).is_open for one in kept)


def test_browsers_that_no_screen_was_set_up_for_do_not_end_what_others_watch(town: Town) -> None:
    """They are one place together, though each has its own person before it."""
    asked = [town.ask(branch=town.north, now=NINE) for _ in range(6)]
    later = NINE + timedelta(minutes=3)
    for one in asked[1:]:
        town.do(records.watched, one, later - timedelta(seconds=30))
    for _ in range(4):
        town.ask(branch=town.north, now=later)
    assert [town.now(one).is_open for one in asked] == [True] * 6, "one may be left without looking after it"
    much_later = later + timedelta(seconds=31)
    town.do(records.watched, asked[1], later)
    town.ask(branch=town.north, now=much_later)
    assert [town.now(one).is_open for one in asked[:2]] == [False, True]


def test_other_screens_and_what_staff_have_seen_are_left_alone(town: Town) -> None:
    seen, other = town.ask(), town.ask(screen=town.shelf)
    town.do(records.take, seen, town.amina, 3, NINE)
    for _ in range(4):
        town.ask()
    assert town.now(seen).is_open
    assert town.now(other).is_open


def test_no_play_with_the_button_ends_a_quiet_request(town: Town) -> None:
    unsafe = town.ask("unsafe")
    for _ in range(10):
        town.ask()
    assert town.now(unsafe).is_open


def test_every_change_can_be_seen_and_nothing_else_looks_like_one(town: Town) -> None:
    request = town.ask()
    versions = [request.version]
    for act, given in (
        (records.add_wants, (["chair"],)),
        (records.keep_for_later, ()),
        (records.take, (town.amina, 3, NINE)),
        (records.coming, (town.amina, NINE)),
        (records.put_back, (town.amina, NINE)),
        (records.hold, ("person-away", at(10), town.amina, NINE)),
        (records.done, ("helped", town.amina, NINE)),
    ):
        town.do(act, request, *given)
        versions.append(town.now(request).version)
    assert versions == sorted(set(versions))


def test_a_screen_that_looks_after_its_request_writes_it_down_now_and_then(town: Town) -> None:
    request = town.ask()
    assert not request.wants_a_sign(NINE + timedelta(seconds=19))
    later = NINE + timedelta(seconds=20)
    assert request.wants_a_sign(later)
    assert request.wants_a_sign(NINE - timedelta(hours=1)), "the clock was set back"
    town.do(records.watched, request, later)
    assert not town.now(request).wants_a_sign(later + timedelta(seconds=2))
    assert town.now(request).version == request.version, "nobody has to be told of it"
    assert town.now(request).is_watched(later + timedelta(seconds=59))
    assert not town.now(request).is_watched(later + timedelta(seconds=60))


# Two at once ------------------------------------------------------------------------------------------------


def test_two_take_it_at_once_and_one_is_told_who_has_it(town: Town) -> None:
    for request in [town.ask() for _ in range(3)]:
        got, failed = all_at_once(
            [
                lambda by=by, request=request: town.do(  # type: ignore[misc]
                    records.take, request, by, 3, NINE
                )
                for by in (town.amina, town.sam)
            ]
        )
        assert len(got) == len(failed) == 1
        assert isinstance(failed[0], AlreadyTaken)
        assert failed[0].name == got[0].handler == town.now(request).handler
        assert {got[0].handler} < {"Amina", "Sam"}, "residents hear the first name"


def test_who_has_it_may_say_it_again_and_others_may_not_come_instead(town: Town) -> None:
    request = town.ask()
    assert town.do(records.take, request, town.amina, 10, NINE).minutes == 10
    assert town.do(records.take, request, town.amina, 0, NINE).minutes is None
    for act, given in (
        (records.take, (town.sam, 3, NINE)),
        (records.coming, (town.sam, NINE)),
        (records.hold, ("needs-colleague", at(10), town.sam, NINE)),
    ):
        with pytest.raises(AlreadyTaken):
            town.do(act, request, *given)
    with pytest.raises(ValueError):
        town.do(records.take, request, town.amina, 4, NINE)
    came = town.do(records.coming, request, town.amina, at(9.1))
    assert (came.state, came.coming_at) == ("coming", at(9.1).isoformat())
    assert came.answered_at == NINE.isoformat()


# Its way through the library --------------------------------------------------------------------------------


def test_it_is_taken_put_back_passed_on_held_and_done(town: Town) -> None:
    request = town.ask()
    town.do(records.take, request, town.amina, 3, at(9.1))
    back = town.do(records.put_back, request, town.sam, at(9.2))
    assert (back.state, back.handler, back.minutes, back.waiting_since) == (
        "waiting",
        "",
        None,
        at(9.2).isoformat(),
    )
    assert (back.created_at, back.answered_at) == (NINE.isoformat(), at(9.1).isoformat())
    passed = town.do(records.pass_to_person, request, town.sam, town.amina, at(9.3))
    assert (passed.state, passed.asked_of) == ("waiting", "Sam")
    held = town.do(records.hold, request, "getting-interpreter", at(10), town.sam, at(9.4))
    assert (held.state, held.hold_reason, held.held_until) == (
        "held",
        "getting-interpreter",
        at(10).isoformat(),
    )
    assert not held.is_unanswered(at(9.9))
    assert held.is_unanswered(at(10))
    assert town.do(records.take, request, town.amina, 0, at(10)).handler == "Amina", "the hold has run out"
    over = town.do(records.done, request, "helped", town.sam, at(10.5))
    assert (over.state, over.outcome, over.is_open, over.hold_reason) == ("done", "helped", False, "")
    assert steps(town, request) == ["asked", "taken", "put-back", "passed", "held", "taken", "done"]
    with town.store.read() as db:
        assert [row["name"] for row in records.steps(db, request.id)][:2] == ["", "Amina Okafor"]


def test_to_ask_a_colleague_is_no_answer(town: Town) -> None:
    request = town.ask()
    asked = town.do(records.pass_to_person, request, town.sam, town.amina, at(9.05))
    assert (asked.asked_of, asked.answered_at, asked.minutes) == ("Sam", "", None)
    assert asked.is_unanswered(at(9.05))
    assert asked.waiting_since == NINE.isoformat(), "it is as late as it was"
    taken = town.do(records.take, request, town.amina, 3, at(9.06))
    assert (taken.handler, taken.asked_of) == ("Amina", ""), "whoever is free may take it"
    again = town.do(records.pass_to_person, request, town.sam, town.amina, at(9.1))
    assert (again.waiting_since, again.minutes) == (at(9.1).isoformat(), None)
    with pytest.raises(ValueError):
        town.do(records.take, request, town.sam, 4, at(9.1))
    assert town.do(records.coming, request, town.sam, at(9.2)).handler == "Sam"


def test_who_took_it_and_did_not_come_does_not_have_it_for_ever(town: Town) -> None:
    request = town.ask()
    town.do(records.take, request, town.amina, 3, at(9))
    too_late = NINE + timedelta(minutes=3 + request.limit_minutes)
    assert not town.now(request).is_unanswered(too_late - timedelta(seconds=1))
    with pytest.raises(AlreadyTaken):
        town.do(records.take, request, town.sam, 3, too_late - timedelta(seconds=1))
    assert town.now(request).is_unanswered(too_late)
    again = town.do(records.take, request, town.sam, 0, too_late)
    assert (again.handler, again.taken_at) == ("Sam", too_late.isoformat())
    assert again.answered_at == NINE.isoformat(), "the first answer counts for the estimate"
    assert not again.is_unanswered(too_late + timedelta(minutes=request.limit_minutes - 1))
    town.do(records.coming, request, town.sam, too_late)
    assert not town.now(request).is_unanswered(at(12)), "she is there, however long that takes"


def test_a_call_that_staff_have_seen_does_not_wait_again(town: Town) -> None:
    ring = town.ask(way="ring", caller=SENAIT)
    town.do(records.take, ring, town.amina, 0, NINE)
    assert not town.now(ring).is_unanswered(at(20))


def test_another_branch_gets_it_and_the_number_stays(town: Town) -> None:
    request = town.ask()
    town.do(records.take, request, town.amina, 3, NINE)
    sent = town.do(
        records.pass_to_branch, request, town.north, town.amina,
        settings=Settings(help_limit_minutes=9), now=at(9.5),
    )  # fmt: skip
    assert (sent.branch_id, sent.from_branch_id, sent.number) == (town.north, town.central, 1)
    assert (sent.state, sent.handler, sent.limit_minutes) == ("waiting", "", 9)
    assert town.board() == []
    assert town.board(town.north) == [request.id]
    with pytest.raises(NotThere):
        town.do(records.pass_to_branch, request, "nowhere", town.amina, settings=Settings(), now=NINE)


def test_after_the_end_nothing_more_can_be_done(town: Town) -> None:
    request = town.ask()
    town.do(records.done, request, "could-not-help", town.amina, NINE)
    for act, given, more in (
        (records.add_wants, (["chair"],), {}),
        (records.add_name, (b"x",), {}),
        (records.keep_for_later, (), {}),
        (records.take, (town.amina, 3, NINE), {}),
        (records.coming, (town.amina, NINE), {}),
        (records.put_back, (town.amina, NINE), {}),
        (records.pass_to_person, (town.sam, town.amina, NINE), {}),
        (records.pass_to_branch, (town.north, town.amina), {"settings": Settings(), "now": NINE}),
        (records.hold, ("person-away", at(10), town.amina, NINE), {}),
        (records.done, ("helped", town.amina, NINE), {}),
    ):
        with pytest.raises(Closed):
            town.do(act, request, *given, **more)
    town.do(records.cancel, request, NINE)
    town.do(records.watched, request, at(12))
    assert town.now(request).outcome == "could-not-help"
    assert town.now(request).seen_at == NINE.isoformat()
    with pytest.raises(NotThere), town.store.write() as db:
        records.take(db, "nothing", town.amina, 3, NINE)


def test_what_is_no_code_is_refused(town: Town) -> None:
    request = town.ask()
    for act, given in (
        (records.done, ("gave-way", town.amina, NINE)),
        (records.hold, ("tea", at(10), town.amina, NINE)),
        (records.hold, ("person-away", NINE, town.amina, NINE)),
        (records.add_wants, (["chair", "tea"],)),
    ):
        with pytest.raises(ValueError):
            town.do(act, request, *given)
    assert town.now(request) == request


def test_she_says_more_by_touch_while_she_waits(town: Town) -> None:
    request = town.ask()
    town.do(records.add_wants, request, ["chair", "interpreter", "private"], "ar")
    more = town.now(request)
    assert (more.wants, more.interpreter) == (("private", "interpreter", "chair"), "ar")
    assert more.version > request.version
    town.do(records.add_wants, request, ["chair"], "ar")
    assert (town.now(request).wants, town.now(request).interpreter) == (("chair",), "")


def test_the_same_is_found_after_the_server_was_killed(town: Town) -> None:
    waits, taken, held = town.ask(), town.ask(), town.ask("unsafe")
    town.do(records.take, taken, town.amina, 3, NINE)
    town.do(records.hold, held, "needs-colleague", at(11), town.sam, NINE)
    before = [town.now(one) for one in (waits, taken, held)], town.board()
    again = Store(town.store.path)  # nobody has closed the other one
    try:
        with again.read() as db:
            after = [records.find(db, one.id) for one in (waits, taken, held)]
        town.store = again
        assert (after, town.board()) == before
    finally:
        again.close()


# Booked times -----------------------------------------------------------------------------------------------


def slot(town: Town, starts: datetime = ELEVEN, minutes: int = 30) -> slots.Slot:
    with town.store.write() as db:
        return slots.add(db, town.central, starts, minutes, NINE)


def free(town: Town, now: datetime = NINE) -> list[str]:
    with town.store.read() as db:
        return [each.id for each in slots.free(db, town.central, now)]


def test_one_time_is_given_to_one_person(town: Town) -> None:
    time = slot(town)
    asked = [town.asking(way="time", slot_id=time.id) for _ in range(8)]
    got, failed = all_at_once([lambda one=one: town.keep(one) for one in asked])  # type: ignore[misc]
    assert [type(error) for error in failed] == [SlotTaken] * 7
    assert (got[0].slot_starts, got[0].slot_ends) == (at(11).isoformat(), at(11.5).isoformat())
    assert count(town) == 1
    assert free(town) == []


def test_a_cancelled_time_is_free_again_and_one_that_was_kept_is_not(town: Town) -> None:
    time = slot(town)
    first = town.ask(way="time", slot_id=time.id)
    with pytest.raises(SlotTaken), town.store.write() as db:
        slots.remove(db, time.id)
    town.do(records.cancel, first, NINE)
    assert free(town) == [time.id]
    second = town.ask(way="time", slot_id=time.id)
    town.do(records.done, second, "helped", town.amina, at(10))
    assert free(town, at(10)) == []


def test_who_tells_staff_that_she_does_not_come_gives_her_time_back(town: Town) -> None:
    time = slot(town)
    request = town.ask(way="time", slot_id=time.id)
    town.do(records.take, request, town.amina, 0, NINE)
    town.do(records.cancel, request, at(9.5), town.amina)
    assert town.now(request).outcome == "by-person"
    assert free(town) == [time.id]
    with town.store.read() as db:
        assert [row["name"] for row in records.steps(db, request.id)] == ["", "Amina Okafor", "Amina Okafor"]


def test_one_screen_books_a_few_times_and_leaves_some_for_others(town: Town) -> None:
    times = [slot(town, at(11 + number)) for number in range(4)]
    tomorrow = slot(town, at(11, days=1))
    booked = [town.ask(way="time", slot_id=each.id) for each in times[:3]]
    with pytest.raises(TooMany):
        town.ask(way="time", slot_id=times[3].id)
    assert free(town) == [times[3].id, tomorrow.id]
    town.ask(way="time", slot_id=times[3].id, screen=town.shelf)
    town.ask(way="here")
    town.do(records.cancel, booked[0], NINE)
    again = town.ask(way="time", slot_id=times[0].id, key="again")
    assert town.ask(way="time", slot_id=times[0].id, key="again").id == again.id, "it was sent already"
    assert town.ask(way="time", slot_id=tomorrow.id, now=at(9, days=1)).is_open, "the next day"


def test_one_screen_leaves_a_few_messages_an_hour_and_who_is_there_can_always_ask(town: Town) -> None:
    ways = ("message", "ring", "message", "message", "ring")
    left = [town.ask(way=way, caller=SENAIT) for way in ways]
    for way in ("message", "ring"):
        with pytest.raises(TooMany):
            town.ask(way=way, caller=SENAIT, now=at(9.9))
    for topic, way in (("letter", "here"), ("letter", "desk"), ("unsafe", "here"), ("unsafe", "message")):
        assert town.ask(topic, way, now=at(9.9)).is_open
    town.ask(way="message", screen=town.shelf)
    town.do(records.take, left[0], town.amina, 0, at(9.9))
    assert town.ask(way="message", now=at(9.9)).is_open
    assert town.ask(way="message", now=at(10)).is_open, "an hour later"


def test_a_storm_of_different_people_at_one_screen_books_no_more_than_it_may(town: Town) -> None:
    times = [slot(town, at(11 + number)) for number in range(6)]
    asked = [town.asking(way="time", slot_id=each.id) for each in times]
    got, failed = all_at_once([lambda one=one: town.keep(one) for one in asked])  # type: ignore[misc]
    assert [type(error) for error in failed] == [TooMany] * 3
    assert len(got) == records.MOST_TIMES


def test_times_are_kept_free_by_staff_and_taken_back(town: Town) -> None:
    late, soon = slot(town, at(15)), slot(town, at(10))
    assert slot(town, at(10), 45) == soon, "there is one at that moment already"
    assert free(town) == [soon.id, late.id]
    assert free(town, at(10)) == [late.id], "it has begun"
    with town.store.write() as db:
        assert [each.id for each in slots.every(db, town.central, at(10.1))] == [soon.id, late.id]
        slots.remove(db, soon.id)
        for starts, minutes in ((at(12), 4), (at(12), 241), (NINE, 30)):
            with pytest.raises(ValueError):
                slots.add(db, town.central, starts, minutes, NINE)
        with pytest.raises(NotThere):
            slots.remove(db, soon.id)
    with pytest.raises(SlotTaken):
        town.ask(way="time", slot_id=soon.id)
    with pytest.raises(SlotTaken):
        town.ask(way="time", slot_id=late.id, branch=town.north)
    assert count(town) == 0


# What the file says -----------------------------------------------------------------------------------------


def test_who_asks_opens_for_the_desk_alone_and_in_its_own_row(town: Town) -> None:
    request = town.ask(way="ring", caller=SENAIT)
    other = town.ask(way="ring", caller=Caller(phone="+447700900123"))
    assert records.opened(request, town.desk_key) == SENAIT
    with pytest.raises(CannotOpen):
        records.opened(request, bytes(32))
    with town.store.write() as db:
        db.run(
            "UPDATE help_requests SET sealed_name = :name WHERE id = :id",
            name=request.sealed_name,
            id=other.id,
        )
    with pytest.raises(CannotOpen):
        records.opened(town.now(other), town.desk_key)


def test_a_name_said_later_goes_with_the_phone_said_before(town: Town) -> None:
    request = town.ask(way="message", caller=Caller(phone=SENAIT.phone))
    with town.store.write() as db:
        records.add_name(db, request.id, records.seal_name("Senait", request.id, accounts.readers(db)))
    assert records.opened(town.now(request), town.desk_key) == SENAIT
    assert records.opened(town.ask(), town.desk_key) == Caller()


def test_neither_a_name_nor_who_asked_lies_open(town: Town) -> None:
    request = town.ask(way="ring", asker="ZZASKER", caller=Caller("ZZCANARY", "+447700900982"))
    assert "ZZCANARY" not in repr(request)
    files = b"".join(path.read_bytes() for path in town.store.path.parent.iterdir() if path.is_file())
    for word in (b"ZZCANARY", b"7700900982", b"ZZASKER"):
        assert word not in files


def test_a_branch_keeps_its_own_day(town: Town) -> None:
    with town.store.write() as db:
        db.run("UPDATE branches SET time_zone = 'Pacific/Auckland' WHERE id = :id", id=town.north)
        assert branches.find(db, town.north).time_zone == "Pacific/Auckland"
    assert town.ask(branch=town.north, now=at(20)).day == "2026-03-10"
