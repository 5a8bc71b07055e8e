"""One person's turn at the screen: what is remembered, for whom, how long, and that it is gone after it."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from kiosk import rounds, settings
from kiosk.sealing import CannotOpen
from kiosk.store import Store
from kiosk.visits import SIGN_OF_LIFE, Visit
from tests.visitor import Visitor

LIFE = 2 * 120 + 60 + 60
"""Seconds without a sign of life after which a visit is over, with the usual settings."""
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
    max_leaves=10,
)


def rows(store: Store) -> int:
    with store.read() as db:
        return int(db.value("SELECT COUNT(*) FROM visits"))


# -- sealed by the cookie --------------------------------------------------------------------------------


@given(st.dictionaries(st.text(), ANY_JSON))
def test_a_visit_opens_with_its_cookie_and_with_no_other(remembered: dict[str, Any]) -> None:
    visit = Visit.begin()
    visit.update(remembered)
    sealed = visit.seal()
    assert Visit(visit.token).open(sealed) == json.loads(json.dumps(dict(visit)))
    for token in (
        visit.token[:32] + secrets.token_bytes(32),
        secrets.token_bytes(32) + visit.token[32:],
        secrets.token_bytes(64),
    ):
        with pytest.raises(CannotOpen):
            Visit(token).open(sealed)


def test_the_cookie_says_nothing_and_the_database_cannot_say_whose_it_is(
    store: Store, visitor: Visitor
) -> None:
    visitor.start_joining("pl")
    visitor.walk(to="family-name", first_name="Zzcanaryna")
    token = base64.urlsafe_b64decode(visitor.cookie)
    assert len(token) == 64
    with store.read() as db:
        row = db.one("SELECT * FROM visits")
    for half in (token[:32], token[32:]):
        for form in (half, half.hex().encode(), base64.urlsafe_b64encode(half)):
            assert form not in repr(row).encode()
            assert form not in row["sealed"]
            assert form != row["id"].encode()


# -- beginning -------------------------------------------------------------------------------------------


def test_nothing_is_written_down_before_there_is_anything_to_remember(store: Store, visitor: Visitor) -> None:
    for path in ("/", "/pl/", "/pl/join/", "/pl/join/privacy", "/pl/language"):
        visitor.get(path)
        assert visitor.status == 200
    assert rows(store) == 0
    assert visitor.cookie


def test_a_visit_gets_a_new_id_and_key_before_anything_personal(store: Store, visitor: Visitor) -> None:
    """A cookie that somebody prepared, or saw, opens nothing of what is typed after it."""
    visitor.get("/pl/join/")
    before = visitor.cookie
    visitor.post("/pl/display", {"change": "text", "from": "/pl/join/"})
    visitor.post("/pl/join/")
    after = base64.urlsafe_b64decode(visitor.cookie)
    assert visitor.cookie != before
    assert rows(store) == 1, "the row of the old cookie went with it"
    old = base64.urlsafe_b64decode(before)
    assert (old[:32] != after[:32], old[32:] != after[32:]) == (True, True)
    visitor.client.set_cookie("visit", before)
    visitor.get("/pl/join/year")
    assert visitor.path == "/"


def test_two_people_at_two_screens_do_not_meet(visitor: Visitor, another: Callable[[], Visitor]) -> None:
    other = another()
    visitor.start_joining("pl")
    other.start_joining("ar")
    visitor.walk(first_name="Agnieszka")
    other.walk(first_name="Fatima")
    visitor.get("/pl/join/check")
    other.get("/ar/join/check")
    assert "Agnieszka" in visitor.words
    assert "Fatima" not in visitor.words
    assert "Fatima" in other.words
    assert "Agnieszka" not in other.words


# -- the next person -------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["finish", "first screen"])
def test_the_next_person_sees_nothing_of_the_last(store: Store, visitor: Visitor, way: str) -> None:
    visitor.start_joining("ar")
    visitor.walk(first_name="Zzcanaryna")
    seen = visitor.path
    visitor.post("/ar/display", {"change": "theme", "from": "/ar/"})
    visitor.get(seen)
    assert "Zzcanaryna" in visitor.words
    old = visitor.cookie
    if way == "finish":
        visitor.post("/ar/finish")
    else:
        visitor.get("/")
    assert visitor.path == "/"
    assert rows(store) == 0
    assert visitor.cookie != old
    for path in (seen, "/ar/join/receipt", "/ar/join/first-name", "/ar/join/together"):
        visitor.get(path)
        assert visitor.path == "/"
        assert "Zzcanaryna" not in visitor.text
    assert 'data-theme="paper"' in visitor.text, "and the screen looks as it always does"
    visitor.client.set_cookie("visit", old)
    visitor.get(seen)
    assert visitor.path == "/", "not even with the old cookie"


def test_the_code_on_the_receipt_goes_with_the_visit(visitor: Visitor) -> None:
    code = visitor.join("en")
    visitor.get("/en/join/receipt")
    assert visitor.code == code
    visitor.post("/en/finish")
    visitor.get("/en/join/receipt")
    assert visitor.path == "/"
    assert code not in visitor.text.replace(" ", "")


def test_how_the_screen_looks_goes_back_to_what_the_library_chose(store: Store, visitor: Visitor) -> None:
    with store.write() as db:
        settings.change(db, "library", "", "english_line", "hide")
    visitor.get("/pl/")
    assert not visitor.page.select(".eng")
    for change in ("text", "theme"):
        visitor.post("/pl/display", {"change": change, "from": "/pl/"})
    visitor.post("/pl/display", {"change": "english", "value": "both", "from": "/pl/"})
    assert 'data-theme="strong" data-text="140"' in visitor.text
    assert visitor.page.select(".eng")
    visitor.get("/")
    visitor.get("/pl/")
    assert 'data-theme="paper" data-text="100"' in visitor.text
    assert not visitor.page.select(".eng")


# -- time ------------------------------------------------------------------------------------------------


def test_a_visit_ends_by_itself(
    app: Flask, store: Store, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    visitor.start_joining("pl")
    visitor.walk()
    clock.shift(LIFE - 1)
    rounds.go(app)
    assert rows(store) == 1
    clock.shift(1)
    visitor.get("/pl/join/check")
    assert visitor.path == "/", "nobody waits for the round"
    rounds.go(app)
    assert rows(store) == 0


def test_a_sign_of_life_keeps_it(store: Store, visitor: Visitor, clock: time_machine.Traveller) -> None:
    visitor.start_joining("pl")
    visitor.walk(to="first-name")
    for _ in range(5):
        clock.shift(LIFE - 1)
        visitor.post("/pl/still-here")
        assert visitor.status == 204
    visitor.get("/pl/join/first-name")
    assert visitor.path == "/pl/join/first-name"


def test_looking_at_a_page_is_a_sign_of_life_that_is_written_down_now_and_then(
    store: Store, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    visitor.start_joining("pl")

    def seen() -> str:
        with store.read() as db:
            return str(db.value("SELECT seen_at FROM visits"))

    first = seen()
    clock.shift(SIGN_OF_LIFE)
    visitor.get("/pl/join/year")
    assert seen() == first, "not every page costs a write"
    clock.shift(1)
    visitor.get("/pl/join/year")
    assert seen() > first


def test_who_needs_more_time_has_twice_as_much(visitor: Visitor, clock: time_machine.Traveller) -> None:
    visitor.start_joining("pl")
    for _ in range(12):
        visitor.post("/pl/still-here", {"more": "1"})
    visitor.get("/pl/join/year")
    assert 'data-stretch="2"' in visitor.text
    clock.shift(2 * (2 * 120 + 60) + 60 - 1)
    visitor.get("/pl/join/year")
    assert visitor.path == "/pl/join/year"
    clock.shift(2 * (2 * 120 + 60) + 60)
    visitor.get("/pl/join/year")
    assert visitor.path == "/"


def test_the_times_are_those_that_the_library_chose(
    store: Store, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    with store.write() as db:
        settings.change(db, "library", "", "idle_seconds", 60)
        settings.change(db, "library", "", "countdown_seconds", 30)
    visitor.start_joining("pl")
    assert 'data-idle="60"' in visitor.text
    assert 'data-countdown="30"' in visitor.text
    clock.shift(2 * 60 + 30 + 60)
    visitor.get("/pl/join/year")
    assert visitor.path == "/"


def test_a_sign_of_life_of_nobody_begins_nothing(store: Store, visitor: Visitor) -> None:
    visitor.get("/pl/")
    visitor.post("/pl/still-here")
    assert visitor.status == 204
    assert rows(store) == 0


def test_a_clock_that_goes_back_keeps_nobody_longer_than_that(
    app: Flask, store: Store, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    visitor.start_joining("pl")
    clock.shift(-3600)
    visitor.get("/pl/join/year")
    assert visitor.path == "/pl/join/year"
    clock.shift(3600 + LIFE)
    rounds.go(app)
    assert rows(store) == 0


# -- the cookie ------------------------------------------------------------------------------------------


def test_behind_https_the_cookie_is_bound_to_this_host(app: Flask) -> None:
    app.config["HTTPS"] = True
    answer = app.test_client().get("/pl/", base_url="https://localhost")
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-visit=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert "Expires" not in cookie, "it goes when the browser does"


@pytest.mark.parametrize("path", ["/static/tokens.css", "/healthz"])
def test_files_belong_to_nobody(app: Flask, path: str) -> None:
    with app.test_client().get(path) as answer:
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers


def test_a_library_that_leaves_the_code_up_longer_keeps_the_visit_as_long(
    store: Store, visitor: Visitor, clock: time_machine.Traveller
) -> None:
    with store.write() as db:
        for name, value in (("idle_seconds", 60), ("countdown_seconds", 30), ("receipt_seconds", 300)):
            settings.change(db, "library", "", name, value)
        settings.change(db, "library", "", "receipt_countdown_seconds", 120)
    visitor.join("pl")
    clock.shift(400)
    visitor.get("/pl/join/receipt")
    assert visitor.status == 200


def test_when_an_answer_cannot_be_written_down_she_is_told_and_it_is_not_lost(
    store: Store, visitor: Visitor
) -> None:
    visitor.start_joining("pl")
    store._writer.execute("PRAGMA query_only=ON")  # as on a disk that takes nothing more
    visitor.answer("year", "1990")
    assert visitor.status == 503
    assert "Teraz nie możemy niczego zapisać." in visitor.page.get_text()
    store._writer.execute("PRAGMA query_only=OFF")
    visitor.answer("year", "1990")
    assert visitor.path == "/pl/join/month"
