"""The main job, start to finish: a resident joins by touch, staff finish it, the next finds nothing."""

from __future__ import annotations

import re

import pytest
import segno
from playwright.sync_api import Page, expect

from kiosk.demo import PASSWORD
from tests.browser.conftest import Library, Screens, back
from tests.browser.resident import (
    FINISH,
    PRIMARY,
    Resident,
    assert_sound,
    kept_joins,
    kept_visits,
)

CHANGE_FIRST_NAME = ".rows a[href$='/first-name']"


def assert_picture_says(page: Page, code: str) -> None:
    """Every module of the QR code, as it is drawn on the screen, is that of this text."""
    expected = [[bool(module) for module in row] for row in segno.make(code, error="m", micro=False).matrix]
    drawn = page.evaluate(
        """size => {
          const path = document.querySelector(".qr svg path[stroke], .qr svg path");
          const svg = path.ownerSVGElement;
          const into = path.getCTM().inverse().multiply(svg.getCTM());
          const border = (svg.viewBox.baseVal.width - size) / 2;
          return Array.from({ length: size }, (_, y) => Array.from({ length: size }, (_, x) => {
            const point = svg.createSVGPoint();
            [point.x, point.y] = [x + border + 0.5, y + border + 0.5];
            return path.isPointInStroke(point.matrixTransform(into));
          }));
        }""",
        len(expected),
    )
    assert drawn == expected


def joins_by_touch(anna: Resident, first: str, family: str) -> str:
    """From the first screen to the receipt with nothing but a finger; the code that she is shown."""
    anna.come()
    anna.begin()
    for step, then in (("year", "month"), ("month", "day"), ("day", "needs")):
        assert_sound(anna.page)
        anna.answer(step, then)
    anna.touch("label:has([value=audio])")
    anna.touch("label:has([value=step-free])")
    expect(anna.page.locator("[value=audio]")).to_be_checked()
    anna.touch(PRIMARY)
    anna.answer("contact", "phone")
    anna.answer("phone", "postcode", phone="07700900982")
    anna.answer("postcode", "first-name", postcode="IP1 1AA")
    anna.answer("first-name", "family-name", first_name=first.lower())
    anna.answer("family-name", "check", family_name=family.lower())
    assert_sound(anna.page)
    rows = anna.page.locator(".rows")
    for said in (first, family, "1990", "07700 900982", "IP1 1AA"):
        expect(rows).to_contain_text(said)
    # she looks at her name again, changes it, and is back where she was
    anna.touch(CHANGE_FIRST_NAME)
    anna.at("join/first-name")
    expect(anna.box).to_have_value(first)
    anna.write("-maria")
    anna.touch(PRIMARY)
    anna.at("join/check")
    expect(rows).to_contain_text(f"{first}-Maria")
    anna.touch(PRIMARY)
    anna.at("join/receipt")
    assert_sound(anna.page)
    return anna.shown_code


def signs_in(desk: Page, username: str = "amina") -> None:
    """At a desk of her own, with a mouse and a keyboard."""
    desk.goto("/staff/joins/")
    desk.get_by_label("User name").fill(username)
    desk.get_by_label("Password").fill(PASSWORD)
    desk.get_by_role("button", name="Sign in").click()
    desk.wait_for_url("**/staff/joins/")


@pytest.mark.parametrize(
    ("tag", "shape", "first", "family", "language"),
    [
        ("en", "landscape", "Anna", "O'brien", "English"),
        ("ar", "portrait", "Amal", "Al-Hadi", "Arabic"),
        ("ti", "tablet", "Selam", "Tesfay", "Tigrinya"),
    ],
)
def test_a_resident_joins_staff_finish_it_and_the_next_person_finds_nothing(
    screen: Screens, library: Library, tag: str, shape: str, first: str, family: str, language: str
) -> None:
    anna = Resident(screen(shape), tag)
    already = len(kept_joins(library.data))
    code = joins_by_touch(anna, first, family)
    visit = anna.visit_id()
    joins = kept_joins(library.data)
    assert len(joins) == already + 1
    assert (joins[-1]["language"], joins[-1]["state"]) == (tag, "new")
    assert code.replace(" ", "") == joins[-1]["reference"]
    assert_picture_says(anna.page, joins[-1]["reference"])

    desk = screen()
    signs_in(desk)
    row = desk.locator("#joins tr, #joins li").filter(has_text=code)
    expect(row).to_contain_text(language)
    assert first not in desk.content()
    desk.get_by_label("Code of the person").fill(code.lower().replace("0", "o"))
    desk.get_by_role("button", name="Open").click()
    expect(desk.locator("h1")).to_have_text(code)
    assert desk.locator("html").get_attribute("lang") == "en"
    facts = desk.locator("dl.facts")
    for said in (f"{first}-Maria", family, "27 March 1990", "07700 900982", "IP1 1AA"):
        expect(facts).to_contain_text(said)
    for needed in ("Audio books", "No stairs"):
        expect(facts).to_contain_text(needed)
    if tag != "en":
        original = facts.locator(f"bdi.original[lang={tag}]").first
        expect(original).to_be_visible()
        assert not re.search("[A-Za-z]", original.inner_text())
    desk.get_by_label("Number of the library card").fill("D 2000 1234")
    desk.get_by_role("button", name="Finish").click()
    expect(desk.get_by_role("status")).to_contain_text("The join is finished.")
    assert kept_joins(library.data)[-1]["state"] == "finished"
    desk.get_by_role("link", name=re.compile("^Done")).click()
    expect(desk.locator("#joins")).to_contain_text(code)

    anna.touch(FINISH)
    anna.says_nothing()
    assert visit not in kept_visits(library.data)
    for _step in range(3):
        back(anna.page)
        anna.page.wait_for_load_state("load")
        for trace in (code, first, family, "07700"):
            assert trace not in anna.page.content()
    for path in ("join/receipt", "join/check", "join/first-name"):
        anna.page.goto(f"/{tag}/{path}")
        anna.at_first_screen()
    for file in (*library.data.iterdir(), library.log):
        held = file.read_bytes()
        for trace in (f"{first}-Maria", family, "07700900982", "+447700900982"):
            assert trace.encode() not in held, (file.name, trace)


def test_a_join_that_waits_is_seen_by_everybody_at_the_desk_and_by_nobody_at_the_screen(
    screen: Screens, library: Library
) -> None:
    anna = Resident(screen())
    anna.is_led_to("check")
    anna.touch(PRIMARY)
    anna.at("join/receipt")
    code = anna.shown_code
    desk = screen()
    signs_in(desk, "manager")
    expect(desk.locator("#joins")).to_contain_text(code)
    anna.page.goto("/staff/joins/")
    expect(anna.page.get_by_role("button", name="Sign in")).to_be_visible()
    assert code not in anna.page.content()


def test_the_list_grows_by_itself_while_staff_look_at_it(screen: Screens, library: Library) -> None:
    desk = screen()
    signs_in(desk)
    anna = Resident(screen())
    anna.is_led_to("check")
    anna.touch(PRIMARY)
    anna.at("join/receipt")
    expect(desk.locator("#joins")).to_contain_text(anna.shown_code, timeout=15_000)
