"""Accounts, sign-in, roles, what a role may do: and who holds the key to what residents sent."""

from flask import Flask

from kiosk.people import access, commands
from kiosk.people.access import (
    MayNotOpen,
    anybody,
    csrf_seed,
    current_person,
    desk_key,
    note,
    signed_in,
    staff_only,
    unmarked_views,
)
from kiosk.people.accounts import Person, Role, begin_library, has_begun

__all__ = [
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
    "note",
    "signed_in",
    "staff_only",
    "unmarked_views",
]


def init_app(app: Flask) -> None:
    access.init_app(app)
    app.register_blueprint(commands.commands)
