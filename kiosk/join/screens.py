"""What the resident sees of joining: one question a page, check, send once, the code."""

from __future__ import annotations

import secrets
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import segno
from babel.support import LazyProxy
from flask import Blueprint, Flask, abort, current_app, redirect, render_template, request, url_for
from markupsafe import Markup

from kiosk import references, rounds, visits
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.forms import (
    Choice,
    EmailField,
    ManyTilesField,
    NameField,
    PhoneField,
    PostcodeField,
    Question,
    TilesField,
    YearField,
    shown_phone,
)
from kiosk.join import records
from kiosk.join.answers import AGE_BANDS, CONTACT, HOMES, NEEDS, Answers, age, labels, shown_birth
from kiosk.join.notice import NOTICE, version
from kiosk.languages import _l, _lp, current, shown
from kiosk.pages import Journey, add_journey

blueprint = Blueprint("join", __name__, url_prefix="/<lang>/join")

Steps = dict[str, dict[str, Any]]


class Year(Question):
    others = (Choice("unsure", _l("I am not sure"), "calendar-question"),)
    year = YearField()


class Month(Question):
    others = (Choice("unsure", _l("I do not know the month"), "help"),)
    month = TilesField([Choice(str(number), str(number)) for number in range(1, 13)])


class Day(Question):
    others = (Choice("unsure", _l("I do not know the day"), "help"),)
    day = TilesField([Choice(str(number), str(number)) for number in range(1, 32)])

    def suit(self, steps: Steps) -> None:
        """Offer the days that her month has."""
        _first, days = monthrange(int(steps["year"]["year"]), int(steps["month"]["month"]))
        self.day.tiles = self.day.tiles[:days]


class AgeBand(Question):
    age_band = TilesField(AGE_BANDS)


class Needs(Question):
    others = (Choice("none", _lp("need", "None of these"), "check"),)
    needs = ManyTilesField(NEEDS)


class Contact(Question):
    contact = TilesField(CONTACT)


class Phone(Question):
    others = (Choice("none", _l("I have no phone"), "phone-off"),)
    phone = PhoneField()


class Email(Question):
    others = (Choice("none", _l("I have no e-mail"), "mail-off"),)
    email = EmailField()


class Postcode(Question):
    others = HOMES
    as_written: ClassVar[Choice] = Choice("as-written", _l("Keep what I wrote"), "check")
    postcode = PostcodeField()

    def validate(self, extra_validators: Any = None) -> bool:
        if self.instead.data == self.as_written.code and self.postcode.data:
            return self._csrf_holds()
        return super().validate(extra_validators)


class FirstName(Question):
    first_name = NameField(missing=_l("Write your first name, like Anna."))


class FamilyName(Question):
    others = (Choice("one-name", _l("I have only one name"), "user"),)
    family_name = NameField(missing=_l("Write your family name, like Kowalska."))


@dataclass(frozen=True)
class Step:
    """A page with a question; several can belong to one question, as the year, month and day do."""

    name: str
    question: int
    asks: LazyProxy
    form: type[Question]
    asked: Callable[[Steps], bool] = lambda steps: True


def _given(steps: Steps, step: str) -> bool:
    return step in steps and "instead" not in steps[step]


def _reached_by(*ways: str) -> Callable[[Steps], bool]:
    return lambda steps: steps.get("contact", {}).get("contact") in ways


STEPS = (
    Step("year", 1, _l("What year were you born?"), Year),
    Step("month", 1, _l("What month were you born?"), Month, lambda steps: _given(steps, "year")),
    Step(
        "day",
        1,
        _l("What day were you born?"),
        Day,
        lambda steps: _given(steps, "year") and _given(steps, "month"),
    ),
    Step("age", 1, _l("How old are you, about?"), AgeBand, lambda steps: "instead" in steps.get("year", {})),
    Step("needs", 2, _l("What helps you in the library?"), Needs),
    Step("contact", 3, _l("How can we reach you?"), Contact),
    Step("phone", 3, _l("What is your phone number?"), Phone, _reached_by("call", "text")),
    Step("email", 3, _l("What is your e-mail?"), Email, _reached_by("email")),
    Step("postcode", 4, _l("What is your postcode?"), Postcode),
    Step("first-name", 5, _l("What is your first name?"), FirstName),
    Step("family-name", 6, _l("What is your family name?"), FamilyName),
)
QUESTIONS = max(step.question for step in STEPS)


def path(steps: Steps) -> list[Step]:
    """The pages that this person is asked, given what she has answered so far."""
    return [step for step in STEPS if step.asked(steps)]


def answers_of(steps: Steps) -> Answers:
    """What was answered on all pages, as one record."""
    asked = {step.name for step in path(steps)}
    given: dict[str, Any] = {}
    for name, values in steps.items():
        if name in asked and "instead" not in values:
            given.update(values)
    said = {
        name: values["instead"] for name, values in steps.items() if name in asked and "instead" in values
    }
    given["born"] = "-".join(f"{int(given[part]):02}" for part in ("year", "month", "day") if part in given)
    if {"phone", "email"} & said.keys():
        given["contact"] = "none"
    if said.get("postcode") == Postcode.as_written.code:
        given.update(postcode=steps["postcode"]["postcode"], postcode_checked=False)
    else:
        given["home"] = said.get("postcode", "")
    return Answers.of(given)


@dataclass(frozen=True)
class Row:
    """An answer as it is checked: what was typed, or the words of what was touched."""

    label: LazyProxy
    step: str
    typed: str = ""
    said: tuple[LazyProxy | str, ...] = ()
    both: bool = False  # the words belong to what was typed: a number to ring, or to send a text to


def rows(answers: Answers) -> list[Row]:
    """The answers to look over, at most six."""
    contact = labels(CONTACT, answers.contact)
    reach = shown_phone(answers.phone) if answers.phone else answers.email
    return [
        Row(_lp("answer", "First name"), "first-name", answers.first_name),
        Row(_lp("answer", "Family name"), "family-name", answers.family_name, (_l("I have only one name"),)),
        Row(
            _lp("answer", "Date of birth"),
            "year",
            shown_birth(answers.born, shown().locale),
            labels(AGE_BANDS, answers.age_band),
        ),
        Row(_lp("answer", "How we reach you"), "contact", reach, contact, both=True),
        Row(_lp("answer", "Postcode"), "postcode", answers.postcode, labels(HOMES, answers.home)),
        Row(
            _lp("answer", "What helps you"),
            "needs",
            "",
            labels(NEEDS, *answers.needs) or (_lp("need", "None of these"),),
        ),
    ]


# The pages --------------------------------------------------------------------------------------


@blueprint.get("/")
def start() -> Any:
    return render_template("join/start.html", place=here())


@blueprint.get("/privacy")
def privacy() -> Any:
    return render_template("join/privacy.html", place=here(), notice=NOTICE, settings=here().settings)


@blueprint.post("/")
def begin() -> Any:
    """From here on there is something personal: the visit gets a new id and key."""
    visit = visits.current()
    if "join" not in visit:
        visit.renew()
        visit.pop("receipt", None)  # the code of somebody who joined before her is no receipt of hers
        visit["join"] = {"key": secrets.token_hex(16), "steps": {}, "again": [], "aside": {}}
    return redirect(_onwards(), 303)


@blueprint.route(
    "/<any({}):name>".format(",".join(f'"{step.name}"' for step in STEPS)), methods=["GET", "POST"]
)
def ask(name: str) -> Any:
    """Ask one question; keep the answer; go to the next that has none."""
    if "join" not in visits.current() and (request.method == "GET" or "receipt" in visits.current()):
        return redirect(_instead(), 303)
    steps = _joining()["steps"]
    step = next(step for step in STEPS if step.name == name)
    if not step.asked(steps):
        return redirect(_onwards(), 303)
    form = step.form(data=_joining()["aside"].get(name) or steps.get(name))
    form.suit(steps)
    if "aside" in request.form:
        return redirect(_put_aside(step, form), 303)
    if form.validate_on_submit():
        _remember(step, form)
        return redirect(_onwards(), 303)
    page = render_template(
        f"join/{name}.html", form=form, place=here(), step=step, total=QUESTIONS, back=_before(step)
    )
    return page, 422 if form.errors else 200


@blueprint.get("/together")
def together() -> Any:
    """For those too young to join alone."""
    if "join" not in visits.current():
        return redirect(_instead(), 303)
    return render_template("join/together.html", place=here())


@blueprint.get("/check")
def check() -> Any:
    if "join" not in visits.current():
        return redirect(_instead(), 303)
    onwards = _onwards()
    if onwards != url_for("join.check"):
        return redirect(onwards, 303)
    joining = _joining()
    return render_template(
        "join/check.html",
        place=here(),
        rows=rows(answers_of(joining["steps"])),
        key=joining["key"],
        back=url_for("join.ask", name=path(joining["steps"])[-1].name),
    )


@blueprint.get("/send")
def sent() -> Any:
    """Where a screen that lost its connection while sending finds out what became of it."""
    return redirect(url_for("join.receipt" if "receipt" in visits.current() else "join.check"), 303)


@blueprint.post("/send")
def send() -> Any:
    """Send once. A double tap, or a second try after the answer was lost, gets the same receipt."""
    key = request.form.get("key", "")
    with store().read() as db:
        earlier = records.already_sent(db, key)
        readers = records.readers(db)
    visit = visits.current()
    if earlier is None:
        if _joining()["key"] != key:
            return redirect(url_for("join.check"), 303)
        if _onwards() != url_for("join.check"):
            return redirect(_onwards(), 303)
        place = here()
        sent = records.seal(
            answers_of(_joining()["steps"]),
            one_time_key=key,
            branch_id=place.branch.id,
            kiosk_id=place.kiosk_id,
            language=current().tag,
            notice_version=version(place.settings),
            readers=readers,
            mark_key=records.mark_key(current_app.config["SERVICE_KEY"]),
        )
        answered = dict(visit)
        try:
            with store().write() as db:
                earlier = records.send(db, sent, place.settings)
                visit.wipe_answers(receipt=earlier)
                visit.keep(db, visits.lifetime())
        except Exception as error:
            # nothing was sent: her answers are still hers, and there is no code
            visit.clear()
            visit.update(answered)
            visit.modified = False
            if isinstance(error, records.TooMany):
                abort(429)
            raise
    elif visit.get("receipt") != earlier:
        # only the visit that knows the key comes here: it was in her form
        visit.wipe_answers(receipt=earlier)
    return redirect(url_for("join.receipt"), 303)


@blueprint.get("/receipt")
def receipt() -> Any:
    reference = visits.current().get("receipt")
    if reference is None:
        return redirect(url_for("home.attract"), 303)
    # S704: the drawing of a code of ours
    drawing = Markup(segno.make(reference, error="m", micro=False).svg_inline(border=4, omitsize=True))  # noqa: S704
    return render_template(
        "join/receipt.html", place=here(), code=references.shown(reference), drawing=drawing
    )


def _instead() -> str:
    """Where a page leads that nobody is in the middle of: to the code that was sent, else to the start."""
    return url_for("join.receipt" if "receipt" in visits.current() else "home.attract")


def _joining() -> dict[str, Any]:
    """What this visit has answered; the visit has ended when there is nothing."""
    joining: dict[str, Any] | None = visits.current().get("join")
    if joining is None:
        raise visits.Ended
    return joining


def _remember(step: Step, form: Question) -> None:
    """Keep the answer; what belongs to the same question and comes later is asked again."""
    joining = _joining()
    answer = form.answers()
    if answer.get("instead") == Postcode.as_written.code:
        answer["postcode"] = form.fields[0].data
    later = [
        each.name
        for each in STEPS
        if each.question == step.question and STEPS.index(each) > STEPS.index(step)
    ]
    visits.current()["join"] = {
        **joining,
        "steps": {**joining["steps"], step.name: answer},
        "again": [name for name in {*joining["again"], *later} if name != step.name],
        "aside": {name: draft for name, draft in joining["aside"].items() if name != step.name},
    }


def _put_aside(step: Step, form: Question) -> str:
    """Keep what is written so far, right or wrong, for a look at another page; where that is."""
    joining = _joining()
    draft = {field.name: field.data for field in form.fields if field.data}
    visits.current()["join"] = {**joining, "aside": {**joining["aside"], step.name: draft}}
    if request.form["aside"] == "back":
        return _before(step)
    return f"{url_for('home.language')}?from={request.path}"


def _onwards() -> str:
    """The next page: the first question without an answer, else check."""
    joining = _joining()
    steps = joining["steps"]
    answers = answers_of(steps)
    place = here()
    years = age(answers.born, place.branch.now().date())
    too_young = answers.age_band == "under-16" or (years is not None and years < place.settings.own_age)
    for step in path(steps):
        if too_young and step.question > 1:
            return url_for("join.together")
        if step.name not in steps or step.name in joining["again"]:
            return url_for("join.ask", name=step.name)
    return url_for("join.check")


def _before(step: Step) -> str:
    """The page before this one."""
    asked = path(_joining()["steps"])
    place = asked.index(step)
    return url_for("join.ask", name=asked[place - 1].name) if place else url_for("join.start")


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    add_journey(app, Journey("join", "join.start", _lp("journey", "Join the library"), "id"))
    rounds.add_purge(app, records.purge)
