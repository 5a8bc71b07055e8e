"""Evergreen: pending patrons, the rows of its staging tables, which its staff look through and take over.

Classes and fields are named as in Evergreen's IDL: `stgu` the user, `stgc` the card, `stgma` the address.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from kiosk.join.handover import Member, Reason

COUNTRY = "GB"
"""Always sent with an address: Evergreen would take it for one in the United States."""


def cannot_go(member: Member) -> Reason | None:
    if not member.settings.evergreen_library:
        return Reason.NO_BRANCH_CODE
    return None if member.answers.card else Reason.NO_CARD


def pending_patron(member: Member) -> dict[str, dict[str, Any]]:
    """The rows of one pending patron, by class; they belong together by `usrname`, the number of the card.

    Without a postcode, which Evergreen needs in every address, there is no row for the address.
    """
    said = member.answers
    given, family = member.given_and_family_name
    user = {
        "usrname": said.card,
        "first_given_name": given,
        "family_name": family,
        "email": said.email,
        "day_phone": said.phone,
        "dob": member.whole_birth,
    }
    rows: dict[str, dict[str, Any]] = {
        "stgu": {**_said(user), "home_ou": member.settings.evergreen_library},
        "stgc": {"usrname": said.card, "barcode": said.card},
    }
    if said.postcode:
        place = {"street1": said.address, "post_code": said.postcode, "country": COUNTRY}
        rows["stgma"] = {"usrname": said.card, **_said(place)}
    return rows


def written(members: Iterable[Member]) -> bytes:
    """A JSON list of pending patrons."""
    return json.dumps([pending_patron(each) for each in members], ensure_ascii=False, indent=2).encode()


def _said(values: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
