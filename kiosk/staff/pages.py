"""The blueprint of these pages, and where staff begin."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, url_for

from kiosk.people import Role, current_person, staff_only

pages = Blueprint("staff", __name__, url_prefix="/staff")


@pages.get("/")
@staff_only()
def home() -> Any:
    """To what this person is here for: the joins, or for those who open none, the people."""
    first = "staff.everybody" if current_person().role is Role.ADMINISTRATOR else "join_desk.joins"
    return redirect(url_for(first), 303)
