"""What is done with people at the command line."""

from __future__ import annotations

import click
from flask import Blueprint, current_app

from kiosk.configuration import store
from kiosk.people import accounts
from kiosk.sealing import CannotOpen, NotARecoveryKey
from kiosk.store import NotThere

commands = Blueprint("people", __name__, cli_group="people")
commands.cli.short_help = "The people who work here."


@commands.cli.command("list")
def show_all() -> None:
    """List all accounts: user name, role, name."""
    with store().read() as db:
        for person in accounts.every(db):
            off = "  (disabled)" if person.disabled else ""
            click.echo(f"{person.username}  {person.role}  {person.name}{off}")


@commands.cli.command("recover")
@click.argument("username")
def recover(username: str) -> None:
    """Give an account a new password with the recovery key, when nobody else can."""
    printed_key = click.prompt("Recovery key", hide_input=True)
    try:
        password = accounts.recover(store(), current_app.config["SERVICE_KEY"], printed_key, username)
    except NotARecoveryKey:
        raise click.ClickException("That is no recovery key. Check each group of four.") from None
    except CannotOpen:
        raise click.ClickException("That recovery key is not the one of this library.") from None
    except NotThere:
        raise click.ClickException("There is no account with that user name.") from None
    click.echo(f"The new password, for one sign-in: {password}")
