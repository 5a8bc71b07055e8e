"""The blueprint of the partners' pages, their door, and what each of these pages begins with.

Every page takes the partner from who is signed in, and from nowhere else: no address names one.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, current_app

from kiosk.people import current_person, door, partner_only
from kiosk.settings import effective
from kiosk.store import Reading
from kiosk.support.referrals.records import Moment

pages = Blueprint("partner", __name__, url_prefix="/partner")
door.hang(pages, partner_only, partner=True)
for_members = partner_only()


def own() -> str:
    """The id of the partner whose member is signed in."""
    return current_person().partner_id


def moment(db: Reading) -> Moment:
    """What every change of a referral needs."""
    return Moment(effective(db), current_app.config["SERVICE_KEY"], datetime.now(UTC))
