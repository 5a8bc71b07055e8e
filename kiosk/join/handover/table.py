"""The generic table: every finished join as a line of a CSV file, for any system with a mapping of columns.

Answers that were touched stand in their codes (`large-print`), as they are kept.
"""

from __future__ import annotations

from collections.abc import Iterable

from kiosk.join.handover import Member, Reason, dialled
from kiosk.spreadsheets import BOM, as_csv

COLUMNS = (
    "code",
    "card",
    "temporary_card",
    "membership",
    "holds_until",
    "first_name",
    "family_name",
    "born",
    "age",
    "years",
    "guardian",
    "neighbour",
    "until",
    "agreed",
    "filled_by",
    "times",
    "door",
    "likes",
    "contact",
    "phone",
    "email",
    "address",
    "postcode",
    "postcode_checked",
    "home",
    "needs",
    "language",
    "branch",
    "finished",
)


def cannot_go(_member: Member) -> Reason | None:
    """The table takes everybody."""
    return None


def row(member: Member) -> dict[str, str]:
    """One line: empty where nothing is known; what may be several is joined by `; `."""
    said = member.answers
    return {
        "code": member.reference,
        "card": said.card,
        "temporary_card": member.temporary_card,
        "membership": member.membership,
        "holds_until": member.holds_until.isoformat(),
        "first_name": said.first_name,
        "family_name": said.family_name,
        "born": said.born,
        "age": said.age_band,
        "years": said.years,
        "guardian": said.guardian,
        "neighbour": said.neighbour,
        "until": said.until,
        "agreed": said.agreed,
        "filled_by": said.filled_by,
        "times": "; ".join(said.times),
        "door": said.door,
        "likes": "; ".join(said.likes),
        "contact": said.contact,
        "phone": dialled(said.phone) if said.phone else "",
        "email": said.email,
        "address": said.address,
        "postcode": said.postcode,
        "postcode_checked": "yes" if said.postcode_checked else "no",
        "home": said.home,
        "needs": "; ".join(said.needs),
        "language": member.language,
        "branch": member.branch,
        "finished": member.finished_on.isoformat(),
    }


def written(members: Iterable[Member]) -> bytes:
    """The file, in UTF-8 with a byte order mark."""
    return (BOM + as_csv(COLUMNS, map(row, members))).encode()
