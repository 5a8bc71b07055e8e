"""Koha: a line of its patron import file, and the body of `POST /api/v1/patrons`.

Only columns and keys that every version in use knows: Koha refuses a body with a single key it does not know.
The password is not part of it; staff set it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kiosk.join.handover import Member, Reason, dialled
from kiosk.spreadsheets import as_csv

COLUMNS = (
    "cardnumber",
    "surname",
    "firstname",
    "address",
    "zipcode",
    "email",
    "phone",
    "dateofbirth",
    "branchcode",
    "categorycode",
    "dateenrolled",
    "dateexpiry",
    "borrowernotes",
    "lang",
)
"""Names of columns of Koha's table of borrowers."""


def cannot_go(member: Member) -> Reason | None:
    if not member.settings.koha_library:
        return Reason.NO_BRANCH_CODE
    if not _category(member):
        return Reason.NO_CATEGORY
    if not member.answers.card:
        return Reason.NO_CARD
    return None


def row(member: Member) -> dict[str, str]:
    """One line of the import file; empty where nothing is known."""
    said = member.answers
    given, family = member.given_and_family_name
    return {
        "cardnumber": said.card,
        "surname": family,
        "firstname": given,
        "address": said.address,
        "zipcode": said.postcode,
        "email": said.email,
        "phone": dialled(said.phone) if said.phone else "",
        "dateofbirth": member.whole_birth,
        "branchcode": member.settings.koha_library,
        "categorycode": _category(member),
        "dateenrolled": member.finished_on.isoformat(),
        "dateexpiry": member.holds_until.isoformat(),
        "borrowernotes": member.note,
        "lang": _language(member),
    }


def written(members: Iterable[Member]) -> bytes:
    """The file in UTF-8, without a byte order mark: Koha would read it as part of the first column's name."""
    return as_csv(COLUMNS, map(row, members)).encode()


def body(member: Member) -> dict[str, Any]:
    """What Koha's REST API takes; keys without a value are left out."""
    said = member.answers
    given, family = member.given_and_family_name
    known = {
        "cardnumber": said.card,
        "surname": family,
        "firstname": given,
        "date_of_birth": member.whole_birth,
        "address": said.address,
        "postal_code": said.postcode,
        "email": said.email,
        "phone": dialled(said.phone) if said.phone else "",
        "sms_number": said.phone if said.contact == "text" else "",  # E.164, as senders of texts want it
        "library_id": member.settings.koha_library,
        "category_id": _category(member),
        "date_enrolled": member.finished_on.isoformat(),
        "expiry_date": member.holds_until.isoformat(),
        "lang": _language(member),
        "staff_notes": member.note,
    }
    return {key: value for key, value in known.items() if value}


def _category(member: Member) -> str:
    pairs = (pair.partition("=") for pair in member.settings.koha_categories)
    own = next((theirs.strip() for ours, _equals, theirs in pairs if ours.strip() == member.membership), "")
    if own:
        return own
    of_children = member.settings.koha_child_category
    return of_children if member.is_child and of_children else member.settings.koha_category


def _language(member: Member) -> str:
    """The language of Koha's letters for her, where Koha has it; else empty, and Koha uses its default."""
    pairs = (pair.partition("=") for pair in member.settings.koha_languages)
    return next((theirs.strip() for ours, _equals, theirs in pairs if ours.strip() == member.language), "")
