"""Finding an event at the screen with a finger, booking it, and giving the places back at another screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from kiosk.store import Store
from tests.browser.conftest import Library, Screens
from tests.browser.resident import FINISH, PRIMARY, Resident, assert_sound


@pytest.fixture
def store(library: Library) -> Iterator[Store]:
    kept = Store(Path(library.data) / "kiosk.db")
    yield kept
    kept.close()


def tonight(store: Store) -> dict[str, Any]:
    """The next rhyme time of the demo library, with two places left."""
    with store.write() as db:
        found = db.one(
            "SELECT o.id, o.event_id FROM occurrences o JOIN event_texts t ON t.event_id = o.event_id"
            " WHERE t.language = 'en' AND t.title = 'Rhyme time' ORDER BY o.starts LIMIT 1"
        )
        db.run("UPDATE occurrences SET capacity = taken + 2 WHERE id = :id", id=found["id"])
    return found


def find_it(resident: Resident, tag: str, event_id: str) -> None:
    """From home to the page of tonight's event, in three touches."""
    resident.come(tag)
    for touch in (
        ".tile[data-hue=events]",
        "a[href$='/events/list/today']",
        f"a.event[href*='{event_id}']",
    ):
        resident.touch(touch)
        resident.page.wait_for_load_state()
    resident.page.wait_for_url(f"**/{tag}/events/event/{event_id}/**")
    assert_sound(resident.page)


def book(resident: Resident, places: int) -> tuple[str, str]:
    """From the event's page to the receipt; the code and the PIN that stand there."""
    resident.touch(PRIMARY)
    resident.at("events/book/places")
    assert_sound(resident.page)
    resident.touch(f"main [name=places][value='{places}']")
    resident.at("events/book/first-name")
    resident.write("Anna")
    resident.touch(PRIMARY)
    resident.at("events/book/check")
    assert_sound(resident.page)
    resident.touch(PRIMARY)
    resident.at("events/book/receipt")
    assert_sound(resident.page)
    return resident.shown_code.replace(" ", ""), resident.page.locator(".pin b").inner_text()


def look_up(resident: Resident, tag: str, code: str, pin: str) -> None:
    """From home to her booking, by its code and PIN."""
    resident.come(tag)
    resident.touch(".tile[data-hue=events]")
    resident.at("events/")
    resident.touch("a[href$='/events/mine/']")
    resident.at("events/mine/")
    resident.touch(PRIMARY)
    resident.at("events/mine/code")
    resident.write(code)
    resident.touch(PRIMARY)
    resident.at("events/mine/pin")
    resident.write(pin)
    resident.touch(PRIMARY)
    resident.at("events/mine/booking")
    assert_sound(resident.page)


@pytest.mark.parametrize("tag", ["en", "ar", "uk"])
def test_tonights_rhyme_time_is_found_booked_cancelled_and_given_to_the_next(
    screen: Screens, store: Store, tag: str
) -> None:
    event = tonight(store)
    anna, bea = Resident(screen()), Resident(screen("portrait"))
    find_it(anna, tag, event["event_id"])
    code, pin = book(anna, 2)
    anna.touch(FINISH)
    anna.says_nothing()

    find_it(bea, tag, event["event_id"])
    second = book(bea, 1)
    assert state_of(store, second[0]) == "waiting"
    bea.touch(FINISH)
    bea.says_nothing()

    elsewhere = Resident(screen("tablet"))
    look_up(elsewhere, tag, code, pin)
    elsewhere.touch("a[href$='/events/mine/cancel']")
    elsewhere.at("events/mine/cancel")
    elsewhere.touch("main form button")
    elsewhere.at("events/mine/booking")
    assert (state_of(store, code), state_of(store, second[0])) == ("cancelled", "offered")

    look_up(bea, tag, *second)
    bea.touch(PRIMARY)
    expect(bea.page.locator("a[href$='/events/mine/places']")).to_be_visible()
    assert state_of(store, second[0]) == "booked"


def state_of(store: Store, code: str) -> str:
    with store.read() as db:
        found: str = db.value("SELECT state FROM bookings WHERE reference = :code", code=code)
    return found
