"""Where managers load the numbers of temporary cards, and see how many are left."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from kiosk import branches, rounds
from kiosk.configuration import store
from kiosk.forms import clean
from kiosk.join import cards
from kiosk.join.cards import NotABlock, Numbers, Overlaps
from kiosk.languages import _, _l, _lp
from kiosk.people import Role, current_person, note, staff_only
from kiosk.settings import effective

blueprint = Blueprint("cards", __name__, url_prefix="/staff/joins/cards")

WHY_NOT = {
    "number": _l("Write the number as it stands on a card, like 2999900001 or T000500."),
    "unlike": _l("Both numbers need the same letters and as many digits. Only the digits differ."),
    "length": _l("Write 4 to 20 letters and digits. A check digit counts too."),
    "letters": _l("Here numbers have digits only, because of the bar code or the check digit."),
    "order": _l("The last number must not be smaller than the first."),
}
SAID = {
    "loaded": _l("The numbers are loaded. Screens give them from now on."),
    "stopped": _l("No more of these numbers are given."),
}


class Load(FlaskForm):  # type: ignore[misc]
    """The ends of a block, and whom it is for."""

    first = StringField(_l("First number"), filters=[lambda text: clean(text or "")])
    last = StringField(_l("Last number"), filters=[lambda text: clean(text or "")])
    branch = SelectField(_lp("place", "Branch"), validate_choice=False)

    def validate_branch(self, field: Any) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_("Choose a branch, or all branches."))


@blueprint.get("")
@staff_only(Role.MANAGER, Role.ADMINISTRATOR)
def blocks() -> Any:
    return _page(_form())


@blueprint.post("")
@staff_only(Role.MANAGER)
def load() -> Any:
    form = _form()
    run = _checked(form)
    if run is None:
        return _page(form), 422
    try:
        with store().write() as db:
            block_id = cards.load(db, run, form.branch.data, current_person().id)
            note(db, "card numbers loaded", "card block", block_id, "–".join(run.ends))
    except Overlaps as other:
        words = _(
            "Some of these were loaded before: %(first)s to %(last)s.", first=other.first, last=other.last
        )
        form.first.errors = [words]
        return _page(form), 422
    return redirect(url_for("cards.blocks", said="loaded"), 303)


@blueprint.post("/<block_id>/stop")
@staff_only(Role.MANAGER)
def stop(block_id: str) -> Any:
    with store().write() as db:
        given_up = cards.stop(db, block_id)
        note(db, "card numbers stopped", "card block", block_id, "–".join(given_up.ends))
    return redirect(url_for("cards.blocks", said="stopped"), 303)


def _form() -> Load:
    form = Load()
    with store().read() as db:
        places = branches.every(db)
    form.branch.choices = [
        SelectChoice("", _("All branches")),
        *(SelectChoice(each.id, each.name) for each in places),
    ]
    return form


def _checked(form: Load) -> Numbers | None:
    """The numbers that were sent, if all is well; else what is wrong is in the form."""
    if not form.validate_on_submit():
        return None
    with store().read() as db:
        chosen = effective(db, form.branch.data)
    try:
        return cards.numbers(form.first.data, form.last.data, chosen)
    except NotABlock as wrong:
        box = form.last if wrong.why in ("unlike", "order") else form.first
        box.errors = [str(WHY_NOT[wrong.why])]
        return None


def _page(form: Load) -> str:
    with store().read() as db:
        chosen = effective(db)
        found = cards.blocks(db, chosen)
        short = [
            (branch, left)
            for branch in branches.every(db)
            if (left := cards.running_out(db, branch.id, effective(db, branch.id))) is not None
        ]
    return render_template(
        "join/desk_cards.html", form=form, blocks=found, short=short, chosen=chosen,
        may_load=current_person().role is Role.MANAGER, said=SAID.get(request.args.get("said", "")),
    )  # fmt: skip


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    rounds.add_purge(app, cards.purge)
