"""What can be counted of referrals without saying anything about a person: how soon, how it ended, why not.

Somebody could be known by a small number, and a small number can be worked out from large ones: from a sum
and its other parts, from all branches and all but one, from three months and two of them. So every number is
told in fives, rounded down, and below five nothing is told, not even whether it is none; and a sum is never
told so high that its parts could be nothing but the highest that they may be. Time is told in whole months
that are over.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from kiosk.people import partners
from kiosk.settings import effective
from kiosk.store import Reading, Row
from kiosk.support.referrals.records import iso

FEWEST = 5
"""Smaller numbers are hidden, and larger ones are told in steps of it."""
_LAST = 20
"""So many of the last handovers say how soon a partner replies."""

Number = int | None
"""So many people or more, a multiple of five; None where it is hidden: fewer than five, perhaps none."""


@dataclass(frozen=True)
class OfPartner:
    """What came of the handovers to one partner in a period; `None` is a number too small to tell.

    `partner_id` is '' for the library itself, to which partners refer; `partner` is then its name.

    `answered_in_time` are those that were answered by when they should have been; `hours` the median until
    the first answer, None where fewer than five were answered. `reasons` and `outcomes` are by their codes,
    only those with a number that is told.
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
    reasons: dict[str, int]
    outcomes: dict[str, int]


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

    Of one branch, or of all when `branch_id` is empty. Every partner is listed, whether anything was sent to
    it or not; those that have ended only with a number that is told. Where there are partners the library is
    the last, with what they referred to it. The caller asks for whole months:
    shorter times, side by side, would tell what a month does not.
    """
    rows = db.all(
        "SELECT h.*, r.branch_id,"  # a step stays, whatever is done afterwards
        " EXISTS (SELECT 1 FROM referral_steps s WHERE s.handover_id = h.id AND s.what = 'reminded')"
        " AS was_reminded,"
        " EXISTS (SELECT 1 FROM referral_steps s WHERE s.handover_id = h.id AND s.what = 'nobody-called')"
        " AS nobody_called"
        " FROM referral_handovers h JOIN referrals r ON r.id = h.referral_id"
        " WHERE h.created_at >= :since AND h.created_at < :until AND (:branch = '' OR r.branch_id = :branch)",
        since=iso(since),
        until=iso(until),
        branch=branch_id,
    )
    by_partner: dict[str | None, list[Row]] = {}
    for row in rows:
        by_partner.setdefault(row["partner_id"], []).append(row)
    found = [
        (each.ended, _of_partner(each.id, each.name, by_partner.get(each.id, [])))
        for each in partners.every(db)
    ]
    shown = [each for ended, each in found if each.sent is not None or not ended]
    ours = _of_partner("", effective(db).library_name, by_partner.get(None, []))
    return sorted(shown, key=lambda each: each.partner.casefold()) + ([ours] if shown else [])


def told(number: int, *divisions: Iterable[int]) -> Number:
    """A number of people as it may be told, where it is also told in parts.

    Each of `divisions` holds the numbers of all parts of one way to divide it: by branch, or by reason. When
    all parts together can hardly be more than what would be told, less is told: each part could then be four
    less than the highest that it may be.
    """
    for parts in divisions:
        highest = sum(part - part % FEWEST + FEWEST - 1 for part in parts)
        number = min(number, max(highest - (FEWEST - 1), 0))
    return number - number % FEWEST or None


def _of_partner(partner_id: str, name: str, rows: list[Row]) -> OfPartner:
    def count(counts: Callable[[Row], bool], *, by: str = "") -> Number:
        """How many of the rows count, where that is told by branch, and perhaps by another column."""
        found = [row for row in rows if counts(row)]
        divisions = [Counter(row[column] for row in found).values() for column in ("branch_id", by) if column]
        return told(len(found), *divisions)

    def at(column: str) -> Number:
        return count(lambda row: row[column] is not None)

    def in_state(state: str, *, by: str = "") -> Number:
        return count(lambda row: row["state"] == state, by=by)

    def by_why(state: str) -> dict[str, int]:
        def with_code(code: str) -> Number:
            return count(lambda row: row["state"] == state and row["why"] == code)

        codes = sorted({row["why"] for row in rows if row["state"] == state})
        return {code: number for code in codes if (number := with_code(code)) is not None}

    def is_answered(row: Row) -> bool:
        return row["answered_at"] is not None and row["why"] != "no-answer"

    return OfPartner(
        partner_id=partner_id,
        partner=name,
        sent=count(lambda row: True),
        answered=count(is_answered),
        answered_in_time=count(lambda row: is_answered(row) and bool(row["in_time"])),
        accepted=at("accepted_at"),
        contacted=at("contacted_at"),
        closed=in_state("closed", by="why"),
        declined=in_state("declined", by="why"),
        passed_on=in_state("passed"),
        withdrawn=in_state("withdrawn"),
        reminded=count(lambda row: bool(row["was_reminded"])),
        nobody_called=count(lambda row: bool(row["nobody_called"])),
        hours=_median_hours([row for row in rows if is_answered(row)]),
        reasons=by_why("declined"),
        outcomes=by_why("closed"),
    )


def _median_hours(rows: list[Row]) -> float | None:
    if len(rows) < FEWEST:
        return None
    waited = [
        datetime.fromisoformat(row["answered_at"]) - datetime.fromisoformat(row["created_at"]) for row in rows
    ]
    return statistics.median(each.total_seconds() / 3600 for each in waited)
