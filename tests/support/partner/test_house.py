"""What a partner looks after itself: its services, its people, its key, and what it says of itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from kiosk.people import partners
from kiosk.support.directory import records as directory
from kiosk.support.directory.records import Service
from kiosk.support.partner import capacity
from tests.staff.conftest import Browser
from tests.support.partner.conftest import signed_in
from tests.support.town import OWN_PASSWORD, House, Town
from tests.visitor import MORNING

pytestmark = pytest.mark.patient

AtDesk = Callable[[House], Browser]


def service_of(town: Town, house: House) -> Service:
    with town.store.read() as db:
        return directory.find(db, house.service_id)


def change(browser: Browser, house: House, **fields: str) -> int:
    browser.get("/partner/services")
    named = {f"{house.service_id}-{name}": value for name, value in fields.items()}
    return browser.post(f"/partner/services/{house.service_id}", **named).status_code


# -- services -----------------------------------------------------------------------------------------------


def test_a_break_ends_by_itself_on_its_day(
    town: Town, at_desk: AtDesk, advice: House, clock: time_machine.Traveller
) -> None:
    ada = at_desk(advice)
    assert change(ada, advice, state="paused", places="", until="2026-03-12") == 303
    assert service_of(town, advice).state == "paused"
    ada.get("/partner/services")
    until = ada.page.select_one("input[name$='-until']")
    assert until is not None
    assert until["value"] == "2026-03-12"
    for days, state in ((2, "paused"), (3, "open")):
        clock.move_to(MORNING + timedelta(days=days))
        with town.store.write() as db:
            capacity.reopen(db, MORNING + timedelta(days=days))
        assert service_of(town, advice).state == state


def test_each_person_taken_on_uses_one_place_and_the_last_makes_it_full(
    town: Town, at_desk: AtDesk, advice: House
) -> None:
    ada = at_desk(advice)
    assert change(ada, advice, state="open", places="2", until="") == 303
    for step, left in (("accept", 1), ("contacted", 0)):
        sent = town.send(town.yes(advice))
        path = f"/partner/referrals/{town.handover(sent, advice).id}"
        ada.get(path)
        assert ada.post(f"{path}/{step}").status_code == 303
        assert service_of(town, advice).places_left == left
        ada.get(path)
        if step == "accept":
            ada.post(f"{path}/contacted")
            assert service_of(town, advice).places_left == left, "she has her place already"
    assert service_of(town, advice).state == "full"
    assert change(ada, advice, state="open", places="5", until="") == 303
    assert service_of(town, advice).state == "open"


def test_who_was_taken_on_asked_and_taken_on_again_has_one_place(
    town: Town, at_desk: AtDesk, advice: House
) -> None:
    ada = at_desk(advice)
    assert change(ada, advice, state="open", places="5", until="") == 303
    path = f"/partner/referrals/{town.handover(town.send(town.yes(advice)), advice).id}"
    for step, fields in (("accept", {}), ("ask", {"question": "when"}), ("accept", {})):
        ada.get(path)
        assert ada.post(f"{path}/{step}", **fields).status_code == 303
    assert service_of(town, advice).places_left == 4


def test_places_and_days_that_make_no_sense_change_nothing(
    town: Town, at_desk: AtDesk, advice: House
) -> None:
    ada = at_desk(advice)
    for fields in (
        {"state": "open", "places": "-1", "until": ""},
        {"state": "open", "places": "many", "until": ""},
        {"state": "gone", "places": "", "until": ""},
        {"state": "paused", "places": "", "until": "soon"},
        {"state": "paused", "places": "", "until": "2026-03-09"},
    ):
        assert change(ada, advice, **fields) == 422
        assert service_of(town, advice).state == "open"


# -- people -------------------------------------------------------------------------------------------------


def test_a_colleague_who_lost_her_password_gets_a_new_one_and_reads_on(
    app: Flask, town: Town, at_desk: AtDesk, advice: House, told: str
) -> None:
    ada = at_desk(advice)
    ada.get("/partner/people/add")
    ada.post("/partner/people/add", name="Abe", username="abe")
    password = ada.page.select_one(".secret")
    assert password is not None
    town.first_sign_in("abe", password.get_text(strip=True))
    with town.store.read() as db:
        abe_id = db.value("SELECT id FROM people WHERE username = 'abe'")
    ada.get(f"/partner/people/{abe_id}")
    assert ada.post(f"/partner/people/{abe_id}/password").status_code == 200
    anew = ada.page.select_one(".secret")
    assert anew is not None
    town.first_sign_in("abe", anew.get_text(strip=True), "four grey owls under a lamp")
    abe = signed_in(app, "abe", "four grey owls under a lamp")
    assert "ZZMARKEDNAME" in abe.get(f"/partner/referrals/{told}").text


def test_who_leaves_is_out_at_once_and_the_key_is_another(
    app: Flask, town: Town, at_desk: AtDesk, advice: House, told: str
) -> None:
    ada = at_desk(advice)
    ada.get("/partner/people/add")
    ada.post("/partner/people/add", name="Abe", username="abe")
    password = ada.page.select_one(".secret")
    assert password is not None
    town.first_sign_in("abe", password.get_text(strip=True))
    abe = signed_in(app, "abe")
    with town.store.read() as db:
        abe_id = db.value("SELECT id FROM people WHERE username = 'abe'")
        before = partners.readers(db, advice.partner.id)
    ada.get(f"/partner/people/{abe_id}")
    assert ada.post(f"/partner/people/{abe_id}/end").status_code == 303
    assert abe.get("/partner/").status_code == 303
    with town.store.read() as db:
        assert partners.readers(db, advice.partner.id) != before
    assert "ZZMARKEDNAME" in ada.get(f"/partner/referrals/{told}").text, "for those who stay nothing changes"


def test_nobody_ends_herself_and_a_password_is_changed_and_not_given(
    town: Town, at_desk: AtDesk, advice: House
) -> None:
    ada = at_desk(advice)
    path = f"/partner/people/{advice.member.id}"
    ada.get("/partner/people/add")
    assert ada.post(f"{path}/end").status_code == 409
    assert "You cannot end your own account." in ada.words
    ada.get("/partner/people/add")
    assert ada.post(f"{path}/password").location == "/partner/password"


def test_a_user_name_belongs_to_one(at_desk: AtDesk, advice: House) -> None:
    ada = at_desk(advice)
    for username, says in (("manager", "Somebody has this user name."), ("Ä", "Use 2 to 40 letters a to z")):
        ada.get("/partner/people/add")
        assert ada.post("/partner/people/add", name="X", username=username).status_code == 422
        assert says in ada.words


def test_what_a_partner_says_of_itself_is_what_residents_read(
    town: Town, at_desk: AtDesk, advice: House
) -> None:
    ada = at_desk(advice)
    ada.get("/partner/people")
    assert "You are alone here." in ada.words
    sent = {"who_reads": "volunteers", "kept_months": "24", "email": "inbox@example.org"}
    assert ada.post("/partner/about", **sent).status_code == 303
    with town.store.read() as db:
        partner = partners.find(db, advice.partner.id)
    assert (partner.who_reads, partner.kept_months, partner.email) == ("volunteers", 24, "inbox@example.org")
    ada.get("/partner/people")
    for wrong in ({"who_reads": "everybody"}, {"kept_months": "long"}, {"email": "nowhere"}):
        assert ada.post("/partner/about", **(sent | wrong)).status_code == 422


def test_the_key_can_be_changed_by_hand_and_all_is_still_read(
    at_desk: AtDesk, advice: House, told: str, town: Town
) -> None:
    ada = at_desk(advice)
    ada.get("/partner/people")
    assert ada.post("/partner/key").location == "/partner/people?said=key"
    assert "ZZMARKEDNAME" in ada.get(f"/partner/referrals/{told}").text
    assert signed_in(town.app, "ada", OWN_PASSWORD).get("/partner/").status_code == 200
