"""Which languages are offered, and what a page in one of them is like."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from flask import Flask

from kiosk import catalogues, languages, settings
from kiosk.store import Store
from tests.visitor import Visitor

TAGS = list(languages.known())
CACHES = (languages.known, languages.catalogue, languages.missing, languages._source, languages._offered)
SOMALI = """
[[language]]
tag = "so"
babel = "so"
name = "Soomaali"
english = "Somali"
plurals = "nplurals=2; plural=(n != 1);"
status = "draft"
"""


def forget() -> None:
    for each in CACHES:
        each.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of translations of its own, to add to and to take from."""
    copy = tmp_path / "translations"
    shutil.copytree(languages.FOLDER, copy)
    for room in (languages, catalogues):
        monkeypatch.setattr(room, "FOLDER", copy)
    forget()
    yield copy
    forget()


def write(folder: Path, name: str, *, leave_out: str = "") -> None:
    """A catalogue in which every string is translated, but for one: by writing it twice."""
    catalog = catalogues.extract()
    for message in catalog:
        if message.id:
            message.string = "" if message.id == leave_out else f"{message.id} {message.id}"
    path = folder / name / "LC_MESSAGES" / "messages.mo"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_mo(file, catalog)


def test_a_row_and_a_catalogue_add_a_language(folder: Path, visitor: Visitor) -> None:
    with (folder / "languages.toml").open("a") as file:
        file.write(SOMALI)
    write(folder, "so")
    forget()
    visitor.get("/")
    assert "Soomaali" in visitor.words
    visitor.join("so", look=True)
    assert visitor.lang == "so"
    assert "Done! Here is your code. Done! Here is your code." in visitor.words


@pytest.mark.parametrize("what", ["one string", "the catalogue"])
def test_a_language_in_which_anything_is_missing_is_not_offered(
    folder: Path, visitor: Visitor, what: str
) -> None:
    if what == "one string":
        write(folder, "pl", leave_out="Is this right?")
    else:
        (folder / "pl" / "LC_MESSAGES" / "messages.mo").unlink()
    forget()
    assert languages.missing("pl") >= 1
    visitor.get("/")
    assert "polski" not in visitor.words
    visitor.get("/pl/")
    assert visitor.status == 404
    visitor.get("/en/language")
    assert "polski" not in visitor.words


def test_english_is_always_complete(folder: Path) -> None:
    assert languages.missing("en") == 0
    assert languages.offered()[0].tag == "en"


def test_a_library_offers_what_it_chose_in_its_order(store: Store, visitor: Visitor) -> None:
    with store.write() as db:
        settings.change(db, "library", "", "languages", ["ti", "xx", "pl"])
    visitor.get("/")
    offered = [str(tag["hreflang"]) for tag in visitor.page.select("a[hreflang]")]
    assert offered == ["ti", "pl"]
    assert visitor.lang == "ti"


def test_a_library_that_chose_nothing_that_is_there_offers_everything(store: Store, visitor: Visitor) -> None:
    with store.write() as db:
        settings.change(db, "library", "", "languages", ["xx"])
    visitor.get("/")
    assert len(visitor.page.select("a[hreflang]")) == len(languages.complete())


@pytest.mark.parametrize("tag", TAGS)
def test_the_first_screen_names_every_language_in_itself(visitor: Visitor, tag: str) -> None:
    visitor.get("/")
    [link] = visitor.page.select(f'a[hreflang="{tag}"]')
    language = languages.known()[tag]
    assert link.get_text(strip=True) == language.name
    assert (link["lang"], link["dir"]) == (tag, language.direction)


@pytest.mark.parametrize(
    ("tag", "direction"),
    [("en", "ltr"), ("pl", "ltr"), ("ar", "rtl"), ("uk", "ltr"), ("ti", "ltr"), ("zh-Hant-HK", "ltr")],
)
def test_each_language_runs_its_own_way(visitor: Visitor, tag: str, direction: str) -> None:
    visitor.get(f"/{tag}/")
    html = visitor.page.find("html")
    assert html is not None
    assert (html["lang"], html["dir"]) == (tag, direction)


@pytest.mark.parametrize(
    ("tag", "shown"),
    [("en", "17:30"), ("pl", "17:30"), ("uk", "17:30"), ("ti", "17:30"), ("zh-Hant-HK", "下午5:30")],
)
def test_a_time_is_written_as_people_read_it(app: Flask, tag: str, shown: str) -> None:
    with app.test_request_context():
        languages.speak(languages.known()[tag])
        assert languages.time_of_day(time(17, 30)) == languages.InBoth(shown, "17:30")


@pytest.mark.parametrize("tag", TAGS)
def test_twelve_months_have_twelve_names(app: Flask, tag: str) -> None:
    with app.test_request_context():
        languages.speak(languages.known()[tag])
        names = [languages.month_name(number) for number in range(1, 13)]
        assert len(set(names)) == 12
        assert all(name[0] == name[0].upper() for name in names if languages.current().latin and tag == "en")
        assert languages.month_name(3, english=True) == "March"


def test_both_languages_stand_on_the_screen_until_she_chooses(visitor: Visitor) -> None:
    visitor.get("/pl/")
    assert "Co chcesz zrobić?" in visitor.words
    assert "What do you want to do?" in visitor.words
    visitor.post("/pl/display", {"change": "english", "value": "hide", "from": "/pl/"})
    assert "Co chcesz zrobić?" in visitor.words
    assert not visitor.page.select(".eng")
    visitor.post("/pl/display", {"change": "english", "value": "only", "from": "/pl/"})
    assert visitor.lang == "en"
    assert "Co chcesz zrobić?" not in visitor.words
    assert visitor.path == "/pl/", "her language is known, for the way back and for staff"
    visitor.post("/pl/display", {"change": "english", "value": "both", "from": "/pl/"})
    assert visitor.lang == "pl"


def test_a_language_can_be_changed_on_any_question_and_nothing_is_lost(visitor: Visitor) -> None:
    visitor.start_joining("pl")
    visitor.walk(to="family-name")
    visitor.post("/pl/join/family-name", {"family_name": "Beke", "aside": "language"})
    assert visitor.path == "/pl/language"
    [link] = visitor.page.select('a[hreflang="ar"]')
    visitor.get(str(link["href"]))
    assert (visitor.path, visitor.lang) == ("/ar/join/family-name", "ar")
    assert visitor.box == "Beke", "what she had begun to write is there"
    visitor.answer("family-name", "Bekele")
    visitor.send()
    assert visitor.code


def test_words_that_take_their_place_from_values_are_safe(app: Flask) -> None:
    with app.test_request_context():
        languages.speak(languages.known()["pl"])
        drawn = languages.say("Step %(number)s of %(total)s", number="<b>", total="&")
        assert "<b>" not in drawn
        assert "&lt;b&gt;" in drawn


def test_what_both_languages_say_alike_stands_there_once(app: Flask) -> None:
    with app.test_request_context():
        languages.speak(languages.known()["pl"])
        assert str(languages.psay("answer", "PIN")).count("PIN") == 1
        languages.speak(languages.known()["ar"])
        assert 'class="eng"' in languages.psay("answer", "PIN")
