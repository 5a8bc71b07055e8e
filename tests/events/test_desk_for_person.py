"""Somebody rings, or stands at the desk: staff book for her, and read out her code and PIN."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from kiosk import settings
from kiosk.events import saving
from kiosk.events.bookings import booked
from kiosk.events.bookings.booked import Booking, Person
from kiosk.events.records import find
from tests.events.desks import Desk, desk, edit_fields, library
from tests.outbox import notify_server
from tests.staff.conftest import Browser

pytestmark = pytest.mark.patient

__all__ = ["desk", "library"]

HERS = {"first_name": "Bo ZZCANARY", "places": "2", "language": "en"}


def address(desk: Desk, event: str) -> str:
    return f"/staff/events/dates/{desk.date_of(event)}/book"


def open_page(browser: Browser, path: str) -> dict[str, Any]:
    """Open the page to book on; what its form holds, with a name and two places."""
    assert browser.get(path).status_code == 200
    return edit_fields(browser, **HERS)


def everyone(desk: Desk, event: str) -> list[Booking]:
    date = desk.date_of(event)
    with desk.store.read() as db:
        return booked.of_occurrence(db, date, cancelled=True)


def shown(browser: Browser, what: str) -> str:
    return browser.page.select(f"#{what}")[0].get_text(strip=True)


# -- a booking ----------------------------------------------------------------------------------------------


def test_staff_book_for_who_rings_and_read_her_the_code_and_the_pin_once(desk: Desk) -> None:
    event = desk.add("Rhyme time", booking="book", capacity=3)
    browser = desk.library.browser("anna")
    path = address(desk, event)
    browser.get(path.replace("/book", "/sheet"))
    assert browser.page.find("a", href=path)
    fields = open_page(browser, path)
    assert "Free places: 3" in browser.words
    before = len(desk.acts())
    assert browser.post(path, **{**fields, "language": "pl"}).status_code == 200
    [one] = everyone(desk, event)
    assert (one.state, one.places, one.language) == ("booked", 2, "pl")
    assert booked.opened(one, desk.library.service_key) == Person("Bo ZZCANARY")
    assert "It is booked." in browser.words
    assert "No message goes out." in browser.words
    assert shown(browser, "code").replace(" ", "") == one.reference
    pin = shown(browser, "pin")
    assert pin == booked.pin(one, desk.library.service_key)
    assert desk.library.log()[before:] == [("anna", "booking made", one.id)]
    for there in (path.replace("/book", "/sheet"), f"/staff/events/bookings/{one.id}"):
        browser.get(there)
        assert pin not in browser.words.split()


def test_a_second_tap_books_nothing_and_says_the_same(desk: Desk, clock: time_machine.Traveller) -> None:
    event = desk.add("Rhyme time", booking="book", capacity=3)
    browser = desk.library.browser("anna")
    path = address(desk, event)
    fields = open_page(browser, path)
    said = []
    for _twice in range(2):
        assert browser.post(path, **fields).status_code == 200
        said.append((shown(browser, "code"), shown(browser, "pin")))
    assert said[0] == said[1]
    [one] = everyone(desk, event)
    assert desk.acts().count("booking made") == 1
    assert desk.library.log()[-1] == ("anna", "booking opened", one.id), (
        "that it was shown again is in the log"
    )
    clock.shift(timedelta(minutes=11))
    answer = browser.post(path, **fields)
    assert (answer.status_code, answer.location) == (303, f"/staff/events/bookings/{one.id}"), (
        "no PIN any more"
    )
    assert len(everyone(desk, event)) == 1


def test_a_page_that_was_used_already_books_for_the_next_person_only_when_asked_again(desk: Desk) -> None:
    event = desk.add("Rhyme time", booking="book", capacity=9)
    browser = desk.library.browser("anna")
    path = address(desk, event)
    fields = open_page(browser, path)
    browser.post(path, **fields)
    code, pin = shown(browser, "code"), shown(browser, "pin")
    other = {**fields, "first_name": "Cem"}
    browser.get(path)
    assert browser.post(path, **other).status_code == 422
    assert "This page was sent before, with other answers." in browser.words
    assert code in browser.words
    assert pin not in browser.words.split()
    assert edit_fields(browser)["first_name"] == "Cem"
    assert browser.post(path, **edit_fields(browser)).status_code == 200
    assert len(everyone(desk, event)) == 2


def test_the_key_of_a_page_opens_no_booking_of_somebody_else(desk: Desk) -> None:
    event = desk.add("Rhyme time", booking="book", capacity=9)
    anna, manager = desk.library.browser("anna"), desk.library.browser("manager")
    path = address(desk, event)
    fields = open_page(anna, path)
    anna.post(path, **fields)
    open_page(manager, path)
    assert manager.post(path, **fields).status_code == 200
    assert shown(manager, "code") != shown(anna, "code")


def test_who_gave_a_way_is_told_in_her_language(desk: Desk) -> None:
    desk.choose_mail()
    event = desk.add("Rhyme time", booking="book")
    browser = desk.library.browser("anna")
    path = address(desk, event)
    fields = open_page(browser, path)
    assert "phone" not in fields, "texts are not set up"
    browser.post(path, **{**fields, "email": " BO@Example.org", "phone": "07700 900982", "language": "ar"})
    assert "A message is on its way." in browser.words
    [one] = everyone(desk, event)
    person = booked.opened(one, desk.library.service_key)
    assert person == Person("Bo ZZCANARY", email="BO@example.org")
    with desk.store.read() as db:
        assert [(row["kind"], row["language"]) for row in db.all("SELECT kind, language FROM outbox")] == [
            ("event-booked", "ar")
        ]


def test_only_ways_that_are_set_up_are_asked_for_and_one_is_enough(desk: Desk) -> None:
    event = desk.add("Rhyme time", booking="book")
    browser = desk.library.browser("anna")
    path = address(desk, event)
    assert not {"phone", "email"} & open_page(browser, path).keys()
    assert "No message can be sent from here" in browser.words
    desk.choose_mail()
    desk.library.app.config["NOTIFY_KEY"] = notify_server.KEY
    with desk.store.write() as db:
        settings.change(db, "library", "", "notify_template", notify_server.TEMPLATE)
    fields = open_page(browser, path)
    assert {"phone", "email"} <= fields.keys()
    assert (
        browser.post(path, **{**fields, "phone": "07700 900982", "email": "bo@example.org"}).status_code
        == 422
    )
    assert "One way is enough." in browser.words
    assert browser.post(path, **{**fields, "phone": "07700 900982"}).status_code == 200
    [one] = everyone(desk, event)
    assert booked.opened(one, desk.library.service_key) == Person("Bo ZZCANARY", phone="+447700900982")


def test_what_is_to_be_paid_is_said_with_its_day(desk: Desk) -> None:
    event = desk.add("Holiday crafts", booking="book", pence=300, days=20)
    browser = desk.library.browser("anna")
    path = address(desk, event)
    browser.post(path, **open_page(browser, path))
    assert "To pay: £6.00" in browser.words
    assert "Pay by Mon 16 Mar 2026, 09:00" in browser.words
    assert [each.state for each in everyone(desk, event)] == ["to-pay"]


def test_ages_are_asked_for_where_the_event_needs_them(desk: Desk) -> None:
    event = desk.add("Rhyme time", booking="book", needs_age=True)
    other = desk.add("Craft", booking="book")
    browser = desk.library.browser("anna")
    assert "ages" not in open_page(browser, address(desk, other))
    path = address(desk, event)
    fields = open_page(browser, path)
    for wrong in (
        {},
        {"ages": "18"},
        {"ages": "three"},
        {"ages": "3 4 5"},
        {"ages": "3", "no_children": "y"},
        {"ages": "9" * 5000},
    ):
        assert browser.post(path, **{**fields, **wrong}).status_code == 422, wrong
    assert browser.post(path, **{**fields, "ages": "3, 0"}).status_code == 200
    assert browser.post(path, **{**open_page(browser, path), "no_children": "y"}).status_code == 200
    people = [booked.opened(each, desk.library.service_key) for each in everyone(desk, event)]
    assert [person.ages for person in people if person] == [(3, 0), ()]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"first_name": ""}, "Write the first name."),
        ({"first_name": "…"}, "Write the first name."),
        ({"first_name": "x" * 10_000}, "too long"),
        ({"places": "0"}, "Choose how many people come."),
        ({"places": "4"}, "Choose how many people come."),
        ({"places": ""}, "Choose how many people come."),
        ({"places": "x"}, "Choose how many people come."),
        ({"language": "tlh"}, "Choose a language."),
        ({"email": "bo"}, "Write the e-mail"),
        ({"email": f"{'x' * 400}@example.org"}, "Write the e-mail"),
    ],
)
def test_what_cannot_be_right_is_asked_again_and_what_was_typed_stays(
    desk: Desk, changed: dict[str, str], says: str
) -> None:
    desk.choose_mail()
    event = desk.add("Rhyme time", booking="book", capacity=3)
    browser = desk.library.browser("anna")
    path = address(desk, event)
    fields = open_page(browser, path)
    assert browser.post(path, **{**fields, "email": "bo@example.org", **changed}).status_code == 422
    assert says in browser.words
    kept = edit_fields(browser)
    assert kept["first_name"] == changed.get("first_name", "Bo ZZCANARY")[:400]
    assert kept["key"] == fields["key"]
    assert browser.page.title is not None
    assert browser.page.title.get_text().startswith("Error: ")
    assert "ZZCANARY" not in browser.page.title.get_text()
    assert everyone(desk, event) == []
    assert "booking made" not in desk.acts()


# -- no place -----------------------------------------------------------------------------------------------


def test_where_it_is_full_she_goes_on_the_list_when_staff_say_so(desk: Desk) -> None:
    desk.choose_mail()
    event = desk.add("Rhyme time", booking="book", capacity=3)
    desk.book(event, 2)
    browser = desk.library.browser("anna")
    path = address(desk, event)
    fields = open_page(browser, path)
    assert browser.post(path, **{**fields, "email": "bo@example.org"}).status_code == 422
    assert "Free places: 1" in browser.words
    assert "There are not so many free places." in browser.words
    again = edit_fields(browser)
    assert (again["first_name"], again["places"], again["email"]) == ("Bo ZZCANARY", "2", "bo@example.org")
    assert browser.page.select("button[name=wait]")
    assert len(everyone(desk, event)) == 1
    assert browser.post(path, **again, wait="y").status_code == 200
    assert "On the waiting list: number 1." in browser.words
    assert [each.state for each in everyone(desk, event)] == ["booked", "waiting"]
    assert desk.messages() == ["event-waiting"]


def test_a_full_event_says_so_before_anything_is_typed(desk: Desk) -> None:
    event = desk.add("Rhyme time", booking="book", capacity=2)
    desk.book(event, 2)
    desk.book(event)
    browser = desk.library.browser("anna")
    fields = open_page(browser, address(desk, event))
    assert "It is full. On the waiting list: 1" in browser.words
    buttons = [each.get_text(strip=True) for each in browser.page.select("main form button")]
    assert buttons == ["Put on the waiting list"]
    browser.post(address(desk, event), **fields, wait="y")
    assert "On the waiting list: number 2." in browser.words


def test_no_more_people_than_the_event_takes_at_all(desk: Desk) -> None:
    event = desk.add("Rhyme time", booking="book", capacity=2)
    browser = desk.library.browser("anna")
    open_page(browser, address(desk, event))
    assert [tag["value"] for tag in browser.page.select("#places option")] == ["1", "2"]


@pytest.mark.parametrize(
    ("why", "says"),
    [
        ("over", "It has begun."),
        ("cancelled", "It is cancelled."),
        ("event cancelled", "It is cancelled."),
        ("gone", "It is no longer in its calendar."),
        ("drop-in", "People just come."),
        ("ask", "Nobody books this event."),
        ("draft", "This is a draft."),
    ],
)
def test_what_cannot_be_booked_says_why_before_and_after_typing(
    desk: Desk, clock: time_machine.Traveller, why: str, says: str
) -> None:
    event = desk.add("Rhyme time", days=0, hours=9.2, booking="book", source="feed", identity="1")
    browser = desk.library.browser("anna")
    path = address(desk, event)
    fields = open_page(browser, path)
    date = desk.date_of(event)
    with desk.store.write() as db:
        if why == "cancelled":
            saving.cancel_date(db, date, "anna")
        elif why == "event cancelled":
            saving.cancel(db, event, "anna")
        elif why == "gone":
            saving.mark_gone(db, "feed", [], "feed")
        elif why != "over":
            facts = find(db, event).facts
            changed = replace(facts, status="draft") if why == "draft" else replace(facts, booking=why)
            saving.save(db, changed, [], [desk.at(0, 9.2)], by="anna", event_id=event)
    if why == "over":
        clock.shift(timedelta(minutes=13))
    assert browser.post(path, **fields).status_code == 422
    assert says in browser.words
    assert edit_fields(browser)["first_name"] == "Bo ZZCANARY"
    assert browser.get(path).status_code == 200
    assert says in browser.words
    assert not browser.page.select("#first_name")
    browser.get(path.replace("/book", "/sheet"))
    assert not browser.page.find("a", href=path), "it is not offered"
    assert everyone(desk, event) == []


def test_the_limit_of_a_screen_is_none_of_the_desk(desk: Desk) -> None:
    with desk.store.write() as db:
        settings.change(db, "library", "", "bookings_an_hour", 1)
    event = desk.add("Rhyme time", booking="book")
    browser = desk.library.browser("anna")
    path = address(desk, event)
    for _each in range(3):
        assert browser.post(path, **open_page(browser, path)).status_code == 200
    assert len(everyone(desk, event)) == 3


# -- who may ------------------------------------------------------------------------------------------------


def test_staff_book_for_people_only_at_events_of_their_own_branch(desk: Desk) -> None:
    event = desk.add("There", branch=desk.library.north, booking="book")
    path = address(desk, event)
    anna, ned = desk.library.browser("anna"), desk.library.browser("ned")
    fields = open_page(ned, path)
    assert anna.get(path).status_code == 404
    anna.get("/staff/events/")
    assert anna.post(path, **fields).status_code == 404
    administrator = desk.library.browser("it")
    assert administrator.get(path).status_code == 403
    administrator.get("/staff/password")
    assert administrator.post(path, **fields).status_code == 403
    assert everyone(desk, event) == []
    assert desk.library.browser("manager").get(path).status_code == 200
    assert ned.client.post(path, data=fields).status_code in (400, 403), "without the token of the page"
    assert everyone(desk, event) == []


def test_what_cannot_be_logged_is_not_booked(desk: Desk) -> None:
    event = desk.add("Rhyme time", booking="book")
    browser = desk.library.browser("anna")
    path = address(desk, event)
    fields = open_page(browser, path)
    with desk.store.write() as db:
        db.run("CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk'); END")
    assert browser.post(path, **fields).status_code == 500
    assert everyone(desk, event) == []


def test_what_was_typed_lies_sealed_and_in_no_address_or_log(desk: Desk, tmp_path: Path) -> None:
    event = desk.add("Rhyme time", booking="book")
    browser = desk.library.browser("anna")
    path = address(desk, event)
    browser.post(path, **open_page(browser, path))
    addresses = [str(tag.get("href", tag.get("action", ""))) for tag in browser.page.select("a, form")]
    assert not any("canary" in each.lower() for each in addresses)
    assert not [path for path in (tmp_path / "data").iterdir() if b"zzcanary" in path.read_bytes().lower()]
    assert not re.search("zzcanary", str(desk.library.log()), re.IGNORECASE)
