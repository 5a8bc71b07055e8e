"""The duty of the library: what a partner should do is never forgotten, whatever else happens with it."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from kiosk import audit, rounds
from kiosk.people import partners
from kiosk.store import Writing
from kiosk.support.referrals import consents, desk_side, own_side, partner_side, records
from kiosk.support.referrals.desk_side import Chase
from kiosk.support.referrals.records import Handover
from kiosk.support.referrals.steps import Moved
from tests.support.referrals.test_life import OUTBOX, given, messages, propose, steps
from tests.support.town import STORY, House, Town

NEWS: dict[str, Any] = {"message_way": "email", "message_to": "amina@example.org"}


def board(town: Town) -> list[Chase]:
    with town.store.read() as db:
        return desk_side.chase(db, [town.branch], town.at.now)


def again(town: Town, handover: Handover) -> Handover:
    with town.store.read() as db:
        return records.handover(db, handover.id)


def reminders(town: Town, handover: Handover) -> int:
    rounds.go(town.app)
    return [what for what, _why, _who in steps(town, handover)].count("reminded")


# -- what cannot be opened -----------------------------------------------------------------------------------


def spoil_contact(town: Town, referral_id: str) -> None:
    with town.store.write() as db:
        db.run("UPDATE referrals SET sealed_to = :junk WHERE id = :id", junk=os.urandom(300), id=referral_id)


def test_one_row_that_cannot_be_opened_keeps_nothing_from_being_wiped(
    town: Town, advice: House, homes: House, clock: time_machine.Traveller
) -> None:
    town.choose(**OUTBOX)
    spoilt, sound = town.send(town.yes(advice), **NEWS), town.send(town.yes(homes))
    spoil_contact(town, spoilt.id)
    clock.shift(timedelta(days=181))
    rounds.go(town.app)
    for sent, house in ((spoilt, advice), (sound, homes)):
        handover = town.handover(sent, house)
        assert (handover.state, handover.why, handover.sealed) == ("declined", "no-answer", None)


def test_a_partner_opens_and_accepts_though_news_cannot_reach_her(town: Town, advice: House) -> None:
    town.choose(**OUTBOX)
    sent = town.send(town.yes(advice), **NEWS)
    spoil_contact(town, sent.id)
    handover = town.handover(sent, advice)
    assert town.opened(handover.id, advice).handover.state == "seen"
    assert town.act(partner_side.accept, handover.id, advice.member).state == "accepted"
    with town.store.read() as db:
        assert records.referral(db, sent.id).sealed_to is None, "it is of no use to anybody"


def test_a_purge_that_fails_keeps_no_other_from_its_work(
    town: Town, advice: House, app: Flask, clock: time_machine.Traveller
) -> None:
    handover = town.handover(town.send(town.yes(advice)), advice)
    assert handover.sealed is not None

    def fails(_db: Writing, _now: Any) -> int:
        raise OSError("no more room")

    app.extensions["purges"].insert(0, (fails, True))
    clock.shift(timedelta(days=181))
    with pytest.raises(ExceptionGroup) as failed:
        rounds.go(app)
    assert [str(each) for each in failed.value.exceptions] == ["no more room"]
    assert again(town, handover).sealed is None
    assert handover.sealed not in town.files(), "the file was rebuilt, too"


# -- it is the partner's turn again --------------------------------------------------------------------------


def test_after_her_answer_the_partner_has_its_time_again_and_is_reminded(
    town: Town, advice: House, clock: time_machine.Traveller
) -> None:
    town.choose(**OUTBOX)
    handover = town.handover(town.send(town.yes(advice)), advice)
    town.opened(handover.id, advice)
    town.act(partner_side.ask, handover.id, advice.member, "when")
    clock.shift(timedelta(days=10))
    assert reminders(town, handover) == 0, "it waits for her"
    after = town.act(own_side.answer, handover.id, "any time", "ar")
    assert (after.state, after.waits) == ("seen", True)
    assert after.due_at > town.at.now.isoformat()
    clock.shift(timedelta(days=7))
    assert (reminders(town, handover), board(town)) == (1, [])
    clock.shift(timedelta(days=4))
    (chase,) = board(town)
    assert (chase.why, chase.since) == ("overdue", after.due_at)
    assert reminders(town, handover) == 1
    town.act(partner_side.accept, handover.id, advice.member)
    assert board(town) == []


def test_a_partner_that_was_late_and_asks_is_reminded_of_the_answer_as_well(
    town: Town, advice: House, clock: time_machine.Traveller
) -> None:
    town.choose(**OUTBOX)
    handover = town.handover(town.send(town.yes(advice)), advice)
    clock.shift(timedelta(days=7))
    assert reminders(town, handover) == 1
    town.act(partner_side.ask, handover.id, advice.member, "when")
    town.act(own_side.answer, handover.id, "any time", "ar")
    assert board(town) == []
    clock.shift(timedelta(days=7))
    assert reminders(town, handover) == 2


@pytest.mark.parametrize("ends", ["no", "dropped", "taken back"])
def test_when_nothing_comes_of_passing_on_the_partner_still_has_to_answer(
    town: Town, advice: House, homes: House, clock: time_machine.Traveller, ends: str
) -> None:
    town.choose(**OUTBOX)
    _sent, passing = propose(town, advice, homes)
    clock.shift(timedelta(days=10))
    if ends == "no":
        town.act(own_side.say_to_passing, passing.id, town.no(homes), given(town))
    elif ends == "dropped":
        town.act(partner_side.drop_passing, passing.id, advice.member)
    else:
        town.act(own_side.say_to_passing, passing.id, town.yes(homes), given(town))
        town.act(own_side.take_passing_back, passing.id)
    assert reminders(town, passing) == 0
    clock.shift(timedelta(days=7))
    assert reminders(town, passing) == 1
    clock.shift(timedelta(days=4))
    assert [each.why for each in board(town)] == ["overdue"]


def test_a_yes_to_passing_on_that_nobody_acts_on_comes_back_to_the_branch(
    town: Town, advice: House, homes: House, clock: time_machine.Traveller
) -> None:
    town.choose(**OUTBOX)
    _sent, passing = propose(town, advice, homes)
    assert not passing.waits
    clock.shift(timedelta(days=10))
    assert reminders(town, passing) == 0, "it waits for her"
    assert town.act(own_side.say_to_passing, passing.id, town.yes(homes), given(town)).waits
    clock.shift(timedelta(days=7))
    assert reminders(town, passing) == 1
    clock.shift(timedelta(days=4))
    assert len(board(town)) == 1
    town.act(desk_side.chased, passing.id, town.manager.person, "rang")
    assert board(town) == []
    clock.shift(timedelta(days=4))
    assert len(board(town)) == 1
    town.act(partner_side.complete_passing, passing.id, advice.member, town.key(advice.session))
    assert board(town) == []


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("new", "no-answer"),
        ("seen", "no-answer"),
        ("asking", "time-over"),
        ("passing", "time-over"),
        ("answered", "time-over"),
    ],
)
def test_what_was_never_taken_on_ends_when_it_is_wiped(
    town: Town, advice: House, homes: House, clock: time_machine.Traveller, state: str, why: str
) -> None:
    sent = town.send(town.yes(advice))
    handover = town.handover(sent, advice)
    if state != "new":
        town.opened(handover.id, advice)
    if state in ("asking", "answered"):
        town.act(partner_side.ask, handover.id, advice.member, "when")
    if state == "answered":
        town.act(own_side.answer, handover.id, "any time", "ar")
    if state == "passing":
        town.act(partner_side.propose_passing, handover.id, advice.member, homes.partner.id, homes.service_id)
    clock.shift(timedelta(days=181))
    rounds.go(town.app)
    after = again(town, handover)
    assert (after.state, after.why, after.sealed) == ("declined", why, None)
    with town.store.read() as db:
        assert records.referral(db, sent.id).over_at
    with pytest.raises(Moved):
        town.act(own_side.nobody_called, handover.id)


def test_a_question_is_over_when_her_story_is_wiped(
    town: Town, advice: House, clock: time_machine.Traveller
) -> None:
    town.choose(**OUTBOX)
    handover = town.handover(town.send(town.yes(advice), **NEWS), advice)
    town.act(partner_side.accept, handover.id, advice.member)
    clock.shift(timedelta(days=29))
    town.act(partner_side.ask, handover.id, advice.member, "when")
    with town.store.write() as db:
        db.run("DELETE FROM outbox")
    clock.shift(timedelta(days=2))
    rounds.go(town.app)
    after = again(town, handover)
    assert (after.state, after.why, after.sealed) == ("accepted", "", None)
    assert sorted(kind for kind, _to, _text in messages(town)) == ["news", "partner-new"]
    with pytest.raises(Moved):
        town.act(partner_side.ask, handover.id, advice.member, "when")
    assert town.act(own_side.nobody_called, handover.id).nobody_called_at
    assert [each.why for each in board(town)] == ["nobody-called"]
    rounds.go(town.app)
    assert again(town, handover).version == after.version + 1, "the clock does it once"


@pytest.mark.parametrize("agreed", [False, True])
def test_passing_on_is_over_when_her_story_is_wiped(
    town: Town, advice: House, homes: House, clock: time_machine.Traveller, agreed: bool
) -> None:
    handover = town.handover(town.send(town.yes(advice)), advice)
    town.act(partner_side.contacted, handover.id, advice.member)
    clock.shift(timedelta(days=29))
    passing = town.act(
        partner_side.propose_passing, handover.id, advice.member, homes.partner.id, homes.service_id
    )
    if agreed:
        passing = town.act(own_side.say_to_passing, handover.id, town.yes(homes), given(town))
    clock.shift(timedelta(days=2))
    rounds.go(town.app)
    after = again(town, handover)
    assert (after.state, after.sealed, after.waits) == ("contacted", None, False)
    with pytest.raises(Moved):
        town.act(own_side.say_to_passing, handover.id, town.yes(homes), given(town))
    if agreed:
        with town.store.read() as db:
            assert not consents.find(db, passing.passing_consent).holds


def test_she_is_not_asked_for_a_yes_to_what_can_not_be_passed_on_any_more(
    town: Town, advice: House, homes: House
) -> None:
    _sent, passing = propose(town, advice, homes)
    with town.store.write() as db:
        db.run("UPDATE referral_handovers SET sealed = NULL WHERE id = :id", id=passing.id)
    with pytest.raises(Moved):
        town.act(own_side.say_to_passing, passing.id, town.yes(homes), given(town))
    with town.store.read() as db:
        assert "passing-on" not in {each.purpose for each in consents.of_referral(db, passing.referral_id)}


# -- when no e-mail can be sent ------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["mail server", "address"])
def test_who_cannot_be_reminded_stands_on_the_board_at_once_and_is_not_called_reminded(
    town: Town, advice: House, clock: time_machine.Traveller, missing: str
) -> None:
    if missing == "address":
        town.choose(**OUTBOX)
        with town.store.write() as db:
            partners.change(
                db, town.service_key, town.manager.person, advice.partner.id, email="", who_reads="",
                kept_months=None, pick_up_days=None,
            )  # fmt: skip
    handover = town.handover(town.send(town.yes(advice)), advice)
    clock.shift(timedelta(days=7))
    for _round in range(2):
        assert reminders(town, handover) == 0
    assert [(each.why, each.since) for each in board(town)] == [("overdue", handover.due_at)]
    assert again(town, handover).version == handover.version + 1, "once"
    town.act(desk_side.chased, handover.id, town.manager.person, "rang")
    assert reminders(town, handover) == 0
    assert board(town) == []
    assert messages(town) == []


def test_that_staff_told_her_stands_in_the_log(town: Town, advice: House) -> None:
    sent = town.send(town.yes(advice), story={**STORY, "reach": [{"way": "library", "value": ""}]})
    handover = town.handover(sent, advice)
    town.act(partner_side.accept, handover.id, advice.member)
    town.act(desk_side.told_person, handover.id, town.manager.person)
    with town.store.read() as db:
        assert desk_side.to_tell(db, [town.branch]) == []
        (line,) = audit.entries(db, "manager", most=1)
    assert (line.action, line.subject_id) == ("person told of news", handover.id)


# -- nobody called -------------------------------------------------------------------------------------------


def test_that_nobody_called_stays_on_the_board_through_question_and_answer(
    town: Town, advice: House, clock: time_machine.Traveller
) -> None:
    handover = town.handover(town.send(town.yes(advice)), advice)
    town.act(partner_side.contacted, handover.id, advice.member)
    town.act(own_side.nobody_called, handover.id)
    town.act(partner_side.ask, handover.id, advice.member, "when")
    town.act(own_side.answer, handover.id, "x", "ar")
    (chase,) = board(town)
    assert (chase.why, again(town, handover).state) == ("nobody-called", "contacted")
    clock.shift(timedelta(days=31))
    rounds.go(town.app)
    assert again(town, handover).sealed is None
    assert [each.why for each in board(town)] == ["nobody-called"], "the words are wiped, the duty is not"
    town.act(partner_side.contacted, handover.id, advice.member)
    assert board(town) == []
    assert not again(town, handover).nobody_called_at


def test_said_on_another_day_it_counts_again(
    town: Town, advice: House, clock: time_machine.Traveller
) -> None:
    town.choose(**OUTBOX)
    handover = town.handover(town.send(town.yes(advice)), advice)
    town.act(partner_side.accept, handover.id, advice.member)
    town.act(own_side.nobody_called, handover.id)
    town.act(desk_side.chased, handover.id, town.manager.person, "rang")
    assert board(town) == []
    clock.shift(timedelta(hours=23))
    town.act(own_side.nobody_called, handover.id)
    assert board(town) == [], "twice in a day is once"
    with town.store.write() as db:
        db.run("DELETE FROM outbox")
    clock.shift(timedelta(hours=1))
    town.act(own_side.nobody_called, handover.id)
    assert [each.since for each in board(town)] == [town.at.now.isoformat()]
    assert [kind for kind, _to, _text in messages(town)] == ["partner-late"]
    assert [what for what, _why, _who in steps(town, handover)].count("nobody-called") == 2
