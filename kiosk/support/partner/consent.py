"""Her yes or no to another organisation, asked by somebody of a partner who is with her or on the phone."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for

from kiosk import references
from kiosk.configuration import store
from kiosk.languages import _
from kiosk.people import current_person
from kiosk.support.partner.forms import PersonsYes
from kiosk.support.partner.pages import for_members, moment, own, pages
from kiosk.support.partner.reading_out import Read, about_passing, answered
from kiosk.support.partner.referral import conflict
from kiosk.support.referrals import own_side, partner_side
from kiosk.support.referrals.records import Handover
from kiosk.support.referrals.sending import NotTaking
from kiosk.support.referrals.steps import Moved

METHOD = "partner"
"""Of `steps.METHODS`: she said it to a partner."""


@pages.get("/referrals/<handover_id>/yes")
@for_members
def ask_person(handover_id: str) -> Any:
    one = _own_one(handover_id)
    read = about_passing(one)
    if read is None:
        return _nobody_to_ask_about(one)
    return _page(one, read, PersonsYes(formdata=None, data={"items": read.asked.at_first}))


@pages.post("/referrals/<handover_id>/yes")
@for_members
def person_says(handover_id: str) -> Any:
    """Write her answer down. A yes passes nothing on yet: that is a step of its own."""
    one, form = _own_one(handover_id), PersonsYes()
    read = about_passing(one)
    if read is None:
        return _nobody_to_ask_about(one)
    yes = answered(form, read)
    if yes and not read.asked.takes:
        return _nobody_to_ask_about(one)
    if yes is None:
        return _page(one, read, form), 422
    choice = read.choice(yes, form.items.data, form.express.data, METHOD)
    try:
        with store().write() as db:
            at = moment(db)
            given = partner_side.given_here(current_person(), one.branch_id, at, form.agreed.data)
            own_side.say_to_passing(db, handover_id, choice, given, at)
            said = "person said yes" if yes else "person said no"
            partner_side.record(db, current_person(), said, handover_id, at)
    except Moved:
        return conflict(handover_id)
    except NotTaking:
        return _nobody_to_ask_about(one)
    return redirect(url_for("partner.show", handover_id=handover_id, said="yes" if yes else "no"), 303)


def _own_one(handover_id: str) -> Handover:
    with store().read() as db:
        return partner_side.find(db, handover_id, own())


def _nobody_to_ask_about(one: Handover) -> Any:
    waits = one.state == "passing" and not one.passing_consent
    return conflict(one.id, _("The other organisation takes nobody now.") if waits else "")


def _page(one: Handover, read: Read, form: PersonsYes) -> str:
    form.suit(read.asked.optional, read.asked.special)
    return render_template("partner/yes.html", one=one, read=read, form=form, shown=references.shown)
