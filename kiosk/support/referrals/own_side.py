"""What a person does with her referral afterwards, at any screen with her code, or with staff beside her.

Nothing here opens what she told: she can take it back, add to it and answer, but not read it on a screen.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import current_app

from kiosk import outbox, rounds, sealing
from kiosk.people import accounts, partners
from kiosk.store import Writing
from kiosk.support.referrals import changes, consents, news, sending
from kiosk.support.referrals import story as stories
from kiosk.support.referrals.consents import Choice, Given
from kiosk.support.referrals.records import (
    Handover,
    Moment,
    Referral,
    handover,
    handovers_of,
    iso,
    referral,
    step,
)
from kiosk.support.referrals.steps import Moved

SAID_AGAIN = timedelta(days=1)
"""From then on she can say again that nobody called."""
LONGEST_ANSWER = stories.LONGEST_WORDS


def withdraw(
    db: Writing, handover_id: str, at: Moment, *, how: str = "touch", who: str = "person"
) -> Handover:
    """She takes her yes to one partner back: its copy is wiped at once, and it sees that it was taken back.

    `how` is a code of `steps.METHODS`; `who` person, or the user name of who does it for her. A second time
    nothing happens. A yes to passing it on, which nobody has acted on yet, goes with it. `NotThere`.
    """
    before = handover(db, handover_id)
    if before.state == "withdrawn":
        return before
    consents.withdraw(db, before.consent_id, how, at.now)
    if before.passing_consent and before.state != "passed":
        consents.withdraw(db, before.passing_consent, how, at.now)
    after = changes.move(db, handover_id, "withdrawn", who, at, tells=False)
    news.tell_partner(db, after, "partner-new", at)
    return after


def shut_staff_out(db: Writing, referral_id: str, at: Moment, *, how: str = "touch") -> None:
    """She takes back that staff of the library may read along: what is there opens for partners alone."""
    for consent in consents.of_referral(db, referral_id):
        if consent.purpose == "staff-may-read":
            consents.withdraw(db, consent.id, how, at.now)
    rounds.shred_soon(current_app)
    for each in handovers_of(db, referral_id):
        if not each.desk_reads:
            continue
        db.run(
            "UPDATE referral_handovers SET desk_reads = 0, sealed = :sealed WHERE id = :id",
            sealed=None if each.sealed is None else _without_desk(each.sealed),
            id=each.id,
        )
        for note in db.all("SELECT id, sealed FROM referral_notes WHERE handover_id = :id", id=each.id):
            db.run(
                "UPDATE referral_notes SET sealed = :sealed WHERE id = :id",
                sealed=_without_desk(note["sealed"]),
                id=note["id"],
            )


def _without_desk(sealed: bytes) -> bytes:
    try:
        return sealing.without_reader(sealed, accounts.DESK)
    except sealing.CannotOpen:  # it is damaged: nobody reads it any more, and she must not be kept waiting
        return sealed


def add_reach(
    db: Writing,
    referral_id: str,
    reach: list[dict[str, str]],
    safety: Mapping[str, Any],
    at: Moment,
    *,
    who: str = "person",
) -> int:
    """Add how to reach her, and what is safe, for every partner that still has her story; how many hear it.

    Both are shaped as in `story`. Raises `story.NotAStory`, `NotThere`.
    """
    told = stories.checked_reach(reach, safety)
    open_ones = [each for each in handovers_of(db, referral_id) if each.is_open and each.sealed is not None]
    for each in open_ones:
        _note(db, each, "reach", told, at, who)
    told_by_library = stories.is_told_by_library(told["reach"])
    db.run(
        "UPDATE referrals SET via_library = :via, to_tell_at = CASE WHEN :via THEN to_tell_at END"
        " WHERE id = :id",
        via=int(told_by_library),
        id=referral_id,
    )
    return len(open_ones)


def set_news(
    db: Writing,
    referral_id: str,
    way: str,
    to: str,
    at: Moment,
    *,
    said: Choice | None = None,
    given: Given | None = None,
) -> Referral:
    """Choose where neutral news goes: email or text and its address, or '' and '' for none. `ValueError`.

    `said` is her yes to that with its words, and `given` where she gave it; none of both takes hers back.
    What has not gone to where they went before does not go any more, and nothing of that stays on the disk.
    """
    sending.check_news(way, to, said)
    if outbox.take_back(db, "news", "support", referral_id) or referral(db, referral_id).sealed_to:
        rounds.shred_soon(current_app)
    for consent in consents.of_referral(db, referral_id):
        if consent.purpose == "news" and said is None:
            consents.withdraw(db, consent.id, "touch", at.now)
    if said is not None and given is not None:
        sending.answered_library(db, referral_id, said, given, at, "news")
    sealed = news.seal_contact(to, referral_id, at.service_key) if way else None
    db.run(
        "UPDATE referrals SET news_way = :way, sealed_to = :sealed WHERE id = :id AND over_at IS NULL",
        way=way,
        sealed=sealed,
        id=referral_id,
    )
    return referral(db, referral_id)


def answer(db: Writing, handover_id: str, text: str, language: str, at: Moment) -> Handover:
    """She answers what a partner asked, in own words in a language (a tag). Raises `Moved`, `ValueError`."""
    if not 0 < len(text) <= LONGEST_ANSWER:
        raise ValueError("an answer has 1 to 500 letters")
    before = handover(db, handover_id)
    if before.state != "asking" or before.sealed is None:
        raise Moved(before.state)
    _note(db, before, "answer", {"to": before.why, "text": text, "language": language}, at, "person")
    return changes.move(db, handover_id, resting_state(before), "person", at, back=True, tells=False)


def nobody_called(db: Writing, handover_id: str, at: Moment) -> Handover:
    """She says that nobody has called: the partner is reminded, and staff of the branch ask after it.

    Said twice within a day it is one. Raises `Moved` when the handover is over.
    """
    before = handover(db, handover_id)
    if not before.is_open:
        raise Moved(before.state)
    if may_say_nobody_called(before, at.now):
        db.run(
            "UPDATE referral_handovers SET nobody_called_at = :now, chase_at = :now, changed_at = :now,"
            " version = version + 1 WHERE id = :id",
            now=iso(at.now),
            id=handover_id,
        )
        step(db, handover_id, "nobody-called", "person", at.now)
        news.tell_partner(db, handover(db, handover_id), "partner-late", at)
    return handover(db, handover_id)


def may_say_nobody_called(one: Handover, now: datetime) -> bool:
    """Whether it says anything new that nobody has called."""
    said = one.nobody_called_at
    return not said or datetime.fromisoformat(said) + SAID_AGAIN <= now


def say_to_passing(db: Writing, handover_id: str, choice: Choice, given: Given, at: Moment) -> Handover:
    """Her yes or no to another partner, to which this one would pass her on; without a yes it goes nowhere.

    `choice` names that partner and its service, and the items that she leaves in: those of this handover or
    fewer. Which of her needs are passed on cannot be chosen, because they are sealed: all, or nothing. After
    a yes the partner that has her story passes that part on, in the time that it has for an answer. Raises
    `Moved`, `ValueError`, and for a yes what `sending.send` raises.
    """
    before = handover(db, handover_id)
    if before.state != "passing" or before.passing_consent or before.sealed is None:
        raise Moved(before.state)
    if (choice.partner_id, choice.service_id) != (before.passing_to, before.passing_service_id):
        raise ValueError("another partner was named")
    if choice.needs:
        raise ValueError("her needs are sealed, and go together")
    items = tuple(item for item in before.items if item in {*choice.items, *stories.REQUIRED})
    special = consents.find(db, before.consent_id).special
    if choice.yes:
        sending.check_taking(db, choice.partner_id, choice.service_id)
        sending.check_express_yes(choice, special)
    choice = replace(choice, special=sending.agreed_topics(choice, special))
    consent_id = sending.answered(db, before.referral_id, choice, given, at, items, "passing-on")
    if not choice.yes:
        who = given.witness or "person"
        after = changes.move(db, handover_id, resting_state(before), who, at, back=True, tells=False)
    else:
        db.run(
            "UPDATE referral_handovers SET passing_consent = :consent, changed_at = :now,"
            " version = version + 1 WHERE id = :id",
            consent=consent_id,
            now=iso(at.now),
            id=handover_id,
        )
        changes.begin_again(db, before, at)
        step(db, handover_id, "passing-yes", given.witness or "person", at.now)
        after = handover(db, handover_id)
    news.tell_partner(db, after, "partner-new", at)
    return after


def take_passing_back(db: Writing, handover_id: str, at: Moment, *, how: str = "touch") -> Handover:
    """She takes back her yes to the other partner, before anything was passed on. Raises `Moved`.

    What was passed on already is a handover of its own, with a consent of its own: see `withdraw`.
    """
    before = handover(db, handover_id)
    if before.state != "passing" or not before.passing_consent:
        raise Moved(before.state)
    consents.withdraw(db, before.passing_consent, how, at.now)
    after = changes.move(db, handover_id, resting_state(before), "person", at, back=True, tells=False)
    news.tell_partner(db, after, "partner-new", at)
    return after


def resting_state(before: Handover) -> str:
    """Where a handover is again when a question is answered, or nothing comes of passing it on."""
    if before.contacted_at:
        return "contacted"
    return "accepted" if before.accepted_at else "seen"


def _note(db: Writing, to: Handover, kind: str, said: dict[str, Any], at: Moment, who: str) -> None:
    """Seal something for those who read a handover."""
    note_id = secrets.token_hex(16)
    plain = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    readers = partners.readers(db, to.partner_id, desk=to.desk_reads)
    db.insert(
        "referral_notes",
        id=note_id,
        handover_id=to.id,
        kind=kind,
        sealed=sealing.seal(plain, readers, note_context(note_id)),
        at=iso(at.now),
    )
    db.run(
        "UPDATE referral_handovers SET changed_at = :now, version = version + 1 WHERE id = :id",
        now=iso(at.now),
        id=to.id,
    )
    db.run("UPDATE referrals SET changed_at = :now WHERE id = :id", now=iso(at.now), id=to.referral_id)
    step(db, to.id, f"{kind}-added", who, at.now)
    news.tell_partner(db, handover(db, to.id), "partner-new", at)


def note_context(note_id: str) -> str:
    """What binds a sealed note to its row."""
    return f"referral_notes|{note_id}|sealed|1"
