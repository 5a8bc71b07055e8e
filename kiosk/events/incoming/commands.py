"""What is done with events at the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from flask import Blueprint, Flask, current_app

from kiosk import branches
from kiosk.configuration import store
from kiosk.events.calendars import Remark
from kiosk.events.incoming import importing
from kiosk.events.incoming.importing import Loaded, Plan, Window
from kiosk.events.incoming.places import places
from kiosk.events.incoming.subscriptions import window, zone_of
from kiosk.events.incoming.table import COLUMNS
from kiosk.settings import effective
from kiosk.store import Reading

commands = Blueprint("events_commands", __name__, cli_group="events")
commands.cli.short_help = "Events, and the calendars they come from."

_DAY = click.DateTime(["%Y-%m-%d"])
_LARGEST = 5 * 1024 * 1024
BY = "command line"


@commands.cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Say it as one JSON object.")
@click.option("--from", "first", type=_DAY, help="First day whose dates count. Without it: today.")
@click.option("--to", "end", type=_DAY, help="Day before which they end. Without it: as in the settings.")
@click.option("--branch", "branch_id", default="", help="Where events are that do not say: an id or a name.")
@click.option("--source", default="", help="Which calendar this is. Without it: its own name, or the file's.")
@click.option(
    "--column", "columns", multiple=True, metavar="FIELD=HEADING", help="For a table: what is where."
)
@click.option("--day-first/--month-first", default=None, help="For a table: how to read 05/01/2026.")
@click.option("--take-away", is_flag=True, help="Also when most events have gone from the calendar at once.")
def load(
    file: Path,
    dry_run: bool,
    as_json: bool,
    first: datetime | None,
    end: datetime | None,
    branch_id: str,
    source: str,
    columns: tuple[str, ...],
    day_first: bool | None,
    take_away: bool,
) -> None:
    """Load events from a calendar (.ics) or a table (.csv, .xlsx).

    Events are found again by the calendar they are from, so that loading the same file twice changes nothing.
    Exits with 1 when a file that is to be loaded is no calendar and no table.
    """
    with store().read() as db:
        branch_id = _branch(db, branch_id)
        zone = zone_of(db, branch_id)
        days = window(effective(db, branch_id), zone)
    days = Window(first.date() if first else days.from_, end.date() if end else days.until)
    if not days.from_ < days.until <= date(2199, 1, 1):
        raise click.UsageError("--from must be before --to.")
    # one byte more than allowed is enough to see that it is too much
    with file.open("rb") as opened:
        content = opened.read(_LARGEST + 1)
    loaded = importing.load(content, file.name, zone, _mapping(columns), day_first)
    source = source or loaded.calendar.name or file.stem
    with store().read() as db:
        planned = importing.plan(db, loaded.calendar, source, days, places=places(db, branch_id))
    will_do = not (dry_run or loaded.is_nothing or loaded.must_ask)
    if will_do:
        with store().write() as db:
            key = current_app.config["SERVICE_KEY"]
            tell = importing.teller(effective(db), key)
            done = importing.carry_out(db, planned, by=BY, take_away=take_away, tell_them=tell)
            importing.record(db, planned, done, who=BY, service_key=key)
    if as_json:
        click.echo(json.dumps(_told(planned), ensure_ascii=False, indent=2))
    else:
        _say(loaded, planned, days)
        if dry_run:
            click.echo("This was a dry run: nothing was changed.")
        elif will_do and planned.asks and not take_away:
            click.echo("What is gone was left as it is. Load the file with --take-away to take it out.")
        elif not will_do:
            click.echo("Nothing was loaded.")
    if not (dry_run or will_do):
        raise click.exceptions.Exit(1)


def _branch(db: Reading, wanted: str) -> str:
    for branch in branches.every(db) if wanted else ():
        if wanted == branch.id or wanted.casefold() == branch.name.casefold():
            return branch.id
    if wanted:
        raise click.BadParameter(f"There is no branch {wanted}.", param_hint="--branch")
    return ""


def _mapping(columns: Iterable[str]) -> dict[str, str] | None:
    found = dict(each.split("=", 1) for each in columns if "=" in each)
    if len(found) < len(list(columns)) or not found.keys() <= COLUMNS.keys():
        raise click.BadParameter(f"FIELD is one of {', '.join(COLUMNS)}.", param_hint="--column")
    return found or None


def _told(planned: Plan) -> dict[str, Any]:
    return {
        "events": planned.calendar.found,
        "distinct": planned.calendar.distinct,
        "occurrences": len(planned.expansion.occurrences),
        "cancelled": planned.expansion.cancelled,
        "refused": [{"where": each.where, "reason": each.reason} for each in planned.refused],
        "warnings": [
            {"where": each.where, "reason": each.reason} for each in (*planned.repeated, *planned.remarks)
        ],
        "plan": {kind: planned.count(kind) for kind in ("new", "changed", "same", "gone")},
    }


def _say(loaded: Loaded, planned: Plan, days: Window) -> None:
    last = days.until - timedelta(days=1)
    calendar, expansion = planned.calendar, planned.expansion
    click.echo(f"The file: {calendar.found} events. Different ones that can be read: {calendar.distinct}.")
    click.echo(
        f"From {days.from_} to {last}: {len(expansion.occurrences)} dates,"
        f" {expansion.cancelled} of them cancelled."
    )
    click.echo(
        f"The calendar “{planned.source}”: {planned.count('new')} new, {planned.count('changed')} changed,"
        f" {planned.count('same')} as before, {planned.count('gone')} gone."
    )
    for line in planned.of("changed"):
        click.echo(f"Changed, {line.title}: {line.in_words}.")
    for line in planned.of("gone"):
        people = f" {line.booked} people have booked: somebody must decide." if line.booked else ""
        click.echo(f"Gone: {line.title}.{people}")
    for place, count in planned.unknown:
        click.echo(f"No branch, but another place ({count} events): {place}")
    if loaded.table and loaded.table.missing:
        click.echo(f"No column found for: {', '.join(loaded.table.missing)}. Say which with --column.")
    if loaded.table and loaded.table.asks:
        text, day, month = loaded.table.asks
        click.echo(f"Is {text} {_long(day)} (--day-first) or {_long(month)} (--month-first)?")
    _say_remarks("Refused", planned.refused)
    _say_remarks("Repeated", planned.repeated)
    _say_remarks("Note", planned.remarks)


def _long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _say_remarks(word: str, remarks: Iterable[Remark]) -> None:
    for each in remarks:
        click.echo(f"{word}, {each.where}: {each.reason}")


def init_app(app: Flask) -> None:
    app.register_blueprint(commands)
