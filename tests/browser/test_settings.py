"""What staff set up arrives: settings of three levels, a screen that is paired, one that is put to rest."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Library, Screens
from tests.browser.test_staff_join import signs_in


@pytest.fixture
def manager(screen: Screens, library: Library) -> Page:
    page = screen()
    signs_in(page, "manager")
    return page


def settle(manager: Page, link: str, name: str, value: str) -> None:
    """At the level that a link of the settings leads to, write a value and save it."""
    manager.goto("/staff/settings")
    if link:
        manager.get_by_role("link", name=link).first.click()
    save(manager, name, value)


def save(manager: Page, name: str, value: str) -> None:
    box = manager.locator(f"[name={name}]")
    box.fill(value)
    box.locator("xpath=ancestor::form").get_by_role("button", name="Save").click()
    expect(manager.locator("[role=status]")).to_be_visible()
    expect(manager.locator(f"[name={name}]")).to_have_value(value)


def pair(manager: Page, kiosk: Page, which: str) -> None:
    """Bring a browser into service as a screen, by the code that it shows."""
    kiosk.goto("/device/pair")
    code = kiosk.locator(".pairing-code").inner_text()
    manager.goto("/staff/kiosks")
    manager.get_by_label("Code on the screen").fill(code)
    manager.get_by_label("Which screen is it?").select_option(label=which)
    manager.get_by_role("button", name="Pair this screen").click()
    expect(manager.locator("[role=status]")).to_contain_text("The screen is paired.")
    kiosk.wait_for_url(lambda url: url.endswith("/"))


def test_settings_of_three_levels_arrive_each_at_the_screens_it_is_for(
    manager: Page, screen: Screens, library: Library
) -> None:
    """The nearest level wins: that of the screen over its branch, that of the branch over the library."""
    doors = {name: screen("tablet") for name in ("By the door", "Children's room", "By the desk")}
    branch = {"By the desk": "Riverside Library"}
    for name, page in doors.items():
        pair(manager, page, f"{branch.get(name, 'Central Library')}: {name}")

    def waits() -> dict[str, str | None]:
        found = {}
        for name, page in doors.items():
            page.goto("/en/")
            found[name] = page.locator("body").get_attribute("data-idle")
        return found

    assert set(waits().values()) == {"120"}
    settle(manager, "", "idle_seconds", "200")
    assert set(waits().values()) == {"200"}
    settle(manager, "Central Library", "idle_seconds", "180")
    assert waits() == {"By the door": "180", "Children's room": "180", "By the desk": "200"}
    manager.goto("/staff/kiosks")
    manager.get_by_role("link", name="Children's room").click()
    save(manager, "idle_seconds", "90")
    assert waits() == {"By the door": "180", "Children's room": "90", "By the desk": "200"}


def test_a_screen_that_is_put_to_rest_shows_nothing_but_that(
    manager: Page, screen: Screens, chromium: Browser
) -> None:
    kiosk = screen("tablet")
    pair(manager, kiosk, "Riverside Library: By the desk")
    kiosk.goto("/pl/")
    expect(kiosk.locator(".tiles")).to_be_visible()
    manager.goto("/staff/kiosks")
    row = manager.locator("tr").filter(has_text="By the desk")
    row.get_by_role("button").click()
    expect(manager.locator("[role=status]")).to_contain_text("The screen rests from its next page on.")
    kiosk.goto("/pl/join/")
    expect(kiosk.locator(".tiles, form[action*='join']")).to_have_count(0)
    expect(kiosk.locator("h1:visible")).to_be_visible()
    again = kiosk.context.new_page()
    again.goto("/")
    expect(again.locator(".tongues")).to_have_count(0)
