"""Places at events: never more than there are, given on in the order of arrival, opened with code and PIN."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from kiosk import branches, references
from kiosk.events import records, saving
from kiosk.events.bookings import booked, booking
from kiosk.events.bookings.booked import Booking, MustWait, Person
from kiosk.events.bookings.booking import Full, NotBookable, Over, Terms, TooMany
from kiosk.events.records import Date
from kiosk.sealing import CannotOpen
from kiosk.store import NotThere, Store
from tests.events.conftest import Programme, at, date

KEY = bytes(range(32))
AMINA = Person("Amina", email="amina@example.org", ages=(3, 5))
TERMS = Terms(offer=timedelta(hours=24), pay=timedelta(days=2), an_hour=1000)
NOW = at(9)


class Desk:
    """One event with so many places, a week ahead."""

    def __init__(self, programme: Programme, *dates: Date, capacity: int | None = 10, **facts: Any) -> None:
        self.store: Store = programme.store
        self.event = programme.add(
            "Holiday craft", *(dates or (date(10, 7),)), booking="book", capacity=capacity, **facts
        )
        self.date = programme.date_of(self.event)
        self.sent = 0

    def ask(self, places: int = 1, key: str = "", person: Person = AMINA, kiosk: str = "") -> booked.Asked:
        self.sent += 1
        return booked.ask(
            person, self.date, places, one_time_key=key or f"key {self.sent}", branch_id="", kiosk_id=kiosk,
            language="pl", service_key=KEY,
        )  # fmt: skip

    def book(self, places: int = 1, now: datetime = NOW, **more: Any) -> Booking:
        with self.store.write() as db:
            return booking.book(db, self.ask(places), TERMS, now, **more)

    def cancel(self, which: Booking, now: datetime = NOW) -> list[Booking]:
        with self.store.write() as db:
            return booking.cancel(db, which.id, TERMS, now)

    def change(self, which: Booking, places: int, now: datetime = NOW) -> list[Booking]:
        with self.store.write() as db:
            return booking.change_places(db, which.id, places, TERMS, now)

    def accept(self, which: Booking, now: datetime = NOW) -> Booking:
        with self.store.write() as db:
            return booking.accept(db, which.id, TERMS, now)

    def expire(self, now: datetime) -> tuple[list[Booking], list[Booking]]:
        with self.store.write() as db:
            return booking.expire(db, now, TERMS)

    def now(self, which: Booking) -> Booking:
        with self.store.read() as db:
            return booked.get(db, which.id)

    @property
    def taken(self) -> int:
        with self.store.read() as db:
            kept: int = records.occurrence(db, self.date).taken
            held = db.value(
                "SELECT COALESCE(sum(places), 0) FROM bookings WHERE occurrence_id = :id"
                " AND state IN ('booked', 'to-pay', 'offered')",
                id=self.date,
            )
        assert kept == held, "the count and the bookings agree"
        return kept


# Never more than there are ----------------------------------------------------------------------------------


def test_fifty_race_for_ten_places_and_the_rest_wait_in_the_order_of_arrival(programme: Programme) -> None:
    desk = Desk(programme)
    asked = [desk.ask() for _ in range(50)]
    together, got, failed = threading.Barrier(50), [], []

    def go(one: booked.Asked) -> None:
        together.wait()
        try:
            with desk.store.write() as db:
                got.append(booking.book(db, one, TERMS, NOW))
        except Exception as error:  # to be looked at by the one who waits for the threads
            failed.append(error)

    threads = [threading.Thread(target=go, args=(one,)) for one in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(one.state for one in got) == ["booked"] * 10 + ["waiting"] * 40
    with desk.store.read() as db:
        rows = booked.of_occurrence(db, desk.date)
    assert [one.state for one in rows] == ["booked"] * 10 + ["waiting"] * 40
    assert [one.turn for one in rows] == [0] * 10 + list(range(1, 41))
    assert len({one.reference for one in rows}) == 50
    assert desk.taken == 10


def test_the_same_send_twice_is_one_booking_with_one_pin(programme: Programme) -> None:
    desk = Desk(programme)
    with desk.store.write() as db:
        first = booking.book(db, desk.ask(2, key="k"), TERMS, NOW)
        again = booking.book(db, desk.ask(2, key="k"), TERMS, NOW)
        assert booked.already_asked(db, "k") == first == again
        assert booked.already_asked(db, "never") is None
    assert booked.pin(again, KEY) == booked.pin(first, KEY)
    assert desk.taken == 2


def test_who_does_not_want_to_wait_or_could_never_get_in_is_told_how_many_are_left(
    programme: Programme,
) -> None:
    desk = Desk(programme, capacity=3)
    desk.book(2)
    with pytest.raises(Full) as full:
        desk.book(2, may_wait=False)
    assert full.value.left == 1
    with pytest.raises(Full):
        desk.book(4)
    assert desk.book(2).state == "waiting"
    assert desk.taken == 2


def test_without_a_limit_nobody_waits(programme: Programme) -> None:
    desk = Desk(programme, capacity=None)
    assert {desk.book(6).state for _ in range(5)} == {"booked"}
    with desk.store.read() as db:
        assert records.occurrence(db, desk.date).left is None


@pytest.mark.parametrize("places", [0, 7, -1])
def test_one_to_six_places_can_be_booked(programme: Programme, places: int) -> None:
    desk = Desk(programme)
    with pytest.raises(ValueError):
        desk.book(places)
    held = desk.book(1)
    with pytest.raises(ValueError):
        desk.change(held, places)


def test_a_screen_lets_so_many_through_in_an_hour(programme: Programme) -> None:
    desk = Desk(programme)
    with desk.store.write() as db:
        door, shelf = (branches.add_kiosk(db, programme.central, name) for name in ("Door", "Shelf"))
        few = Terms(an_hour=2)
        for key in ("a", "b"):
            booking.book(db, desk.ask(key=key, kiosk=door), few, NOW)
        with pytest.raises(TooMany):
            booking.book(db, desk.ask(key="c", kiosk=door), few, NOW)
        assert booking.book(db, desk.ask(key="a", kiosk=door), few, NOW), "who was let through may ask again"
        booking.book(db, desk.ask(key="d", kiosk=shelf), few, NOW)
        booking.book(db, desk.ask(key="e", kiosk=door), few, NOW + timedelta(hours=1, seconds=1))


def test_what_cannot_be_booked_says_why(programme: Programme) -> None:
    def why(desk: Desk, now: datetime = NOW) -> str:
        with pytest.raises(NotBookable) as found:
            desk.book(now=now)
        return found.value.why

    def with_facts(**facts: Any) -> Desk:
        desk = Desk(programme)
        with programme.store.write() as db:
            changed = replace(records.find(db, desk.event).facts, **facts)
            saving.save(db, changed, [], [date(10, 7)], by="amina", event_id=desk.event)
        return desk

    assert why(Desk(programme), at(10, 7)) == "over"
    assert why(with_facts(booking="drop-in")) == "drop-in"
    assert why(with_facts(booking="ask")) == "ask"
    assert why(with_facts(status="draft")) == "draft"
    assert why(with_facts(status="cancelled")) == "cancelled"
    off, gone = Desk(programme), Desk(programme)
    with programme.store.write() as db:
        saving.cancel_date(db, off.date, "amina")
        saving.mark_gone(db, "", {off.event}, "import")
    assert (why(off), why(gone)) == ("cancelled", "gone")
    gone.date = "nothing"
    with pytest.raises(NotThere):
        gone.book()


# Places go on -----------------------------------------------------------------------------------------------


def test_a_place_given_back_is_offered_to_who_waits_longest_until_a_time(programme: Programme) -> None:
    desk = Desk(programme, capacity=1)
    first, second, third = desk.book(), desk.book(), desk.book()
    (offered,) = desk.cancel(first)
    assert (offered.id, offered.state) == (second.id, "offered")
    assert datetime.fromisoformat(offered.deadline_at) == NOW + timedelta(hours=24)
    assert desk.taken == 1, "an offer holds the place"
    assert desk.now(third).turn == 1
    assert desk.accept(offered).state == "booked"
    assert desk.now(first).why == "person"
    assert desk.cancel(first) == [], "a second time does nothing"
    assert desk.taken == 1


def test_an_offer_that_nobody_takes_goes_to_the_next(programme: Programme) -> None:
    desk = Desk(programme, capacity=1)
    first, second, third = desk.book(), desk.book(), desk.book()
    desk.cancel(first)
    assert desk.expire(NOW + timedelta(hours=23)) == ([], [])
    later = NOW + timedelta(hours=24)
    with pytest.raises(Over):
        desk.accept(second, later)
    over, offered = desk.expire(later)
    assert [(one.id, one.state, one.why) for one in over] == [(second.id, "cancelled", "offer-over")]
    assert [(one.id, one.state) for one in offered] == [(third.id, "offered")]
    assert desk.expire(later) == ([], [])
    assert desk.taken == 1


def test_an_offer_can_be_refused_and_the_waiting_list_left(programme: Programme) -> None:
    desk = Desk(programme, capacity=1)
    first, second, third, fourth = (desk.book() for _ in range(4))
    assert desk.cancel(third) == []
    desk.cancel(first)
    (offered,) = desk.cancel(second)
    assert offered.id == fourth.id
    with pytest.raises(Over):
        desk.accept(second)


def test_who_fits_is_asked_and_who_does_not_keeps_her_turn(programme: Programme) -> None:
    desk = Desk(programme, capacity=4)
    one, _three = desk.book(1), desk.book(3)
    pair, single = desk.book(2), desk.book(1)
    (offered,) = desk.cancel(one)
    assert offered.id == single.id
    assert (desk.now(pair).state, desk.now(pair).turn) == ("waiting", 1)
    assert [each.id for each in desk.cancel(_three)] == [pair.id]
    assert desk.taken == 3


def test_an_offer_never_lasts_longer_than_until_the_event(programme: Programme) -> None:
    desk = Desk(programme, date(12), capacity=1)
    first, _second = desk.book(), desk.book()
    (offered,) = desk.cancel(first, at(11.75))
    assert datetime.fromisoformat(offered.deadline_at) == at(12)
    over, further = desk.expire(at(12))
    assert (len(over), further) == (1, [])


def test_a_place_given_back_on_the_day_goes_down_the_list_while_there_is_time(programme: Programme) -> None:
    desk = Desk(programme, date(13), capacity=1)
    first, second, third = desk.book(), desk.book(), desk.book()
    (offered,) = desk.cancel(first)
    assert (offered.id, datetime.fromisoformat(offered.deadline_at)) == (second.id, at(11))
    _over, (offered,) = desk.expire(at(11))
    assert (offered.id, datetime.fromisoformat(offered.deadline_at)) == (third.id, at(12))
    assert desk.accept(offered, at(11.5)).state == "booked"


def test_an_offer_leaves_half_an_hour_to_take_it(programme: Programme) -> None:
    desk = Desk(programme, date(9.75), capacity=1)
    first, _second = desk.book(), desk.book()
    (offered,) = desk.cancel(first)
    assert datetime.fromisoformat(offered.deadline_at) == at(9.5)


def test_money_that_was_given_back_is_to_be_paid_when_the_event_takes_place_after_all(
    programme: Programme,
) -> None:
    desk = Desk(programme, pence=300)
    paid, refunded = desk.book(), desk.book()
    person = staff(desk.store)
    with desk.store.write() as db:
        for each in (paid, refunded):
            booked.pay(db, each.id, person, NOW)
        saving.cancel(db, desk.event, "amina")
        booked.give_back(db, refunded.id, 300, NOW)
        db.run("UPDATE events SET status = 'confirmed' WHERE id = :id", id=desk.event)
        assert booking.take_up_again(db, desk.date, TERMS, NOW) == []
    assert desk.now(paid).state == "booked"
    again = desk.now(refunded)
    assert (again.state, again.due) == ("to-pay", 300)
    assert datetime.fromisoformat(again.deadline_at) == NOW + TERMS.pay
    assert desk.taken == 2


def test_nothing_is_offered_of_an_event_that_is_cancelled_or_has_begun(programme: Programme) -> None:
    desk = Desk(programme, capacity=1)
    first, second = desk.book(), desk.book()
    with desk.store.write() as db:
        saving.cancel(db, desk.event, "amina")
        assert [one.id for one in booked.of_occurrence(db, desk.date)] == [first.id, second.id]
    assert desk.cancel(first) == []
    assert desk.now(second).state == "waiting"
    begun = Desk(programme, date(12), capacity=1)
    held, _waiting = begun.book(), begun.book()
    assert begun.cancel(held, at(12.5)) == []


def test_a_larger_room_lets_those_in_who_wait(programme: Programme) -> None:
    desk = Desk(programme, capacity=1)
    desk.book()
    waiting = [desk.book(), desk.book()]
    with desk.store.write() as db:
        db.run("UPDATE events SET capacity = 3 WHERE id = :id", id=desk.event)
        assert [one.id for one in booking.promote(db, desk.date, TERMS, NOW)] == [one.id for one in waiting]


def test_more_or_fewer_may_come(programme: Programme) -> None:
    desk = Desk(programme, capacity=5)
    family, _other, waiting = desk.book(2), desk.book(2), desk.book(3)
    with pytest.raises(Full) as full:
        desk.change(family, 4)
    assert full.value.left == 1
    assert desk.now(family).places == 2, "nothing was changed"
    assert desk.change(family, 3) == []
    assert desk.taken == 5
    assert desk.change(waiting, 1) == []
    assert [one.id for one in desk.change(family, 1)] == [waiting.id]
    offered = desk.now(waiting)
    assert desk.change(offered, 2) == []
    assert (desk.now(waiting).state, desk.now(waiting).deadline_at) == ("offered", offered.deadline_at)
    with pytest.raises(Full):
        desk.change(desk.book(1), 6)
    desk.cancel(family)
    with pytest.raises(Over):
        desk.change(family, 2)


# Money ------------------------------------------------------------------------------------------------------


def test_paying_at_the_desk_is_a_state_with_an_amount_and_a_deadline(programme: Programme) -> None:
    desk = Desk(programme, pence=300)
    held = desk.book(2)
    assert (held.state, held.pence, held.due) == ("to-pay", 600, 600)
    assert datetime.fromisoformat(held.deadline_at) == NOW + timedelta(days=2)
    person = staff(desk.store)
    with desk.store.write() as db:
        paid = booked.pay(db, held.id, person, NOW)
        assert (paid.state, paid.due, paid.paid_pence, paid.deadline_at) == ("booked", 0, 600, "")
        with pytest.raises(booked.AlreadyPaid):
            booked.pay(db, held.id, person, NOW)
    assert desk.expire(NOW + timedelta(days=3)) == ([], [])
    desk.change(paid, 3)
    more = desk.now(paid)
    assert (more.state, more.due) == ("to-pay", 300)
    desk.change(more, 1)
    assert (desk.now(more).state, desk.now(more).due) == ("booked", 0)


def staff(store: Store) -> str:
    with store.write() as db:
        db.insert("people", id="p1", username="amina", name="Amina", role="branch", public_key=b"",
                  private_key=b"", created_at="")  # fmt: skip
    return "p1"


def test_who_does_not_pay_in_time_gives_the_place_to_the_next(programme: Programme) -> None:
    desk = Desk(programme, capacity=1, pence=300)
    held, waiting = desk.book(), desk.book()
    assert waiting.state == "waiting"
    over, offered = desk.expire(NOW + timedelta(days=2))
    assert [(one.id, one.why) for one in over] == [(held.id, "not-paid")]
    assert [one.id for one in offered] == [waiting.id]
    assert desk.accept(waiting, NOW + timedelta(days=2)).state == "to-pay"


def test_nobody_who_stands_at_the_desk_when_it_begins_loses_her_place(programme: Programme) -> None:
    desk = Desk(programme, date(12), pence=300)
    held = desk.book()
    assert datetime.fromisoformat(held.deadline_at) == at(12)
    assert desk.expire(at(12)) == ([], [])
    person = staff(desk.store)
    with desk.store.write() as db:
        assert booked.pay(db, held.id, person, at(12.1)).state == "booked"


# Code and PIN -----------------------------------------------------------------------------------------------


def opens(desk: Desk, reference: str, pin: str, kiosk: str = "door", now: datetime = NOW) -> Booking | None:
    with desk.store.write() as db:
        return booked.by_code(db, reference, pin, kiosk_id=kiosk, service_key=KEY, now=now)


def wrong(held: Booking) -> str:
    return f"{(int(booked.pin(held, KEY)) + 1) % 10_000:04d}"


def test_a_booking_opens_with_its_code_and_pin_at_any_screen(programme: Programme) -> None:
    desk = Desk(programme)
    held = desk.book(2)
    pin = booked.pin(held, KEY)
    assert len(pin) == 4
    assert pin.isdigit()
    assert opens(desk, held.reference, pin) == held
    assert opens(desk, held.reference, pin, "shelf") == held
    for reference, typed in ((held.reference, wrong(held)), (references.new(), pin), (held.reference, ""),
                             (held.reference, "١٢٣٤")):  # fmt: skip
        assert opens(desk, reference, typed) is None
    with desk.store.read() as db:
        assert booked.by_reference(db, held.reference) == held
        with pytest.raises(NotThere):
            booked.by_reference(db, references.new())


def test_guessing_waits_at_this_screen_and_nobody_else_does(programme: Programme) -> None:
    desk = Desk(programme)
    held, other = desk.book(), desk.book()
    for _ in range(5):
        assert opens(desk, held.reference, wrong(held)) is None
    with pytest.raises(MustWait) as wait:
        opens(desk, held.reference, booked.pin(held, KEY))
    assert 1 <= wait.value.minutes <= 15
    assert opens(desk, held.reference, booked.pin(held, KEY), "shelf"), "she is at another screen"
    assert opens(desk, other.reference, booked.pin(other, KEY)), "another person is at the same screen"
    assert opens(desk, held.reference, booked.pin(held, KEY), now=NOW + timedelta(minutes=16))


def test_many_codes_from_one_screen_are_guesses_too(programme: Programme) -> None:
    desk = Desk(programme)
    held = desk.book()
    for _ in range(30):
        assert opens(desk, references.new(), "0000") is None
    with pytest.raises(MustWait):
        opens(desk, held.reference, booked.pin(held, KEY))
    assert opens(desk, held.reference, booked.pin(held, KEY), "shelf")


def test_one_code_is_guessed_so_often_in_a_day_wherever(programme: Programme) -> None:
    desk = Desk(programme)
    held = desk.book()
    for number in range(30):
        opens(desk, held.reference, wrong(held), f"screen {number // 5}")
    with pytest.raises(MustWait) as wait:
        opens(desk, held.reference, booked.pin(held, KEY), "shelf")
    assert wait.value.minutes == 24 * 60
    tomorrow = NOW + timedelta(days=1, seconds=1)
    assert opens(desk, held.reference, booked.pin(held, KEY), "shelf", tomorrow)
    with desk.store.write() as db:
        assert booked.forget_tries(db, tomorrow) == 30
        assert booked.forget_tries(db, tomorrow) == 0


def test_staff_can_give_another_pin(programme: Programme) -> None:
    desk = Desk(programme)
    held = desk.book()
    with desk.store.write() as db:
        fresh = booked.new_pin(db, held.id, NOW)
        with pytest.raises(NotThere):
            booked.new_pin(db, "nothing", NOW)
    assert fresh.pin_seed != held.pin_seed
    assert opens(desk, held.reference, booked.pin(fresh, KEY))


# What the file says -----------------------------------------------------------------------------------------


def test_who_comes_opens_for_the_service_alone_and_in_its_own_row(programme: Programme) -> None:
    desk = Desk(programme)
    held, other = desk.book(), desk.book()
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
    desk = Desk(programme)
    with desk.store.write() as db:
        person = Person("ZZCANARY", email="zzcanary@example.org", ages=(77,))
        held = booking.book(db, desk.ask(person=person), TERMS, NOW)
        (row,) = db.all("SELECT * FROM bookings")
    assert booked.pin(held, KEY) not in [value for value in row.values() if isinstance(value, str)]
    assert "ZZCANARY" not in repr(held)
    files = b"".join(path.read_bytes() for path in desk.store.path.parent.iterdir())
    assert b"zzcanary" not in files.lower()


def test_a_month_after_the_event_nobody_can_say_who_came(
    programme: Programme, clock: time_machine.Traveller
) -> None:
    desk = Desk(programme)
    held = desk.book(2)
    with desk.store.write() as db:
        booked.mark_came(db, held.id, 2, NOW)
        with pytest.raises(NotThere):
            booked.mark_came(db, "nothing", 2, NOW)
        end = at(11, 37)
        assert booked.purge(db, end - timedelta(seconds=1)) == 0
        assert booked.purge(db, end) == 1
        assert booked.purge(db, end) == 0
        (left,) = booked.of_occurrence(db, desk.date)
    assert (left.sealed, left.pin_seed, left.came, left.places, left.language) == (None, None, 2, 2, "pl")
    assert left.reference != held.reference
    assert booked.opened(left, KEY) is None
    assert opens(desk, held.reference, booked.pin(held, KEY)) is None


def test_who_booked_a_date_that_was_moved_is_known_as_long_after_it(programme: Programme) -> None:
    desk = Desk(programme)
    held = desk.book()
    moved = Date(date(10, 7).key, at(10, 14), at(11, 14), "Europe/London", moved_from=at(10, 7))
    with desk.store.write() as db:
        facts = records.find(db, desk.event).facts
        saving.save(db, facts, [], [moved], by="amina", event_id=desk.event)
        assert booked.purge(db, at(11, 37)) == 0
        assert booked.purge(db, at(11, 44)) == 1
    assert desk.now(held).occurrence_id == desk.date


# Calendars and bookings -------------------------------------------------------------------------------------


def test_a_date_with_bookings_that_left_its_calendar_waits_for_a_person(programme: Programme) -> None:
    desk = Desk(programme, date(10, 7), date(10, 8))
    held = desk.book()
    with desk.store.write() as db:
        db.run("UPDATE events SET source = 'feed', identity = 'u1' WHERE id = :id", id=desk.event)
        facts = records.find(db, desk.event).facts

        def read(*dates: Date) -> saving.Saved:
            return saving.save(db, facts, [], dates, source="feed", identity="u1", by="import")

        saved = read(date(10, 8))
        assert (saved.waiting, saved.removed) == ((desk.date,), 1)
        assert [one.id for one in records.undecided(db, NOW)] == [desk.date]
        assert read(date(10, 8)).removed == 0, "it was said once"
        with pytest.raises(NotBookable):
            booking.bookable(db, desk.date, NOW)
        saving.keep_date(db, desk.date, "amina")
        assert records.undecided(db, NOW) == []
        assert booking.bookable(db, desk.date, NOW)
        assert read(date(10, 8)).waiting == ()
        saving.mark_gone(db, "feed", [], "import")
        assert records.undecided(db, NOW) == [], "staff have decided already"
    assert desk.now(held).state == "booked"


def test_a_whole_event_with_bookings_that_left_its_calendar_can_be_cancelled(programme: Programme) -> None:
    desk = Desk(programme)
    desk.book()
    with desk.store.write() as db:
        db.run("UPDATE events SET source = 'feed' WHERE id = :id", id=desk.event)
        assert saving.mark_gone(db, "feed", [], "import") == [desk.event]
        assert [one.id for one in records.undecided(db, NOW)] == [desk.date]
        saving.cancel_date(db, desk.date, "amina")
        assert records.undecided(db, NOW) == []
        assert booked.of_occurrence(db, desk.date, cancelled=True)
