"""What staff see of referrals: where each stands, and what to ask after; what it says only with her yes.

They can do for a person who is with them what she could do at a screen: take it back, say yes to passing it
on, get a new PIN.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import current_app, redirect, render_template, request, url_for

from kiosk import branches, references
from kiosk.configuration import store
from kiosk.languages import _, _l
from kiosk.people import current_person, desk_key, note, partners
from kiosk.references import NotAReference
from kiosk.sealing import CannotOpen
from kiosk.store import NotThere, Reading
from kiosk.support.desk import referred
from kiosk.support.desk.forms import CHASED, HOW, Answer, Chased, Code, TakeBack, choices_of_why
from kiosk.support.desk.pages import blueprint, for_openers, moment, own_branch
from kiosk.support.partner import words
from kiosk.support.partner.forms import PersonsYes
from kiosk.support.partner.reading_out import Read, about_passing, answered
from kiosk.support.partner.referral import looks, unopened
from kiosk.support.referrals import consents, desk_side, own_side, partner_side, records
from kiosk.support.referrals.consents import Given
from kiosk.support.referrals.records import Handover
from kiosk.support.referrals.sending import NotTaking
from kiosk.support.referrals.steps import FROM, Moved

A_PAGE = 30
SAID = {
    "chased": _l("It is written down. It comes back if nothing happens."),
    "taken-back": _l("It is taken back. The partner has nothing of it any more."),
    "told": _l("It is written down. It comes back when there is news again."),
    "answered": _l("It is kept. The person can see that."),
    "yes": _l("The yes is written down. The partner passes it on."),
    "no": _l("The no is written down. It stays where it is."),
}
WHY_CHASED = {
    "overdue": _l("The partner has not answered in time."),
    "nobody-called": _l("The person says that nobody has called."),
}


# The list ---------------------------------------------------------------------------------------------------


@blueprint.get("/referrals")
@for_openers
def referrals() -> Any:
    return _list()


@blueprint.post("/referrals/code")
@for_openers
def referral_by_code() -> Any:
    """Find the referrals of a person who says her code."""
    form = Code()
    try:
        reference = references.read(form.code.data or "")
        with store().read() as db:
            found = records.handovers_of(db, records.by_reference(db, reference).id)
        found = [each for each in found if own_branch() in ("", each.branch_id)]
        if not found:
            raise NotThere
    except (NotAReference, NotThere):
        form.code.errors = [_("No referral here has this code. Check each letter and number.")]
        return _list(form), 422
    return redirect(url_for("support_desk.referral", handover_id=found[-1].id), 303)


def _list(form: Code | None = None) -> Any:
    everything = request.args.get("which") == "all"
    page = max(1, min(request.args.get("page", 1, type=int), 100_000))
    with store().read() as db:
        places = {each.id: each for each in branches.every(db)}
        asked = request.args.get("branch", "")
        branch_id = own_branch() or (asked if asked in places else "")
        scope = [branch_id] if branch_id else list(places)
        waiting = desk_side.chase(db, scope, datetime.now(UTC))
        to_tell, of_library = desk_side.to_tell(db, scope), desk_side.of_library(db, scope)
        found = desk_side.listed(
            db, branch_id, open_only=not everything, most=A_PAGE + 1, skip=(page - 1) * A_PAGE
        )
    return render_template(
        "support/desk_referrals.html", form=form or Code(formdata=None), chase=waiting, why=WHY_CHASED,
        to_tell=to_tell, of_library=of_library,
        referrals=found[:A_PAGE], more=len(found) > A_PAGE, page=page, everything=everything, places=places,
        branch_id=branch_id, state=words.state, language_of=words.language_of, shown=references.shown,
    )  # fmt: skip


# One referral -----------------------------------------------------------------------------------------------


@blueprint.get("/referrals/<handover_id>")
@for_openers
def referral(handover_id: str) -> Any:
    return _page(handover_id)


@blueprint.get("/referrals/<handover_id>/content")
@for_openers
def content(handover_id: str) -> Any:
    """What it says, if she agreed that staff may read it; that it was opened stands in the log."""
    key = desk_key()
    with store().write() as db:
        at = moment(db)
        try:
            found = desk_side.opened(db, handover_id, current_person(), key, at)
        except CannotOpen:
            found = unopened(db, desk_side.of_branch(db, handover_id, own_branch()))
        is_theirs = found.story is not None and not found.handover.is_of_library
        if is_theirs and referred.READ not in {each.what for each in found.steps}:
            referred.read(db, handover_id, current_person().username, at)
    return render_template("support/desk_referral_content.html", **{**looks(found), "ring": None})


@blueprint.post("/referrals/<handover_id>/chased")
@for_openers
def chased(handover_id: str) -> Any:
    form = Chased()
    if not form.validate_on_submit():
        return _page(handover_id, chased=form), 422
    with store().write() as db:
        desk_side.of_branch(db, handover_id, own_branch())
        desk_side.chased(db, handover_id, current_person(), form.what.data, moment(db))
    return _to(handover_id, "chased")


@blueprint.post("/referrals/<handover_id>/told")
@for_openers
def told_person(handover_id: str) -> Any:
    """A person who wants to hear of news from staff has heard that there is some."""
    with store().write() as db:
        desk_side.of_branch(db, handover_id, own_branch())
        desk_side.told_person(db, handover_id, current_person(), moment(db))
    return _to(handover_id, "told")


@blueprint.post("/referrals/<handover_id>/answer")
@for_openers
def answer(handover_id: str) -> Any:
    """What a partner referred to the library itself: taken on, spoken with, declined or closed."""
    form = Answer()
    if not form.validate_on_submit():
        return _page(handover_id, answer=form), 422
    try:
        with store().write() as db:
            desk_side.answer(db, handover_id, current_person(), form.state.data, moment(db), form.why.data)
    except Moved:
        return _changed(_of_branch(handover_id))
    return _to(handover_id, "answered")


@blueprint.post("/referrals/<handover_id>/take-back")
@for_openers
def take_back(handover_id: str) -> Any:
    """For a person who is here, on the phone, or has written: her copy at the partner is wiped at once."""
    form = TakeBack()
    if not form.validate_on_submit():
        return _page(handover_id, take_back=form), 422
    with store().write() as db:
        one = desk_side.of_branch(db, handover_id, own_branch())
        if one.state == "withdrawn":
            return _changed(one)
        own_side.withdraw(db, handover_id, moment(db), how=HOW[form.how.data], who=current_person().username)
        note(db, "referral taken back", "referral", handover_id, form.how.data)
    return _to(handover_id, "taken-back")


@blueprint.post("/referrals/<handover_id>/pin")
@for_openers
def new_pin(handover_id: str) -> Any:
    """Another PIN, for a person who is here and has lost hers; it is shown once."""
    with store().write() as db:
        one = desk_side.of_branch(db, handover_id, own_branch())
        found = records.new_pin(db, one.referral_id, current_app.config["SERVICE_KEY"])
        note(db, "new PIN for a referral", "referral", handover_id)
    pin = records.pin(found, current_app.config["SERVICE_KEY"])
    return render_template("support/desk_referral_pin.html", one=one, pin=pin, shown=references.shown)


@blueprint.get("/referrals/<handover_id>/yes")
@for_openers
def ask_person(handover_id: str) -> Any:
    """Ask a person who is here whether it may be passed on."""
    one = _of_branch(handover_id)
    read = about_passing(one)
    if read is None:
        return _changed(one)
    return _yes_page(one, read, PersonsYes(formdata=None, data={"items": read.asked.at_first}))


@blueprint.post("/referrals/<handover_id>/yes")
@for_openers
def person_says(handover_id: str) -> Any:
    one, form = _of_branch(handover_id), PersonsYes()
    read = about_passing(one)
    if read is None:
        return _changed(one)
    yes = answered(form, read)
    if yes is None:
        return _yes_page(one, read, form), 422
    choice = read.choice(yes, form.items.data, form.express.data, HOW[form.agreed.data])
    try:
        with store().write() as db:
            at = moment(db)
            given = Given(one.branch_id, "", at.now, "staff", form.agreed.data, current_person().username)
            own_side.say_to_passing(db, handover_id, choice, given, at)
            note(db, "person said yes" if yes else "person said no", "referral", handover_id)
    except (Moved, NotTaking):
        return _changed(_of_branch(handover_id))
    return _to(handover_id, "yes" if yes else "no")


def _of_branch(handover_id: str) -> Handover:
    with store().read() as db:
        return desk_side.of_branch(db, handover_id, own_branch())


def _to(handover_id: str, said: str) -> Any:
    return redirect(url_for("support_desk.referral", handover_id=handover_id, said=said), 303)


def _changed(one: Handover) -> Any:
    page = render_template(
        "support/desk_referral_changed.html", one=one, state=words.state(one), shown=references.shown
    )
    return page, 409


def _yes_page(one: Handover, read: Read, form: PersonsYes) -> str:
    form.suit(read.asked.optional, read.asked.special)
    return render_template(
        "support/desk_referral_yes.html", one=one, read=read, form=form, shown=references.shown,
    )  # fmt: skip


def _page(
    handover_id: str,
    *,
    chased: Chased | None = None,
    take_back: TakeBack | None = None,
    answer: Answer | None = None,
) -> str:
    with store().read() as db:
        one = desk_side.of_branch(db, handover_id, own_branch())
        steps = partner_side.steps_of(db, handover_id)
        others = [
            each
            for each in records.handovers_of(db, one.referral_id)
            if each.id != one.id and own_branch() in ("", each.branch_id)
        ]
        consent = consents.find(db, one.consent_id)
        partner = None if one.is_of_library else partners.find(db, one.partner_id)
        sender = partners.find(db, one.from_partner_id).name if one.from_partner_id else ""
        waits = _waits(db, one)
        place = branches.find(db, one.branch_id).name
    return render_template(
        "support/desk_referral.html", one=one, state=words.state(one), steps=words.happened(steps),
        who=words.who, others=others, consent=consent, partner=partner, place=place, sender=sender,
        why_chased=WHY_CHASED.get(waits, ""), chased_words=CHASED, words_of=words.state,
        language=words.language_of(one.language), filled_by=words.filled_by(one), shown=references.shown,
        chased=chased or Chased(formdata=None), take_back=take_back or TakeBack(formdata=None),
        answer=answer or Answer(formdata=None), whys=choices_of_why(),
        may={state: one.is_of_library and one.state in FROM[state] for state in desk_side.WHY},
        said=SAID.get(request.args.get("said", "")),
    )  # fmt: skip


def _waits(db: Reading, one: Handover) -> str:
    """Why staff should ask the partner now; empty when they need not."""
    found = desk_side.chase(db, [one.branch_id], datetime.now(UTC))
    return next((each.why for each in found if each.handover.id == one.id), "")
