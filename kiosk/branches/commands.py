"""What is done with branches at the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Blueprint

from kiosk.branches import files, loading, records
from kiosk.branches.files import NotThisFile, Refused
from kiosk.branches.records import NameTaken
from kiosk.configuration import store

commands = Blueprint("branches", __name__, cli_group="branches")
commands.cli.short_help = "Branches, their hours, and their screens."

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LARGEST = 20_000_000  # bytes: a hundred times the largest council's
_KINDS: tuple[loading.Kind, ...] = ("added", "changed", "closed", "unchanged")


class _DryRun(Exception):
    """Ends a transaction that is only tried."""


@commands.cli.command("list")
def show() -> None:
    """List the branches and their screens, with their ids."""
    with store().read() as db:
        for branch in records.every(db):
            click.echo(f"{branch.id}  {branch.name}")
            for screen in records.screens(db, branch.id):
                click.echo(f"  {screen.id}  {screen.name}")


@commands.cli.command("add")
@click.argument("name")
@click.option("--screen", "screens", multiple=True, help="Name of a screen in it; may be repeated.")
def add(name: str, screens: tuple[str, ...]) -> None:
    """Add a branch, and screens in it."""
    try:
        with store().write() as db:
            branch_id = records.add_branch(db, name)
            for screen in screens:
                records.add_kiosk(db, branch_id, screen)
    except NameTaken:
        raise click.ClickException("There is a branch, or a screen in it, with this name.") from None
    click.echo(branch_id)


@commands.cli.command("import")
@click.argument("file", type=_FILE)
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
def load(file: Path, dry_run: bool, as_json: bool) -> None:
    """Load branches and their hours from a CSV file of the UK core dataset.

    Branches are found by name. What the file leaves empty stays as it is here, and so do phone numbers,
    closures, neighbours and screens.
    """
    try:
        sheet = files.read_branches(_content(file), datetime.now(UTC).year)
    except NotThisFile as error:
        raise click.ClickException(str(error)) from None
    if dry_run:
        with store().read() as db:
            planned = loading.plan(db, sheet)
    else:
        with store().write() as db:
            planned = loading.plan(db, sheet)
            loading.carry_out(db, planned)
    kinds: dict[str, list[str]] = {kind: planned.names(kind) for kind in _KINDS}
    counts = sheet.counts
    if as_json:
        told = {
            "dry_run": dry_run,
            "file": counts,
            **kinds,
            "not_in_file": planned.not_in_file,
            "missing_columns": sheet.missing,
            "refused": [asdict(row) for row in sheet.refused],
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    click.echo(
        f"The file: {counts['rows']} rows, {counts['closed']} closed, {counts['with_hours']} with hours,"
        f" {counts['staffed_periods']} times of opening with staff,"
        f" {counts['unstaffed_periods']} without, {counts['refused']} refused."
    )
    click.echo(
        f"The branches: {len(kinds['added'])} added, {len(kinds['changed'])} changed,"
        f" {len(kinds['closed'])} closed, {len(kinds['unchanged'])} as before."
    )
    if sheet.missing:
        click.echo(f"Columns that are not in the file: {', '.join(sheet.missing)}.")
    if planned.not_in_file:
        click.echo(f"Branches that are not in the file: {', '.join(planned.not_in_file)}.")
    _say_refused(sheet.refused, "line")
    if dry_run:
        click.echo("This was a dry run: nothing was changed.")


@commands.cli.command("holidays")
@click.argument("file", type=_FILE)
@click.option(
    "--division",
    type=click.Choice(files.DIVISIONS),
    default=files.DIVISIONS[0],
    show_default=True,
    help="Whose bank holidays.",
)
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
def load_holidays(file: Path, division: str, dry_run: bool, as_json: bool) -> None:
    """Close every branch on the bank holidays to come, from GOV.UK's JSON file.

    A day that staff closed or opened themselves stays as they left it.
    """
    try:
        calendar = files.read_holidays(_content(file), division)
    except NotThisFile as error:
        raise click.ClickException(str(error)) from None
    done: dict[str, int] = {}
    try:
        with store().write() as db:
            done = loading.close_for_holidays(db, calendar)
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    if as_json:
        told = {
            "dry_run": dry_run,
            "division": division,
            "holidays": len(calendar.holidays),
            **done,
            "refused": [asdict(entry) for entry in calendar.refused],
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    click.echo(
        f"{len(calendar.holidays)} bank holidays of {division} in the file;"
        f" {done['branches']} branches: {done['closed']} days closed, {done['opened']} days open again."
    )
    _say_refused(calendar.refused, "entry")
    if dry_run:
        click.echo("This was a dry run: nothing was changed.")


def _content(file: Path) -> bytes:
    if file.stat().st_size > _LARGEST:
        raise click.ClickException("This file is too large.")
    return file.read_bytes()


def _say_refused(refused: Iterable[Refused], place: str) -> None:
    for each in refused:
        named = f" ({each.name})" if each.name else ""
        click.echo(f"Refused, {place} {each.line}{named}: {each.reason}.")
