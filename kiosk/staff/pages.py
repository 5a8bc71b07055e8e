"""The blueprint of these pages, and where staff begin."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, url_for

from kiosk.people import Role, current_person, door, staff_only

pages = Blueprint("staff", __name__, url_prefix="/staff")
door.hang(pages, staff_only)


@pages.get("/")
@staff_only()
def home() -> Any:
    """To what this person is here for: the board, or for those who open nothing, the people."""
    first = "staff.everybody" if current_person().role is Role.ADMINISTRATOR else "staff.board"
    return redirect(url_for(first), 303)
