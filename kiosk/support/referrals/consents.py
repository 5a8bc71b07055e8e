"""Her yes or no to each reader, with the words that stood on the screen: the proof, without what she told."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from kiosk.store import Reading, Row, Writing
from kiosk.support.referrals.steps import METHODS

LIBRARY = ""
"""Stands in the place of a partner's id for the staff of the library, in a choice and in a consent."""
PURPOSES = ("referral", "passing-on", "staff-may-read", "news")
"""What she says yes or no to: the part of a partner, the same for one it passes her on to, staff of the
library reading along, and neutral news by the way that she left."""


@dataclass(frozen=True)
class Choice:
    """Her yes or no to one partner, or with `LIBRARY` to staff reading along.

    `service_id` is the service she chose there. `items` are the optional codes of `story.ITEMS` that she left
    in (the required ones go without saying); `needs` those of her needs that this partner hears of, () is
    all. `wording` is the text that stood on the screen, in `language` (a tag), of the text's `version`.
    `special`: the needs of `codes.SPECIAL` with an express yes of their own. `method` is one of
    `steps.METHODS`.
    """

    partner_id: str
    service_id: str
    yes: bool
    items: tuple[str, ...]
    wording: str
    version: str
    language: str
    special: tuple[str, ...] = ()
    method: str = "touch"
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Given:
    """How and where a consent is given: by whom it is filled in, how she agreed herself, at which screen.

    `filled_by` and `agreed_by` are codes of `story.FILLED_BY` and `story.AGREED_BY`; `witness` is the user
    name of who of the library or a partner was with her, '' for nobody.
    """

    branch_id: str
    kiosk_id: str
    now: datetime
    filled_by: str = "self"
    agreed_by: str = "self"
    witness: str = ""


@dataclass(frozen=True)
class Consent:
    """One consent as it is kept. `recipient` and `service` are the names as they were shown to her.

    `controller` is the name of the library, as it was then. `items` are the codes of all that is shared, ()
    for a no. `wording_hash` is the SHA-256 of `wording` in UTF-8, in hexadecimal digits. Moments are UTC in
    ISO 8601, '' where there is none.
    """

    id: str
    referral_id: str
    partner_id: str
    controller: str
    recipient: str
    service_id: str
    service: str
    purpose: str
    yes: bool
    items: tuple[str, ...]
    special: tuple[str, ...]
    wording: str
    wording_hash: str
    version: str
    language: str
    method: str
    filled_by: str
    agreed_by: str
    witness: str
    branch_id: str
    kiosk_id: str
    at: str
    withdrawn_at: str
    withdrawn_how: str

    @property
    def holds(self) -> bool:
        return self.yes and not self.withdrawn_at


def record(
    db: Writing,
    referral_id: str,
    choice: Choice,
    given: Given,
    *,
    purpose: str,
    controller: str,
    recipient: str,
    service: str,
    items: Sequence[str],
) -> str:
    """Keep a yes or a no; its id. `items` are the codes of what is shared, nothing for a no."""
    if choice.method not in METHODS or purpose not in PURPOSES or not choice.wording:
        raise ValueError("a consent says what was read, and how it was answered")
    consent_id = secrets.token_hex(16)
    db.insert(
        "consents",
        id=consent_id,
        referral_id=referral_id,
        partner_id=choice.partner_id or None,
        controller=controller,
        recipient=recipient,
        service_id=choice.service_id,
        service=service,
        purpose=purpose,
        yes=int(choice.yes),
        items=_json(items if choice.yes else ()),
        special=_json(choice.special if choice.yes else ()),
        wording=choice.wording,
        wording_hash=hash_of(choice.wording),
        version=choice.version,
        language=choice.language,
        method=choice.method,
        filled_by=given.filled_by,
        agreed_by=given.agreed_by,
        witness=given.witness,
        branch_id=given.branch_id,
        kiosk_id=given.kiosk_id,
        at=given.now.astimezone(UTC).isoformat(),
    )
    return consent_id


def of_referral(db: Reading, referral_id: str) -> list[Consent]:
    """Every yes and no of a referral, in the order in which they were given."""
    rows = db.all("SELECT * FROM consents WHERE referral_id = :id ORDER BY at, id", id=referral_id)
    return [_consent(row) for row in rows]


def find(db: Reading, consent_id: str) -> Consent:
    """`NotThere` when there is no such consent."""
    return _consent(db.one("SELECT * FROM consents WHERE id = :id", id=consent_id))


def withdraw(db: Writing, consent_id: str, how: str, now: datetime) -> None:
    """Write down that she took it back; `how` is a code of `steps.METHODS`, or clock where what she
    agreed to cannot happen any more. The first time counts."""
    db.run(
        "UPDATE consents SET withdrawn_at = :now, withdrawn_how = :how"
        " WHERE id = :id AND withdrawn_at IS NULL",
        now=now.astimezone(UTC).isoformat(),
        how=how,
        id=consent_id,
    )


def hash_of(wording: str) -> str:
    """The SHA-256 of a wording, in hexadecimal digits."""
    return hashlib.sha256(wording.encode()).hexdigest()


def _json(codes: Sequence[str]) -> str:
    return json.dumps(list(codes))


def _consent(row: Row) -> Consent:
    many = {name: tuple(json.loads(row[name])) for name in ("items", "special")}
    texts = {name: row[name] or "" for name in ("partner_id", "withdrawn_at")}
    return Consent(**{**row, **many, **texts, "yes": bool(row["yes"])})
