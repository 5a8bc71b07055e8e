"""What is done with the directory of services at the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import click
from flask import Blueprint, Flask

from kiosk.configuration import store
from kiosk.support.directory import importing, reading
from kiosk.support.directory.importing import Plan
from kiosk.support.directory.reading import Directory
from kiosk.support.directory.remarks import Remark
from kiosk.support.directory.tables import COLUMNS

commands = Blueprint("support_commands", __name__, cli_group="support")
commands.cli.short_help = "Services that help people, and the directories they come from."

BY = "command line"


@commands.cli.command("import")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Say it as one JSON object.")
@click.option("--source", default="", help="Which directory this is. Without it: the file's name.")
@click.option(
    "--column", "columns", multiple=True, metavar="FIELD=HEADING", help="For a table: what is where."
)
@click.option(
    "--take-away", is_flag=True, help="Also when most services have gone from the directory at once."
)
def load(
    file: Path, dry_run: bool, as_json: bool, source: str, columns: tuple[str, ...], take_away: bool
) -> None:
    """Load services: Open Referral (JSON, or a zip or folder of CSV files), or one table (.csv, .xlsx).

    New services are hidden until staff show them. Loading the same file twice changes nothing.
    Exits with 1 when a file that is to be loaded holds no services.
    """
    directory = _read(file, columns)
    with store().read() as db:
        planned = importing.plan(db, directory, source or file.stem)
    will_do = not (dry_run or directory.is_nothing or directory.must_ask)
    if will_do:
        with store().write() as db:
            importing.carry_out(db, planned, by=BY, take_away=take_away)
    if as_json:
        click.echo(json.dumps(importing.told(planned), ensure_ascii=False, indent=2))
    else:
        _say(planned)
        if dry_run:
            click.echo("This was a dry run: nothing was changed.")
        elif will_do and planned.asks and not take_away:
            click.echo("What is gone was left as it is. Load the file with --take-away to take it out.")
        elif not will_do:
            click.echo("Nothing was loaded.")
    if not (dry_run or will_do):
        raise click.exceptions.Exit(1)


def _read(file: Path, columns: Iterable[str]) -> Directory:
    if file.is_dir():
        return reading.read_folder(file)
    # one byte more than allowed is enough to see that it is too much
    with file.open("rb") as opened:
        content = opened.read(reading.MOST + 1)
    return reading.read(content, _mapping(list(columns)))


def _mapping(columns: list[str]) -> dict[str, str] | None:
    found = dict(each.split("=", 1) for each in columns if "=" in each)
    if len(found) < len(columns) or not found.keys() <= COLUMNS.keys():
        raise click.BadParameter(f"FIELD is one of {', '.join(COLUMNS)}.", param_hint="--column")
    return found or None


def _say(planned: Plan) -> None:
    directory = planned.directory
    click.echo(
        f"The file: {directory.found} entries. Different services that can be read:"
        f" {len(directory.services)}, of {planned.organisations} organisations."
    )
    click.echo(
        f"The directory “{planned.source}”: {planned.count('new')} new, {planned.count('changed')} changed,"
        f" {planned.count('same')} as before, {planned.count('gone')} gone."
    )
    for line in planned.of("changed"):
        click.echo(f"Changed, {line.name}: {', '.join(line.changes)}.")
    for line in planned.of("gone"):
        click.echo(f"Gone: {line.name}.")
    _say_remarks("Refused", planned.refused)
    _say_remarks("Note", directory.warnings)


def _say_remarks(word: str, remarks: Iterable[Remark]) -> None:
    for each in remarks:
        click.echo(f"{word}, {each.where}: {each.reason}")


def init_app(app: Flask) -> None:
    app.register_blueprint(commands)
