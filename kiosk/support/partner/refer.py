"""A partner refers a person in, with her beside it or on the phone, so that she need not start again.

First what she tells, on one page; then her yes or no to each organisation, in her language and in English;
then the receipt to give her. Between the two pages what was typed travels in the form, and is kept nowhere.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import render_template, request
from wtforms.fields.choices import SelectChoice

from kiosk import branches, references
from kiosk.configuration import store
from kiosk.languages import _
from kiosk.people import current_person, partners
from kiosk.settings import effective
from kiosk.support import codes
from kiosk.support.directory.records import Service
from kiosk.support.partner import words
from kiosk.support.partner.consent import METHOD
from kiosk.support.partner.forms import PersonsYes, Refer
from kiosk.support.partner.pages import for_members, moment, pages
from kiosk.support.partner.reading_out import Read, read_to
from kiosk.support.partner.referral import services_elsewhere
from kiosk.support.referrals import partner_side
from kiosk.support.referrals.consents import Choice
from kiosk.support.referrals.sending import NotTaking, Sending, Sent
from kiosk.support.referrals.story import Story, part, special
from kiosk.support.telling import asking
from kiosk.support.telling.asking import Asked

MINE = "answer"
"""Begins the name of each field in which an answer of hers stands; all others are what she told."""


@pages.get("/refer")
@for_members
def refer() -> Any:
    form = Refer(formdata=None, data={"key": secrets.token_urlsafe(24), "language": "en"})
    return _page(form)


@pages.post("/refer")
@for_members
def send_referral() -> Any:
    """Look at what was told, ask for each yes, or send it: whatever the button that was touched says."""
    form = Refer()
    services = _suit(form)
    if not form.validate_on_submit() or request.form.get("step") == "change":
        return _page(form), 200 if request.form.get("step") == "change" else 422
    story = form.story()
    chosen = [each for each in services if each.id in form.services.data]
    without = [each.name for each in chosen if not _needs_of(each, story)]
    if without:
        form.services.errors = [
            _("This service does not help with that: %(names)s", names=", ".join(without))
        ]
        return _page(form), 422
    asked = _asked(chosen, story, form.language.data)
    says = PersonsYes(formdata=None if request.form.get("step") != "send" else request.form, prefix=MINE)
    says.suit((), sorted({need for each in asked for need in each.asked.special}))
    if request.form.get("step") != "send":
        return _check(form, asked, says, {})
    return _send(form, story, asked, says)


def _send(form: Refer, story: Story, asked: list[Read], says: PersonsYes) -> Any:
    yes = {_key(each): request.form.get(f"{MINE}-to-{_key(each)}", "") for each in asked}
    problem = ""
    if any(answer not in {"yes", "no"} for answer in yes.values()):
        problem = _("Say yes or no for each organisation.")
    elif not any(yes[_key(each)] == "yes" for each in asked if each.asked.partner):
        problem = _("The person said no to all. Nothing can be sent.")
    elif not says.validate():
        problem = _("Choose how the person says it.")
    express = says.express.data or ()
    lacking = {need for each in asked if yes[_key(each)] == "yes" for need in each.asked.special}
    if not problem and lacking - set(express):
        problem = _("Ask for each special topic. Without a yes, go back and leave it out.")
    if problem:
        return _check(form, asked, says, yes, problem), 422
    choices = [
        each.choice(
            yes[_key(each)] == "yes", request.form.getlist(f"{MINE}-items-{_key(each)}"), express, METHOD
        )
        for each in asked
    ]
    try:
        sent = _sent(form, story, choices, says.agreed.data)
    except NotTaking:
        return _check(form, asked, says, yes, _("One of these organisations takes nobody now.")), 409
    language = words.language_of(form.language.data)
    return render_template(
        "partner/sent.html", sent=sent, shown=references.shown, language=language,
        asked=[each for each in asked if yes[_key(each)] == "yes" and each.asked.partner],
    )  # fmt: skip


def _sent(form: Refer, story: Story, choices: list[Choice], agreed_by: str) -> Sent:
    with store().write() as db:
        at = moment(db)
        way, to = asking.news(story["reach"], at.settings)
        sending = Sending(
            one_time_key=f"{current_person().id}:{form.key.data}"[:200],
            story=story,
            language=form.language.data,
            choices=tuple(choices),
            agreed_by=agreed_by,
            message_way=way,
            message_to=to,
        )
        return partner_side.refer_in(db, current_person(), sending, branch=form.branch.data, at=at)


def _suit(form: Refer) -> list[Service]:
    """Offer the services and libraries that there are now."""
    with store().read() as db:
        services = services_elsewhere(db)
        places = [each for each in branches.every(db) if not each.is_closed_for_good]
    form.services.choices = [SelectChoice(each.id, f"{each.name} ({each.organisation})") for each in services]
    form.branch.choices = [SelectChoice(each.id, each.name) for each in places]
    return services


def _needs_of(service: Service, story: Story) -> list[str]:
    return [need for need in story["about"] if need in service.needs]


def _asked(services: list[Service], story: Story, tag: str) -> list[Read]:
    """The words about each organisation, and about library staff reading along."""
    language = words.language_of(tag)

    def ask() -> list[Asked]:
        found = []
        with store().read() as db:
            for each in services:
                partner = partners.find(db, each.partner_id or "")
                hers = part(story, story, _needs_of(each, story))
                found.append(asking.of_partner(db, each, partner, hers, special(hers), tag, effective(db)))
        return [*found, asking.library()]

    return read_to(language, ask)


def _key(read: Read) -> str:
    return read.asked.key or "library"


def _page(form: Refer) -> str:
    services = _suit(form)
    return render_template("partner/refer.html", form=form, services=services)


def _check(form: Refer, asked: list[Read], says: PersonsYes, yes: dict[str, str], problem: str = "") -> str:
    kept = [
        (name, value)
        for name, values in request.form.lists()
        if not name.startswith(MINE) and name not in {"step", "csrf_token"}
        for value in values
    ]
    return render_template(
        "partner/refer_check.html", form=form, asked=asked, says=says, yes=yes, problem=problem, kept=kept,
        key_of=_key, mine=MINE, language=words.language_of(form.language.data), special=codes.SPECIAL,
        labels=words.LABELS,
        left_in=lambda read, item: not yes or item in request.form.getlist(f"{MINE}-items-{_key(read)}"),
    )  # fmt: skip
