"""Staff who fill a story in follow it in English on their own screen; nobody else does, nor for longer."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from kiosk import branches
from kiosk.people import accounts, sessions
from kiosk.people.accounts import Role
from kiosk.support.referrals import consents
from kiosk.support.telling import following
from tests.staff.conftest import Browser
from tests.support.telling.town import TELLS, Town, answer, begin, says, send, tell
from tests.visitor import PASSWORD, Visitor

pytestmark = pytest.mark.patient

FOLLOW = "/staff/support/follow"


def signed_in(app: Flask, username: str) -> Browser:
    """Somebody of staff at a screen of her own."""
    staff = Browser(app)
    assert staff.sign_in(username).status_code == 303
    staff.get(FOLLOW)
    return staff


@pytest.fixture
def desk(app: Flask) -> Browser:
    return signed_in(app, accounts.FIRST_USERNAME)


def with_staff(visitor: Visitor, *services: str, language: str = "ar") -> str:
    """Begin with a member of staff at her side; the code on the screen."""
    begin(visitor, *services, language=language)
    visitor.post(visitor.path, {"filled_by": "staff"})
    visitor.post(visitor.path, TELLS["agrees"])
    words = visitor.page.select_one(".follow .own")
    assert words is not None, f"no code on {visitor.path}"
    return words.get_text().rsplit(" ", 1)[1]


def test_staff_read_the_question_and_the_answers_in_english(
    money: str, visitor: Visitor, desk: Browser
) -> None:
    code = with_staff(visitor, money)
    assert desk.post(FOLLOW, code=code.lower()).status_code == 200
    assert "How old are you?" in desk.words
    for page in ("age", "about", "special-1"):
        visitor.post(visitor.path, TELLS[page])
    desk.post(FOLLOW, code=code)
    assert "How soon do you need help?" in desk.words
    assert "Money, benefits or debt" in desk.words
    assert "Arabic" in desk.words
    assert visitor.lang == "ar"
    answer(visitor)
    desk.post(FOLLOW, code=code)
    assert "May Citizens Advice Ipswich get your story?" in desk.words
    assert "The landlord wants us to leave." in desk.words


def test_nothing_is_followed_before_she_agrees(town: Town, money: str, visitor: Visitor) -> None:
    begin(visitor, money)
    visitor.post(visitor.path, {"filled_by": "staff"})
    assert not visitor.page.select(".follow")
    assert followed(town) == 0


def test_when_staff_fill_it_in_no_more_they_follow_no_more(
    town: Town, money: str, visitor: Visitor, desk: Browser
) -> None:
    code = with_staff(visitor, money)
    visitor.post("/ar/support/tell/filled-by", {"filled_by": "self"})
    assert followed(town) == 0
    assert desk.post(FOLLOW, code=code).status_code == 422


def test_who_follows_stands_in_the_log_once_and_in_the_proof(
    town: Town, money: str, visitor: Visitor, desk: Browser
) -> None:
    code = with_staff(visitor, money, language="en")
    for _look in range(3):
        desk.post(f"{FOLLOW}?seen=1", code=code)  # an address from elsewhere changes nothing
    with town.store.read() as db:
        assert db.value("SELECT COUNT(*) FROM audit WHERE action = 'screen followed'") == 1
    answer(visitor)
    while "/partner/" in visitor.path:
        says(visitor, bool(visitor.page.select("button[value=more]")))
    reference, _pin = send(visitor)
    referral = town.referral(reference)
    with town.store.read() as db:
        kept = consents.of_referral(db, referral.id)
    assert {each.witness for each in kept} == {accounts.FIRST_USERNAME}


def test_who_followed_first_is_the_witness(
    app: Flask, town: Town, money: str, visitor: Visitor, desk: Browser, clock: time_machine.Traveller
) -> None:
    code = with_staff(visitor, money)
    desk.post(FOLLOW, code=code)
    clock.shift(timedelta(minutes=1))
    again = signed_in(app, accounts.FIRST_USERNAME)
    for _look in range(2):
        again.post(FOLLOW, code=code)
    with town.store.write() as db:
        last = db.value("SELECT MAX(at) FROM followers")
        db.run("UPDATE followers SET username = 'olga', at = '2000' WHERE at = :last", last=last)
        assert following.follower(db, db.value("SELECT visit_id FROM followed")) == "olga"
        assert db.value("SELECT COUNT(*) FROM followers") == 2


def test_who_tells_her_own_story_is_followed_by_nobody(town: Town, money: str, visitor: Visitor) -> None:
    begin(visitor, money)
    visitor.post(visitor.path, TELLS["filled-by"])
    assert not visitor.page.select(".follow")
    assert followed(town) == 0


@pytest.mark.parametrize("end", ["finish", "leave", "send"])
def test_with_the_visit_it_is_over(town: Town, money: str, visitor: Visitor, end: str) -> None:
    if end == "send":
        tell(visitor, money, filled_by={"filled_by": "staff"})
    else:
        with_staff(visitor, money)
        assert followed(town) == 1
        visitor.post("/ar/finish", {"leave": "now"} if end == "leave" else {})
    assert followed(town) == 0


def followed(town: Town) -> int:
    with town.store.read() as db:
        return int(db.value("SELECT COUNT(*) FROM followed"))


def test_a_wrong_code_shows_nothing(money: str, visitor: Visitor, desk: Browser) -> None:
    with_staff(visitor, money)
    assert desk.post(FOLLOW, code="000000").status_code == 422
    assert "No screen has this code now." in desk.words


def test_a_branch_follows_its_own_screens_only(app: Flask, town: Town, money: str, visitor: Visitor) -> None:
    code = with_staff(visitor, money)
    session, _cookie = sessions.sign_in(town.store, town.service_key, accounts.FIRST_USERNAME, PASSWORD)
    with town.store.write() as db:
        elsewhere = branches.add_branch(db, "Riverside Library")
        desk_key = accounts.open_desk_key(db, session.person.id, session.private_key)
    person, first = accounts.add(
        town.store, town.service_key, session.person, desk_key, username="olga", name="Olga",
        role=Role.BRANCH, branch_id=elsewhere,
    )  # fmt: skip
    sessions.change_password(town.store, town.service_key, person, first, PASSWORD, "")
    assert signed_in(app, "olga").post(FOLLOW, code=code).status_code == 422


def test_what_is_followed_lies_nowhere_in_the_open(app: Flask, money: str, visitor: Visitor) -> None:
    with_staff(visitor, money)
    answer(visitor, words={"words": "Marmalade zeppelin"})
    app.extensions["store"].close()
    for file in sorted(app.extensions["store"].path.parent.rglob("*")):
        if file.is_file():
            assert b"Marmalade" not in file.read_bytes(), file.name
