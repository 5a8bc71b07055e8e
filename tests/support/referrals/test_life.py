"""From telling once to the end: what the person, the partner, the clock and the staff do, who hears of it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from kiosk import audit, branches, references, rounds
from kiosk.branches.records import close_for_holidays
from kiosk.outbox import records as outbox_records
from kiosk.outbox import words
from kiosk.people import partners
from kiosk.store import NotThere
from kiosk.support.directory import records as directory
from kiosk.support.referrals import (
    changes,
    consents,
    desk_side,
    own_side,
    partner_side,
    records,
    reports,
    sending,
)
from kiosk.support.referrals.consents import LIBRARY, Choice, Given
from kiosk.support.referrals.partner_side import TABS
from kiosk.support.referrals.records import Handover, MustWait
from kiosk.support.referrals.sending import NoExpressYes, NotTaking, TooMany
from kiosk.support.referrals.steps import FROM, OPEN, OUTCOMES, OVER, QUESTIONS, REASONS, STATES, Moved
from kiosk.support.referrals.story import NotAStory
from tests.support.town import NEWS, STORY, House, Town

pytestmark = pytest.mark.patient

OUTBOX = {"smtp_host": "mail.example.org", "smtp_from": "desk@example.org"}


def messages(town: Town) -> list[tuple[str, str, str]]:
    """Every message that waits: its kind, to whom, and what it says."""
    found = []
    with town.store.read() as db:
        rows = db.all("SELECT * FROM outbox WHERE state = 'waiting' ORDER BY created_at, kind")
    for row in rows:
        taken = outbox_records._taken(row)
        to, said = outbox_records.opened(taken, town.service_key)
        found.append((row["kind"], to, words.written(row["kind"], said, row["language"], "Library").text))
    return found


def steps(town: Town, handover: Handover) -> list[tuple[str, str, str]]:
    with town.store.read() as db:
        return [(each.what, each.why, each.who) for each in partner_side.steps_of(db, handover.id)]


# -- telling ------------------------------------------------------------------------------------------------


def test_a_double_tap_sends_once_and_shows_the_same_receipt(town: Town, advice: House) -> None:
    once = town.sending(town.yes(advice))
    receipts: list[Any] = []
    taps = [threading.Thread(target=lambda: receipts.append(town.send_this(once))) for _tap in range(6)]
    for tap in taps:
        tap.start()
    for tap in taps:
        tap.join()
    assert len(set(receipts)) == 1
    with town.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM referrals") == 1
        assert db.value("SELECT COUNT(*) FROM referral_handovers") == 1
        assert sending.already_sent(db, once.one_time_key, town.service_key) == receipts[0]
        assert sending.already_sent(db, "never", town.service_key) is None


def test_a_consent_says_what_was_read_how_and_where(town: Town, advice: House, homes: House) -> None:
    sent = town.send(
        town.yes(advice, "name", "own-words"), town.no(homes), filled_by="staff", agreed_by="here",
        witness="manager",
    )  # fmt: skip
    with town.store.read() as db:
        yes, no = sorted(consents.of_referral(db, sent.id), key=lambda each: not each.yes)
    assert yes.recipient == "Citizens Advice"
    assert yes.items == ("about", "own-words", "name", "reach", "safety")
    assert yes.special == ("money",), "of what she said yes to, that which is sent"
    assert yes.controller == no.controller == town.at.settings.library_name
    assert yes.wording_hash == consents.hash_of("May Citizens Advice read it?")
    assert (yes.language, yes.version, yes.method) == ("ar", "1", "touch")
    assert (yes.filled_by, yes.agreed_by, yes.witness) == ("staff", "here", "manager")
    assert (yes.branch_id, yes.kiosk_id, yes.at) == (town.branch, town.kiosk, town.at.now.isoformat())
    assert yes.holds
    assert (no.recipient, no.yes, no.items, no.special, no.holds) == ("Homes for All", False, (), (), False)


def test_a_special_topic_is_not_sent_without_a_yes_of_its_own(town: Town, advice: House) -> None:
    with pytest.raises(NoExpressYes) as missing:
        town.send(replace(town.yes(advice), special=()))
    assert missing.value.needs == ("money",)
    # a partner that hears only of her other need is sent nothing special
    sent = town.send(replace(town.yes(advice), special=(), needs=("housing",)))
    assert (town.opened(town.handover(sent, advice).id, advice).story or {})["about"] == ["housing"]
    with pytest.raises(NotAStory):
        town.send(replace(town.yes(advice), needs=("learning",)))
    with town.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM referrals") == 1


@pytest.mark.parametrize(
    "story",
    [
        {},
        {**STORY, "about": []},
        {**STORY, "about": ["nothing-known"]},
        {**STORY, "religion": "none"},
        {**STORY, "own-words": {"text": "x" * 501, "language": "ar"}},
        {**STORY, "own-words": {"text": "x", "language": "xx"}},
        {**STORY, "reach": None},
        {**STORY, "reach": [{"way": "phone"}]},
        {**STORY, "reach": [{"way": "pigeon", "value": "1"}]},
        {**STORY, "safety": None},
        {**STORY, "safety": {"voicemail": "perhaps"}},
        {**STORY, "helper": {"name": "Sam"}},
        {**STORY, "interpreter": "xx"},
        {**STORY, "name": ["x"]},
        {**STORY, "urgent": "yesterday"},
    ],
)
def test_what_is_no_story_is_not_sent(town: Town, advice: House, story: dict[str, Any]) -> None:
    with pytest.raises(NotAStory):
        town.send(town.yes(advice), story=story)


def test_the_least_that_can_be_told_is_what_it_is_about(town: Town, advice: House) -> None:
    sent = town.send(town.yes(advice), story={"about": ["money"], "reach": [], "safety": {}})
    opened = town.opened(town.handover(sent, advice).id, advice)
    assert opened.story == {"about": ["money"], "reach": [], "safety": {}}


def test_choices_that_make_no_sense_are_not_sent(town: Town, advice: House, homes: House) -> None:
    cases: list[tuple[tuple[Choice, ...], dict[str, Any]]] = [
        ((town.yes(advice), town.yes(advice)), {}),
        ((), {}),
        ((Choice(LIBRARY, "", True, (), "Staff?", "1", "ar"),), {}),
        ((replace(town.yes(advice), service_id=homes.service_id),), {}),
        ((replace(town.yes(advice), wording=""),), {}),
        ((replace(town.yes(advice), method="telepathy"),), {}),
        ((town.yes(advice),), {"message_way": "email"}),
        ((town.yes(advice),), {"message_way": "email", "message_to": "a@example.org", "news": None}),
        ((town.yes(advice),), {"news": NEWS}),
        ((town.yes(advice),), {"message_way": "pigeon", "message_to": "roof"}),
    ]
    for choices, changed in cases:
        with pytest.raises(ValueError, match=r"."):
            town.send(*choices, **changed)
    with town.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM referrals") == 0


def test_a_screen_lets_so_many_tell_in_an_hour_but_staff_and_partners_always(
    town: Town, advice: House, clock: time_machine.Traveller
) -> None:
    few = replace(town.at.settings, referrals_an_hour=2)
    first = town.sending(town.yes(advice))
    receipt = town.send_this(first, settings=few)
    town.send_this(town.sending(town.yes(advice)), settings=few)
    with pytest.raises(TooMany):
        town.send_this(town.sending(town.yes(advice)), settings=few)
    assert town.send_this(first, settings=few) == receipt, "who was let through may ask again"
    assert town.send_this(town.sending(town.yes(advice), witness="manager"), settings=few)
    clock.shift(timedelta(hours=1, seconds=1))
    assert town.send_this(town.sending(town.yes(advice)), settings=few)


def test_whoever_said_no_to_all_has_a_code_and_hears_no_more(town: Town, advice: House) -> None:
    sent = town.send(town.no(advice), message_way="email", message_to="amina@example.org")
    with town.store.read() as db:
        found = records.referral(db, sent.id)
    assert (found.sealed_to, bool(found.over_at)) == (None, True)
    assert town.handovers(sent) == []


@pytest.mark.parametrize("state", ["paused", "full"])
def test_nothing_is_sent_to_a_service_that_takes_nobody_now(town: Town, advice: House, state: str) -> None:
    with town.store.write() as db:
        directory.set_capacity(db, advice.service_id, state, None)
    with pytest.raises(NotTaking):
        town.send(town.yes(advice))
    assert town.send(town.no(advice)), "a no needs nobody to take it"


# -- finding it again ---------------------------------------------------------------------------------------


def look(town: Town, reference: str, pin: str, kiosk: str = "") -> records.Referral | None:
    with town.store.write() as db:
        return records.by_code(
            db, reference, pin, kiosk_id=kiosk or town.kiosk, service_key=town.service_key, now=town.at.now
        )


def wrong(pin: str) -> str:
    return f"{(int(pin) + 1) % 10_000:04d}"


def test_wrong_pins_make_this_code_wait_and_nobody_else(
    town: Town, advice: House, clock: time_machine.Traveller
) -> None:
    sent, other = town.send(town.yes(advice)), town.send(town.yes(advice))
    for _guess in range(records.WRONG_OF_A_CODE):
        assert look(town, sent.reference, wrong(sent.pin)) is None
    with pytest.raises(MustWait):
        look(town, sent.reference, sent.pin)
    found = look(town, other.reference, other.pin)
    assert found is not None
    assert found.id == other.id, "another person at the same screen"
    assert look(town, sent.reference, sent.pin, "another screen") is not None
    clock.shift(timedelta(minutes=15, seconds=1))
    assert look(town, sent.reference, sent.pin) is not None


def test_many_guesses_at_unknown_codes_lock_nobody_out(town: Town, advice: House) -> None:
    sent = town.send(town.yes(advice))
    for number in range(100):
        assert look(town, f"00000000{number:02d}", "1234") is None
    assert look(town, sent.reference, sent.pin) is not None


def test_a_code_cannot_be_guessed_from_screen_to_screen(
    town: Town, advice: House, clock: time_machine.Traveller
) -> None:
    sent = town.send(town.yes(advice))
    for number in range(records.WRONG_IN_A_DAY):
        assert look(town, sent.reference, wrong(sent.pin)) is None
        if number % records.WRONG_OF_A_CODE == records.WRONG_OF_A_CODE - 1:
            clock.shift(records.WINDOW + timedelta(seconds=1))
    with pytest.raises(MustWait) as wait:
        look(town, sent.reference, sent.pin)
    assert wait.value.minutes > 60
    with town.store.write() as db:
        assert records.forget_tries(db, town.at.now) == 0
    clock.shift(timedelta(days=1))
    assert look(town, sent.reference, sent.pin) is not None


def test_who_knows_her_code_cannot_shut_her_out(town: Town, advice: House) -> None:
    sent, other = town.send(town.yes(advice)), town.send(town.yes(advice))
    for screen in range(20):
        for _guess in range(records.WRONG_OF_A_CODE):
            assert look(town, sent.reference, wrong(sent.pin), f"screen {screen}") is None
    assert look(town, sent.reference, sent.pin) is not None, "at a screen where nobody has guessed"
    with pytest.raises(MustWait):
        look(town, sent.reference, sent.pin, "screen 1")
    assert look(town, other.reference, wrong(other.pin), "screen 1") is None
    with town.store.write() as db:
        again = records.new_pin(db, sent.id, town.service_key)
        assert db.value("SELECT COUNT(*) FROM referral_tries") == 1, "tries with the code of another stay"
    pin = records.pin(again, town.service_key)
    assert pin != sent.pin
    assert look(town, sent.reference, pin, "screen 1") is not None
    assert look(town, sent.reference, sent.pin) is None
    with pytest.raises(NotThere), town.store.write() as db:
        records.new_pin(db, "nobody", town.service_key)


# -- the partner answers ------------------------------------------------------------------------------------


def test_the_whole_way_from_new_to_closed(town: Town, advice: House, clock: time_machine.Traveller) -> None:
    town.choose(**OUTBOX)
    sent = town.send(town.yes(advice), message_way="email", message_to="amina@example.org")
    handover = town.handover(sent, advice)
    assert (handover.state, handover.reference) == ("new", sent.reference)
    assert town.opened(handover.id, advice).handover.state == "seen"
    clock.shift(timedelta(hours=2))
    for act, state in (
        (partner_side.accept, "accepted"),
        (partner_side.contacted, "contacted"),
        (partner_side.close, "closed"),
    ):
        more = ["helped"] if state == "closed" else []
        after = town.act(act, handover.id, advice.member, *more)
        assert (after.state, after.handler) == (state, "ada")
    after = town.handover(sent, advice)
    assert after.why == "helped"
    assert after.accepted_at == after.contacted_at == after.over_at == town.at.now.isoformat()
    assert [what for what, _why, _who in steps(town, handover)] == [
        "new", "seen", "accepted", "contacted", "closed",
    ]  # fmt: skip
    with town.store.read() as db:
        assert records.referral(db, sent.id).sealed_to is None, "nothing more is said to her"
        counts = {tab: partner_side.count(db, advice.partner.id, tab) for tab in TABS}
        assert counts == {"new": 0, "doing": 0, "over": 1}
        assert partner_side.inbox(db, advice.partner.id, "over") == [after]
        assert partner_side.latest_change(db, advice.partner.id) == after.version
        day = datetime(2026, 3, 9, tzinfo=UTC)
        assert partner_side.of_period(db, advice.partner.id, day, day + timedelta(days=1)) == [after]
        assert partner_side.of_period(db, advice.partner.id, day - timedelta(days=1), day) == []
        assert partner_side.by_reference(db, sent.reference, advice.partner.id) == [after]


def test_two_colleagues_at_once_do_it_once(town: Town, advice: House) -> None:
    _dot, password = partners.add_member(
        town.store, town.service_key, advice.member, town.key(advice.session), username="dot", name="Dot"
    )
    dot = town.first_sign_in("dot", password).person
    handover = town.handover(town.send(town.yes(advice)), advice)
    done: list[str] = []

    def touch(member: Any) -> None:
        try:
            town.act(partner_side.accept, handover.id, member)
        except Moved as moved:
            done.append(f"late: {moved.state}")
        else:
            done.append("accepted")

    both = [threading.Thread(target=touch, args=(member,)) for member in (advice.member, dot)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(done) == ["accepted", "late: accepted"]
    assert [what for what, _why, _who in steps(town, handover)].count("accepted") == 1


def test_a_partner_touches_only_what_is_its_own(town: Town, advice: House, homes: House) -> None:
    handover = town.handover(town.send(town.yes(advice)), advice)
    for act, more in (
        (partner_side.accept, ()),
        (partner_side.ask, ("when",)),
        (partner_side.decline, ("full",)),
        (partner_side.contacted, ()),
        (partner_side.close, ("helped",)),
        (partner_side.propose_passing, (homes.partner.id, homes.service_id)),
        (partner_side.drop_passing, ()),
        (partner_side.complete_passing, (town.key(homes.session),)),
    ):
        with pytest.raises(NotThere):
            town.act(act, handover.id, homes.member, *more)
        with pytest.raises(NotThere):  # and staff are no partner
            town.act(act, handover.id, town.manager.person, *more)
    assert town.handovers(town_last(town))[0].state == "new"


def town_last(town: Town) -> Any:
    with town.store.read() as db:
        return records.referral(db, db.value("SELECT id FROM referrals ORDER BY created_at DESC"))


@pytest.mark.parametrize("state", STATES)
def test_each_step_leads_only_from_where_it_may(town: Town, advice: House, state: str) -> None:
    handover = town.handover(town.send(town.yes(advice)), advice)
    acts = {
        "accepted": (partner_side.accept, ()),
        "asking": (partner_side.ask, ("when",)),
        "declined": (partner_side.decline, ("full",)),
        "contacted": (partner_side.contacted, ()),
        "closed": (partner_side.close, ("helped",)),
    }
    for to, (act, more) in acts.items():
        with town.store.write() as db:
            db.run("UPDATE referral_handovers SET state = :state WHERE id = :id", state=state, id=handover.id)
        if state in FROM[to]:
            assert town.act(act, handover.id, advice.member, *more).state == to
        else:
            with pytest.raises(Moved) as moved:
                town.act(act, handover.id, advice.member, *more)
            assert moved.value.state == state


def test_unknown_words_are_refused(town: Town, advice: House) -> None:
    handover = town.handover(town.send(town.yes(advice)), advice)
    for act in (partner_side.ask, partner_side.decline, partner_side.close):
        with pytest.raises(ValueError, match="because"):
            town.act(act, handover.id, advice.member, "because")
    assert set(OPEN) | set(OVER) == set(STATES)
    for choices in (QUESTIONS, REASONS, OUTCOMES):
        assert len({each.code for each in choices}) == len(choices)


# -- the person answers, adds, and says that nobody called --------------------------------------------------


def test_she_answers_a_question_and_the_partner_reads_it(town: Town, advice: House) -> None:
    town.choose(**OUTBOX)
    handover = town.handover(town.send(town.yes(advice)), advice)
    town.act(partner_side.accept, handover.id, advice.member)
    asked = town.act(partner_side.ask, handover.id, advice.member, "when")
    assert (asked.state, asked.why) == ("asking", "when")
    after = town.act(own_side.answer, handover.id, "ZZANSWER في الصباح", "ar")
    assert after.state == "accepted", "where it was before"
    (note,) = town.opened(handover.id, advice).notes
    assert (note.kind, note.said) == (
        "answer",
        {"to": "when", "text": "ZZANSWER في الصباح", "language": "ar"},
    )
    assert b"ZZANSWER" not in town.files()
    with pytest.raises(Moved):
        town.act(own_side.answer, handover.id, "again", "ar")
    for text in ("", "x" * 501):
        with pytest.raises(ValueError, match="letters"):
            town.act(own_side.answer, handover.id, text, "ar")
    assert [kind for kind, _to, _text in messages(town)] == ["partner-new"], "what waits is said once"


def test_she_adds_how_to_reach_her_for_all_who_still_have_her_story(
    town: Town, advice: House, homes: House, school: House
) -> None:
    sent = town.send(town.yes(advice), town.yes(homes), town.yes(school))
    town.act(own_side.withdraw, town.handover(sent, homes).id)
    town.act(partner_side.decline, town.handover(sent, school).id, school.member, "full")
    reach = [{"way": "phone", "value": "+447700900983"}]
    assert town.act(own_side.add_reach, sent.id, reach, {"voicemail": True, "times": []}) == 1
    (note,) = town.opened(town.handover(sent, advice).id, advice).notes
    assert note.said == {"reach": reach, "safety": {"voicemail": True, "times": []}}
    with pytest.raises(NotAStory):
        town.act(own_side.add_reach, sent.id, [{"way": "phone"}], {})


def test_news_go_where_she_says_and_stop_when_she_says_so(town: Town, advice: House) -> None:
    town.choose(**OUTBOX)
    sent = town.send(town.yes(advice))
    handover = town.handover(sent, advice)
    town.act(partner_side.accept, handover.id, advice.member)
    assert not [kind for kind, _to, _text in messages(town) if kind == "news"]
    town.act(own_side.set_news, sent.id, "email", "amina@example.org", said=NEWS, given=given(town))
    town.act(partner_side.contacted, handover.id, advice.member)
    ((_kind, to, text),) = [each for each in messages(town) if each[0] == "news"]
    assert to == "amina@example.org"
    for neutral in ("Advice", "money", "ZZMARKED", "PIN", "Citizens"):
        assert neutral not in text
    assert references.shown(sent.reference) in text
    assert [each.holds for each in news_consents(town, sent.id)] == [True]
    town.act(own_side.set_news, sent.id, "", "")
    (consent,) = news_consents(town, sent.id)
    assert not consent.holds
    assert (consent.wording, consent.recipient) == (NEWS.wording, town.at.settings.library_name)
    town.act(partner_side.close, handover.id, advice.member, "helped")
    assert [each for each in messages(town) if each[0] == "news"] == [], "nor what waited then"
    for way, to, said in (
        ("email", "", NEWS), ("", "x", NEWS), ("pigeon", "roof", NEWS), ("email", "a@example.org", None),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="news needs"):
            town.act(own_side.set_news, sent.id, way, to, said=said, given=given(town))


def news_to(town: Town) -> list[str]:
    """To whom news waits to be sent."""
    return [to for kind, to, _text in messages(town) if kind == "news"]


@pytest.mark.parametrize("state", ["waiting", "tried", "failed", "given up"])
@pytest.mark.parametrize("new", ["", "new@example.org"])
def test_what_has_not_gone_yet_goes_to_no_address_that_she_left_behind(
    town: Town, advice: House, state: str, new: str
) -> None:
    town.choose(**OUTBOX)
    sent, other = (
        town.send(town.yes(advice), message_way="email", message_to=to)
        for to in ("old@example.org", "other@example.org")
    )
    for each in (sent, other):
        town.act(partner_side.accept, town.handover(each, advice).id, advice.member)
    assert news_to(town) == ["old@example.org", "other@example.org"]
    with town.store.write() as db:
        db.run(
            "UPDATE outbox SET state = :state, attempts = :attempts WHERE subject_id = :id",
            state={"failed": "failed", "given up": "given-up"}.get(state, "waiting"),
            attempts=int(state != "waiting"),
            id=sent.id,
        )
    if new:
        town.act(own_side.set_news, sent.id, "email", new, said=NEWS, given=given(town))
    else:
        town.act(own_side.set_news, sent.id, "", "")
    with town.store.write() as db:
        outbox_records.retry(db, town.at.now)
    assert news_to(town) == ["other@example.org"], "that of somebody else stays"
    assert [kind for kind, _to, _text in messages(town)].count("partner-new") == 2
    if not new:  # she changes her mind, as one who only changes her address does at once
        town.act(own_side.set_news, sent.id, "email", "new@example.org", said=NEWS, given=given(town))
    town.act(partner_side.contacted, town.handover(sent, advice).id, advice.member)
    assert news_to(town) == ["other@example.org", "new@example.org"], "and it swallows nothing"


def news_consents(town: Town, referral_id: str) -> list[consents.Consent]:
    with town.store.read() as db:
        return [each for each in consents.of_referral(db, referral_id) if each.purpose == "news"]


def test_steps_within_a_minute_are_one_message(town: Town, advice: House) -> None:
    town.choose(**OUTBOX)
    sent = town.send(town.yes(advice), message_way="email", message_to="amina@example.org")
    handover = town.handover(sent, advice)
    town.opened(handover.id, advice)
    town.act(partner_side.accept, handover.id, advice.member)
    assert [kind for kind, _to, _text in messages(town)].count("news") == 1
    with town.store.write() as db:
        db.run("UPDATE outbox SET state = 'sent', sealed = NULL")
    town.act(partner_side.contacted, handover.id, advice.member)
    assert [kind for kind, _to, _text in messages(town)] == ["news"]


def test_nothing_is_said_by_a_way_that_is_not_set_up(town: Town, advice: House) -> None:
    sent = town.send(town.yes(advice), message_way="text", message_to="+447700900982")
    town.act(partner_side.accept, town.handover(sent, advice).id, advice.member)
    assert messages(town) == []


def test_a_partner_is_told_by_reference_and_link_alone(town: Town, advice: House) -> None:
    town.choose(**OUTBOX, partner_address="https://desk.example.org/")
    sent = town.send(town.yes(advice))
    ((kind, to, text),) = messages(town)
    assert (kind, to) == ("partner-new", "ada@example.org")
    assert "https://desk.example.org/partner/" in text
    assert references.shown(sent.reference) in text
    for content in ("ZZMARKED", "money", "Amina", "+44"):
        assert content not in text


def test_when_nobody_calls_the_partner_is_reminded_and_the_branch_asks(town: Town, advice: House) -> None:
    town.choose(**OUTBOX)
    sent = town.send(town.yes(advice))
    handover = town.handover(sent, advice)
    town.act(partner_side.accept, handover.id, advice.member)
    assert town.act(own_side.nobody_called, handover.id).nobody_called_at
    town.act(own_side.nobody_called, handover.id)
    assert [kind for kind, _to, _text in messages(town)].count("partner-late") == 1
    with town.store.read() as db:
        (chase,) = desk_side.chase(db, [town.branch], town.at.now)
    assert (chase.why, chase.handover.id) == ("nobody-called", handover.id)
    town.act(partner_side.contacted, handover.id, advice.member)
    with town.store.read() as db:
        assert desk_side.chase(db, [town.branch], town.at.now) == []
    town.act(partner_side.close, handover.id, advice.member, "helped")
    with pytest.raises(Moved):
        town.act(own_side.nobody_called, handover.id)


# -- nobody picks it up -------------------------------------------------------------------------------------


def test_what_nobody_picks_up_is_reminded_and_comes_back_to_its_branch(
    town: Town, advice: House, homes: House, clock: time_machine.Traveller
) -> None:
    town.choose(**OUTBOX)
    sent = town.send(town.yes(advice), town.yes(homes))  # Monday, nine o'clock
    town.act(partner_side.accept, town.handover(sent, homes).id, homes.member)
    late = town.handover(sent, advice)
    assert late.due_at == "2026-03-12T09:00:00+00:00", "Thursday"
    town.opened(late.id, advice)  # to look is not to answer

    def late_ones() -> list[str]:
        rounds.go(town.app)
        return [to for kind, to, _text in messages(town) if kind == "partner-late"]

    clock.move_to(datetime(2026, 3, 12, 8, 59, tzinfo=UTC))
    assert late_ones() == []
    clock.move_to(datetime(2026, 3, 12, 9, 0, tzinfo=UTC))
    assert late_ones() == ["ada@example.org"]
    assert late_ones() == ["ada@example.org"], "once"
    with town.store.read() as db:
        assert desk_side.chase(db, [town.branch], town.at.now) == []
    clock.move_to(datetime(2026, 3, 13, 9, 0, tzinfo=UTC))
    with town.store.read() as db:
        (chase,) = desk_side.chase(db, [town.branch], town.at.now)
        assert desk_side.chase(db, ["another branch"], town.at.now) == []
    assert (chase.handover.id, chase.why, chase.since) == (late.id, "overdue", late.due_at)
    town.act(desk_side.chased, late.id, town.manager.person, "rang")
    with town.store.read() as db:
        assert desk_side.chase(db, [town.branch], town.at.now) == []
        assert audit.entries(db, "manager", most=1)[0].action == "referral asked after"
    clock.move_to(datetime(2026, 3, 16, 9, 0, tzinfo=UTC))  # Friday was the last working day
    with town.store.read() as db:
        assert len(desk_side.chase(db, [town.branch], town.at.now)) == 1
    town.act(partner_side.accept, late.id, advice.member)
    with town.store.read() as db:
        assert desk_side.chase(db, [town.branch], town.at.now) == []
    with pytest.raises(ValueError, match="shouted"):
        town.act(desk_side.chased, late.id, town.manager.person, "shouted")


def test_over_christmas_nobody_is_late_who_could_not_work(town: Town) -> None:
    eve = datetime(2026, 12, 24, 16, 0, tzinfo=UTC)  # a Thursday; the 28th stands in for Saturday the 26th
    feast = {date(2026, 12, 25): "Christmas Day", date(2026, 12, 28): "Boxing Day"}
    with town.store.write() as db:
        assert changes.after_working_days(db, town.branch, eve, 1) == eve + timedelta(days=1)
        close_for_holidays(db, town.branch, feast, eve.date())
        branches.close(db, town.branch, date(2026, 12, 29), date(2026, 12, 30), "The roof leaks")
        assert changes.after_working_days(db, town.branch, eve, 1) == eve + timedelta(days=5), "only feasts"


def test_the_agreed_time_of_a_partner_counts_and_a_weekend_does_not(town: Town, advice: House) -> None:
    friday = datetime(2026, 3, 13, 16, 0, tzinfo=UTC)
    with town.store.read() as db:
        assert changes.after_working_days(db, town.branch, friday, 1) == friday + timedelta(days=3)
        assert changes.after_working_days(db, town.branch, friday, 5) == friday + timedelta(days=7)
    with town.store.write() as db:
        partners.change(
            db, town.service_key, town.manager.person, advice.partner.id, email="", who_reads="",
            kept_months=None, pick_up_days=1,
        )  # fmt: skip
    assert town.handover(town.send(town.yes(advice)), advice).due_at == "2026-03-10T09:00:00+00:00"


def test_staff_see_where_it_stands_and_not_what_it_says(town: Town, advice: House) -> None:
    sent = town.send(town.yes(advice))
    with town.store.read() as db:
        (found,) = desk_side.listed(db, town.branch)
        assert desk_side.listed(db, "another branch") == []
        assert desk_side.listed(db, open_only=False) == [found]
        assert desk_side.of_branch(db, found.id, town.branch) == found
        with pytest.raises(NotThere):
            desk_side.of_branch(db, found.id, "another branch")
        assert records.by_reference(db, sent.reference).id == sent.id
    assert "ZZMARKED" not in repr(found)


# -- passing on ---------------------------------------------------------------------------------------------


def propose(town: Town, advice: House, homes: House) -> tuple[sending.Sent, Handover]:
    sent = town.send(town.yes(advice, "name", "own-words"))
    handover = town.handover(sent, advice)
    after = town.act(
        partner_side.propose_passing, handover.id, advice.member, homes.partner.id, homes.service_id
    )
    return sent, after


def given(town: Town, **changes: Any) -> Given:
    return Given(town.branch, town.kiosk, town.at.now, **changes)


def test_a_story_is_passed_on_only_with_her_yes_and_only_what_she_leaves_in(
    town: Town, advice: House, homes: House
) -> None:
    sent, passing = propose(town, advice, homes)
    assert (passing.state, passing.passing_partner) == ("passing", "Homes for All")
    with pytest.raises(Moved):
        town.act(partner_side.complete_passing, passing.id, advice.member, town.key(advice.session))
    with town.store.read() as db:
        assert partner_side.inbox(db, homes.partner.id, "new") == []
    town.act(own_side.add_reach, sent.id, [{"way": "text", "value": "+447700900983"}], {"silent": True})
    yes = town.yes(homes, "own-words", "helper")
    town.act(own_side.say_to_passing, passing.id, yes, given(town))
    with pytest.raises(Moved):
        town.act(own_side.say_to_passing, passing.id, yes, given(town))
    new = town.act(partner_side.complete_passing, passing.id, advice.member, town.key(advice.session))
    assert (new.partner_id, new.state, new.passed_from) == (homes.partner.id, "new", passing.id)
    opened = town.opened(new.id, homes)
    assert opened.story == {
        "about": STORY["about"], "own-words": STORY["own-words"], "safety": {"silent": True},
        "reach": [{"way": "text", "value": "+447700900983"}],
    }  # fmt: skip
    assert opened.consent.purpose == "passing-on"
    assert town.handover(sent, advice).state == "passed"
    with pytest.raises(NotThere):
        town.opened(passing.id, homes)
    with town.store.read() as db:
        assert "referral passed on" in {each.action for each in audit.entries(db, "ada")}


def test_what_was_passed_on_is_forgotten_in_its_time_too(
    town: Town, advice: House, homes: House, clock: time_machine.Traveller
) -> None:
    _sent, passing = propose(town, advice, homes)
    town.act(own_side.say_to_passing, passing.id, town.yes(homes), given(town))
    new = town.act(partner_side.complete_passing, passing.id, advice.member, town.key(advice.session))
    clock.shift(timedelta(days=30, seconds=1))
    rounds.go(town.app)
    with town.store.read() as db:
        left = {each.id: each.sealed is not None for each in records.handovers_of(db, new.referral_id)}
    assert left == {passing.id: False, new.id: True}
    clock.shift(timedelta(days=181))
    rounds.go(town.app)
    clock.shift(timedelta(days=760))
    rounds.go(town.app)
    with town.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM referral_handovers") == 0


def test_a_no_to_passing_on_leaves_it_where_it_was(town: Town, advice: House, homes: House) -> None:
    sent, passing = propose(town, advice, homes)
    after = town.act(own_side.say_to_passing, passing.id, town.no(homes), given(town))
    assert after.state == "seen"
    with pytest.raises(Moved):
        town.act(partner_side.complete_passing, passing.id, advice.member, town.key(advice.session))
    assert len(town.handovers(sent)) == 1
    town.act(partner_side.accept, passing.id, advice.member)
    again = town.act(
        partner_side.propose_passing, passing.id, advice.member, homes.partner.id, homes.service_id
    )
    assert town.act(partner_side.drop_passing, again.id, advice.member).state == "accepted"
    with pytest.raises(Moved):
        town.act(partner_side.drop_passing, again.id, advice.member)


def test_a_yes_to_passing_on_names_the_partner_and_special_topics_again(
    town: Town, advice: House, homes: House, school: House
) -> None:
    _sent, passing = propose(town, advice, homes)
    with pytest.raises(ValueError, match="another partner"):
        town.act(own_side.say_to_passing, passing.id, town.yes(school), given(town))
    with pytest.raises(NoExpressYes):
        town.act(own_side.say_to_passing, passing.id, replace(town.yes(homes), special=()), given(town))
    with town.store.write() as db:
        partners.end(db, town.service_key, town.manager.person, homes.partner.id)
    with pytest.raises(NotTaking):
        town.act(own_side.say_to_passing, passing.id, town.yes(homes), given(town))
    with pytest.raises(NotTaking):
        propose(town, advice, homes)
    for to, service in ((advice.partner.id, advice.service_id), (school.partner.id, advice.service_id)):
        with pytest.raises(ValueError, match=r"passed on|elsewhere"):
            town.act(partner_side.propose_passing, passing.id, advice.member, to, service)


def test_a_yes_that_she_took_back_passes_nothing_on(town: Town, advice: House, homes: House) -> None:
    _sent, passing = propose(town, advice, homes)
    with_her = given(town, filled_by="staff", agreed_by="here", witness="manager")
    after = town.act(own_side.say_to_passing, passing.id, town.yes(homes, method="staff"), with_her)
    with town.store.read() as db:
        assert consents.find(db, after.passing_consent).witness == "manager"
    town.act(own_side.withdraw, passing.id)
    with pytest.raises(Moved):
        town.act(partner_side.complete_passing, passing.id, advice.member, town.key(advice.session))


def test_she_takes_a_yes_to_passing_on_back_while_nothing_was_passed(
    town: Town, advice: House, homes: House
) -> None:
    _sent, passing = propose(town, advice, homes)
    with pytest.raises(Moved):
        town.act(own_side.take_passing_back, passing.id)
    yes = town.act(own_side.say_to_passing, passing.id, town.yes(homes), given(town))
    assert town.act(own_side.take_passing_back, passing.id).state == "seen"
    with town.store.read() as db:
        assert not consents.find(db, yes.passing_consent).holds
    with pytest.raises(Moved):
        town.act(partner_side.complete_passing, passing.id, advice.member, town.key(advice.session))


# -- referred in --------------------------------------------------------------------------------------------


def test_a_partner_refers_a_person_in_with_her_yes_so_that_she_need_not_start_again(
    town: Town, advice: House, homes: House
) -> None:
    told = town.sending(town.yes(homes, method="partner"), agreed_by="here", filled_by="self", witness="x")
    receipt = town.act(partner_side.refer_in, advice.member, told, branch=town.branch)
    assert receipt.pin == "", "who refers her in sees nothing of what others do"
    assert look(town, receipt.reference, receipt.pin) is None
    assert town.act(partner_side.refer_in, advice.member, told, branch=town.branch) == receipt
    with town.store.write() as db:
        pin = records.pin(records.new_pin(db, receipt.id, town.service_key), town.service_key)
    assert look(town, receipt.reference, pin) is not None
    handover = town.handover(receipt, homes)
    assert (handover.filled_by, handover.from_partner_id) == ("partner", advice.partner.id)
    consent = town.opened(handover.id, homes).consent
    assert (consent.witness, consent.agreed_by, consent.filled_by) == ("ada", "here", "partner")
    alone = replace(told, one_time_key="alone", agreed_by="self")
    for member, sent in ((advice.member, alone), (town.manager.person, replace(told, one_time_key="desk"))):
        with pytest.raises(ValueError, match="own yes"):
            town.act(partner_side.refer_in, member, sent, branch=town.branch)
    assert partner_side.given_here(advice.member, town.branch, town.at, "here").witness == "ada"


# -- what can be counted ------------------------------------------------------------------------------------


def test_how_soon_a_partner_replies_is_known_after_five_answers(
    town: Town, advice: House, clock: time_machine.Traveller
) -> None:
    for hours in (1, 2, 3, 30):
        handover = town.handover(town.send(town.yes(advice)), advice)
        clock.shift(timedelta(hours=hours))
        town.act(partner_side.accept, handover.id, advice.member)
    with town.store.read() as db:
        assert reports.reply_time(db, advice.partner.id) is None
    handover = town.handover(town.send(town.yes(advice)), advice)
    clock.shift(timedelta(hours=4))
    town.act(partner_side.decline, handover.id, advice.member, "full")
    with town.store.read() as db:
        assert reports.reply_time(db, advice.partner.id) == 3
