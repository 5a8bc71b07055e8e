"""What a partner does with what was sent to it: look, open, answer, pass on, close; and refer a person in.

Everything here asks first whether the handover is the partner's own. To open it takes the partner's private
key, which only the sign-in of a member unlocks, and leaves a line in the log.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from kiosk import audit, sealing
from kiosk.people import partners
from kiosk.people.accounts import Person
from kiosk.store import NotThere, Reading, Writing
from kiosk.support.directory import records as directory
from kiosk.support.referrals import changes, consents, sending, steps
from kiosk.support.referrals.consents import Consent, Given
from kiosk.support.referrals.own_side import note_context, resting_state
from kiosk.support.referrals.records import HANDOVER, Handover, Moment, context, handover, handover_of, iso
from kiosk.support.referrals.sending import Sending, Sent
from kiosk.support.referrals.steps import Moved
from kiosk.support.referrals.story import Story, special

TABS = {"new": ("new", "seen"), "doing": ("accepted", "asking", "passing", "contacted"), "over": steps.OVER}
"""The lists of an inbox, and the states of the handovers in each."""


@dataclass(frozen=True)
class Note:
    """What she added afterwards. `kind`: reach (`said` has reach and safety, as in a story) or answer.

    An answer's `said` has `to` (the code of the question), `text` and `language` (a tag). `at` is UTC in ISO
    8601.
    """

    kind: str
    at: str
    said: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Step:
    """What happened and when (UTC in ISO 8601); `who` is person, clock or a user name, `why` a code."""

    at: str
    what: str
    why: str
    who: str


@dataclass(frozen=True)
class Opened:
    """A handover with what it says. `story` is as it was sent; None once it was wiped or taken back."""

    handover: Handover
    consent: Consent
    steps: list[Step]
    story: Story | None = field(repr=False)
    notes: list[Note] = field(repr=False)

    @property
    def told(self) -> Story | None:
        """The story as it holds now: with the way to reach her, and what is safe, that she said last."""
        if self.story is None:
            return None
        found = dict(self.story)
        for each in self.notes:
            if each.kind == "reach":
                found |= each.said
        return found


# Looking ----------------------------------------------------------------------------------------------------


def inbox(db: Reading, partner_id: str, tab: str, *, most: int = 50, skip: int = 0) -> list[Handover]:
    """A list of its own handovers: who waits longest first, what is over latest first."""
    order = "h.changed_at DESC" if tab == "over" else "h.created_at"
    rows = db.all(
        f"{HANDOVER} WHERE h.partner_id = :id AND {_in(tab)} ORDER BY {order}, h.id LIMIT :most OFFSET :skip",
        id=partner_id,
        most=most,
        skip=skip,
    )
    return [handover_of(row) for row in rows]


def count(db: Reading, partner_id: str, tab: str) -> int:
    """How many handovers are in a list."""
    found: int = db.value(
        f"SELECT COUNT(*) FROM referral_handovers h WHERE h.partner_id = :id AND {_in(tab)}", id=partner_id
    )
    return found


def latest_change(db: Reading, partner_id: str) -> int:
    """A number that grows with every change of what a partner has; 0 when there is nothing."""
    found: int = db.value(
        "SELECT COALESCE(SUM(version), 0) FROM referral_handovers WHERE partner_id = :id", id=partner_id
    )
    return found


def of_period(db: Reading, partner_id: str, since: datetime, until: datetime) -> list[Handover]:
    """What came to a partner from one moment (included) to another (not included), the oldest first."""
    rows = db.all(
        f"{HANDOVER} WHERE h.partner_id = :id AND h.created_at >= :since AND h.created_at < :until"
        " ORDER BY h.created_at, h.id",
        id=partner_id,
        since=iso(since),
        until=iso(until),
    )
    return [handover_of(row) for row in rows]


def find(db: Reading, handover_id: str, partner_id: str) -> Handover:
    """One handover of this partner, unopened; `NotThere` for anybody else's."""
    found = handover(db, handover_id)
    if not partner_id or found.partner_id != partner_id:
        raise NotThere
    return found


def by_reference(db: Reading, reference: str, partner_id: str) -> list[Handover]:
    """What a partner has under a code; more than one when she chose two of its services."""
    rows = db.all(
        f"{HANDOVER} WHERE r.reference = :reference AND h.partner_id = :id ORDER BY h.created_at, h.id",
        reference=reference,
        id=partner_id,
    )
    return [handover_of(row) for row in rows]


def opened(
    db: Writing, handover_id: str, member: Person, key: bytes, at: Moment, *, action: str = "referral opened"
) -> Opened:
    """What was sent, opened with the private key of the partner (`people.partner_key()`).

    It is noted in the log as `action`, in the same transaction: nothing is read without it. What was new is
    then seen. Raises `NotThere` for another partner's, `CannotOpen` for another key or a row that was
    tampered with.
    """
    found = find(db, handover_id, member.partner_id)
    record(db, member, action, handover_id, at)
    result = read(db, found, partners.team(member.partner_id), key)
    if found.state == "new":
        changed = changes.move(db, handover_id, "seen", member.username, at, handler_id=member.id)
        result = replace(result, handover=changed, steps=steps_of(db, handover_id))
    return result


def read(db: Reading, found: Handover, reader: str, key: bytes) -> Opened:
    """A handover with its content and notes, for one of its readers; the caller writes it into the log."""
    story: Story | None = None
    notes: list[Note] = []
    if found.sealed is not None:
        story = json.loads(sealing.open_sealed(found.sealed, reader, key, context(found.id)))
        rows = db.all("SELECT * FROM referral_notes WHERE handover_id = :id ORDER BY at, id", id=found.id)
        for row in rows:
            said = json.loads(sealing.open_sealed(row["sealed"], reader, key, note_context(row["id"])))
            notes.append(Note(row["kind"], row["at"], said))
    return Opened(found, consents.find(db, found.consent_id), steps_of(db, found.id), story, notes)


def steps_of(db: Reading, handover_id: str) -> list[Step]:
    """What happened to a handover, in order."""
    rows = db.all(
        "SELECT at, what, why, who FROM referral_steps WHERE handover_id = :id ORDER BY at", id=handover_id
    )
    return [Step(**row) for row in rows]


# Answering --------------------------------------------------------------------------------------------------


def accept(db: Writing, handover_id: str, member: Person, at: Moment) -> Handover:
    """The partner takes it on. This and what follows raise `Moved` when a colleague was first, `NotThere`."""
    return _move(db, handover_id, member, "accepted", at)


def ask(db: Writing, handover_id: str, member: Person, question: str, at: Moment) -> Handover:
    """It asks her something first, by a code of `steps.QUESTIONS`; she answers at any screen.

    Not when her story is wiped: an answer could be kept nowhere.
    """
    found = find(db, handover_id, member.partner_id)
    if found.sealed is None:
        raise Moved(found.state)
    return _move(db, handover_id, member, "asking", at, _known(question, steps.QUESTIONS))


def decline(db: Writing, handover_id: str, member: Person, reason: str, at: Moment) -> Handover:
    """It cannot help, for a code of `steps.REASONS`."""
    return _move(db, handover_id, member, "declined", at, _known(reason, steps.REASONS))


def contacted(db: Writing, handover_id: str, member: Person, at: Moment) -> Handover:
    """It has spoken to her; that it took her on goes without saying."""
    return _move(db, handover_id, member, "contacted", at)


def close(db: Writing, handover_id: str, member: Person, outcome: str, at: Moment) -> Handover:
    """It is done, with a code of `steps.OUTCOMES`."""
    return _move(db, handover_id, member, "closed", at, _known(outcome, steps.OUTCOMES))


def propose_passing(
    db: Writing, handover_id: str, member: Person, to_partner: str, service_id: str, at: Moment
) -> Handover:
    """It would pass her on to a service of another partner; nothing is passed before she says yes to that.

    Raises `sending.NotTaking`; `ValueError` when this is no service of that partner.
    """
    found = find(db, handover_id, member.partner_id)
    if to_partner == found.partner_id or found.sealed is None:
        raise ValueError("this cannot be passed on to there")
    sending.check_taking(db, to_partner, service_id)
    db.run(
        "UPDATE referral_handovers SET passing_to = :partner, passing_service_id = :service,"
        " passing_service = :name, passing_consent = NULL WHERE id = :id",
        partner=to_partner,
        service=service_id,
        name=directory.find(db, service_id).name,
        id=handover_id,
    )
    return _move(db, handover_id, member, "passing", at)


def drop_passing(db: Writing, handover_id: str, member: Person, at: Moment) -> Handover:
    """It does not pass her on after all."""
    found = find(db, handover_id, member.partner_id)
    if found.state != "passing":
        raise Moved(found.state)
    return changes.move(
        db, handover_id, resting_state(found), member.username, at, handler_id=member.id, back=True
    )


def complete_passing(db: Writing, handover_id: str, member: Person, key: bytes, at: Moment) -> Handover:
    """Pass on the part that she said yes to, sealed anew for the other partner; the new handover.

    Raises `Moved` while there is no yes, or when she took it back; `sending.NotTaking`, `CannotOpen`, and
    `sending.NoExpressYes` for a special topic in it that she did not say yes to.
    """
    found = find(db, handover_id, member.partner_id)
    if found.state != "passing" or not found.passing_consent or found.sealed is None:
        raise Moved(found.state)
    consent = consents.find(db, found.passing_consent)
    if not consent.holds:
        raise Moved(found.state)
    sending.check_taking(db, consent.partner_id, consent.service_id)
    record(db, member, "referral passed on", handover_id, at)
    content = read(db, found, partners.team(member.partner_id), key)
    told = {item: value for item, value in (content.told or {}).items() if item in consent.items}
    sending.check_express_yes(consent, special(told))
    new_id = sending.hand_over(
        db, found.referral_id, consent.id, told, at, desk=found.desk_reads, who=member.username,
        passed_from=found.id,
    )  # fmt: skip
    changes.move(db, handover_id, "passed", member.username, at, handler_id=member.id)
    return handover(db, new_id)


def refer_in(db: Writing, member: Person, sent: Sending, *, branch: str, at: Moment) -> Sent:
    """A partner refers a person, with her yes, so that she need not start again; the receipt to give her.

    It has the code and no PIN: with a PIN the partner could see and take back what goes to others. She gets
    hers at the desk of a library. `branch` is the library branch that looks after it. Who was with her and
    who referred her is written down, whatever `sent` says. Raises what `sending.send` raises.
    """
    if not member.partner_id or sent.agreed_by == "self":
        raise ValueError("a partner refers with the person's own yes")
    signed = replace(sent, filled_by="partner", witness=member.username, from_partner=member.partner_id)
    receipt = sending.send(
        db, signed, branch=branch, kiosk_id="", settings=at.settings, service_key=at.service_key, now=at.now
    )
    record(db, member, "person referred", receipt.id, at)
    return receipt


def referred_with(db: Reading, beginning: str) -> tuple[str, str] | None:
    """The one-time key that begins so, up to a colon, and the reference of what was sent with it; or None."""
    row = db.maybe(
        "SELECT one_time_key, reference FROM referrals WHERE one_time_key > :first AND one_time_key < :last",
        first=f"{beginning}:",
        last=f"{beginning};",
    )
    return None if row is None else (row["one_time_key"], row["reference"])


def given_here(member: Person, branch_id: str, at: Moment, agreed_by: str) -> Given:
    """How a consent was given that a partner writes down for a person who is with it."""
    return Given(branch_id, "", at.now, "partner", agreed_by, member.username)


def record(db: Writing, person: Person, action: str, subject_id: str, at: Moment) -> None:
    """Write into the log what somebody does with a referral."""
    audit.record(
        db,
        at.service_key,
        who=person.username,
        role=person.role.value,
        action=action,
        subject="referral",
        subject_id=subject_id,
    )


def _move(db: Writing, handover_id: str, member: Person, state: str, at: Moment, why: str = "") -> Handover:
    find(db, handover_id, member.partner_id)
    return changes.move(db, handover_id, state, member.username, at, why=why, handler_id=member.id)


def _known(code: str, choices: tuple[Any, ...]) -> str:
    if code not in {each.code for each in choices}:
        raise ValueError(code)
    return code


def _in(tab: str) -> str:
    """In SQL: the handover `h` is in this list."""
    states = ", ".join(f"'{state}'" for state in TABS[tab])
    return f"h.state IN ({states})"
