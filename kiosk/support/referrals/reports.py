"""What can be counted of referrals without saying anything about a person: how soon, how it ended, why not.

Numbers below five are not told: somebody could be known by them.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from kiosk.people import partners
from kiosk.store import Reading, Row
from kiosk.support.referrals.records import iso

FEWEST = 5
"""Smaller numbers are hidden."""
_LAST = 20
"""So many of the last handovers say how soon a partner replies."""

Number = int | None
"""A number of people, or None where it is hidden: it lies between 1 and 4."""


@dataclass(frozen=True)
class OfPartner:
    """What came of the handovers to one partner in a period; `None` is a number too small to tell.

    `answered_in_time` are those that were answered by when they should have been; `hours` the median until
    the first answer, None where fewer than five were answered. `reasons` and `outcomes` are by their codes.
    """

    partner_id: str
    partner: str
    sent: Number
    answered: Number
    answered_in_time: Number
    accepted: Number
    contacted: Number
    closed: Number
    declined: Number
    passed_on: Number
    withdrawn: Number
    reminded: Number
    nobody_called: Number
    hours: float | None
    reasons: dict[str, Number]
    outcomes: dict[str, Number]


def reply_time(db: Reading, partner_id: str) -> float | None:
    """How soon a partner replies: the median in hours over its last handovers; None below five answers."""
    rows = db.all(
        "SELECT created_at, answered_at FROM referral_handovers WHERE partner_id = :id"
        " AND answered_at IS NOT NULL AND why <> 'no-answer' ORDER BY answered_at DESC LIMIT :most",
        id=partner_id,
        most=_LAST,
    )
    return _median_hours(rows)


def of_period(db: Reading, since: datetime, until: datetime, branch_id: str = "") -> list[OfPartner]:
    """What came of all that was sent from one moment (included) to another (not), by partner.

    Of one branch, or of all when `branch_id` is empty. Partners to whom nothing was sent are left out.
    """
    rows = db.all(
        "SELECT h.* FROM referral_handovers h JOIN referrals r ON r.id = h.referral_id"
        " WHERE h.created_at >= :since AND h.created_at < :until AND (:branch = '' OR r.branch_id = :branch)",
        since=iso(since),
        until=iso(until),
        branch=branch_id,
    )
    by_partner: dict[str, list[Row]] = {}
    for row in rows:
        by_partner.setdefault(row["partner_id"], []).append(row)
    names = {each.id: each.name for each in partners.every(db)}
    found = [_of_partner(each, names[each], its) for each, its in by_partner.items()]
    return sorted(found, key=lambda each: each.partner.casefold())


def shown(number: int) -> Number:
    """A number of people as it may be told: None for 1 to 4."""
    return None if 0 < number < FEWEST else number


def _of_partner(partner_id: str, name: str, rows: list[Row]) -> OfPartner:
    def at(column: str) -> Number:
        return shown(sum(row[column] is not None for row in rows))

    def in_state(state: str) -> Number:
        return shown(sum(row["state"] == state for row in rows))

    answered = [row for row in rows if row["answered_at"] and row["why"] != "no-answer"]
    return OfPartner(
        partner_id=partner_id,
        partner=name,
        sent=shown(len(rows)),
        answered=shown(len(answered)),
        answered_in_time=shown(sum(row["answered_at"] <= row["due_at"] for row in answered)),
        accepted=at("accepted_at"),
        contacted=at("contacted_at"),
        closed=in_state("closed"),
        declined=in_state("declined"),
        passed_on=in_state("passed"),
        withdrawn=in_state("withdrawn"),
        reminded=at("reminded_at"),
        nobody_called=at("nobody_called_at"),
        hours=_median_hours(answered),
        reasons=_by_why(row for row in rows if row["state"] == "declined"),
        outcomes=_by_why(row for row in rows if row["state"] == "closed"),
    )


def _by_why(rows: Iterable[Row]) -> dict[str, Number]:
    numbers: dict[str, int] = {}
    for row in rows:
        numbers[row["why"]] = numbers.get(row["why"], 0) + 1
    return {why: shown(number) for why, number in sorted(numbers.items())}


def _median_hours(rows: list[Row]) -> float | None:
    if len(rows) < FEWEST:
        return None
    waited = [
        datetime.fromisoformat(row["answered_at"]) - datetime.fromisoformat(row["created_at"]) for row in rows
    ]
    return statistics.median(each.total_seconds() / 3600 for each in waited)
