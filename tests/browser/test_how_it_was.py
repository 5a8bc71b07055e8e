"""The end of a visit: asked how it was by touch, and gone by herself or by the clock."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import expect

from kiosk.store import Store
from tests.browser.conftest import Library, Screens, back
from tests.browser.resident import FINISH, PRIMARY, STILL_HERE, Resident, kept_visits


@pytest.fixture
def anna(screen: Screens) -> Resident:
    """A resident who has sent her answers; her clock is a test's."""
    anna = Resident(screen())
    anna.page.clock.install()
    anna.is_led_to("check")
    anna.touch(PRIMARY)
    anna.at("join/receipt")
    return anna


def counted(library: Library) -> Counter[tuple[int, str]]:
    """Every face and reason that was counted so far."""
    store = Store(library.data / "kiosk.db")
    try:
        with store.read() as db:
            rows = db.all("SELECT face, why, sum(number) AS number FROM how_it_was GROUP BY face, why")
    finally:
        store.close()
    return Counter({(row["face"], row["why"]): row["number"] for row in rows})


def test_she_touches_a_face_and_a_picture_and_the_next_person_finds_nothing(
    anna: Resident, library: Library
) -> None:
    before, visit, code = counted(library), anna.visit_id(), anna.shown_code
    anna.touch(FINISH)
    anna.at("how/")
    expect(anna.page.locator("h1:visible")).to_have_text("How was it today?")
    assert visit not in kept_visits(library.data)
    assert code not in anna.page.content()
    anna.touch("[name=face][value='5']")
    anna.at("how/why")
    anna.touch("[name=why][value=staff]")
    anna.at_first_screen()
    assert counted(library) - before == Counter({(5, ""): 1, (5, "staff"): 1})
    for _step in range(3):
        back(anna.page)
        anna.page.wait_for_load_state("load")
        assert code not in anna.page.content()
    anna.page.goto("/en/how/")
    anna.at_first_screen()


@pytest.mark.parametrize("touches", [[], ["[name=face][value='1']"]])
def test_she_need_not_say_anything(anna: Resident, library: Library, touches: list[str]) -> None:
    before = counted(library)
    anna.touch(FINISH)
    for each in touches:
        anna.at("how/")
        anna.touch(each)
        anna.at("how/why")
    visit = anna.visit_id()
    anna.touch(".idea > a.button")
    anna.at_first_screen()
    assert visit not in kept_visits(library.data)
    assert counted(library) - before == Counter({(1, ""): 1} if touches else {})


@pytest.mark.parametrize("touches", [[], ["[name=face][value='2']"]])
def test_after_twenty_seconds_the_screen_is_free_without_a_question(
    anna: Resident, library: Library, touches: list[str]
) -> None:
    anna.touch(FINISH)
    anna.at("how/")
    for each in touches:
        anna.touch(each)
        anna.at("how/why")
    visit = anna.visit_id()
    assert visit in kept_visits(library.data)
    anna.page.clock.run_for(19_000)
    expect(anna.page.locator("h1:visible")).to_have_count(1)
    expect(anna.page.locator(STILL_HERE)).to_have_count(0)
    anna.page.clock.run_for(1_500)
    anna.at_first_screen()
    assert visit not in kept_visits(library.data)


def test_who_has_gone_from_the_receipt_is_not_asked(anna: Resident, library: Library) -> None:
    visit = anna.visit_id()
    anna.page.clock.run_for(60_500)
    expect(anna.page.locator(STILL_HERE)).to_be_visible()
    anna.page.clock.run_for(20_000)
    anna.at_first_screen()
    assert visit not in kept_visits(library.data)


def test_finish_and_clear_of_the_dialog_does_not_ask(anna: Resident) -> None:
    anna.page.clock.run_for(60_500)
    anna.touch(f"{STILL_HERE} form button")
    anna.at_first_screen()


def test_her_language_and_size_stay_until_she_goes(screen: Screens) -> None:
    amal = Resident(screen("portrait"), "ar")
    amal.is_led_to("check")
    amal.touch("[data-changes=text]")
    amal.touch(PRIMARY)
    amal.at("join/receipt")
    amal.touch(FINISH)
    amal.at("how/")
    html = amal.page.locator("html")
    expect(html).to_have_attribute("dir", "rtl")
    expect(html).to_have_attribute("data-text", "140")
    assert amal.page.locator("h1:visible").count() == 1
    amal.touch("[data-changes=text]")
    expect(html).to_have_attribute("data-text", "200")
    amal.says_nothing()
    expect(html).to_have_attribute("data-text", "100")


def test_without_scripts_she_is_asked_too(screen: Screens) -> None:
    anna = Resident(screen(java_script_enabled=False))
    anna.is_led_to("check")
    anna.page.locator(PRIMARY).click()
    anna.at("join/receipt")
    anna.page.locator(FINISH).click()
    anna.at("how/")
    anna.page.locator("[name=face][value='3']").click()
    anna.at("how/why")
    assert_sound_without_a_dialog(anna)
    anna.page.locator("[name=why][value=wait]").click()
    anna.at_first_screen()


def assert_sound_without_a_dialog(anna: Resident) -> None:
    assert anna.page.locator("h1:visible").count() == 1
    assert anna.page.title()
    expect(anna.page.locator("noscript meta[http-equiv=refresh]")).to_have_count(1)
