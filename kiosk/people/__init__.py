"""Accounts, sign-in, roles, what a role may do: and who holds the key to what residents sent."""

from flask import Flask

from kiosk.people import access, commands
from kiosk.people.access import (
    BEHIND_SIGN_IN,
    MayNotOpen,
    anybody,
    csrf_seed,
    current_person,
    desk_key,
    is_behind_sign_in,
    note,
    open_board,
    partner_key,
    partner_only,
    signed_in,
    staff_only,
    unmarked_views,
)
from kiosk.people.accounts import Person, Role, begin_library, has_begun

__all__ = [
    "BEHIND_SIGN_IN",
    "MayNotOpen",
    "Person",
    "Role",
    "anybody",
    "begin_library",
    "csrf_seed",
    "current_person",
    "desk_key",
    "has_begun",
    "init_app",
    "is_behind_sign_in",
    "note",
    "open_board",
    "partner_key",
    "partner_only",
    "signed_in",
    "staff_only",
    "unmarked_views",
]


def init_app(app: Flask) -> None:
    access.init_app(app)
    app.register_blueprint(commands.commands)
