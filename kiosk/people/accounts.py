"""The people who sign in: accounts, roles, and the key of each team sealed to who may open what was sent.

Everybody has a key pair; the private half lies wrapped under the password, so that nobody else, and no stolen
file, can use it. A team's private key is sealed to each member, and to the recovery key on paper. The desk is
one team; each partner is another, see `kiosk.people.partners`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from kiosk import audit, sealing
from kiosk.people.passwords import one_time_password
from kiosk.sealing import CannotOpen, KeyPair
from kiosk.store import NotThere, Reading, Row, Store, Writing

DESK = "desk"
RECOVERY = "recovery"
FIRST_USERNAME = "manager"

COLUMNS = "p.id, p.username, p.name, p.role, p.branch_id, p.partner_id, p.must_change, p.disabled_at"


class Role(StrEnum):
    """What a person is here."""

    BRANCH = "branch"
    """Works at one branch; opens and finishes what was sent there."""
    MANAGER = "manager"
    """The same for every branch; lets people in, and reads the log."""
    ADMINISTRATOR = "administrator"
    """Sets things up; opens nothing that residents sent."""
    PARTNER = "partner"
    """Works at an organisation that takes referrals; opens what its own inbox holds, and no staff page."""


STAFF = frozenset({Role.BRANCH, Role.MANAGER, Role.ADMINISTRATOR})
OPENERS = frozenset({Role.BRANCH, Role.MANAGER})


class UsernameTaken(ValueError):
    """Somebody has this user name already."""


class NotOnYourself(Exception):
    """Nobody disables the own account, or resets the own password in place of changing it."""


class LastManager(Exception):
    """Without this one, nobody could let people in any more."""


@dataclass(frozen=True)
class Person:
    """An account. `branch_id` is empty for those who belong to no single branch, `partner_id` for staff."""

    id: str
    username: str
    name: str
    role: Role
    branch_id: str
    must_change: bool
    disabled: bool
    partner_id: str = ""

    @property
    def sees_every_branch(self) -> bool:
        return self.role is Role.MANAGER


@dataclass(frozen=True)
class Beginning:
    """What is shown once, when a library begins, and kept nowhere."""

    username: str
    password: str
    recovery_key: str


def has_begun(db: Reading) -> bool:
    """Whether the first account was made."""
    return db.maybe("SELECT id FROM teams WHERE id = :desk", desk=DESK) is not None


def begin_library(
    store: Store, service_key: bytes, *, password: str | None = None, name: str = "Manager"
) -> Beginning:
    """Make the desk's key, the recovery key and the first account: a manager, who can let others in.

    Without a password one is made that must be changed at the first sign-in; a demo brings its own.
    """
    desk, recovery = sealing.new_key_pair(), sealing.new_key_pair()
    person_id = secrets.token_hex(10)
    chosen = password or one_time_password()
    keys, wrapped = new_keys(person_id, chosen)
    now = datetime.now(UTC).isoformat()
    with store.write() as db:
        db.insert("teams", id=DESK, public_key=desk.public, created_at=now)
        db.insert("teams", id=RECOVERY, public_key=recovery.public, created_at=now)
        db.insert(
            "people",
            id=person_id,
            username=FIRST_USERNAME,
            name=name,
            role=Role.MANAGER.value,
            branch_id=None,
            public_key=keys.public,
            private_key=wrapped,
            must_change=int(password is None),
            created_at=now,
        )
        give_key(db, DESK, person_id, keys.public, desk.private)
        give_key(db, DESK, RECOVERY, recovery.public, desk.private)
        _audit(db, service_key, None, "library begun", person_id)
    return Beginning(FIRST_USERNAME, chosen, sealing.print_key(recovery.private))


def find(db: Reading, person_id: str) -> Person:
    """`NotThere` when there is no such person."""
    return as_person(db.one(f"SELECT {COLUMNS} FROM people p WHERE p.id = :id", id=person_id))


def find_staff(db: Reading, person_id: str) -> Person:
    """The same for those who work in the library: people of partners are not found."""
    person = find(db, person_id)
    if person.role not in STAFF:
        raise NotThere
    return person


def every(db: Reading) -> list[Person]:
    """Everybody who works in the library."""
    rows = db.all(
        f"SELECT {COLUMNS} FROM people p WHERE p.partner_id IS NULL ORDER BY lower(p.name), p.username"
    )
    return [as_person(row) for row in rows]


def add(
    store: Store,
    service_key: bytes,
    by: Person,
    desk_key: bytes,
    *,
    username: str,
    name: str,
    role: Role,
    branch_id: str | None,
) -> tuple[Person, str]:
    """A new account and its one-time password. Raises `UsernameTaken`; `NotThere` for an unknown branch.

    Of staff alone: `kiosk.people.partners` lets people of partners in.
    """
    if role not in STAFF:
        raise ValueError(role)
    person_id, password = secrets.token_hex(10), one_time_password()
    keys, wrapped = new_keys(person_id, password)
    with store.write() as db:
        if branch_id is not None:
            db.one("SELECT id FROM branches WHERE id = :id", id=branch_id)
        write_down(db, person_id, username, name, role, keys.public, wrapped, branch_id=branch_id)
        if role in OPENERS:
            give_key(db, DESK, person_id, keys.public, desk_key)
        _audit(db, service_key, by, "person added", person_id, role.value)
        return find(db, person_id), password


def write_down(
    db: Writing,
    person_id: str,
    username: str,
    name: str,
    role: Role,
    public_key: bytes,
    wrapped: bytes,
    *,
    branch_id: str | None = None,
    partner_id: str | None = None,
) -> None:
    """Keep a new account whose password must be changed at the first sign-in. Raises `UsernameTaken`."""
    if db.maybe("SELECT id FROM people WHERE username = :username", username=username):
        raise UsernameTaken
    db.insert(
        "people",
        id=person_id,
        username=username,
        name=name,
        role=role.value,
        branch_id=branch_id,
        partner_id=partner_id,
        public_key=public_key,
        private_key=wrapped,
        must_change=1,
        created_at=datetime.now(UTC).isoformat(),
    )


def reset_password(
    store: Store, service_key: bytes, by: Person, desk_key: bytes, person_id: str
) -> tuple[Person, str]:
    """A new one-time password, and with it new keys: nobody can take the old private key along.

    Raises `NotThere`, and `NotOnYourself`, because whoever knows the own password changes it.
    """
    if by.id == person_id:
        raise NotOnYourself
    return _new_password(store, service_key, by, desk_key, person_id)


def disable(store: Store, service_key: bytes, by: Person, person_id: str) -> None:
    """End the person's sessions and boards, and take the desk's key from the account.

    Raises `NotThere`, `NotOnYourself`, `LastManager`.
    """
    if by.id == person_id:
        raise NotOnYourself
    with store.write() as db:
        person = find_staff(db, person_id)
        if person.disabled:
            return
        others = "SELECT id FROM people WHERE role = :role AND disabled_at IS NULL AND id <> :id"
        if person.role is Role.MANAGER and not db.all(others, role=Role.MANAGER.value, id=person_id):
            raise LastManager
        now = datetime.now(UTC).isoformat()
        db.run("UPDATE people SET disabled_at = :now WHERE id = :id", now=now, id=person_id)
        db.run("DELETE FROM staff_sessions WHERE person_id = :id", id=person_id)
        db.run("DELETE FROM boards WHERE opened_by = :id", id=person_id)
        db.run("DELETE FROM team_keys WHERE holder = :id", id=person_id)
        _audit(db, service_key, by, "person disabled", person_id)


def enable(store: Store, service_key: bytes, by: Person, desk_key: bytes, person_id: str) -> None:
    """Let a disabled person in again, with the password from before. Raises `NotThere`."""
    with store.write() as db:
        person = find_staff(db, person_id)
        if not person.disabled:
            return
        db.run("UPDATE people SET disabled_at = NULL WHERE id = :id", id=person_id)
        if person.role in OPENERS:
            public_key = db.value("SELECT public_key FROM people WHERE id = :id", id=person_id)
            give_key(db, DESK, person_id, public_key, desk_key)
        _audit(db, service_key, by, "person enabled", person_id)


def recover(store: Store, service_key: bytes, printed_key: str, username: str) -> str:
    """A one-time password by the recovery key, for when no manager can sign in any more.

    Raises `sealing.NotARecoveryKey` for a slip, `CannotOpen` for the key of another library, `NotThere` for
    an unknown name.
    """
    recovery_key = sealing.read_printed_key(printed_key)
    with store.read() as db:
        person_id = db.value("SELECT id FROM people WHERE username = :name", name=spelled(username))
        desk_key = open_desk_key(db, RECOVERY, recovery_key)
    return _new_password(store, service_key, None, desk_key, person_id)[1]


def open_desk_key(db: Reading, holder: str, private_key: bytes) -> bytes:
    """The desk's private key, for one who holds it; `CannotOpen` for everybody else."""
    return open_key(db, DESK, holder, private_key)


def open_key(db: Reading, team: str, holder: str, private_key: bytes) -> bytes:
    """A team's private key, for one who holds it; `CannotOpen` for everybody else."""
    row = db.maybe(
        "SELECT sealed FROM team_keys WHERE team_id = :team AND holder = :holder", team=team, holder=holder
    )
    if row is None:
        raise CannotOpen
    return sealing.open_sealed(row["sealed"], holder, private_key, _key_context(team, holder))


def readers(db: Reading) -> dict[str, bytes]:
    """The public keys of those who may open what residents leave for the library: the desk and the paper."""
    rows = db.all("SELECT id, public_key FROM teams WHERE id IN (:desk, :paper)", desk=DESK, paper=RECOVERY)
    return {row["id"]: row["public_key"] for row in rows}


def give_key(db: Writing, team: str, holder: str, public_key: bytes, key: bytes) -> None:
    """Seal a team's private key to one more holder, or to a holder's new public key."""
    db.run(
        "INSERT INTO team_keys (team_id, holder, sealed) VALUES (:team, :holder, :sealed)"
        " ON CONFLICT (team_id, holder) DO UPDATE SET sealed = excluded.sealed",
        team=team,
        holder=holder,
        sealed=sealing.seal(key, {holder: public_key}, _key_context(team, holder)),
    )


def _key_context(team: str, holder: str) -> str:
    return f"team_keys|{team}:{holder}|sealed|1"


def spelled(username: str) -> str:
    """A user name as it is kept: capitals and spaces around it do not matter, half letters are none."""
    return username.encode("utf-8", "replace").decode().strip().casefold()


def private_key_context(person_id: str) -> str:
    return f"people|{person_id}|private_key|1"


def as_person(row: Row) -> Person:
    return Person(
        id=row["id"],
        username=row["username"],
        name=row["name"],
        role=Role(row["role"]),
        branch_id=row["branch_id"] or "",
        partner_id=row["partner_id"] or "",
        must_change=bool(row["must_change"]),
        disabled=row["disabled_at"] is not None,
    )


def new_keys(person_id: str, password: str) -> tuple[KeyPair, bytes]:
    """A key pair for a person, and its private half wrapped under the password. `TooBusy` under a flood."""
    keys = sealing.new_key_pair()
    return keys, sealing.wrap(keys.private, password, private_key_context(person_id))


def _new_password(
    store: Store, service_key: bytes, by: Person | None, desk_key: bytes, person_id: str
) -> tuple[Person, str]:
    password = one_time_password()
    keys, wrapped = new_keys(person_id, password)
    with store.write() as db:
        person = find_staff(db, person_id)
        db.run(
            "UPDATE people SET public_key = :public, private_key = :wrapped, must_change = 1 WHERE id = :id",
            public=keys.public,
            wrapped=wrapped,
            id=person_id,
        )
        db.run("DELETE FROM staff_sessions WHERE person_id = :id", id=person_id)
        db.run("DELETE FROM boards WHERE opened_by = :id", id=person_id)
        if person.role in OPENERS and not person.disabled:
            give_key(db, DESK, person_id, keys.public, desk_key)
        _audit(db, service_key, by, "password reset" if by else "password reset by recovery key", person_id)
        return find(db, person_id), password


def _audit(
    db: Writing, service_key: bytes, by: Person | None, action: str, person_id: str, reason: str = ""
) -> None:
    audit.record(
        db,
        service_key,
        who=by.username if by else "(command line)",  # no user name has brackets
        role=by.role.value if by else "",
        action=action,
        subject="person",
        subject_id=person_id,
        reason=reason,
    )
