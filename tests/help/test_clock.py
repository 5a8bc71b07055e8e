"""What the clock does for help: it tells others once, ends what nobody closed, leaves nothing of anybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine

from kiosk import rounds, settings
from kiosk.help import clock as help_clock
from kiosk.help import records, slots, talk
from kiosk.help.records import Caller, Request
from kiosk.outbox import records as outbox_records
from kiosk.outbox import words
from kiosk.store import Reading, Writing
from tests.help.conftest import NINE, Town, at

MINUTE = timedelta(minutes=1)
SENAIT = Caller("ZZCANARY", "+447700900982")


def run(town: Town, act: Callable[[Writing, datetime], int], now: datetime) -> int:
    with town.app.app_context(), town.store.write() as db:
        return act(db, now)


def messages(db: Reading) -> list[str]:
    return [row["subject_id"] for row in db.all("SELECT subject_id FROM outbox WHERE kind = 'help-late'")]


def with_email(town: Town) -> None:
    with town.store.write() as db:
        for name, value in (
            ("smtp_host", "mail.example.org"),
            ("smtp_from", "desk@example.org"),
            ("help_escalation_email", "duty@example.org"),
        ):
            settings.change(db, "library", "", name, value)


# Nobody answers ---------------------------------------------------------------------------------------------


def test_after_twice_the_limit_one_message_goes_and_no_second_one(town: Town) -> None:
    with_email(town)
    request, quick = town.ask(), town.ask()
    town.do(records.coming, quick, town.amina, NINE)
    for minutes in (5, 9.9, 10, 11, 30):
        run(town, help_clock.escalate, NINE + minutes * MINUTE)
        with town.store.read() as db:
            assert messages(db) == ([request.id] if minutes >= 10 else [])
    town.do(records.take, request, town.amina, 3, at(9.6))
    town.do(records.put_back, request, town.amina, at(9.6))
    run(town, help_clock.escalate, at(10))
    with town.store.read() as db:
        assert messages(db) == [request.id], "it was said once"
        assert [row["what"] for row in records.steps(db, request.id)].count("escalated") == 1


def test_the_message_says_where_and_since_when_and_nothing_of_her(town: Town) -> None:
    with_email(town)
    request = town.ask("unsafe", caller=SENAIT)
    run(town, help_clock.escalate, NINE + 10 * MINUTE)
    with town.store.write() as db:
        taken = outbox_records.take(db, NINE + 10 * MINUTE)
    assert taken is not None
    to, said = outbox_records.opened(taken, town.key)
    text = words.written(taken.kind, said, taken.language, "Demo Libraries").text
    assert to == "duty@example.org"
    assert text == (
        "A person waits for help, and nobody has answered: Central Library, By the door.\n"
        "Since: Monday, 9 March 2026, 09:00.\nPlease look at the board.\n\nDemo Libraries\n"
    )
    assert taken.id != request.id


def test_passed_to_another_branch_it_may_be_told_there_again(town: Town) -> None:
    with_email(town)
    request = town.ask()
    run(town, help_clock.escalate, at(9.5))
    town.do(records.pass_to_branch, request, town.north, town.amina,
            settings=settings.Settings(), now=at(9.5))  # fmt: skip
    run(town, help_clock.escalate, at(9.6))
    with town.store.read() as db:
        assert len(messages(db)) == 1
    run(town, help_clock.escalate, at(9.7))
    with town.store.read() as db:
        assert messages(db) == [request.id] * 2


def test_without_an_address_or_a_mail_server_the_boards_alone_show_it(town: Town) -> None:
    request = town.ask()
    run(town, help_clock.escalate, at(10))
    assert town.now(request).escalated_at == ""
    with town.store.read() as db:
        assert [row["what"] for row in records.steps(db, request.id)] == ["asked"], "nobody was told"
    town.is_seen(town.north, at(10))
    for minutes in (0, 0.5):
        run(town, help_clock.escalate, at(10) + minutes * MINUTE)
    assert town.now(request).escalated_at == at(10).isoformat()
    with town.store.read() as db:
        assert [row["what"] for row in records.steps(db, request.id)] == ["asked", "escalated"]
    with town.store.write() as db:
        settings.change(db, "library", "", "help_escalation_email", "duty@example.org")
    town.ask()
    run(town, help_clock.escalate, at(10))
    with town.store.read() as db:
        assert messages(db) == []


# What nobody closed -----------------------------------------------------------------------------------------


def test_who_waited_yesterday_waits_no_more_and_others_wait_on(town: Town) -> None:
    waited, unsafe, seen = town.ask(), town.ask("unsafe", "desk"), town.ask()
    town.do(records.take, seen, town.amina, 3, NINE)
    ring = town.ask(way="ring", caller=SENAIT)
    run(town, help_clock.lapse, at(23.99))
    assert all(town.now(one).is_open for one in (waited, unsafe, seen, ring))
    run(town, help_clock.lapse, at(24))
    for one in (waited, unsafe, seen):
        assert (town.now(one).state, town.now(one).outcome) == ("cancelled", "lapsed")
    assert town.now(ring).is_open
    run(town, help_clock.lapse, at(9, days=14) - MINUTE)
    assert town.now(ring).is_open
    run(town, help_clock.lapse, at(9, days=14))
    assert town.now(ring).outcome == "lapsed"


def test_a_booked_time_that_nobody_closed_ends_a_day_after_it(town: Town) -> None:
    with town.store.write() as db:
        slot = slots.add(db, town.central, at(11, days=3), 30, NINE)
    request = town.ask(way="time", slot_id=slot.id, caller=SENAIT)
    run(town, help_clock.lapse, at(11.49, days=4))
    assert town.now(request).is_open
    over = at(11.5, days=4)
    run(town, help_clock.lapse, over)
    assert town.now(request).outcome == "lapsed"
    assert run(town, help_clock.purge, over) == 1, "who it was goes a day after the time, not two"
    with town.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM help_slots") == 0


# The wiping -------------------------------------------------------------------------------------------------


def traces(town: Town, pieces: list[bytes]) -> list[bytes]:
    """Which of these still stand anywhere in the files of the library."""
    files = b"".join(path.read_bytes() for path in town.store.path.parent.iterdir() if path.is_file())
    return [piece for piece in pieces if piece in files]


def sealed(request: Request) -> list[bytes]:
    """Pieces of both sealed bodies: a page of the file may end in the middle of one."""
    bodies = [body for body in (request.sealed_name, request.sealed_phone) if body]
    return [body[at : at + 24] for body in bodies for at in range(0, len(body) - 24, 24)]


def test_a_day_after_the_end_nothing_is_left_of_who_it_was(town: Town, clock: time_machine.Traveller) -> None:
    request = town.ask("health", "ring", caller=SENAIT, asker="ZZASKER", key="ZZKEY")
    town.do(records.add_wants, request, ["hearing-aid", "interpreter"], "bsl")
    said = town.do(talk.say, request, "colleague", {"name": "ZZCOLLEAGUE"}, town.amina, NINE)
    town.do(talk.answer, request, said.id, "thanks", NINE)
    pieces = sealed(town.now(request))
    assert traces(town, pieces) == pieces, "the search finds what is there"
    town.do(records.done, request, "helped", town.amina, at(10))
    clock.move_to(at(10, days=1) - MINUTE)
    rounds.go(town.app)
    assert records.opened(town.now(request), town.desk_key) == SENAIT
    clock.move_to(at(10, days=1))
    assert rounds.go(town.app) >= 1
    words_of_hers = [b"ZZCANARY", b"7700900982", b"ZZASKER", b"ZZKEY", b"ZZCOLLEAGUE", b"hearing-aid", b"bsl"]
    assert traces(town, [*pieces, *words_of_hers]) == []
    left = town.now(request)
    assert records.opened(left, town.desk_key) == Caller()
    assert (left.wants, left.interpreter, left.topic, left.language, left.outcome) == (
        (), "", "health", "ti", "helped",
    )  # fmt: skip
    with town.store.read() as db:
        assert talk.of(db, request.id) == []
        assert [row["what"] for row in records.steps(db, request.id)] == ["asked", "taken", "done"]


def test_what_gave_way_or_was_cancelled_is_wiped_like_the_rest(town: Town) -> None:
    request = town.ask(way="message", caller=SENAIT)
    town.do(records.cancel, request, NINE)
    assert run(town, help_clock.purge, at(8.9, days=1)) == 0
    assert run(town, help_clock.purge, at(9, days=1)) == 1
    assert run(town, help_clock.purge, at(9, days=1)) == 0
    assert town.now(request).sealed_phone is None


@pytest.mark.parametrize("way", ["here", "ring"])
def test_an_open_request_is_not_wiped(town: Town, way: str) -> None:
    request = town.ask(way=way, caller=SENAIT)
    assert run(town, help_clock.purge, at(9, days=9)) == 0
    assert town.now(request) == request
