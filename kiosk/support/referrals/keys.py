"""The keys of partners, where they touch what was sent: a new key after somebody left, and a leaver's end.

Only the slots of the envelopes are sealed anew; what she told is not opened, and does not change.
"""

from __future__ import annotations

from kiosk import audit, sealing
from kiosk.people import accounts, partners
from kiosk.people.accounts import RECOVERY, Person
from kiosk.store import Reading, Row, Store, Writing
from kiosk.support.referrals.own_side import note_context
from kiosk.support.referrals.records import context


def rotate(store: Store, service_key: bytes, partner_id: str, by: Person, key: bytes) -> int:
    """A member changes the key of her partner, with the old one; how many envelopes were sealed anew.

    Every member who has not left gets the new one, at once and without doing anything. Raises `CannotOpen`.
    """
    with store.write() as db:
        number = _rotate(db, service_key, partner_id, by, partners.team(partner_id), key)
    store.shred()  # nothing that the old key opens stays in the file
    return number


def rotate_with_paper(store: Store, service_key: bytes, printed_key: str, name: str) -> int:
    """The same with the recovery key on paper, for a partner by its name.

    Raises `sealing.NotARecoveryKey`, `CannotOpen` for the key of another library, `NotThere`.
    """
    recovery_key = sealing.read_printed_key(printed_key)
    with store.write() as db:
        partner = partners.by_name(db, name)
        accounts.open_key(db, partners.team(partner.id), RECOVERY, recovery_key)
        number = _rotate(db, service_key, partner.id, None, RECOVERY, recovery_key)
    store.shred()
    return number


def end_member(store: Store, service_key: bytes, by: Person, key: bytes, person_id: str) -> int:
    """A member ends a colleague's account and changes the key in the same moment; see `rotate`.

    Raises `partners.NotOnYourself`, `NotThere`, `CannotOpen`.
    """
    with store.write() as db:
        partners.end_member_in(db, service_key, by, person_id)
        number = _rotate(db, service_key, by.partner_id, by, partners.team(by.partner_id), key)
    store.shred()
    return number


def _rotate(
    db: Writing, service_key: bytes, partner_id: str, by: Person | None, reader: str, key: bytes
) -> int:
    partners.new_key(db, partner_id)
    rows = db.all(
        "SELECT id, desk_reads, sealed FROM referral_handovers WHERE partner_id = :id AND sealed IS NOT NULL",
        id=partner_id,
    )
    number = 0
    for row in rows:
        readers = partners.readers(db, partner_id, desk=bool(row["desk_reads"]))
        sealed = sealing.reseal(row["sealed"], reader, key, readers, context(row["id"]))
        db.run("UPDATE referral_handovers SET sealed = :sealed WHERE id = :id", sealed=sealed, id=row["id"])
        number += 1
        for note in _notes(db, row["id"]):
            sealed = sealing.reseal(note["sealed"], reader, key, readers, note_context(note["id"]))
            db.run("UPDATE referral_notes SET sealed = :sealed WHERE id = :id", sealed=sealed, id=note["id"])
            number += 1
    audit.record(
        db,
        service_key,
        who=by.username if by else "(command line)",  # no user name has brackets
        role=by.role.value if by else "",
        action="partner key changed",
        subject="partner",
        subject_id=partner_id,
    )
    return number


def _notes(db: Reading, handover_id: str) -> list[Row]:
    return db.all("SELECT id, sealed FROM referral_notes WHERE handover_id = :id", id=handover_id)
