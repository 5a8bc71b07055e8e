"""What happened, at any screen: code and PIN, then each partner: its answer, and what she can do about it."""

from __future__ import annotations

from typing import Any, cast

from babel.support import LazyProxy
from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for

from kiosk import references, visits
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.languages import _l, current, in_english, language_name, shown
from kiosk.store import NotThere
from kiosk.support.codes import chosen
from kiosk.support.referrals import consents, own_side, records
from kiosk.support.referrals.consents import Consent, Given
from kiosk.support.referrals.records import Moment, MustWait
from kiosk.support.referrals.sending import NotTaking
from kiosk.support.referrals.steps import Moved
from kiosk.support.referrals.story import ITEM, Line, lines
from kiosk.support.status import questions
from kiosk.support.status.looks import Look, looks
from kiosk.support.status.questions import ADDING, ADDING_STEPS, ANSWERS, STATUS, STEPS, Pin, adding_path
from kiosk.support.telling import answers, asking, pages
from kiosk.support.telling.asking import Asked, decided
from kiosk.support.telling.questions import MAY_WRITE, NEWS, NEWS_ASKS
from kiosk.support.telling.screens import FONTS
from kiosk.support.telling.sorry import sorry
from kiosk.walks import before, elsewhere

blueprint = Blueprint("status", __name__, url_prefix="/<lang>/status")

REACH = "reach"
"""The question of a partner that is answered by another way to reach her."""
ADDED = _l("I have written how to reach me.")
SAID = {
    "reach": _l("It is sent. From now on only this holds."),
    "no-news": _l("We send you no more news."),
}
"""What she has just done, by its code in the address."""


# Code and PIN -----------------------------------------------------------------------------------------------


@blueprint.get("/")
def start() -> Any:
    """Whoever looked before on this visit does not leave it to the next code."""
    return render_template("support/status/start.html")


@blueprint.post("/")
def begin() -> Any:
    visits.current().pop(ADDING.name, None)
    STATUS.begin()
    return redirect(url_for("status.ask", name="code"), 303)


@blueprint.route("/<any(code,pin):name>", methods=["GET", "POST"])
def ask(name: str) -> Any:
    """The code, then the PIN; both together open the referral."""
    if not STATUS.has_begun() and request.method == "GET":
        return redirect(url_for("status.start"), 303)
    steps = STATUS.answered()["steps"]
    if name == "code":
        return STATUS.ask(
            STEPS["code"], "support/status", back=url_for("status.start"),
            onwards=lambda: url_for("status.ask", name="pin"),
        )  # fmt: skip
    if "code" not in steps:
        return redirect(url_for("status.ask", name="code"), 303)
    return _ask_pin(references.read(steps["code"]["code"]))


def _ask_pin(reference: str) -> Any:
    """The PIN is looked at once and never kept, right or wrong."""
    form = Pin()
    if "aside" in request.form:
        back = url_for("status.ask", name="code")
        return redirect(STATUS.put_aside(STEPS["pin"], Pin(formdata=None), back), 303)
    if form.validate_on_submit():
        try:
            with store().write() as db:
                found = records.by_code(
                    db,
                    reference,
                    form.pin.data,
                    kiosk_id=here().kiosk_id,
                    service_key=current_app.config["SERVICE_KEY"],
                    now=here().branch.now(),
                )
        except MustWait as error:
            return sorry("wait", onwards=url_for("status.start"), minutes=error.minutes)
        if found is not None:
            STATUS.change(steps={}, again=[], aside={}, id=found.id)
            return redirect(url_for("status.show"), 303)
        form.pin.errors = [_l("The code and the PIN do not fit. Check both.")]
    form.pin.data = ""
    page = render_template("support/status/pin.html", form=form, step=STEPS["pin"])
    return page, 422 if form.errors else 200


# What happened ----------------------------------------------------------------------------------------------


@blueprint.get("/all")
def show() -> Any:
    """Each partner that she said yes to, and what it does."""
    if not _is_open():
        return redirect(url_for("status.start"), 303)
    found = _all()
    with store().read() as db:
        has_news = bool(records.referral(db, STATUS.answered()["id"]).news_way)
    return render_template(
        "support/status/all.html",
        looks=found,
        said=SAID.get(request.args.get("said", "")),
        has_news=has_news and any(each.handover.is_open for each in found),
        can_add=any(each.can_add for each in found),
        staff_read=_staff_consent() is not None,
    )


@blueprint.get("/<int:number>")
def one(number: int) -> Any:
    """One partner, and what she can do."""
    look = _find(number)
    if look is None:
        return redirect(url_for("status.show"), 303)
    return render_template("support/status/one.html", look=look, asks_reach=look.handover.why == REACH)


@blueprint.route("/<int:number>/back", methods=["GET", "POST"])
def take_back(number: int) -> Any:
    """Asked once: take her yes to one partner back. Its copy is wiped at once, and it sees that."""
    look = _find(number)
    if look is None or not look.can_take_back:  # taken back already, by a touch before this one
        return redirect(url_for("status.one", number=number), 303)
    if request.method == "POST":
        with store().write() as db:
            own_side.withdraw(db, look.handover.id, _at())
        return redirect(url_for("status.one", number=number), 303)
    return render_template("support/status/take_back.html", look=look)


@blueprint.route("/staff", methods=["GET", "POST"])
def staff() -> Any:
    """Asked once: staff of the library read it no longer."""
    if not _is_open() or _staff_consent() is None:
        return redirect(url_for("status.show"), 303)
    if request.method == "POST":
        with store().write() as db:
            own_side.shut_staff_out(db, STATUS.answered()["id"], _at())
        return redirect(url_for("status.show"), 303)
    return render_template("support/status/staff.html")


@blueprint.get("/news")
def stopped_news() -> Any:
    """Where a screen that has sent it finds out what became of it."""
    return redirect(url_for("status.show"), 303)


@blueprint.post("/news")
def stop_news() -> Any:
    """She takes back her yes to neutral news: where they went is wiped."""
    if not _is_open():
        return redirect(url_for("status.start"), 303)
    with store().write() as db:
        own_side.set_news(db, STATUS.answered()["id"], "", "", _at())
    return redirect(url_for("status.show", said="no-news"), 303)


@blueprint.get("/<int:number>/nobody")
def said_nobody(number: int) -> Any:
    """Where a screen that has sent it finds out what became of it."""
    return redirect(url_for("status.one", number=number), 303)


@blueprint.post("/<int:number>/nobody")
def nobody(number: int) -> Any:
    """Nobody called: the partner and the library hear of it."""
    look = _find(number)
    if look is not None and look.can_complain:
        try:
            with store().write() as db:
                own_side.nobody_called(db, look.handover.id, _at())
        except Moved:
            return sorry("moved", onwards=url_for("status.one", number=number))
    return redirect(url_for("status.one", number=number), 303)


@blueprint.route("/<int:number>/answer", methods=["GET", "POST"])
def answer(number: int) -> Any:
    """Answer what a partner asks: by touch, or in own words."""
    look = _find(number)
    if look is None or not look.can_answer or look.handover.why not in ANSWERS:
        return redirect(url_for("status.one", number=number), 303)
    step = ANSWERS[look.handover.why]
    back = url_for("status.one", number=number)
    form = STATUS.form(step)
    if "aside" in request.form:
        return redirect(STATUS.put_aside(step, form, back), 303)
    if form.validate_on_submit():
        text, language = questions.as_text(step.name, form.answers(), current().tag)
        aside = {name: draft for name, draft in STATUS.answered()["aside"].items() if name != step.name}
        STATUS.change(aside=aside)
        try:
            with store().write() as db:
                own_side.answer(db, look.handover.id, text, language, _at())
        except Moved:
            return sorry("moved", onwards=back)
        return redirect(back, 303)
    page = render_template(
        f"support/status/{step.name}.html",
        form=form,
        step=step,
        tongue=language_name,
        fonts_of_the_page=FONTS if step.name == "language" else None,
    )
    return page, 422 if form.errors else 200


# Somebody else may get it -----------------------------------------------------------------------------------


@blueprint.route("/<int:number>/pass", methods=["GET", "POST"])
def passing(number: int) -> Any:
    """Another partner could help: who it is, and what happens with what she told."""
    return _pass(number, pages.WHO)


@blueprint.route("/<int:number>/pass/part", methods=["GET", "POST"])
def passing_part(number: int) -> Any:
    """Which parts the other partner would get. What they say is sealed, and cannot be shown here."""
    return _pass(number, pages.PART)


def _pass(number: int, page: str) -> Any:
    look = _find(number)
    if look is None or not look.can_decide:
        return redirect(url_for("status.one", number=number), 303)
    with store().read() as db:
        asked = asking.passing(db, look.handover, shown().tag, here().settings)
    if page == pages.PART and not asked.takes:
        return redirect(url_for("status.passing", number=number), 303)
    if request.method == "GET":
        return pages.draw(page, asked, asked.at_first)
    if "aside" in request.form:
        back = "status.one" if page == pages.WHO else "status.passing"
        return redirect(elsewhere(url_for(back, number=number)), 303)
    match pages.said(page, asked):
        case "more":
            return redirect(url_for("status.passing_part", number=number), 303)
        case "yes" | "no" as answer:
            return _say_to_passing(look, asked, answer == "yes")
        case "changed":
            return redirect(url_for("status.passing", number=number), 303)
    return pages.draw(page, asked, pages.items(asked), unsure=True)


def _say_to_passing(look: Look, asked: Asked, yes: bool) -> Any:
    onwards = url_for("status.one", number=look.number)
    choice = asked.choice(decided(asked, yes, pages.items(asked)))
    try:
        with store().write() as db:
            own_side.say_to_passing(db, look.handover.id, choice, _given(), _at())
    except Moved:
        return sorry("moved", onwards=onwards)
    except (NotTaking, NotThere):
        return sorry("not-now", onwards=onwards)
    return redirect(onwards, 303)


@blueprint.route("/<int:number>/pass/back", methods=["GET", "POST"])
def stop_passing(number: int) -> Any:
    """Asked once: she takes back her yes to somebody else, before anything was sent on."""
    look = _find(number)
    if look is None or not look.can_stop_passing:
        return redirect(url_for("status.one", number=number), 303)
    if request.method == "POST":
        try:
            with store().write() as db:
                own_side.take_passing_back(db, look.handover.id, _at())
        except Moved:
            return sorry("moved", onwards=url_for("status.one", number=number))
        return redirect(url_for("status.one", number=number), 303)
    return render_template("support/status/stop_passing.html", look=look)


# How to reach her from now on -------------------------------------------------------------------------------


@blueprint.post("/reach")
def add_reach() -> Any:
    if not _is_open():
        return redirect(url_for("status.start"), 303)
    if not ADDING.has_begun():
        ADDING.begin()
    return redirect(url_for("status.reach", name="reach"), 303)


@blueprint.route(
    "/reach/<any({}):name>".format(",".join(f'"{name}"' for name in ADDING_STEPS)), methods=["GET", "POST"]
)
def reach(name: str) -> Any:
    """How to reach her, page by page, up to the page on which she sends it."""
    if not _is_open() or not ADDING.has_begun():
        return redirect(url_for("status.show" if _is_open() else "status.start"), 303)
    step, asked = ADDING_STEPS[name], adding_path()
    if step not in asked:
        return redirect(_onwards(), 303)
    earlier = before(step, asked)
    return ADDING.ask(
        step,
        "support/tell",
        back=ADDING.address(earlier) if earlier else url_for("status.show"),
        onwards=_onwards,
        replaces=name == "reach",
        tells=NEWS if name == "news" else None,
    )


@blueprint.route("/reach/check", methods=["GET", "POST"])
def reach_check() -> Any:
    """What she wrote, to be looked over; sent, every partner that has her story hears it."""
    if not _is_open() or not ADDING.has_begun():
        return redirect(url_for("status.show" if _is_open() else "status.start"), 303)
    if (onwards := _onwards()) != url_for("status.reach_check"):
        return redirect(onwards, 303)
    if request.method == "POST":
        return _send_reach()
    asked = adding_path()
    ways, safety = answers.reached(ADDING.answered()["steps"], asked)
    rows = [("reach", ITEM["reach"].label, lines("reach", ways))]
    if ADDING_STEPS["safe"] in asked:
        rows.append(("safe", ITEM["safety"].label, lines("safety", safety)))
    if said := asking.said_to_news(ADDING.answered()["steps"], asked):
        answer = chosen(MAY_WRITE, [said["news"]])[0]
        rows.append(("news", NEWS_ASKS, [Line(cast(LazyProxy, answer.label))]))
    return render_template("support/status/reach_check.html", rows=rows, back=ADDING.address(asked[-1]))


def _send_reach() -> Any:
    """What she wrote leaves the visit for the partners; what one of them asked is answered with it.

    News go to an address of these or nowhere, and only with a yes of their own.
    """
    steps, asked = ADDING.answered()["steps"], adding_path()
    ways, safety = answers.reached(steps, asked)
    referral_id, at = STATUS.answered()["id"], _at()
    said = asking.said_to_news(steps, asked)
    news = asking.news_answer(said) if said else None
    way, to = asking.news(ways, at.settings) if news is not None and news.yes else ("", "")
    with store().write() as db:
        own_side.add_reach(db, referral_id, ways, safety, at)
        for each in records.handovers_of(db, referral_id):
            if each.state == "asking" and each.why == REACH and each.sealed is not None:
                own_side.answer(db, each.id, in_english(ADDED), "en", at)
        own_side.set_news(db, referral_id, "", "", at)  # a yes holds for the address that it was given for
        if way:
            own_side.set_news(db, referral_id, way, to, at, said=news, given=_given())
    visits.current().pop(ADDING.name, None)
    return redirect(url_for("status.show", said="reach"), 303)


def _onwards() -> str:
    """The next page about how to reach her; from the start, when each box was answered with "I have none"."""
    missing, steps = ADDING.next(adding_path()), ADDING.answered()["steps"]
    if missing:
        return ADDING.address(missing)
    ways, _safety = answers.reached(steps, adding_path())
    if not ways and "instead" not in steps["reach"]:
        ADDING.change(steps={}, again=[], aside={})
        return url_for("status.reach", name="reach")
    return url_for("status.reach_check")


# Which one --------------------------------------------------------------------------------------------------


def _is_open() -> bool:
    return STATUS.has_begun() and "id" in STATUS.answered()


def _at() -> Moment:
    place = here()
    return Moment(place.settings, current_app.config["SERVICE_KEY"], place.branch.now())


def _given() -> Given:
    """How she says yes or no here: by herself, at this screen."""
    place = here()
    return Given(place.branch.id, place.kiosk_id, place.branch.now())


def _all() -> list[Look]:
    with store().read() as db:
        return looks(records.handovers_of(db, STATUS.answered()["id"]), here().branch.now())


def _find(number: int) -> Look | None:
    """One of hers by its place; None when there is none, or nothing is open."""
    if not _is_open():
        return None
    return next((each for each in _all() if each.number == number), None)


def _staff_consent() -> Consent | None:
    """Her yes that staff of the library may read it, while it holds."""
    with store().read() as db:
        given = consents.of_referral(db, STATUS.answered()["id"])
    return next((each for each in given if each.purpose == "staff-may-read" and each.holds), None)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
