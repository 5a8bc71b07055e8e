"""Staff who fill a story in follow it in English on their own screen; nobody else does, nor for longer."""

from __future__ import annotations

import pytest
from flask import Flask

from kiosk import branches
from kiosk.people import accounts, sessions
from kiosk.people.accounts import Role
from tests.support.telling.town import TELLS, Town, answer, begin, tell
from tests.visitor import PASSWORD, Visitor

pytestmark = pytest.mark.patient

FOLLOW = "/staff/support/follow"


def signed_in(app: Flask, username: str) -> Visitor:
    """Somebody of staff at a screen of her own."""
    staff = Visitor(app.test_client())
    staff.get("/staff/sign-in")
    staff.post("/staff/sign-in", {"username": username, "password": PASSWORD}, follow=False)
    staff.get(FOLLOW)
    assert staff.path == FOLLOW
    return staff


@pytest.fixture
def desk(app: Flask) -> Visitor:
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
    money: str, visitor: Visitor, desk: Visitor
) -> None:
    code = with_staff(visitor, money)
    desk.post(FOLLOW, {"code": code.lower()})
    assert desk.status == 200
    assert "How old are you?" in desk.words
    for page in ("age", "about", "special-1"):
        visitor.post(visitor.path, TELLS[page])
    desk.post(FOLLOW, {"code": code})
    assert "How soon do you need help?" in desk.words
    assert "Money, benefits or debt" in desk.words
    assert "Arabic" in desk.words
    assert visitor.lang == "ar"
    answer(visitor)
    desk.post(FOLLOW, {"code": code})
    assert "May Citizens Advice Ipswich get your story?" in desk.words
    assert "The landlord wants us to leave." in desk.words


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


def test_a_wrong_code_shows_nothing(money: str, visitor: Visitor, desk: Visitor) -> None:
    with_staff(visitor, money)
    desk.post(FOLLOW, {"code": "000000"})
    assert desk.status == 422
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
    other = signed_in(app, "olga")
    other.post(FOLLOW, {"code": code})
    assert other.status == 422


def test_what_is_followed_lies_nowhere_in_the_open(app: Flask, money: str, visitor: Visitor) -> None:
    with_staff(visitor, money)
    answer(visitor, words={"words": "Marmalade zeppelin"})
    app.extensions["store"].close()
    for file in sorted(app.extensions["store"].path.parent.rglob("*")):
        if file.is_file():
            assert b"Marmalade" not in file.read_bytes(), file.name
