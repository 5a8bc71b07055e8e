"""The organisations that take referrals, as staff look after them: let in, agree on days, end.

A manager lets a partner in and can never read what it is sent: its key is its own from the first sign-in on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app, redirect, render_template, request, url_for

from kiosk.configuration import store
from kiosk.languages import _, _l
from kiosk.people import current_person, partners
from kiosk.people.accounts import UsernameTaken
from kiosk.people.partners import NameTaken
from kiosk.sealing import TooBusy
from kiosk.settings import effective
from kiosk.store import NotThere, Writing
from kiosk.support.desk.forms import Agreement, NewPartner
from kiosk.support.desk.pages import blueprint, for_managers, for_openers
from kiosk.support.directory import records as directory
from kiosk.support.referrals import reports

SAID = {
    "changed": _l("It is kept."),
    "ended": _l("Nothing is sent to this partner any more. What it has stays until it is over."),
    "again": _l("This partner takes referrals again."),
    "busy": _l("Many people sign in right now. Try again in a moment."),
    "member-ended": _l("This account has ended. The partner should change its key."),
}


@blueprint.get("/partners")
@for_openers
def every_partner() -> Any:
    with store().read() as db:
        found = [
            (each, len(partners.members(db, each.id)), directory.of_partner(db, each.id))
            for each in partners.every(db)
        ]
        taking = partners.taking(db)
    return render_template("support/desk_partners.html", partners=found, taking=taking)


@blueprint.get("/partners/add")
@for_managers
def new_partner() -> Any:
    return render_template("support/desk_partner_new.html", form=NewPartner(formdata=None))


@blueprint.post("/partners/add")
@for_managers
def add_partner() -> Any:
    """The password of its first member is shown now and never again."""
    form, status = NewPartner(), 422
    if form.validate_on_submit():
        try:
            partner, person, password = partners.add(
                store(), current_app.config["SERVICE_KEY"], current_person(), name=form.partner.data,
                username=form.username.data, person_name=form.name.data, email=form.email.data,
            )  # fmt: skip
        except NameTaken:
            form.partner.errors = [_("There is a partner of this name already.")]
        except UsernameTaken:
            form.username.errors = [_("Somebody has this user name. Choose another.")]
        except TooBusy:
            form.username.errors, status = [_("Many people sign in right now. Try again in a moment.")], 503
        else:
            back = url_for("support_desk.partner", partner_id=partner.id)
            return render_template(
                "support/desk_partner_password.html", person=person, password=password, back=back
            )
    return render_template("support/desk_partner_new.html", form=form), status


@blueprint.get("/partners/<partner_id>")
@for_openers
def partner(partner_id: str) -> Any:
    return _page(partner_id)


@blueprint.post("/partners/<partner_id>")
@for_managers
def change_partner(partner_id: str) -> Any:
    form = Agreement()
    if not form.validate_on_submit():
        return _page(partner_id, form), 422
    return _do(
        partner_id,
        "changed",
        lambda db: partners.change(
            db, current_app.config["SERVICE_KEY"], current_person(), partner_id,
            email=form.email.data, who_reads=form.who_reads.data, kept_months=_number(form.kept_months.data),
            pick_up_days=_number(form.pick_up_days.data),
        ),
    )  # fmt: skip


@blueprint.post("/partners/<partner_id>/end")
@for_managers
def end_partner(partner_id: str) -> Any:
    return _do(
        partner_id,
        "ended",
        lambda db: partners.end(db, current_app.config["SERVICE_KEY"], current_person(), partner_id),
    )


@blueprint.post("/partners/<partner_id>/again")
@for_managers
def begin_partner_again(partner_id: str) -> Any:
    return _do(
        partner_id,
        "again",
        lambda db: partners.begin_again(db, current_app.config["SERVICE_KEY"], current_person(), partner_id),
    )


@blueprint.post("/partners/<partner_id>/people/<person_id>/password")
@for_managers
def give_first_password(partner_id: str, person_id: str) -> Any:
    """The password of who was let in first was lost before anybody of the partner had signed in."""
    _check_member(partner_id, person_id)
    try:
        person, password = partners.give_first_password(
            store(), current_app.config["SERVICE_KEY"], current_person(), person_id
        )
    except TooBusy:
        return redirect(url_for("support_desk.partner", partner_id=partner_id, said="busy"), 303)
    back = url_for("support_desk.partner", partner_id=partner_id)
    return render_template("support/desk_partner_password.html", person=person, password=password, back=back)


@blueprint.post("/partners/<partner_id>/people/<person_id>/end")
@for_managers
def end_partner_member(partner_id: str, person_id: str) -> Any:
    """End the account of somebody of a partner, when nobody there can."""
    _check_member(partner_id, person_id)
    partners.end_member(store(), current_app.config["SERVICE_KEY"], current_person(), person_id)
    return redirect(url_for("support_desk.partner", partner_id=partner_id, said="member-ended"), 303)


def _check_member(partner_id: str, person_id: str) -> None:
    with store().read() as db:
        if person_id not in {each.id for each in partners.members(db, partner_id)}:
            raise NotThere


def _do(partner_id: str, act: str, change: Callable[[Writing], object]) -> Any:
    with store().write() as db:
        change(db)
    return redirect(url_for("support_desk.partner", partner_id=partner_id, said=act), 303)


def _number(text: str) -> int | None:
    return int(text) if text else None


def _page(partner_id: str, form: Agreement | None = None) -> str:
    with store().read() as db:
        found = partners.find(db, partner_id)
        members, services = partners.members(db, partner_id), directory.of_partner(db, partner_id)
        hours, usual = reports.reply_time(db, partner_id), effective(db).referral_pick_up_days
        taking = partner_id in partners.taking(db)
    data = {"email": found.email, "who_reads": found.who_reads, **_texts(found)}
    return render_template(
        "support/desk_partner.html", partner=found, members=members, services=services, hours=hours,
        usual=usual, taking=taking, form=form or Agreement(formdata=None, data=data),
        said=SAID.get(request.args.get("said", "")),
    )  # fmt: skip


def _texts(found: partners.Partner) -> dict[str, str]:
    numbers = {"kept_months": found.kept_months, "pick_up_days": found.pick_up_days}
    return {name: "" if number is None else str(number) for name, number in numbers.items()}
