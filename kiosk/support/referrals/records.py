"""What is kept of a referral, without what it says, and how a person finds it again.

A referral is found at any screen with its code and a PIN. How one comes about stands in `sending`.

Wrong PINs are limited for one code at one screen, in a quarter of an hour and in a day, so that nobody else
is ever kept waiting; nor she herself, for long: at another screen her PIN still opens it, and with another
PIN from the desk no try counts any more. A limit over all screens would let anybody who has seen her code
shut her out wherever she goes. So somebody with the code has a chance of three in two thousand for each
screen and day.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from kiosk import sealing
from kiosk.settings import Settings
from kiosk.store import NotThere, Reading, Row, Writing
from kiosk.support.referrals.steps import OPEN, UNANSWERED

WRONG_OF_A_CODE = 5
"""Wrong PINs for one code at one screen within `WINDOW`."""
WRONG_IN_A_DAY = 15
"""Wrong PINs for one code at one screen within a day."""
WINDOW = timedelta(minutes=15)
_DAY = timedelta(days=1)


class MustWait(Exception):
    """Too many were wrong. `minutes` is how long to wait with this code."""

    def __init__(self, minutes: int) -> None:
        super().__init__(f"wait {minutes} min")
        self.minutes = minutes


@dataclass(frozen=True)
class Moment:
    """What every change needs besides itself: the choices of the library, its service key, and the time."""

    settings: Settings
    service_key: bytes = field(repr=False)
    now: datetime


@dataclass(frozen=True)
class Referral:
    """What a person told once, without what she told. Moments are UTC in ISO 8601, '' where there is none.

    `via_library`: she chose to hear of news from staff of the branch; `to_tell_at` is since when there is
    some that she has not heard.
    """

    id: str
    reference: str
    branch_id: str
    kiosk_id: str
    from_partner_id: str
    language: str
    filled_by: str
    agreed_by: str
    news_way: str
    created_at: str
    changed_at: str
    over_at: str
    via_library: bool
    to_tell_at: str
    pin_seed: bytes = field(repr=False)
    sealed_to: bytes | None = field(repr=False)


@dataclass(frozen=True)
class Handover:
    """The part of a referral that one partner has, as everybody may see it who may see that it exists.

    `partner_id` is '' where the library itself has it, to which a partner referred her; `partner` is then the
    name of the library. `state` is one of `steps.STATES`; `why` a code: of `steps.QUESTIONS` while it is
    asking, of `REASONS` when declined, of `OUTCOMES` when closed. `items` are the codes of what was shared.
    `passing_to` is the id of the partner to which it should be passed on, and `passing_consent` her yes to
    that. `desk_reads`: staff of the library may open it. `handler` is the user name of who did the last step.
    `via_library` and `to_tell_at` are those of its referral. `version` grows with every change. The moments
    are UTC in ISO 8601, '' where there is none. `sealed` is None once it has been wiped.
    """

    id: str
    referral_id: str
    reference: str
    branch_id: str
    language: str
    filled_by: str
    from_partner_id: str
    consent_id: str
    partner_id: str
    partner: str
    service_id: str
    service: str
    items: tuple[str, ...]
    state: str
    why: str
    handler: str
    passing_to: str
    passing_partner: str
    passing_service_id: str
    passing_service: str
    passing_consent: str
    passed_from: str
    desk_reads: bool
    created_at: str
    due_at: str
    seen_at: str
    answered_at: str
    accepted_at: str
    contacted_at: str
    over_at: str
    nobody_called_at: str
    changed_at: str
    via_library: bool
    to_tell_at: str
    version: int
    sealed: bytes | None = field(repr=False)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_of_library(self) -> bool:
        """A partner has referred her to the library itself: staff of the branch have it."""
        return not self.partner_id

    @property
    def waits(self) -> bool:
        """The partner should do something by `due_at`: answer, or pass it on as she has agreed."""
        return self.state in UNANSWERED or (self.state == "passing" and bool(self.passing_consent))


# Finding it again -------------------------------------------------------------------------------------------


def pin(found: Referral, service_key: bytes) -> str:
    """The PIN of a referral, four digits. It is kept nowhere: without the service key nobody can say it."""
    marked = sealing.mark(
        f"{found.id}|{found.pin_seed.hex()}", sealing.derive(service_key, "PINs of referrals")
    )
    return f"{int.from_bytes(marked, 'big') % 10_000:04d}"


def new_pin(db: Writing, referral_id: str, service_key: bytes) -> Referral:
    """Give a referral another PIN, for who has lost hers or never had one; staff do it, with her there.

    Tries with the one before count no more. `NotThere`.
    """
    if not db.run(
        "UPDATE referrals SET pin_seed = :seed WHERE id = :id", seed=secrets.token_bytes(16), id=referral_id
    ):
        raise NotThere
    found = referral(db, referral_id)
    db.run(
        "DELETE FROM referral_tries WHERE reference = :reference",
        reference=_mark(found.reference, service_key),
    )
    return found


def by_code(
    db: Writing, reference: str, typed_pin: str, *, kiosk_id: str, service_key: bytes, now: datetime
) -> Referral | None:
    """The referral of a code (read by `references.read`) and its PIN; None when one of the two is wrong.

    Raises `MustWait`, even for the right PIN, after too many wrong ones for this code at this screen. To be
    called in a transaction that is kept: wrong ones count.
    """
    marked = _mark(reference, service_key)
    _check_tries(db, marked, kiosk_id, now)
    row = db.maybe("SELECT * FROM referrals WHERE reference = :reference", reference=reference)
    found = _referral(row) if row else None
    right = pin(found, service_key) if found else f"{secrets.randbelow(10_000):04d}"
    if hmac.compare_digest(right.encode(), typed_pin.encode()) and found:
        db.run(
            "DELETE FROM referral_tries WHERE reference = :reference AND kiosk_id = :kiosk",
            reference=marked,
            kiosk=kiosk_id,
        )
        db.run("UPDATE referrals SET to_tell_at = NULL WHERE id = :id", id=found.id)  # she sees it herself
        return found
    db.insert("referral_tries", reference=marked, kiosk_id=kiosk_id, at=iso(now))
    return None


def _mark(reference: str, service_key: bytes) -> bytes:
    """Stands for a code in the list of tries, where not every code is one of ours."""
    return sealing.mark(reference, sealing.derive(service_key, "codes tried"))


def _check_tries(db: Reading, marked: bytes, kiosk_id: str, now: datetime) -> None:
    rows = db.all(
        "SELECT at FROM referral_tries WHERE reference = :reference AND kiosk_id = :kiosk AND at > :since"
        " ORDER BY at DESC LIMIT :most",
        reference=marked,
        kiosk=kiosk_id,
        since=iso(now - _DAY),
        most=WRONG_IN_A_DAY,
    )
    for most, window in ((WRONG_OF_A_CODE, WINDOW), (WRONG_IN_A_DAY, _DAY)):
        free_at = datetime.fromisoformat(rows[most - 1]["at"]) + window if len(rows) >= most else now
        if free_at > now:
            raise MustWait(max(1, -int((now - free_at).total_seconds() // 60)))


def forget_tries(db: Writing, now: datetime) -> int:
    """Forget wrong codes and PINs of more than a day ago; how many it were."""
    return db.run("DELETE FROM referral_tries WHERE at <= :old", old=iso(now - _DAY))


def referral(db: Reading, referral_id: str) -> Referral:
    """`NotThere` when there is no such referral."""
    return _referral(db.one("SELECT * FROM referrals WHERE id = :id", id=referral_id))


def by_reference(db: Reading, reference: str) -> Referral:
    """The referral of a code, for staff. `NotThere` when there is none."""
    return _referral(db.one("SELECT * FROM referrals WHERE reference = :reference", reference=reference))


def context(handover_id: str) -> str:
    """What binds a sealed part to its row, so that no row can stand in for another."""
    return f"referral_handovers|{handover_id}|sealed|1"


def step(db: Writing, handover_id: str, what: str, who: str, now: datetime, why: str = "") -> None:
    """Write down what happened; `who` is person, clock or a user name."""
    db.insert("referral_steps", handover_id=handover_id, at=iso(now), what=what, why=why, who=who)


def iso(moment: datetime) -> str:
    """A moment as it is kept: UTC in ISO 8601."""
    return moment.astimezone(UTC).isoformat()


# Handovers --------------------------------------------------------------------------------------------------

HANDOVER = (
    "SELECT h.*, r.reference, r.branch_id, r.language, r.filled_by, r.from_partner_id, c.items,"
    " r.via_library, r.to_tell_at, COALESCE(p.name, c.recipient) AS partner,"
    " COALESCE(u.username, '') AS handler, COALESCE(t.name, '') AS passing_partner"
    " FROM referral_handovers h JOIN referrals r ON r.id = h.referral_id"
    " JOIN consents c ON c.id = h.consent_id LEFT JOIN partners p ON p.id = h.partner_id"
    " LEFT JOIN people u ON u.id = h.handler_id"
    " LEFT JOIN partners t ON t.id = h.passing_to"
)
"""In SQL: all that a `Handover` is made of; a WHERE may follow."""


def handover(db: Reading, handover_id: str) -> Handover:
    """`NotThere` when there is no such handover."""
    return handover_of(db.one(f"{HANDOVER} WHERE h.id = :id", id=handover_id))


def handovers_of(db: Reading, referral_id: str) -> list[Handover]:
    """What she said yes to, and what it was passed on to, in order. For a no see `consents.of_referral`."""
    rows = db.all(f"{HANDOVER} WHERE h.referral_id = :id ORDER BY h.created_at, h.id", id=referral_id)
    return [handover_of(row) for row in rows]


def handover_of(row: Row) -> Handover:
    """A row of `HANDOVER`."""
    texts: dict[str, Any] = {name: row[name] or "" for name in _TEXTS}
    return Handover(
        **{name: row[name] if name not in texts else texts[name] for name in _COLUMNS},
        items=tuple(json.loads(row["items"])),
        desk_reads=bool(row["desk_reads"]),
        via_library=bool(row["via_library"]),
    )


_OTHERS = {"items", "desk_reads", "via_library"}
_COLUMNS = tuple(name for name in Handover.__dataclass_fields__ if name not in _OTHERS)
_TEXTS = tuple(name for name in _COLUMNS if name not in {"version", "sealed"})


def _referral(row: Row) -> Referral:
    values: dict[str, Any] = {name: row[name] or "" for name in Referral.__dataclass_fields__}
    return Referral(**{**values, "via_library": bool(row["via_library"]), "sealed_to": row["sealed_to"]})
