"""Staff load the calendar of a real county, and it is on the screen."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Library, Screens
from tests.browser.resident import Resident, assert_sound
from tests.browser.test_staff_join import signs_in

COUNTY = Path(__file__).parents[3] / "shared/data/ics/real/big_lancaster_libraries.ics"
DATES = re.compile(rb"(?m)^(DT(?:START|END)[^:\r\n]*:)(\d{8})")
A_FULL_MONDAY = date(2026, 10, 5)


@pytest.mark.skipif(not COUNTY.exists(), reason="../shared is not here: the county's calendar is part of it.")
def test_staff_load_a_real_county_and_residents_find_it(
    screen: Screens, library: Library, tmp_path: Path
) -> None:
    """The calendar is moved as a whole, so that its busiest weeks lie ahead of us."""
    later = timedelta(days=-(-(datetime.now(UTC).date() - A_FULL_MONDAY).days // 7) * 7)

    def moved(found: re.Match[bytes]) -> bytes:
        day = datetime.strptime(found[2].decode(), "%Y%m%d").date() + later  # noqa: DTZ007 - a day
        return found[1] + day.strftime("%Y%m%d").encode()

    file = tmp_path / "county.ics"
    file.write_bytes(DATES.sub(moved, COUNTY.read_bytes()))
    desk = screen()
    signs_in(desk, "manager")
    desk.goto("/staff/events/import")
    desk.get_by_label("File", exact=True).set_input_files(file)
    form = desk.locator("form[enctype]")
    form.get_by_label("Where events are that do not say").select_option(label="Central Library")
    form.get_by_role("button", name="Look at the file").click()
    expect(desk.locator("main")).to_contain_text("Events: 1768. Different ones that can be read: 1750.")
    desk.get_by_role("button", name="Load it", exact=True).click()
    expect(desk.get_by_role("status")).to_contain_text(re.compile(r"New: \d{3,}"), timeout=30_000)
    resident = Resident(screen("portrait"), "uk")
    resident.come()
    resident.touch(".tile[data-hue=events]")
    resident.touch("a[href$='/events/list/week']")
    resident.at("events/list/week")
    assert_sound(resident.page)
    titles = {
        line.split(":", 1)[1].strip()
        for line in file.read_text("utf-8", errors="replace").splitlines()
        if line.startswith("SUMMARY")
    }
    with resident.page.expect_navigation():
        resident.touch("a.button[href*='after=']")
    shown = resident.page.locator("a.event").all_inner_texts()
    assert any(title[:20] in words for words in shown for title in titles), shown
