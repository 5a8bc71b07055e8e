"""What a person told leaves the screen: sealed for each partner she said yes to, the part she agreed to.

The whole story stands in no row; a no leaves its consent record and nothing else.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kiosk import branches, references, sealing
from kiosk.people import partners
from kiosk.settings import Settings
from kiosk.store import Reading, Writing
from kiosk.support.directory import records as directory
from kiosk.support.referrals import changes, consents, news
from kiosk.support.referrals import story as stories
from kiosk.support.referrals.consents import LIBRARY, Choice, Given
from kiosk.support.referrals.records import Moment, context, handover, iso, pin, referral, step
from kiosk.support.referrals.story import Story

_WEEKEND = 5
"""Saturday, where Monday is 0."""
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
    text) and `message_to` are for neutral news, both empty when she wants none. `from_partner`: the id of the
    partner that refers her in.
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
    from_partner: str = ""


@dataclass(frozen=True)
class Sent:
    """What a receipt shows: the code and the PIN."""

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
    if not sending.witness and not sending.from_partner:  # those are signed in
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
        created_at=iso(now),
        changed_at=iso(now),
    )
    given = Given(branch, kiosk_id, now, sending.filled_by, sending.agreed_by, sending.witness)
    desk = any(each.yes for each in sending.choices if each.partner_id == LIBRARY)
    for choice in sending.choices:
        if choice.partner_id == LIBRARY:
            consents.record(
                db, referral_id, choice, given, purpose="staff-may-read", recipient=settings.library_name,
                service="", items=(),
            )  # fmt: skip
        else:
            told = stories.part(story, choice.items, choice.needs)
            _agreed(db, referral_id, choice, told, given, Moment(settings, service_key, now), desk=desk)
    changes.finish(db, referral_id, now)  # after nothing but noes there is no news to come
    found = referral(db, referral_id)
    return Sent(found.id, found.reference, pin(found, service_key))


def _agreed(
    db: Writing, referral_id: str, choice: Choice, told: Story, given: Given, at: Moment, *, desk: bool
) -> None:
    """Keep her answer to one partner, and with a yes hand this part over."""
    consent_id = answered(db, referral_id, choice, given, tuple(told), "referral")
    if choice.yes:
        hand_over(db, referral_id, consent_id, told, at, desk=desk)


def answered(
    db: Writing, referral_id: str, choice: Choice, given: Given, items: tuple[str, ...], purpose: str
) -> str:
    """Keep her yes or no to one partner, with the names of it and of its service; the id of the consent."""
    partner, service = partners.find(db, choice.partner_id), directory.find(db, choice.service_id)
    return consents.record(
        db, referral_id, choice, given, purpose=purpose, recipient=partner.name, service=service.name,
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
    """Seal a part of a story for the partner of a consent, and tell it; the id of the handover."""
    consent, handover_id = consents.find(db, consent_id), secrets.token_hex(16)
    if not consent.holds or set(told) - set(consent.items):
        raise ValueError("nothing is handed over without a yes to it")
    partner = partners.find(db, consent.partner_id)
    zone = ZoneInfo(branches.find(db, consent.branch_id).time_zone)
    days = partner.pick_up_days or at.settings.referral_pick_up_days
    plain = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    db.insert(
        "referral_handovers",
        id=handover_id,
        referral_id=referral_id,
        consent_id=consent_id,
        partner_id=consent.partner_id,
        service_id=consent.service_id,
        service=consent.service,
        state="new",
        passed_from=passed_from or None,
        sealed=sealing.seal(plain, partners.readers(db, partner.id, desk=desk), context(handover_id)),
        desk_reads=int(desk),
        created_at=iso(at.now),
        due_at=iso(after_working_days(at.now.astimezone(zone), days)),
        changed_at=iso(at.now),
        wipe_after=iso(at.now + timedelta(days=at.settings.referral_longest_days)),
    )
    step(db, handover_id, "new", who, at.now)
    news.tell_partner(db, handover(db, handover_id), "partner-new", at)
    return handover_id


def after_working_days(moment: datetime, days: int) -> datetime:
    """The same time of day so many working days later, Monday to Friday on this moment's own clock."""
    while days > 0:
        moment += timedelta(days=1)
        days -= moment.weekday() < _WEEKEND
    return moment


def already_sent(db: Reading, one_time_key: str, service_key: bytes) -> Sent | None:
    """The receipt of what was sent with this key before."""
    row = db.maybe("SELECT id FROM referrals WHERE one_time_key = :key", key=one_time_key)
    if row is None:
        return None
    found = referral(db, row["id"])
    return Sent(found.id, found.reference, pin(found, service_key))


def _check_screen(db: Reading, kiosk_id: str, settings: Settings, now: datetime) -> None:
    lately = db.value(
        "SELECT COUNT(*) FROM referrals WHERE COALESCE(kiosk_id, '') = :kiosk AND created_at > :since",
        kiosk=kiosk_id,
        since=iso(now - timedelta(hours=1)),
    )
    if lately >= settings.referrals_an_hour:
        raise TooMany


def _check_choices(db: Reading, sending: Sending, story: Story) -> None:
    asked = [(each.partner_id, each.service_id) for each in sending.choices]
    if len(set(asked)) != len(asked) or not any(partner_id for partner_id, _service in asked):
        raise ValueError("each partner is asked about once, and one at least")
    check_news(sending.message_way, sending.message_to)
    for each in sending.choices:
        if each.partner_id != LIBRARY and each.yes:
            check_taking(db, each.partner_id, each.service_id)
            check_express_yes(each, stories.special(stories.part(story, each.items, each.needs)))


def check_news(way: str, to: str) -> None:
    """Neutral news go by e-mail or text to somewhere, or nowhere. Raises `ValueError`."""
    if way not in {"", *NEWS_WAYS} or bool(way) != bool(to):
        raise ValueError("news needs a way and where it goes")


def check_taking(db: Reading, partner_id: str, service_id: str) -> None:
    """The partner takes referrals for this service now. Raises `NotTaking`, `ValueError`, `NotThere`."""
    service = directory.find(db, service_id)
    if service.partner_id != partner_id:
        raise ValueError("this service takes referrals elsewhere")
    if service.state != "open" or partner_id not in partners.taking(db):
        raise NotTaking(partner_id)


def check_express_yes(choice: Choice, special: Sequence[str]) -> None:
    """Each of these special topics is sent with a yes of its own. Raises `NoExpressYes`."""
    missing = tuple(need for need in special if need not in choice.special)
    if missing:
        raise NoExpressYes(missing)
