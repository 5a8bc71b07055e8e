"""What a person did not agree to can be read by nobody, by any key, in any file."""

from __future__ import annotations

import json
import os
from datetime import timedelta

import pytest
import time_machine

from kiosk import audit, rounds, sealing
from kiosk.people import accounts, partners
from kiosk.people.sessions import Session, WrongPassword
from kiosk.sealing import CannotOpen
from kiosk.store import NotThere
from kiosk.support.referrals import desk_side, keys, own_side, partner_side, records
from kiosk.support.referrals.consents import LIBRARY, Choice, Given
from kiosk.support.referrals.keys import NothingOpens
from kiosk.support.referrals.records import context
from kiosk.support.referrals.story import ITEMS, REQUIRED
from tests.support.town import MARKED, NEWS, OPTIONAL, STORY, House, Town

pytestmark = pytest.mark.patient

READ_ALONG = Choice(LIBRARY, "", True, (), "May staff read it?", "1", "ar")


@pytest.mark.parametrize("item", OPTIONAL)
def test_an_item_that_was_taken_out_reaches_this_partner_by_no_route(
    town: Town, advice: House, homes: House, item: str
) -> None:
    left = tuple(each for each in OPTIONAL if each != item)
    sent = town.send(town.yes(advice, *left), town.yes(homes))
    without, whole = town.handover(sent, advice), town.handover(sent, homes)
    assert set(town.opened(without.id, advice).story or {}) == {each.code for each in ITEMS} - {item}
    assert town.opened(whole.id, homes).story == STORY
    # the plain text that its key opens does not hold it, and no other key opens anything of it
    sealed, key = without.sealed, town.key(advice.session)
    assert sealed is not None
    plain = sealing.open_sealed(sealed, partners.team(advice.partner.id), key, context(without.id))
    assert item not in json.loads(plain)
    assert whole.sealed is not None
    for reader in (partners.team(advice.partner.id), partners.team(homes.partner.id), "recovery", "desk"):
        with pytest.raises(CannotOpen):
            sealing.open_sealed(whole.sealed, reader, key, context(whole.id))


@pytest.mark.parametrize("only", OPTIONAL)
def test_each_partner_gets_exactly_what_was_left_in(town: Town, advice: House, only: str) -> None:
    sent = town.send(town.yes(advice, only))
    handover = town.handover(sent, advice)
    assert set(town.opened(handover.id, advice).story or {}) == {*REQUIRED, only}
    assert set(handover.items) == {*REQUIRED, only}


def test_a_no_leaves_its_proof_and_nothing_else(
    town: Town, advice: House, homes: House, school: House
) -> None:
    sent = town.send(town.yes(advice), town.yes(homes), town.no(school))
    assert {each.partner_id for each in town.handovers(sent)} == {advice.partner.id, homes.partner.id}
    with town.store.read() as db:
        assert partner_side.inbox(db, school.partner.id, "new") == []
        rows = db.all("SELECT * FROM consents WHERE partner_id = :id", id=school.partner.id)
        assert partner_side.by_reference(db, sent.reference, school.partner.id) == []
    assert [(row["yes"], row["items"], row["special"]) for row in rows] == [(0, "[]", "[]")]
    for handover in town.handovers(sent):
        with pytest.raises(NotThere), town.store.write() as db:
            partner_side.opened(db, handover.id, school.member, town.key(school.session), town.at)


def test_neither_the_service_nor_the_desk_nor_another_partner_opens_anything(
    town: Town, advice: House, homes: House
) -> None:
    handover = town.handover(town.send(town.yes(advice)), advice)
    with town.store.read() as db:
        desk_key = accounts.open_desk_key(db, town.manager.person.id, town.manager.private_key)
        with pytest.raises(CannotOpen):
            partners.key(db, town.manager.person, town.manager.private_key)
    assert handover.sealed is not None
    for key in (desk_key, town.service_key, town.key(homes.session), town.manager.private_key):
        for reader in ("desk", "recovery", partners.team(advice.partner.id), partners.team(homes.partner.id)):
            with pytest.raises(CannotOpen):
                sealing.open_sealed(handover.sealed, reader, key, context(handover.id))
    with pytest.raises(NotThere), town.store.write() as db:
        desk_side.opened(db, handover.id, town.manager.person, desk_key, town.at)


def test_the_paper_opens_what_was_sent_when_every_key_is_lost(town: Town, advice: House) -> None:
    recovery = sealing.new_key_pair()
    with town.store.write() as db:
        db.run("UPDATE teams SET public_key = :key WHERE id = 'recovery'", key=recovery.public)
    handover = town.handover(town.send(town.yes(advice)), advice)
    assert handover.sealed is not None
    plain = sealing.open_sealed(handover.sealed, "recovery", recovery.private, context(handover.id))
    assert json.loads(plain) == STORY


def test_staff_read_along_only_with_her_yes_and_only_until_she_takes_it_back(
    town: Town, advice: House
) -> None:
    sent = town.send(town.yes(advice), READ_ALONG)
    handover = town.handover(sent, advice)
    with town.store.read() as db:
        desk_key = accounts.open_desk_key(db, town.manager.person.id, town.manager.private_key)
    with town.store.write() as db:
        assert desk_side.opened(db, handover.id, town.manager.person, desk_key, town.at).story == STORY
        own_side.add_reach(db, sent.id, [{"way": "library", "value": ""}], {}, town.at)
        own_side.shut_staff_out(db, sent.id, town.at)
    shut = town.handover(sent, advice)
    assert shut.sealed is not None
    with pytest.raises(NotThere), town.store.write() as db:
        desk_side.opened(db, handover.id, town.manager.person, desk_key, town.at)
    with pytest.raises(CannotOpen):
        sealing.open_sealed(shut.sealed, "desk", desk_key, context(shut.id))
    opened = town.opened(handover.id, advice)
    assert (opened.story, len(opened.notes)) == (STORY, 1)


def test_what_is_damaged_keeps_nobody_from_shutting_staff_out(
    town: Town, advice: House, homes: House
) -> None:
    sent = town.send(town.yes(advice), town.yes(homes), READ_ALONG)
    broken, whole = town.handover(sent, advice), town.handover(sent, homes)
    with town.store.write() as db:
        db.run("UPDATE referral_handovers SET sealed = :bytes WHERE id = :id", bytes=b"ZZ", id=broken.id)
        own_side.shut_staff_out(db, sent.id, town.at)
        desk_key = accounts.open_desk_key(db, town.manager.person.id, town.manager.private_key)
    for each in (broken, whole):
        with pytest.raises(NotThere), town.store.write() as db:
            desk_side.opened(db, each.id, town.manager.person, desk_key, town.at)
    assert town.opened(whole.id, homes).story == STORY


def test_rows_that_were_swapped_open_for_nobody(town: Town, advice: House, homes: House) -> None:
    first = town.handover(town.send(town.yes(advice)), advice)
    second = town.handover(town.send(town.yes(advice)), advice)
    with town.store.write() as db:
        for one, other in ((first, second), (second, first)):
            db.run(
                "UPDATE referral_handovers SET sealed = :sealed WHERE id = :id",
                sealed=other.sealed,
                id=one.id,
            )
    for each in (first, second):
        with pytest.raises(CannotOpen):
            town.opened(each.id, advice)
    assert first.sealed is not None
    with town.store.write() as db:
        broken = first.sealed[:-1] + bytes([first.sealed[-1] ^ 1])
        db.run("UPDATE referral_handovers SET sealed = :sealed WHERE id = :id", sealed=broken, id=first.id)
    with pytest.raises(CannotOpen):
        town.opened(first.id, advice)


def test_every_opening_stands_in_the_log_or_does_not_happen(town: Town, advice: House) -> None:
    handover = town.handover(town.send(town.yes(advice)), advice)
    for _time in range(2):
        town.opened(handover.id, advice)
    with town.store.read() as db:
        lines = [each for each in audit.entries(db, "ada") if each.action == "referral opened"]
    assert [(each.role, each.subject_id) for each in lines] == [("partner", handover.id)] * 2
    with town.store.write() as db:
        db.run(
            "CREATE TRIGGER fault BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'the log is full'); END"
        )
    with pytest.raises(Exception, match="the log is full"):
        town.opened(handover.id, advice)


# -- in the files -------------------------------------------------------------------------------------------


def test_nothing_of_a_story_stands_in_any_file(town: Town, advice: House, homes: House) -> None:
    town.choose(smtp_host="mail.example.org", smtp_from="desk@example.org")
    sent = town.send(
        town.yes(advice), town.no(homes), message_way="email", message_to="zzmarkedbox@example.org"
    )
    with town.store.write() as db:
        own_side.add_reach(db, sent.id, [{"way": "phone", "value": "+447700900983"}], {}, town.at)
    found = town.files()
    for marked in (*MARKED, b"zzmarkedbox", b"7700900983"):
        assert marked not in found
    handover = town.handover(sent, advice)
    assert handover.sealed is not None
    assert handover.sealed in found, "the search would find it if it were there"


def test_after_its_time_neither_words_nor_the_sealed_bytes_are_on_the_disk(
    town: Town, advice: House, homes: House, clock: time_machine.Traveller
) -> None:
    sent = town.send(town.yes(advice), town.yes(homes))
    with town.store.write() as db:
        own_side.add_reach(db, sent.id, [{"way": "phone", "value": "+447700900983"}], {}, town.at)
        notes = [row["sealed"] for row in db.all("SELECT sealed FROM referral_notes")]
        partner_side.accept(db, town.handover(sent, advice).id, advice.member, town.at)
    blobs = [each.sealed or b"-" for each in town.handovers(sent)] + notes
    assert all(blob in town.files() for blob in blobs)
    clock.shift(timedelta(days=30, seconds=1))
    rounds.go(town.app)
    found, left = town.files(), town.handover(sent, homes).sealed
    assert left is not None
    assert left in found, "the partner that has not answered still has its copy"
    accepted = town.handover(sent, advice)
    assert (accepted.sealed, accepted.state) == (None, "accepted")
    gone = [blob for blob in blobs if blob not in found]
    assert len(gone) == 2, "its copy and its note"
    clock.shift(timedelta(days=150))
    rounds.go(town.app)
    found = town.files()
    assert not any(blob in found for blob in blobs)
    assert all(_middle(blob) not in found for blob in blobs)
    ended = town.handover(sent, homes)
    assert (ended.state, ended.why, ended.sealed) == ("declined", "no-answer", None)
    assert town.opened(ended.id, homes).story is None
    assert town.opened(ended.id, homes).consent.yes, "the proof of her yes is kept"


def test_what_is_taken_back_is_wiped_at_once_and_gone_from_the_disk_within_a_minute(
    town: Town, advice: House, homes: House
) -> None:
    sent = town.send(town.yes(advice), town.yes(homes))
    before, other = town.handover(sent, advice), town.handover(sent, homes)
    town.act(own_side.withdraw, before.id)
    assert (town.handover(sent, advice).sealed, town.handover(sent, advice).state) == (None, "withdrawn")
    opened = town.opened(before.id, advice)
    assert (opened.story, opened.notes) == (None, [])
    assert opened.consent.withdrawn_at
    rounds.go(town.app)
    assert before.sealed is not None
    assert other.sealed is not None
    found = town.files()
    assert before.sealed not in found
    assert _middle(before.sealed) not in found
    assert other.sealed in found
    assert town.opened(other.id, homes).story == STORY
    town.act(own_side.withdraw, before.id)
    assert town.handover(sent, advice).state == "withdrawn", "a second time nothing happens"


@pytest.mark.parametrize("new", ["", "new@example.org"])
def test_where_news_went_is_gone_from_the_disk_within_a_minute_after_she_ends_it(
    town: Town, advice: House, new: str
) -> None:
    town.choose(smtp_host="mail.example.org", smtp_from="desk@example.org")
    sent = town.send(town.yes(advice), message_way="email", message_to="amina@example.org")
    town.act(partner_side.accept, town.handover(sent, advice).id, advice.member)
    with town.store.read() as db:
        blobs = [
            db.value("SELECT sealed_to FROM referrals WHERE id = :id", id=sent.id),
            db.value("SELECT sealed FROM outbox WHERE kind = 'news'"),
        ]
    rounds.go(town.app)
    assert all(blob in town.files() for blob in blobs)
    if new:
        here = Given(town.branch, town.kiosk, town.at.now)
        town.act(own_side.set_news, sent.id, "email", new, said=NEWS, given=here)
    else:
        town.act(own_side.set_news, sent.id, "", "")
    rounds.go(town.app)
    found = town.files()
    assert not any(blob in found or _middle(blob) in found for blob in blobs)


def test_a_proof_is_kept_for_two_years_and_then_nothing_is_left(
    town: Town, advice: House, clock: time_machine.Traveller
) -> None:
    sent = town.send(town.yes(advice))
    clock.shift(timedelta(days=181))
    rounds.go(town.app)
    clock.shift(timedelta(days=700))
    rounds.go(town.app)
    with town.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM consents WHERE referral_id = :id", id=sent.id) == 1
    clock.shift(timedelta(days=40))
    rounds.go(town.app)
    with town.store.read() as db:
        for table in ("referrals", "consents", "referral_handovers", "referral_steps"):
            assert db.value(f"SELECT COUNT(*) FROM {table}") == 0
    assert sent.reference.encode() not in town.files()


def _middle(blob: bytes) -> bytes:
    """A part of a blob, for when its page was cut in two."""
    return blob[len(blob) // 2 : len(blob) // 2 + 64]


# -- keys ---------------------------------------------------------------------------------------------------


def test_a_new_key_opens_all_that_was_sent_and_the_old_one_nothing_any_more(
    town: Town, advice: House, homes: House
) -> None:
    sent = [town.send(town.yes(advice), READ_ALONG) for _number in range(3)]
    town.act(own_side.add_reach, sent[0].id, [{"way": "come", "value": ""}], {})
    untouched = town.handover(town.send(town.yes(homes)), homes)
    old = town.key(advice.session)
    assert keys.rotate(town.store, town.service_key, advice.partner.id, advice.member, old) == (4, 0)
    new = town.key(advice.session)
    assert new != old
    for each in [*sent, town.send(town.yes(advice))]:
        handover = town.handover(each, advice)
        assert town.opened(handover.id, advice).story == STORY
        assert handover.sealed is not None
        with pytest.raises(CannotOpen):
            sealing.open_sealed(handover.sealed, partners.team(advice.partner.id), old, context(handover.id))
    assert len(town.opened(town.handover(sent[0], advice).id, advice).notes) == 1
    assert town.opened(untouched.id, homes).story == STORY
    with town.store.write() as db:
        desk_key = accounts.open_desk_key(db, town.manager.person.id, town.manager.private_key)
        read = desk_side.opened(db, town.handover(sent[0], advice).id, town.manager.person, desk_key, town.at)
    assert read.story == STORY, "staff whom she let read still can"


def test_who_left_opens_nothing_with_the_key_she_took_along(town: Town, advice: House) -> None:
    with town.store.read() as db:
        key = partners.key(db, advice.member, advice.session.private_key)
    _person, password = partners.add_member(
        town.store, town.service_key, advice.member, key, username="dot", name="Dot"
    )
    dot = town.first_sign_in("dot", password)
    taken = town.key(dot)
    before = town.handover(town.send(town.yes(advice)), advice)
    keys.end_member(town.store, town.service_key, advice.member, key, dot.person.id)
    later = town.handover(town.send(town.yes(advice)), advice)
    for each in (town.handover(town.send(town.yes(advice)), advice), later):
        assert each.sealed is not None
        with pytest.raises(CannotOpen):
            sealing.open_sealed(each.sealed, partners.team(advice.partner.id), taken, context(each.id))
    assert before.sealed is not None
    assert before.sealed not in town.files(), "not even the envelope that her key opened"
    assert town.opened(before.id, advice).story == STORY
    with pytest.raises(CannotOpen):
        town.key(dot)


def dot(town: Town, advice: House) -> Session:
    """A colleague of hers."""
    _person, password = partners.add_member(
        town.store, town.service_key, advice.member, town.key(advice.session), username="dot", name="Dot"
    )
    return town.first_sign_in("dot", password)


def damage(town: Town, handover_id: str) -> bytes:
    junk = os.urandom(600)
    with town.store.write() as db:
        db.run("UPDATE referral_handovers SET sealed = :junk WHERE id = :id", junk=junk, id=handover_id)
    return junk


def test_a_damaged_envelope_keeps_no_key_from_being_changed(town: Town, advice: House) -> None:
    sound, broken = (town.handover(town.send(town.yes(advice)), advice) for _number in range(2))
    junk = damage(town, broken.id)
    old = town.key(advice.session)
    assert keys.rotate(town.store, town.service_key, advice.partner.id, advice.member, old) == (1, 1)
    assert town.opened(sound.id, advice).story == STORY
    with town.store.read() as db:
        assert records.handover(db, broken.id).sealed == junk, "it stays as it is"
        (line,) = (each for each in audit.entries(db, "ada") if each.action == "partner key changed")
    assert line.reason == "1 damaged"


def test_who_must_go_goes_though_nothing_can_be_opened(town: Town, advice: House) -> None:
    leaver = dot(town, advice)
    handover = town.handover(town.send(town.yes(advice)), advice)
    damage(town, handover.id)
    key = town.key(advice.session)
    assert keys.end_member(town.store, town.service_key, advice.member, key, leaver.person.id) == (0, 1)
    with pytest.raises(WrongPassword):
        town.sign_in("dot")
    with town.store.read() as db:
        assert partners.find(db, advice.partner.id).key_due, "the key is still to be changed"
    with pytest.raises(NothingOpens):
        keys.rotate(town.store, town.service_key, advice.partner.id, advice.member, key)
    assert town.key(advice.session) == key
    town.act(own_side.withdraw, handover.id)
    assert keys.rotate(town.store, town.service_key, advice.partner.id, advice.member, key) == (0, 0)


def test_a_key_is_changed_by_who_is_still_a_member_and_has_the_one_of_now(
    town: Town, advice: House, homes: House
) -> None:
    leaver, key = dot(town, advice), town.key(advice.session)
    partners.end_member(town.store, town.service_key, town.manager.person, leaver.person.id)
    with pytest.raises(NotThere):
        keys.rotate(town.store, town.service_key, advice.partner.id, leaver.person, key)
    with pytest.raises(NotThere):
        keys.end_member(town.store, town.service_key, leaver.person, key, advice.member.id)
    with pytest.raises(CannotOpen):
        keys.rotate(town.store, town.service_key, advice.partner.id, advice.member, town.key(homes.session))
    assert town.key(advice.session) == key
