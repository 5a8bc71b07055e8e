"""The people of a partner: a colleague is let in, gets a new password, leaves; and what it says of itself."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, render_template, request, url_for

from kiosk.configuration import store
from kiosk.languages import _
from kiosk.people import current_person, partner_key, partners
from kiosk.people.accounts import Person, UsernameTaken
from kiosk.people.partners import NotOnYourself
from kiosk.sealing import TooBusy
from kiosk.store import NotThere
from kiosk.support.partner import words
from kiosk.support.partner.forms import About, NewMember
from kiosk.support.partner.pages import for_members, own, pages
from kiosk.support.referrals import keys
from kiosk.support.referrals.keys import NothingOpens


@pages.get("/people")
@for_members
def everybody() -> Any:
    return _people()


@pages.post("/about")
@for_members
def save_about() -> Any:
    """What residents read of this partner before they say yes. The days agreed with the library stay."""
    form = About()
    if not form.validate_on_submit():
        return _people(form), 422
    with store().write() as db:
        partners.change(
            db, current_app.config["SERVICE_KEY"], current_person(), own(),
            email=form.email.data, who_reads=form.who_reads.data,
            kept_months=int(form.kept_months.data) if form.kept_months.data else None,
            pick_up_days=partners.find(db, own()).pick_up_days,
        )  # fmt: skip
    return redirect(url_for("partner.everybody", said="about"), 303)


@pages.post("/key")
@for_members
def change_key() -> Any:
    """Seal all that was sent for a new key: whoever had the old one opens nothing more."""
    try:
        keys.rotate(store(), current_app.config["SERVICE_KEY"], own(), current_person(), partner_key())
    except NothingOpens:
        return redirect(url_for("partner.everybody", said="key-stays"), 303)
    return redirect(url_for("partner.everybody", said="key"), 303)


@pages.get("/people/add")
@for_members
def new_member() -> Any:
    return render_template("partner/new_member.html", form=NewMember(formdata=None))


@pages.post("/people/add")
@for_members
def add_member() -> Any:
    form = NewMember()
    if not form.validate_on_submit():
        return render_template("partner/new_member.html", form=form), 422
    try:
        member, password = partners.add_member(
            store(), current_app.config["SERVICE_KEY"], current_person(), partner_key(),
            username=form.username.data, name=form.name.data,
        )  # fmt: skip
    except UsernameTaken:
        form.username.errors = [_("Somebody has this user name. Choose another.")]
        return render_template("partner/new_member.html", form=form), 422
    except TooBusy:
        form.username.errors = [_("Many people sign in right now. Try again in a moment.")]
        return render_template("partner/new_member.html", form=form), 503
    return render_template("staff/one_time_password.html", person=member, password=password)


@pages.get("/people/<person_id>")
@for_members
def member(person_id: str) -> Any:
    return _member_page(person_id)


@pages.post("/people/<person_id>/password")
@for_members
def give_password(person_id: str) -> Any:
    """A colleague has forgotten hers: she gets one for one sign-in, and the key of the partner anew."""
    try:
        person, password = partners.give_password(
            store(), current_app.config["SERVICE_KEY"], current_person(), partner_key(), person_id
        )
    except NotOnYourself:
        return redirect(url_for("partner.password"), 303)
    except TooBusy:
        return _member_page(person_id, _("Many people sign in right now. Try again in a moment."), 503)
    return render_template("staff/one_time_password.html", person=person, password=password)


@pages.post("/people/<person_id>/end")
@for_members
def end_member(person_id: str) -> Any:
    """A colleague leaves: she is out at once, and the key changes with it."""
    _colleague(person_id)
    try:
        keys.end_member(
            store(), current_app.config["SERVICE_KEY"], current_person(), partner_key(), person_id
        )
    except NotOnYourself:
        return _member_page(person_id, _("You cannot end your own account."), 409)
    return redirect(url_for("partner.member", person_id=person_id), 303)


def _colleague(person_id: str) -> Person:
    """Somebody of the same partner; `NotThere` for anybody else."""
    with store().read() as db:
        found = {each.id: each for each in partners.members(db, own())}
    if person_id not in found:
        raise NotThere
    return found[person_id]


def _member_page(person_id: str, problem: str = "", status: int = 200) -> Any:
    person = _colleague(person_id)
    return render_template("partner/member.html", person=person, problem=problem), status


def _people(form: About | None = None) -> str:
    with store().read() as db:
        partner, members = partners.find(db, own()), partners.members(db, own())
    months = "" if partner.kept_months is None else str(partner.kept_months)
    return render_template(
        "partner/people.html", partner=partner, members=members,
        form=form or About(
            formdata=None,
            data={"email": partner.email, "who_reads": partner.who_reads, "kept_months": months},
        ),
        said=words.SAID.get(request.args.get("said", "")),
    )  # fmt: skip
