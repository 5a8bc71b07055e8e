"""What the resident sees of services: a few questions and what fits her, or all of them and no question.

Nothing that she touches goes into an address: which need, which service and which answers lies in the visit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from babel.support import LazyProxy
from flask import Blueprint, Flask, abort, redirect, render_template, request, url_for

from kiosk import visits
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.languages import _l, _lp, current
from kiosk.pages import Journey, add_journey
from kiosk.support import finding, looks, questions
from kiosk.support.codes import NEEDS, TOO_YOUNG, codes
from kiosk.support.finding import Found
from kiosk.support.looks import Offer
from kiosk.support.questions import FIND, NEEDED, STEPS
from kiosk.walks import before

blueprint = Blueprint("support", __name__, url_prefix="/<lang>/support")

NEEDS_A_PAGE = 8
SERVICES_A_PAGE = 3
"""What can be seen at once: a card says six things."""
MOST_SERVICES = 6
"""Services that one story can go to."""
LIST = "services"
"""In the visit, what she looks at: the `list` (`found` or `listed`), its `page`, the `need` listed, the
`service` that is open, the services `chosen` to tell a story to, and the `problem` with how many they are:
`few` or `many`."""
_PROBLEMS = {
    "few": _l("Choose one service or more first."),
    "many": _l("You can choose six services at most."),
}

Part = TypeVar("Part")


def _page(of: Sequence[Part], number: int, size: int) -> tuple[list[Part], int]:
    """A page of a list, and how many pages it has; the last one for a number that is too large."""
    pages = max(1, -(-len(of) // size))
    first = (min(max(number, 1), pages) - 1) * size
    return list(of[first : first + size]), pages


def _looked_at() -> dict[str, Any]:
    nothing = {"list": "", "page": 1, "need": "", "service": "", "chosen": [], "problem": ""}
    return {**nothing, **visits.current().get(LIST, {})}


def _look(**changes: Any) -> None:
    visits.current()[LIST] = {**_looked_at(), **changes}


# Finding by need --------------------------------------------------------------------------------------------


@blueprint.get("/")
def start() -> Any:
    return render_template("support/start.html")


@blueprint.get("/before")
def prepare() -> Any:
    """How to leave fast, before anything is touched that gives somebody away."""
    return render_template("support/before.html")


@blueprint.post("/before")
def begin() -> Any:
    if not FIND.has_begun():
        FIND.begin(page=1, counted=[])
    return redirect(url_for("support.ask", name=NEEDED.name), 303)


@blueprint.route(f"/<any({','.join(STEPS)}):name>", methods=["GET", "POST"])
def ask(name: str) -> Any:
    """Ask one question; keep the answer; go to the next that has none."""
    if not FIND.has_begun() and request.method == "GET":
        return redirect(url_for("support.start"), 303)
    step, asked = STEPS[name], questions.path()
    if step not in asked:
        return redirect(_onwards(), 303)
    if step is NEEDED:
        return _ask_needs()
    earlier = before(step, asked)
    back = FIND.address(earlier) if earlier else url_for("support.prepare")
    return FIND.ask(step, "support", back=back, onwards=_answered)


def _ask_needs() -> Any:
    """Several pages of pictures, one at a time: what is touched on the others stays touched."""
    found = FIND.answered()
    if "turn" in request.form:
        touched = [code for code in request.form.getlist("needs") if code in codes(NEEDS)]
        turned = 1 + found["page"] % _page(NEEDS, 1, NEEDS_A_PAGE)[1]
        FIND.change(page=turned, aside={**found["aside"], NEEDED.name: {"needs": touched}})
        return redirect(FIND.address(NEEDED), 303)
    tiles, _pages = _page(NEEDS, found["page"], NEEDS_A_PAGE)
    touched = request.form.getlist("needs") or FIND.written(NEEDED).get("needs", [])
    return FIND.ask(
        NEEDED, "support", back=url_for("support.prepare"), onwards=_answered, tiles=tiles,
        touched_elsewhere=[each.code for each in NEEDS if each.code in touched and each not in tiles],
    )  # fmt: skip


def _onwards() -> str:
    """The next page: the first question without an answer, else what was found for her."""
    if questions.said().answers.get("age") == TOO_YOUNG:
        return url_for("support.young")
    missing = FIND.next(questions.path())
    return FIND.address(missing) if missing else url_for("support.found")


def _answered() -> str:
    """The same after an answer. With the last one, what nobody offers her is counted, once in a visit."""
    onwards = _onwards()
    if onwards == url_for("support.found"):
        counted = FIND.answered()["counted"]
        gaps = [need for need in finding.unmet(questions.said().needs, _found()) if need not in counted]
        if gaps:
            place = here()
            with store().write() as db:
                for need in gaps:
                    finding.count_gap(db, place.branch.id, need, current().tag, place.branch.now().date())
            FIND.change(counted=[*counted, *gaps])
    return onwards


def _found() -> list[Found]:
    return finding.found(questions.offered(), questions.said(), current().tag)


@blueprint.get("/young")
def young() -> Any:
    """Who is under 16 is led to a person."""
    if not FIND.has_begun():
        return redirect(url_for("support.start"), 303)
    return render_template("support/young.html")


# Lists of services ------------------------------------------------------------------------------------------


@blueprint.get("/found", defaults={"number": 1})
@blueprint.get("/found/<int(min=2):number>")
def found(number: int) -> Any:
    """What fits, what may fit, and last what takes nobody now."""
    if not FIND.has_begun():
        return redirect(url_for("support.start"), 303)
    if (onwards := _onwards()) != url_for("support.found"):
        return redirect(onwards, 303)
    every = _found()
    last = FIND.address(questions.path()[-1])
    if not every:
        return render_template("support/nothing.html", back=last)
    shown, pages = _page(every, number, SERVICES_A_PAGE)
    met = {need for each in every for need in each.service.needs}
    missing = [need.label for need in NEEDS if need.code in questions.said().needs - met]
    return _list(
        "found", looks.offers(shown), min(number, pages), pages, back=last,
        missing=missing if number == 1 else [],
    )  # fmt: skip


@blueprint.get("/all", defaults={"number": 1})
@blueprint.get("/all/<int(min=2):number>")
def all_needs(number: int) -> Any:
    """The directory by need: whoever looks says nothing of herself."""
    there_are = {need for service in questions.offered() for need in service.needs}
    needs, pages = _page([need for need in NEEDS if need.code in there_are], number, NEEDS_A_PAGE)
    return render_template("support/all.html", needs=needs, number=min(number, pages), pages=pages)


@blueprint.post("/all")
def choose_need() -> Any:
    need = request.form.get("need", "")
    if need not in codes(NEEDS):
        abort(400)
    _look(need=need)
    return redirect(url_for("support.listed"), 303)


@blueprint.get("/listed", defaults={"number": 1})
@blueprint.get("/listed/<int(min=2):number>")
def listed(number: int) -> Any:
    """All services for one need."""
    services = [each for each in questions.offered() if _looked_at()["need"] in each.needs]
    if not services:
        return redirect(url_for("support.all_needs"), 303)
    services.sort(key=lambda each: each.state != "open")
    shown, pages = _page(services, number, SERVICES_A_PAGE)
    offers = [looks.offer(each) for each in shown]
    return _list("listed", offers, min(number, pages), pages, back=url_for("support.all_needs"))


def _list(
    name: str,
    offers: list[Offer],
    number: int,
    pages: int,
    *,
    back: str,
    missing: Sequence[LazyProxy | str] = (),
) -> Any:
    """A page of services; `missing` are those of her needs that none of all meets."""
    looked_at = _looked_at()
    ticked = looked_at["chosen"]
    on_this_page = {each.service.id for each in offers}
    return render_template(
        f"support/{name}.html",
        offers=offers,
        number=number,
        pages=pages,
        name=name,
        ticked=ticked,
        elsewhere=[each for each in ticked if each not in on_this_page],
        can_tell=any(each.takes for each in offers),
        problem=_PROBLEMS.get(looked_at["problem"]),
        back=back,
        missing=missing,
    )


@blueprint.post("/choose")
def choose() -> Any:
    """From a list to one of its services, to another of its pages, or to telling a story to what is ticked.

    What is ticked stays ticked. `tell.begin` gets the whole form, with a `service` for each that is ticked.
    """
    known = {each.id for each in questions.offered()}
    name = request.form.get("list", "")
    if name not in ("found", "listed"):
        abort(400)
    number = request.form.get("page", 0, int) or request.form.get("shown", 1, int)
    ticked = [each for each in dict.fromkeys(request.form.getlist("service")) if each in known]
    wants_to_tell = "tell" in request.form
    problem = "many" if len(ticked) > MOST_SERVICES else "few" if wants_to_tell and not ticked else ""
    _look(list=name, page=number, chosen=ticked, problem=problem)
    if wants_to_tell and not problem:
        return redirect(url_for("tell.begin"), 307)
    if (opened := request.form.get("open", "")) in known:
        _look(service=opened)
        return redirect(url_for("support.service"), 303)
    return redirect(_of_list(name, number), 303)


def _of_list(name: str, number: int) -> str:
    return url_for(f"support.{name}", number=max(number, 1))


# One service ------------------------------------------------------------------------------------------------


@blueprint.get("/service")
def service() -> Any:
    """All that is known of a service, in her language where somebody has put it into that."""
    looked_at = _looked_at()
    opened = next((each for each in questions.offered() if each.id == looked_at["service"]), None)
    if opened is None:
        return redirect(url_for("support.start"), 303)
    return render_template(
        "support/service.html",
        offer=looks.offer(opened),
        back=_of_list(looked_at["list"], looked_at["page"]),
    )


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    add_journey(app, Journey("support", "support.start", _lp("journey", "Get support"), "heart-handshake"))
