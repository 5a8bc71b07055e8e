"""Signing in, staying signed in, and signing out.

To sign in is to unwrap one's private key: no hash of the password is kept beside it. Between requests the key
lies in the session's row, encrypted by a key that only the cookie holds.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kiosk import audit, sealing
from kiosk.people import partners, passwords
from kiosk.people.accounts import COLUMNS, Person, Role, as_person, private_key_context, spelled
from kiosk.sealing import CannotOpen, TooBusy, derive, mark
from kiosk.store import Reading, Row, Store, Writing

IDLE = timedelta(minutes=15)
"""Without a request for this long, a session has ended. Polling is no request."""
LONGEST = timedelta(hours=10)
"""However busy, a session has ended after this."""
LONGEST_WAIT = 60
"""Seconds between two tries at one account, at most: nobody is locked out for good."""
FORGET_TRIES = timedelta(days=1)

_ID_BYTES = 32


class WrongPassword(Exception):
    """The name and the password do not go together; which of them is wrong is not said."""


class MustWait(Exception):
    """The account was tried too often just now. `seconds` is how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True)
class Session:
    """One person signed in at one browser, with her private key unlocked."""

    id: str
    person: Person
    private_key: bytes


def sign_in(
    store: Store, service_key: bytes, username: str, password: str, *, partner: bool = False
) -> tuple[Session, str]:
    """The session and the value of its cookie. Raises `WrongPassword`, `MustWait`, `TooBusy`.

    An unknown name costs the same work and gives the same answer as a wrong password; so does staff at the
    door of partners (`partner`), and a partner at that of staff.
    """
    with store.read() as db:
        row = db.maybe(
            f"SELECT {COLUMNS}, p.private_key FROM people p WHERE p.username = :name", name=spelled(username)
        )
    try:
        private_key = _checked(store, service_key, username, row, password)
        if row is None or row["disabled_at"] is not None or (row["role"] == Role.PARTNER) is not partner:
            raise CannotOpen
    except CannotOpen:
        with store.write() as db:
            _audit(db, service_key, as_person(row) if row else None, "sign-in failed")
        raise WrongPassword from None
    with store.write() as db:
        person = _still_the_same(db, row)
        sweep(db, datetime.now(UTC))
        session, cookie = _begin(db, person, private_key)
        _forget_tries(db, service_key, username)
        _audit(db, service_key, person, "signed in")
    return session, cookie


def change_password(
    store: Store, service_key: bytes, person: Person, old: str, new: str, library_name: str
) -> str:
    """Wrap the private key anew, end every session of the person and begin one; the value of its cookie.

    Raises `WrongPassword`, `MustWait`, `TooBusy`, `passwords.WeakPassword`.
    """
    passwords.check(new, person.username, person.name, library_name)
    with store.read() as db:
        row = db.one(f"SELECT {COLUMNS}, p.private_key FROM people p WHERE p.id = :id", id=person.id)
    try:
        private_key = _checked(store, service_key, person.username, row, old)
    except CannotOpen:
        with store.write() as db:
            _audit(db, service_key, person, "password change failed")
        raise WrongPassword from None
    if old == new:
        raise passwords.WeakPassword(passwords.Weakness.NOT_NEW)
    # with another password a member of a partner has another key: who knew the one before knows nothing now
    keys = sealing.new_key_pair() if row["partner_id"] else None
    old_key, private_key = private_key, keys.private if keys else private_key
    wrapped = sealing.wrap(private_key, new, private_key_context(person.id))
    with store.write() as db:
        _still_the_same(db, row)
        if keys:
            db.run("UPDATE people SET public_key = :key WHERE id = :id", key=keys.public, id=person.id)
            partners.take_possession(db, person, old_key, keys)
        db.run(
            "UPDATE people SET private_key = :wrapped, must_change = 0 WHERE id = :id",
            wrapped=wrapped,
            id=person.id,
        )
        db.run("DELETE FROM staff_sessions WHERE person_id = :id", id=person.id)
        db.run("DELETE FROM boards WHERE opened_by = :id", id=person.id)
        _, cookie = _begin(db, person, private_key)
        _forget_tries(db, service_key, person.username)
        _audit(db, service_key, person, "password changed")
    return cookie


def look_up(store: Store, cookie: str, *, renew: bool) -> Session | None:
    """The session that a cookie opens, if it is alive; `renew` when a person did something."""
    parts = _parse(cookie)
    if parts is None:
        return None
    session_id, key = parts
    with store.read() as db:
        row = db.maybe(
            f"SELECT {COLUMNS}, s.unlocked, s.began_at, s.touched_at"
            " FROM staff_sessions s JOIN people p ON p.id = s.person_id WHERE s.id = :id",
            id=session_id,
        )
    now = datetime.now(UTC)
    if row is None or row["disabled_at"] is not None or _has_ended(row, now):
        return None
    try:
        private_key = sealing.decrypt(row["unlocked"], key, _unlocked_context(session_id))
    except CannotOpen:
        return None
    if renew:
        with store.write() as db:
            db.run(
                "UPDATE staff_sessions SET touched_at = :now WHERE id = :id",
                now=now.isoformat(),
                id=session_id,
            )
    return Session(session_id, as_person(row), private_key)


def sign_out(store: Store, service_key: bytes, session: Session) -> None:
    with store.write() as db:
        db.run("DELETE FROM staff_sessions WHERE id = :id", id=session.id)
        _audit(db, service_key, session.person, "signed out")


def sweep(db: Writing, now: datetime) -> int:
    """Take out the sessions that have ended, and tries of long ago: they open nothing. How many."""
    ended = db.run(
        "DELETE FROM staff_sessions WHERE touched_at < :idle OR began_at < :oldest",
        idle=(now - IDLE).isoformat(),
        oldest=(now - LONGEST).isoformat(),
    )
    return ended + db.run(
        "DELETE FROM sign_in_tries WHERE wait_until < :old", old=(now - FORGET_TRIES).isoformat()
    )


def cookie_key(cookie: str) -> bytes | None:
    """The half of a cookie's value that the server does not keep; `None` when it is no such value."""
    parts = _parse(cookie)
    return parts[1] if parts else None


def _checked(store: Store, service_key: bytes, username: str, row: Row | None, password: str) -> bytes:
    """The private key that the password unwraps, as one try that counts; `CannotOpen` when it does not."""
    account = _account(service_key, username)
    with store.write() as db:
        _count_try(db, account)  # before the work, so that many at once are not many tries
    wrapped = row["private_key"] if row else sealing.nobodys_wrap()
    try:
        return sealing.unwrap(wrapped, password, private_key_context(row["id"] if row else ""))
    except TooBusy:
        with store.write() as db:  # it was not tried
            db.run("UPDATE sign_in_tries SET failures = failures - 1 WHERE account = :id", id=account)
        raise


def _count_try(db: Writing, account: bytes) -> None:
    now = datetime.now(UTC)
    row = db.maybe("SELECT failures, wait_until FROM sign_in_tries WHERE account = :id", id=account)
    if row:
        left = (datetime.fromisoformat(row["wait_until"]) - now).total_seconds()
        if left > 0:
            raise MustWait(int(left) + 1 if left % 1 else int(left))
    failures = row["failures"] if row else 0
    wait = min(2**failures, LONGEST_WAIT) if failures < 10 else LONGEST_WAIT
    db.run(
        "INSERT INTO sign_in_tries (account, failures, wait_until) VALUES (:id, 1, :until)"
        " ON CONFLICT (account) DO UPDATE SET failures = sign_in_tries.failures + 1, wait_until = :until",
        id=account,
        until=(now + timedelta(seconds=wait)).isoformat(),
    )


def _forget_tries(db: Writing, service_key: bytes, username: str) -> None:
    db.run("DELETE FROM sign_in_tries WHERE account = :id", id=_account(service_key, username))


def _account(service_key: bytes, username: str) -> bytes:
    return mark(spelled(username), derive(service_key, "sign-in tries"))


def _still_the_same(db: Reading, row: Row | None) -> Person:
    """The person as she is now; `WrongPassword` when her account changed while the password was checked."""
    now = db.maybe(
        f"SELECT {COLUMNS}, p.private_key FROM people p WHERE p.id = :id", id=row["id"] if row else ""
    )
    if row is None or now is None or now["disabled_at"] or now["private_key"] != row["private_key"]:
        raise WrongPassword
    return as_person(now)


def _begin(db: Writing, person: Person, private_key: bytes) -> tuple[Session, str]:
    secret_id, key = secrets.token_bytes(_ID_BYTES), secrets.token_bytes(sealing.KEY_BYTES)
    session_id = hashlib.sha256(secret_id).hexdigest()
    now = datetime.now(UTC).isoformat()
    db.insert(
        "staff_sessions",
        id=session_id,
        person_id=person.id,
        unlocked=sealing.encrypt(private_key, key, _unlocked_context(session_id)),
        began_at=now,
        touched_at=now,
    )
    return Session(session_id, person, private_key), base64.urlsafe_b64encode(secret_id + key).decode()


def _parse(cookie: str) -> tuple[str, bytes] | None:
    try:
        value = base64.urlsafe_b64decode(cookie.encode("ascii"))
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return None
    if len(value) != _ID_BYTES + sealing.KEY_BYTES:
        return None
    return hashlib.sha256(value[:_ID_BYTES]).hexdigest(), value[_ID_BYTES:]


def _has_ended(row: Row, now: datetime) -> bool:
    began, touched = datetime.fromisoformat(row["began_at"]), datetime.fromisoformat(row["touched_at"])
    return now - touched > IDLE or now - began > LONGEST


def _unlocked_context(session_id: str) -> str:
    return f"staff_sessions|{session_id}|unlocked|1"


def _audit(db: Writing, service_key: bytes, person: Person | None, action: str) -> None:
    """An unknown name is not written down: people type their password in the wrong box."""
    audit.record(
        db,
        service_key,
        who=person.username if person else "(unknown name)",
        role=person.role.value if person else "",
        action=action,
        subject="person",
        subject_id=person.id if person else "",
    )
