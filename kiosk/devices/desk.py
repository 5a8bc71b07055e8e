"""What staff see of the screens: pair one, put one to rest, and find out which one is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from kiosk import branches
from kiosk.branches import NameTaken
from kiosk.configuration import store
from kiosk.devices import records
from kiosk.devices.records import Fleet, MustWait
from kiosk.devices.screens import mark_key
from kiosk.forms import clean
from kiosk.languages import _, _l, _lp
from kiosk.people import Role, current_person, note, staff_only
from kiosk.store import NotThere, Reading, Writing

blueprint = Blueprint("fleet", __name__, url_prefix="/staff/kiosks")
for_setters = staff_only(Role.MANAGER, Role.ADMINISTRATOR)

A_PAGE = 50
LONGEST_NAME = 100
LATE = timedelta(minutes=3)
MISSING = timedelta(minutes=15)

STATES = {
    "unpaired": _lp("screen", "Not paired"),
    "resting": _lp("screen", "Put to rest"),
    "here": _lp("screen", "Here"),
    "late": _lp("screen", "Not seen for some minutes"),
    "missing": _lp("screen", "Missing"),
    "off": _lp("screen", "Off; the branch is closed"),
}
SAID = {
    "paired": _l("The screen is paired. It shows the first page in a few seconds."),
    "revoked": _l("The screen rests from its next page on."),
}


@dataclass(frozen=True)
class Row:
    """A screen of the list, and how it is: a key of `STATES`."""

    screen: Fleet
    state: str


class Pairing(FlaskForm):  # type: ignore[misc]
    """The code that a browser shows, and which screen it is: one that is set up, or a new one."""

    code = StringField(_l("Code on the screen"), filters=[lambda text: clean(text or "")])
    screen = SelectField(_l("Which screen is it?"), validate_choice=False)
    branch = SelectField(_lp("place", "Branch"), validate_choice=False)
    name = StringField(_l("Name of the place"), filters=[lambda text: clean(text or "")])

    def validate_code(self, field: Any) -> None:
        if len(records.read_code(field.data)) != records.LETTERS:
            raise ValidationError(_("Write the eight letters that the screen shows."))

    def validate_screen(self, field: Any) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_("Choose a screen."))

    def validate_branch(self, field: Any) -> None:
        if not self.screen.data and field.data not in {each.value for each in field.choices if each.value}:
            raise ValidationError(_("Choose the branch where the screen stands."))

    def validate_name(self, field: Any) -> None:
        if not self.screen.data and not 0 < len(field.data) <= LONGEST_NAME:
            raise ValidationError(_("Write where the screen stands, like By the door."))


@blueprint.get("")
@for_setters
def screens() -> Any:
    return _page(_form())


@blueprint.post("/pair")
@for_setters
def pair() -> Any:
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        with store().write() as db:
            found = _pair(db, form)
    except MustWait as wait:
        form.code.errors = [
            _("Too many wrong codes. Minutes to wait: %(minutes)s. Then try again.", minutes=wait.minutes)
        ]
        return _page(form), 429
    except NameTaken:
        form.name.errors = [_("Another screen here has this name. Choose another.")]
        return _page(form), 422
    if not found:
        form.code.errors = [_("No screen shows this code now. Check each letter.")]
        return _page(form), 422
    return redirect(url_for("fleet.screens", said="paired"), 303)


def _pair(db: Writing, form: Pairing) -> bool:
    """Approve what the form says; whether a browser shows that code. A wrong one is counted."""
    person, key = current_person().id, mark_key(current_app.config["SERVICE_KEY"])
    records.check_tries(db, person)
    if not records.is_shown(db, form.code.data, key):
        records.wrong_code(db, person)
        note(db, "wrong pairing code", "screen", "")
        return False
    kiosk_id = form.screen.data
    if not kiosk_id:
        kiosk_id = branches.add_kiosk(db, form.branch.data, form.name.data)
        note(db, "screen added", "screen", kiosk_id)
    records.approve(db, form.code.data, key, kiosk_id, person)
    note(db, "screen paired", "screen", kiosk_id)
    return True


@blueprint.post("/<kiosk_id>/revoke")
@for_setters
def revoke(kiosk_id: str) -> Any:
    """From its next request on, the browser that is this screen shows that it rests."""
    with store().write() as db:
        if branches.screen(db, kiosk_id) is None:
            raise NotThere
        if records.revoke(db, kiosk_id):
            note(db, "screen put to rest", "screen", kiosk_id)
    return redirect(url_for("fleet.screens", said="revoked"), 303)


def _form() -> Pairing:
    form = Pairing()
    with store().read() as db:
        places = {each.id: each.name for each in branches.every(db)}
        known = branches.screens(db)
    known.sort(key=lambda each: (places[each.branch_id], each.name))
    form.screen.choices = [
        SelectChoice("", _("A new one")),
        *(SelectChoice(each.id, f"{places[each.branch_id]}: {each.name}") for each in known),
    ]
    form.branch.choices = [
        SelectChoice("", _("Choose a branch")),
        *(SelectChoice(branch_id, name) for branch_id, name in places.items()),
    ]
    return form


def _page(form: Pairing) -> str:
    page = max(1, min(request.args.get("page", 1, type=int), 100_000))
    with store().read() as db:
        total = records.how_many(db)
        found = records.fleet(db, most=A_PAGE, skip=(page - 1) * A_PAGE)
        open_now = {branch_id: _is_open(db, branch_id) for branch_id in {each.branch_id for each in found}}
        unpaired = branches.place(db, current_app.config["SCREEN"])
        first = branches.screen(db, unpaired.kiosk_id) if unpaired.kiosk_id else None
    return render_template(
        "devices/desk_fleet.html", form=form, states=STATES, page=page, last=max(1, -(-total // A_PAGE)),
        rows=[Row(each, _state(each, open_now[each.branch_id])) for each in found],
        open_use=current_app.config["OPEN_USE"], first=first, place=unpaired,
        said=SAID.get(request.args.get("said", "")),
    )  # fmt: skip


def _is_open(db: Reading, branch_id: str) -> bool:
    """Whether a screen of this branch should be on now. Where the hours are not known, it should."""
    now = branches.find(db, branch_id).now()
    hours = branches.hours(db, branch_id, now.date())
    return hours is None or any(each.opens <= now.time() < each.closes for each in hours)


def _state(screen: Fleet, is_open: bool) -> str:
    if screen.revoked_at:
        return "resting"
    if not screen.paired_at:
        return "unpaired"
    quiet = datetime.now(UTC) - datetime.fromisoformat(screen.seen_at)
    if quiet <= LATE:
        return "here"
    if not is_open:
        return "off"
    return "late" if quiet <= MISSING else "missing"
