"""One referral of this partner: opened, answered, passed on, printed, taken away as a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.wrappers import Response
from wtforms.fields.choices import SelectChoice

from kiosk import branches, references
from kiosk.configuration import store
from kiosk.forms import shown_phone
from kiosk.languages import _
from kiosk.people import current_person, partner_key, partners
from kiosk.sealing import CannotOpen
from kiosk.store import Reading, Writing
from kiosk.support.directory import records as directory
from kiosk.support.directory.records import Service
from kiosk.support.partner import capacity, export, words
from kiosk.support.partner.forms import Ask, Close, Decline, PassOn
from kiosk.support.partner.pages import for_members, moment, own, pages
from kiosk.support.referrals import consents, partner_side
from kiosk.support.referrals import story as stories
from kiosk.support.referrals.partner_side import Opened
from kiosk.support.referrals.records import Handover, Moment
from kiosk.support.referrals.sending import NotTaking
from kiosk.support.referrals.steps import FROM, Moved
from kiosk.support.referrals.story import Story

Change = Callable[[Writing, Moment], Handover]

_NEEDS_STORY = ("accepted", "asking", "passing")
"""The steps that make no sense once nobody can read the story."""


# Looking ----------------------------------------------------------------------------------------------------


@pages.get("/referrals/<handover_id>")
@for_members
def show(handover_id: str) -> Any:
    return page(handover_id)


@pages.get("/referrals/<handover_id>/print")
@for_members
def on_paper(handover_id: str) -> Any:
    """The same without what can be done with it, for a printer."""
    return render_template("partner/print.html", **looks(opened(handover_id)))


@pages.get("/referrals/<handover_id>/json")
@for_members
def as_json(handover_id: str) -> Any:
    found = opened(handover_id)
    if is_damaged(found):
        return redirect(url_for("partner.show", handover_id=handover_id), 303)
    body = export.document(found, words.language_of(found.handover.language))
    answer = Response(json.dumps(body, ensure_ascii=False, indent=2), mimetype="application/json")
    answer.headers["Content-Disposition"] = f"attachment; filename=referral-{found.handover.reference}.json"
    return answer


def opened(handover_id: str) -> Opened:
    """A referral of this partner with what it says; that it was opened stands in the log."""
    with store().read() as db:
        partner_side.find(db, handover_id, own())
    key = partner_key()
    with store().write() as db:
        return open_one(db, handover_id, key)


def open_one(db: Writing, handover_id: str, key: bytes, action: str = "referral opened") -> Opened:
    """The same in a transaction; one that is damaged is found `unopened`, and stands in the log as well."""
    try:
        return partner_side.opened(db, handover_id, current_person(), key, moment(db), action=action)
    except CannotOpen:
        return unopened(db, partner_side.find(db, handover_id, own()))


def unopened(db: Reading, one: Handover) -> Opened:
    """A referral of which something cannot be opened: nothing of it is shown.

    What she said last of how to reach her may be the very thing that is damaged, and the rest is not safe
    without it.
    """
    return Opened(one, consents.find(db, one.consent_id), partner_side.steps_of(db, one.id), None, [])


def is_damaged(found: Opened) -> bool:
    """Whether it is kept and could not be opened."""
    return found.story is None and found.handover.sealed is not None


def looks(found: Opened) -> dict[str, Any]:
    """What a page about one referral is drawn from."""
    one, language = found.handover, words.language_of(found.handover.language)
    story: Story = found.told or {}
    with store().read() as db:
        place = branches.find(db, one.branch_id)
        sender = partners.find(db, one.from_partner_id).name if one.from_partner_id else ""
    said = story.get("own-words")
    return {
        "opened": found,
        "damaged": is_damaged(found),
        "one": one,
        "story": story,
        "language": language,
        "state": words.state(one),
        "told": words.told(story, language),
        "reach": words.reach(story, language) if story else None,
        "safe_times": words.safe_times(story, language) if story else (),
        "own_words": said,
        "words_language": words.language_of(said["language"]) if said else language,
        "answers": [
            (each, words.why(each.said["to"]), words.language_of(each.said["language"]))
            for each in found.notes
            if each.kind == "answer"
        ],
        "reach_is_new": any(each.kind == "reach" for each in found.notes),
        "happened": words.happened(found.steps),
        "who": words.who,
        "filled_by": words.filled_by(one),
        "place": place.name,
        "ring": (place.name, shown_phone(place.phone))
        if stories.is_told_by_library(story.get("reach", ()))
        else None,
        "sender": sender,
        "shown": references.shown,
    }


def page(
    handover_id: str,
    *,
    ask: Ask | None = None,
    decline: Decline | None = None,
    close: Close | None = None,
    pass_on: PassOn | None = None,
) -> str:
    """The page of a referral, with the forms that can be filled in now."""
    found = opened(handover_id)
    with store().read() as db:
        elsewhere = services_elsewhere(db)
        late = found.handover.waits and found.handover.due_at <= _now()
    may = {state: found.handover.state in before for state, before in FROM.items()}
    if found.story is None:
        may |= dict.fromkeys(_NEEDS_STORY, False)
    pass_on = pass_on or PassOn(formdata=None)
    pass_on.service.choices = _service_choices(elsewhere)
    return render_template(
        "partner/referral.html", ask=ask or Ask(formdata=None), decline=decline or Decline(formdata=None),
        close=close or Close(formdata=None), pass_on=pass_on, elsewhere=elsewhere, late=late,
        may=may, said=words.SAID.get(request.args.get("said", "")), **looks(found),
    )  # fmt: skip


def services_elsewhere(db: Reading) -> list[Service]:
    """The services of other partners to which a person can be sent now."""
    taking = partners.taking(db) - {own()}
    return [each for each in directory.shown(db) if each.partner_id in taking and each.state == "open"]


def _service_choices(services: list[Service]) -> list[Any]:
    return [SelectChoice(each.id, f"{each.name} ({each.organisation})") for each in services]


def _now() -> str:
    return datetime.now(UTC).isoformat()


# Answering --------------------------------------------------------------------------------------------------


@pages.post("/referrals/<handover_id>/accept")
@for_members
def accept(handover_id: str) -> Any:
    """Take it on. The first time it takes one of the places of the service, where those are counted."""

    def change(db: Writing, at: Moment) -> Handover:
        before = partner_side.find(db, handover_id, own())
        found = partner_side.accept(db, handover_id, current_person(), at)
        if not before.accepted_at:
            capacity.take_place(db, found.service_id)
        return found

    return do(handover_id, "accepted", change)


@pages.post("/referrals/<handover_id>/ask")
@for_members
def ask(handover_id: str) -> Any:
    form = Ask()
    if not form.validate_on_submit():
        return page(handover_id, ask=form), 422
    return do(
        handover_id,
        "asking",
        lambda db, at: partner_side.ask(db, handover_id, current_person(), form.question.data, at),
    )


@pages.post("/referrals/<handover_id>/decline")
@for_members
def decline(handover_id: str) -> Any:
    form = Decline()
    if not form.validate_on_submit():
        return page(handover_id, decline=form), 422
    return do(
        handover_id,
        "declined",
        lambda db, at: partner_side.decline(db, handover_id, current_person(), form.reason.data, at),
    )


@pages.post("/referrals/<handover_id>/contacted")
@for_members
def contacted(handover_id: str) -> Any:
    """Somebody has spoken with her: it is taken on, if it was not before."""

    def change(db: Writing, at: Moment) -> Handover:
        before = partner_side.find(db, handover_id, own())
        found = partner_side.contacted(db, handover_id, current_person(), at)
        if not before.accepted_at:
            capacity.take_place(db, found.service_id)
        return found

    return do(handover_id, "contacted", change)


@pages.post("/referrals/<handover_id>/close")
@for_members
def close(handover_id: str) -> Any:
    form = Close()
    if not form.validate_on_submit():
        return page(handover_id, close=form), 422
    return do(
        handover_id,
        "closed",
        lambda db, at: partner_side.close(db, handover_id, current_person(), form.outcome.data, at),
    )


@pages.post("/referrals/<handover_id>/pass")
@for_members
def pass_on(handover_id: str) -> Any:
    """Say to whom it should be passed on; the person is asked first."""
    form = PassOn()
    with store().read() as db:
        chosen = {each.id: each for each in services_elsewhere(db)}
    if form.service.data not in chosen:
        form.service.errors = [_("Choose a service.")]
        return page(handover_id, pass_on=form), 422
    service = chosen[form.service.data]
    return do(
        handover_id,
        "passing",
        lambda db, at: partner_side.propose_passing(
            db, handover_id, current_person(), service.partner_id or "", service.id, at
        ),
    )


@pages.post("/referrals/<handover_id>/keep")
@for_members
def keep(handover_id: str) -> Any:
    """Not pass it on after all."""
    return do(
        handover_id,
        "kept",
        lambda db, at: partner_side.drop_passing(db, handover_id, current_person(), at),
    )


@pages.post("/referrals/<handover_id>/passed")
@for_members
def complete(handover_id: str) -> Any:
    """Pass it on, now that the person has said yes."""
    with store().read() as db:
        partner_side.find(db, handover_id, own())
    key = partner_key()
    return do(
        handover_id,
        "passed",
        lambda db, at: partner_side.complete_passing(db, handover_id, current_person(), key, at),
    )


def do(handover_id: str, act: str, change: Change) -> Any:
    """Carry out a step and go on to the page of the referral, or say what became of it meanwhile."""
    try:
        with store().write() as db:
            partner_side.find(db, handover_id, own())
            change(db, moment(db))
    except Moved:
        return conflict(handover_id)
    except NotTaking:
        return conflict(handover_id, _("The other organisation takes nobody now."))
    except (ValueError, CannotOpen):
        return conflict(handover_id, _("This cannot be passed on."))
    return redirect(url_for("partner.show", handover_id=handover_id, said=act), 303)


def conflict(handover_id: str, why: str = "") -> Any:
    """A colleague was faster, or the person has taken it back: nothing was changed."""
    with store().read() as db:
        one = partner_side.find(db, handover_id, own())
    answer = render_template(
        "partner/conflict.html", one=one, state=words.state(one), why=why, shown=references.shown
    )
    return answer, 409
