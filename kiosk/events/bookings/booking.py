"""The acts of booking: take places, wait for them, get an offer, change or cancel; and what the clock does.

Every decision is read and written in one transaction, so that no place is given twice, whatever the number of
screens. Whenever places become free the first people waiting who fit get them as an offer, with a time limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kiosk.events.bookings.booked import MOST_PLACES, Asked, Booking, already_asked, get
from kiosk.events.records import USUAL_LENGTH, Occurrence, find, occurrence
from kiosk.events.upcoming import minutes
from kiosk.settings import Settings
from kiosk.store import Reading, Writing

SHORTEST_OFFER = timedelta(minutes=30)
"""An offer stands for at least so long, or until the event begins."""
HOLDS = ("booked", "to-pay", "offered")
"""States that take places away."""


class NotBookable(Exception):
    """This date takes no bookings now. `why` is over, cancelled, gone, drop-in, ask or draft."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Full(Exception):
    """There are not so many places. `left` is how many there are."""

    def __init__(self, left: int) -> None:
        super().__init__(str(left))
        self.left = left


class TooMany(Exception):
    """More bookings came from one screen in an hour than the library lets through."""


class Over(Exception):
    """It cannot be changed any more: it is cancelled, its offer has run out, or the event has begun."""


@dataclass(frozen=True)
class Terms:
    """What the library has chosen: how long an offer stands, how long a payment may wait, how many bookings
    one screen may make in an hour, and how long after the event names are kept."""

    offer: timedelta = timedelta(hours=24)
    pay: timedelta = timedelta(days=7)
    an_hour: int = 30
    kept: timedelta = timedelta(days=30)

    @classmethod
    def of(cls, settings: Settings) -> Terms:
        return cls(
            offer=timedelta(hours=settings.offer_hours),
            pay=timedelta(days=settings.pay_days),
            an_hour=settings.bookings_an_hour,
            kept=timedelta(days=settings.booking_kept_days),
        )


def book(db: Writing, asked: Asked, terms: Terms, now: datetime, *, may_wait: bool = True) -> Booking:
    """Take the places, or join the waiting list when there are not so many; the booking.

    Asked again with the same key, it is the first one. Raises `NotBookable`; `TooMany` when more came from
    this screen in an hour than the library allows (staff book at none); `Full` when there are more places
    asked for than the event has at all, or when she does not want to wait.
    """
    earlier = already_asked(db, asked.one_time_key)
    if earlier:
        return earlier
    date = bookable(db, asked.occurrence_id, now)
    _check_screen(db, asked, terms, now)
    state = "booked"
    if not _take(db, date, asked.places):
        if not may_wait or (date.capacity is not None and asked.places > date.capacity):
            raise Full(date.left or 0)
        state = "waiting"
    pence = asked.places * (find(db, date.event_id).facts.pence or 0)
    if state == "booked" and pence:
        state = "to-pay"
    db.insert(
        "bookings",
        id=asked.id,
        one_time_key=asked.one_time_key,
        reference=asked.reference,
        pin_seed=asked.pin_seed,
        occurrence_id=asked.occurrence_id,
        branch_id=asked.branch_id or None,
        kiosk_id=asked.kiosk_id or None,
        places=asked.places,
        state=state,
        arrived=db.value(
            "SELECT COALESCE(max(arrived), 0) + 1 FROM bookings WHERE occurrence_id = :id",
            id=asked.occurrence_id,
        ),
        deadline_at=_until(now + terms.pay, date) if state == "to-pay" else None,
        pence=pence,
        language=asked.language,
        sealed=asked.sealed,
        created_at=_iso(now),
        changed_at=_iso(now),
        purge_after=_iso((date.date.ends or date.date.starts + USUAL_LENGTH) + terms.kept),
    )
    return get(db, asked.id)


def bookable(db: Reading, occurrence_id: str, now: datetime) -> Occurrence:
    """The date, when places at it can be booked now; else `NotBookable`, or `NotThere`."""
    date = occurrence(db, occurrence_id)
    event = find(db, date.event_id)
    if date.status == "cancelled":
        raise NotBookable("cancelled")
    if date.gone_at or event.gone_at:
        raise NotBookable("gone")
    if date.date.starts <= now:
        raise NotBookable("over")
    if event.facts.status == "draft" or event.facts.booking != "book":
        raise NotBookable("draft" if event.facts.status == "draft" else event.facts.booking)
    return date


def change_places(db: Writing, booking_id: str, places: int, terms: Terms, now: datetime) -> list[Booking]:
    """Come with more people, or fewer; the bookings that got an offer of the places given back.

    On the waiting list the turn stays. Raises `Full` when there are not so many more, and then nothing is
    changed; `Over`; `NotBookable`; `ValueError` for a number that is not 1 to 6.
    """
    if not 1 <= places <= MOST_PLACES:
        raise ValueError(f"{places} places")
    booking, date = _open(db, booking_id, now)
    if booking.state == "waiting":
        if date.capacity is not None and places > date.capacity:
            raise Full(date.capacity)
    elif places > booking.places:
        if not _take(db, date, places - booking.places):
            raise Full(date.left or 0)
    else:
        _give_back(db, date.id, booking.places - places)
    pence = places * (booking.pence // booking.places)
    db.run("UPDATE bookings SET places = :places, pence = :pence WHERE id = :id",
           places=places, pence=pence, id=booking_id)  # fmt: skip
    if booking.state in {"booked", "to-pay"}:
        _hold(db, get(db, booking_id), date, terms, now)
    else:
        _set(db, booking_id, now, state=booking.state, deadline_at=booking.deadline_at or None)
    return promote(db, date.id, terms, now)


def accept(db: Writing, booking_id: str, terms: Terms, now: datetime) -> Booking:
    """She takes the places that she was offered. Raises `Over` when the time for it has run out."""
    booking, date = _open(db, booking_id, now)
    if booking.state != "offered" or booking.deadline_at <= _iso(now):
        raise Over
    _hold(db, booking, date, terms, now)
    return get(db, booking_id)


def cancel(db: Writing, booking_id: str, terms: Terms, now: datetime, why: str = "person") -> list[Booking]:
    """Give the places back, refuse an offer, or leave the waiting list; those who got an offer of them.

    A second time it does nothing. `why` is person or staff.
    """
    booking = get(db, booking_id)
    if not booking.is_open:
        return []
    if booking.state in HOLDS:
        _give_back(db, booking.occurrence_id, booking.places)
    _set(db, booking_id, now, state="cancelled", why=why)
    return promote(db, booking.occurrence_id, terms, now)


def promote(db: Writing, occurrence_id: str, terms: Terms, now: datetime) -> list[Booking]:
    """Offer the free places to those who have waited longest; the bookings with a new offer.

    Who wants more places than are free keeps her turn, and the next one who fits is asked. To be called when
    staff have made an event larger, too; every other change here does it by itself.
    """
    offered: list[Booking] = []
    try:
        date = bookable(db, occurrence_id, now)
    except NotBookable:
        return []
    while True:
        row = db.maybe(
            "SELECT id, places FROM bookings WHERE occurrence_id = :id AND state = 'waiting'"
            " AND (:left IS NULL OR places <= :left) ORDER BY arrived LIMIT 1",
            id=occurrence_id,
            left=date.left,
        )
        if row is None or not _take(db, date, row["places"]):
            return offered
        _set(db, row["id"], now, state="offered", deadline_at=_offer_until(date, terms, now))
        offered.append(get(db, row["id"]))
        date = occurrence(db, occurrence_id)


def take_up_again(db: Writing, occurrence_id: str, terms: Terms, now: datetime) -> list[Booking]:
    """A date that had left its calendar, or was cancelled, takes place after all; the bookings with an offer,
    new or again.

    What ran out while nobody could know begins anew, and what was given back is to be paid again.
    """
    again: list[Booking] = []
    try:
        date = bookable(db, occurrence_id, now)
    except NotBookable:
        return []
    to_pay, offer = _until(now + terms.pay, date), _offer_until(date, terms, now)
    for row in db.all(
        "SELECT id, state FROM bookings WHERE occurrence_id = :id AND"
        " ((state IN ('offered', 'to-pay') AND deadline_at <= :now)"
        " OR (state = 'booked' AND paid_pence < pence))",
        id=occurrence_id,
        now=_iso(now),
    ):
        if row["state"] == "offered":
            _set(db, row["id"], now, state="offered", deadline_at=offer)
            again.append(get(db, row["id"]))
        else:
            _set(db, row["id"], now, state="to-pay", deadline_at=to_pay)
    return again + promote(db, occurrence_id, terms, now)


def expire(db: Writing, now: datetime, terms: Terms, most: int = 100) -> tuple[list[Booking], list[Booking]]:
    """For every minute's round: offers and payments that ran out, and the offers that came of them.

    What is still to be paid when the event begins stays so: the person may be at the desk. Of an event that
    is cancelled nobody has to pay, and of a date that left its calendar nobody can know.
    """
    rows = db.all(
        "SELECT b.id, b.state, b.places, b.occurrence_id FROM bookings b"
        " JOIN occurrences o ON o.id = b.occurrence_id JOIN events e ON e.id = o.event_id"
        " WHERE b.deadline_at <= :now AND o.status <> 'cancelled' AND e.status <> 'cancelled'"
        " AND o.gone_at IS NULL AND e.gone_at IS NULL"
        " AND (b.state = 'offered' OR (b.state = 'to-pay' AND o.starts > :minutes))"
        " ORDER BY b.deadline_at LIMIT :most",
        now=_iso(now),
        minutes=minutes(now),
        most=most,
    )
    for row in rows:
        _give_back(db, row["occurrence_id"], row["places"])
        why = "offer-over" if row["state"] == "offered" else "not-paid"
        _set(db, row["id"], now, state="cancelled", why=why)
    offered = []
    for occurrence_id in dict.fromkeys(row["occurrence_id"] for row in rows):
        offered += promote(db, occurrence_id, terms, now)
    return [get(db, row["id"]) for row in rows], offered


def _check_screen(db: Reading, asked: Asked, terms: Terms, now: datetime) -> None:
    if not asked.kiosk_id:  # staff have booked it
        return
    lately = db.value(
        "SELECT COUNT(*) FROM bookings WHERE kiosk_id = :kiosk AND created_at > :since",
        kiosk=asked.kiosk_id,
        since=_iso(now - timedelta(hours=1)),
    )
    if lately >= terms.an_hour:
        raise TooMany


def _open(db: Reading, booking_id: str, now: datetime) -> tuple[Booking, Occurrence]:
    booking = get(db, booking_id)
    if not booking.is_open:
        raise Over
    return booking, bookable(db, booking.occurrence_id, now)


def _take(db: Writing, date: Occurrence, places: int) -> bool:
    return bool(
        db.run(
            "UPDATE occurrences SET taken = taken + :places"
            " WHERE id = :id AND (:capacity IS NULL OR taken + :places <= :capacity)",
            places=places,
            id=date.id,
            capacity=date.capacity,
        )
    )


def _give_back(db: Writing, occurrence_id: str, places: int) -> None:
    db.run("UPDATE occurrences SET taken = taken - :places WHERE id = :id", places=places, id=occurrence_id)


def _hold(db: Writing, booking: Booking, date: Occurrence, terms: Terms, now: datetime) -> None:
    """The places are hers: booked, or to be paid at the desk."""
    if not booking.due:
        _set(db, booking.id, now, state="booked")
    elif booking.state != "to-pay":
        _set(db, booking.id, now, state="to-pay", deadline_at=_until(now + terms.pay, date))
    else:
        _set(db, booking.id, now, state="to-pay", deadline_at=booking.deadline_at)


def _set(
    db: Writing, booking_id: str, now: datetime, *, state: str, why: str = "", deadline_at: str | None = None
) -> None:
    db.run(
        "UPDATE bookings SET state = :state, why = :why, deadline_at = :deadline, changed_at = :now"
        " WHERE id = :id",
        state=state,
        why=why,
        deadline=deadline_at,
        now=_iso(now),
        id=booking_id,
    )


def _offer_until(date: Occurrence, terms: Terms, now: datetime) -> str:
    """How long an offer stands: never longer than half of the time that is left, so that the next one on the
    list has a chance too, but long enough to hear of it."""
    half = max((date.date.starts - now) / 2, SHORTEST_OFFER)
    return _until(now + min(terms.offer, half), date)


def _until(moment: datetime, date: Occurrence) -> str:
    """A deadline that does not lie behind the event."""
    return _iso(min(moment, date.date.starts))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
