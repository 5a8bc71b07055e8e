"""Where a manager loads a directory: hand a file in, see in plain words what it would do, then do it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for

from kiosk import rounds
from kiosk.configuration import store
from kiosk.forms import clean
from kiosk.languages import _, _l, _lp
from kiosk.people import Role, current_person, note, signed_in, staff_only
from kiosk.support.directory import desk_forms, desk_records, importing, reading, tables
from kiosk.support.directory.desk_records import Waiting
from kiosk.support.directory.importing import Plan
from kiosk.support.directory.reading import Directory

blueprint = Blueprint("directory_import", __name__, url_prefix="/staff/support/directory/import")
for_managers = staff_only(Role.MANAGER)

MOST_SENT = 5 * 1024 * 1024
"""Bytes of a file that a browser may send; a larger one is loaded at the command line."""
SHOWN = 30
"""Services of one kind that a preview lists."""
MOST_REASONS = 500
FIELDS = {
    "name": _lp("column", "Name of the service"),
    "text": _lp("column", "Description"),
    "organisation": _lp("column", "Who runs it"),
    "id": _lp("column", "Number or id"),
    "url": _lp("column", "Website"),
    "email": _lp("column", "E-mail"),
    "phone": _lp("column", "Phone"),
    "place": _lp("column", "Name of the place"),
    "address": _lp("column", "Address"),
    "town": _lp("column", "Town"),
    "postcode": _lp("column", "Postcode"),
    "min_age": _lp("column", "Lowest age"),
    "max_age": _lp("column", "Highest age"),
    "free": _lp("column", "Is it free"),
    "fee": _lp("column", "What it costs"),
    "languages": _lp("column", "Languages spoken"),
    "districts": _lp("column", "Postcode districts"),
    "words": _lp("column", "Topics"),
    "audience": _lp("column", "Who it is for"),
    "status": _lp("column", "Status"),
}
SAID = {
    "loaded": _l("The directory is loaded."),
    "thrown": _l("The file is deleted. Nothing was changed."),
}


@dataclass(frozen=True)
class Problem:
    """Why nothing was done, beside the box that it is about."""

    box: str
    words: str


@blueprint.get("")
@for_managers
def start() -> Any:
    return _start()


def _start(problem: Problem | None = None, source: str = "") -> str:
    with store().read() as db:
        waiting, sources = desk_records.waiting(db), desk_records.sources(db)
        reports = importing.reports(db)
    names = ("added", "changed", "gone")
    return render_template(
        "support/desk_directory_import.html", waiting=waiting, sources=sources, reports=reports,
        problem=problem, source=source, said=SAID.get(request.args.get("said", "")),
        numbers={name: request.args.get(name, 0, int) for name in names if name in request.args},
    )  # fmt: skip


@blueprint.post("/files")
@for_managers
def upload() -> Any:
    """Keep a file until somebody has said yes to what it would change."""
    file = request.files.get("file")
    source = clean(request.form.get("source", ""))[:100]
    content = file.stream.read(MOST_SENT + 1) if file else b""
    if not content or file is None:
        return _start(Problem("file", _("Choose a file first.")), source), 422
    if len(content) > MOST_SENT:
        return _start(Problem("file", _("This file is larger than 5 MB.")), source), 422
    directory = reading.read(content)
    if directory.is_nothing:
        reasons = [each.reason for each in directory.refused]
        return _start(Problem("file", reasons[0] if reasons else _("There is nothing in it.")), source), 422
    shown = clean(PurePath((file.filename or "").replace("\\", "/")).name)[:100] or "file"
    with store().write() as db:
        file_id = desk_records.put_by(
            db, content, name=shown, source=source or PurePath(shown).stem, by=_by(),
            service_key=current_app.config["SERVICE_KEY"],
        )  # fmt: skip
    return redirect(url_for("directory_import.look", file_id=file_id), 303)


def _by() -> str:
    return current_person().username


@blueprint.get("/files/<file_id>")
@for_managers
def look(file_id: str) -> Any:
    """What the file would change; of a table that leaves something open, first which column is what."""
    file, directory = _file(file_id)
    if directory.table and (directory.must_ask or "columns" in request.args):
        return render_template(
            "support/desk_directory_columns.html", file=file, table=directory.table, fields=FIELDS,
            needed=tables.NEEDED,
        )  # fmt: skip
    return _preview(file, directory)


@blueprint.post("/files/<file_id>/columns")
@for_managers
def set_columns(file_id: str) -> Any:
    file, directory = _file(file_id)
    headings = set(directory.table.headings) if directory.table else set()
    chosen = {name: request.form.get(name, "") for name in tables.COLUMNS}
    columns = {name: heading for name, heading in chosen.items() if heading and heading in headings}
    with store().write() as db:
        desk_records.set_columns(db, file.id, columns)
    return redirect(url_for("directory_import.look", file_id=file_id), 303)


@blueprint.post("/files/<file_id>/load")
@for_managers
def load(file_id: str) -> Any:
    """Do what the preview said; if it would be something else by now, show that first."""
    file, directory = _file(file_id)
    if directory.must_ask or directory.is_nothing:
        return redirect(url_for("directory_import.look", file_id=file_id), 303)
    planned = _plan(file, directory)
    if request.form.get("plan") != planned.fingerprint:
        return _preview(file, directory, _("Something has changed since you looked. Please look again.")), 409
    take_away = "take_away" in request.form
    with store().write() as db:
        desk_records.throw_away(db, file_id)  # whoever presses twice finds nothing the second time
        done = importing.carry_out(db, planned, by=_by(), take_away=take_away)
        gone = done.count("gone") if take_away or not done.asks else 0
        counts = f"new {done.count('new')}, changed {done.count('changed')}, gone {gone}"
        note(db, "directory loaded", "directory", file.source, counts)
    return redirect(
        url_for(
            "directory_import.start", said="loaded", added=done.count("new"), changed=done.count("changed"),
            gone=gone,
        ),
        303,
    )  # fmt: skip


@blueprint.post("/files/<file_id>/delete")
@for_managers
def throw_away(file_id: str) -> Any:
    with store().write() as db:
        desk_records.throw_away(db, file_id)
    return redirect(url_for("directory_import.start", said="thrown"), 303)


def _file(file_id: str) -> tuple[Waiting, Directory]:
    """A file that waits, and what is read in it. `NotThere`."""
    with store().read() as db:
        file, content = desk_records.one_waiting(db, file_id, current_app.config["SERVICE_KEY"])
    return file, reading.read(content, file.columns)


def _plan(file: Waiting, directory: Directory) -> Plan:
    with store().read() as db:
        return importing.plan(db, directory, file.source)


def _preview(file: Waiting, directory: Directory, problem: str = "") -> str:
    return render_template(
        "support/desk_directory_look.html", file=file, plan=_plan(file, directory), problem=problem,
        shown=SHOWN, most=MOST_REASONS, changes=desk_forms.CHANGES, is_table=directory.table is not None,
    )  # fmt: skip


def _let_files_in(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Whoever is signed in may send a file that is larger than any form."""
    if endpoint == "directory_import.upload" and signed_in() is not None:
        request.max_content_length = MOST_SENT + 65_536


def init_app(app: Flask) -> None:
    app.url_value_preprocessor(_let_files_in)
    app.register_blueprint(blueprint)
    rounds.add_purge(app, desk_records.purge, shred=False)
