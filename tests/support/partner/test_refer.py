"""Referring a person in: with her beside it, and nothing leaves before her yes to each organisation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from kiosk import references
from kiosk.sealing import _take_apart
from kiosk.support.referrals import records
from kiosk.support.referrals.consents import Consent, of_referral
from kiosk.support.referrals.records import Referral
from tests.staff.conftest import Browser
from tests.support.town import House, Town

pytestmark = pytest.mark.patient

AtDesk = Callable[[House], Browser]


def filled_in(page: BeautifulSoup) -> dict[str, Any]:
    """All that a form would send if nothing were touched."""
    sent: dict[str, Any] = {}
    form = page.select_one("main form")
    assert form is not None
    for box in form.find_all(["input", "select", "textarea"]):
        assert isinstance(box, Tag)
        name = str(box.get("name"))
        if box.name == "select":
            chosen = box.select_one("option[selected]") or box.select_one("option")
            sent[name] = str(chosen["value"]) if chosen else ""
        elif box.name == "textarea":
            sent[name] = box.get_text().lstrip("\r\n")
        elif box.get("type") in {"checkbox", "radio"}:
            if box.has_attr("checked"):
                sent.setdefault(name, []).append(str(box["value"]))
        elif box.get("type") == "hidden" and name in sent:
            sent[name] = [*([sent[name]] if isinstance(sent[name], str) else sent[name]), str(box["value"])]
        else:
            sent[name] = str(box.get("value", ""))
    return sent


def told(ada: Browser, town: Town, *to: House, **changes: Any) -> Any:
    """Ada writes down what a person beside her tells."""
    ada.get("/partner/refer")
    fields = filled_in(ada.page) | {
        "about": ["housing", "english"], "services": [each.service_id for each in to], "language": "ar",
        "branch": town.branch, "name": "ZZREFERRED", "reach": ["phone"], "phone": "07700 900982",
        "own_words": "أحتاج بيتا", "silent": "y",
    }  # fmt: skip
    return ada.post("/partner/refer", **(fields | changes))


def said(ada: Browser, answers: dict[str, str], **changes: Any) -> Any:
    """She answers to each organisation; whoever is with her writes it down."""
    fields = filled_in(ada.page)
    for key, answer in answers.items():
        fields[f"answer-to-{key}"] = answer
    return ada.post("/partner/refer", **(fields | {"answer-agreed": "here", "step": "send"} | changes))


def the_referral(ada: Browser, town: Town) -> tuple[Referral, list[Consent]]:
    code = ada.page.select_one(".slip .secret")
    assert code is not None
    with town.store.read() as db:
        found = records.by_reference(db, references.read(code.get_text()))
        return found, of_referral(db, found.id)


def test_a_person_referred_by_a_partner_need_not_start_again(
    town: Town, at_desk: AtDesk, advice: House, homes: House, school: House
) -> None:
    ada = at_desk(advice)
    answer = told(ada, town, homes, school)
    assert answer.status_code == 200
    assert "Nothing is sent yet." in ada.words
    assert "May Homes for All get your story?" in ada.words
    assert "May staff of Library read it too?" in ada.words
    answers = {homes.service_id: "yes", school.service_id: "no", "library": "no"}
    assert said(ada, answers).status_code == 200
    referral, consents = the_referral(ada, town)
    assert (referral.from_partner_id, referral.filled_by, referral.agreed_by) == (
        advice.partner.id, "partner", "here",
    )  # fmt: skip
    assert referral.language == "ar"
    assert {each.recipient: each.yes for each in consents} == {
        "Homes for All": True, "Adult School": False, "Library": False,
    }  # fmt: skip
    assert {(each.method, each.witness, each.language) for each in consents} == {("partner", "ada", "ar")}

    bea, cleo = at_desk(homes), at_desk(school)
    bea.get("/partner/")
    link = bea.page.select_one("#inbox tbody a")
    assert link is not None
    bea.get(str(link["href"]))
    assert "ZZREFERRED" in bea.words
    assert "أحتاج بيتا" in bea.words
    assert "Referred by Citizens Advice" in bea.words
    assert "A place to live" in bea.words
    assert "Learn or speak English" not in bea.words, "a service hears of the needs it helps with"
    cleo.get("/partner/")
    assert "Nothing is here." in cleo.words


def test_a_part_that_she_takes_out_is_not_sent(
    town: Town, at_desk: AtDesk, advice: House, homes: House
) -> None:
    ada = at_desk(advice)
    told(ada, town, homes)
    kept = [each for each in filled_in(ada.page)[f"answer-items-{homes.service_id}"] if each != "name"]
    answers = {homes.service_id: "yes", "library": "yes"}
    assert said(ada, answers, **{f"answer-items-{homes.service_id}": kept}).status_code == 200
    _referral, consents = the_referral(ada, town)
    assert "name" not in next(each for each in consents if each.partner_id == homes.partner.id).items
    bea = at_desk(homes)
    bea.get("/partner/")
    link = bea.page.select_one("#inbox tbody a")
    assert link is not None
    assert "ZZREFERRED" not in bea.get(str(link["href"])).text


def test_the_same_form_sent_twice_is_one_referral(
    town: Town, at_desk: AtDesk, advice: House, homes: House
) -> None:
    ada = at_desk(advice)
    told(ada, town, homes)
    page, answers = ada.page, {homes.service_id: "yes", "library": "no"}
    said(ada, answers)
    first = the_referral(ada, town)[0].reference
    ada.page = page
    said(ada, answers)
    assert the_referral(ada, town)[0].reference == first
    with town.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM referrals") == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"about": []}, "Choose one or more."),
        ({"services": []}, "Choose one or more."),
        ({"about": ["volunteer"]}, "This service does not help with that"),
        ({"phone": ""}, "Write the phone number, or choose another way."),
        ({"reach": ["letter"]}, "Write the address, or choose another way."),
        ({"district": "ZZZ9"}, "Write only the first half of the postcode"),
        ({"own_words": "a" * 501}, "Write 500 letters or less."),
        ({"branch": "nowhere"}, "Choose one of these."),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    town: Town, at_desk: AtDesk, advice: House, homes: House, changes: dict[str, Any], says: str
) -> None:
    ada = at_desk(advice)
    assert told(ada, town, homes, **changes).status_code == 422
    assert says in ada.words
    assert filled_in(ada.page)["name"] == "ZZREFERRED"


@pytest.mark.parametrize(
    ("answers", "changes", "says"),
    [
        ({}, {}, "Say yes or no for each organisation."),
        ({"to": "no", "library": "no"}, {}, "The person said no to all."),
        ({"to": "yes", "library": "no"}, {"answer-agreed": ""}, "Choose how the person says it."),
    ],
)
def test_nothing_is_sent_without_her_yes(
    town: Town, at_desk: AtDesk, advice: House, homes: House, answers: dict[str, str],
    changes: dict[str, Any], says: str,
) -> None:  # fmt: skip
    ada = at_desk(advice)
    told(ada, town, homes)
    named = {homes.service_id if key == "to" else key: answer for key, answer in answers.items()}
    assert said(ada, named, **changes).status_code == 422
    assert says in ada.words
    with town.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM referrals") == 0
    again = said(ada, {homes.service_id: "yes", "library": "no"})
    assert again.status_code == 200, "what was told is still there"


def test_a_special_topic_needs_its_own_yes(town: Town, at_desk: AtDesk, advice: House, homes: House) -> None:
    bea = at_desk(homes)
    told(bea, town, advice, about=["money"])
    answers = {advice.service_id: "yes", "library": "no"}
    assert "We ask about debt so that the right person helps you." in bea.words
    assert said(bea, answers).status_code == 422
    assert said(bea, answers, **{f"answer-express-{advice.service_id}": ["money"]}).status_code == 200
    _referral, consents = the_referral(bea, town)
    assert consents[0].special == ("money",) or consents[1].special == ("money",)


def test_a_yes_to_a_special_topic_holds_for_one_organisation(
    town: Town, at_desk: AtDesk, advice: House, homes: House
) -> None:
    other = town.house("Debt Friends", "dora", "money")
    bea = at_desk(homes)
    told(bea, town, advice, other, about=["money"])
    answers = {advice.service_id: "yes", other.service_id: "yes", "library": "no"}
    first = {f"answer-express-{advice.service_id}": ["money"]}
    assert said(bea, answers, **first).status_code == 422, "nobody asked her about the second"
    assert filled_in(bea.page)[f"answer-express-{advice.service_id}"] == ["money"]
    answers[other.service_id] = "no"
    assert said(bea, answers, **first).status_code == 200
    _referral, consents = the_referral(bea, town)
    assert {each.recipient: each.special for each in consents if each.partner_id} == {
        "Citizens Advice": ("money",), "Debt Friends": (),
    }  # fmt: skip


def test_she_hears_all_that_they_will_see_before_her_yes(
    town: Town, at_desk: AtDesk, advice: House, homes: House
) -> None:
    ada = at_desk(advice)
    told(ada, town, homes)
    card = ada.page.select_one(f"[aria-labelledby=to-{homes.service_id}]")
    assert card is not None
    words = card.get_text(" ", strip=True)
    for always in ("They always see", "A place to live", "07700 900982", "Do not say who is calling."):
        assert always in words
    assert "Citizens Advice sends it" in words


def test_the_next_person_is_not_lost_behind_the_form_of_the_last(
    town: Town, at_desk: AtDesk, advice: House, homes: House, school: House
) -> None:
    ada = at_desk(advice)
    told(ada, town, homes)
    check = ada.page
    said(ada, {homes.service_id: "yes", "library": "no"})
    first = the_referral(ada, town)[0].reference
    ada.page = check  # she goes back in her browser, and writes down the next person
    ada.post("/partner/refer", **(filled_in(check) | {"step": "change"}))
    following = filled_in(ada.page) | {
        "name": "ZZNEXT", "services": [school.service_id], "about": ["english"],
    }  # fmt: skip
    ada.post("/partner/refer", **following)
    assert said(ada, {school.service_id: "yes", "library": "no"}).status_code == 200
    assert the_referral(ada, town)[0].reference != first
    cleo = at_desk(school)
    cleo.get("/partner/")
    assert cleo.page.select("#inbox tbody a")


def test_an_answer_changed_after_it_was_sent_is_not_taken_for_sent(
    town: Town, at_desk: AtDesk, advice: House, homes: House, school: House
) -> None:
    ada = at_desk(advice)
    told(ada, town, homes, school)
    check = ada.page
    said(ada, {homes.service_id: "yes", school.service_id: "no", "library": "no"})
    first = the_referral(ada, town)[0].reference
    ada.page = check
    changed = {homes.service_id: "yes", school.service_id: "yes", "library": "no"}
    assert said(ada, changed).status_code == 409
    assert f"Its code is {references.shown(first)}. Nothing was sent now." in ada.words
    with town.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM referrals") == 1
    assert said(ada, changed).status_code == 200, "she has read it, and means it"
    with town.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM referrals") == 2


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_person_is_referred_to_the_library_alone(
    town: Town, at_desk: AtDesk, advice: House, homes: House, answer: str
) -> None:
    ada = at_desk(advice)
    assert told(ada, town, services=["desk"], about=["money"]).status_code == 200
    assert "May Library get your story?" in ada.words
    assert "Citizens Advice asks you this." in ada.words
    assert "read it too?" not in ada.words, "they get it anyway"
    if answer == "yes":
        assert said(ada, {"desk": "yes"}).status_code == 422, "money is a topic of its own"
    status = said(ada, {"desk": answer}, **{"answer-express-desk": ["money"]}).status_code
    assert status == (200 if answer == "yes" else 422)
    with town.store.read() as db:
        rows = db.all("SELECT partner_id, desk_reads, sealed FROM referral_handovers")
    assert [(row["partner_id"], row["desk_reads"]) for row in rows] == (
        [(None, 0)] if answer == "yes" else []
    )
    assert b"ZZREFERRED" not in town.files()
    if answer == "yes":
        referral, consents = the_referral(ada, town)
        (consent,) = consents
        assert (consent.partner_id, consent.purpose, consent.recipient) == ("", "referral", "Library")
        assert (consent.special, "name" in consent.items) == (("money",), True)
        assert rows[0]["sealed"] is not None
        assert set(_take_apart(rows[0]["sealed"])[0]) == {"desk", "recovery"}
        ada.get("/partner/")
        assert references.shown(referral.reference) not in ada.words


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_she_says_yes_or_no_to_news_as_well(
    town: Town, at_desk: AtDesk, advice: House, homes: House, answer: str
) -> None:
    town.choose(smtp_host="mail.example.org", smtp_from="library@example.org")
    ada = at_desk(advice)
    told(ada, town, homes, reach=["email"], email="zz@example.org")
    answers = {homes.service_id: "yes", "library": "no"}
    assert said(ada, answers).status_code == 422, "nobody asked her"
    assert said(ada, {**answers, "news": answer}).status_code == 200
    referral, consents = the_referral(ada, town)
    assert (referral.news_way, referral.sealed_to is None) == (
        ("email", False) if answer == "yes" else ("", True)
    )  # fmt: skip
    (consent,) = [each for each in consents if each.purpose == "news"]
    assert (consent.yes, consent.method) == (answer == "yes", "partner")


def test_she_can_change_what_was_told_before_it_is_sent(
    town: Town, at_desk: AtDesk, advice: House, homes: House
) -> None:
    ada = at_desk(advice)
    told(ada, town, homes)
    answer = ada.post("/partner/refer", **(filled_in(ada.page) | {"step": "change"}))
    assert answer.status_code == 200
    fields = filled_in(ada.page)
    assert (fields["name"], fields["about"], fields["services"]) == (
        "ZZREFERRED", ["housing", "english"], [homes.service_id],
    )  # fmt: skip


def test_nothing_typed_stands_in_an_address_or_the_log(
    town: Town, at_desk: AtDesk, advice: House, homes: House
) -> None:
    ada = at_desk(advice)
    told(ada, town, homes)
    said(ada, {homes.service_id: "yes", "library": "no"})
    with town.store.read() as db:
        log = str([dict(row) for row in db.all("SELECT who, action, subject, subject_id, reason FROM audit")])
    assert "person referred" in log
    assert "ZZREFERRED" not in log
    assert b"ZZREFERRED" not in town.files()
