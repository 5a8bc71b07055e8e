"""A demo library to try everything with: branches, screens and staff that nobody has to set up."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import click
from flask import Flask

from kiosk import branches, settings
from kiosk.configuration import store
from kiosk.events import demo as events_demo
from kiosk.help import demo as help_demo
from kiosk.help.records import Caller
from kiosk.people import accounts, sessions
from kiosk.people.accounts import Role
from kiosk.store import Reading, Store, Writing
from kiosk.support import demo as support_demo
from kiosk.support.directory import demo as directory_demo

PASSWORD = "purple otter reads poems"  # noqa: S105 - printed for everybody who tries the demo
TOWN = {day: [("09:30", "18:00")] for day in (1, 2, 4, 5)} | {
    3: [("09:30", "20:00")],
    6: [("10:00", "16:00")],
    7: [("11:00", "20:00")],  # so that there is something tonight, whenever somebody tries the demo
}
VILLAGE = {
    2: [("10:00", "13:00"), ("14:00", "17:00")],
    5: [("10:00", "13:00"), ("14:00", "17:00")],
    6: [("10:00", "12:30")],
}

SAYS = f"""
  This is a demo library. Sign in to the staff page as

    amina     {PASSWORD}     (staff of Central Library)
    manager   {PASSWORD}     (manager of all branches)

  and to the page of partners, at /partner/, with the same password, as one of

    {", ".join(support_demo.PARTNERS)}
"""


def load(kept: Store, service_key: bytes) -> None:
    """Make the demo library in an empty database."""
    with kept.write() as db:
        central, riverside = _branches(db)
        events_demo.load(db, central, riverside, service_key, datetime.now(UTC))
        directory_demo.load(db)
    accounts.begin_library(kept, service_key, password=PASSWORD, name="Grace")
    session, _cookie = sessions.sign_in(kept, service_key, "manager", PASSWORD)
    with kept.read() as db:
        desk_key = accounts.open_desk_key(db, session.person.id, session.private_key)
    amina, one_time = accounts.add(
        kept,
        service_key,
        session.person,
        desk_key,
        username="amina",
        name="Amina",
        role=Role.BRANCH,
        branch_id=central,
    )
    sessions.change_password(kept, service_key, amina, one_time, PASSWORD, "")
    with kept.write() as db:
        olena = Caller("Olena", "+447700900127")
        help_demo.load(db, central, olena, amina, service_key, datetime.now(UTC))
    sessions.sign_out(kept, service_key, session)


def _branches(db: Writing) -> tuple[str, str]:
    central = branches.add_branch(
        db, "Central Library", address="1 Market Place", postcode="IP1 1AA", phone="+441632960001"
    )
    riverside = branches.add_branch(
        db, "Riverside Library", address="12 Quay Road", postcode="IP2 8SD", phone="+441632960002"
    )
    branches.open_on(db, central, TOWN)
    branches.open_on(db, riverside, VILLAGE)
    branches.set_neighbours(db, central, [riverside])
    branches.set_neighbours(db, riverside, [central])
    for branch, name in ((central, "By the door"), (central, "Children's room"), (riverside, "By the desk")):
        branches.add_kiosk(db, branch, name)
    settings.change(db, "library", "", "library_name", "Demo Libraries")
    _card_numbers(db)
    # no setting of the kiosk, only a mark: settings that nobody knows are left alone
    db.insert(
        "settings",
        level="library",
        place="",
        name="demo",
        value="true",
        changed_at=datetime.now(UTC).isoformat(),
    )
    return central, riverside


def _card_numbers(db: Writing) -> None:
    """Temporary cards of 14 digits, the last one a check digit, for every branch."""
    settings.change(db, "library", "", "card_check_digit", "mod10")
    db.insert(
        "card_blocks",
        id=secrets.token_hex(8),
        prefix="",
        width=13,
        first=2999900000001,
        last=2999900001000,
        next=2999900000001,
        loaded_at=datetime.now(UTC).isoformat(),
    )


def is_demo(db: Reading) -> bool:
    return db.maybe("SELECT 1 FROM settings WHERE level = 'library' AND name = 'demo'") is not None


def init_app(app: Flask) -> None:
    @app.cli.command("demo")
    def demo() -> None:
        """Load the demo library into an empty data folder, and say how to sign in to it."""
        with store().read() as db:
            used = accounts.has_begun(db)
        if not used:
            load(store(), app.config["SERVICE_KEY"])
            support_demo.load(store(), app.config["SERVICE_KEY"], PASSWORD)
        with store().read() as db:
            if is_demo(db):
                click.echo(SAYS)
