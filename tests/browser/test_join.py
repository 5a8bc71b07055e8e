"""Joining the library at the screen, with a finger: every way through it, and back, and round about."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Library, Screens
from tests.browser.resident import (
    BACK,
    COLOURS,
    FINISH,
    LANGUAGE,
    LARGER,
    ON_THE_WAY,
    PRIMARY,
    Resident,
    assert_sound,
    kept_joins,
    kept_visits,
)

ROW = ".rows a[href$='/{}']"


@pytest.fixture
def anna(screen: Screens) -> Resident:
    return Resident(screen())


# Every way --------------------------------------------------------------------------------------


WAYS: dict[str, dict[str, dict[str, str]]] = {
    "does not know the year": {"year": {"instead": "unsure"}, "age": {"age_band": "60-up"}},
    "says her age to staff": {"year": {"instead": "unsure"}, "age": {"age_band": "unsaid"}},
    "does not know the month": {"month": {"instead": "unsure"}},
    "does not know the day": {"day": {"instead": "unsure"}},
    "needs nothing": {"needs": {"instead": "none"}},
    "has no phone": {"phone": {"instead": "none"}},
    "has no e-mail": {"contact": {"contact": "email"}, "email": {"instead": "none"}},
    "comes here herself": {"contact": {"contact": "none"}},
    "has no fixed address": {"postcode": {"instead": "no-fixed"}},
    "does not know the postcode": {"postcode": {"instead": "unknown"}},
    "has one name only": {"family-name": {"instead": "one-name"}},
}


@pytest.mark.parametrize("way", WAYS)
def test_every_equal_way_leads_to_a_code(anna: Resident, library: Library, way: str) -> None:
    """From the question with the other answer on, she touches; what comes before is not asked again here."""
    other = WAYS[way]
    begins = next(iter(other))
    anna.is_led_to(begins)
    answers = {**ON_THE_WAY, **other}
    seen: list[str] = []
    while not anna.path.endswith("/check"):
        step = anna.path.rpartition("/")[2]
        assert step not in seen, f"{step} was asked twice"
        seen.append(step)
        here = anna.page.url
        for name, value in answers.get(step, {}).items():
            if anna.box.count() and name != "instead":
                anna.box.fill(value)
                anna.touch(PRIMARY)
            else:
                anna.touch(f'main [name="{name}"][value="{value}"]')
        expect(anna.page).not_to_have_url(here)
    assert set(other) <= set(seen)
    anna.touch(PRIMARY)
    anna.at("join/receipt")
    assert anna.shown_code.replace(" ", "") in {join["reference"] for join in kept_joins(library.data)}


@pytest.mark.parametrize("too_young", [{"year": {"year": "2015"}}, {"year": {"instead": "unsure"}}])
def test_who_is_under_sixteen_is_led_to_the_desk_and_can_say_that_it_was_a_mistake(
    anna: Resident, too_young: dict[str, dict[str, str]]
) -> None:
    anna.come()
    anna.begin()
    if "year" in too_young["year"]:
        anna.answer("year", "month", **too_young["year"])
        anna.answer("month", "day")
        anna.answer("day", "together")
    else:
        anna.answer("year", "age", **too_young["year"])
        anna.answer("age", "together", age_band="under-16")
    assert_sound(anna.page)
    expect(anna.page.locator("h1:visible")).to_have_text("Come to the desk with a parent or carer")
    expect(anna.page.locator(FINISH)).to_be_visible()
    anna.page.goto("/en/join/check")
    anna.at("join/together")
    anna.touch(".idea a.button")
    anna.at("join/year")
    anna.box.fill("1990")
    anna.touch(PRIMARY)
    anna.answer("month", "day")
    anna.answer("day", "needs")


def test_a_postcode_that_looks_like_none_can_be_kept_as_it_was_written(anna: Resident) -> None:
    anna.is_led_to("postcode")
    expect(anna.page.locator("[value=as-written]")).to_have_count(0)
    anna.write("XX")
    anna.touch(PRIMARY)
    anna.touch("[value=as-written]")
    anna.at("join/first-name")
    anna.send("join/first-name", {"first_name": "Anna"})
    anna.send("join/family-name", {"family_name": "Kowalska"})
    anna.page.goto("/en/join/check")
    expect(anna.page.locator(".rows")).to_contain_text("XX")


# Mistakes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "written"),
    [("year", "19"), ("phone", "07"), ("email", "anna"), ("postcode", "XX"), ("first-name", "")],
)
def test_a_mistake_is_explained_between_question_and_box_and_nothing_is_lost(
    anna: Resident, step: str, written: str
) -> None:
    anna.is_led_to(step)
    if written:
        anna.write(written)
    anna.touch(PRIMARY)
    problem = anna.page.locator("#problem")
    expect(problem).to_be_visible()
    assert anna.page.title().startswith("Error: ")
    assert_sound(anna.page)
    expect(anna.box).to_be_focused()
    expect(anna.box).to_have_value(written)
    expect(anna.box).to_have_attribute("aria-invalid", "true")
    expect(anna.box).to_have_attribute("aria-describedby", "problem")
    order = [anna.page.locator(each).first.bounding_box() for each in ("h1:visible", "#problem", ".box")]
    tops = [each["y"] for each in order if each]
    assert tops == sorted(tops)
    assert len(tops) == 3
    assert len((problem.locator(".own").text_content() or "").split()) <= 12
    # and she writes on at once
    anna.page.keyboard.press("End")
    anna.page.keyboard.type("Z" if step == "first-name" else "9")
    assert anna.box.input_value().startswith(written)


def test_a_mistake_without_a_box_begins_at_its_words(anna: Resident) -> None:
    anna.is_led_to("needs")
    anna.touch(PRIMARY)
    expect(anna.page.locator("#problem")).to_be_focused()
    assert anna.page.title().startswith("Error: ")


def test_a_key_that_is_held_down_writes_one_letter(anna: Resident) -> None:
    anna.is_led_to("first-name")
    for _repeat in range(5):
        anna.page.keyboard.down("a")
    anna.page.keyboard.up("a")
    expect(anna.box).to_have_value("a")


def test_a_question_with_a_box_begins_in_the_box(anna: Resident) -> None:
    anna.is_led_to("first-name")
    expect(anna.box).to_be_focused()


# Round about ------------------------------------------------------------------------------------


def test_back_keeps_what_was_written_so_far(anna: Resident) -> None:
    anna.is_led_to("family-name")
    anna.write("kow")
    anna.touch(BACK)
    anna.at("join/first-name")
    expect(anna.box).to_have_value("Anna")
    anna.write("b")
    anna.touch(BACK)
    anna.at("join/postcode")
    anna.touch(PRIMARY)
    anna.at("join/family-name")
    expect(anna.box).to_have_value("Kow")
    anna.touch(BACK)
    anna.at("join/first-name")
    expect(anna.box).to_have_value("Annab")


def test_back_leads_from_the_first_question_to_the_start_and_on_again(anna: Resident) -> None:
    anna.is_led_to("year")
    anna.write("19")
    anna.touch(BACK)
    anna.at("join/who")
    anna.touch(BACK)
    anna.at("join/")
    anna.touch(PRIMARY)
    anna.at("join/year")
    expect(anna.box).to_have_value("19")


def test_another_language_keeps_what_was_written_and_asks_the_same_question(anna: Resident) -> None:
    anna.is_led_to("first-name")
    anna.write("sela")
    anna.touch(LANGUAGE)
    anna.page.wait_for_url("**/en/language?from=/en/join/first-name")
    anna.touch(".tongues [hreflang=ti]")
    anna.tag = "ti"
    anna.at("join/first-name")
    expect(anna.page.locator("html")).to_have_attribute("lang", "ti")
    expect(anna.box).to_have_value("Sela")
    anna.write("m")
    anna.touch(PRIMARY)
    anna.at("join/family-name")
    anna.page.goto("/ti/join/first-name")
    expect(anna.box).to_have_value("Selam")


def test_back_from_the_languages_keeps_what_was_written(anna: Resident) -> None:
    anna.is_led_to("first-name")
    anna.write("sela")
    anna.touch(LANGUAGE)
    anna.touch(BACK)
    anna.at("join/first-name")
    expect(anna.box).to_have_value("Sela")


def test_size_and_colours_change_at_once_and_lose_nothing(anna: Resident) -> None:
    anna.is_led_to("first-name")
    html = anna.page.locator("html")
    anna.write("an")
    size = (
        "document.querySelector('#question').getBoundingClientRect() && parseFloat("
        "getComputedStyle(document.body).fontSize)"
    )
    small = anna.page.evaluate(size)
    for expected in ("140", "200"):
        with anna.page.expect_response("**/display"):
            anna.touch(LARGER)
        expect(html).to_have_attribute("data-text", expected)
        assert anna.page.evaluate(size) == pytest.approx(small * int(expected) / 100, rel=0.01)
        expect(anna.box).to_have_value("An")
    for expected in ("strong", "night"):
        with anna.page.expect_response("**/display"):
            anna.touch(COLOURS)
        expect(html).to_have_attribute("data-theme", expected)
        expect(anna.box).to_have_value("An")
    anna.touch(PRIMARY)
    anna.at("join/family-name")
    expect(html).to_have_attribute("data-text", "200")
    expect(html).to_have_attribute("data-theme", "night")
    anna.touch(LARGER)
    expect(html).to_have_attribute("data-text", "100")


@pytest.mark.parametrize("english", ["both", "hide", "only"])
def test_english_can_stand_beneath_be_hidden_or_stand_alone(anna: Resident, english: str) -> None:
    anna.is_led_to("first-name", "ar")
    anna.write("amal")
    anna.touch(LANGUAGE)
    anna.touch(f"[name=value][value={english}]")
    anna.at("join/first-name")
    expect(anna.box).to_have_value("Amal")
    html, heading = anna.page.locator("html"), anna.page.locator("h1:visible")
    expect(html).to_have_attribute("lang", "en" if english == "only" else "ar")
    expect(html).to_have_attribute("dir", "ltr" if english == "only" else "rtl")
    expect(heading.locator(".eng")).to_have_count(1 if english == "both" else 0)
    if english == "only":
        expect(heading).to_have_text("What is your first name?")
    else:
        expect(heading).not_to_have_text("What is your first name?")
    anna.touch(PRIMARY)
    anna.at("join/family-name")
    expect(heading.locator(".eng")).to_have_count(1 if english == "both" else 0)


def test_who_joined_in_english_only_joined_in_her_language(anna: Resident, library: Library) -> None:
    anna.is_led_to("check", "ar")
    anna.send("display", {"change": "english", "value": "only", "from": "/ar/join/check"})
    anna.page.reload()
    anna.touch(PRIMARY)
    anna.at("join/receipt")
    assert kept_joins(library.data)[-1]["language"] == "ar"


# Changing one's mind ----------------------------------------------------------------------------


def test_another_way_to_be_reached_asks_only_what_is_missing(anna: Resident) -> None:
    anna.is_led_to("check")
    anna.touch(ROW.format("contact"))
    anna.answer("contact", "email", contact="email")
    anna.box.fill("anna@example.org")
    anna.touch(PRIMARY)
    anna.at("join/check")
    expect(anna.page.locator(".rows")).to_contain_text("anna@example.org")
    expect(anna.page.locator(".rows")).not_to_contain_text("07700")


def test_another_year_asks_for_month_and_day_again(anna: Resident) -> None:
    anna.is_led_to("check")
    anna.touch(ROW.format("year"))
    anna.at("join/year")
    expect(anna.box).to_have_value("1990")
    anna.touch(PRIMARY)
    anna.answer("month", "day", month="12")
    anna.answer("day", "check", day="31")
    expect(anna.page.locator(".rows")).to_contain_text("31 December 1990")


def test_every_answer_can_be_changed_from_the_last_page(anna: Resident) -> None:
    anna.is_led_to("check")
    for address in anna.page.locator(".rows a").evaluate_all("rows => rows.map((row) => row.href)"):
        anna.page.goto(address)
        expect(anna.page.locator("h1:visible")).to_be_visible()
        anna.touch(BACK)
        expect(anna.page).not_to_have_url(address)
        anna.page.goto("/en/join/check")
        anna.at("join/check")


# Once -------------------------------------------------------------------------------------------


def test_two_quick_touches_on_send_send_once(anna: Resident, library: Library) -> None:
    anna.is_led_to("check")
    before = len(kept_joins(library.data))
    sends: list[str] = []
    anna.page.on("request", lambda request: sends.append(request.url) if request.method == "POST" else None)
    box = anna.page.locator(PRIMARY).bounding_box()
    assert box
    anna.touch_twice_at(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    anna.at("join/receipt")
    assert [url for url in sends if url.endswith("/send")] == sends
    assert len(sends) == 1
    assert len(kept_joins(library.data)) == before + 1


def test_two_quick_touches_on_continue_go_one_page_on(anna: Resident) -> None:
    anna.is_led_to("first-name")
    anna.write("anna")
    sends: list[str] = []
    anna.page.on("request", lambda request: sends.append(request.url) if request.method == "POST" else None)
    box = anna.page.locator(PRIMARY).bounding_box()
    assert box
    anna.touch_twice_at(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    anna.at("join/family-name")
    assert len(sends) == 1
    expect(anna.box).to_have_value("")


def test_a_receipt_that_is_asked_for_again_is_the_same(anna: Resident) -> None:
    anna.is_led_to("check")
    anna.touch(PRIMARY)
    anna.at("join/receipt")
    code = anna.shown_code
    anna.page.reload()
    assert anna.shown_code == code
    anna.page.goto("/en/join/send")
    anna.at("join/receipt")
    assert anna.shown_code == code


@pytest.mark.parametrize("step", ["first-name", "needs"])
def test_the_enter_key_of_a_real_keyboard_goes_on_and_not_back(anna: Resident, step: str) -> None:
    anna.is_led_to(step)
    if step == "needs":
        anna.page.locator("[value=audio]").focus()
        anna.page.keyboard.press("Space")
    else:
        anna.page.keyboard.type("Zoë")
    anna.page.keyboard.press("Enter")
    anna.at("join/contact" if step == "needs" else "join/family-name")


# Without scripts --------------------------------------------------------------------------------


def test_a_person_with_a_keyboard_joins_without_any_script(screen: Screens, library: Library) -> None:
    page = screen(java_script_enabled=False)
    anna = Resident(page)
    press = page.keyboard.press

    def write(text: str) -> None:
        anna.box.focus()
        page.keyboard.type(text)
        press("Enter")

    def choose(what: str) -> None:
        page.locator(what).first.focus()
        press("Enter")

    page.goto("/")
    choose(".tongues [hreflang=pl]")
    anna.tag = "pl"
    anna.at("")
    choose("[data-hue=join]")
    anna.at("join/")
    choose(PRIMARY)
    anna.at("join/who")
    choose("main [name=who][value=me]")
    anna.at("join/year")
    write("19")
    expect(page.locator("#problem")).to_be_visible()
    anna.box.fill("")
    write("1990")
    anna.at("join/month")
    choose("[name=month][value='3']")
    anna.at("join/day")
    choose("[name=day][value='27']")
    anna.at("join/needs")
    page.locator("[value=audio]").focus()
    press("Space")
    choose(PRIMARY)
    anna.at("join/contact")
    choose("[value=email]")
    anna.at("join/email")
    write("anna@example.org")
    anna.at("join/postcode")
    choose("[value=no-fixed]")
    anna.at("join/first-name")
    write("Anna")
    anna.at("join/family-name")
    choose(BACK)
    anna.at("join/first-name")
    expect(anna.box).to_have_value("Anna")
    choose(PRIMARY)
    anna.at("join/family-name")
    write("Żółć")
    anna.at("join/check")
    expect(page.locator(".rows")).to_contain_text("Żółć")
    choose(PRIMARY)
    anna.at("join/receipt")
    assert anna.shown_code.replace(" ", "") in {join["reference"] for join in kept_joins(library.data)}
    visit = anna.visit_id()
    choose(FINISH)
    anna.at("how/")
    assert visit not in kept_visits(library.data)
    choose("[name=face][value='5']")
    anna.at("how/why")
    choose("[name=why][value=books]")
    anna.at_first_screen()


def test_without_scripts_the_page_goes_to_the_first_screen_by_itself(screen: Screens) -> None:
    anna = Resident(screen(java_script_enabled=False))
    anna.is_led_to("check")
    assert _refreshes(anna.page) == ["180;url=/"]
    anna.touch(PRIMARY)
    anna.at("join/receipt")
    assert _refreshes(anna.page) == ["80;url=/"]


def _refreshes(page: Page) -> list[Any]:
    return [each.get_attribute("content") for each in page.locator("meta[http-equiv=refresh]").all()]


def test_without_scripts_size_and_colours_change_as_well(screen: Screens) -> None:
    anna = Resident(screen(java_script_enabled=False))
    anna.is_led_to("needs")
    anna.touch(LARGER)
    expect(anna.page.locator("html")).to_have_attribute("data-text", "140")
    anna.touch(COLOURS)
    expect(anna.page.locator("html")).to_have_attribute("data-theme", "strong")
    anna.at("join/needs")
