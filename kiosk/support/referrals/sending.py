"""What a person told leaves the screen: sealed for each partner she said yes to, the part she agreed to.

The whole story stands in no row; a no leaves its consent record and nothing else.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from kiosk import references, sealing
from kiosk.people import partners
from kiosk.settings import Settings
from kiosk.store import Reading, Writing
from kiosk.support.directory import records as directory
from kiosk.support.referrals import changes, consents, news
from kiosk.support.referrals import story as stories
from kiosk.support.referrals.consents import LIBRARY, Choice, Consent, Given
from kiosk.support.referrals.records import Moment, context, handover, iso, pin, referral, step
from kiosk.support.referrals.story import Story

NEWS_WAYS = ("email", "text")


class TooMany(Exception):
    """More referrals came from one screen in an hour than the library lets through."""


class NotTaking(Exception):
    """Nothing can be sent to this partner now: it has ended, pauses, is full, or nobody could open it."""

    def __init__(self, partner_id: str) -> None:
        super().__init__(partner_id)
        self.partner_id = partner_id


class NoExpressYes(ValueError):
    """A special topic would be sent without the express yes that it needs. `needs` are their codes."""

    def __init__(self, needs: tuple[str, ...]) -> None:
        super().__init__(", ".join(needs))
        self.needs = needs


@dataclass(frozen=True)
class Sending:
    """All that leaves the screen at the end of telling.

    `choices` has her yes or no to every partner that she was asked about, and with `LIBRARY` as partner to
    staff reading along, if that was asked. `filled_by` and `agreed_by` are codes of `story.FILLED_BY` and
    `story.AGREED_BY`; `witness` is the user name of staff who were with her, if any. `message_way` (email or
    text) and `message_to` are for neutral news, both empty when she wants none; `news` is her yes to them,
    with `LIBRARY` as partner. `from_partner`: the id of the partner that refers her in; `to_library` is her
    yes or no to its referring her to the library itself, again with `LIBRARY` as partner.
    """

    one_time_key: str
    story: Story = field(repr=False)
    language: str
    choices: tuple[Choice, ...]
    filled_by: str = "self"
    agreed_by: str = "self"
    witness: str = ""
    message_way: str = ""
    message_to: str = field(default="", repr=False)
    news: Choice | None = None
    from_partner: str = ""
    to_library: Choice | None = None


@dataclass(frozen=True)
class Sent:
    """What a receipt shows: the code and the PIN.

    `pin` is empty for whom a partner has referred: it would open more than what that partner may see. She
    gets one from staff of the library, see `records.new_pin`.
    """

    id: str
    reference: str
    pin: str = field(repr=False)


def send(
    db: Writing,
    sending: Sending,
    *,
    branch: str,
    kiosk_id: str,
    settings: Settings,
    service_key: bytes,
    now: datetime,
) -> Sent:
    """Keep what she agreed to, sealed for each partner, and every yes and no. Sent again: the first receipt.

    Sealing stands inside the transaction, at less than a millisecond for each partner: the key of a partner
    could otherwise change between the two, and nobody there could open it. Raises `TooMany`, `NotTaking`,
    `NoExpressYes`, `story.NotAStory`, and `ValueError` for choices that make no sense.
    """
    earlier = already_sent(db, sending.one_time_key, service_key)
    if earlier:
        return earlier
    story = stories.checked(sending.story)
    if not sending.witness and not sending.from_partner:  # those who sign in are not counted
        _check_screen(db, kiosk_id, settings, now)
    _check_choices(db, sending, story)
    referral_id, seed = secrets.token_hex(16), secrets.token_bytes(16)
    contact = news.seal_contact(sending.message_to, referral_id, service_key) if sending.message_way else None
    db.insert(
        "referrals",
        id=referral_id,
        one_time_key=sending.one_time_key,
        reference=references.new(),
        pin_seed=seed,
        branch_id=branch,
        kiosk_id=kiosk_id or None,
        from_partner_id=sending.from_partner or None,
        language=sending.language,
        filled_by=sending.filled_by,
        agreed_by=sending.agreed_by,
        news_way=sending.message_way,
        sealed_to=contact,
        via_library=int(stories.is_told_by_library(story["reach"])),
        created_at=iso(now),
        changed_at=iso(now),
    )
    given = Given(branch, kiosk_id, now, sending.filled_by, sending.agreed_by, sending.witness)
    desk = any(each.yes for each in sending.choices if each.partner_id == LIBRARY)
    at = Moment(settings, service_key, now)
    parts = [
        stories.part(story, each.items, each.needs) if each.partner_id else {} for each in sending.choices
    ]
    shared = {item for each, told in zip(sending.choices, parts, strict=True) if each.yes for item in told}
    for choice, told in zip(sending.choices, parts, strict=True):
        if choice.partner_id == LIBRARY:
            answered_library(
                db, referral_id, choice, given, at, "staff-may-read",
                tuple(item for item in stories.ITEM if item in shared),
            )  # fmt: skip
        else:
            _agreed(db, referral_id, choice, told, given, at, desk=desk)
    if sending.to_library is not None:
        told = stories.part(story, sending.to_library.items)
        named = replace(sending.to_library, special=agreed_topics(sending.to_library, stories.special(told)))
        consent_id = answered_library(db, referral_id, named, given, at, "referral", tuple(told))
        if named.yes:
            hand_over(db, referral_id, consent_id, told, at, desk=False)
    if sending.news is not None:
        answered_library(db, referral_id, sending.news, given, at, "news")
    changes.finish(db, referral_id, now)  # after nothing but noes there is no news to come
    return _receipt(db, referral_id, service_key)


def _receipt(db: Reading, referral_id: str, service_key: bytes) -> Sent:
    found = referral(db, referral_id)
    return Sent(found.id, found.reference, "" if found.from_partner_id else pin(found, service_key))


def _agreed(
    db: Writing, referral_id: str, choice: Choice, told: Story, given: Given, at: Moment, *, desk: bool
) -> None:
    """Keep her answer to one partner, and with a yes hand this part over."""
    named = replace(choice, special=agreed_topics(choice, stories.special(told)))
    consent_id = answered(db, referral_id, named, given, at, tuple(told), "referral")
    if choice.yes:
        hand_over(db, referral_id, consent_id, told, at, desk=desk)


def agreed_topics(choice: Choice, sent: Sequence[str]) -> tuple[str, ...]:
    """Of her express yeses those that stand for something that is sent: the proof says no more than that."""
    return tuple(need for need in choice.special if need in sent)


def answered(
    db: Writing,
    referral_id: str,
    choice: Choice,
    given: Given,
    at: Moment,
    items: tuple[str, ...],
    purpose: str,
) -> str:
    """Keep her yes or no to one partner, with the names of it and of its service; the id of the consent."""
    partner, service = partners.find(db, choice.partner_id), directory.find(db, choice.service_id)
    return consents.record(
        db, referral_id, choice, given, purpose=purpose, controller=at.settings.library_name,
        recipient=partner.name, service=service.name, items=items,
    )  # fmt: skip


def answered_library(
    db: Writing,
    referral_id: str,
    choice: Choice,
    given: Given,
    at: Moment,
    purpose: str,
    items: tuple[str, ...] = (),
) -> str:
    """Keep what she said to the library itself; its id.

    May staff read along, does she want news, or may a partner refer her to the library.
    """
    name = at.settings.library_name
    return consents.record(
        db, referral_id, choice, given, purpose=purpose, controller=name, recipient=name, service="",
        items=items,
    )  # fmt: skip


def hand_over(
    db: Writing,
    referral_id: str,
    consent_id: str,
    told: Story,
    at: Moment,
    *,
    desk: bool,
    who: str = "person",
    passed_from: str = "",
) -> str:
    """Seal a part of a story for the partner of a consent, or for the desk, and tell it; the id of that."""
    consent, handover_id = consents.find(db, consent_id), secrets.token_hex(16)
    if not consent.holds or set(told) - set(consent.items):
        raise ValueError("nothing is handed over without a yes to it")
    plain = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    db.insert(
        "referral_handovers",
        id=handover_id,
        referral_id=referral_id,
        consent_id=consent_id,
        partner_id=consent.partner_id or None,
        service_id=consent.service_id,
        service=consent.service,
        state="new",
        passed_from=passed_from or None,
        sealed=sealing.seal(plain, partners.readers(db, consent.partner_id, desk=desk), context(handover_id)),
        desk_reads=int(desk),
        created_at=iso(at.now),
        due_at=iso(changes.due(db, consent.partner_id, consent.branch_id, at)),
        changed_at=iso(at.now),
        wipe_after=iso(at.now + timedelta(days=at.settings.referral_longest_days)),
    )
    step(db, handover_id, "new", who, at.now)
    news.tell_partner(db, handover(db, handover_id), "partner-new", at)
    return handover_id


def already_sent(db: Reading, one_time_key: str, service_key: bytes) -> Sent | None:
    """The receipt of what was sent with this key before."""
    row = db.maybe("SELECT id FROM referrals WHERE one_time_key = :key", key=one_time_key)
    if row is None:
        return None
    return _receipt(db, row["id"], service_key)


def _check_screen(db: Reading, kiosk_id: str, settings: Settings, now: datetime) -> None:
    """What people sent at this screen by themselves; what partners and staff sent keeps nobody waiting."""
    lately = db.value(
        "SELECT COUNT(*) FROM referrals r WHERE COALESCE(r.kiosk_id, '') = :kiosk AND r.created_at > :since"
        " AND r.from_partner_id IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM consents c WHERE c.referral_id = r.id AND c.witness <> '')",
        kiosk=kiosk_id,
        since=iso(now - timedelta(hours=1)),
    )
    if lately >= settings.referrals_an_hour:
        raise TooMany


def _check_choices(db: Reading, sending: Sending, story: Story) -> None:
    asked = [(each.partner_id, each.service_id) for each in sending.choices]
    somebody = sending.to_library is not None or any(partner_id for partner_id, _service in asked)
    if len(set(asked)) != len(asked) or not somebody:
        raise ValueError("each partner is asked about once, and one at least")
    if sending.to_library is not None and sending.to_library.partner_id != LIBRARY:
        raise ValueError("a partner is not the library")
    if sending.to_library is not None and sending.to_library.yes:
        check_express_yes(sending.to_library, stories.special(stories.part(story, sending.to_library.items)))
    check_news(sending.message_way, sending.message_to, sending.news)
    for each in sending.choices:
        if each.partner_id != LIBRARY and each.yes:
            check_taking(db, each.partner_id, each.service_id)
            check_express_yes(each, stories.special(stories.part(story, each.items, each.needs)))


def check_news(way: str, to: str, said: Choice | None) -> None:
    """Neutral news go by e-mail or text to somewhere, with her yes to that, or nowhere. `ValueError`."""
    agreed = said is not None and said.yes and said.partner_id == LIBRARY
    if way not in {"", *NEWS_WAYS} or bool(way) != bool(to) or bool(way) != agreed:
        raise ValueError("news needs a way, where it goes, and a yes")


def check_taking(db: Reading, partner_id: str, service_id: str) -> None:
    """The partner takes referrals for this service now. Raises `NotTaking`, `ValueError`, `NotThere`."""
    service = directory.find(db, service_id)
    if service.partner_id != partner_id:
        raise ValueError("this service takes referrals elsewhere")
    if service.state != "open" or partner_id not in partners.taking(db):
        raise NotTaking(partner_id)


def check_express_yes(choice: Choice | Consent, special: Sequence[str]) -> None:
    """Each of these special topics is sent with a yes of its own. Raises `NoExpressYes`."""
    missing = tuple(need for need in special if need not in choice.special)
    if missing:
        raise NoExpressYes(missing)
