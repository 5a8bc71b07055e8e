"""What staff see of joining and do with it: three lists without names, one join opened, and its end."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from babel.support import LazyProxy
from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for

from kiosk import branches, languages, references
from kiosk.configuration import store
from kiosk.forms import clean, shown_phone
from kiosk.join import cards, desk_records, neighbours, policies, records
from kiosk.join.answers import (
    AGE_BANDS,
    ANY_TIME,
    ANYTHING,
    CONTACT,
    DOORS,
    FILLED_BY,
    HOMES,
    LETTER,
    LIKES,
    NEEDS,
    TIMES,
    Answers,
    labels,
    membership,
    shown_birth,
)
from kiosk.join.desk_forms import (
    AGREED,
    KINDS,
    REFUSALS,
    SAID,
    STATES,
    TABS,
    WAITING,
    Agreed,
    Code,
    Edit,
    Finish,
    Refuse,
    Wait,
)
from kiosk.join.desk_records import AlreadyDone, ChangedMeanwhile, Join
from kiosk.join.neighbours import NobodyWaits, Pair
from kiosk.languages import Language, _, _l, _lp
from kiosk.people import Role, accounts, current_person, desk_key, note, staff_only
from kiosk.references import NotAReference
from kiosk.settings import effective
from kiosk.store import NotThere, Reading, Writing

blueprint = Blueprint("join_desk", __name__, url_prefix="/staff/joins")
for_openers = staff_only(Role.BRANCH, Role.MANAGER)

A_PAGE = 20
CARD = re.compile(r"[A-Za-z0-9]{4,20}")


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
            found = desk_records.by_reference(db, references.read(form.code.data or ""), own_branch())
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
        seen = desk_records.latest_change(db, branch_id)
        if "HX-Request" in request.headers and request.args.get("seen", type=int) == seen:
            return "", 204
        counts = {each: desk_records.count(db, each, branch_id, language) for each in TABS}
        left = cards.running_out(db, branch_id, effective(db, branch_id))
        found = desk_records.listed(db, tab, branch_id, language, most=A_PAGE, skip=(page - 1) * A_PAGE)
    kept = {"tab": tab, "branch": branch_id if not own_branch() else None, "language": language}
    return render_template(
        "join/desk_list.html", form=form or Code(), tabs=TABS, tab=tab, counts=counts, joins=found, seen=seen,
        page=page, last=max(1, -(-counts[tab] // A_PAGE)), places=places, branch_id=branch_id,
        languages=languages.known(), language=language, shown=references.shown, states=STATES,
        reasons={each.code: each.label for each in (*WAITING, *REFUSALS)},
        kinds=KINDS, cards_left=left, kept={name: value for name, value in kept.items() if value},
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
    form.suit(join.kind)
    return _edit_page(join, form)


@blueprint.post("/<join_id>/edit")
@for_openers
def save(join_id: str) -> Any:
    form = Edit()
    with store().read() as db:
        join = desk_records.for_desk(db, join_id, own_branch())
    form.suit(join.kind)
    if not form.validate_on_submit():
        return _edit_page(join, form), 422
    answers = form.applied_to(_read(join))
    sealed = _resealed(answers, join)
    marked = records.marks(answers, records.mark_key(current_app.config["SERVICE_KEY"]))
    as_it_was = replace(join, changed_at=form.as_read.data or "")
    return _do(
        join, "edited", lambda db: desk_records.edit(db, as_it_was, current_person().id, sealed, marked)
    )


@blueprint.post("/<join_id>/wait")
@for_openers
def wait(join_id: str) -> Any:
    form = Wait()
    if not form.validate_on_submit():
        return _page(join_id, wait_form=form), 422
    with store().read() as db:
        join = desk_records.for_desk(db, join_id, own_branch())
    reason = form.reason.data
    return _do(
        join, "waiting", lambda db: desk_records.wait(db, join, current_person().id, reason), reason=reason
    )


@blueprint.post("/<join_id>/finish")
@for_openers
def finish(join_id: str) -> Any:
    """End it well: the person has a card. Needs its real number, and the yes of whoever must agree."""
    form = Finish()
    card = "".join(clean(form.card.data or "").split())
    with store().read() as db:
        join = desk_records.for_desk(db, join_id, own_branch())
        settings = effective(db, join.branch_id)
        pair = neighbours.of_join(db, join_id)
        other = _other_of(db, pair, join_id)
    if join.is_open:
        if not CARD.fullmatch(card):
            form.card.errors = [_("Write the number on the card: 4 to 20 letters and numbers.")]
        if join.kind == "child" and not form.guardian_seen.data:
            form.guardian_seen.errors = [_("A child joins together with a parent or guardian.")]
        if pair is not None and pair.is_waiting:
            form.card.errors = [_("The other Good Neighbour has not agreed yet.")]
        if form.card.errors or form.guardian_seen.errors:
            return _page(join_id, finish_form=form), 422
    answers = replace(_read(join), card=card)
    if pair is not None and pair.ended_at:
        answers = replace(answers, neighbour="", until="")
    elif other is not None and other.sealed:
        theirs = _read(other)
        if other.is_open:  # hers may be wiped before the other is finished
            _name_each_other(other, replace(theirs, neighbour=answers.name))
        answers = replace(answers, neighbour=theirs.name)  # as she writes herself, not as was heard
    sealed = _resealed(answers, join)
    return _do(
        join, "finished", lambda db: desk_records.finish(db, join, current_person().id, sealed, settings)
    )


def _name_each_other(other: Join, answers: Answers) -> None:
    sealed = _resealed(answers, other)
    with store().write() as db:
        desk_records.keep_sealed(db, other.id, sealed)


@blueprint.post("/<join_id>/refuse")
@for_openers
def refuse(join_id: str) -> Any:
    form = Refuse()
    if not form.validate_on_submit():
        return _page(join_id, refuse_form=form), 422
    with store().read() as db:
        join = desk_records.for_desk(db, join_id, own_branch())
        settings = effective(db, join.branch_id)
    reason = form.reason.data
    sealed = _resealed(replace(_read(join), note=form.note.data or ""), join)

    def change(db: Writing) -> None:
        desk_records.refuse(db, join, current_person().id, reason, sealed, settings)
        neighbours.end(db, join.id)  # nobody is the Good Neighbour of somebody who is refused

    return _do(join, "refused", change, reason=reason)


@blueprint.post("/<join_id>/agreed")
@for_openers
def agreed(join_id: str) -> Any:
    """The other Good Neighbour cannot come to a screen, and has said yes in another way."""
    form = Agreed()
    if not form.validate_on_submit():
        return _page(join_id), 422
    try:
        with store().write() as db:
            join = desk_records.for_desk(db, join_id, own_branch())
            neighbours.agreed_otherwise(db, join.id, form.how.data)
            note(db, "good neighbour agreed", "join", join.id, form.how.data)
    except NobodyWaits:
        pass  # somebody else wrote it down first: the page says so
    return redirect(url_for("join_desk.show", join_id=join_id), 303)


@blueprint.post("/<join_id>/apart")
@for_openers
def part(join_id: str) -> Any:
    """One of two Good Neighbours wants no more: from now on they are none."""
    with store().write() as db:
        join = desk_records.for_desk(db, join_id, own_branch())
        neighbours.end(db, join.id)
        note(db, "good neighbours ended", "join", join.id)
    return redirect(url_for("join_desk.show", join_id=join_id), 303)


def _other_of(db: Reading, pair: Pair | None, join_id: str) -> Join | None:
    """The join of the other Good Neighbour, at whatever branch; none without one, or once it is wiped."""
    if pair is None or not pair.other(join_id):
        return None
    try:
        return desk_records.for_desk(db, pair.other(join_id))
    except NotThere:
        return None


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
        join = desk_records.for_desk(db, join_id, own_branch())
        note(db, "join opened", "join", join.id)
    return join, records.opened(join.sealed, join.id, key)


def _read(join: Join) -> Answers:
    """What a join says, to be sealed again with a change; it is not shown."""
    return records.opened(join.sealed, join.id, desk_key())


def _resealed(answers: Answers, join: Join) -> bytes:
    with store().read() as db:
        readers = accounts.readers(db)
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
        twins = desk_records.twins(db, join)
        family = desk_records.came_with(db, join)
        card = cards.of_join(db, join.id)
        pair = neighbours.of_join(db, join.id)
        other = _other_of(db, pair, join.id)
        settings = effective(db, join.branch_id)
    if other is not None and own_branch() not in ("", other.branch_id):
        other = replace(other, sealed=b"")  # of another branch: its code is known here, what it says is not
    if other is not None and other.sealed:
        with store().write() as db:
            note(db, "join opened", "join", other.id, "as a good neighbour")
    language = languages.known().get(join.language)
    return render_template(
        "join/desk_join.html", join=join, answers=answers, language=language, twins=twins,
        lines=lines(answers, language), shown=references.shown, states=STATES,
        reasons={each.code: each.label for each in (*WAITING, *REFUSALS)},
        may_see=lambda other: own_branch() in ("", other.branch_id),
        wait_form=wait_form or Wait(), finish_form=finish_form or Finish(),
        refuse_form=refuse_form or Refuse(), kinds=KINDS, family=family, card=card, pair=pair, other=other,
        other_name=_read(other).name if other is not None and other.sealed else answers.neighbour,
        agreed_form=Agreed(), agreed_how=AGREED,
        policy=policies.policy(settings, membership(join.kind, answers)),
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
        Line(_l("Age when it was sent"), english=answers.years) if answers.years else None,
        Line(_l("Parent or guardian"), typed=answers.guardian) if answers.guardian else None,
        Line(_l("Date of birth"), english=birth) if birth else None,
        touched(_l("Age"), labels(AGE_BANDS, answers.age_band)) if answers.age_band and not birth else None,
        touched(_l("How to reach the person"), labels((*CONTACT, LETTER), answers.contact)),
        Line(_l("Phone"), typed=shown_phone(answers.phone)) if answers.phone else None,
        Line(_l("E-mail"), typed=answers.email) if answers.email else None,
        Line(_l("House and street"), typed=answers.address) if answers.address else None,
        Line(_l("Postcode"), typed=answers.postcode)
        if answers.postcode
        else touched(_l("Postcode"), labels(HOMES, answers.home)),
        touched(
            _l("What the person needs"), labels(NEEDS, *answers.needs) or (_lp("need", "None of these"),)
        ),
        touched(_l("When somebody can come"), labels(TIMES, *answers.times) or (ANY_TIME.label,))
        if answers.door
        else None,
        touched(_l("Who opens the door"), labels(DOORS, answers.door)) if answers.door else None,
        touched(_l("What the person likes to read"), labels(LIKES, *answers.likes) or (ANYTHING.label,))
        if answers.door
        else None,
        touched(_l("Filled in by"), labels(FILLED_BY, answers.filled_by)) if answers.filled_by else None,
        Line(_l("Agreed at the screen"), english=answers.agreed) if answers.agreed else None,
        Line(_l("Number of the library card"), typed=answers.card) if answers.card else None,
        Line(_l("Note"), typed=answers.note) if answers.note else None,
    ]
    return [line for line in found if line is not None]


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
