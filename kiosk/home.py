"""The first screen, home, how things are shown, finish, and the pages for when something is wrong."""

from __future__ import annotations

import logging
import secrets
import traceback
from typing import Any

from flask import (
    Blueprint,
    Flask,
    abort,
    g,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import Forbidden, HTTPException, InternalServerError, NotFound, ServiceUnavailable

from kiosk import branches, kept, languages, visits
from kiosk.branches import here
from kiosk.languages import _l
from kiosk.pages import STATIC, journeys
from kiosk.people import is_behind_sign_in
from kiosk.store import Busy, Damaged, NotThere
from kiosk.walks import page_here, this_page

blueprint = Blueprint("home", __name__)
log = logging.getLogger(__name__)


@blueprint.get("/")
def attract() -> Any:
    """Choose your language. Whoever was here before is gone, however the screen came back to this page."""
    if visits.current().get("begun"):
        visits.current().end()
        return redirect(url_for("home.attract"), 303)
    place = here()
    offered = languages.offered(place.settings.languages)
    languages.speak(offered[0], "hide")
    return render_template(
        "home/attract.html",
        place=place,
        offered=offered,
        welcomes=[
            (each, languages.catalogue(each.tag).gettext("Welcome. Touch your language.")) for each in offered
        ],
    )


@blueprint.get("/<lang>/")
def home() -> Any:
    place = here()
    now = place.branch.now()
    hours = branches.hours_today(place.branch)
    times = branches.spans(hours or ())
    return kept.page(
        "home/home.html",
        frame=visits.frame(),
        journeys=tuple(journeys(place.settings.journeys)),
        open_until=next((closes for opens, closes in times if opens <= now.time() < closes), None),
        opens_later=next((opens for opens, _closes in times if now.time() < opens), None),
        hours_known=hours is not None,
    )


@blueprint.get("/<lang>/language")
def language() -> Any:
    offered = languages.offered(here().settings.languages)
    came_from = page_here(request.args.get("from", ""))
    return render_template(
        "home/language.html",
        offered=offered,
        came_from=came_from,
        address_in=lambda tag: _in_language(came_from, tag),
    )


@blueprint.post("/<lang>/display")
def display() -> Any:
    """Text size, colours, and the English line: one touch each, back to the page it was touched on."""
    shown = visits.display()
    match request.form.get("change"):
        case "text":
            visits.show_as(text=_next(visits.TEXT_SIZES, shown["text"]))
        case "theme":
            visits.show_as(theme=_next(visits.THEMES, shown["theme"]))
        case "english" if request.form.get("value") in ("both", "hide", "only"):
            visits.show_as(english=request.form["value"])
        case _:
            abort(400)
    return redirect(page_here(request.form.get("from", "")), 303)


@blueprint.post("/<lang>/finish")
def finish() -> Any:
    """End the visit and wipe it. Who has sent something and touches Finish may then say how it was.

    "Leave now" ends it in the same way, with no question, and leads to what gives nothing away.
    """
    visit = visits.current()
    if "how" in request.form and {"receipt", "booked"} & visit.keys() and here().settings.ask_how_it_was:
        visit.renew()
        visit.wipe_answers(asked=0)  # no face yet; `kiosk.feedback` goes on
        return redirect(url_for("feedback.ask"), 303)
    visit.end()
    if "leave" in request.form:
        return redirect(_harmless(), 303)
    return redirect(url_for("home.attract"), 303)


def _harmless() -> str:
    """What stands on the screen after "Leave now": a page that anybody may be looking at."""
    offered = [each.tag for each in languages.offered(here().settings.languages)]
    return url_for("events.start", lang="en" if "en" in offered else offered[0])


@blueprint.post("/<lang>/still-here")
def still_here() -> Any:
    """A sign of life of somebody who touches the screen without sending; she may ask for more time."""
    if request.form.get("more"):
        visits.current().update(more_time=True, begun=True)  # begun: the first screen wipes it
    return "", 204


@blueprint.get("/<lang>/offline")
def offline() -> Any:
    """What the browser keeps for when the server cannot be reached."""
    return render_template("home/offline.html")


@blueprint.get("/worker.js")
def worker() -> Any:
    """The script that shows it. Only from the root may it answer for every page."""
    return send_from_directory(STATIC, "worker.js")


def _next(steps: tuple[Any, ...], now: Any) -> Any:
    return steps[(steps.index(now) + 1) % len(steps)] if now in steps else steps[0]


def _in_language(address: str, tag: str) -> str:
    """The same page in another language."""
    _first, _tag, rest = address.split("/", 2) if address.count("/") > 1 else ("", "", "")
    return f"/{tag}/{rest}"


# When something is wrong --------------------------------------------------------------------------

PROBLEMS = {
    400: _l("We did not understand this."),
    403: _l("This page is not for this screen."),
    404: _l("We cannot find this page."),
    405: _l("We cannot find this page."),
    409: _l("Your visit has ended. We cleared your answers."),
    413: _l("This is too long. Write less."),
    429: _l("Too many people joined here just now. Wait a little, or ask staff."),
    500: _l("Something went wrong. Please ask staff."),
    503: _l("We cannot save anything just now. Ask staff for help."),
}


def problem(error: HTTPException) -> Any:
    """One picture, one sentence, one way on: in the resident's language, or as staff read it."""
    if error.response is not None:
        return error.response
    if isinstance(error, InternalServerError) and isinstance(error.original_exception, Exception):
        return _broke(error.original_exception)  # what broke outside a view, as when a visit cannot be kept
    if isinstance(error, CSRFError):
        # a form of a visit that is over has no token that fits: say what happened, not what a token is
        error = Forbidden() if is_behind_sign_in(request.path) else visits.Ended()
    code = error.code if error.code in PROBLEMS else 500 if (error.code or 500) >= 500 else 400
    if not is_behind_sign_in(request.path):
        offered = languages.offered(branches.here_or_last().settings.languages)
        if "words" not in g:
            tag = request.path.split("/")[1]
            # of a language that is not offered here, the way on would lead nowhere
            languages.speak(next((each for each in offered if each.tag == tag), offered[0]))
    page = "staff/problem.html" if is_behind_sign_in(request.path) else "home/problem.html"
    return render_template(
        page, code=error.code, says=PROBLEMS[code], number=g.get("error_number")
    ), error.code or 500


def _broke(error: Exception) -> Any:
    """An error of ours: a number for the person to tell staff, and a log without what she typed."""
    if isinstance(error, Busy) or type(error) is Damaged:
        log.error("the database did not answer: %s", type(error).__name__)
        return problem(ServiceUnavailable())
    g.error_number = f"E-{secrets.randbelow(9000) + 1000}"
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s: %s at %s\n%s", g.error_number, type(error).__name__, request.endpoint, frames)
    return problem(InternalServerError())


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(this_page=this_page)
    app.context_processor(lambda: {} if is_behind_sign_in(request.path) else {"place": here()})
    app.register_error_handler(HTTPException, problem)
    app.register_error_handler(NotThere, lambda _error: problem(NotFound()))
    app.register_error_handler(Exception, _broke)
    app.add_url_rule("/healthz", "healthz", lambda: ("ok", 200))
