"""Who gets in at the partners' door, and that nobody sees what was sent to somebody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from kiosk.people import partners
from tests.staff.conftest import Browser
from tests.support.partner.conftest import signed_in
from tests.support.town import MARKED, OWN_PASSWORD, House, Town
from tests.visitor import PASSWORD

pytestmark = pytest.mark.patient

AtDesk = Callable[[House], Browser]
OPEN = {"partner.sign_in", "partner.send_sign_in"}


def routes(app: Flask) -> list[tuple[str, str]]:
    """Every address of the partners' pages with how it is asked for, but for the door itself."""
    return sorted(
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST"}
        if rule.rule.startswith("/partner/") and rule.endpoint not in OPEN
    )


def ask(browser: Browser, path: str, method: str) -> TestResponse:
    return browser.get(path) if method == "GET" else browser.post(path)


def test_every_page_of_partners_asks_for_a_partner(app: Flask, told: str) -> None:
    for path, method in routes(app):
        browser = Browser(app)
        browser.get("/partner/sign-in")
        filled = re.sub(r"<\w+>", told, path)
        answer = ask(browser, filled, method)
        where = (answer.location or "").partition("?")[0]
        assert (answer.status_code, where) == (303, "/partner/sign-in"), path


def test_staff_see_no_page_of_partners_and_partners_none_of_staff(
    app: Flask, told: str, at_desk: AtDesk, advice: House
) -> None:
    manager, ada = Browser(app), at_desk(advice)
    manager.sign_in("manager", PASSWORD)
    for path, method in routes(app):
        filled = re.sub(r"<\w+>", told, path)
        manager.get("/staff/password")
        assert ask(manager, filled, method).status_code == 403, path
    assert manager.get("/partner/sign-in").status_code == 200
    seen = 0
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/staff/") and rule.endpoint not in {"staff.sign_in", "staff.send_sign_in"}:
            for method in (rule.methods or set()) & {"GET", "POST"}:
                ada.get("/partner/password")
                answer = ask(ada, re.sub(r"<\w+>", told, rule.rule), method)
                assert answer.status_code == 403, rule.rule
                assert "ZZMARKED" not in answer.text
                seen += 1
    assert seen > 100
    assert "To the first page" in ada.words
    assert ada.page.select_one(".card .button")["href"] == "/partner/"  # type: ignore[index]


def test_a_password_opens_one_door_alone(app: Flask, advice: House) -> None:
    assert Browser(app).sign_in("ada", OWN_PASSWORD).status_code == 422
    assert Browser(app).sign_in("manager", PASSWORD, "/partner/sign-in").status_code == 422


@pytest.mark.parametrize("whose", ["of another partner", "of nobody"])
def test_what_is_not_hers_is_not_there_by_any_route(
    app: Flask, told: str, at_desk: AtDesk, school: House, town: Town, whose: str
) -> None:
    cleo, asked = at_desk(school), 0
    for path, method in routes(app):
        if "<" not in path:
            continue
        wanted = told if whose == "of another partner" else "0" * 32
        if "<person_id>" in path or "<service_id>" in path:
            with town.store.read() as db:
                wanted = (
                    db.value("SELECT id FROM people WHERE username = 'ada'")
                    if "<person_id>" in path
                    else db.value("SELECT id FROM services WHERE name LIKE 'Citizens%'")
                )
            wanted = wanted if whose == "of another partner" else "nothing"
        cleo.get("/partner/people/add")
        answer = ask(cleo, re.sub(r"<\w+>", wanted, path), method)
        assert answer.status_code == 404, path
        assert not [each for each in MARKED if each in answer.data]
        asked += 1
    assert asked >= 16
    with town.store.read() as db:
        assert db.value("SELECT state FROM referral_handovers WHERE id = :id", id=told) == "new"
        assert db.value("SELECT COUNT(*) FROM audit WHERE action = 'referral opened'") == 0


def test_each_partner_reads_its_part_and_the_third_nothing(
    told: str, town: Town, at_desk: AtDesk, advice: House, homes: House, school: House
) -> None:
    ada, bea, cleo = at_desk(advice), at_desk(homes), at_desk(school)
    with town.store.read() as db:
        theirs = db.value("SELECT id FROM referral_handovers WHERE partner_id = :id", id=homes.partner.id)
    for page in ("", "/print", "/json"):
        assert "ZZMARKEDHELPER" in ada.get(f"/partner/referrals/{told}{page}").text
        text = bea.get(f"/partner/referrals/{theirs}{page}").text
        assert "ZZMARKEDNAME" in text
        assert "ZZMARKEDWORDS" not in text
        assert "ZZMARKEDHELPER" not in text
        assert "IP1" not in text
    cleo.get("/partner/")
    assert "Nothing is here." in cleo.words


def test_whoever_has_a_password_for_one_sign_in_chooses_her_own_first(app: Flask, town: Town) -> None:
    _partner, _person, password = partners.add(
        town.store, town.service_key, town.manager.person, name="New", username="nia", person_name="Nia"
    )
    nia = signed_in(app, "nia", password)
    assert nia.get("/partner/").location == "/partner/password"
    nia.get("/partner/password")
    answer = nia.post("/partner/password", old=password, new=OWN_PASSWORD, again=OWN_PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/partner/password/changed")
    nia.get("/partner/password/changed")
    nia.get("/partner/")
    assert nia.page.title is not None
    assert nia.page.title.get_text() == "Inbox"


def test_a_page_left_open_goes_to_the_partners_door(at_desk: AtDesk, advice: House, told: str) -> None:
    answer = at_desk(advice).get(f"/partner/referrals/{told}")
    assert answer.headers["Refresh"].endswith(f"/partner/sign-in?next=/partner/referrals/{told}")
    assert answer.headers["Cache-Control"] == "no-store"


def test_signing_out_ends_it(at_desk: AtDesk, advice: House) -> None:
    ada = at_desk(advice)
    ada.get("/partner/")
    assert ada.post("/partner/sign-out").location == "/partner/sign-in"
    assert ada.get("/partner/").location == "/partner/sign-in?next=/partner/"


def test_an_end_of_the_account_ends_the_open_sign_in(town: Town, at_desk: AtDesk, advice: House) -> None:
    ada = at_desk(advice)
    partners.end_member(town.store, town.service_key, town.manager.person, advice.member.id)
    assert ada.get("/partner/").status_code == 303


@pytest.mark.parametrize(
    "typed", ["", "ZZ", "\x00\x07\x1b", "\u202e\u2066", "\U0001f600" * 40, "<b>'\"&", "\ud800", "9" * 400]
)
def test_whatever_is_typed_no_form_of_a_partner_breaks(
    app: Flask, told: str, at_desk: AtDesk, advice: House, town: Town, typed: str
) -> None:
    ada = at_desk(advice)
    ada.get("/partner/password")
    tag = ada.page.find("input", attrs={"name": "csrf_token"})
    assert tag is not None
    boxes = (
        "code first last question reason outcome service items express agreed answer name username about"
        " services urgent wants tried own_words reach phone email letter voicemail silent times interpreter"
        " helper access age district no_fixed children work stay language branch key step who_reads"
        f" kept_months old new again {advice.service_id}-state {advice.service_id}-places"
    ).split()
    body = urlencode({**dict.fromkeys(boxes, typed), "csrf_token": str(tag["value"])}, errors="surrogatepass")
    for path, method in routes(app):
        if method == "POST" and path not in {"/partner/sign-out", "/partner/key"}:
            filled = path.replace("<handover_id>", told).replace("<service_id>", advice.service_id)
            filled = filled.replace("<person_id>", advice.member.id)
            answer = ada.client.post(
                filled, data=body, content_type="application/x-www-form-urlencoded", headers={}
            )
            assert answer.status_code < 500, path
    assert ada.get("/partner/").status_code == 200
