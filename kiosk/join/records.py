"""What a join is and what is kept of it: the answers sealed for the desk, the rest in clear for the lists."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from kiosk import references, sealing
from kiosk.join.answers import Answers
from kiosk.settings import Settings
from kiosk.store import Reading, Row, Writing

TEAM = "desk"
READERS = (TEAM, "recovery")


class TooMany(Exception):
    """More joins came from one screen in an hour than the library lets through."""


@dataclass(frozen=True)
class Sent:
    """A join as it leaves the screen. What it says of the person is sealed already."""

    id: str
    one_time_key: str
    reference: str
    branch_id: str
    kiosk_id: str
    language: str
    notice_version: str
    sealed: bytes
    name_mark: bytes | None
    contact_mark: bytes | None
    created_at: datetime
    kind: str = "me"
    party: str = ""  # the id of the join that this one came with, for all of a family but the first


def seal(
    answers: Answers,
    *,
    kind: str = "me",
    one_time_key: str,
    branch_id: str,
    kiosk_id: str,
    language: str,
    notice_version: str,
    readers: Mapping[str, bytes],
    mark_key: bytes,
) -> Sent:
    """A join of these answers, sealed for the readers (their ids and public keys)."""
    join_id = secrets.token_hex(16)
    return Sent(
        id=join_id,
        one_time_key=one_time_key,
        reference=references.new(),
        branch_id=branch_id,
        kiosk_id=kiosk_id,
        language=language,
        notice_version=notice_version,
        sealed=sealing.seal(_plain(answers), readers, context(join_id)),
        **marks(answers, mark_key),
        created_at=datetime.now(UTC),
        kind=kind,
    )


def together(party: Sequence[Sent]) -> list[Sent]:
    """Those who are sent in one go, each with a key of her own; the first speaks for all."""
    first, *others = party
    return [
        first,
        *(
            replace(each, party=first.id, one_time_key=f"{first.one_time_key}-{number}")
            for number, each in enumerate(others, 2)
        ),
    ]


def mark_key(service_key: bytes) -> bytes:
    """The key of the blind indexes."""
    return sealing.derive(service_key, "marks of joins")


def context(join_id: str) -> str:
    """What binds a sealed body to its place, so that no row can stand in for another."""
    return f"joins|{join_id}|sealed|1"


def opened(sealed: bytes, join_id: str, private_key: bytes) -> Answers:
    """The answers of a join, with the private key of the desk."""
    return Answers.of(json.loads(sealing.open_sealed(sealed, TEAM, private_key, context(join_id))))


def reseal(answers: Answers, join_id: str, readers: Mapping[str, bytes]) -> bytes:
    """Answers that staff changed, sealed for the same place."""
    return sealing.seal(_plain(answers), readers, context(join_id))


def _plain(answers: Answers) -> bytes:
    return json.dumps(answers.remembered(), ensure_ascii=False, separators=(",", ":")).encode()


def marks(answers: Answers, key: bytes) -> dict[str, Any]:
    """Blind indexes of name with date of birth, and of phone or e-mail: equal for equal people, and mute.

    Without a date of birth there is none of the name: many people share one.
    """
    name = " ".join(sorted(answers.name.casefold().split()))
    contact = answers.phone or answers.email.casefold()
    return {
        "name_mark": sealing.mark(f"name|{name}|{answers.born}", key) if answers.born else None,
        "contact_mark": sealing.mark(f"contact|{contact}", key) if contact else None,
    }


def already_sent(db: Reading, one_time_key: str) -> str | None:
    """The reference of a join that was sent with this key before."""
    row = db.maybe("SELECT reference FROM joins WHERE one_time_key = :key", key=one_time_key)
    return row["reference"] if row else None


def send(db: Writing, party: Sequence[Sent], settings: Settings) -> str:
    """Keep the joins of those who came together; the reference of the first.

    Sent again with the same key, the reference that the first sending got. Raises `TooMany` when more came
    from this screen in the last hour than the library allows; a family that has begun is let through whole.
    """
    sent = party[0]
    earlier = already_sent(db, sent.one_time_key)
    if earlier:
        return earlier
    lately = db.value(
        "SELECT COUNT(*) FROM joins WHERE branch_id = :branch AND COALESCE(kiosk_id, '') = :kiosk"
        " AND created_at > :since",
        branch=sent.branch_id,
        kiosk=sent.kiosk_id,
        since=(sent.created_at - timedelta(hours=1)).isoformat(),
    )
    if lately >= settings.joins_an_hour:
        raise TooMany
    for each in together(party):
        _keep(db, each, settings)
    return sent.reference


def _keep(db: Writing, sent: Sent, settings: Settings) -> None:
    now = sent.created_at.isoformat()
    db.insert(
        "joins",
        id=sent.id,
        one_time_key=sent.one_time_key,
        reference=sent.reference,
        branch_id=sent.branch_id,
        kiosk_id=sent.kiosk_id or None,
        language=sent.language,
        notice_version=sent.notice_version,
        kind=sent.kind,
        party=sent.party or None,
        state="new",
        sealed=sent.sealed,
        name_mark=sent.name_mark,
        contact_mark=sent.contact_mark,
        created_at=now,
        changed_at=now,
        purge_after=(sent.created_at + timedelta(days=settings.join_kept_days)).isoformat(),
    )


def purge(db: Writing, now: datetime) -> int:
    """Wipe what may no longer be kept: the answers, the marks and the code. How many joins it was.

    What is left says only that somebody joined, when, where and in which language.
    """
    wiped = db.run(
        "UPDATE joins SET sealed = NULL, name_mark = NULL, contact_mark = NULL, reason = '',"
        " reference = 'wiped-' || id, one_time_key = 'wiped-' || id, purged_at = :now"
        " WHERE purge_after <= :now AND purged_at IS NULL",
        now=now.isoformat(),
    )
    db.run("DELETE FROM handovers WHERE join_id IN (SELECT id FROM joins WHERE purged_at IS NOT NULL)")
    return wiped


def find(db: Reading, join_id: str) -> Row:
    """`NotThere` when there is no such join."""
    return db.one("SELECT * FROM joins WHERE id = :id", id=join_id)


def sent_together(db: Reading, reference: str) -> list[str]:
    """The ids of the joins that were sent in one go, in their order, by the reference of the first."""
    rows = db.all(
        "SELECT o.id FROM joins j JOIN joins o ON o.id = j.id OR o.party = j.id"
        " WHERE j.reference = :reference ORDER BY o.one_time_key",
        reference=reference,
    )
    return [row["id"] for row in rows]
