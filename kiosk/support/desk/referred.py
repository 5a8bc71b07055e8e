"""Who was referred by a partner, and said yes to staff reading it, while nobody here has read it yet."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.store import Reading, Writing
from kiosk.support.referrals.records import HANDOVER, Handover, Moment, handover_of, step
from kiosk.support.referrals.steps import OPEN

READ = "staff-read"
"""The step that says that staff have read it."""


def unread(db: Reading, branch_ids: Sequence[str]) -> list[Handover]:
    """One handover of each such referral at these branches, the longest waiting first."""
    rows = [
        row
        for branch_id in branch_ids
        for row in db.all(
            f"{HANDOVER} WHERE r.branch_id = :branch AND r.from_partner_id IS NOT NULL AND h.desk_reads = 1"
            " AND h.partner_id IS NOT NULL"
            f" AND h.sealed IS NOT NULL AND h.state IN ({_OPEN})"
            " AND NOT EXISTS (SELECT 1 FROM referral_steps s"
            " JOIN referral_handovers o ON o.id = s.handover_id"
            " WHERE o.referral_id = h.referral_id AND s.what = :read)",
            branch=branch_id,
            read=READ,
        )
    ]
    found = sorted(map(handover_of, rows), key=lambda each: (each.created_at, each.id))
    return list({each.referral_id: each for each in reversed(found)}.values())[::-1]


def read(db: Writing, handover_id: str, username: str, at: Moment) -> None:
    """Write down that staff have read it: from then on it is off the board."""
    step(db, handover_id, READ, username, at.now)


_OPEN = ", ".join(f"'{state}'" for state in OPEN)
