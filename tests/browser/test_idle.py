"""Somebody walks away: the screen asks, counts down and forgets; whoever is still there loses nothing.

The clock of the browser stands still unless a test moves it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from kiosk import create_app, rounds
from tests.browser.conftest import Library, Screens
from tests.browser.resident import FINISH, PRIMARY, STILL_HERE, Resident, kept_visits

SECOND = 1000
STAY = f"{STILL_HERE} .stay"


class Waiting(Resident):
    """A resident whose time passes only when a test says so."""

    @property
    def question(self) -> Locator:
        return self.page.locator(STILL_HERE)

    def waits(self, seconds: float) -> None:
        self.page.clock.run_for(round(seconds * SECOND))

    def touches_the_page(self) -> None:
        """Somewhere where nothing is; from now on time is counted anew."""
        self.page.locator("h1:visible").tap()

    def touches_beside_the_buttons(self) -> None:
        self.question.locator("h1").tap()

    def stands_before(self, step: str, tag: str = "en") -> None:
        """Led to a question, and has just touched the screen."""
        self.page.clock.install()
        self.is_led_to(step, tag)
        self.time_stops()

    def time_stops(self) -> None:
        self.page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=2))
        self.touches_the_page()


@pytest.fixture
def anna(screen: Screens) -> Waiting:
    return Waiting(screen())


def test_after_two_minutes_the_screen_asks_in_both_languages(anna: Waiting) -> None:
    anna.stands_before("first-name", "ar")
    anna.waits(119)
    expect(anna.question).not_to_be_visible()
    anna.waits(1.5)
    expect(anna.question).to_be_visible()
    expect(anna.question.locator(".eng").first).to_have_text("Are you still here?")
    assert anna.question.locator("h1 .own").inner_text() not in ("", "Are you still here?")
    assert anna.page.evaluate("document.activeElement.classList.contains('stay')")


def test_the_number_is_shown_for_the_last_half_minute_only(anna: Waiting) -> None:
    anna.stands_before("first-name")
    seconds, face = anna.question.locator(".seconds"), anna.question.locator(".face")
    anna.waits(149)
    expect(face).to_be_visible()
    expect(seconds).not_to_be_visible()
    anna.waits(1.5)
    expect(face).not_to_be_visible()
    expect(seconds).to_have_text("30")
    anna.waits(10)
    expect(seconds).to_have_text("20")
    ring = anna.question.locator(".left-over")
    left = float(ring.evaluate("ring => parseFloat(ring.style.strokeDasharray)"))
    assert 30 < left < 35


def test_after_three_minutes_all_is_wiped_and_the_first_screen_is_there(
    anna: Waiting, library: Library
) -> None:
    anna.stands_before("first-name")
    anna.write("anita")
    visit = anna.visit_id()
    anna.waits(179)
    expect(anna.question).to_be_visible()
    anna.waits(2)
    anna.at_first_screen()
    assert visit not in kept_visits(library.data)
    assert anna.visit_id() != visit


def test_a_touch_anywhere_is_a_yes(anna: Waiting) -> None:
    anna.stands_before("first-name")
    anna.write("anita")
    anna.waits(170)
    anna.touches_beside_the_buttons()
    expect(anna.question).not_to_be_visible()
    expect(anna.box).to_have_value("Anita")
    expect(anna.box).to_be_focused()
    anna.waits(119)
    expect(anna.question).not_to_be_visible()
    anna.waits(2)
    expect(anna.question).to_be_visible()


@pytest.mark.parametrize("key", ["Escape", "Enter", "a"])
def test_a_key_of_a_real_keyboard_is_a_yes(anna: Waiting, key: str) -> None:
    anna.stands_before("first-name")
    anna.waits(125)
    expect(anna.question).to_be_visible()
    anna.page.keyboard.press(key)
    expect(anna.question).not_to_be_visible()
    anna.at("join/first-name")


def test_finish_and_clear_finishes_and_clears(anna: Waiting, library: Library) -> None:
    anna.stands_before("first-name")
    visit = anna.visit_id()
    anna.waits(125)
    anna.touch(f"{STILL_HERE} form button")
    anna.at_first_screen()
    assert visit not in kept_visits(library.data)


def test_more_time_doubles_both_times_for_this_visit_and_not_for_the_next(anna: Waiting) -> None:
    anna.stands_before("postcode")
    anna.waits(125)
    with anna.page.expect_response("**/still-here"):
        anna.touch(STAY)
    anna.waits(239)
    expect(anna.question).not_to_be_visible()
    anna.waits(2)
    expect(anna.question).to_be_visible()
    anna.waits(117)
    anna.touches_beside_the_buttons()
    anna.page.goto("/en/join/first-name")
    anna.touches_the_page()
    anna.waits(239)
    expect(anna.question).not_to_be_visible()
    anna.waits(122)
    anna.at_first_screen()
    anna.page.goto("/en/join/")
    expect(anna.page.locator("body")).not_to_have_attribute("data-stretch", "2")
    anna.touches_the_page()
    anna.waits(121)
    expect(anna.question).to_be_visible()


def test_more_time_holds_before_anything_was_written(anna: Waiting) -> None:
    anna.page.clock.install()
    anna.page.goto("/en/join/privacy")
    anna.waits(121)
    with anna.page.expect_response("**/still-here"):
        anna.touch(STAY)
    anna.page.goto("/en/join/")
    expect(anna.page.locator("body")).to_have_attribute("data-stretch", "2")
    anna.page.goto("/")
    anna.page.goto("/en/join/")
    expect(anna.page.locator("body")).not_to_have_attribute("data-stretch", "2")


def test_more_time_holds_until_the_code_was_read(anna: Waiting) -> None:
    anna.stands_before("check")
    anna.waits(121)
    with anna.page.expect_response("**/still-here"):
        anna.touch(STAY)
    anna.page.clock.resume()
    anna.touch(PRIMARY)
    anna.at("join/receipt")
    expect(anna.page.locator("body")).to_have_attribute("data-stretch", "2")


def test_more_time_can_be_had_eleven_times_in_a_row(anna: Waiting) -> None:
    anna.stands_before("first-name")
    anna.write("anita")
    anna.waits(121)
    anna.touch(STAY)
    for _time in range(11):
        anna.waits(350)
        expect(anna.question).to_be_visible()
        anna.touch(STAY)
        expect(anna.question).not_to_be_visible()
    expect(anna.box).to_have_value("Anita")
    anna.page.clock.resume()
    anna.touch(PRIMARY)
    anna.at("join/family-name")


def test_slow_writing_is_no_absence(anna: Waiting) -> None:
    anna.stands_before("first-name")
    for letter in "anna":
        anna.waits(100)
        anna.write(letter)
    anna.waits(100)
    expect(anna.question).not_to_be_visible()
    anna.page.keyboard.press("e")
    anna.waits(100)
    expect(anna.question).not_to_be_visible()
    expect(anna.box).to_have_value("Annae")


def test_the_server_hears_of_slow_writing(anna: Waiting) -> None:
    anna.stands_before("first-name")
    anna.waits(100)
    with anna.page.expect_request("**/still-here") as told:
        anna.write("a")
    assert "anna" not in (told.value.post_data or "")
    assert {part.split("=")[0] for part in (told.value.post_data or "").split("&")} == {"csrf_token"}


def test_the_code_stays_for_a_minute_and_twenty_seconds(anna: Waiting) -> None:
    anna.page.clock.install()
    anna.is_led_to("check")
    anna.touch(PRIMARY)
    anna.at("join/receipt")
    anna.time_stops()
    anna.waits(59)
    expect(anna.question).not_to_be_visible()
    anna.waits(1.5)
    expect(anna.question).to_be_visible()
    expect(anna.question.locator(".seconds")).to_have_text("20")
    anna.waits(18)
    expect(anna.question).to_be_visible()
    anna.waits(2)
    anna.at_first_screen()


def test_no_setting_makes_it_shorter_than_twenty_seconds(anna: Waiting) -> None:
    anna.stands_before("first-name")
    anna.page.evaluate("() => { document.body.dataset.idle = '1'; document.body.dataset.countdown = '1'; }")
    anna.waits(19)
    expect(anna.question).not_to_be_visible()
    anna.waits(1.5)
    expect(anna.question).to_be_visible()
    anna.waits(18)
    expect(anna.question).to_be_visible()
    anna.waits(2)
    anna.at_first_screen()


def test_the_library_chooses_the_times(anna: Waiting, library: Library) -> None:
    for name, value in (("idle_seconds", 60), ("countdown_seconds", 30)):
        library.settle(name, json.dumps(value))
    try:
        anna.page.goto("/en/join/")
        expect(anna.page.locator(".pairs")).to_contain_text("1.5 minutes")
        anna.stands_before("first-name")
        anna.waits(61)
        expect(anna.question).to_be_visible()
        anna.waits(30)
        anna.at_first_screen()
    finally:
        for name in ("idle_seconds", "countdown_seconds"):
            library.settle(name, "null")


def test_the_page_says_before_the_first_question_when_it_forgets(anna: Waiting) -> None:
    anna.page.goto("/en/join/")
    expect(anna.page.locator(".pairs")).to_contain_text("This screen forgets you 3 minutes after")


def test_the_server_forgets_by_itself_when_the_screen_is_dead(screen: Screens, library: Library) -> None:
    """Nothing of the browser is needed: the visit dies on the server, and the round wipes it."""
    anna = Resident(screen())
    anna.is_led_to("first-name")
    visit = anna.visit_id()
    app = create_app(library.data)
    lifetime = timedelta(seconds=2 * 120 + 60 + 60)
    try:
        rounds.go(app, now=datetime.now(UTC) + lifetime - timedelta(seconds=30))
        assert visit in kept_visits(library.data)
        rounds.go(app, now=datetime.now(UTC) + lifetime + timedelta(seconds=1))
    finally:
        app.extensions["store"].close()
    assert visit not in kept_visits(library.data)
    anna.page.keyboard.type("Anna")
    anna.touch(PRIMARY)
    expect(anna.page.locator("h1:visible")).to_have_text("Your visit has ended. We cleared your answers.")
    assert anna.page.title().startswith("Error: ")
    assert "Anna" not in anna.page.content()
    anna.touch(PRIMARY)
    anna.at("")


def test_a_visit_that_is_over_is_over_before_the_round_comes(screen: Screens, library: Library) -> None:
    anna = Resident(screen(), "pl")
    anna.is_led_to("first-name")
    app = create_app(library.data)
    try:
        with app.extensions["store"].write() as db:
            db.run("UPDATE visits SET dies_at = :now WHERE id = :id", now=datetime.now(UTC).isoformat(),
                   id=anna.visit_id())  # fmt: skip
    finally:
        app.extensions["store"].close()
    anna.page.keyboard.type("Anna")
    anna.touch(PRIMARY)
    expect(anna.page.locator("html")).to_have_attribute("lang", "pl")
    expect(anna.page.locator(".icon")).not_to_have_count(0)
    expect(anna.page.locator("h1:visible .eng")).to_have_text(
        "Your visit has ended. We cleared your answers."
    )
    anna.page.goto("/pl/join/check")
    anna.at_first_screen()


def test_finish_is_on_every_page_after_the_first_answer(screen: Screens) -> None:
    anna = Resident(screen())
    anna.is_led_to("check")
    for step in ("year", "month", "day", "needs", "contact", "phone", "postcode", "first-name", "check"):
        anna.page.goto(f"/en/join/{step}")
        expect(anna.page.locator(FINISH)).to_be_visible()
