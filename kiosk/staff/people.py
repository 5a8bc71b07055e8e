"""The people who may sign in: let somebody in, give a new password, end an account."""

from __future__ import annotations

import re
from typing import Any

from flask import current_app, redirect, render_template, url_for
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from kiosk import branches
from kiosk.configuration import store
from kiosk.forms import clean
from kiosk.languages import _, _l, _lp
from kiosk.people import Role, accounts, current_person, desk_key, staff_only
from kiosk.people.accounts import LastManager, NotOnYourself, UsernameTaken
from kiosk.sealing import TooBusy
from kiosk.staff.pages import pages
from kiosk.store import NotThere

ROLES = {
    Role.BRANCH: _lp("role", "Branch staff"),
    Role.MANAGER: _lp("role", "Manager"),
    Role.ADMINISTRATOR: _lp("role", "Administrator"),
}
LONGEST_NAME = 100


class NewPerson(FlaskForm):  # type: ignore[misc]
    name = StringField(_l("Name"), filters=[lambda text: clean(text or "")])
    username = StringField(_l("User name"), filters=[lambda text: accounts.spelled(text or "")])
    role = SelectField(_l("Role"), choices=[SelectChoice(role.value, words) for role, words in ROLES.items()])
    branch = SelectField(_lp("place", "Branch"), validate_choice=False)

    def validate_name(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_("Write the name."))
        if len(field.data) > LONGEST_NAME:
            raise ValidationError(_("This name is too long. Write a shorter one."))

    def validate_username(self, field: Any) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9._-]{1,39}", field.data or ""):
            raise ValidationError(_("Use 2 to 40 letters a to z, numbers, dots and dashes."))

    def validate_branch(self, field: Any) -> None:
        known = {choice.value for choice in field.choices if choice.value}
        if self.role.data == Role.BRANCH and field.data not in known:
            raise ValidationError(_("Choose the branch where this person works."))


@pages.get("/people")
@staff_only(Role.MANAGER, Role.ADMINISTRATOR)
def everybody() -> Any:
    with store().read() as db:
        people, places = accounts.every(db), {branch.id: branch for branch in branches.every(db)}
    return render_template("staff/people.html", people=people, places=places, roles=ROLES)


@pages.get("/people/add")
@staff_only(Role.MANAGER)
def new_person() -> Any:
    return render_template("staff/new_person.html", form=_form())


@pages.post("/people/add")
@staff_only(Role.MANAGER)
def add_person() -> Any:
    form = _form()
    if not form.validate_on_submit():
        return render_template("staff/new_person.html", form=form), 422
    role = Role(form.role.data)
    try:
        person, password = accounts.add(
            store(), current_app.config["SERVICE_KEY"], current_person(), desk_key(),
            username=form.username.data, name=form.name.data, role=role,
            branch_id=form.branch.data if role is Role.BRANCH else None,
        )  # fmt: skip
    except UsernameTaken:
        form.username.errors = [_("Somebody has this user name. Choose another.")]
        return render_template("staff/new_person.html", form=form), 422
    except TooBusy:
        form.username.errors = [_("Many people sign in right now. Try again in a moment.")]
        return render_template("staff/new_person.html", form=form), 503
    return render_template("staff/one_time_password.html", person=person, password=password)


@pages.get("/people/<person_id>")
@staff_only(Role.MANAGER, Role.ADMINISTRATOR)
def person(person_id: str) -> Any:
    return _person_page(person_id)


@pages.post("/people/<person_id>/password")
@staff_only(Role.MANAGER)
def reset_password(person_id: str) -> Any:
    try:
        person, password = accounts.reset_password(
            store(), current_app.config["SERVICE_KEY"], current_person(), desk_key(), person_id
        )
    except NotOnYourself:
        return redirect(url_for("staff.password"), 303)
    except TooBusy:
        return _person_page(person_id, _("Many people sign in right now. Try again in a moment."), 503)
    return render_template("staff/one_time_password.html", person=person, password=password)


@pages.post("/people/<person_id>/disable")
@staff_only(Role.MANAGER, Role.ADMINISTRATOR)
def disable(person_id: str) -> Any:
    try:
        accounts.disable(store(), current_app.config["SERVICE_KEY"], current_person(), person_id)
    except NotOnYourself:
        return _person_page(person_id, _("You cannot end your own account."), 409)
    except LastManager:
        return _person_page(person_id, _("This is the last manager. Add another one first."), 409)
    return redirect(url_for("staff.person", person_id=person_id), 303)


@pages.post("/people/<person_id>/enable")
@staff_only(Role.MANAGER)
def enable(person_id: str) -> Any:
    accounts.enable(store(), current_app.config["SERVICE_KEY"], current_person(), desk_key(), person_id)
    return redirect(url_for("staff.person", person_id=person_id), 303)


def _form() -> NewPerson:
    form = NewPerson()
    with store().read() as db:
        places = [SelectChoice(branch.id, branch.name) for branch in branches.every(db)]
    form.branch.choices = [SelectChoice("", _("Choose a branch")), *places]
    return form


def _person_page(person_id: str, problem: str = "", status: int = 200) -> Any:
    with store().read() as db:
        person = accounts.find_staff(db, person_id)
        try:
            branch = branches.find(db, person.branch_id)
        except NotThere:
            branch = None
    page = render_template("staff/person.html", person=person, branch=branch, roles=ROLES, problem=problem)
    return page, status
