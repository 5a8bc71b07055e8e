"""The blueprint of the desk's pages about help, and whom they are for."""

from __future__ import annotations

from flask import Blueprint

from kiosk.people import Role, current_person, staff_only

blueprint = Blueprint("help_desk", __name__, url_prefix="/staff/help")
for_openers = staff_only(Role.BRANCH, Role.MANAGER)


def own_branch() -> str:
    """The branch whose requests this person sees; empty for every branch."""
    person = current_person()
    return "" if person.sees_every_branch else person.branch_id
