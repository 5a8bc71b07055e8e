"""The first screen, home, how things are shown, finish, and the pages for when something is wrong."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from kiosk import home, languages, settings
from kiosk.store import Store
from tests.visitor import MORNING, Visitor

TAGS = [language.tag for language in languages.complete()]


def test_the_first_screen_welcomes_in_every_language(visitor: Visitor) -> None:
    visitor.get("/")
    for tag in TAGS:
        words = languages.catalogue(tag).gettext("Welcome. Touch your language.")
        assert words in visitor.words
        assert visitor.page.select(f'a[href="/{tag}/"]')


def test_the_first_screen_asks_for_every_font_that_it_needs(visitor: Visitor) -> None:
    visitor.get("/")
    sheets = " ".join(str(tag["href"]) for tag in visitor.page.select("link[rel=stylesheet]"))
    for language in languages.complete():
        assert all(sheet in sheets for sheet in language.fonts)


@pytest.mark.parametrize("tag", TAGS)
def test_home_shows_what_can_be_done(visitor: Visitor, tag: str) -> None:
    visitor.get(f"/{tag}/")
    assert visitor.heading == languages.catalogue(tag).gettext("What do you want to do?")
    assert visitor.page.select(f'a.tile[href="/{tag}/join/"]')


def test_only_what_works_here_is_on_the_screen_in_the_order_of_the_library(
    store: Store, visitor: Visitor
) -> None:
    with store.write() as db:
        settings.change(db, "library", "", "journeys", ["teleport"])
    visitor.get("/en/")
    assert visitor.status == 200
    assert not visitor.page.select("a.tile")


def test_a_library_without_known_hours_says_nothing_of_them(visitor: Visitor) -> None:
    visitor.get("/en/")
    assert not visitor.page.select(".hours")


def test_the_screen_is_named_after_its_branch(visitor: Visitor) -> None:
    visitor.get("/en/")
    brand = visitor.page.select_one(".brand bdi")
    assert brand is not None
    assert brand.get_text() == "Central Library"


# -- how things are shown --------------------------------------------------------------------------------


def test_text_grows_with_each_touch_and_begins_again(visitor: Visitor) -> None:
    visitor.get("/pl/")
    for size in ("140", "200", "100", "140"):
        visitor.post("/pl/display", {"change": "text", "from": "/pl/"})
        assert f'data-text="{size}"' in visitor.text


def test_colours_go_round(visitor: Visitor) -> None:
    visitor.get("/pl/")
    for theme in ("strong", "night", "paper"):
        visitor.post("/pl/display", {"change": "theme", "from": "/pl/"})
        assert f'data-theme="{theme}"' in visitor.text


def test_a_choice_that_this_version_does_not_know_is_the_first_one() -> None:
    assert home._next((100, 140, 200), 170) == 100


def test_a_screen_tells_its_size_and_slow_hands(store: Store, visitor: Visitor) -> None:
    with store.write() as db:
        settings.change(db, "library", "", "screen_inches", 32.0)
        settings.change(db, "library", "", "slow_hands", True)
    visitor.get("/pl/")
    assert 'data-inches="32.0"' in visitor.text
    assert "data-slow-hands" in visitor.text


# -- finish ----------------------------------------------------------------------------------------------


def test_finish_leads_to_the_first_screen_even_when_there_is_nothing_to_finish(visitor: Visitor) -> None:
    visitor.get("/ar/")
    visitor.post("/ar/finish")
    assert visitor.path == "/"
    assert visitor.status == 200


# -- when something is wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize("tag", TAGS)
def test_a_page_about_a_problem_has_one_way_on(visitor: Visitor, tag: str) -> None:
    visitor.get(f"/{tag}/nothing")
    assert visitor.status == 404
    links = [str(link["href"]) for link in visitor.page.select("main a")]
    assert links == [f"/{tag}/"]
    assert visitor.page.title is not None
    assert visitor.page.title.get_text() != visitor.heading, "the title says that it is an error"


def test_every_problem_has_words() -> None:
    assert {400, 403, 404, 405, 409, 413, 429, 500, 503} <= set(home.PROBLEMS)


@pytest.mark.parametrize("path", ["/", "/pl/", "/pl/join/", "/nothing", "/static/nothing.css", "/healthz"])
def test_every_answer_is_safe_to_show(app: Flask, visitor: Visitor, path: str) -> None:
    with app.test_client().get(path) as answer:
        assert isinstance(answer, TestResponse)
        visitor._look(path, answer)
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in answer.headers["Permissions-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "Server" not in answer.headers


def test_a_file_may_be_kept_for_as_long_as_it_is_the_same(app: Flask, visitor: Visitor) -> None:
    visitor.get("/pl/")
    [address] = [str(tag["href"]) for tag in visitor.page.select('link[href*="screens.css"]')]
    with app.test_client().get(address) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
    with app.test_client().get("/static/vendor/screens.css") as answer:
        assert "immutable" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/app.py", "/static//etc/passwd"]
)
def test_no_other_file_can_be_fetched(app: Flask, path: str) -> None:
    with app.test_client().get(path, follow_redirects=True) as answer:
        assert answer.status_code == 404


def test_the_server_says_that_it_is_alive(app: Flask, clock: time_machine.Traveller) -> None:
    clock.move_to(MORNING)
    assert app.test_client().get("/healthz").text == "ok"
