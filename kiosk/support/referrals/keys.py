"""The keys of partners, where they touch what was sent: a new key after somebody left, and a leaver's end.

Only the slots of the envelopes are sealed anew; what she told is not opened, and does not change. The key is
proved before anything is changed, so that an envelope which it does not open is a damaged one: it keeps
nobody in who should be out.
"""

from __future__ import annotations

from typing import NamedTuple

from kiosk import audit, sealing
from kiosk.people import accounts, partners
from kiosk.people.accounts import RECOVERY, Person
from kiosk.sealing import CannotOpen
from kiosk.store import Reading, Store, Writing
from kiosk.support.referrals.own_side import note_context
from kiosk.support.referrals.records import context


class Rotated(NamedTuple):
    """How many envelopes were sealed for the new key, and how many are damaged and stay as they are."""

    sealed: int
    damaged: int


class NothingOpens(Exception):
    """There are envelopes, and none opens: the key was not changed. `damaged` is how many there are."""

    def __init__(self, damaged: int) -> None:
        super().__init__(f"none of {damaged} envelopes opens")
        self.damaged = damaged


def rotate(store: Store, service_key: bytes, partner_id: str, by: Person, key: bytes) -> Rotated:
    """A member changes the key of her partner, with the old one.

    Every member who has not left gets the new one, at once and without doing anything. Raises `NotThere` for
    who is no member any more, `CannotOpen` for a key that is not the partner's, `NothingOpens`.
    """
    with store.write() as db:
        partners.still_a_member(db, by, key)
        done = _rotate(db, service_key, partner_id, by, partners.team(partner_id), key)
    store.shred()  # nothing that the old key opens stays in the file
    return done


def rotate_with_paper(store: Store, service_key: bytes, printed_key: str, name: str) -> Rotated:
    """The same with the recovery key on paper, for a partner by its name.

    Raises `sealing.NotARecoveryKey`, `CannotOpen` for the key of another library, `NotThere`, `NothingOpens`.
    """
    recovery_key = sealing.read_printed_key(printed_key)
    with store.write() as db:
        partner = partners.by_name(db, name)
        accounts.open_key(db, partners.team(partner.id), RECOVERY, recovery_key)
        done = _rotate(db, service_key, partner.id, None, RECOVERY, recovery_key)
    store.shred()
    return done


def end_member(store: Store, service_key: bytes, by: Person, key: bytes, person_id: str) -> Rotated:
    """A member ends a colleague's account and changes the key in the same moment; see `rotate`.

    Her account ends even where no envelope opens: then the key is still to be changed, and the partner says
    so. Raises `partners.NotOnYourself`, `NotThere`, `CannotOpen`.
    """
    with store.write() as db:
        partners.still_a_member(db, by, key)
        partners.end_member_in(db, service_key, by, person_id)
    try:
        return rotate(store, service_key, by.partner_id, by, key)
    except NothingOpens as failed:
        return Rotated(0, failed.damaged)


def _rotate(
    db: Writing, service_key: bytes, partner_id: str, by: Person | None, reader: str, key: bytes
) -> Rotated:
    """Seal for a new key what opens; what does not is of no use to its readers before or after."""
    partners.new_key(db, partner_id)
    sealed = damaged = 0
    for envelope in _envelopes(db, partner_id):
        readers = partners.readers(db, partner_id, desk=envelope.desk_reads)
        try:
            anew = sealing.reseal(envelope.sealed, reader, key, readers, envelope.context)
        except CannotOpen:
            damaged += 1
            continue
        db.run(envelope.saves, sealed=anew, id=envelope.id)
        sealed += 1
    if damaged and not sealed:
        raise NothingOpens(damaged)
    audit.record(
        db,
        service_key,
        who=by.username if by else "(command line)",  # no user name has brackets
        role=by.role.value if by else "",
        action="partner key changed",
        subject="partner",
        subject_id=partner_id,
        reason=f"{damaged} damaged" if damaged else "",
    )
    return Rotated(sealed, damaged)


class _Envelope(NamedTuple):
    """A row of what was sent to a partner, with what binds it to its place; `saves` is a statement in SQL."""

    saves: str
    id: str
    context: str
    sealed: bytes
    desk_reads: bool


def _envelopes(db: Reading, partner_id: str) -> list[_Envelope]:
    parts = db.all(
        "SELECT id, desk_reads, sealed FROM referral_handovers WHERE partner_id = :id AND sealed IS NOT NULL",
        id=partner_id,
    )
    notes = db.all(
        "SELECT n.id, h.desk_reads, n.sealed FROM referral_notes n"
        " JOIN referral_handovers h ON h.id = n.handover_id WHERE h.partner_id = :id",
        id=partner_id,
    )
    return [
        _Envelope(saves, row["id"], bound(row["id"]), row["sealed"], bool(row["desk_reads"]))
        for saves, bound, rows in (
            ("UPDATE referral_handovers SET sealed = :sealed WHERE id = :id", context, parts),
            ("UPDATE referral_notes SET sealed = :sealed WHERE id = :id", note_context, notes),
        )
        for row in rows
    ]
