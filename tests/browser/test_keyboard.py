"""People write with the on-screen keyboard: with a finger, a switch, a keyboard of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask, render_template, request
from flask.wrappers import Response
from jinja2 import ChoiceLoader, FileSystemLoader
from playwright.sync_api import Browser, CDPSession, Locator, Page
from waitress import wasyncore
from waitress.server import create_server

from kiosk import keyboards, languages, pages
from kiosk.configuration import ROOT
from tests.browser.axe import assert_axe
from tests.browser.conftest import Screens, tap
from tests.browser.geometry import SHAPES, assert_gaps, assert_nothing_clipped, assert_targets

HERE = Path(__file__).parent / "pages"
SMALL = ("tablet", "tablet_portrait")
PADS = ("phone", "number", "pin")


def a_page_with_a_keyboard() -> Flask:
    """A question with two fields, served with the headers, words and pictures of the real pages."""
    app = Flask("keyboard", root_path=str(ROOT), static_url_path="/static")
    app.jinja_loader = ChoiceLoader([FileSystemLoader(ROOT / "templates"), FileSystemLoader(HERE)])
    pages.init_app(app)
    languages.init_app(app)
    # there is one page here, and nothing to keep of it
    app.jinja_env.globals.update(keyboard_for=keyboards.keyboard_for, kept=lambda *_about, caller: caller())

    @app.get("/page.css")
    def style() -> Response:
        return Response((HERE / "keyboard.css").read_text("utf-8"), mimetype="text/css")

    @app.get("/favicon.ico")
    def no_picture() -> tuple[str, int]:
        return "", 204

    @app.route("/<tag>/<kind>", methods=["GET", "POST"])
    def question(tag: str, kind: str) -> str:
        language = languages.known()[tag]
        languages.speak(language)
        wishes = {"theme": "paper", "text": "100", "type": "text", "slow": "", "order": "auto"} | request.args
        shape = SHAPES[wishes.pop("shape", "landscape")]
        return render_template(
            "keyboard.html",
            kind=kind,
            language=language,
            shape=shape,
            long=kind == "text",
            sent=request.form,
            **wishes,
        )

    return app


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    sockets: dict[int, Any] = {}
    server = create_server(a_page_with_a_keyboard(), map=sockets, host="127.0.0.1", port=0)
    done = threading.Event()

    def serve() -> None:
        while not done.is_set():
            wasyncore.loop(timeout=0.1, map=sockets, count=1)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    done.set()
    thread.join()
    server.task_dispatcher.shutdown()
    wasyncore.close_all(sockets)


class Person:
    """Somebody with a finger before a question. Their time is their own: no test waits for it to pass."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._touch: CDPSession = page.context.new_cdp_session(page)
        self._now = time.time()

    @property
    def field(self) -> Locator:
        return self.page.locator("#one")

    @property
    def written(self) -> str:
        return self.field.input_value()

    def key(self, name: str) -> Locator:
        """The visible key that types this text, or that does this."""
        if name == " ":
            name = "space"
        if name in ("space", "delete", "clear", "capitals", "order", "more"):
            return self.page.locator(f'.key[data-does="{name}"]:visible')
        return self.page.locator(f'.key[data-key="{name}"]:visible')

    def _finger(self, what: str, at: tuple[float, float] | None) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        self._touch.send(
            "Input.dispatchTouchEvent", {"type": what, "touchPoints": points, "timestamp": self._now}
        )

    def middle(self, key: Locator) -> tuple[float, float]:
        box = key.bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def touch(self, name: str, after_ms: int = 400, for_ms: int = 40) -> None:
        """Touch a key; `after_ms` lie between the last time that the finger was lifted and this time."""
        self.touch_at(self.middle(self.key(name)), after_ms, for_ms)

    def touch_at(self, at: tuple[float, float], after_ms: int = 400, for_ms: int = 40) -> None:
        """Touch a place, whatever lies there by now."""
        self._now += (after_ms - for_ms) / 1000
        self._finger("touchStart", at)
        self._now += for_ms / 1000
        self._finger("touchEnd", None)

    def touch_and_slide(self, name: str, across: float, down: float) -> None:
        x, y = self.middle(self.key(name))
        self._finger("touchStart", (x, y))
        self._finger("touchMove", (x + across, y + down))
        self._finger("touchEnd", None)

    def write(self, text: str) -> None:
        """Touch the keys of a text, whatever case they show at the moment."""
        for letter in text:
            self.touch(letter)

    def put_caret(self, at: int) -> None:
        self.field.focus()
        self.page.evaluate("at => document.activeElement.setSelectionRange(at, at)", at)

    def has_focus_in_field(self) -> bool:
        return bool(self.page.evaluate("document.activeElement.id === 'one'"))


@pytest.fixture
def person(chromium: Browser, address: str) -> Iterator[Any]:
    screens = Screens(chromium, address)

    def before(kind: str, tag: str = "en", shape: str = "landscape", **wishes: str) -> Person:
        page = screens(shape)
        page.goto(f"/{tag}/{kind}?{urlencode({'shape': shape, **wishes})}")
        return Person(page)

    yield before
    problems = screens.close()
    assert not problems, "\n".join(problems)


# Writing ----------------------------------------------------------------------------------------


def test_a_name_is_written_with_a_finger_and_begins_with_a_capital(person: Any) -> None:
    anna = person("name")
    anna.write("anna-maria o'brien")
    assert anna.written == "Anna-Maria O'brien"
    assert anna.has_focus_in_field()


def test_playwrights_own_tap_writes_one_letter_as_well(person: Any) -> None:
    anna = person("name")
    tap(anna.key("a"))
    assert anna.written == "A"


def test_writing_goes_on_where_the_caret_is(person: Any) -> None:
    anna = person("name")
    anna.write("ana")
    anna.put_caret(2)
    anna.touch("n")
    assert anna.written == "Anna"
    anna.touch("delete")
    assert anna.written == "Ana"
    anna.put_caret(0)
    anna.touch("delete")
    assert anna.written == "Ana"


def test_what_is_selected_is_replaced(person: Any) -> None:
    anna = person("name")
    anna.write("bob")
    anna.page.evaluate("document.activeElement.select()")
    anna.touch("a")
    assert anna.written == "A"


def test_delete_takes_a_whole_letter_however_it_is_made(person: Any) -> None:
    anna = person("name")
    for whole in ("é", "e\u0301", "أ", "بِ", "👩‍👧"):
        anna.field.fill("a" + whole)
        anna.put_caret(1 + len(whole.encode("utf-16-le")) // 2)
        anna.touch("delete")
        assert anna.written == "a"


def test_every_letter_with_a_mark_is_one_character(person: Any) -> None:
    anna = person("name")
    anna.touch("accents")
    for letter in "żółćęñșğ":
        anna.touch(letter)
    anna.touch("capitals")
    anna.touch("ı")
    anna.touch("letters")
    anna.touch("a")
    assert anna.written == "Żółćęñșğİa"


def test_a_vietnamese_name_gets_its_tones(person: Any) -> None:
    anna = person("name")
    anna.write("nguy")
    anna.touch("accents")
    anna.write("ê\u0303")
    assert anna.written == "Nguyễ"
    anna.write("\u0301")
    assert anna.written == "Nguyế"
    anna.write("\u0301")
    assert anna.written == "Nguyê"
    assert len(anna.written) == 5


def test_the_capitals_key_changes_one_letter_and_says_so(person: Any) -> None:
    anna = person("name")
    capitals = anna.key("capitals")
    assert capitals.get_attribute("aria-pressed") == "true"
    assert anna.key("a").inner_text() == "A"
    anna.touch("capitals")
    assert capitals.get_attribute("aria-pressed") == "false"
    anna.write("d")
    anna.touch("capitals")
    anna.write("ab")
    assert anna.written == "dAb"


def test_a_sentence_begins_with_a_capital(person: Any) -> None:
    anna = person("text")
    anna.write("hi. ok")
    assert anna.written == "Hi. Ok"


def test_all_is_cleared_and_comes_back(person: Any) -> None:
    anna = person("name")
    clear = anna.key("clear")
    anna.write("anna")
    name = clear.get_attribute("aria-label")
    anna.touch("clear")
    assert anna.written == ""
    assert clear.get_attribute("aria-label") != name
    anna.touch("clear")
    assert anna.written == "Anna"
    anna.touch("clear")
    anna.touch("b")
    assert clear.get_attribute("aria-label") == name
    anna.touch("clear")
    assert anna.written == ""
    anna.touch("clear")
    assert anna.written == "B"


def test_an_address_gets_its_ending_with_one_touch(person: Any) -> None:
    anna = person("email", type="email")
    anna.write("anna.k@")
    anna.touch("@gmail.com")
    assert anna.written == "anna.k@gmail.com"
    anna.touch("@yahoo.com")
    assert anna.written == "anna.k@yahoo.com"


def test_a_postcode_and_a_telephone_number_are_written(person: Any) -> None:
    anna = person("postcode")
    anna.write("CF10 3AT")
    assert anna.written == "CF10 3AT"
    anna = person("phone", type="tel")
    anna.write("+447700900982")
    assert anna.written == "+447700900982"
    anna = person("number", type="number")
    anna.write("1990")
    assert anna.written == "1990"


def test_no_more_is_written_than_the_field_takes(person: Any) -> None:
    anna = person("name")
    anna.field.evaluate("field => { field.maxLength = 3; }")
    anna.write("anna")
    assert anna.written == "Ann"


@pytest.mark.parametrize(("tag", "letter"), [("en", "m"), ("ar", "س")])
def test_the_end_of_a_long_text_stays_in_sight(person: Any, tag: str, letter: str) -> None:
    anna = person("text", tag)
    second = anna.page.locator("#two")
    second.evaluate("field => { field.dir = 'auto'; }")
    second.fill(letter * 90)
    anna.touch(letter)
    assert second.input_value() == letter * 91
    moved = second.evaluate("field => [Math.abs(field.scrollLeft), field.scrollWidth - field.clientWidth]")
    assert moved[1] > 0
    assert abs(moved[0] - moved[1]) <= 1


def test_typing_goes_to_the_field_that_was_touched(person: Any) -> None:
    anna = person("name")
    anna.write("a")
    tap(anna.page.locator("#two"))
    anna.write("b")
    assert anna.written == "A"
    assert anna.page.locator("#two").input_value() == "B"


def test_other_scripts_hear_of_every_letter(person: Any) -> None:
    anna = person("name")
    anna.page.evaluate("""() => {
      window.heard = [];
      document.addEventListener('input', (event) => heard.push(event.target.value));
    }""")
    anna.write("ab")
    anna.touch("delete")
    assert anna.page.evaluate("heard") == ["A", "Ab", "A"]


# Native letters ---------------------------------------------------------------------------------


def test_an_arabic_reader_writes_arabic_and_english_in_one_text(person: Any) -> None:
    amal = person("text", "ar")
    amal.write("أحتاج پ؟")
    amal.touch("letters")
    amal.write(" wifi")
    amal.touch("native")
    amal.write("ب")
    amal.touch("delete")
    assert amal.written == "أحتاج پ؟ Wifi"
    assert not {letter for letter in amal.written if 0x202A <= ord(letter) <= 0x202E}


def test_a_ukrainian_reader_writes_all_letters_with_capitals(person: Any) -> None:
    olha = person("text", "uk")
    olha.write("їжак обʼєкт ґ. є")
    assert olha.written == "Їжак обʼєкт ґ. Є"


def test_latin_keys_are_not_mirrored_and_arabic_ones_are(person: Any) -> None:
    amal = person("name", "ar")
    assert amal.middle(amal.key("q"))[0] < amal.middle(amal.key("p"))[0]
    amal = person("text", "ar")
    assert amal.middle(amal.key("ض"))[0] > amal.middle(amal.key("ج"))[0]
    amal = person("phone", "ar")
    assert amal.middle(amal.key("1"))[0] < amal.middle(amal.key("3"))[0]


# Unsteady hands ---------------------------------------------------------------------------------


def test_a_finger_that_bounces_writes_one_letter(person: Any) -> None:
    anna = person("name")
    anna.touch("a")
    anna.touch("a", after_ms=100)
    assert anna.written == "A"
    anna.touch("a", after_ms=160)
    assert anna.written == "Aa"
    anna.touch("b", after_ms=50)
    assert anna.written == "Aab"


def test_a_finger_that_bounces_on_a_change_of_page_writes_nothing(person: Any) -> None:
    anna = person("name")
    at = anna.middle(anna.key("accents"))
    anna.touch("accents")
    anna.touch_at(at, after_ms=100)
    assert anna.written == ""


def test_slow_hands_may_bounce_for_half_a_second(person: Any) -> None:
    anna = person("name", slow="1")
    anna.touch("a")
    anna.touch("a", after_ms=500)
    assert anna.written == "A"
    anna.touch("a", after_ms=650)
    assert anna.written == "Aa"


def test_a_key_that_is_held_writes_one_letter(person: Any) -> None:
    anna = person("name")
    anna.touch("a", after_ms=4000, for_ms=3000)
    assert anna.written == "A"


def test_a_finger_that_slides_away_writes_nothing(person: Any) -> None:
    anna = person("name")
    anna.touch_and_slide("s", 150, 0)
    anna.touch_and_slide("s", 0, -300)
    assert anna.written == ""
    anna.touch_and_slide("s", 10, 10)
    assert anna.written == "S"


def test_a_touched_key_is_dark_at_once_and_acts_when_it_is_let_go(person: Any) -> None:
    anna = person("name")
    anna._finger("touchStart", anna.middle(anna.key("a")))
    assert anna.key("a").get_attribute("data-pressed") == ""
    assert anna.written == ""
    anna._finger("touchEnd", None)
    assert anna.written == "A"


def test_two_fingers_write_two_letters(person: Any) -> None:
    anna = person("name")
    anna.page.evaluate("""() => {
      const send = (type, letter, pointerId) => {
        const key = document.querySelector(`.key[data-key="${letter}"]`);
        const {x, y} = key.getBoundingClientRect();
        key.dispatchEvent(new PointerEvent(type, {
          bubbles: true, cancelable: true, pointerType: 'touch', pointerId, clientX: x + 9, clientY: y + 9}));
      };
      send('pointerdown', 'a', 5);
      send('pointerdown', 'b', 6);
      send('pointerup', 'a', 5);
      send('pointerup', 'b', 6);
    }""")
    assert anna.written == "Ab"


def test_a_mouse_writes_too_and_the_field_keeps_its_caret(person: Any) -> None:
    anna = person("name")
    anna.field.focus()
    anna.key("a").click()
    assert anna.written == "A"
    assert anna.has_focus_in_field()


# Keyboards and switches -------------------------------------------------------------------------


def test_a_keyboard_that_is_plugged_in_just_works(person: Any) -> None:
    anna = person("name")
    assert anna.field.get_attribute("inputmode") == "none"
    anna.field.focus()
    anna.page.keyboard.type("Zoë")
    anna.touch("a")
    assert anna.written == "Zoëa"
    anna.page.keyboard.press("Enter")
    anna.page.wait_for_selector("#sent")
    assert anna.page.locator("#sent").inner_text() == "Zoëa"


def test_a_letter_that_is_held_on_a_real_keyboard_comes_once(person: Any) -> None:
    anna = person("name")
    anna.field.focus()
    for _repeat in range(4):
        anna.page.keyboard.down("a")
    anna.page.keyboard.up("a")
    assert anna.written == "a"


@pytest.mark.parametrize("press", ["Enter", "Space"])
def test_a_switch_reaches_and_presses_every_key(person: Any, press: str) -> None:
    anna = person("name")
    anna.key("q").focus()
    anna.page.keyboard.press(press)
    anna.page.keyboard.press("Tab")
    anna.page.keyboard.press(press)
    assert anna.written == "Qw"
    assert anna.page.evaluate("document.activeElement.dataset.key") == "w"
    anna.page.wait_for_timeout(300)  # longer than a bounce, however busy the machine: events carry real time
    anna.page.keyboard.down(press)
    anna.page.keyboard.down(press)
    anna.page.keyboard.up(press)
    assert anna.written == "Qww", "a key that is held writes once"


def test_whoever_came_with_a_switch_keeps_a_place_when_the_page_changes(person: Any) -> None:
    anna = person("name")
    anna.key("accents").focus()
    anna.page.keyboard.press("Enter")
    assert anna.page.locator(".key:focus").is_visible()


def test_without_scripts_there_is_no_keyboard(chromium: Browser, address: str) -> None:
    screens = Screens(chromium, address)
    page = screens("landscape", java_script_enabled=False)
    page.goto("/en/name")
    assert not page.locator(".keyboard").is_visible()
    assert page.locator("#one").get_attribute("inputmode") is None
    assert not screens.close()


def test_nothing_that_was_written_is_kept(person: Any) -> None:
    anna = person("name")
    anna.write("anna")
    anna.touch("clear")
    page = anna.page
    page.reload()
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert "nna" not in page.content() + page.url
    anna.touch("clear")
    assert anna.written == ""


# Order, size, sight -----------------------------------------------------------------------------


def test_the_order_can_be_changed_and_is_forgotten_with_the_page(person: Any) -> None:
    anna = person("name")
    assert anna.key("q").locator("..").get_attribute("data-arranged") == "typewriter"
    anna.touch("order")
    assert anna.key("q").locator("..").get_attribute("data-arranged") == "alphabet"
    anna.write("ab")
    assert anna.written == "Ab"
    anna.touch("order")
    assert anna.key("q").locator("..").get_attribute("data-arranged") == "typewriter"
    anna.touch("order")
    anna.page.reload()
    assert anna.key("q").locator("..").get_attribute("data-arranged") == "typewriter"


def test_the_library_can_choose_the_alphabet(person: Any) -> None:
    assert person("name", order="abc").key("q").locator("..").get_attribute("data-arranged") == "alphabet"


@pytest.mark.parametrize("order", ["auto", "qwerty"])
@pytest.mark.parametrize("shape", SMALL)
def test_where_the_keys_of_a_typewriter_would_be_too_small_there_is_the_alphabet(
    person: Any, shape: str, order: str
) -> None:
    anna = person("name", shape=shape, order=order)
    assert anna.key("q").locator("..").get_attribute("data-arranged") == "alphabet"
    assert not anna.key("order").count()


def assert_keys_are_large_enough(page: Page, shape: str, least_mm: float) -> None:
    assert_targets(page, SHAPES[shape].mm_per_px, least_mm, within=".keyboard")
    assert_gaps(page, SHAPES[shape].mm_per_px, within=".keyboard")
    assert_nothing_clipped(page)
    below = page.evaluate("""() => {
      const tray = document.querySelector('.keyboard').getBoundingClientRect().bottom;
      const keys = [...document.querySelectorAll('.key')].map((key) => key.getBoundingClientRect().bottom);
      return [tray - innerHeight, Math.max(...keys) - tray];
    }""")
    assert max(below) <= 0, "The keyboard leaves the screen, or a key leaves the keyboard."


@pytest.mark.parametrize(
    ("shape", "kind"), list(product(SHAPES, ("name", "email", "postcode", "phone", "number")))
)
def test_every_key_of_every_page_is_large_enough_for_a_finger(person: Any, shape: str, kind: str) -> None:
    least = 12.7 if shape in SMALL and kind not in PADS else 20
    anna = person(kind, shape=shape)
    assert_keys_are_large_enough(anna.page, shape, least)
    turns = anna.page.locator(".key:is([data-does=page], [data-does=more]):visible")
    for turn in range(min(2, turns.count())):
        turns.nth(turn).tap()
        anna.page.wait_for_selector("[data-pressed]", state="detached")
        assert_keys_are_large_enough(anna.page, shape, least)


@pytest.mark.parametrize(("shape", "tag"), list(product(SHAPES, ("ar", "uk"))))
def test_native_keys_are_large_enough_for_a_finger(person: Any, shape: str, tag: str) -> None:
    anna = person("text", tag, shape)
    assert_keys_are_large_enough(anna.page, shape, 12.7 if shape in SMALL else 20)


@pytest.mark.parametrize(
    ("shape", "kind", "text"),
    [
        ("landscape", "email", "200"),
        ("portrait", "name", "140"),
        ("tablet", "email", "200"),
        ("tablet_portrait", "name", "200"),
        ("tablet", "phone", "140"),
    ],
)
def test_larger_letters_stay_on_their_keys(person: Any, shape: str, kind: str, text: str) -> None:
    anna = person(kind, shape=shape, text=text)
    assert_nothing_clipped(anna.page)
    size = "size => parseFloat(getComputedStyle(document.querySelector('.key:not([data-long])')).fontSize)"
    larger = anna.page.evaluate(size)
    assert larger > person(kind, shape=shape).page.evaluate(size)


@pytest.mark.parametrize(
    ("theme", "kind", "tag"),
    [
        ("paper", "name", "en"),
        ("paper", "text", "ar"),
        ("strong", "text", "uk"),
        ("strong", "phone", "pl"),
        ("night", "email", "ar"),
    ],
)
def test_axe_finds_nothing_on_the_keyboard(person: Any, theme: str, kind: str, tag: str) -> None:
    anna = person(kind, tag, theme=theme)
    assert_axe(anna.page, within=".keyboard")


def test_the_ring_around_a_key_is_wide_and_of_two_colours(person: Any) -> None:
    anna = person("name")
    anna.key("q").focus()
    anna.page.keyboard.press("Tab")
    assert anna.key("w").evaluate("key => getComputedStyle(key).outlineWidth") == "6px"
    assert "12px" in anna.key("w").evaluate("key => getComputedStyle(key).boxShadow")
