"""The blueprint of the desk's pages about referrals, and whom they are for."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, current_app

from kiosk.people import Role, current_person, staff_only
from kiosk.settings import effective
from kiosk.store import Reading
from kiosk.support.referrals.records import Moment

blueprint = Blueprint("support_desk", __name__, url_prefix="/staff/support")
for_openers = staff_only(Role.BRANCH, Role.MANAGER)
for_managers = staff_only(Role.MANAGER)


def own_branch() -> str:
    """The branch whose referrals this person sees; empty for every branch."""
    person = current_person()
    return "" if person.sees_every_branch else person.branch_id


def moment(db: Reading) -> Moment:
    """What every change of a referral needs."""
    return Moment(effective(db), current_app.config["SERVICE_KEY"], datetime.now(UTC))
