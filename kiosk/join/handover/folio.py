"""FOLIO: staging users (mod-users, edge-patron), which its staff look through and take over.

FOLIO writes to a new user by e-mail, so that nobody without one can go this way.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any

import phonenumbers

from kiosk.join.handover import Member, Reason

_MOBILE = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}


def cannot_go(member: Member) -> Reason | None:
    return None if member.answers.email else Reason.NO_EMAIL


def staging_user(member: Member) -> dict[str, Any]:
    """The body of `POST /staging-users`; keys without a value are left out.

    The e-mail is not verified: it was typed at a screen. `externalSystemId` is always the same for a join.
    """
    said = member.answers
    given, family = member.given_and_family_name
    contact = {"email": said.email}
    if said.phone:
        contact["mobilePhone" if _is_mobile(member) else "phone"] = said.phone
    user: dict[str, Any] = {
        "isEmailVerified": False,
        "status": "TIER-1",
        "externalSystemId": str(uuid.UUID(member.join_id, version=4)),
        "generalInfo": {"firstName": given, "lastName": family},
        "contactInfo": contact,
    }
    if member.is_child is not None:
        user["minor"] = member.is_child
    if said.address or said.postcode:
        lines = {"addressLine0": said.address, "zip": said.postcode, "country": "GB"}
        user["addressInfo"] = {key: value for key, value in lines.items() if value}
    return user


def written(members: Iterable[Member]) -> bytes:
    """A JSON list of staging users."""
    return json.dumps([staging_user(each) for each in members], ensure_ascii=False, indent=2).encode()


def _is_mobile(member: Member) -> bool:
    """Whether a text reaches the number: she asked for one, or the number is of that kind."""
    number = phonenumbers.parse(member.answers.phone)
    return member.answers.contact == "text" or phonenumbers.number_type(number) in _MOBILE
