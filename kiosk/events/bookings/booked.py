"""What is kept of a booking, and who may open it.

Who comes lies sealed under a key that is not in the database. A booking is opened at any screen with its code
and a PIN; wrong ones are limited for one code and for one screen, so that guessing leads nowhere and nobody
else is kept waiting for long. Staff need no PIN: what they do with a booking is written down by who calls.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from kiosk import references, sealing
from kiosk.store import NotThere, Reading, Row, Writing

MOST_PLACES = 6
WRONG_OF_A_CODE = 5
"""Wrong PINs for one code at one screen within `WINDOW`."""
WRONG_IN_A_DAY = 30
"""Wrong PINs for one code at all screens within a day: one in three hundred guesses one right."""
WRONG_OF_A_SCREEN = 30
"""Wrong codes and PINs of one screen within `WINDOW`."""
WINDOW = timedelta(minutes=15)
_DAY = timedelta(days=1)
_PADDING = 256


class MustWait(Exception):
    """Too many were wrong. `minutes` is how long to wait, at this screen or with this code."""

    def __init__(self, minutes: int) -> None:
        super().__init__(f"wait {minutes} min")
        self.minutes = minutes


class AlreadyPaid(Exception):
    """There is nothing to pay for this booking, or to give back; or not any more."""


@dataclass(frozen=True)
class Person:
    """Who comes: as little as a first name. `membership` is the code of a join, `ages` those of children."""

    first_name: str = ""
    email: str = ""
    phone: str = ""
    ages: tuple[int, ...] = ()
    membership: str = ""


@dataclass(frozen=True)
class Asked:
    """A booking as it leaves the screen. What it says of the person is sealed already."""

    id: str
    one_time_key: str
    reference: str
    pin_seed: bytes = field(repr=False)
    occurrence_id: str
    places: int
    branch_id: str
    kiosk_id: str
    language: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True)
class Booking:
    """A booking as it is kept. The moments are UTC in ISO 8601, empty where there is none.

    `state` is booked, to-pay, waiting, offered or cancelled; `why` how it came to be cancelled: person,
    staff, offer-over or not-paid. `deadline_at` is that of the offer or of the payment. `pence` is the whole
    price, of which `paid_pence` have been paid. `turn` is the place on the waiting list from 1, else 0.
    `came` is how many people came, None while nobody has said. `sealed` is None once it has been wiped.
    """

    id: str
    reference: str
    occurrence_id: str
    places: int
    state: str
    why: str
    turn: int
    deadline_at: str
    pence: int
    paid_pence: int
    came: int | None
    language: str
    created_at: str
    changed_at: str
    pin_seed: bytes | None = field(repr=False)
    sealed: bytes | None = field(repr=False)

    @property
    def is_open(self) -> bool:
        return self.state != "cancelled"

    @property
    def due(self) -> int:
        """Pence that are still to be paid."""
        return max(0, self.pence - self.paid_pence)


# Who comes, and her PIN -------------------------------------------------------------------------------------


def ask(
    person: Person,
    occurrence_id: str,
    places: int,
    *,
    one_time_key: str,
    branch_id: str,
    kiosk_id: str,
    language: str,
    service_key: bytes,
) -> Asked:
    """A booking for a number of places, sealed under the key of the service. `ValueError`: not 1 to 6."""
    if not 1 <= places <= MOST_PLACES:
        raise ValueError(f"{places} places")
    booking_id = secrets.token_hex(16)
    return Asked(
        id=booking_id,
        one_time_key=one_time_key,
        reference=references.new(),
        pin_seed=secrets.token_bytes(16),
        occurrence_id=occurrence_id,
        places=places,
        branch_id=branch_id,
        kiosk_id=kiosk_id,
        language=language,
        sealed=seal(person, booking_id, service_key),
    )


def seal(person: Person, booking_id: str, service_key: bytes) -> bytes:
    """Who comes, for the row of this booking alone; its length says little of a name."""
    plain = json.dumps(asdict(person), ensure_ascii=False, separators=(",", ":")).encode()
    return sealing.encrypt(plain + b" " * (-len(plain) % _PADDING), _key(service_key), _context(booking_id))


def opened(booking: Booking, service_key: bytes) -> Person | None:
    """Who comes; None once that has been wiped. Raises `CannotOpen`."""
    if booking.sealed is None:
        return None
    plain = sealing.decrypt(booking.sealed, _key(service_key), _context(booking.id))
    said: dict[str, Any] = json.loads(plain)
    return Person(**{**said, "ages": tuple(said["ages"])})


def pin(booking: Booking | Asked, service_key: bytes) -> str:
    """The PIN of a booking, four digits. It is kept nowhere: without the service key nobody can say it."""
    seed = booking.pin_seed or b""
    marked = sealing.mark(f"{booking.id}|{seed.hex()}", sealing.derive(service_key, "PINs of bookings"))
    return f"{int.from_bytes(marked, 'big') % 10_000:04d}"


def _key(service_key: bytes) -> bytes:
    return sealing.derive(service_key, "people of bookings")


def _context(booking_id: str) -> str:
    return f"bookings|{booking_id}|sealed|1"


# Opening one ------------------------------------------------------------------------------------------------

_ROW = (
    "SELECT b.*, CASE WHEN b.state = 'waiting' THEN (SELECT count(*) FROM bookings w"
    " WHERE w.occurrence_id = b.occurrence_id AND w.state = 'waiting' AND w.arrived <= b.arrived)"
    " ELSE 0 END AS turn FROM bookings b"
)


def get(db: Reading, booking_id: str) -> Booking:
    """`NotThere` when there is no such booking."""
    return _booking(db.one(f"{_ROW} WHERE b.id = :id", id=booking_id))


def already_asked(db: Reading, one_time_key: str) -> Booking | None:
    """The booking that was made with this key before."""
    row = db.maybe(f"{_ROW} WHERE b.one_time_key = :key", key=one_time_key)
    return _booking(row) if row else None


def by_code(
    db: Writing, reference: str, typed_pin: str, *, kiosk_id: str, service_key: bytes, now: datetime
) -> Booking | None:
    """The booking of a code (read by `references.read`) and its PIN; None when one of the two is wrong.

    Raises `MustWait`, even for the right PIN, after too many wrong ones: for this code at this screen, for
    this code on this day, or of this screen. To be called in a transaction that is kept: wrong ones count.
    """
    marked = sealing.mark(reference, sealing.derive(service_key, "codes tried"))
    _check_tries(db, marked, kiosk_id, now)
    row = db.maybe(f"{_ROW} WHERE b.reference = :reference", reference=reference)
    booking = _booking(row) if row else None
    right = pin(booking, service_key) if booking else f"{secrets.randbelow(10_000):04d}"
    if hmac.compare_digest(right.encode(), typed_pin.encode()) and booking:
        db.run(
            "DELETE FROM booking_tries WHERE reference = :reference AND kiosk_id = :kiosk",
            reference=marked,
            kiosk=kiosk_id,
        )
        return booking
    db.insert("booking_tries", reference=marked, kiosk_id=kiosk_id, at=_iso(now))
    return None


def _check_tries(db: Reading, marked: bytes, kiosk_id: str, now: datetime) -> None:
    of_code = db.all(
        "SELECT kiosk_id, at FROM booking_tries WHERE reference = :reference AND at > :since"
        " ORDER BY at DESC LIMIT :most",
        reference=marked,
        since=_iso(now - _DAY),
        most=WRONG_IN_A_DAY,
    )
    lately = _iso(now - WINDOW)
    here = [row["at"] for row in of_code if row["kiosk_id"] == kiosk_id and row["at"] > lately]
    of_screen = db.all(
        "SELECT at FROM booking_tries WHERE kiosk_id = :kiosk AND at > :since ORDER BY at DESC LIMIT :most",
        kiosk=kiosk_id,
        since=lately,
        most=WRONG_OF_A_SCREEN,
    )
    for tries, most, window in (
        (here, WRONG_OF_A_CODE, WINDOW),
        ([row["at"] for row in of_screen], WRONG_OF_A_SCREEN, WINDOW),
        ([row["at"] for row in of_code], WRONG_IN_A_DAY, _DAY),
    ):
        if len(tries) >= most:
            free_at = datetime.fromisoformat(tries[most - 1]) + window
            raise MustWait(max(1, -int((now - free_at).total_seconds() // 60)))


def waiting(db: Reading, occurrence_id: str) -> int:
    """How many bookings are on the waiting list of a date."""
    found: int = db.value(
        "SELECT COUNT(*) FROM bookings WHERE occurrence_id = :id AND state = 'waiting'", id=occurrence_id
    )
    return found


# At the desk ------------------------------------------------------------------------------------------------


def by_reference(db: Reading, reference: str) -> Booking:
    """The booking of a code, for staff. `NotThere` when there is none."""
    return _booking(db.one(f"{_ROW} WHERE b.reference = :reference", reference=reference))


def of_occurrence(db: Reading, occurrence_id: str, *, cancelled: bool = False) -> list[Booking]:
    """The bookings of a date in the order in which they came, the waiting list among them.

    For the sign-in sheet, and for telling people that the date was cancelled or moved.
    """
    rows = db.all(
        f"{_ROW} WHERE b.occurrence_id = :id AND (b.state <> 'cancelled' OR :cancelled = 1)"
        " ORDER BY b.arrived",
        id=occurrence_id,
        cancelled=int(cancelled),
    )
    return [_booking(row) for row in rows]


def pay(db: Writing, booking_id: str, person_id: str, now: datetime) -> Booking:
    """Staff have the money, all that was due. Raises `AlreadyPaid` when nothing is to be paid."""
    paid = db.run(
        "UPDATE bookings SET state = 'booked', paid_pence = pence, paid_at = :now, paid_to = :person,"
        " deadline_at = NULL, changed_at = :now WHERE id = :id AND state = 'to-pay'",
        now=_iso(now),
        person=person_id,
        id=booking_id,
    )
    if not paid:
        raise AlreadyPaid
    return get(db, booking_id)


def give_back(db: Writing, booking_id: str, pence: int, now: datetime) -> None:
    """Staff have given back so much of what was paid. Raises `AlreadyPaid` when there is nothing to give."""
    if not pence or not db.run(
        "UPDATE bookings SET paid_pence = paid_pence - :pence, changed_at = :now"
        " WHERE id = :id AND paid_pence >= :pence",
        pence=pence,
        now=_iso(now),
        id=booking_id,
    ):
        raise AlreadyPaid


def mark_came(db: Writing, booking_id: str, people: int | None, now: datetime) -> None:
    """Keep how many of a booking came; None takes it back. `NotThere` when there is no such booking."""
    if not db.run(
        "UPDATE bookings SET came = :people, changed_at = :now WHERE id = :id",
        people=people,
        now=_iso(now),
        id=booking_id,
    ):
        raise NotThere


def new_pin(db: Writing, booking_id: str, now: datetime) -> Booking:
    """Give a booking another PIN, for who has lost hers. `NotThere` when there is no such booking."""
    if not db.run(
        "UPDATE bookings SET pin_seed = :seed, changed_at = :now WHERE id = :id AND purged_at IS NULL",
        seed=secrets.token_bytes(16),
        now=_iso(now),
        id=booking_id,
    ):
        raise NotThere
    return get(db, booking_id)


# The end ----------------------------------------------------------------------------------------------------


def purge(db: Writing, now: datetime) -> int:
    """Wipe who came to what is long over, with the code and the PIN; how many bookings it was.

    What is left says only that somebody booked, when, where and in which language.
    """
    return db.run(
        "UPDATE bookings SET sealed = NULL, pin_seed = NULL, deadline_at = NULL,"
        " reference = 'wiped-' || id, one_time_key = 'wiped-' || id, purged_at = :now"
        " WHERE purge_after <= :now AND purged_at IS NULL",
        now=_iso(now),
    )


def forget_tries(db: Writing, now: datetime) -> int:
    """Forget wrong codes and PINs of more than a day ago; how many it were. It needs no shredding."""
    return db.run("DELETE FROM booking_tries WHERE at <= :old", old=_iso(now - _DAY))


def _booking(row: Row) -> Booking:
    return Booking(
        id=row["id"],
        reference=row["reference"],
        occurrence_id=row["occurrence_id"],
        places=row["places"],
        state=row["state"],
        why=row["why"],
        turn=row["turn"],
        deadline_at=row["deadline_at"] or "",
        pence=row["pence"],
        paid_pence=row["paid_pence"],
        came=row["came"],
        language=row["language"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        pin_seed=row["pin_seed"],
        sealed=row["sealed"],
    )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
