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
from kiosk.events.bookings import booked, booking
from kiosk.events.bookings.booked import Booking, Person
from kiosk.events.bookings.booking import Terms
from kiosk.events.finding import best
from kiosk.events.records import Event, Occurrence, Text, find, occurrence, texts
from kiosk.outbox import Message, Said, Way
from kiosk.settings import Settings
from kiosk.store import NotThere, Writing

ROOM = "events"
OF_NEW = {"booked": "event-booked", "to-pay": "event-to-pay", "waiting": "event-waiting"}
"""What to tell who has just booked, by the state of the booking."""
OF_LAPSED = {"offer-over": "event-offer-over", "not-paid": "event-not-paid"}
"""What to tell whose booking has ended by itself, by the reason that is kept of it."""
OF_EVENTS = ("event-moved", "event-cancelled", "event-on-again")
"""What is told because something has happened to the event, whatever the booking stands at."""
ANY = tuple(kind for kind in outbox.KINDS if kind.startswith("event-"))
OUTDATES = {
    "event-moved": ("event-moved",),
    "event-cancelled": ANY,
    "event-on-again": ("event-cancelled", "event-on-again"),
}
"""What is not true any more once this is told, and must not arrive after it."""
HAS_PLACE = ("booked", "to-pay")
"""Whose places are hers also after the event has changed."""


@dataclass(frozen=True)
class Told:
    """How many people get a message of this, and how many must hear it in another way."""

    told: int = 0
    untold: int = 0

    def __add__(self, other: Told) -> Told:
        return Told(self.told + other.told, self.untold + other.untold)


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
    for one in bookings:
        person = booked.opened(one, service_key)
        way, to = _way(person, ways)
        if way is None:
            untold += 1
            continue
        date = occurrence(db, one.occurrence_id)
        expires = _expires(kind, one, date)
        if expires <= now:
            untold += 1
            continue
        event = find(db, date.event_id)
        # what she has not heard yet is no time that it was at before
        before = None if outbox.waits(db, "event-moved", ROOM, one.id) else was
        message = Message(
            kind=kind,
            way=way,
            to=to,
            language=one.language,
            room=ROOM,
            subject_id=one.id,
            key=f"{kind}|{one.id}|{_occasion(kind, one, event, date)}",
            said=_said(kind, one, event, date, texts(db, event.id), _place(db, event, date), before),
            expires=expires,
        )
        told += outbox.put(db, message, service_key=service_key, now=now, outdates=OUTDATES.get(kind, ()))
    return Told(told, untold)


def tell_it_takes_place(
    db: Writing, occurrence_id: str, *, everybody: bool, settings: Settings, service_key: bytes, now: datetime
) -> Told:
    """What was cancelled, or had left its calendar, takes place after all: places are offered anew, and
    `everybody` else who has booked hears of it, unless she has not heard yet that it would not.
    """
    spared = set()
    for each in booked.of_occurrence(db, occurrence_id):
        if outbox.waits(db, "event-cancelled", ROOM, each.id):
            spared.add(each.id)
        outbox.take_back(db, ROOM, each.id, "event-cancelled")
    offered = booking.take_up_again(db, occurrence_id, Terms.of(settings), now)
    tell(db, offered, "event-offered", settings=settings, service_key=service_key, now=now)
    if not everybody:
        return Told()
    spared |= {each.id for each in offered}
    people = [each for each in booked.of_occurrence(db, occurrence_id) if each.id not in spared]
    return tell(db, people, "event-on-again", settings=settings, service_key=service_key, now=now)


def take_back(db: Writing, booking_id: str) -> None:
    """Who has given her places back hears no more of them."""
    outbox.take_back(db, ROOM, booking_id, *ANY)


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


def _place(db: Writing, event: Event, date: Occurrence) -> str:
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
