"""The day itself: the sign-in sheet of a date, who came, and what staff do with one booking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for

from kiosk import outbox, references
from kiosk.configuration import store
from kiosk.events import saving
from kiosk.events.bookings import booked, booking
from kiosk.events.bookings.booked import MOST_PLACES, AlreadyPaid, Booking, Person
from kiosk.events.bookings.booking import Full, NotBookable, Over
from kiosk.events.bookings.telling import tell
from kiosk.events.desk import records as desk_records
from kiosk.events.desk.forms import language_name
from kiosk.events.desk.pages import blueprint, for_openers, now, own_branch, service_key, terms
from kiosk.events.finding import best
from kiosk.events.records import Event, Occurrence, texts
from kiosk.forms import shown_phone
from kiosk.languages import _l, _lp
from kiosk.people import current_person, note
from kiosk.settings import effective
from kiosk.store import Reading, Writing

BOOKING_STATES = {
    "booked": _lp("booking", "Booked"),
    "to-pay": _lp("booking", "To be paid"),
    "waiting": _lp("booking", "On the waiting list"),
    "offered": _lp("booking", "Has the offer of a place"),
    "cancelled": _lp("booking", "Cancelled"),
}
WHY = {
    "person": _l("The person cancelled it."),
    "staff": _l("Staff cancelled it."),
    "offer-over": _l("The offer was not taken in time."),
    "not-paid": _l("It was not paid in time."),
}
SAID = {
    "came": _l("It is written down who came."),
    "paid": _l("It is paid."),
    "given-back": _l("The money is given back."),
    "cancelled": _l("The booking is cancelled."),
    "accepted": _l("The place is taken."),
    "places": _l("The number of places is changed."),
    "done": _l("Somebody has done this already."),
    "over": _l("This cannot be changed any more."),
    "full": _l("There are not so many free places."),
}
MOST_WALK_INS = 9999


@dataclass(frozen=True)
class Entry:
    """A line of the sign-in sheet: a booking, and who it is."""

    booking: Booking
    person: Person | None
    refund: int
    """Pence that have been paid and are to be given back."""


# The sheet --------------------------------------------------------------------------------------------------


@blueprint.get("/dates/<occurrence_id>/sheet")
@for_openers
def sheet(occurrence_id: str) -> Any:
    """Who comes. That it was opened is in the log before anything is shown."""
    with store().write() as db:
        found = desk_records.date_for(db, occurrence_id, own_branch())
        note(db, "sign-in sheet opened", "event date", occurrence_id)
    with store().read() as db:
        event, title = about(db, found)
        people = booked.of_occurrence(db, found.id, cancelled=True)
        branch = desk_records.branch_name(db, found.date.branch_id)
        may_book = _is_bookable(db, found)
    everybody = [Entry(each, booked.opened(each, service_key()), _refund(each, found)) for each in people]
    entries = [each for each in everybody if each.booking.is_open]
    coming = [each for each in entries if each.booking.state not in ("waiting", "offered")]
    return render_template(
        "events/desk_sheet.html", found=found, event=event, title=title, branch=branch, coming=coming,
        waiting=[each for each in entries if each.booking.state in ("waiting", "offered")],
        refunds=[each for each in everybody if each.refund and each.booking.sealed is not None],
        expected=sum(each.booking.places for each in coming),
        came=sum(each.booking.came or 0 for each in coming) + found.walk_ins,
        states=BOOKING_STATES, shown=references.shown, shown_phone=shown_phone, deadline=deadline(found),
        language_name=language_name, said=SAID.get(request.args.get("said", "")), may_book=may_book,
    )  # fmt: skip


def _is_bookable(db: Reading, found: Occurrence) -> bool:
    try:
        booking.bookable(db, found.id, now())
    except NotBookable:
        return False
    return True


@blueprint.post("/dates/<occurrence_id>/came")
@for_openers
def came(occurrence_id: str) -> Any:
    """Keep who came. What was not changed on this page stays, also if somebody else has changed it since."""
    changed = 0
    with store().write() as db:
        desk_records.date_for(db, occurrence_id, own_branch())
        for each in booked.of_occurrence(db, occurrence_id):
            people = _came(each)
            if f"was-{each.id}" in request.form and _number(f"was-{each.id}") != people:
                booked.mark_came(db, each.id, people, now())
                changed += 1
        if changed:
            note(db, "who came written down", "event date", occurrence_id, str(changed))
    return _to_sheet(occurrence_id, "came")


@blueprint.post("/dates/<occurrence_id>/walk-ins")
@for_openers
def count_walk_ins(occurrence_id: str) -> Any:
    """One more who came without having booked, or one less: two people may count at the same time."""
    step = {"more": 1, "less": -1}.get(request.form.get("step", ""), 0)
    with store().write() as db:
        found = desk_records.date_for(db, occurrence_id, own_branch())
        people = max(0, min(MOST_WALK_INS, found.walk_ins + step))
        if people != found.walk_ins:
            saving.count_walk_ins(db, occurrence_id, people)
            note(db, "walk-ins counted", "event date", occurrence_id, str(people))
    return _to_sheet(occurrence_id)


def _refund(one: Booking, found: Occurrence) -> int:
    """Pence to give back of what was paid: she comes with fewer, or not at all, or there is no event."""
    is_off = not one.is_open or found.status == "cancelled"
    return one.paid_pence if is_off else max(0, one.paid_pence - one.pence)


def _came(one: Booking) -> int | None:
    """How many of a booking came, as the page was sent; None when it is not ticked."""
    if f"came-{one.id}" not in request.form:
        return None
    people = _number(f"people-{one.id}")
    return people if people is not None and 1 <= people <= one.places else one.places


def _number(name: str) -> int | None:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else None


def _to_sheet(occurrence_id: str, said: str | None = None) -> Any:
    return redirect(url_for("events_desk.sheet", occurrence_id=occurrence_id, said=said), 303)


# One booking ------------------------------------------------------------------------------------------------


@blueprint.get("/bookings/<booking_id>")
@for_openers
def show_booking(booking_id: str) -> Any:
    return _page(booking_id)


@blueprint.post("/bookings/<booking_id>/paid")
@for_openers
def paid(booking_id: str) -> Any:
    """The money is in the till: the place is the person's, and she hears of it."""

    def pay(db: Writing, one: Booking) -> None:
        if not one.is_open:
            raise Over
        _tell(db, [booked.pay(db, one.id, current_person().id, now())], "event-booked")

    return _do(booking_id, "paid", pay)


@blueprint.post("/bookings/<booking_id>/given-back")
@for_openers
def given_back(booking_id: str) -> Any:
    """The money that was too much, or for nothing, is out of the till."""

    def give_back(db: Writing, one: Booking) -> None:
        found = desk_records.date_for(db, one.occurrence_id)
        booked.give_back(db, one.id, _refund(one, found), now())

    return _do(booking_id, "given-back", give_back)


@blueprint.post("/bookings/<booking_id>/accept")
@for_openers
def accept(booking_id: str) -> Any:
    """The person takes the place that she was offered, and says so at the desk."""

    def take(db: Writing, one: Booking) -> None:
        _tell_how_it_is(db, booking.accept(db, one.id, terms(db), now()))

    return _do(booking_id, "accepted", take)


@blueprint.post("/bookings/<booking_id>/places")
@for_openers
def change_places(booking_id: str) -> Any:
    places = _number("places") or 0

    def change(db: Writing, one: Booking) -> None:
        if 1 <= places <= MOST_PLACES and places != one.places:
            _tell(db, booking.change_places(db, one.id, places, terms(db), now()), "event-offered")

    return _do(booking_id, "places", change)


@blueprint.post("/bookings/<booking_id>/cancel")
@for_openers
def cancel_booking(booking_id: str) -> Any:
    """The person does not come: her places go to those who wait."""

    def end(db: Writing, one: Booking) -> None:
        _tell(db, booking.cancel(db, one.id, terms(db), now(), why="staff"), "event-offered")

    return _do(booking_id, "cancelled", end)


@blueprint.post("/bookings/<booking_id>/pin")
@for_openers
def new_pin(booking_id: str) -> Any:
    """Another PIN for who has lost hers. It is shown now, and never again."""
    with store().write() as db:
        desk_records.booking_for(db, booking_id, own_branch())
        one = booked.new_pin(db, booking_id, now())
        note(db, "booking new pin", "booking", booking_id)
    return _page(booking_id, pin=booked.pin(one, service_key()))


def _do(booking_id: str, said: str, change: Callable[[Writing, Booking], None]) -> Any:
    """Carry out a change together with its line in the log, and say how it went."""
    try:
        with store().write() as db:
            one = desk_records.booking_for(db, booking_id, own_branch())
            change(db, one)
            note(db, f"booking {said}", "booking", booking_id)
    except AlreadyPaid:
        said = "done"
    except (Over, NotBookable):
        said = "over"
    except Full:
        said = "full"
    return redirect(url_for("events_desk.show_booking", booking_id=booking_id, said=said), 303)


def _tell(db: Writing, people: list[Booking], kind: str) -> None:
    tell(db, people, kind, settings=effective(db), service_key=service_key(), now=now())


def _tell_how_it_is(db: Writing, one: Booking) -> None:
    _tell(db, [one], "event-to-pay" if one.state == "to-pay" else "event-promoted")


def _page(booking_id: str, pin: str = "") -> str:
    """One booking; that it was opened is in the log before anything is shown."""
    with store().write() as db:
        one = desk_records.booking_for(db, booking_id, own_branch())
        note(db, "booking opened", "booking", booking_id)
    with store().read() as db:
        found = desk_records.date_for(db, one.occurrence_id)
        event, title = about(db, found)
        ways = outbox.ways(effective(db))
    return render_template(
        "events/desk_booking.html", booking=one, person=booked.opened(one, service_key()), found=found,
        event=event, title=title, pin=pin, states=BOOKING_STATES, why=WHY, shown=references.shown,
        shown_phone=shown_phone, deadline=deadline(found), language_name=language_name, ways=ways,
        refund=_refund(one, found), most_places=MOST_PLACES, is_over=found.date.starts <= now(),
        said=SAID.get(request.args.get("said", "")),
    )  # fmt: skip


def about(db: Reading, found: Occurrence) -> tuple[Event, str]:
    event = desk_records.event_for(db, found.event_id)
    title = found.date.title or best(texts(db, found.event_id), "en").title
    return event, title


def deadline(found: Occurrence) -> Callable[[str], datetime]:
    """Deadlines on the clocks of the place where the event is."""
    return lambda at: datetime.fromisoformat(at).astimezone(ZoneInfo(found.date.zone))
