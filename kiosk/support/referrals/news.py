"""Who hears what has happened: the person in words that give nothing away, a partner by reference alone.

A message is stored in the transaction of what it tells of. What she left for news, a number or an address, is
sealed for the service, and wiped when everything is over. Who left nothing looks at any screen with her code.
"""

from __future__ import annotations

from kiosk import outbox, sealing
from kiosk.outbox import Message, Said
from kiosk.people import partners
from kiosk.sealing import CannotOpen
from kiosk.store import Reading, Writing
from kiosk.support.referrals import records
from kiosk.support.referrals.records import Handover, Moment

_PADDING = 256


def seal_contact(to: str, referral_id: str, service_key: bytes) -> bytes:
    """A number or an address for neutral news, for the row of this referral alone."""
    plain = to.encode()
    return sealing.encrypt(plain + b" " * (-len(plain) % _PADDING), _key(service_key), _context(referral_id))


def tell(db: Writing, handover: Handover, at: Moment) -> bool:
    """Tell her, by the way she left, that there is news; never what. Whether a message was stored.

    Where she chose that the library tells her, it stands on the board of her branch from now on.

    Each change of a handover is told once, several within a minute together; and nothing when she left no
    way, or one that is not set up. What she left and cannot be opened any more is wiped: she looks at a
    screen, and nothing that has to happen waits for it.
    """
    referral = records.referral(db, handover.referral_id)
    if referral.via_library:
        db.run(
            "UPDATE referrals SET to_tell_at = COALESCE(to_tell_at, :now) WHERE id = :id",
            now=records.iso(at.now),
            id=referral.id,
        )
    if referral.sealed_to is None or referral.news_way not in outbox.ways(at.settings):
        return False
    if outbox.waits(db, "news", "support", referral.id):
        return False
    try:
        plain = sealing.decrypt(referral.sealed_to, _key(at.service_key), _context(referral.id))
    except CannotOpen:
        db.run("UPDATE referrals SET sealed_to = NULL WHERE id = :id", id=referral.id)
        return False
    message = Message(
        kind="news",
        way=referral.news_way,
        to=plain.decode().rstrip(),
        language=referral.language,
        room="support",
        subject_id=referral.id,
        key=f"news|{handover.id}|{handover.version}",
        said=Said(code=referral.reference),
    )
    return outbox.put(db, message, service_key=at.service_key, now=at.now)


def tell_partner(db: Writing, handover: Handover, kind: str, at: Moment) -> bool:
    """Send the partner the reference and a link; `kind` is partner-new or partner-late. As above.

    What the library itself has stands on its board: nothing is sent.
    """
    if not can_tell_partner(db, handover, at):
        return False
    if outbox.waits(db, kind, "support", handover.id):
        return False
    address = at.settings.partner_address.rstrip("/")
    message = Message(
        kind=kind,
        way="email",
        to=partners.find(db, handover.partner_id).email,
        language="en",
        room="support",
        subject_id=handover.id,
        key=f"{kind}|{handover.id}|{handover.version}",
        said=Said(code=handover.reference, link=f"{address}/partner/" if address else ""),
    )
    return outbox.put(db, message, service_key=at.service_key, now=at.now)


def can_tell_partner(db: Reading, handover: Handover, at: Moment) -> bool:
    """Whether the partner has an e-mail address, and the library a mail server."""
    to = partners.find(db, handover.partner_id).email if handover.partner_id else ""
    return bool(to) and "email" in outbox.ways(at.settings)


def _key(service_key: bytes) -> bytes:
    return sealing.derive(service_key, "news of referrals")


def _context(referral_id: str) -> str:
    return f"referrals|{referral_id}|sealed_to|1"
