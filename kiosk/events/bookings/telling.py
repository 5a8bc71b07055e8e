"""People who booked are told what has happened, by the way they gave, in their language.

A message is only stored here, in the transaction of what it tells of; `kiosk.outbox` sends it. Who gave no
way, or one that is not set up, sees it at any screen with her code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from kiosk import branches, outbox
from kiosk.events.bookings import booked
from kiosk.events.bookings.booked import Booking, Person
from kiosk.events.finding import best
from kiosk.events.records import Event, Occurrence, Text, find, occurrence, texts
from kiosk.outbox import Message, Said, Way
from kiosk.settings import Settings
from kiosk.store import NotThere, Reading, Writing

ROOM = "events"
OF_NEW = {"booked": "event-booked", "to-pay": "event-to-pay", "waiting": "event-waiting"}
"""What to tell who has just booked, by the state of the booking."""
OF_LAPSED = {"offer-over": "event-offer-over", "not-paid": "event-not-paid"}
"""What to tell whose booking has ended by itself, by the reason that is kept of it."""
OF_EVENTS = ("event-moved", "event-cancelled", "event-on-again")
"""What is told because something has happened to the event, whatever the booking stands at."""
OF_STATE = {
    **{kind: state for state, kind in OF_NEW.items()}, "event-promoted": "booked", "event-offered": "offered"
}  # fmt: skip
"""Which kinds tell of a state of the booking: as long as it is in that state they are true."""
HAS_PLACE = ("booked", "to-pay")
"""Whose places are hers also after the event has changed."""


@dataclass(frozen=True)
class Told:
    """How many people get a message of this, and how many must hear it in another way."""

    told: int = 0
    untold: int = 0


def tell(
    db: Writing,
    bookings: Iterable[Booking],
    kind: str,
    *,
    settings: Settings,
    service_key: bytes,
    now: datetime,
    was: datetime | None = None,
) -> Told:
    """Tell everybody of these bookings; `kind` is one of the kinds of events in `kiosk.outbox.KINDS`.

    `was` is when a date that has been moved was before. Nobody is told the same twice, nor what is over.
    """
    told = untold = 0
    ways = outbox.ways(settings)
    for booking in bookings:
        person = booked.opened(booking, service_key)
        way, to = _way(person, ways)
        if way is None:
            untold += 1
            continue
        date = occurrence(db, booking.occurrence_id)
        expires = _expires(kind, booking, date)
        if expires <= now:
            untold += 1
            continue
        event = find(db, date.event_id)
        message = Message(
            kind=kind,
            way=way,
            to=to,
            language=booking.language,
            room=ROOM,
            subject_id=booking.id,
            key=f"{kind}|{booking.id}|{_occasion(kind, booking, event, date)}",
            said=_said(kind, booking, event, date, texts(db, event.id), _place(db, event, date), was),
            expires=expires,
        )
        told += outbox.put(db, message, service_key=service_key, now=now)
    return Told(told, untold)


def as_it_is_now(db: Reading, kind: str, booking_id: str, said: Said, now: datetime) -> Said | None:
    """What a message about a booking tells when it is sent; None when it is not true any more, or of no use.

    See `kiosk.outbox.stay_true`.
    """
    try:
        booking = booked.get(db, booking_id)
        date = occurrence(db, booking.occurrence_id)
        event = find(db, date.event_id)
    except NotThere:
        return None
    if not _is_true(kind, booking, event, date) or _expires(kind, booking, date) <= now:
        return None
    was = said.was if said.was != date.date.starts else None  # it is where it was again
    return _said(kind, booking, event, date, texts(db, event.id), _place(db, event, date), was)


def _is_true(kind: str, booking: Booking, event: Event, date: Occurrence) -> bool:
    if kind in OF_LAPSED.values():
        return True  # what has run out does not come back
    is_off = "cancelled" in (event.facts.status, date.status)
    if kind in OF_EVENTS:
        return booking.is_open and is_off == (kind == "event-cancelled")
    return not is_off and booking.state == OF_STATE[kind]


def _occasion(kind: str, booking: Booking, event: Event, date: Occurrence) -> str:
    """What makes two messages of a kind about a booking two: it may be moved again, and moved back."""
    if kind in OF_EVENTS or not booking.deadline_at:
        return f"{date.date.starts.astimezone(UTC).isoformat()}|{event.changed_at}"
    return booking.deadline_at


def _way(person: Person | None, ways: Iterable[str]) -> tuple[Way | None, str]:
    if person is not None and person.email and "email" in ways:
        return "email", person.email
    if person is not None and person.phone and "text" in ways:
        return "text", person.phone
    return None, ""


def way_in(booking: Booking, event: Event) -> str:
    """The link of an online event, for who has a place and owes nothing for it; empty for others."""
    return event.facts.link if event.facts.place_kind == "online" and booking.state == "booked" else ""


def _said(
    kind: str,
    booking: Booking,
    event: Event,
    date: Occurrence,
    words: list[Text],
    place: str,
    was: datetime | None,
) -> Said:
    title = date.date.title or best(words, booking.language).title
    in_english = date.date.title or best(words, "en").title
    until = datetime.fromisoformat(booking.deadline_at) if booking.deadline_at else None
    return Said(
        title=title,
        title_in_english=in_english if in_english != title else "",
        starts=date.date.starts,
        was=was,
        all_day=date.date.all_day,
        place=place,
        places=booking.places,
        code=booking.reference,
        until=until.astimezone(ZoneInfo(date.date.zone)) if until else None,
        has_place=booking.state in HAS_PLACE,
        pence=_pence(kind, booking),
        link=way_in(booking, event),
    )


def _pence(kind: str, booking: Booking) -> int:
    """What is to be paid, or given back, as far as this kind speaks of it."""
    if kind == "event-cancelled":
        return booking.paid_pence
    return booking.due if booking.state == "to-pay" and kind in {"event-to-pay", "event-on-again"} else 0


def _place(db: Reading, event: Event, date: Occurrence) -> str:
    """Where it is, as one line: the branch or the place, and the room."""
    place = date.date.place or event.facts.place
    if date.date.branch_id:
        try:
            place = branches.find(db, date.date.branch_id).name
        except NotThere:
            place = ""
    return ", ".join(each for each in (place, date.date.room or event.facts.room) if each)


def _expires(kind: str, booking: Booking, date: Occurrence) -> datetime:
    """After this moment it would only make somebody come, or hurry, in vain."""
    if kind == "event-offered" and booking.deadline_at:
        return datetime.fromisoformat(booking.deadline_at)
    return date.date.starts.astimezone(UTC)
