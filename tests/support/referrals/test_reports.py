"""Reports: they help to see what works, and from none of their numbers can anybody be known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from itertools import product

import pytest
import time_machine

from kiosk import rounds
from kiosk.people import partners
from kiosk.support.referrals import desk_side, own_side, partner_side, reports
from kiosk.support.referrals.consents import LIBRARY, Choice
from kiosk.support.referrals.reports import FEWEST, Number, told
from tests.support.referrals.test_life import OUTBOX
from tests.support.town import House, Town


def published(cells: tuple[int, ...]) -> tuple[Number, ...]:
    """A sum and its parts, as a report tells them."""
    return (told(sum(cells), cells), *map(told, cells))


@pytest.mark.parametrize("parts", [1, 2, 3, 4, 5, 6])
def test_no_hidden_number_follows_from_those_that_are_told(parts: int) -> None:
    """For every table there are others that look the same, and have other numbers where it hides one."""
    most = {1: 29, 2: 29, 3: 14, 4: 9, 5: 9, 6: 4}[parts]  # to the end of a step
    tables: dict[tuple[Number, ...], list[set[int]]] = defaultdict(lambda: [set() for _part in range(parts)])
    for cells in product(range(most + 1), repeat=parts):
        for place, number in enumerate(cells):
            tables[published(cells)][place].add(number)
    for shown, possible in tables.items():
        for told_as, values in zip(shown[1:], possible, strict=True):
            assert told_as is not None or len(values) > 1, (shown, values)


def test_no_hidden_number_follows_from_branches_and_reasons_together() -> None:
    """Two branches and two reasons: each number, each row, each column, and all of them."""
    tables: dict[tuple[Number, ...], list[set[int]]] = defaultdict(lambda: [set() for _cell in range(4)])
    for a, b, c, d in product(range(10), repeat=4):
        shown = (
            told(a + b + c + d, (a + b, c + d), (a + c, b + d)), told(a + b, (a, b)), told(c + d, (c, d)),
            told(a + c, (a, c)), told(b + d, (b, d)), *map(told, (a, b, c, d)),
        )  # fmt: skip
        for place, number in enumerate((a, b, c, d)):
            tables[shown][place].add(number)
    for shown, possible in tables.items():
        for told_as, values in zip(shown[5:], possible, strict=True):
            assert told_as is not None or len(values) > 1, (shown, values)


def test_a_number_is_told_in_fives_and_is_never_too_high() -> None:
    assert [told(number) for number in (0, 1, 4, 5, 9, 10, 347)] == [None, None, None, 5, 5, 10, 345]
    assert told(20, [4, 4, 4, 4, 4]) == 15, "else each of them could be nothing but four"
    assert told(20, [20, 0]) == 20
    for cells in product(range(7), repeat=4):
        assert (told(sum(cells), cells) or 0) <= sum(cells)


def decline(town: Town, house: House, reasons: Iterable[str]) -> None:
    for reason in reasons:
        handover = town.handover(town.send(town.yes(house)), house)
        town.act(partner_side.decline, handover.id, house.member, reason)


def test_small_numbers_are_not_told(town: Town, advice: House, homes: House, school: House) -> None:
    since = town.at.now
    town.choose(referrals_an_hour=100)
    decline(town, advice, ["full"] * 6 + ["area"])
    town.send(town.yes(homes))
    with town.store.write() as db:
        partners.end(db, town.service_key, town.manager.person, school.partner.id)
    with town.store.read() as db:
        ours, theirs, library = reports.of_period(db, since, since + timedelta(days=1), town.branch)
        assert [each.sent for each in reports.of_period(db, since, since)] == [None, None, None]
        assert reports.of_period(db, since, since + timedelta(days=1), "another branch")[0].sent is None
    assert (ours.partner, ours.sent, ours.declined, ours.closed) == ("Citizens Advice", 5, 5, None)
    assert ours.reasons == {"full": 5}, "neither that nor how often there was another"
    assert (ours.answered_in_time, ours.hours) == (5, 0)
    assert (theirs.sent, theirs.hours, theirs.answered) == (None, None, None), "one looks like none"
    assert (library.partner, library.sent) == (town.at.settings.library_name, None)
    assert FEWEST == 5


def test_an_answer_in_time_stays_one_when_the_partner_has_to_answer_again(
    town: Town, advice: House, clock: time_machine.Traveller
) -> None:
    since = town.at.now
    for _time in range(5):
        handover = town.handover(town.send(town.yes(advice)), advice)
        town.act(partner_side.ask, handover.id, advice.member, "when")
    late = [town.handover(town.send(town.yes(advice)), advice) for _time in range(5)]
    clock.shift(timedelta(days=10))
    for handover in late:
        town.act(partner_side.ask, handover.id, advice.member, "when")
        town.act(own_side.answer, handover.id, "any time", "ar")
        town.act(partner_side.accept, handover.id, advice.member)
    with town.store.read() as db:
        ours, _library = reports.of_period(db, since, town.at.now)
    assert (ours.sent, ours.answered, ours.answered_in_time, ours.accepted) == (10, 10, 5, 5)


def test_no_partner_can_wipe_from_the_report_that_it_was_reminded_or_that_nobody_called(
    town: Town, advice: House, clock: time_machine.Traveller
) -> None:
    since = town.at.now
    town.choose(**OUTBOX)
    sent = [town.handover(town.send(town.yes(advice)), advice) for _time in range(5)]
    clock.shift(timedelta(days=7))
    rounds.go(town.app)
    for handover in sent:
        town.act(own_side.nobody_called, handover.id)
    clock.shift(timedelta(days=1))
    for handover in sent:
        town.act(own_side.nobody_called, handover.id)  # twice is one person still
        town.act(partner_side.ask, handover.id, advice.member, "when")
        town.act(own_side.answer, handover.id, "any time", "ar")
        assert not town.act(partner_side.contacted, handover.id, advice.member).nobody_called_at
    with town.store.read() as db:
        ours, _library = reports.of_period(db, since, town.at.now)
    assert (ours.sent, ours.reminded, ours.nobody_called, ours.contacted) == (5, 5, 5, 5)


@pytest.mark.parametrize("has_asked", [False, True])
def test_an_answer_counts_though_the_clock_ended_it_afterwards(
    town: Town, advice: House, clock: time_machine.Traveller, has_asked: bool
) -> None:
    since = town.at.now
    sent = [town.handover(town.send(town.yes(advice)), advice) for _time in range(5)]
    clock.shift(timedelta(hours=2))
    for handover in sent if has_asked else ():
        town.act(partner_side.ask, handover.id, advice.member, "when")
    clock.shift(timedelta(days=181))
    rounds.go(town.app)
    with town.store.read() as db:
        ours, _library = reports.of_period(db, since, town.at.now)
        hours = reports.reply_time(db, advice.partner.id)
    known = (ours.answered, ours.answered_in_time, ours.hours, hours)
    assert known == ((5, 5, 2, 2) if has_asked else (None, None, None, None))
    assert ours.reasons == {"time-over" if has_asked else "no-answer": 5}


def test_what_partners_refer_to_the_library_stands_in_the_report(town: Town, advice: House) -> None:
    since = town.at.now
    yes = Choice(LIBRARY, "", True, ("name",), "Library?", "1", "en", special=("money",), method="partner")
    for _time in range(5):
        told = town.sending(agreed_by="here", to_library=yes)
        receipt = town.act(partner_side.refer_in, advice.member, told, branch=town.branch)
        (handover,) = town.handovers(receipt)
        town.act(desk_side.answer, handover.id, town.manager.person, "accepted")
    with town.store.read() as db:
        partner, library = reports.of_period(db, since, since + timedelta(days=1))
    assert (partner.partner, partner.sent) == ("Citizens Advice", None)
    assert (library.partner_id, library.partner) == ("", town.at.settings.library_name)
    assert (library.sent, library.answered_in_time, library.accepted) == (5, 5, 5)


def test_where_there_are_no_partners_the_library_stands_in_no_report(town: Town) -> None:
    with town.store.read() as db:
        assert reports.of_period(db, town.at.now, town.at.now + timedelta(days=1)) == []
