"""Where staff load a calendar from a file: hand it in, see in plain words what it would do, then do it.

The page where all of this begins is here, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Any

from babel.dates import format_date
from flask import Blueprint, redirect, render_template, request, url_for

from kiosk import branches
from kiosk.configuration import store
from kiosk.events import codes
from kiosk.events.desk import records as desk_records
from kiosk.events.desk.pages import ENGLISH, by, for_openers, now, own_branch, service_key
from kiosk.events.incoming import importing, places, subscriptions, table
from kiosk.events.incoming import records as import_records
from kiosk.events.incoming.fetching import MOST
from kiosk.events.incoming.importing import Loaded, Plan
from kiosk.events.incoming.records import Waiting
from kiosk.forms import clean
from kiosk.languages import _, _l, _lp
from kiosk.people import note
from kiosk.settings import effective
from kiosk.store import Reading

blueprint = Blueprint("events_import", __name__, url_prefix="/staff/events/import")

SHOWN = 30
"""Events of one kind that a preview lists."""
MOST_REASONS = 1000
FIELDS = {
    "title": _lp("column", "Title"),
    "starts_on": _lp("column", "Date"),
    "starts_at": _lp("column", "Start time"),
    "ends_on": _lp("column", "Last day"),
    "ends_at": _lp("column", "End time"),
    "all_day": _lp("column", "All day"),
    "text": _lp("column", "Description"),
    "location": _lp("column", "Place"),
    "categories": _lp("column", "Categories"),
    "url": _lp("column", "Link"),
    "uid": _lp("column", "Number or id"),
    "status": _lp("column", "Status"),
    "private": _lp("column", "Private"),
}
RESULTS = {
    "": _l("It will be fetched within a few minutes."),
    "imported": _l("Fetched, and its changes are in."),
    "same": _l("Nothing new."),
    "look": _l("Fetched. Nothing is loaded until you have looked."),
    "ask": _l("Most of its events have gone. Look, and decide."),
    "nothing": _l("There is no calendar at this address."),
    "not-an-address": _l("This is no address of a calendar."),
    "unknown-name": _l("No server has this name. Check the address."),
    "private": _l("This address is inside a private network. It is not fetched."),
    "no-answer": _l("The server did not answer, or stopped in the middle."),
    "not-safe": _l("The server cannot prove who it is (HTTPS)."),
    "too-slow": _l("The server was too slow."),
    "too-big": _l("The calendar is larger than 5 MB."),
    "too-far": _l("The server sent us on too many times."),
    "not-there": _l("The server has no calendar at this address any more."),
    "not-allowed": _l("The server does not let us read this calendar."),
    "broken": _l("The server has a problem. We try again later."),
    "not-understood": _l("The server gave an answer that we do not understand."),
}
"""What came of fetching a calendar, by the code that is kept."""

SAID = {
    "loaded": _l("The calendar is loaded."),
    "thrown": _l("The file is deleted. Nothing was changed."),
    "added": _l("The calendar will be fetched within a few minutes. Then look at what it brings."),
    "soon": _l("It will be fetched within a few minutes."),
    "stopped": _l("This calendar is not fetched any more. Its events stay."),
    "place": _l("From the next time on, this place is that branch."),
    "other-place": _l("Another branch has this place already. Ask a manager."),
    "no-place": _l("This spelling is no branch any more."),
}


@dataclass(frozen=True)
class Problem:
    """Why nothing was done, beside the box that it is about."""

    box: str
    words: str


@blueprint.get("")
@for_openers
def start() -> Any:
    return page()


def page(problem: Problem | None = None, **typed: str) -> Any:
    """The page where calendars are loaded and fetched. `typed` is what was in the boxes that are wrong."""
    own = own_branch()
    with store().read() as db:
        every = branches.every(db)
        names = dict(desk_records.calendars(db))
        fetched = subscriptions.every(db, own)
        addresses = {each.id: subscriptions.shown(each.url(service_key())) for each in fetched}
        held = import_records.waiting(db, own)
        undecided = desk_records.to_decide(db, own, now())
        confirmed = places.spellings(db)
        mine = {name for name in names if not own or name.endswith(_suffix(db, own))}
        mine |= {each.id for each in fetched}
        done = import_records.reports(db, dict.fromkeys(mine, "") if own else None)
    return render_template(
        "events/desk_import.html", branches=every, own=own, subscriptions=fetched, addresses=addresses,
        waiting=held, undecided=undecided,
        confirmed=[each for each in confirmed if own in ("", each.branch_id)],
        reports=done, names=names | {each.id: each.name for each in fetched}, problem=problem, typed=typed,
        branch_names={each.id: each.name for each in every}, results=RESULTS,
        topics=codes.TOPICS, calendars=sorted({name for name in mine if names.get(name) == name}),
        said=SAID.get(request.args.get("said", "")), numbers=_numbers(),
    )  # fmt: skip


def _numbers() -> dict[str, int]:
    names = ("added", "changed", "gone", "waiting")
    return {name: request.args.get(name, 0, int) for name in names if name in request.args}


def _suffix(db: Reading, branch_id: str) -> str:
    """What the names of a branch's own calendars end with: two branches may both have an "events.csv"."""
    return f" ({branches.find(db, branch_id).name})"


# A file -----------------------------------------------------------------------------------------------------


@blueprint.post("/files")
@for_openers
def upload() -> Any:
    """Keep a file until somebody has said yes to what it would change."""
    file = request.files.get("file")
    name = clean(request.form.get("name", ""))[:100]
    content = file.stream.read(MOST + 1) if file else b""
    own = own_branch()
    if not content or file is None:
        return page(Problem("file", _("Choose a file first.")), name=name), 422
    if len(content) > MOST:
        return page(Problem("file", _("This file is larger than 5 MB.")), name=name), 422
    with store().read() as db:
        branch_id = own or a_branch(db, request.form.get("branch", ""))
        zone = subscriptions.zone_of(db, branch_id)
    shown = clean(PurePath((file.filename or "").replace("\\", "/")).name)[:100] or "file"
    loaded = importing.load(content, shown, zone)
    if loaded.is_nothing:
        return page(Problem("file", loaded.calendar.refused[0].reason), name=name), 422
    source = name or loaded.calendar.name[:100] or PurePath(shown).stem
    with store().write() as db:
        file_id = import_records.put_by(
            db, content, name=shown, source=source + (_suffix(db, own) if own else ""), by=by(),
            service_key=service_key(), branch_id=branch_id, owner_id=own,
        )  # fmt: skip
    return redirect(url_for("events_import.look", file_id=file_id), 303)


def a_branch(db: Reading, wanted: str) -> str:
    """The id of a branch, if it is one; else nothing."""
    return wanted if wanted in {each.id for each in branches.every(db)} else ""


@blueprint.get("/files/<file_id>")
@for_openers
def look(file_id: str) -> Any:
    """What the file would change; of a table that leaves something open, first which column is what."""
    file, loaded = _file(file_id)
    if loaded.table and (loaded.must_ask or "columns" in request.args):
        return _columns(file, loaded.table)
    return _preview(file, loaded)


@blueprint.post("/files/<file_id>/columns")
@for_openers
def set_columns(file_id: str) -> Any:
    file, loaded = _file(file_id)
    headings = set(loaded.table.headings) if loaded.table else set()
    chosen = {name: request.form.get(name, "") for name in table.COLUMNS}
    columns = {name: heading for name, heading in chosen.items() if heading in headings and heading}
    first = {"day": True, "month": False}.get(request.form.get("order", ""), file.day_first)
    with store().write() as db:
        import_records.set_columns(db, file, columns, first)
        note(db, "calendar columns set", "calendar", file.source)
    return redirect(url_for("events_import.look", file_id=file_id), 303)


@blueprint.post("/files/<file_id>/load")
@for_openers
def load(file_id: str) -> Any:
    """Do what the preview said; if it would be something else by now, show that first."""
    file, loaded = _file(file_id)
    if loaded.must_ask:
        return redirect(url_for("events_import.look", file_id=file_id), 303)
    planned = _plan(file, loaded)
    if request.form.get("plan") != planned.fingerprint:
        return _preview(file, loaded, _("Something has changed since you looked. Please look again.")), 409
    take_away = "take_away" in request.form
    with store().write() as db:
        import_records.throw_away(db, file_id)  # whoever presses twice finds nothing the second time
        tell = importing.teller(effective(db), service_key())
        done = importing.carry_out(db, planned, by=by(), take_away=take_away, tell_them=tell)
        if file.subscription_id:
            subscriptions.looked_at(db, file.subscription_id)
        note(db, "calendar loaded", "calendar", file.source, done.counts)
    numbers = {"added": done.added, "changed": done.changed, "gone": done.gone, "waiting": done.waiting}
    return to_start("loaded", **numbers)


@blueprint.post("/files/<file_id>/delete")
@for_openers
def throw_away(file_id: str) -> Any:
    file, _loaded = _file(file_id)
    with store().write() as db:
        import_records.throw_away(db, file.id)
        note(db, "calendar file deleted", "calendar", file.source)
    return to_start("thrown")


def to_start(said: str, **numbers: int) -> Any:
    """Back to where loading begins, which says what has been done."""
    counted = {name: str(number) for name, number in numbers.items()}
    return redirect(url_for("events_import.start", **{"said": said, **counted}), 303)  # type: ignore[arg-type]


def _file(file_id: str) -> tuple[Waiting, Loaded]:
    """A file that waits, as this person may see it, and as it is read. `NotThere`."""
    with store().read() as db:
        file, content = import_records.one_waiting(db, file_id, service_key(), own_branch())
        zone = subscriptions.zone_of(db, file.branch_id)
    name = "calendar.ics" if file.subscription_id else file.name
    return file, importing.load(content, name, zone, file.columns, file.day_first)


def _plan(file: Waiting, loaded: Loaded) -> Plan:
    only = file.owner_id or (file.branch_id if file.subscription_id else "")
    with store().read() as db:
        days = subscriptions.window(effective(db), loaded.calendar.zone)
        there = places.places(db, file.branch_id)
        return importing.plan(db, loaded.calendar, file.source, days, places=there, only_branch=only)


def _columns(file: Waiting, found: table.Table) -> str:
    asks = found.asks
    return render_template(
        "events/desk_import_columns.html", file=file, table=found, fields=FIELDS,
        days=[_long(each) for each in asks[1:]] if asks else [], written=asks[0] if asks else "",
        needed=table.NEEDED,
    )  # fmt: skip


def _long(day: date) -> str:
    return str(format_date(day, "EEEE d MMMM y", locale=ENGLISH))


def _preview(file: Waiting, loaded: Loaded, problem: str = "") -> str:
    planned = _plan(file, loaded)
    own = own_branch()
    with store().read() as db:
        every = branches.every(db)
        name = dict(desk_records.calendars(db)).get(file.source, file.source)
    return render_template(
        "events/desk_import_look.html", file=file, plan=planned, problem=problem, shown=SHOWN,
        name=file.name if file.subscription_id else name, is_table=loaded.table is not None,
        most=MOST_REASONS, branch_names={each.id: each.name for each in every},
        branches=[each for each in every if own in ("", each.id)],
    )  # fmt: skip
