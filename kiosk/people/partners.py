"""Organisations that take referrals: their accounts, and the key that opens what was sent to each.

Each is a team with a key pair of its own. The private half is sealed to each of its members and to the
recovery key on paper, and to nobody else: the library lets partners in and cannot read what they get.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from kiosk import audit, sealing
from kiosk.people import accounts
from kiosk.people.accounts import COLUMNS, RECOVERY, Person, Role, as_person, give_key, open_key, spelled
from kiosk.people.passwords import one_time_password
from kiosk.sealing import CannotOpen, KeyPair
from kiosk.store import NotThere, Reading, Row, Store, Writing


class NameTaken(ValueError):
    """There is a partner of this name already."""


class NotOnYourself(Exception):
    """Nobody ends the own account, or gives herself a new password in place of changing it."""


@dataclass(frozen=True)
class Partner:
    """An organisation that takes referrals. `name` is its legal name, as a consent must say it.

    `email` gets reminders, with a reference and never content. `who_reads` is a code of `WHO_READS` in
    `kiosk.support.referrals.steps`, '' while nobody said; `kept_months` how long it keeps in its own files
    what it was told, None while nobody said. `pick_up_days` are the working days until it answers, None for
    those of the library. `is_ready`: its first member has chosen a password, so that its key is its own.
    `key_due`: somebody left, and the key has not been changed since.
    """

    id: str
    name: str
    email: str
    who_reads: str
    kept_months: int | None
    pick_up_days: int | None
    is_ready: bool
    key_due: bool
    ended: bool


def team(partner_id: str) -> str:
    """The id of its team, as envelopes name their reader."""
    return f"partner:{partner_id}"


def find(db: Reading, partner_id: str) -> Partner:
    """`NotThere` when there is no such partner."""
    return _partner(db.one("SELECT * FROM partners WHERE id = :id", id=partner_id))


def by_name(db: Reading, name: str) -> Partner:
    """The same by its name; capitals do not matter."""
    return _partner(db.one("SELECT * FROM partners WHERE lower(name) = lower(:name)", name=name.strip()))


def every(db: Reading) -> list[Partner]:
    """All partners by name, those at the end that have ended."""
    rows = db.all("SELECT * FROM partners ORDER BY ended_at IS NOT NULL, lower(name), id")
    return [_partner(row) for row in rows]


def taking(db: Reading) -> frozenset[str]:
    """The ids of the partners to whom a referral can be sent now: somebody there can open it."""
    rows = db.all(
        "SELECT r.id FROM partners r WHERE r.ready_at IS NOT NULL AND r.ended_at IS NULL AND EXISTS"
        " (SELECT 1 FROM people p WHERE p.partner_id = r.id AND p.disabled_at IS NULL)"
    )
    return frozenset(row["id"] for row in rows)


def members(db: Reading, partner_id: str) -> list[Person]:
    """Its accounts by name, disabled ones too."""
    rows = db.all(
        f"SELECT {COLUMNS} FROM people p WHERE p.partner_id = :id ORDER BY lower(p.name), p.username",
        id=partner_id,
    )
    return [as_person(row) for row in rows]


def readers(db: Reading, partner_id: str, *, desk: bool = False) -> dict[str, bytes]:
    """The public keys of those who may open what is sent to a partner, by their ids.

    The partner and the paper; with `desk` also the staff of the library. With '' as id it is the library
    itself, its staff in the place of the partner. `NotThere`.
    """
    wanted = [team(partner_id) if partner_id else accounts.DESK, RECOVERY, *([accounts.DESK] if desk else [])]
    return {each: db.value("SELECT public_key FROM teams WHERE id = :id", id=each) for each in wanted}


def key(db: Reading, member: Person, private_key: bytes) -> bytes:
    """The private key of her partner, with her own; `CannotOpen` for everybody who is no member."""
    if not member.partner_id:
        raise CannotOpen
    return open_key(db, team(member.partner_id), member.id, private_key)


# Letting in -------------------------------------------------------------------------------------------------


def add(
    store: Store,
    service_key: bytes,
    by: Person | None,
    *,
    name: str,
    username: str,
    person_name: str,
    email: str = "",
) -> tuple[Partner, Person, str]:
    """A new partner, its first account and that one's one-time password. Raises `NameTaken`, `UsernameTaken`.

    The key made here is forgotten, and replaced when the first member chooses her own password; until then
    nothing can be sent to the partner. So whoever let it in holds nothing that opens its inbox.
    """
    partner_id, person_id, password = secrets.token_hex(8), secrets.token_hex(10), one_time_password()
    keys, wrapped = accounts.new_keys(person_id, password)
    with store.write() as db:
        if db.maybe("SELECT id FROM partners WHERE lower(name) = lower(:name)", name=name):
            raise NameTaken
        db.insert("partners", id=partner_id, name=name, email=email, created_at=_now())
        accounts.write_down(
            db, person_id, username, person_name, Role.PARTNER, keys.public, wrapped, partner_id=partner_id
        )
        db.insert("teams", id=team(partner_id), public_key=b"", created_at=_now())
        new_key(db, partner_id)
        _audit(db, service_key, by, "partner added", "partner", partner_id)
        _audit(db, service_key, by, "person added", "person", person_id, Role.PARTNER.value)
        return find(db, partner_id), accounts.find(db, person_id), password


def add_member(
    store: Store, service_key: bytes, by: Person, team_key: bytes, *, username: str, name: str
) -> tuple[Person, str]:
    """A member lets a colleague in: the account and its one-time password. Raises `UsernameTaken`."""
    person_id, password = secrets.token_hex(10), one_time_password()
    keys, wrapped = accounts.new_keys(person_id, password)
    with store.write() as db:
        still_a_member(db, by, team_key)
        _add(db, by.partner_id, person_id, username, name, keys.public, wrapped, team_key)
        _audit(db, service_key, by, "person added", "person", person_id, Role.PARTNER.value)
        return accounts.find(db, person_id), password


def give_password(
    store: Store, service_key: bytes, by: Person, team_key: bytes, person_id: str
) -> tuple[Person, str]:
    """A member gives a colleague who has lost hers a new password for one sign-in, and the key anew.

    Raises `NotThere` for anybody else's colleague or an ended account, `NotOnYourself`.
    """
    if by.id == person_id:
        raise NotOnYourself
    password = one_time_password()
    keys, wrapped = accounts.new_keys(person_id, password)
    with store.write() as db:
        still_a_member(db, by, team_key)
        _give_anew(db, by.partner_id, person_id, keys.public, wrapped, team_key)
        _audit(db, service_key, by, "password reset", "person", person_id)
        return accounts.find(db, person_id), password


def give_first_password(
    store: Store, service_key: bytes, by: Person | None, person_id: str
) -> tuple[Person, str]:
    """Give who was let in first another password, because the one-time password was lost before it was used.

    Only while nobody of the partner has chosen a password: nothing was sent to it yet, and it gets a new key.
    `by` is a manager, or None at the command line. Raises `NotThere`, also once the partner is ready.
    """
    password = one_time_password()
    keys, wrapped = accounts.new_keys(person_id, password)
    with store.write() as db:
        person = accounts.find(db, person_id)
        if not person.partner_id or find(db, person.partner_id).is_ready:
            raise NotThere
        _renew(db, person.partner_id, person_id, keys.public, wrapped)
        new_key(db, person.partner_id)
        _audit(db, service_key, by, "password reset", "person", person_id)
        return accounts.find(db, person_id), password


def restore(
    store: Store, service_key: bytes, printed_key: str, name: str, username: str, person_name: str = ""
) -> tuple[Person, str]:
    """Let somebody of a partner in by the recovery key, when no member is left who could.

    A user name that nobody has becomes a new account, called `person_name`. Nothing sent is lost. Raises
    `sealing.NotARecoveryKey` for a slip, `CannotOpen` for the key of another library, `NotThere` for an
    unknown partner, for an account that has ended, or for one of somebody else.
    """
    recovery_key = sealing.read_printed_key(printed_key)
    username = spelled(username)
    with store.read() as db:
        partner = by_name(db, name)
        row = db.maybe("SELECT id FROM people WHERE username = :name", name=username)
    person_id, password = row["id"] if row else secrets.token_hex(10), one_time_password()
    keys, wrapped = accounts.new_keys(person_id, password)
    with store.write() as db:
        team_key = open_key(db, team(partner.id), RECOVERY, recovery_key)
        if row:
            _give_anew(db, partner.id, person_id, keys.public, wrapped, team_key)
        else:
            called = person_name or username
            _add(db, partner.id, person_id, username, called, keys.public, wrapped, team_key)
        _audit(db, service_key, None, "partner restored by recovery key", "partner", partner.id, username)
        return accounts.find(db, person_id), password


def end_member(store: Store, service_key: bytes, by: Person | None, person_id: str) -> None:
    """End the account of a member: her sign-ins end, and the key is taken from her account.

    By a colleague, or by a manager or administrator of the library. The key should then be changed, see
    `kiosk.support.referrals.keys`. Raises `NotThere` for anybody else's colleague, `NotOnYourself`.
    """
    with store.write() as db:
        end_member_in(db, service_key, by, person_id)


def end_member_in(db: Writing, service_key: bytes, by: Person | None, person_id: str) -> None:
    """The same in a transaction that does more."""
    person = accounts.find(db, person_id)
    if by is not None and by.id == person.id:
        raise NotOnYourself
    if not person.partner_id or (by is not None and by.partner_id not in {"", person.partner_id}):
        raise NotThere
    if person.disabled:
        return
    db.run("UPDATE people SET disabled_at = :now WHERE id = :id", now=_now(), id=person_id)
    db.run("DELETE FROM staff_sessions WHERE person_id = :id", id=person_id)
    db.run("DELETE FROM team_keys WHERE holder = :id", id=person_id)
    db.run("UPDATE partners SET key_due = 1 WHERE id = :id", id=person.partner_id)
    _audit(db, service_key, by, "person disabled", "person", person_id)


def change(
    db: Writing,
    service_key: bytes,
    by: Person,
    partner_id: str,
    *,
    email: str,
    who_reads: str,
    kept_months: int | None,
    pick_up_days: int | None,
) -> Partner:
    """Keep what a partner says of itself. Its name stays: consents name it. `NotThere`."""
    if not db.run(
        "UPDATE partners SET email = :email, who_reads = :who_reads, kept_months = :kept,"
        " pick_up_days = :days WHERE id = :id",
        email=email,
        who_reads=who_reads,
        kept=kept_months,
        days=pick_up_days,
        id=partner_id,
    ):
        raise NotThere
    _audit(db, service_key, by, "partner changed", "partner", partner_id)
    return find(db, partner_id)


def end(db: Writing, service_key: bytes, by: Person, partner_id: str) -> None:
    """Nothing is sent to this partner any more. What it has stays, until it is over. `NotThere`."""
    find(db, partner_id)
    db.run(
        "UPDATE partners SET ended_at = COALESCE(ended_at, :now) WHERE id = :id", now=_now(), id=partner_id
    )
    _audit(db, service_key, by, "partner ended", "partner", partner_id)


def begin_again(db: Writing, service_key: bytes, by: Person, partner_id: str) -> None:
    """A partner that had ended takes referrals again. `NotThere`."""
    find(db, partner_id)
    db.run("UPDATE partners SET ended_at = NULL WHERE id = :id", id=partner_id)
    _audit(db, service_key, by, "partner began again", "partner", partner_id)


# Keys -------------------------------------------------------------------------------------------------------


def new_key(db: Writing, partner_id: str) -> KeyPair:
    """Make a new key for a partner, and give it to all its members and to the paper.

    What was sealed for the old one must be sealed anew in the same transaction, or nobody but the paper opens
    it: whoever calls this for a partner that has been sent anything goes by `kiosk.support.referrals.keys`.
    """
    keys = sealing.new_key_pair()
    db.run(
        "UPDATE teams SET public_key = :key, created_at = :now WHERE id = :id",
        key=keys.public,
        now=_now(),
        id=team(partner_id),
    )
    db.run("DELETE FROM team_keys WHERE team_id = :id", id=team(partner_id))
    holders = db.all(
        "SELECT id, public_key FROM people WHERE partner_id = :id AND disabled_at IS NULL"
        " UNION ALL SELECT id, public_key FROM teams WHERE id = :recovery",
        id=partner_id,
        recovery=RECOVERY,
    )
    for holder in holders:
        give_key(db, team(partner_id), holder["id"], holder["public_key"], keys.private)
    db.run("UPDATE partners SET key_due = 0 WHERE id = :id", id=partner_id)
    return keys


def take_possession(db: Writing, member: Person, old_private_key: bytes, keys: KeyPair) -> None:
    """A member has chosen a password of her own: from now on only she has her key, not who let her in.

    The first member of all also gets a new key for the partner, to which nothing was sent yet: what the
    one-time password opened before is worth nothing. To be called when `keys` stand in her account.
    """
    if find(db, member.partner_id).is_ready:
        team_key = open_key(db, team(member.partner_id), member.id, old_private_key)
        give_key(db, team(member.partner_id), member.id, keys.public, team_key)
    else:
        new_key(db, member.partner_id)
        db.run("UPDATE partners SET ready_at = :now WHERE id = :id", now=_now(), id=member.partner_id)


def still_a_member(db: Reading, by: Person, team_key: bytes) -> None:
    """The key was changed, or her account ended, since the page was opened: then she gives it to nobody.

    Raises `NotThere` when she is no member any more, `CannotOpen` when this is not the key of the partner.
    """
    now = accounts.find(db, by.id)
    if not now.partner_id or now.disabled or now.partner_id != by.partner_id:
        raise NotThere
    if sealing.public_half(team_key) != readers(db, by.partner_id)[team(by.partner_id)]:
        raise CannotOpen


def _add(
    db: Writing,
    partner_id: str,
    person_id: str,
    username: str,
    name: str,
    public_key: bytes,
    wrapped: bytes,
    team_key: bytes,
) -> None:
    accounts.write_down(
        db, person_id, username, name, Role.PARTNER, public_key, wrapped, partner_id=partner_id
    )
    give_key(db, team(partner_id), person_id, public_key, team_key)


def _give_anew(
    db: Writing, partner_id: str, person_id: str, public_key: bytes, wrapped: bytes, team_key: bytes
) -> None:
    _renew(db, partner_id, person_id, public_key, wrapped)
    give_key(db, team(partner_id), person_id, public_key, team_key)


def _renew(db: Writing, partner_id: str, person_id: str, public_key: bytes, wrapped: bytes) -> None:
    """Another key pair for an account of this partner that has not ended, and no sign-in with the old one."""
    if not db.run(
        "UPDATE people SET public_key = :public, private_key = :wrapped, must_change = 1"
        " WHERE id = :id AND partner_id = :partner AND disabled_at IS NULL",
        public=public_key,
        wrapped=wrapped,
        id=person_id,
        partner=partner_id,
    ):
        raise NotThere
    db.run("DELETE FROM staff_sessions WHERE person_id = :id", id=person_id)


def _partner(row: Row) -> Partner:
    return Partner(
        id=row["id"],
        name=row["name"],
        email=row["email"],
        who_reads=row["who_reads"],
        kept_months=row["kept_months"],
        pick_up_days=row["pick_up_days"],
        is_ready=row["ready_at"] is not None,
        key_due=bool(row["key_due"]),
        ended=row["ended_at"] is not None,
    )


def _audit(
    db: Writing,
    service_key: bytes,
    by: Person | None,
    action: str,
    subject: str,
    subject_id: str,
    reason: str = "",
) -> None:
    audit.record(
        db,
        service_key,
        who=by.username if by else "(command line)",  # no user name has brackets
        role=by.role.value if by else "",
        action=action,
        subject=subject,
        subject_id=subject_id,
        reason=reason,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat()
