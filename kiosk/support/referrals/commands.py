"""What is done with partners at the command line: let one in, give an account back, change a key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Blueprint, Flask, current_app

from kiosk.configuration import store
from kiosk.people import partners
from kiosk.people.accounts import UsernameTaken, spelled
from kiosk.people.partners import NameTaken
from kiosk.sealing import CannotOpen, NotARecoveryKey
from kiosk.store import NotThere
from kiosk.support.referrals import keys

commands = Blueprint("partners", __name__, cli_group="partners")
commands.cli.short_help = "Organisations that take referrals."


@commands.cli.command("list")
def show_all() -> None:
    """List all partners with their accounts."""
    with store().read() as db:
        for partner in partners.every(db):
            notes = [
                *(["ended"] if partner.ended else []),
                *([] if partner.is_ready else ["waits for its first sign-in"]),
                *(["change its key: kiosk partners rotate"] if partner.key_due else []),
            ]
            click.echo(f"{partner.name}{'  (' + ', '.join(notes) + ')' if notes else ''}")
            for person in partners.members(db, partner.id):
                off = "  (disabled)" if person.disabled else ""
                click.echo(f"    {person.username}  {person.name}{off}")


@commands.cli.command("add")
@click.argument("name")
@click.argument("username")
@click.option("--person", default="", help="Name of the person, if it is not the user name.")
@click.option("--email", default="", help="Where reminders go: a reference, never content.")
def add(name: str, username: str, person: str, email: str) -> None:
    """Let a partner in, with its legal NAME and the first account there."""
    try:
        _partner, _person, password = partners.add(
            store(), current_app.config["SERVICE_KEY"], None, name=name.strip(), username=spelled(username),
            person_name=person or username, email=email,
        )  # fmt: skip
    except NameTaken:
        raise click.ClickException("There is a partner of this name already.") from None
    except UsernameTaken:
        raise click.ClickException("Somebody has this user name. Choose another.") from None
    click.echo(f"The password, for one sign-in at /partner/: {password}")
    click.echo("Nothing can be sent to the partner before this person has chosen her own.")


@commands.cli.command("password")
@click.argument("name")
@click.argument("username")
def password(name: str, username: str) -> None:
    """Give USERNAME of the partner NAME another first password, while nobody there has signed in."""
    try:
        with store().read() as db:
            members = partners.members(db, partners.by_name(db, name).id)
        person_id = next((each.id for each in members if each.username == spelled(username)), "")
        _person, another = partners.give_first_password(
            store(), current_app.config["SERVICE_KEY"], None, person_id
        )
    except NotThere:
        raise click.ClickException(
            "There is no such account, or somebody of this partner has signed in. A colleague there gives new"
            " passwords then, or: kiosk partners restore"
        ) from None
    click.echo(f"The new password, for one sign-in at /partner/: {another}")


@commands.cli.command("restore")
@click.argument("name")
@click.argument("username")
@click.option("--person", default="", help="Name of the person, for a new account.")
def restore(name: str, username: str, person: str) -> None:
    """Let USERNAME of the partner NAME in again with the recovery key, when no colleague can.

    A user name that nobody has becomes a new account there.
    """
    with _with_paper():
        _person, password = partners.restore(
            store(), current_app.config["SERVICE_KEY"], _recovery_key(), name, username, person
        )
    click.echo(f"The new password, for one sign-in at /partner/: {password}")


@commands.cli.command("rotate")
@click.argument("name")
def rotate(name: str) -> None:
    """Change the key of the partner NAME with the recovery key: what was sent to it opens with the new one.

    Its members notice nothing.
    """
    with _with_paper():
        try:
            done = keys.rotate_with_paper(store(), current_app.config["SERVICE_KEY"], _recovery_key(), name)
        except keys.NothingOpens as failed:
            raise click.ClickException(
                f"The recovery key is right, but none of the {failed.damaged} sealed pieces opens with it."
                " They are damaged, or come from another database. The key was not changed."
            ) from None
    click.echo(f"The key was changed. Sealed anew: {done.sealed}.")
    if done.damaged:
        click.echo(
            f"Damaged, and left as they are: {done.damaged}. The partner cannot open them with its new key."
        )


def _recovery_key() -> str:
    typed: str = click.prompt("Recovery key", hide_input=True)
    return typed


@contextmanager
def _with_paper() -> Iterator[None]:
    try:
        yield
    except NotARecoveryKey:
        raise click.ClickException("That is no recovery key. Check each group of four.") from None
    except CannotOpen:
        raise click.ClickException("That recovery key is not the one of this library.") from None
    except NotThere:
        raise click.ClickException(
            "There is no such partner, or that account is not one of its own."
        ) from None


def init_app(app: Flask) -> None:
    app.register_blueprint(commands)
