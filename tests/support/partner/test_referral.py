"""What somebody of a partner does with what was sent to it: reads, answers, passes on, takes away."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask import Flask

from kiosk import references, rounds
from kiosk.configuration import ROOT
from kiosk.forms import Choice
from kiosk.people import partners
from kiosk.support.partner import words
from kiosk.support.referrals import changes, own_side, partner_side
from kiosk.support.referrals.consents import of_referral
from kiosk.support.referrals.steps import NO_ANSWER, STATES, TIME_OVER
from tests.staff.conftest import Browser
from tests.support.partner.conftest import signed_in
from tests.support.town import OWN_PASSWORD, STORY, House, Town

pytestmark = pytest.mark.patient

AtDesk = Callable[[House], Browser]


def path(handover: str) -> str:
    return f"/partner/referrals/{handover}"


def state_of(town: Town, handover: str) -> tuple[str, str]:
    with town.store.read() as db:
        row = db.one("SELECT state, why FROM referral_handovers WHERE id = :id", id=handover)
    return row["state"], row["why"]


def log_of(town: Town, handover: str) -> list[tuple[str, str]]:
    with town.store.read() as db:
        rows = db.all("SELECT who, action FROM audit WHERE subject_id = :id ORDER BY number", id=handover)
    return [(row["who"], row["action"]) for row in rows]


# -- the inbox ----------------------------------------------------------------------------------------------


def test_the_inbox_says_what_waits_and_nothing_of_anybody(
    told: str, at_desk: AtDesk, advice: House, town: Town
) -> None:
    ada = at_desk(advice)
    answer = ada.get("/partner/")
    row = ada.page.select_one("#inbox tbody tr")
    assert row is not None
    assert "Arabic" in row.get_text()
    assert "9 Mar 2026, 09:00" in row.get_text()
    assert "12 Mar 2026, 09:00" in row.get_text(), "three working days to answer"
    assert "ZZMARKED" not in answer.text
    assert "money" not in answer.text.lower()
    assert log_of(town, told) == [], "a list opens nothing"


def test_what_should_have_been_answered_says_so(
    told: str, at_desk: AtDesk, advice: House, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(days=3, seconds=1))
    ada = at_desk(advice)
    ada.get("/partner/")
    assert "Late" in ada.words
    ada.get(path(told))
    assert "This should be answered by now." in ada.words


def test_the_inbox_changes_by_itself_and_only_when_something_has_changed(
    told: str, at_desk: AtDesk, advice: House, town: Town
) -> None:
    ada = at_desk(advice)
    ada.get("/partner/")
    poll = str(ada.page.select_one("#inbox")["hx-get"])  # type: ignore[index]
    assert ada.get(poll, HX_Request="true").status_code == 204
    town.act(partner_side.accept, told, advice.member)
    answer = ada.get(poll, HX_Request="true")
    assert answer.status_code == 200


def test_polling_keeps_nobody_signed_in(
    told: str, at_desk: AtDesk, advice: House, clock: time_machine.Traveller
) -> None:
    ada = at_desk(advice)
    ada.get("/partner/")
    poll = str(ada.page.select_one("#inbox")["hx-get"])  # type: ignore[index]
    for _minute in range(16):
        clock.shift(60)
        answer = ada.get(poll, HX_Request="true")
    assert answer.headers["HX-Redirect"].startswith("/partner/sign-in")


def test_a_person_who_says_her_code_is_found_however_it_is_spelled(
    told: str, at_desk: AtDesk, advice: House, school: House, town: Town
) -> None:
    with town.store.read() as db:
        reference = partner_side.find(db, told, advice.partner.id).reference
    ada = at_desk(advice)
    ada.get("/partner/")
    assert ada.post("/partner/code", code=reference.lower()).location == path(told)
    cleo = at_desk(school)
    cleo.get("/partner/")
    answer = cleo.post("/partner/code", code=reference)
    assert answer.status_code == 422
    assert "You have no referral with this code." in cleo.words


# -- one referral -------------------------------------------------------------------------------------------


def test_she_is_read_in_english_with_her_own_words_beside_it(
    told: str, at_desk: AtDesk, advice: House, town: Town
) -> None:
    ada = at_desk(advice)
    ada.get(path(told))
    words = ada.words
    for said in ("Money, benefits or debt", "This week", "Tell me what to do", "ZZMARKEDNAME", "IP1"):
        assert said in words
    own = ada.page.select_one(".own-words bdi")
    assert own is not None
    assert own.get_text() == STORY["own-words"]["text"]
    assert (own["lang"], own["dir"]) == ("ar", "rtl")
    assert "Written in Arabic" in words
    beside = ada.page.select(".facts bdi.original")
    assert beside
    assert {each["lang"] for each in beside} == {"ar"}
    assert log_of(town, told)[-1] == ("ada", "referral opened")
    assert state_of(town, told)[0] == "seen"


def test_nobody_can_miss_what_is_not_safe_for_her(told: str, at_desk: AtDesk, advice: House) -> None:
    ada = at_desk(advice)
    for page in ("", "/print"):
        ada.get(path(told) + page)
        loud = [each.get_text(strip=True) for each in ada.page.select(".safe .loud")]
        assert loud == ["Do not say who is calling.", "Do not leave a voicemail."]
        safe = ada.page.select_one(".safe")
        assert safe is not None
        assert "07700 900982" in safe.get_text()
        assert "Weekday mornings" in safe.get_text()
        facts = ada.page.select_one(".facts")
        assert facts is not None
        assert safe.sourceline is None or safe.sourceline < (facts.sourceline or 0), "it stands first"


def test_who_can_be_reached_by_code_alone_is_not_rung(town: Town, at_desk: AtDesk, advice: House) -> None:
    quiet = {**STORY, "reach": [], "safety": {"voicemail": None, "silent": False, "times": []}}
    sent = town.send(town.yes(advice), story=quiet)
    ada = at_desk(advice)
    ada.get(path(town.handover(sent, advice).id))
    assert "Do not ring, write or visit." in ada.words
    assert "07700" not in ada.words


def only_by_email_from_now_on(town: Town, told: str, house: House) -> None:
    """She says at a screen that nobody may ring her any more."""
    with town.store.read() as db:
        referral = partner_side.find(db, told, house.partner.id).referral_id
    town.act(
        own_side.add_reach, referral, [{"way": "email", "value": "new@example.org"}],
        {"voicemail": None, "silent": False, "times": []},
    )  # fmt: skip


def test_what_she_adds_later_about_how_to_be_reached_is_what_counts(
    told: str, town: Town, at_desk: AtDesk, advice: House
) -> None:
    only_by_email_from_now_on(town, told, advice)
    ada = at_desk(advice)
    ada.get(path(told))
    safe = ada.page.select_one(".safe")
    assert safe is not None
    assert "new@example.org" in safe.get_text()
    assert "07700" not in safe.get_text()
    assert "Only this holds now." in ada.words


def test_no_file_and_nobody_else_gets_a_number_that_holds_no_more(
    told: str, town: Town, at_desk: AtDesk, advice: House, school: House, clock: time_machine.Traveller
) -> None:
    with town.store.read() as db:
        referral = partner_side.find(db, told, advice.partner.id).referral_id
    quiet: dict[str, Any] = {"voicemail": None, "silent": False, "times": []}
    town.act(own_side.add_reach, referral, [{"way": "email", "value": "between@example.org"}], quiet)
    clock.shift(timedelta(minutes=1))
    town.act(own_side.add_reach, referral, [{"way": "email", "value": "new@example.org"}], quiet)
    ada = at_desk(advice)
    for page in ("", "/print", "/json"):
        text = ada.get(path(told) + page).text
        assert "new@example.org" in text
        assert "between@example.org" not in text
        assert "900982" not in text
    assert json.loads(text)["story"]["reach"]["value"] == [{"way": "email", "value": "new@example.org"}]
    ada.get("/partner/table")
    table = ada.post("/partner/table", first="2026-03-01", last="2026-03-31").text
    assert "new@example.org" in table
    assert "900982" not in table
    ada.get(path(told))
    ada.post(f"{path(told)}/pass", service=school.service_id)
    ada.get(f"{path(told)}/yes")
    assert "How to reach the person" in ada.words, "that goes along in any case"
    ada.post(f"{path(told)}/yes", answer="yes", items=[], express=["money"], agreed="here")
    ada.get(path(told))
    assert ada.post(f"{path(told)}/passed").status_code == 303
    with town.store.read() as db:
        theirs = db.value("SELECT id FROM referral_handovers WHERE partner_id = :id", id=school.partner.id)
    passed = town.opened(theirs, school).story
    assert passed is not None
    assert passed["reach"] == [{"way": "email", "value": "new@example.org"}]


def test_through_the_library_means_the_phone_of_her_branch(
    town: Town, at_desk: AtDesk, advice: House
) -> None:
    with town.store.write() as db:
        db.run("UPDATE branches SET phone = '01632 960011', name = 'Old Mill' WHERE id = :id", id=town.branch)
    sent = town.send(town.yes(advice), story={**STORY, "reach": [{"way": "library"}]})
    ada = at_desk(advice)
    for page in ("", "/print"):
        ada.get(path(town.handover(sent, advice).id) + page)
        safe = ada.page.select_one(".safe")
        assert safe is not None
        assert "Ring Old Mill and say the code." in safe.get_text()
        assert "01632 960011" in safe.get_text()


def test_from_new_to_closed_each_step_is_kept(told: str, town: Town, at_desk: AtDesk, advice: House) -> None:
    ada = at_desk(advice)
    ada.get(path(told))
    for step, fields, state in [
        ("ask", {"question": "when"}, ("asking", "when")),
        ("accept", {}, ("accepted", "")),
        ("contacted", {}, ("contacted", "")),
        ("close", {"outcome": "helped"}, ("closed", "helped")),
    ]:
        answer = ada.post(f"{path(told)}/{step}", **fields)
        assert answer.status_code == 303
        assert state_of(town, told) == state
        ada.get(answer.location)
    assert "It is closed." in ada.words
    history = [each.get_text(" ", strip=True) for each in ada.page.select(".history li")]
    assert len(history) == 6
    assert "When can you come or talk?" in history[2]
    assert not ada.page.select(".choices form"), "nothing more can be done with it"


def test_her_answer_stands_beside_the_question(told: str, town: Town, at_desk: AtDesk, advice: House) -> None:
    ada = at_desk(advice)
    ada.get(path(told))
    ada.post(f"{path(told)}/ask", question="when")
    town.act(own_side.answer, told, "الاثنين", "ar")
    ada.get(path(told))
    assert "Asked: When can you come or talk?" in ada.words
    answers = ada.page.select(".own-words bdi")
    assert answers[-1].get_text() == "الاثنين"
    assert "It goes on as before." in ada.words


def test_a_refusal_has_a_reason_that_she_can_read(
    told: str, town: Town, at_desk: AtDesk, advice: House
) -> None:
    ada = at_desk(advice)
    ada.get(path(told))
    assert ada.post(f"{path(told)}/decline", reason="because").status_code == 422
    assert state_of(town, told) == ("seen", "")
    assert ada.post(f"{path(told)}/decline", reason="full").status_code == 303
    assert state_of(town, told) == ("declined", "full")


def test_two_people_of_one_partner_at_once_and_the_second_is_told(
    app: Flask, told: str, town: Town, at_desk: AtDesk, advice: House
) -> None:
    _person, password = partners.add_member(
        town.store, town.service_key, advice.member, town.key(advice.session), username="abe", name="Abe"
    )
    town.first_sign_in("abe", password)
    ada, abe = at_desk(advice), signed_in(app, "abe")
    ada.get(path(told))
    abe.get(path(told))
    assert ada.post(f"{path(told)}/decline", reason="full").status_code == 303
    answer = abe.post(f"{path(told)}/accept")
    assert answer.status_code == 409
    assert "Something has changed meanwhile" in abe.words
    assert "(ada)" in abe.words
    assert state_of(town, told) == ("declined", "full")


def test_what_she_took_back_is_gone_at_once(told: str, town: Town, at_desk: AtDesk, advice: House) -> None:
    ada = at_desk(advice)
    ada.get(path(told))
    town.act(own_side.withdraw, told)
    assert ada.post(f"{path(told)}/accept").status_code == 409
    for page in ("", "/print", "/json"):
        assert "ZZMARKED" not in ada.get(path(told) + page).text
    ada.get(path(told))
    assert "The person took it back." in ada.words


def test_that_nobody_called_is_said_only_while_it_is_open(
    told: str, town: Town, at_desk: AtDesk, advice: House
) -> None:
    ada = at_desk(advice)
    town.act(own_side.nobody_called, told)
    ada.get(path(told))
    assert "The person says that nobody has called." in str(ada.page.select_one(".problem"))
    ada.get("/partner/")
    assert "Says that nobody has called" in ada.words
    town.act(partner_side.decline, told, advice.member, "full")
    ada.get(path(told))
    assert not ada.page.select(".problem"), "it stands in what happened"
    ada.get("/partner/?tab=over")
    assert "Declined" in ada.words
    assert "Says that nobody has called" not in ada.words


@pytest.mark.parametrize(
    ("ended", "words"), [(NO_ANSWER, "They did not answer."), (TIME_OVER, "The time is over.")]
)
def test_what_the_clock_ended_nobody_has_declined(
    told: str, town: Town, at_desk: AtDesk, advice: House, ended: Choice, words: str
) -> None:
    town.act(changes.move, told, "declined", changes.CLOCK, why=ended.code)
    ada = at_desk(advice)
    ada.get(path(told))
    assert words in ada.words
    assert "eclined" not in ada.words


# -- what is damaged ----------------------------------------------------------------------------------------


def spoil(town: Town, handover: str) -> None:
    with town.store.write() as db:
        db.run(
            "UPDATE referral_handovers SET sealed = :junk WHERE id = :id", junk=os.urandom(600), id=handover
        )


def buttons(browser: Browser) -> set[str]:
    return {str(each["action"]).rsplit("/", 1)[1] for each in browser.page.select(".choices form")}


def test_what_is_damaged_can_still_be_declined(told: str, town: Town, at_desk: AtDesk, advice: House) -> None:
    spoil(town, told)
    ada = at_desk(advice)
    for page in ("", "/print"):
        assert ada.get(path(told) + page).status_code == 200
        assert "This cannot be opened. Ask the library." in ada.words
        assert "What the person told is not kept any more." not in ada.words
    assert ada.get(f"{path(told)}/json").location == path(told), "a file would say that she told nothing"
    assert state_of(town, told)[0] == "new", "nobody has read it"
    ada.get(path(told))
    assert "decline" in buttons(ada)
    assert not {"accept", "ask", "pass"} & buttons(ada)
    assert ada.post(f"{path(told)}/decline", reason="other").status_code == 303
    assert state_of(town, told) == ("declined", "other")


def test_what_was_damaged_later_can_still_be_closed(
    told: str, town: Town, at_desk: AtDesk, advice: House
) -> None:
    town.opened(told, advice)
    town.act(partner_side.accept, told, advice.member)
    spoil(town, told)
    ada = at_desk(advice)
    ada.get(path(told))
    assert buttons(ada) == {"contacted", "close", "decline"}
    assert ada.post(f"{path(told)}/close", outcome="helped").status_code == 303


def test_of_what_is_wiped_nothing_can_be_asked_or_passed_on(
    told: str, town: Town, at_desk: AtDesk, advice: House, clock: time_machine.Traveller
) -> None:
    town.act(partner_side.accept, told, advice.member)
    clock.shift(timedelta(days=31))
    rounds.go(town.app)
    ada = at_desk(advice)
    ada.get(path(told))
    assert "What the person told is not kept any more." in ada.words
    assert buttons(ada) == {"contacted", "close", "decline"}


def test_one_damaged_addition_shows_no_number_that_may_hold_no_more(
    told: str, town: Town, at_desk: AtDesk, advice: House
) -> None:
    only_by_email_from_now_on(town, told, advice)
    with town.store.write() as db:
        db.run(
            "UPDATE referral_notes SET sealed = :junk WHERE handover_id = :id", junk=os.urandom(600), id=told
        )
    ada = at_desk(advice)
    assert "900982" not in ada.get(path(told)).text
    assert "This cannot be opened. Ask the library." in ada.words


def test_one_damaged_referral_leaves_the_rest_of_the_table(
    told: str, town: Town, at_desk: AtDesk, advice: House
) -> None:
    town.send(town.yes(advice))
    spoil(town, told)
    ada = at_desk(advice)
    ada.get("/partner/table")
    answer = ada.post("/partner/table", first="2026-03-01", last="2026-03-31")
    assert answer.status_code == 200
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert sorted((each["name"], each["about"], each["state"]) for each in rows) == [
        ("", "", "new"),
        ("ZZMARKEDNAME", "Money, benefits or debt; A place to live", "seen"),
    ]


def test_what_is_damaged_after_her_yes_is_not_passed_on(
    told: str, town: Town, at_desk: AtDesk, advice: House, school: House
) -> None:
    town.act(partner_side.propose_passing, told, advice.member, school.partner.id, school.service_id)
    given = partner_side.given_here(advice.member, town.branch, town.at, "here")
    town.act(own_side.say_to_passing, told, town.yes(school), given)
    spoil(town, told)
    ada = at_desk(advice)
    ada.get(path(told))
    assert ada.post(f"{path(told)}/passed").status_code == 409
    assert "This cannot be passed on." in ada.words
    assert state_of(town, told)[0] == "passing"


# -- files --------------------------------------------------------------------------------------------------


def test_one_referral_as_json_has_its_part_its_consent_and_nothing_else(
    told: str, town: Town, at_desk: AtDesk, advice: House, homes: House
) -> None:
    answer = at_desk(advice).get(f"{path(told)}/json")
    assert answer.mimetype == "application/json"
    read = json.loads(answer.text)
    assert read["version"] == "1"
    assert set(read["story"]) == set(STORY)
    assert read["story"]["own-words"]["value"] == STORY["own-words"]
    assert read["story"]["urgent"]["english"] == ["This week"]
    assert read["consent"]["recipient"] == "Citizens Advice"
    assert read["consent"]["controller"] == town.chosen.library_name
    assert set(read["consent"]["items"]) == set(STORY)
    assert references.read(read["code"])
    with town.store.read() as db:
        theirs = db.value("SELECT id FROM referral_handovers WHERE partner_id = :id", id=homes.partner.id)
    less = json.loads(at_desk(homes).get(f"{path(theirs)}/json").text)
    assert set(less["story"]) == {"about", "name", "reach", "safety"}


def test_a_period_as_a_table_calculates_nothing_and_is_in_the_log(
    town: Town, at_desk: AtDesk, advice: House, told: str
) -> None:
    sent = town.send(town.yes(advice), story={**STORY, "name": "=HYPERLINK(1)"})
    ada = at_desk(advice)
    ada.get("/partner/table")
    answer = ada.post("/partner/table", first="2026-03-01", last="2026-03-31")
    assert answer.status_code == 200
    assert "referrals-2026-03-01-2026-03-31.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert sorted(each["name"] for each in rows) == ["'=HYPERLINK(1)", "ZZMARKEDNAME"]
    assert rows[0]["about"] == "Money, benefits or debt; A place to live"
    assert log_of(town, told) == [("ada", "referral exported")]
    assert state_of(town, town.handover(sent, advice).id) == ("seen", ""), "it was read, and nobody answered"


def test_a_table_has_days_that_make_sense(at_desk: AtDesk, advice: House) -> None:
    ada = at_desk(advice)
    ada.get("/partner/table")
    for first, last in [("", ""), ("2026-03-02", "2026-03-01"), ("2024-01-01", "2026-01-01"),
                        ("9999-12-31", "9999-12-31"), ("x", "2026-01-01")]:  # fmt: skip
        assert ada.post("/partner/table", first=first, last=last).status_code == 422
    rows = ada.post("/partner/table", first="2026-01-01", last="2026-01-31")
    assert len(rows.text.splitlines()) == 1


# -- passing on ---------------------------------------------------------------------------------------------


def test_it_is_passed_on_only_with_her_yes_to_the_new_partner(
    told: str, town: Town, at_desk: AtDesk, advice: House, school: House
) -> None:
    ada = at_desk(advice)
    ada.get(path(told))
    assert ada.post(f"{path(told)}/pass", service="nothing").status_code == 422
    assert ada.post(f"{path(told)}/pass", service=school.service_id).status_code == 303
    ada.get(path(told))
    assert ada.post(f"{path(told)}/passed").status_code == 409, "nobody has asked her"
    cleo = at_desk(school)
    cleo.get("/partner/")
    assert "Nothing is here." in cleo.words

    ada.get(f"{path(told)}/yes")
    assert "May Adult School get your story?" in ada.words
    assert ada.page.select(".sentences bdi[lang=ar]") or "ar" in str(ada.page.select_one("form"))
    refused = ada.post(f"{path(told)}/yes", answer="yes", items=["name"], agreed="here")
    assert refused.status_code == 422, "money is a topic of its own"
    answer = ada.post(
        f"{path(told)}/yes",
        answer="yes",
        items=["name", "urgent"],
        express=["money"],
        agreed="here",
    )
    assert answer.status_code == 303
    ada.get(answer.location)
    assert ada.post(f"{path(told)}/passed").status_code == 303
    assert state_of(town, told)[0] == "passed"

    cleo.get("/partner/")
    link = cleo.page.select_one("#inbox tbody a")
    assert link is not None
    text = cleo.get(str(link["href"])).text
    assert "ZZMARKEDNAME" in text
    assert "ZZMARKEDWORDS" not in text
    assert "ZZMARKEDHELPER" not in text
    with town.store.read() as db:
        referral = partner_side.find(db, told, advice.partner.id).referral_id
        consent = next(each for each in of_referral(db, referral) if each.purpose == "passing-on")
    assert (consent.yes, consent.method, consent.agreed_by, consent.witness) == (
        True,
        "partner",
        "here",
        "ada",
    )
    assert consent.language == "ar"


def test_her_no_leaves_it_where_it_is(
    told: str, town: Town, at_desk: AtDesk, advice: House, school: House
) -> None:
    ada = at_desk(advice)
    ada.get(path(told))
    ada.post(f"{path(told)}/pass", service=school.service_id)
    ada.get(f"{path(told)}/yes")
    answer = ada.post(f"{path(told)}/yes", answer="no", agreed="phone")
    assert answer.location == f"{path(told)}?said=no"
    assert state_of(town, told)[0] == "seen"
    assert ada.get(f"{path(told)}/yes").status_code == 409
    with town.store.read() as db:
        assert db.value(
            "SELECT COUNT(*) FROM referral_handovers WHERE partner_id = :id", id=school.partner.id
        ) == 0  # fmt: skip


def test_she_can_say_no_to_somebody_who_takes_nobody_any_more(
    told: str, town: Town, at_desk: AtDesk, advice: House, school: House
) -> None:
    town.act(partner_side.propose_passing, told, advice.member, school.partner.id, school.service_id)
    with town.store.write() as db:
        db.run("UPDATE services SET state = 'full' WHERE id = :id", id=school.service_id)
    ada = at_desk(advice)
    assert ada.get(f"{path(told)}/yes").status_code == 200
    assert "The person can only say no." in ada.words
    assert [each["value"] for each in ada.page.select("[name=answer]")] == ["no"]
    refused = ada.post(f"{path(told)}/yes", answer="yes", items=[], express=["money"], agreed="here")
    assert refused.status_code == 409
    ada.get(f"{path(told)}/yes")
    assert ada.post(f"{path(told)}/yes", answer="no", agreed="here").status_code == 303
    assert state_of(town, told)[0] in {"new", "seen"}


def test_a_change_of_mind_keeps_it_here(
    told: str, town: Town, at_desk: AtDesk, advice: House, school: House
) -> None:
    ada = at_desk(advice)
    ada.get(path(told))
    ada.post(f"{path(told)}/accept")
    ada.post(f"{path(told)}/ask", question="more")
    ada.get(path(told))
    assert ada.post(f"{path(told)}/pass", service=school.service_id).status_code == 303
    assert ada.post(f"{path(told)}/keep").status_code == 303
    assert state_of(town, told)[0] == "accepted"
    assert ada.post(f"{path(told)}/keep").status_code == 409


def test_the_page_stands_in_english_whatever_she_reads(told: str, at_desk: AtDesk, advice: House) -> None:
    page = BeautifulSoup(at_desk(advice).get(path(told)).text, "html.parser")
    assert page.html is not None
    assert page.html["lang"] == "en"


def test_a_password_of_a_colleague_opens_it_too(
    app: Flask, told: str, town: Town, at_desk: AtDesk, advice: House
) -> None:
    ada = at_desk(advice)
    ada.get("/partner/people/add")
    answer = ada.post("/partner/people/add", name="Abe Best", username="abe")
    assert answer.status_code == 200
    password = ada.page.select_one(".secret")
    assert password is not None
    town.first_sign_in("abe", password.get_text(strip=True), OWN_PASSWORD)
    abe = signed_in(app, "abe")
    assert "ZZMARKEDNAME" in abe.get(path(told)).text


def test_the_manual_of_the_files_names_all_that_is_in_them(told: str, at_desk: AtDesk, advice: House) -> None:
    manual = (ROOT / "docs" / "referrals.md").read_text("utf-8")
    read = json.loads(at_desk(advice).get(f"{path(told)}/json").text)
    named = {*read, *read["consent"], *read["story"], *next(iter(read["story"].values())), *read["steps"][0]}
    missing = [name for name in (*named, *STATES) if f"`{name}`" not in manual]
    assert missing == []


def test_a_number_beside_arabic_words_is_read_in_its_order() -> None:
    reach = [{"way": "phone", "value": "+447700900982"}]
    ((ours, theirs),) = words.both("reach", reach, words.language_of("ar"))
    assert ours.endswith(": 07700 900982")
    assert theirs.endswith("\N{FIRST STRONG ISOLATE}07700 900982\N{POP DIRECTIONAL ISOLATE}")
    assert words.both("reach", reach, words.language_of("en")) == ((ours, ""),)
