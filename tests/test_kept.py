"""What is drawn once for everybody: each still gets what is hers, and a change shows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask, render_template_string

from kiosk import branches, settings, visits
from kiosk.kept import Shelf
from kiosk.store import Store
from tests.visitor import Visitor

Another = Callable[[], Visitor]


def shelf(app: Flask) -> Shelf:
    found: Shelf = app.extensions["kept"]
    return found


# -- hers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/pl/", "/pl/join/", "/"])
def test_two_people_at_the_same_page_have_tokens_of_their_own(another: Another, path: str) -> None:
    one, other = another(), another()
    for each in (one, other, one):
        each.get(path)
    assert one.token
    assert one.token != other.token
    assert other.token not in one.text
    other.get("/pl/join/")
    assert other.post("/pl/join/", follow=False).status_code == 303, "her token is good"


def test_the_token_of_one_opens_nothing_for_another(another: Another) -> None:
    one, other = another(), another()
    one.get("/pl/")
    other.get("/pl/")
    other.text = one.text
    other.post("/pl/display", {"change": "text", "from": "/pl/"}, follow=False)
    assert other.status == 409


def test_nothing_of_a_person_is_in_what_is_kept(app: Flask, visitor: Visitor, another: Another) -> None:
    tokens = set()
    for each, language in ((visitor, "pl"), (another(), "ar")):
        code = each.join(language, look=True)
        each.get(f"/{language}/")
        tokens.add(each.token)
        for part in shelf(app):
            assert code not in part.replace(" ", "")
            for secret in (*each.typed, *tokens, each.cookie):
                assert secret not in part
    assert tokens
    assert any("keyboard" in part for part in shelf(app)), "the pages of a join are on the shelf"


def test_the_next_person_does_not_get_the_large_letters_of_the_last(another: Another) -> None:
    one, other = another(), another()
    one.get("/pl/")
    one.post("/pl/display", {"change": "text", "from": "/pl/"})
    one.post("/pl/display", {"change": "theme", "from": "/pl/"})
    other.get("/pl/")
    assert 'data-text="140"' in one.text
    assert 'data-theme="strong"' in one.text
    assert 'data-text="100"' in other.text
    assert "data-live" not in other.text
    one.get("/pl/")
    assert 'data-text="140"' in one.text
    assert "data-live" in one.text


def test_who_hides_the_english_hides_it_for_nobody_else(another: Another) -> None:
    one, other = another(), another()
    one.get("/pl/")
    one.post("/pl/display", {"change": "english", "value": "hide", "from": "/pl/"})
    other.get("/pl/")
    assert not one.page.select(".eng")
    assert other.page.select(".eng")


# -- the rules that make it safe -------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["display().text", "this_frame().text"])
def test_who_asks_for_the_visit_in_what_everybody_sees_gets_an_error(app: Flask, asked: str) -> None:
    with app.test_request_context("/en/"):
        app.preprocess_request()
        with pytest.raises(RuntimeError, match="one person"):
            render_template_string('{% call kept("wrong") %}{{ ' + asked + " }}{% endcall %}")
        assert visits.current() is not None, "afterwards there is somebody again"
    assert len(list(shelf(app))) == 0


def test_a_token_that_was_drawn_by_other_means_is_not_kept(app: Flask) -> None:
    with app.test_request_context("/en/"):
        app.preprocess_request()
        with pytest.raises(RuntimeError, match="token"):
            render_template_string(
                '{% call kept("wrong") %}{{ hers }}{% endcall %}', hers=visits.csrf_token()
            )
    assert len(list(shelf(app))) == 0


def test_a_part_within_a_part_has_the_token_of_the_person_too(app: Flask) -> None:
    nested = '{% call kept("a") %}a{% call kept("b") %}{{ csrf_token() }}{% endcall %}{% endcall %}'
    for _person in range(2):
        with app.test_request_context("/en/"):
            app.preprocess_request()
            assert render_template_string(nested) == f"a{visits.csrf_token()}"


def test_what_nobody_looked_at_for_longest_makes_room() -> None:
    small = Shelf(lambda: "token", most=20)
    for name in ("first", "second"):
        small.put(name, "x" * 10)
    assert small.find("first")
    small.put("third", "x" * 10)
    assert small.find("second") is None
    assert small.find("first")
    assert small.letters == 20
    small.put("first", "x" * 4)
    assert small.letters == 14
    small.put("too large", "x" * 50)
    assert small.letters == 0


# -- a change shows --------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(store: Store) -> Iterator[Store]:
    """The same database as another process has it open."""
    opened = Store(store.path)
    yield opened
    opened.close()


def test_a_setting_changed_by_another_process_shows_on_the_next_page(
    visitor: Visitor, elsewhere: Store
) -> None:
    for tags in (("pl", "en"), ("ar", "en"), ("pl", "ar")):
        with elsewhere.write() as db:
            settings.change(db, "library", "", "languages", tags)
        visitor.get("/")
        assert [str(link["hreflang"]) for link in visitor.page.select(".tongues a")] == list(tags)
        assert visitor.get("/pl/").status_code == (200 if "pl" in tags else 404)


@pytest.mark.parametrize(("level", "seconds"), [("library", 90), ("branch", 100), ("kiosk", 110)])
def test_a_setting_of_each_level_arrives_on_a_page_that_was_kept(
    visitor: Visitor, store: Store, level: settings.Level, seconds: int
) -> None:
    visitor.get("/pl/")
    assert 'data-idle="120"' in visitor.text
    with store.write() as db:
        here = branches.place(db, "")
        place = {"library": "", "branch": here.branch.id, "kiosk": here.kiosk_id}[level]
        settings.change(db, level, place, "idle_seconds", seconds)
    visitor.get("/pl/")
    assert f'data-idle="{seconds}"' in visitor.text


def test_home_says_when_the_library_closes_today_and_later_that_it_has(
    visitor: Visitor, store: Store, elsewhere: Store, clock: time_machine.Traveller
) -> None:
    with store.read() as db:
        branch = branches.place(db, "").branch
    today = branch.now().date()
    visitor.get("/en/")
    assert "Open today" not in visitor.words
    with elsewhere.write() as db:
        branches.open_on(db, branch.id, {today.isoweekday(): [("08:00", "17:00")]})
    visitor.get("/en/")
    assert "Open today until" in visitor.words
    with elsewhere.write() as db:
        branches.close(db, branch.id, today, today, "a leak")
    visitor.get("/en/")
    assert "closed now" in visitor.words
    with elsewhere.write() as db:
        branches.open_after_all(db, branch.id, today, today)
    visitor.get("/en/")
    assert "Open today until" in visitor.words
    clock.shift(timedelta(hours=9))
    visitor.get("/en/")
    assert "closed now" in visitor.words


def test_two_libraries_in_one_process_do_not_show_each_others_pages(
    app: Flask, visitor: Visitor, another: Another
) -> None:
    store: Store = app.extensions["store"]
    visitor.get("/en/")
    assert "Central Library" in visitor.words
    with store.write() as db:
        first = branches.place(db, "").kiosk_id
        screen = branches.add_kiosk(db, branches.add_branch(db, "Hill Library"), "By the stairs")
    app.config["SCREEN"] = screen
    other = another()
    other.get("/en/")
    assert "Hill Library" in other.words
    app.config["SCREEN"] = first
    visitor.get("/en/")
    assert "Central Library" in visitor.words


def test_what_is_known_is_looked_up_again_only_after_a_change(store: Store, elsewhere: Store) -> None:
    asked = []

    def look_up(_db: object) -> int:
        asked.append(1)
        return len(asked)

    assert [store.known("it", look_up) for _ in range(3)] == [1, 1, 1]
    for number, changes in enumerate((store, elsewhere), 2):
        with changes.write() as db:
            db.run("DELETE FROM visits WHERE id = 'nobody'")
            db.insert("visits", id=f"v{number}", sealed=b"", seen_at="", dies_at="")
        assert [store.known("it", look_up) for _ in range(3)] == [number] * 3
