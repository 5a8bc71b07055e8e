"""What she took out for one partner, item by item: on no page of it, in no file, and never passed on."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
from flask import Flask

from kiosk.support.referrals import records
from kiosk.support.referrals.consents import LIBRARY, Choice
from kiosk.support.referrals.story import Story, english
from tests.staff.conftest import Browser
from tests.support.town import OPTIONAL, STORY, House, Town
from tests.visitor import PASSWORD

pytestmark = pytest.mark.patient

AtDesk = Callable[[House], Browser]
TOLD: Story = {**STORY, "interpreter": "ti", "district": "ZZDISTRICT"}
"""Each item says something here that stands nowhere else on a page."""


def seen_of(town: Town, house: House, browser: Browser, staff: Browser) -> dict[str, str]:
    """All that a partner sees of what it has, and staff of the library with it, by page."""
    with town.store.read() as db:
        rows = db.all("SELECT id FROM referral_handovers WHERE partner_id = :id", id=house.partner.id)
    found = {"inbox": browser.get("/partner/").text}
    for number, row in enumerate(rows):
        for page in ("", "/print", "/json"):
            answer = browser.get(f"/partner/referrals/{row['id']}{page}")
            assert answer.status_code == 200
            found[f"{number}{page}"] = answer.text
        answer = staff.get(f"/staff/support/referrals/{row['id']}/content")
        assert answer.status_code == 200
        found[f"{number} for staff"] = answer.text
    browser.get("/partner/table")
    found["table"] = browser.post("/partner/table", first="2026-03-01", last="2026-03-31").text
    return found


def pass_on(town: Town, giver: House, browser: Browser, taker: House, items: list[str]) -> None:
    """Pass what a partner has on to another, with the person's yes to these items."""
    with town.store.read() as db:
        handover = db.value("SELECT id FROM referral_handovers WHERE partner_id = :id", id=giver.partner.id)
    path = f"/partner/referrals/{handover}"
    browser.get(path)
    assert browser.post(f"{path}/pass", service=taker.service_id).status_code == 303
    browser.get(f"{path}/yes")
    yes = browser.post(f"{path}/yes", answer="yes", agreed="here", express=["money"], items=items)
    assert yes.status_code == 303
    browser.get(path)
    assert browser.post(f"{path}/passed").status_code == 303


@pytest.mark.parametrize("item", OPTIONAL)
def test_what_she_took_out_for_one_partner_stands_nowhere_there(
    app: Flask, town: Town, at_desk: AtDesk, advice: House, homes: House, school: House, item: str
) -> None:
    rest = [each for each in OPTIONAL if each != item]
    along = Choice(LIBRARY, "", True, (), "May library staff read it too?", "1", "ar")
    town.send(town.yes(advice, *rest), town.yes(homes), along, story=TOLD)
    manager = Browser(app)
    manager.sign_in("manager", PASSWORD)
    ada, bea, cleo = at_desk(advice), at_desk(homes), at_desk(school)
    with app.app_context():
        marks = english(item, TOLD[item])

    whole = seen_of(town, homes, bea, manager)
    for mark in marks:
        missing = {page for page, text in whole.items() if mark not in text}
        assert missing == {"inbox"}, f"{mark} cannot prove anything"
    for mark in marks:
        assert not [page for page, text in seen_of(town, advice, ada, manager).items() if mark in text]

    pass_on(town, advice, ada, school, rest)  # it never had it
    pass_on(town, homes, bea, school, rest)  # she takes it out for the next
    passed = seen_of(town, school, cleo, manager)
    for mark in marks:
        assert not [page for page, text in passed.items() if mark in text]
    for page in ("0/json", "1/json"):
        assert set(json.loads(passed[page])["story"]) == set(TOLD) - {item}
    rows = list(csv.DictReader(io.StringIO(passed["table"].removeprefix("\ufeff"))))
    assert [row[item.replace("-", "_")] for row in rows] == ["", ""]


def test_nobody_can_pass_on_an_item_that_was_taken_out(
    town: Town, at_desk: AtDesk, advice: House, school: House
) -> None:
    handover = town.handover(town.send(town.yes(advice, "urgent"), story=TOLD), advice)
    path, ada = f"/partner/referrals/{handover.id}", at_desk(advice)
    ada.get(path)
    ada.post(f"{path}/pass", service=school.service_id)
    ada.get(f"{path}/yes")
    answer = ada.post(f"{path}/yes", answer="yes", agreed="here", express=["money"], items=["urgent", "name"])
    assert answer.status_code == 422
    with town.store.read() as db:
        assert not records.handover(db, handover.id).passing_consent
