"""A booking opens with its code and PIN alone, and the file says nothing of who comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine

from kiosk import references
from kiosk.events import records, saving
from kiosk.events.bookings import booked, booking
from kiosk.events.bookings.booked import Booking, MustWait, Person
from kiosk.events.records import Date
from kiosk.sealing import CannotOpen
from kiosk.store import NotThere
from tests.events.conftest import Programme, at, date
from tests.events.craft import AMINA, KEY, NOW, TERMS, Craft

# Code and PIN -----------------------------------------------------------------------------------------------


def opens(craft: Craft, reference: str, pin: str, kiosk: str = "door", now: datetime = NOW) -> Booking | None:
    with craft.store.write() as db:
        return booked.by_code(db, reference, pin, kiosk_id=kiosk, service_key=KEY, now=now)


def wrong(held: Booking) -> str:
    return f"{(int(booked.pin(held, KEY)) + 1) % 10_000:04d}"


def test_a_booking_opens_with_its_code_and_pin_at_any_screen(programme: Programme) -> None:
    craft = Craft(programme)
    held = craft.book(2)
    pin = booked.pin(held, KEY)
    assert len(pin) == 4
    assert pin.isdigit()
    assert opens(craft, held.reference, pin) == held
    assert opens(craft, held.reference, pin, "shelf") == held
    for reference, typed in ((held.reference, wrong(held)), (references.new(), pin), (held.reference, ""),
                             (held.reference, "١٢٣٤")):  # fmt: skip
        assert opens(craft, reference, typed) is None
    with craft.store.read() as db:
        assert booked.by_reference(db, held.reference) == held
        with pytest.raises(NotThere):
            booked.by_reference(db, references.new())


def test_guessing_waits_at_this_screen_and_nobody_else_does(programme: Programme) -> None:
    craft = Craft(programme)
    held, other = craft.book(), craft.book()
    for _ in range(5):
        assert opens(craft, held.reference, wrong(held)) is None
    with pytest.raises(MustWait) as wait:
        opens(craft, held.reference, booked.pin(held, KEY))
    assert 1 <= wait.value.minutes <= 15
    assert opens(craft, held.reference, booked.pin(held, KEY), "shelf"), "she is at another screen"
    assert opens(craft, other.reference, booked.pin(other, KEY)), "another person is at the same screen"
    assert opens(craft, held.reference, booked.pin(held, KEY), now=NOW + timedelta(minutes=16))


def test_many_codes_from_one_screen_are_guesses_too(programme: Programme) -> None:
    craft = Craft(programme)
    held = craft.book()
    for _ in range(30):
        assert opens(craft, references.new(), "0000") is None
    with pytest.raises(MustWait):
        opens(craft, held.reference, booked.pin(held, KEY))
    assert opens(craft, held.reference, booked.pin(held, KEY), "shelf")


def test_one_code_is_guessed_so_often_in_a_day_wherever(programme: Programme) -> None:
    craft = Craft(programme)
    held = craft.book()
    for number in range(30):
        opens(craft, held.reference, wrong(held), f"screen {number // 5}")
    with pytest.raises(MustWait) as wait:
        opens(craft, held.reference, booked.pin(held, KEY), "shelf")
    assert wait.value.minutes == 24 * 60
    tomorrow = NOW + timedelta(days=1, seconds=1)
    assert opens(craft, held.reference, booked.pin(held, KEY), "shelf", tomorrow)
    with craft.store.write() as db:
        assert booked.forget_tries(db, tomorrow) == 30
        assert booked.forget_tries(db, tomorrow) == 0


def test_staff_can_give_another_pin(programme: Programme) -> None:
    craft = Craft(programme)
    held = craft.book()
    with craft.store.write() as db:
        fresh = booked.new_pin(db, held.id, NOW)
        with pytest.raises(NotThere):
            booked.new_pin(db, "nothing", NOW)
    assert fresh.pin_seed != held.pin_seed
    assert opens(craft, held.reference, booked.pin(fresh, KEY))


# What the file says -----------------------------------------------------------------------------------------


def test_who_comes_opens_for_the_service_alone_and_in_its_own_row(programme: Programme) -> None:
    craft = Craft(programme)
    held, other = craft.book(), craft.book()
    assert booked.opened(held, KEY) == AMINA
    assert held.sealed is not None
    with pytest.raises(CannotOpen):
        booked.opened(held, bytes(32))
    with pytest.raises(CannotOpen):
        booked.opened(replace(other, sealed=held.sealed), KEY)
    lengths = {
        len(booked.seal(Person(name), "b", KEY)) for name in ("A", "Amina Bekele", "Wilhelmina-Josephine")
    }
    assert len(lengths) == 1


def test_the_file_holds_no_name_and_no_pin(programme: Programme) -> None:
    craft = Craft(programme)
    with craft.store.write() as db:
        person = Person("ZZCANARY", email="zzcanary@example.org", ages=(77,))
        held = booking.book(db, craft.ask(person=person), TERMS, NOW)
        (row,) = db.all("SELECT * FROM bookings")
    assert booked.pin(held, KEY) not in [value for value in row.values() if isinstance(value, str)]
    assert "ZZCANARY" not in repr(held)
    files = b"".join(path.read_bytes() for path in craft.store.path.parent.iterdir())
    assert b"zzcanary" not in files.lower()


def test_a_month_after_the_event_nobody_can_say_who_came(
    programme: Programme, clock: time_machine.Traveller
) -> None:
    craft = Craft(programme)
    held = craft.book(2)
    with craft.store.write() as db:
        booked.mark_came(db, held.id, 2, NOW)
        with pytest.raises(NotThere):
            booked.mark_came(db, "nothing", 2, NOW)
        end = at(11, 37)
        assert booked.purge(db, end - timedelta(seconds=1)) == 0
        assert booked.purge(db, end) == 1
        assert booked.purge(db, end) == 0
        (left,) = booked.of_occurrence(db, craft.date)
    assert (left.sealed, left.pin_seed, left.came, left.places, left.language) == (None, None, 2, 2, "pl")
    assert left.reference != held.reference
    assert booked.opened(left, KEY) is None
    assert opens(craft, held.reference, booked.pin(held, KEY)) is None


def test_who_booked_a_date_that_was_moved_is_known_as_long_after_it(programme: Programme) -> None:
    craft = Craft(programme)
    held = craft.book()
    moved = Date(date(10, 7).key, at(10, 14), at(11, 14), "Europe/London", moved_from=at(10, 7))
    with craft.store.write() as db:
        facts = records.find(db, craft.event).facts
        saving.save(db, facts, [], [moved], by="amina", event_id=craft.event)
        assert booked.purge(db, at(11, 37)) == 0
        assert booked.purge(db, at(11, 44)) == 1
    assert craft.now(held).occurrence_id == craft.date
