"""What waits to be told to people who booked is true when it arrives, whatever has happened meanwhile.

A text waits for the morning, and an e-mail that could not be sent is tried again hours later. The messages go
to a real mail server here; until it is asked to take them they wait.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from kiosk import rounds, settings
from kiosk.events import saving
from kiosk.events.bookings import booking, telling
from kiosk.events.bookings.booked import Booking, Person
from kiosk.events.bookings.booking import Terms
from kiosk.events.records import dates, find
from kiosk.settings import effective
from tests.events.desks import Desk, desk, edit_fields, library
from tests.outbox import mail_server
from tests.outbox.mail_server import MailServer
from tests.staff.conftest import Browser

pytestmark = pytest.mark.patient

__all__ = ["desk", "library"]

OLA = Person("Ola", email="ola@example.org")
CANCELLED, ON_AGAIN = "This event will not take place", "This event takes place after all"
MOVED, BOOKED, OFFERED = "This event has changed", "You have booked", "There is a place for you now"
WAITING, NOT_PAID, TO_PAY = "You are on the waiting list", "Your booking has ended", "We keep a place for you"


@pytest.fixture
def mail(desk: Desk) -> Iterator[MailServer]:
    with mail_server.running(MailServer()) as server:
        with desk.store.write() as db:
            for name, value in {
                "smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "local",
                "smtp_from": "desk@library.example",
            }.items():  # fmt: skip
                settings.change(db, "library", "", name, value)
        yield server


@pytest.fixture
def anna(desk: Desk) -> Browser:
    return desk.library.browser("anna")


def event_of(desk: Desk, **facts: Any) -> str:
    """An event of next Tuesday at 11, and once more the week after."""
    return desk.add("Craft", when=[desk.at(8, 11), desk.at(15, 11)], **{"booking": "book", **facts})


def book(desk: Desk, event: str, kind: str = "") -> Booking:
    """Ola books, and is told so with a message of this `kind`."""
    one = desk.book(event, person=OLA, language="en")
    if kind:
        tell(desk, one, kind)
    return one


def tell(desk: Desk, one: Booking, kind: str) -> None:
    with desk.library.app.app_context(), desk.store.write() as db:
        telling.tell(
            db, [one], kind, settings=effective(db), service_key=desk.library.service_key, now=desk.now
        )


def act(desk: Desk, anna: Browser, event: str, act: str, **fields: str) -> None:
    path = f"/staff/events/dates/{desk.date_of(event)}"
    anna.get(f"{path}/edit")
    anna.post(f"{path}/{act}", **fields)


def move(desk: Desk, anna: Browser, event: str, hour: int, **fields: str) -> None:
    path = f"/staff/events/dates/{desk.date_of(event)}/edit"
    anna.get(path)
    form = edit_fields(anna, starts=f"{hour}:00", ends=f"{hour + 1}:00")
    form.pop("tell", None)
    anna.get(anna.post(path, **form, **fields).location)


def arrived(desk: Desk, mail: MailServer) -> list[str]:
    """What arrives now: what each message says first, and the hour that it names."""
    mail.taken.clear()
    rounds.run_errands(desk.library.app)
    found = []
    for message in mail.taken:
        lines = message.get_content().splitlines()
        [when] = [line for line in lines if line.startswith("When: ")]
        found.append(f"{lines[0].partition(':')[0]}, {when.rpartition(', ')[2][:2]}")
    return found


def test_who_has_not_heard_that_it_is_off_never_does(desk: Desk, anna: Browser, mail: MailServer) -> None:
    event = event_of(desk)
    book(desk, event)
    act(desk, anna, event, "cancel", tell="y")
    act(desk, anna, event, "on-again")
    assert arrived(desk, mail) == []


def test_she_hears_where_things_stand_now(desk: Desk, anna: Browser, mail: MailServer) -> None:
    event = event_of(desk)
    book(desk, event, "event-booked")
    move(desk, anna, event, 15, tell="y")
    act(desk, anna, event, "cancel", tell="y")
    act(desk, anna, event, "on-again", tell="y")
    assert sorted(arrived(desk, mail)) == sorted([f"{BOOKED}, 15", f"{MOVED}, 15", f"{ON_AGAIN}, 15"])
    assert arrived(desk, mail) == [], "each is told once"


def test_what_moves_again_in_silence_is_told_as_it_is(
    desk: Desk, anna: Browser, mail: MailServer, clock: time_machine.Traveller
) -> None:
    event = event_of(desk)
    book(desk, event)
    move(desk, anna, event, 15, tell="y")
    move(desk, anna, event, 13)
    assert arrived(desk, mail) == [f"{MOVED}, 13"]
    assert "It was: Tuesday, 17 March 2026, 11:00." in mail.taken[0].get_content()
    clock.shift(1)
    move(desk, anna, event, 15, tell="y")
    assert "Messages on their way: 1." in anna.words
    move(desk, anna, event, 13)
    assert arrived(desk, mail) == [f"{MOVED}, 13"]
    assert "It was" not in mail.taken[0].get_content(), "it is where she knows it to be"


def test_whom_staff_ring_because_it_is_off_hears_nothing_else(
    desk: Desk, anna: Browser, mail: MailServer
) -> None:
    event = event_of(desk)
    book(desk, event, "event-booked")
    move(desk, anna, event, 15, tell="y")
    act(desk, anna, event, "cancel")
    assert arrived(desk, mail) == []


def test_a_cancelled_event_is_told_though_one_of_its_dates_is_kept(
    desk: Desk, anna: Browser, mail: MailServer
) -> None:
    event = event_of(desk)
    book(desk, event)
    anna.get(f"/staff/events/{event}")
    anna.post(f"/staff/events/{event}/cancel", tell="y")
    anna.post(f"/staff/events/dates/{desk.date_of(event)}/keep")
    assert arrived(desk, mail) == [f"{CANCELLED}, 11"]


def test_what_is_off_may_move_and_nobody_comes_for_it(desk: Desk, anna: Browser, mail: MailServer) -> None:
    event = event_of(desk)
    book(desk, event)
    act(desk, anna, event, "cancel", tell="y")
    assert arrived(desk, mail) == [f"{CANCELLED}, 11"]
    move(desk, anna, event, 15, tell="y")
    assert "Messages on their way" not in anna.words
    assert arrived(desk, mail) == []
    act(desk, anna, event, "on-again", tell="y")
    assert arrived(desk, mail) == [f"{ON_AGAIN}, 15"]


def test_an_offer_that_still_stands_is_told_after_it_was_off(
    desk: Desk, anna: Browser, mail: MailServer
) -> None:
    event = event_of(desk, capacity=1)
    first, second = book(desk, event), book(desk, event, "event-waiting")
    with desk.store.write() as db:
        [offered] = booking.cancel(db, first.id, Terms(), desk.now)
    assert offered.id == second.id
    tell(desk, offered, "event-offered")
    act(desk, anna, event, "cancel", tell="y")
    act(desk, anna, event, "on-again", tell="y")
    assert sorted(arrived(desk, mail)) == sorted([f"{OFFERED}, 11", f"{ON_AGAIN}, 11"]), "and waits no more"


def test_who_has_given_her_places_back_hears_no_more_of_them(desk: Desk, mail: MailServer) -> None:
    event = event_of(desk)
    one = book(desk, event, "event-booked")
    tell(desk, one, "event-moved")
    with desk.store.write() as db:
        booking.cancel(db, one.id, Terms(), desk.now)
    assert arrived(desk, mail) == []


def test_nobody_is_asked_for_money_that_she_has_paid(desk: Desk, anna: Browser, mail: MailServer) -> None:
    event = event_of(desk, pence=300, capacity=4)
    one = book(desk, event, "event-to-pay")
    anna.get(f"/staff/events/bookings/{one.id}")
    anna.post(f"/staff/events/bookings/{one.id}/paid")
    assert arrived(desk, mail) == [f"{BOOKED}, 11"]


def test_whose_booking_has_run_out_does_not_read_that_she_keeps_her_place(
    desk: Desk, mail: MailServer, clock: time_machine.Traveller
) -> None:
    event = desk.add("Craft", when=[desk.at(30, 11)], booking="book", pence=300)
    one = book(desk, event, "event-to-pay")
    tell(desk, one, "event-moved")
    clock.shift(timedelta(days=8))
    rounds.go(desk.library.app)
    assert desk.now_is(one).why == "not-paid"
    assert arrived(desk, mail) == [f"{NOT_PAID}, 11"]


def test_what_a_calendar_has_changed_again_is_told_as_it_is(desk: Desk, mail: MailServer) -> None:
    event = event_of(desk)
    one = book(desk, event)
    tell(desk, one, "event-on-again")
    with desk.store.write() as db:
        first, second = (each.date for each in dates(db, event, desk.now))
        later = replace(first, starts=desk.at(8, 15).starts, ends=desk.at(8, 15).ends)
        saving.save(db, find(db, event).facts, [], [later, second], by="anna", event_id=event)
    assert arrived(desk, mail) == [f"{ON_AGAIN}, 15"]


def test_of_what_is_over_nothing_is_told(desk: Desk, mail: MailServer, clock: time_machine.Traveller) -> None:
    event = event_of(desk)
    book(desk, event, "event-booked")
    with desk.store.write() as db:
        first, second = (each.date for each in dates(db, event, desk.now))
        sooner = replace(first, starts=desk.at(8, 9).starts, ends=desk.at(8, 10).ends)
        saving.save(db, find(db, event).facts, [], [sooner, second], by="anna", event_id=event)
    clock.move_to(desk.at(8, 9).starts)
    assert arrived(desk, mail) == []
