"""Where staff look after the directory: what is in it, what people see of it, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from babel import Locale
from flask import Blueprint, Flask, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from kiosk import languages
from kiosk.configuration import store
from kiosk.forms import clean
from kiosk.languages import _, _l, _lp
from kiosk.people import Role, current_person, note, partners, staff_only
from kiosk.store import NotThere
from kiosk.support import codes
from kiosk.support.directory import desk_forms, desk_import, desk_records, desk_words, saving
from kiosk.support.directory.desk_forms import CapacityForm, CardForm, FactsForm, NeedsForm, OwnForm
from kiosk.support.directory.desk_records import PER_PAGE, Page, Standing
from kiosk.support.directory.facts import name_of
from kiosk.support.directory.records import Service, find, set_capacity

blueprint = Blueprint("directory_desk", __name__, url_prefix="/staff/support/directory")
for_openers = staff_only(Role.BRANCH, Role.MANAGER)
for_managers = staff_only(Role.MANAGER)

EVERY = "*"
"""In the address of a list: services of all directories; '' are those written here."""
KINDS = {
    "": _lp("services", "All services"),
    "shown": _lp("services", "People see them"),
    "hidden": _lp("services", "Hidden"),
    "new": _lp("services", "New, nobody has looked"),
    "changed": _lp("services", "Changed by their directory"),
    "no-need": _lp("services", "Help with nothing yet"),
    "no-card": _lp("services", "Not in plain words yet"),
    "outdated": _lp("services", "Words out of date"),
    "gone": _lp("services", "Gone from their directory"),
}
SAID = {
    "written": _l("The service is saved. Now say what it helps with."),
    "rewritten": _l("The service is saved."),
    "card": _l("The words are saved."),
    "card-dropped": _l("The words are deleted."),
    "needs": _l("Saved. This is what it helps with."),
    "facts": _l("What is known is saved."),
    "facts-back": _l("The facts are as the directory says them again."),
    "shown": _l("People see this service now."),
    "hidden": _l("People do not see this service any more."),
    "no-need": _l("First say what it helps with. Nobody would find it."),
    "looked": _l("It is no longer listed as new or changed."),
    "kept": _l("It stays, although its directory has it no more."),
    "let-go": _l("It is listed as gone again. People do not see it."),
    "partner": _l("Who takes referrals is saved."),
    "capacity": _l("Saved."),
}


@blueprint.get("")
@for_openers
def listed() -> Any:
    kind, source = request.args.get("kind", ""), request.args.get("source", EVERY)
    if kind not in desk_records.KINDS:
        raise NotFound
    number = min(max(request.args.get("page", 1, int), 1), 10_000)
    with store().read() as db:
        page = desk_records.page(db, kind, None if source == EVERY else source, number)
    return _list(page, kind=kind, source=source, number=number)


@blueprint.post("/search")
@for_openers
def search() -> Any:
    """What is typed stays out of the address."""
    words = clean(request.form.get("words", "")[:200])
    if not words:
        return redirect(url_for("directory_desk.listed"), 303)
    with store().read() as db:
        page = desk_records.search(db, words)
    return _list(page, words=words)


def _list(page: Page, *, kind: str = "", source: str = EVERY, number: int = 1, words: str = "") -> str:
    with store().read() as db:
        counts, sources = desk_records.counts(db), desk_records.sources(db)
        waiting = desk_records.waiting(db)
        undecided = sum(each.needs is None for each in desk_records.words(db))
    return render_template(
        "support/desk_directory.html", page=page, kind=kind, source=source, number=number, words=words,
        kinds=KINDS, counts=counts, sources=sources, waiting=waiting, undecided=undecided,
        needs=desk_forms.labels(codes.NEEDS), per_page=PER_PAGE,
    )  # fmt: skip


# One service ------------------------------------------------------------------------------------------------


@blueprint.get("/<service_id>")
@for_openers
def service(service_id: str) -> Any:
    return _page(_standing(service_id))


def _standing(service_id: str) -> Standing:
    """`NotThere`."""
    with store().read() as db:
        return desk_records.standing(db, service_id)


def _page(standing: Standing) -> str:
    found = standing.service
    with store().read() as db:
        english = desk_records.written_card(db, found.id, "en")
        by_words = saving.needs_by_words(db, found.id)
        words = desk_records.words_of(db, found.id)
        staff_facts = saving.staff_facts(db, found.id)
        every = partners.every(db)
    capacity = CapacityForm(formdata=None)
    capacity.state.data = found.state
    capacity.places_left.data = "" if found.places_left is None else str(found.places_left)
    return render_template(
        "support/desk_directory_service.html", standing=standing, service=found, english=english,
        came=Markup(found.text),  # noqa: S704 - made safe when it came
        needs_form=NeedsForm(formdata=None, needs=sorted(found.needs)), by_words=by_words, words=words,
        needs=desk_forms.labels(codes.NEEDS), facts=_facts(found, staff_facts), capacity=capacity,
        partners=[each for each in every if not each.ended or each.id == found.partner_id],
        partner=next((each for each in every if each.id == found.partner_id), None),
        card_states=desk_forms.CARD_STATE_NAMES, cards=_cards(standing), changes=desk_forms.CHANGES,
        states=desk_forms.STATE_NAMES, said=SAID.get(request.args.get("said", "")),
        has_staff_facts=bool(staff_facts), source=found.source,
    )  # fmt: skip


def _cards(standing: Standing) -> list[tuple[str, str, str]]:
    """The languages that residents can choose, and others that have words: tag, name, state ('' without)."""
    own = {tag: each.english for tag, each in languages.known().items() if tag != "en"}
    own |= {tag: name_of(tag) for tag in standing.cards if tag not in own and tag != "en"}
    return [(tag, name, standing.cards.get(tag, "")) for tag, name in own.items()]


def _facts(one: Service, staff_facts: list[str]) -> list[tuple[Any, str, bool]]:
    """Each fact in words: its label, what is known ('' for nothing), and whether staff have set it."""
    form = FactsForm(formdata=None)
    ages = [
        _("From %(age)s", age=one.min_age) if one.min_age is not None else "",
        _("up to %(age)s", age=one.max_age) if one.max_age is not None else "",
    ]
    told = [
        ("free", form.free.label.text, _yes_no(one.free)),
        ("fee", form.fee.label.text, one.fee),
        ("ways", form.ways.label.text, _joined(desk_forms.WAY_NAMES[way] for way in one.ways or ())),
        ("languages", form.languages.label.text, _joined(name_of(tag) for tag in one.languages or ())),
        ("min_age max_age", _("Ages"), _joined(filter(None, ages))),
        ("districts", form.where.label.text, _scope(one.districts, {})),
        ("children", form.children.label.text, _yes_no(one.children)),
        ("work", form.work_for.label.text, _scope(one.work, desk_forms.labels(codes.WORK))),
        ("stay", form.stay_for.label.text, _scope(one.stay, desk_forms.labels(codes.STAY))),
    ]
    return [(label, words, bool(set(names.split()) & set(staff_facts))) for names, label, words in told]


def _yes_no(value: bool | None) -> str:
    return "" if value is None else str(desk_forms.MAYBE["yes" if value else "no"])


def _joined(words: Iterable[Any]) -> str:
    return ", ".join(map(str, words))


def _scope(values: tuple[str, ...] | None, names: Mapping[str, Any]) -> str:
    if values is None:
        return ""
    return _joined(names.get(each, each) for each in values) or _("For everybody")


def _back(service_id: str, said: str) -> Any:
    return redirect(url_for("directory_desk.service", service_id=service_id, said=said), 303)


def _by() -> str:
    return current_person().username


@blueprint.post("/<service_id>/show")
@for_openers
def show(service_id: str) -> Any:
    shown = request.form.get("shown") == "yes"
    try:
        with store().write() as db:
            saving.show(db, service_id, shown, _by())
            saving.looked_at(db, service_id, _by())
            note(db, "service shown" if shown else "service hidden", "service", service_id)
    except saving.NoNeed:
        return _back(service_id, "no-need")
    return _back(service_id, "shown" if shown else "hidden")


@blueprint.post("/<service_id>/looked")
@for_openers
def looked(service_id: str) -> Any:
    with store().write() as db:
        saving.looked_at(db, service_id, _by())
    return _back(service_id, "looked")


@blueprint.post("/<service_id>/keep")
@for_openers
def keep(service_id: str) -> Any:
    kept = request.form.get("kept") == "yes"
    with store().write() as db:
        saving.keep(db, service_id, kept, _by())
        note(db, "gone service kept" if kept else "gone service let go", "service", service_id)
    return _back(service_id, "kept" if kept else "let-go")


@blueprint.post("/<service_id>/needs")
@for_openers
def set_needs(service_id: str) -> Any:
    form = NeedsForm()
    if not form.validate():
        return _page(_standing(service_id)), 422
    with store().write() as db:
        find(db, service_id)
        saving.set_needs(db, service_id, form.needs.data)
        note(db, "needs of a service set", "service", service_id)
    return _back(service_id, "needs")


@blueprint.route("/<service_id>/facts", methods=["GET", "POST"])
@for_openers
def facts(service_id: str) -> Any:
    standing = _standing(service_id)
    form = FactsForm()
    if request.method == "GET":
        form.fill(standing.service)
    elif form.validate():
        with store().write() as db:
            saving.set_facts(db, service_id, form.facts(), _by())
            note(db, "facts of a service set", "service", service_id)
        return _back(service_id, "facts")
    page = render_template("support/desk_directory_facts.html", service=standing.service, form=form)
    return page, 422 if form.errors else 200


@blueprint.post("/<service_id>/facts-back")
@for_openers
def facts_back(service_id: str) -> Any:
    with store().write() as db:
        saving.facts_as_they_came(db, service_id, _by())
        note(db, "facts of a service taken back", "service", service_id)
    return _back(service_id, "facts-back")


@blueprint.post("/<service_id>/capacity")
@for_openers
def capacity(service_id: str) -> Any:
    form = CapacityForm()
    if not form.validate():
        return _page(_standing(service_id)), 422
    with store().write() as db:
        set_capacity(db, service_id, form.state.data, form.places_left.number)
        note(db, "capacity of a service set", "service", service_id, form.state.data)
    return _back(service_id, "capacity")


@blueprint.post("/<service_id>/partner")
@for_managers
def partner(service_id: str) -> Any:
    """Who takes referrals for it: the choice of the library, and so of a manager."""
    wanted = request.form.get("partner", "")
    with store().write() as db:
        if wanted:
            partners.find(db, wanted)
        saving.set_partner(db, service_id, wanted or None, _by())
        note(db, "partner of a service set", "service", service_id, wanted)
    return _back(service_id, "partner")


# Words ------------------------------------------------------------------------------------------------------


@blueprint.route("/<service_id>/in/<tag>", methods=["GET", "POST"])
@for_openers
def card(service_id: str, tag: str) -> Any:
    """The service in plain words, in one language; what it is written from stands beside."""
    standing = _standing(service_id)
    _language(tag, standing)
    form = CardForm()
    direction = Locale.parse(tag.replace("-", "_")).text_direction
    form.name.render_kw = form.text.render_kw = {"lang": tag, "dir": direction}
    with store().read() as db:
        own = desk_records.written_card(db, service_id, tag)
        english = desk_records.written_card(db, service_id, "en") if tag != "en" else None
    if request.method == "GET":
        form.name.data = own.name if own else (standing.service.name if tag == "en" else "")
        form.text.data, form.state.data = (
            own.text if own else "",
            "read" if own and own.state == "read" else "draft",
        )
    elif form.validate():
        with store().write() as db:
            saving.write_card(db, service_id, tag, form.name.data, form.text.data, form.state.data, _by())
            note(db, "words of a service written", "service", service_id, tag)
        return _back(service_id, "card")
    page = render_template(
        "support/desk_directory_card.html", service=standing.service, form=form, own=own, english=english,
        tag=tag, language=name_of(tag), came=Markup(standing.service.text),  # noqa: S704 - made safe when it came
        longest=desk_forms.LONGEST_CARD,
    )  # fmt: skip
    return page, 422 if form.errors else 200


@blueprint.post("/<service_id>/in/<tag>/delete")
@for_openers
def drop_card(service_id: str, tag: str) -> Any:
    with store().write() as db:
        saving.drop_card(db, service_id, tag)
        note(db, "words of a service deleted", "service", service_id, tag)
    return _back(service_id, "card-dropped")


def _language(tag: str, standing: Standing) -> None:
    """`NotThere` for a language that residents cannot choose and that nothing is written in."""
    if tag not in languages.known() and tag not in standing.cards:
        raise NotThere


# Services of our own ----------------------------------------------------------------------------------------


@blueprint.route("/new", methods=["GET", "POST"])
@for_openers
def new() -> Any:
    form = OwnForm()
    if request.method == "POST" and form.validate():
        with store().write() as db:
            service_id = saving.add(db, form.own(), _by())
            note(db, "service written", "service", service_id)
        return _back(service_id, "written")
    return _own_page(form, None), 422 if form.errors else 200


@blueprint.route("/<service_id>/edit", methods=["GET", "POST"])
@for_openers
def edit(service_id: str) -> Any:
    standing = _standing(service_id)
    if standing.service.source:
        raise NotThere
    form = OwnForm()
    if request.method == "GET":
        form.fill(standing.service)
    elif form.validate():
        with store().write() as db:
            saving.rewrite(db, service_id, form.own(), _by())
            note(db, "service changed", "service", service_id)
        return _back(service_id, "rewritten")
    return _own_page(form, standing), 422 if form.errors else 200


def _own_page(form: OwnForm, standing: Standing | None) -> str:
    with store().read() as db:
        names = desk_records.organisation_names(db)
    return render_template(
        "support/desk_directory_own.html", form=form, names=names[:500],
        service=standing.service if standing else None,
    )  # fmt: skip


def init_app(app: Flask) -> None:
    desk_import.init_app(app)
    app.register_blueprint(desk_words.blueprint)
    app.register_blueprint(blueprint)
