"""What staff see of joining and do with it: three lists without names, one join opened, and its end."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from babel.support import LazyProxy
from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import CheckboxInput

from kiosk import branches, languages, references
from kiosk.configuration import store
from kiosk.forms import (
    Choice,
    EmailField,
    NameField,
    PhoneField,
    TextField,
    as_postcode,
    clean,
    shown_phone,
)
from kiosk.join import records
from kiosk.join.answers import AGE_BANDS, CONTACT, HOMES, NEEDS, Answers, labels, shown_birth
from kiosk.join.records import AlreadyDone, ChangedMeanwhile, Join
from kiosk.languages import Language, _, _l, _lp
from kiosk.people import Role, current_person, desk_key, note, staff_only
from kiosk.references import NotAReference
from kiosk.settings import effective
from kiosk.store import NotThere, Writing

blueprint = Blueprint("join_desk", __name__, url_prefix="/staff/joins")
for_openers = staff_only(Role.BRANCH, Role.MANAGER)

A_PAGE = 20
CARD = re.compile(r"[A-Za-z0-9]{4,20}")

TABS = {
    "new": _lp("tab", "New"),
    "waiting": _lp("tab", "Waiting for someone"),
    "done": _lp("tab", "Done"),
}
STATES = {
    "new": _lp("join", "New"),
    "waiting": _lp("join", "Waiting for someone"),
    "finished": _lp("join", "Finished"),
    "refused": _lp("join", "Refused"),
}
WAITING = (
    Choice("person", _l("The person comes back")),
    Choice("parent", _l("A parent or carer must come")),
    Choice("address", _l("A proof of address is missing")),
    Choice("colleague", _l("A colleague must look at it")),
)
REFUSALS = (
    Choice("member", _l("The person is a member already")),
    Choice("twice", _l("It was sent twice")),
    Choice("no-longer", _l("The person does not want to join any more")),
    Choice("not-real", _l("This is not a real person")),
    Choice("other", _l("Another reason")),
)
SAID = {
    "waiting": _l("It now waits for someone."),
    "finished": _l("The join is finished."),
    "refused": _l("The join is refused."),
}


def _options(choices: tuple[Choice, ...], *, may_be_empty: bool = False) -> list[Any]:
    """The choices as the field of a form takes them."""
    empty = [SelectChoice("", "–")] if may_be_empty else []
    return [*empty, *(SelectChoice(choice.code, choice.label) for choice in choices)]


class MayBeEmpty(TextField):
    """A line that staff may leave empty."""

    def pre_validate(self, form: Any) -> None:
        if self.data:
            super().pre_validate(form)


class MaybeName(MayBeEmpty, NameField):
    pass


class MaybePhone(MayBeEmpty, PhoneField):
    pass


class MaybeEmail(MayBeEmpty, EmailField):
    pass


class MaybePostcode(MayBeEmpty):
    """A postcode in its usual form, or as the person wrote it."""

    def understood(self, text: str) -> str:
        return as_postcode(text) or text


class Birth(MayBeEmpty):
    """As much of a date of birth as is known."""

    def understood(self, text: str) -> str:
        if re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", text):
            try:
                day = date.fromisoformat(text + "0000-01-01"[len(text) :])
            except ValueError:
                day = date.max
            if date(1880, 1, 1) <= day <= date.today():  # noqa: DTZ011 - a day either way is no matter here
                return text
        raise StopValidation(_("Write the year, or year and month, or the date, like 1990-03-27."))


class Edit(FlaskForm):  # type: ignore[misc]
    """All that was said, for staff to correct and to complete."""

    first_name = NameField(_l("First name"))
    family_name = MaybeName(_l("Family name"))
    born = Birth(_l("Date of birth"))
    age_band = SelectField(_l("Age"), choices=_options(AGE_BANDS, may_be_empty=True))
    contact = SelectField(_l("How to reach the person"), choices=_options(CONTACT))
    phone = MaybePhone(_l("Phone"))
    email = MaybeEmail(_l("E-mail"))
    address = MayBeEmpty(_l("House and street"))
    postcode = MaybePostcode(_l("Postcode"))
    home = SelectField(_l("Without a postcode"), choices=_options(HOMES, may_be_empty=True))
    needs = SelectMultipleField(
        _l("What the person needs"), choices=_options(NEEDS), option_widget=CheckboxInput()
    )
    as_read = HiddenField()

    def validate_phone(self, field: Any) -> None:
        if self.contact.data in ("call", "text") and not field.data:
            raise ValidationError(_("Write the phone number, or choose another way."))

    def validate_email(self, field: Any) -> None:
        if self.contact.data == "email" and not field.data:
            raise ValidationError(_("Write the e-mail, or choose another way."))

    def applied_to(self, answers: Answers) -> Answers:
        said = {name: value for name, value in self.data.items() if name in answers.remembered()}
        checked = not self.postcode.data or as_postcode(self.postcode.data) is not None
        return Answers.of({**answers.remembered(), **said, "postcode_checked": checked})


class Code(FlaskForm):  # type: ignore[misc]
    code = StringField(_l("Code of the person"))


class Finish(FlaskForm):  # type: ignore[misc]
    card = StringField(_l("Number of the library card"))


class Wait(FlaskForm):  # type: ignore[misc]
    reason = SelectField(_l("What is missing?"), choices=_options(WAITING), id="wait-reason")


class Refuse(FlaskForm):  # type: ignore[misc]
    reason = SelectField(_l("Why?"), choices=_options(REFUSALS), id="refuse-reason")
    note = MayBeEmpty(_l("Note (can stay empty)"))


@dataclass(frozen=True)
class Line:
    """One answer for staff: what was typed, or what was touched, in English and as the person saw it."""

    label: LazyProxy
    typed: str = ""
    english: str = ""
    original: str = ""


# The lists --------------------------------------------------------------------------------------


@blueprint.get("/")
@for_openers
def joins() -> Any:
    return _lists()


@blueprint.post("/code")
@for_openers
def open_by_code() -> Any:
    """Open the join that a person's code belongs to, however it was spelled."""
    form = Code()
    try:
        with store().read() as db:
            found = records.by_reference(db, references.read(form.code.data or ""), own_branch())
    except (NotAReference, NotThere):
        form.code.errors = [_("No join here has this code. Check each letter and number.")]
        return _lists(form), 422
    return redirect(url_for("join_desk.show", join_id=found.id), 303)


def _lists(form: Code | None = None) -> Any:
    tab = request.args.get("tab", "new")
    tab = tab if tab in TABS else "new"
    page = max(1, min(request.args.get("page", 1, type=int), 100_000))
    language = request.args.get("language", "")
    language = language if language in languages.known() else ""
    with store().read() as db:
        places = branches.every(db)
        branch_id = own_branch() or request.args.get("branch", "")
        branch_id = branch_id if branch_id in {each.id for each in places} else own_branch()
        seen = records.latest_change(db, branch_id)
        if "HX-Request" in request.headers and request.args.get("seen", type=int) == seen:
            return "", 204
        counts = {each: records.count(db, each, branch_id, language) for each in TABS}
        found = records.listed(db, tab, branch_id, language, most=A_PAGE, skip=(page - 1) * A_PAGE)
    kept = {"tab": tab, "branch": branch_id if not own_branch() else None, "language": language}
    return render_template(
        "join/desk_list.html", form=form or Code(), tabs=TABS, tab=tab, counts=counts, joins=found, seen=seen,
        page=page, last=max(1, -(-counts[tab] // A_PAGE)), places=places, branch_id=branch_id,
        languages=languages.known(), language=language, shown=references.shown, states=STATES,
        reasons={each.code: each.label for each in (*WAITING, *REFUSALS)},
        kept={name: value for name, value in kept.items() if value},
        said=SAID.get(request.args.get("said", "")),
    )  # fmt: skip


# One join ---------------------------------------------------------------------------------------


@blueprint.get("/<join_id>")
@for_openers
def show(join_id: str) -> Any:
    return _page(join_id)


@blueprint.get("/<join_id>/edit")
@for_openers
def edit(join_id: str) -> Any:
    join, answers = _opened(join_id)
    if not join.is_open:
        return _already(AlreadyDone(join.handler, join.state))
    form = Edit(data={**answers.remembered(), "as_read": join.changed_at})
    return _edit_page(join, form)


@blueprint.post("/<join_id>/edit")
@for_openers
def save(join_id: str) -> Any:
    form = Edit()
    with store().read() as db:
        join = records.for_desk(db, join_id, own_branch())
    if not form.validate_on_submit():
        return _edit_page(join, form), 422
    answers = form.applied_to(_read(join))
    sealed = _resealed(answers, join)
    marked = records.marks(answers, records.mark_key(current_app.config["SERVICE_KEY"]))
    as_it_was = replace(join, changed_at=form.as_read.data or "")
    return _do(join, "edited", lambda db: records.edit(db, as_it_was, current_person().id, sealed, marked))


@blueprint.post("/<join_id>/wait")
@for_openers
def wait(join_id: str) -> Any:
    form = Wait()
    if not form.validate_on_submit():
        return _page(join_id, wait_form=form), 422
    with store().read() as db:
        join = records.for_desk(db, join_id, own_branch())
    reason = form.reason.data
    return _do(join, "waiting", lambda db: records.wait(db, join, current_person().id, reason), reason=reason)


@blueprint.post("/<join_id>/finish")
@for_openers
def finish(join_id: str) -> Any:
    """End it well: the person has a card. Needs its real number."""
    form = Finish()
    card = "".join(clean(form.card.data or "").split())
    with store().read() as db:
        join = records.for_desk(db, join_id, own_branch())
        settings = effective(db, join.branch_id)
    if join.is_open and not CARD.fullmatch(card):
        form.card.errors = [_("Write the number on the card: 4 to 20 letters and numbers.")]
        return _page(join_id, finish_form=form), 422
    sealed = _resealed(replace(_read(join), card=card), join)
    return _do(join, "finished", lambda db: records.finish(db, join, current_person().id, sealed, settings))


@blueprint.post("/<join_id>/refuse")
@for_openers
def refuse(join_id: str) -> Any:
    form = Refuse()
    if not form.validate_on_submit():
        return _page(join_id, refuse_form=form), 422
    with store().read() as db:
        join = records.for_desk(db, join_id, own_branch())
        settings = effective(db, join.branch_id)
    reason = form.reason.data
    sealed = _resealed(replace(_read(join), note=form.note.data or ""), join)
    return _do(
        join,
        "refused",
        lambda db: records.refuse(db, join, current_person().id, reason, sealed, settings),
        reason=reason,
    )


def _edit_page(join: Join, form: Edit) -> str:
    language = languages.known().get(join.language)
    return render_template(
        "join/desk_edit.html", join=join, form=form, language=language, shown=references.shown
    )


def own_branch() -> str:
    """The branch whose joins this person sees; empty for every branch."""
    person = current_person()
    return "" if person.sees_every_branch else person.branch_id


def _opened(join_id: str) -> tuple[Join, Answers]:
    """A join and what it says; that it was opened is in the log before anything is shown."""
    key = desk_key()
    with store().write() as db:
        join = records.for_desk(db, join_id, own_branch())
        note(db, "join opened", "join", join.id)
    return join, records.opened(join.sealed, join.id, key)


def _read(join: Join) -> Answers:
    """What a join says, to be sealed again with a change; it is not shown."""
    return records.opened(join.sealed, join.id, desk_key())


def _resealed(answers: Answers, join: Join) -> bytes:
    with store().read() as db:
        readers = records.readers(db)
    return records.reseal(answers, join.id, readers)


def _do(join: Join, act: str, change: Callable[[Writing], None], reason: str = "") -> Any:
    """Carry out a change together with its line in the log, and go on; or say who was faster."""
    try:
        with store().write() as db:
            change(db)
            note(db, f"join {act}", "join", join.id, reason)
    except AlreadyDone as done:
        return _already(done)
    except ChangedMeanwhile as changed:
        page = render_template("join/desk_conflict.html", name=changed.name, state="", join=join)
        return page, 409
    if act == "edited":
        return redirect(url_for("join_desk.show", join_id=join.id), 303)
    return redirect(url_for("join_desk.joins", said=act), 303)


def _already(done: AlreadyDone) -> Any:
    page = render_template("join/desk_conflict.html", name=done.name, state=done.state, join=None)
    return page, 409


def _page(
    join_id: str,
    *,
    wait_form: Wait | None = None,
    finish_form: Finish | None = None,
    refuse_form: Refuse | None = None,
) -> Any:
    join, answers = _opened(join_id)
    with store().read() as db:
        twins = records.twins(db, join)
    language = languages.known().get(join.language)
    return render_template(
        "join/desk_join.html", join=join, answers=answers, language=language, twins=twins,
        lines=lines(answers, language), shown=references.shown, states=STATES,
        reasons={each.code: each.label for each in (*WAITING, *REFUSALS)},
        may_see=lambda other: own_branch() in ("", other.branch_id),
        wait_form=wait_form or Wait(), finish_form=finish_form or Finish(),
        refuse_form=refuse_form or Refuse(),
    )  # fmt: skip


def lines(answers: Answers, language: Language | None) -> list[Line]:
    """Every answer, in English and as the person saw it."""
    english = languages.known()["en"]

    def touched(label: LazyProxy, words: tuple[LazyProxy | str, ...]) -> Line:
        in_english = " · ".join(str(word) for word in words)
        original = in_english
        if language is not None and language.tag != "en":
            languages.speak(language, "hide")
            original = " · ".join(str(word) for word in words)
            languages.speak(english)
        return Line(label, english=in_english, original=original if original != in_english else "")

    birth = shown_birth(answers.born, english.locale)
    found = [
        Line(_l("First name"), typed=answers.first_name),
        Line(_l("Family name"), typed=answers.family_name)
        if answers.family_name
        else touched(_l("Family name"), (_l("I have only one name"),)),
        Line(_l("Date of birth"), english=birth)
        if birth
        else touched(_l("Age"), labels(AGE_BANDS, answers.age_band)),
        touched(_l("How to reach the person"), labels(CONTACT, answers.contact)),
        Line(_l("Phone"), typed=shown_phone(answers.phone)) if answers.phone else None,
        Line(_l("E-mail"), typed=answers.email) if answers.email else None,
        Line(_l("House and street"), typed=answers.address) if answers.address else None,
        Line(_l("Postcode"), typed=answers.postcode)
        if answers.postcode
        else touched(_l("Postcode"), labels(HOMES, answers.home)),
        touched(
            _l("What the person needs"), labels(NEEDS, *answers.needs) or (_lp("need", "None of these"),)
        ),
        Line(_l("Number of the library card"), typed=answers.card) if answers.card else None,
        Line(_l("Note"), typed=answers.note) if answers.note else None,
    ]
    return [line for line in found if line is not None]


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
