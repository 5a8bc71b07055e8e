"""What waits for staff, whichever journey it came from, in words that name nobody: the rows of the board.

Those who ask for help come first, in the order in which they are helped; the rest by its age. Each journey
has a function here that says what of it waits, and `SOURCES` names them all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_datetime
from flask import url_for

from kiosk import branches
from kiosk.branches import Branch
from kiosk.events.desk import records as events
from kiosk.help import desk_words, queue
from kiosk.help.desk_words import Flag
from kiosk.help.records import Request
from kiosk.join import desk_records as joins
from kiosk.join.desk_forms import KINDS
from kiosk.languages import _
from kiosk.store import Reading
from kiosk.support.desk import referred
from kiosk.support.referrals import desk_side as referrals
from kiosk.support.referrals.desk_side import Chase

MOST = 6
"""Rows of one kind; how many more there are stands in another row."""


@dataclass(frozen=True)
class Scope:
    """What a board shows: one branch, or with an empty id all. `every_branch`: it answers for all, too."""

    branch_id: str
    every_branch: bool


@dataclass(frozen=True)
class Waits:
    """One row. Nothing in it says who the person is.

    `address` is where staff act on it; `since` when it began to wait, None where that says nothing.
    `request` is set for somebody who asks for help, who can be taken from the board: `unanswered` while
    nobody has seen it, `needed` while somebody must go there now. The board sounds once for each of the
    `alarms`, however many others wait.
    """

    id: str
    icon: str
    what: str
    address: str
    how: str = ""
    where: str = ""
    language: str = ""
    flags: tuple[Flag, ...] = ()
    since: datetime | None = None
    state: str = ""
    who: str = ""
    request: Request | None = None
    unanswered: bool = False
    needed: bool = False
    alarms: tuple[str, ...] = ()
    late: int = 0

    def minutes(self, now: datetime) -> int | None:
        """How long it has waited."""
        return None if self.since is None else desk_words.minutes_since(self.since, now)


def asked_for(
    requests: Sequence[Request], scope: Scope, places: Sequence[Branch], now: datetime, person_id: str = ""
) -> list[Waits]:
    """The rows of those who ask for help, out of `queue.unfinished`, in the order of the queue.

    `person_id` is who has the board open: what she has, or is asked to take, is hers wherever it waits.
    """
    shown = [each.id for each in places if scope.branch_id in ("", each.id)]
    by_id = {each.id: each for each in places}
    found = []
    for each in queue.in_order(requests, shown, now, person_id):
        place = by_id[each.from_branch_id]
        found.append(
            Waits(
                id=f"help-{each.id}",
                icon=desk_words.ICONS[each.topic],
                what=str(desk_words.WORDS[each.topic]),
                how=desk_words.way(each, place.time_zone),
                where=_where(place.name if place.id != scope.branch_id else "", each.screen),
                language=desk_words.language_name(each.language),
                flags=tuple(desk_words.flags(each, now)),
                since=None if each.way == "time" else datetime.fromisoformat(each.created_at),
                state=desk_words.state(each, now, place.time_zone),
                who=each.handler,
                address=url_for("help_desk.show", request_id=each.id),
                request=each,
                unanswered=each.is_unanswered(now),
                needed=each.is_needed(now),
                alarms=_alarms(each, now, person_id),
                late=queue.is_late(each, now),
            )
        )
    return found


def _alarms(request: Request, now: datetime, person_id: str) -> tuple[str, ...]:
    """Why the board sounds for a request even if others wait: each of these that it has not said yet."""
    if not request.is_needed(now):
        return ()
    late = queue.is_late(request, now)
    reasons = {
        "quiet": request.is_quiet,
        "due": request.way == "time",
        "asked": bool(request.asked_of) and request.handler_id == person_id,
        f"late-{late}": late > 0,
    }
    return tuple(f"{request.id}-{reason}" for reason, holds in reasons.items() if holds)


def joins_to_finish(db: Reading, scope: Scope, _now: datetime) -> list[Waits]:
    """Those who want to join and whom nobody has looked at."""
    found = [
        Waits(
            id=f"join-{each.id}",
            icon="id-badge-2",
            what=_("Wants to join"),
            how=str(KINDS[each.kind]) if each.kind != "me" else "",
            where=_where("" if scope.branch_id else each.branch, each.screen),
            language=desk_words.language_name(each.language),
            flags=(Flag("copy", _("Perhaps here twice")),) if each.flagged else (),
            since=datetime.fromisoformat(each.created_at),
            address=url_for("join_desk.show", join_id=each.id),
        )
        for each in joins.listed(db, "new", scope.branch_id, most=MOST)
    ]
    more = joins.count(db, "new", scope.branch_id) - len(found)
    if more > 0:
        words = _("More who want to join: %(count)s", count=more)
        found.append(Waits("joins", "id-badge-2", words, url_for("join_desk.joins")))
    return found


def bookings_to_confirm(db: Reading, scope: Scope, now: datetime) -> list[Waits]:
    """Dates with places that are still to be paid, or on offer to somebody who has not answered."""
    every = events.to_confirm(db, scope.branch_id, now)
    found = [
        Waits(
            id=f"bookings-{each.occurrence.id}-{each.state}",
            icon="coin-pound" if each.state == "to-pay" else "ticket",
            what=_("Bookings to be paid: %(count)s", count=each.bookings)
            if each.state == "to-pay"
            else _("Places on offer, not answered: %(count)s", count=each.bookings),
            how=_of_date(each.title, each.occurrence.date.starts),
            since=datetime.fromisoformat(each.since),
            address=url_for("events_desk.sheet", occurrence_id=each.occurrence.id),
        )
        for each in every[:MOST]
    ]
    if len(every) > MOST:
        words = _("More events with bookings to confirm: %(count)s", count=len(every) - MOST)
        found.append(Waits("bookings", "ticket", words, url_for("events_desk.programme")))
    return found


def dates_to_decide(db: Reading, scope: Scope, now: datetime) -> list[Waits]:
    """Dates that left their calendar though people have booked them."""
    every = events.to_decide(db, scope.branch_id, now)
    found = [
        Waits(
            id=f"date-{each.occurrence.id}",
            icon="calendar-off",
            what=_("Gone from its calendar. People who booked: %(count)s", count=each.people),
            how=_of_date(each.title, each.occurrence.date.starts),
            address=url_for("events_desk.show", event_id=each.occurrence.event_id),
        )
        for each in every[:MOST]
    ]
    if len(every) > MOST:
        words = _("More events gone from their calendars: %(count)s", count=len(every) - MOST)
        found.append(Waits("dates", "calendar-off", words, url_for("events_desk.programme")))
    return found


def referrals_to_chase(db: Reading, scope: Scope, now: datetime) -> list[Waits]:
    """What partners have not picked up in time, or where somebody says that nobody has called."""
    places = [scope.branch_id] if scope.branch_id else [each.id for each in branches.every(db)]
    every = referrals.chase(db, places, now)
    found = [
        Waits(
            id=f"referral-{each.handover.id}",
            icon="phone-calling",
            what=_asks_after(each),
            how=each.handover.partner,
            language=desk_words.language_name(each.handover.language),
            since=datetime.fromisoformat(each.since),
            address=url_for("support_desk.referral", handover_id=each.handover.id),
        )
        for each in every[:MOST]
    ]
    if len(every) > MOST:
        words = _("More partners to ask: %(count)s", count=len(every) - MOST)
        found.append(Waits("referrals", "phone-calling", words, url_for("support_desk.referrals")))
    return found


def _asks_after(chase: Chase) -> str:
    if chase.handover.is_of_library:
        return _("The library has not called a person")
    if chase.why == "nobody-called":
        return _("Ask a partner: nobody has called")
    return _("Ask a partner: no answer in time")


def people_to_tell(db: Reading, scope: Scope, _now: datetime) -> list[Waits]:
    """Those who want to hear from staff that there is news of what they told partners."""
    places = [scope.branch_id] if scope.branch_id else [each.id for each in branches.every(db)]
    every = referrals.to_tell(db, places)
    found = [
        Waits(
            id=f"to-tell-{each.referral_id}",
            icon="speakerphone",
            what=_("Tell the person: there is news"),
            language=desk_words.language_name(each.language),
            since=datetime.fromisoformat(each.to_tell_at),
            address=url_for("support_desk.referral", handover_id=each.id),
        )
        for each in every[:MOST]
    ]
    if len(every) > MOST:
        words = _("More people to tell of news: %(count)s", count=len(every) - MOST)
        found.append(Waits("to-tell", "speakerphone", words, url_for("support_desk.referrals")))
    return found


def people_referred(db: Reading, scope: Scope, _now: datetime) -> list[Waits]:
    """Those whom a partner referred to the library; or elsewhere, where staff may read it and have not."""
    places = [scope.branch_id] if scope.branch_id else [each.id for each in branches.every(db)]
    every = [*referrals.of_library(db, places), *referred.unread(db, places)]
    found = [
        Waits(
            id=f"referred-{each.id}",
            icon="message-forward",
            what=_("A partner refers a person to the library")
            if each.is_of_library
            else _("A partner refers a person"),
            language=desk_words.language_name(each.language),
            since=datetime.fromisoformat(each.created_at),
            address=url_for("support_desk.referral", handover_id=each.id),
        )
        for each in every[:MOST]
    ]
    if len(every) > MOST:
        words = _("More people referred by partners: %(count)s", count=len(every) - MOST)
        found.append(Waits("referred", "message-forward", words, url_for("support_desk.referrals")))
    return found


Source = Callable[[Reading, Scope, datetime], list[Waits]]
SOURCES: tuple[Source, ...] = (
    joins_to_finish, bookings_to_confirm, dates_to_decide, referrals_to_chase, people_referred,
    people_to_tell,
)  # fmt: skip
"""What else waits. A journey that has something for staff to act on adds its function here."""


def to_do(db: Reading, scope: Scope, now: datetime) -> list[Waits]:
    """What waits besides those who ask for help, the oldest first."""
    found = [each for source in SOURCES for each in source(db, scope, now)]
    return sorted(found, key=lambda each: each.since or now)


def _where(branch: str, screen: str) -> str:
    return " · ".join(each for each in (branch, screen) if each)


def _of_date(title: str, starts: datetime) -> str:
    return f"{title}, {format_datetime(starts, 'EEE d MMM, HH:mm', tzinfo=starts.tzinfo, locale='en_GB')}"
