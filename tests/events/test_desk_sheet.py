"""The day itself: who comes, who came, what is paid; opened by few, written down always, printable."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from kiosk import references, rounds
from kiosk.configuration import ROOT
from kiosk.events import wishes
from kiosk.events.bookings import booked, booking
from kiosk.events.bookings.booked import Booking, Person
from kiosk.events.bookings.booking import Terms
from kiosk.events.records import occurrence
from tests.events.desks import Desk, desk, library
from tests.staff.conftest import Browser

__all__ = ["desk", "library"]

AMINA = Person("Amina ZZCANARY", email="zzcanary@example.org", phone="+447700900982", ages=(3, 5))


def on_sheet(browser: Browser) -> list[str]:
    """The codes on the open sheet, in their order."""
    return [tag.get_text(strip=True) for tag in browser.page.select("a.reference")]


def open_sheet(browser: Browser, event: Desk, date: str) -> str:
    path = f"/staff/events/dates/{date}"
    assert browser.get(f"{path}/sheet").status_code == 200
    return path


# -- the sheet ----------------------------------------------------------------------------------------------


def test_the_sheet_says_who_comes_and_who_waits(desk: Desk) -> None:
    event = desk.add("Rhyme time", booking="book", capacity=3)
    one, two = desk.book(event, 2, person=AMINA), desk.book(event)
    three = desk.book(event, person=Person("Bo"))
    browser = desk.library.browser("anna")
    open_sheet(browser, desk, desk.date_of(event))
    assert on_sheet(browser) == [references.shown(each.reference) for each in (one, two, three)]
    for words in (
        "Amina ZZCANARY",
        "Ages of children: 3, 5",
        "07700 900982",
        "zzcanary@example.org",
        "Polish",
    ):
        assert words in browser.words
    assert "1. Bo" in browser.words
    assert browser.page.select("#expected")[0].get_text(strip=True) == "3 / 3"


def test_every_opening_of_a_sheet_or_a_booking_is_one_line_in_the_log(desk: Desk) -> None:
    event = desk.add("Rhyme time", booking="book")
    one = desk.book(event)
    browser = desk.library.browser("anna")
    before = len(desk.acts())
    browser.get("/staff/events/")
    browser.get(f"/staff/events/{event}")
    assert len(desk.acts()) == before, "the programme opens nothing"
    open_sheet(browser, desk, one.occurrence_id)
    browser.get(f"/staff/events/bookings/{one.id}")
    assert desk.library.log()[before:] == [
        ("anna", "sign-in sheet opened", one.occurrence_id),
        ("anna", "booking opened", one.id),
    ]


def test_what_cannot_be_logged_is_not_shown(desk: Desk) -> None:
    event = desk.add("Rhyme time", booking="book")
    one = desk.book(event, person=AMINA)
    browser = desk.library.browser("anna")
    with desk.store.write() as db:
        db.run("CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk'); END")
    for path in (f"dates/{one.occurrence_id}/sheet", f"bookings/{one.id}"):
        answer = browser.get(f"/staff/events/{path}")
        assert answer.status_code == 500
        assert "ZZCANARY" not in answer.text


def test_neither_the_programme_nor_titles_and_addresses_name_anybody(desk: Desk) -> None:
    event = desk.add("Rhyme time", booking="book")
    one = desk.book(event, person=AMINA)
    browser = desk.library.browser("anna")
    for path in ("", event):
        assert "ZZCANARY" not in browser.get(f"/staff/events/{path}").text
    for path in (f"dates/{one.occurrence_id}/sheet", f"bookings/{one.id}"):
        browser.get(f"/staff/events/{path}")
        assert browser.page.title is not None
        assert "ZZCANARY" not in browser.page.title.get_text()


def test_staff_tick_who_came(desk: Desk) -> None:
    event = desk.add("Rhyme time", booking="book")
    one, two = desk.book(event, 3), desk.book(event, 2)
    browser = desk.library.browser("anna")
    path = open_sheet(browser, desk, one.occurrence_id)
    browser.post(f"{path}/came", **{
        f"was-{one.id}": "", f"came-{one.id}": "y", f"people-{one.id}": "2",
        f"was-{two.id}": "", f"people-{two.id}": "2",
    })  # fmt: skip
    assert (desk.now_is(one).came, desk.now_is(two).came) == (2, None)
    open_sheet(browser, desk, one.occurrence_id)
    assert browser.page.select("#came")[0].get_text(strip=True) == "2"
    browser.post(f"{path}/came", **{f"was-{one.id}": "2", f"people-{one.id}": "2"})
    assert desk.now_is(one).came is None, "the tick was taken back"


def test_two_who_tick_at_once_take_nothing_from_each_other(desk: Desk) -> None:
    event = desk.add("Rhyme time", booking="book")
    one, two = desk.book(event), desk.book(event)
    anna, manager = desk.library.browser("anna"), desk.library.browser("manager")
    path = open_sheet(anna, desk, one.occurrence_id)
    open_sheet(manager, desk, one.occurrence_id)
    both = {f"was-{one.id}": "", f"was-{two.id}": ""}
    anna.post(f"{path}/came", **both, **{f"came-{one.id}": "y"})
    manager.post(f"{path}/came", **both, **{f"came-{two.id}": "y"})
    assert (desk.now_is(one).came, desk.now_is(two).came) == (1, 1)


@pytest.mark.parametrize("people", ["", "0", "7", "-1", "x", "９"])
def test_rubbish_for_how_many_came_counts_as_all_of_them(desk: Desk, people: str) -> None:
    event = desk.add("Rhyme time", booking="book")
    one = desk.book(event, 3)
    browser = desk.library.browser("anna")
    path = open_sheet(browser, desk, one.occurrence_id)
    browser.post(f"{path}/came", **{f"was-{one.id}": "", f"came-{one.id}": "y", f"people-{one.id}": people})
    assert desk.now_is(one).came == 3


def test_who_comes_without_a_booking_is_counted_and_needs_no_account(desk: Desk) -> None:
    event = desk.add("Knit and Natter", booking="drop-in")
    anna, manager = desk.library.browser("anna"), desk.library.browser("manager")
    date = desk.date_of(event)
    path = open_sheet(anna, desk, date)
    open_sheet(manager, desk, date)
    for browser, step in [(anna, "less"), (anna, "more"), (manager, "more"), (anna, "more"), (anna, "less"),
                          (anna, "gold")]:  # fmt: skip
        open_sheet(browser, desk, date)
        assert browser.post(f"{path}/walk-ins", step=step).status_code == 303
    with desk.store.read() as db:
        assert occurrence(db, date).walk_ins == 2
    open_sheet(anna, desk, date)
    assert anna.page.select("#came")[0].get_text(strip=True) == "2"


def test_the_printed_sheet_has_boxes_and_lines_but_no_phones(desk: Desk) -> None:
    event = desk.add("Rhyme time", booking="book")
    desk.book(event, person=AMINA)
    browser = desk.library.browser("anna")
    open_sheet(browser, desk, desk.date_of(event))
    assert len(browser.page.select(".on-paper .lines li")) == 12
    reached = [tag for tag in browser.page.find_all("td") if "07700" in tag.get_text()]
    assert reached
    assert all("on-screen" in (tag.get("class") or []) for tag in reached)
    style = (ROOT / "static/events_desk.css").read_text()
    printed = style[style.index("@media print") :]
    assert "body.staff :is(.on-screen, .done, .finders, main .button) { display: none; }" in printed
    assert "body.staff .on-paper { display: revert; }" in printed


# -- one booking --------------------------------------------------------------------------------------------


def act(desk: Desk, browser: Browser, one: Booking, what: str, **fields: str) -> str:
    """Press a button of a booking; what the page says then."""
    browser.get(f"/staff/events/bookings/{one.id}")
    answer = browser.post(f"/staff/events/bookings/{one.id}/{what}", **fields)
    assert answer.status_code == 303
    browser.get(answer.location)
    return browser.words


def test_a_code_opens_its_booking_however_it_is_spelled(desk: Desk) -> None:
    one = desk.book(desk.add("Rhyme time", booking="book"))
    browser = desk.library.browser("anna")
    for code in (one.reference, references.shown(one.reference).lower(), f" {'-'.join(one.reference)} "):
        browser.get("/staff/events/")
        answer = browser.post("/staff/events/code", code=code)
        assert (answer.status_code, answer.location) == (303, f"/staff/events/bookings/{one.id}")
    for code in ("", "AAAAAAAAAA", "x" * 10_000, "<b>"):
        browser.get("/staff/events/")
        assert browser.post("/staff/events/code", code=code).status_code == 422
        assert "No booking here has this code." in browser.words


def test_the_money_is_taken_once(desk: Desk) -> None:
    desk.choose_mail()
    event = desk.add("Holiday crafts", booking="book", pence=300, days=20)
    one = desk.book(event, 2, person=AMINA)
    assert one.state == "to-pay"
    browser = desk.library.browser("anna")
    browser.get(f"/staff/events/bookings/{one.id}")
    assert "To pay: £6.00" in browser.words
    assert "Pay by Mon 16 Mar 2026, 09:00" in browser.words
    assert "It is paid." in act(desk, browser, one, "paid")
    assert (desk.now_is(one).state, desk.now_is(one).paid_pence) == ("booked", 600)
    assert desk.messages() == ["event-booked"]
    assert "Somebody has done this already." in act(desk, browser, one, "paid")
    assert desk.acts().count("booking paid") == 1


def test_money_to_give_back_stays_in_sight(desk: Desk) -> None:
    event = desk.add("Holiday crafts", booking="book", pence=300, days=3)
    one, two, three = desk.book(event, person=AMINA), desk.book(event, 3), desk.book(event)
    browser = desk.library.browser("anna")
    for each in (one, two, three):
        act(desk, browser, each, "paid")
    with desk.store.write() as db:
        booking.cancel(db, one.id, Terms(), desk.now)
        booking.change_places(db, two.id, 1, Terms(), desk.now)
    open_sheet(browser, desk, one.occurrence_id)
    rows = [row.get_text(" ", strip=True) for row in browser.page.select("[aria-labelledby=refunds] li")]
    assert ["Give back: £3.00" in row for row in rows] == [True, False]
    assert "Give back: £6.00" in rows[1]
    assert "Amina" in rows[0]
    for each, sum_back in ((one, "£3.00"), (two, "£6.00")):
        browser.get(f"/staff/events/bookings/{each.id}")
        assert f"Give back: {sum_back}" in browser.words
    browser.get(f"/staff/events/bookings/{three.id}")
    assert "Give back" not in browser.words
    assert "The money is given back." in act(desk, browser, one, "given-back")
    assert "Somebody has done this already." in act(desk, browser, one, "given-back")
    assert "The money is given back." in act(desk, browser, two, "given-back")
    assert [desk.now_is(each).paid_pence for each in (one, two, three)] == [0, 300, 300]
    open_sheet(browser, desk, one.occurrence_id)
    assert not browser.page.select("#refunds")
    assert desk.acts().count("booking given-back") == 2


def test_a_booking_that_has_ended_cannot_be_paid_and_nobody_else_did_it(desk: Desk) -> None:
    one = desk.book(desk.add("Holiday crafts", booking="book", pence=300, days=3))
    browser = desk.library.browser("anna")
    with desk.store.write() as db:
        booking.cancel(db, one.id, Terms(), desk.now)
    assert "This cannot be changed any more." in act(desk, browser, one, "paid")
    assert desk.now_is(one).paid_pence == 0


def test_staff_cancel_for_a_person_and_the_next_one_gets_the_place(desk: Desk) -> None:
    desk.choose_mail()
    event = desk.add("Rhyme time", booking="book", capacity=2, days=3)
    one, two = desk.book(event, 2), desk.book(event, 2, person=AMINA)
    browser = desk.library.browser("anna")
    assert "The booking is cancelled." in act(desk, browser, one, "cancel")
    assert (desk.now_is(one).why, desk.now_is(two).state) == ("staff", "offered")
    assert desk.messages() == ["event-offered"]
    assert "Has the offer of a place" in act(desk, browser, two, "places", places="9")
    assert "The place is taken." in act(desk, browser, two, "accept")
    assert desk.now_is(two).state == "booked"
    assert "This cannot be changed any more." in act(desk, browser, one, "accept")
    assert sorted(desk.messages()) == ["event-offered", "event-promoted"]


def test_more_people_come_only_where_there_is_room(desk: Desk) -> None:
    event = desk.add("Rhyme time", booking="book", capacity=3)
    one = desk.book(event)
    browser = desk.library.browser("anna")
    assert "The number of places is changed." in act(desk, browser, one, "places", places="3")
    assert desk.now_is(one).places == 3
    assert "There are not so many free places." in act(desk, browser, one, "places", places="4")
    assert desk.now_is(one).places == 3


def test_a_new_pin_is_shown_once_and_the_old_one_ends(desk: Desk) -> None:
    one = desk.book(desk.add("Rhyme time", booking="book"))
    browser = desk.library.browser("anna")
    browser.get(f"/staff/events/bookings/{one.id}")
    assert not browser.page.select("#pin")
    old = booked.pin(one, desk.library.service_key)
    assert browser.post(f"/staff/events/bookings/{one.id}/pin").status_code == 200
    pin = browser.page.select("#pin")[0].get_text()
    assert pin == booked.pin(desk.now_is(one), desk.library.service_key)
    assert desk.now_is(one).pin_seed != one.pin_seed
    browser.get(f"/staff/events/bookings/{one.id}")
    assert not browser.page.select("#pin")
    assert "booking new pin" in desk.acts()
    assert old not in str(desk.library.log())


# -- the clock ----------------------------------------------------------------------------------------------


def test_an_offer_that_runs_out_goes_on_and_both_hear_of_it(
    desk: Desk, clock: time_machine.Traveller
) -> None:
    desk.choose_mail()
    event = desk.add("Rhyme time", booking="book", capacity=1, days=9)
    one, two, three = (
        desk.book(event, person=Person(name, email=f"{name}@example.org")) for name in ("a", "b", "c")
    )
    with desk.store.write() as db:
        booking.cancel(db, one.id, Terms(), desk.now)
    clock.shift(timedelta(hours=25))
    rounds.go(desk.library.app)
    assert (desk.now_is(two).why, desk.now_is(three).state) == ("offer-over", "offered")
    assert sorted(desk.messages()) == ["event-offer-over", "event-offered"]


def test_after_its_time_a_booking_is_gone_from_the_desk_and_the_disk(
    desk: Desk, clock: time_machine.Traveller, tmp_path: Path
) -> None:
    event = desk.add("Rhyme time", booking="book", days=1)
    one = desk.book(event, person=AMINA)
    clock.shift(timedelta(days=33))
    rounds.go(desk.library.app)
    browser = desk.library.browser("anna")
    assert browser.get(f"/staff/events/bookings/{one.id}").status_code == 404
    open_sheet(browser, desk, one.occurrence_id)
    assert "ZZCANARY" not in browser.words
    assert one.sealed is not None
    for path in (tmp_path / "data").iterdir():
        assert one.sealed[20:80] not in path.read_bytes()
        assert one.reference.encode() not in path.read_bytes()


def test_the_data_folder_names_nobody_who_booked(desk: Desk, tmp_path: Path) -> None:
    desk.choose_mail()
    event = desk.add("Rhyme time", booking="book")
    one = desk.book(event, person=AMINA)
    browser = desk.library.browser("anna")
    path = open_sheet(browser, desk, one.occurrence_id)
    browser.post(f"{path}/cancel", tell="y")
    assert desk.messages() == ["event-cancelled"]
    assert not [path for path in (tmp_path / "data").iterdir() if b"zzcanary" in path.read_bytes().lower()]


def test_nobody_has_to_pay_for_an_event_that_is_cancelled(desk: Desk, clock: time_machine.Traveller) -> None:
    desk.choose_mail()
    event = desk.add("Craft", days=20, booking="book", pence=300)
    one = desk.book(event, person=AMINA)
    browser = desk.library.browser("anna")
    browser.get(f"/staff/events/{event}")
    browser.post(f"/staff/events/{event}/cancel", tell="y")
    assert desk.messages() == ["event-cancelled"]
    clock.shift(timedelta(days=8))
    rounds.go(desk.library.app)
    assert desk.now_is(one).state == "to-pay"
    assert "event-not-paid" not in desk.messages()


def test_nothing_is_sent_that_would_come_too_late(desk: Desk, clock: time_machine.Traveller) -> None:
    desk.choose_mail()
    event = desk.add("Craft", days=0, hours=15, booking="book", capacity=1)
    one, two = desk.book(event), desk.book(event, person=AMINA)
    with desk.store.write() as db:
        booking.cancel(db, one.id, Terms(), desk.now)
    clock.shift(timedelta(hours=12))
    rounds.go(desk.library.app)
    assert desk.now_is(two).why == "offer-over"
    assert desk.messages() == []


# -- wishes -------------------------------------------------------------------------------------------------


def test_wishes_are_counted_by_topic_time_of_day_and_language(desk: Desk) -> None:
    today = desk.now.date()
    with desk.store.write() as db:
        for branch, topic, part, tag in [
            (desk.library.central, "english", "evening", "ar"),
            (desk.library.central, "english", "evening", "ti"),
            (desk.library.central, "english", "morning", "ar"),
            (desk.library.north, "making", "weekend", "pl"),
        ]:
            wishes.wish(db, branch, topic, part, tag, today)
        wishes.wish(db, desk.library.central, "jobs", "evening", "pl", today - timedelta(days=800))
    anna, manager = desk.library.browser("anna"), desk.library.browser("manager")
    anna.get("/staff/events/wishes")
    rows = [" ".join(row.get_text(" ").split()) for row in anna.page.select("tbody tr")]
    assert rows == ["Learning English 1 – 2 – 3 Arabic 2, Tigrinya 1"]
    manager.get("/staff/events/wishes")
    assert len(manager.page.select("tbody tr")) == 2
    manager.get(f"/staff/events/wishes?branch={desk.library.north}")
    assert len(manager.page.select("tbody tr")) == 1
    ned = desk.library.browser("ned")
    ned.get(f"/staff/events/wishes?branch={desk.library.central}")
    assert "Learning English" not in ned.words
