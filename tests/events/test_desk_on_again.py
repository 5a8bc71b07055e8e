"""A single date that was cancelled takes place after all: staff say so, and those who booked hear of it."""

from __future__ import annotations

from datetime import date as day
from datetime import datetime, timedelta

import pytest
import time_machine

from kiosk.events import saving
from kiosk.events.bookings import booking
from kiosk.events.bookings.booked import Person
from kiosk.events.bookings.booking import Terms
from kiosk.events.incoming import importing, places
from kiosk.events.incoming.importing import Done, Window
from kiosk.events.records import Occurrence, dates, find, occurrence, undecided
from tests.events.desks import Desk, desk, library
from tests.events.feeds import calendar, event
from tests.staff.conftest import Browser

pytestmark = pytest.mark.patient

__all__ = ["desk", "library"]


def cancelled_date(desk: Desk, browser: Browser, event: str) -> str:
    """Staff cancel the first date of an event and tell everybody; the address of the date."""
    path = f"/staff/events/dates/{desk.date_of(event)}"
    browser.get(f"{path}/edit")
    browser.post(f"{path}/cancel", tell="y")
    return path


def first_date(desk: Desk, event: str) -> Occurrence:
    date = desk.date_of(event)
    with desk.store.read() as db:
        return occurrence(db, date)


def test_a_date_that_takes_place_after_all_tells_those_who_have_booked_it(
    desk: Desk, clock: time_machine.Traveller
) -> None:
    desk.choose_mail()
    event = desk.series("Craft", 5, booking="book", capacity=2, pence=300)
    later = [desk.at(7 * week, 11) for week in range(3, 6)]
    with desk.store.write() as db:
        saving.save(db, find(db, event).facts, [], later, by="anna", event_id=event)
    two, one, three = (desk.book(event, person=Person("A", email="a@example.org")) for _ in range(3))
    browser = desk.library.browser("anna")
    path = cancelled_date(desk, browser, event)
    with desk.store.write() as db:
        booking.cancel(db, one.id, Terms(), desk.now)
    clock.shift(timedelta(days=8))  # the time to pay has run out meanwhile
    browser = desk.library.browser("anna")
    browser.get(f"{path}/edit")
    assert "It takes place after all" in browser.words
    before = len(desk.acts())
    for twice in range(2):
        browser.get(browser.post(f"{path}/on-again", tell="y").location)
        assert "It takes place after all." in browser.words
        assert ("Messages on their way: 1." in browser.words) is not twice
    assert desk.acts()[before:] == ["event date on again"]
    assert sorted(desk.messages()) == ["event-cancelled"] * 3 + ["event-offered", "event-on-again"]
    assert desk.now_is(two).state == "to-pay"
    assert datetime.fromisoformat(desk.now_is(two).deadline_at) == desk.now + Terms().pay
    assert desk.now_is(three).state == "offered"
    assert first_date(desk, event).status == "confirmed"
    browser.get(f"{path}/edit")
    assert "It takes place after all" not in browser.words


def test_that_a_date_is_on_again_is_told_to_nobody_if_staff_say_so(desk: Desk) -> None:
    desk.choose_mail()
    event = desk.series("Craft", 2, booking="book")
    desk.book(event, person=Person("A", email="a@example.org"))
    browser = desk.library.browser("anna")
    path = cancelled_date(desk, browser, event)
    browser.get(f"{path}/edit")
    browser.post(f"{path}/on-again")
    assert desk.messages() == ["event-cancelled"]
    assert first_date(desk, event).status == "confirmed"


def test_each_time_it_changes_again_is_told_again(desk: Desk, clock: time_machine.Traveller) -> None:
    desk.choose_mail()
    event = desk.series("Craft", 2, booking="book")
    desk.book(event, person=Person("A", email="a@example.org"))
    browser = desk.library.browser("anna")
    for _twice in range(2):
        path = cancelled_date(desk, browser, event)
        clock.shift(1)
        browser.post(f"{path}/on-again", tell="y")
        clock.shift(1)
    assert desk.messages() == ["event-cancelled", "event-on-again"] * 2


def test_only_its_own_branch_brings_a_date_back(desk: Desk) -> None:
    event = desk.add("There", branch=desk.library.north, booking="book")
    ned, anna = desk.library.browser("ned"), desk.library.browser("anna")
    path = cancelled_date(desk, ned, event)
    anna.get("/staff/events/")
    assert anna.post(f"{path}/on-again", tell="y").status_code == 404
    administrator = desk.library.browser("it")
    administrator.get("/staff/password")
    assert administrator.post(f"{path}/on-again").status_code == 403
    assert ned.client.post(f"{path}/on-again").status_code in (303, 400, 403)
    assert first_date(desk, event).status == "cancelled"
    assert "event date on again" not in desk.acts()


def test_no_date_is_on_while_its_whole_event_is_cancelled(desk: Desk) -> None:
    event = desk.series("Craft", 2, booking="book")
    browser = desk.library.browser("anna")
    path = cancelled_date(desk, browser, event)
    browser.get(f"/staff/events/{event}")
    browser.post(f"/staff/events/{event}/cancel")
    browser.get(f"{path}/edit")
    assert not browser.page.find("form", action=f"{path}/on-again")
    assert "The whole event is cancelled." in browser.words
    assert browser.post(f"{path}/on-again", tell="y").status_code == 303
    with desk.store.read() as db:
        assert {each.date.status for each in dates(db, event, desk.now)} == {"cancelled", "confirmed"}
    assert "event date on again" not in desk.acts()


def test_a_date_that_is_over_does_not_come_back(desk: Desk, clock: time_machine.Traveller) -> None:
    event = desk.add("Craft", booking="book", days=0, hours=10)
    browser = desk.library.browser("anna")
    path = cancelled_date(desk, browser, event)
    clock.shift(timedelta(minutes=14))
    browser.get(f"{path}/edit")
    clock.move_to(desk.at(0, 11).starts)
    browser.post(f"{path}/on-again", tell="y")
    assert first_date(desk, event).status == "cancelled"


def test_one_date_of_a_lost_event_that_is_on_again_brings_no_other_back(desk: Desk) -> None:
    event, ids = desk.lost_by_its_calendar()
    browser = desk.library.browser("anna")
    path = cancelled_date(desk, browser, event)
    browser.post(f"{path}/on-again")
    with desk.store.read() as db:
        assert [(each.id, each.status) for each in dates(db, event, desk.now)] == [(ids[0], "confirmed")]
        assert [each.id for each in undecided(db, desk.now)] == [ids[1]]


# -- and its calendar ---------------------------------------------------------------------------------------

SERIES = event("SUMMARY:Rhymes", "LOCATION:Central Library", "RRULE:FREQ=WEEKLY;COUNT=3",
               start="DTSTART;TZID=Europe/London:20260316T100000")  # fmt: skip


def exception(*lines: str, hour: int = 10) -> str:
    """What a calendar says of the first date of the series alone."""
    return event(
        "RECURRENCE-ID;TZID=Europe/London:20260316T100000", "SUMMARY:Rhymes", "LOCATION:Central Library",
        *lines, start=f"DTSTART;TZID=Europe/London:20260316T{hour}0000",
    )  # fmt: skip


def load(desk: Desk, *parts: str) -> Done:
    with desk.store.write() as db:
        window = Window(day(2026, 3, 9), day(2027, 3, 9))
        plan = importing.plan(db, calendar(*parts), "county", window, places=places.places(db, ""))
        return importing.carry_out(db, plan, by="feed")


def the_event(desk: Desk) -> str:
    with desk.store.read() as db:
        return str(db.value("SELECT id FROM events"))


@pytest.mark.parametrize("who", ["its calendar", "staff"])
def test_a_date_on_again_stays_so_until_its_calendar_says_something_new(desk: Desk, who: str) -> None:
    said = (SERIES, exception("STATUS:CANCELLED")) if who == "its calendar" else (SERIES,)
    load(desk, *said)
    browser = desk.library.browser("manager")
    path = f"/staff/events/dates/{desk.date_of(the_event(desk))}"
    browser.get(f"{path}/edit")
    if who == "staff":
        browser.post(f"{path}/cancel")
    assert first_date(desk, the_event(desk)).status == "cancelled"
    browser.post(f"{path}/on-again")
    assert first_date(desk, the_event(desk)).status == "confirmed"
    assert load(desk, *said) == Done(0, 0, 0, 0), "it says nothing new"
    assert first_date(desk, the_event(desk)).status == "confirmed"
    load(desk, SERIES, exception(hour=15))
    assert f"{first_date(desk, the_event(desk)).date.starts:%H:%M}" == "15:00", "that is new"
    load(desk, SERIES, exception("STATUS:CANCELLED", hour=15))
    assert first_date(desk, the_event(desk)).status == "cancelled", "and that"


def test_a_date_on_again_that_its_calendar_had_lost_is_not_lost_again(desk: Desk) -> None:
    load(desk, SERIES)
    date = desk.date_of(the_event(desk))
    without = SERIES.replace("SUMMARY", "EXDATE;TZID=Europe/London:20260316T100000\r\nSUMMARY")
    with desk.store.write() as db:
        db.run("UPDATE events SET booking = 'book'")
    one = desk.book(the_event(desk))
    load(desk, without)
    browser = desk.library.browser("manager")
    path = f"/staff/events/dates/{date}"
    browser.get(f"/staff/events/{the_event(desk)}")
    browser.post(f"{path}/cancel")
    browser.post(f"{path}/on-again")
    for _twice in range(2):
        assert load(desk, without) == Done(0, 0, 0, 0)
    found = first_date(desk, the_event(desk))
    assert (found.id, found.status, found.gone_at) == (date, "confirmed", "")
    assert desk.now_is(one).state == "booked"
