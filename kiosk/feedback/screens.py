"""What the resident sees at the end: five faces, and what it was about. She may leave without either.

`home.finish` has wiped her visit by now. What is left of it is `asked`: 0 until she has touched a face, then
that face, 1 to 5, so that each visit is counted once.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for

from kiosk import visits
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.feedback import records
from kiosk.feedback.records import FACES, WHYS

blueprint = Blueprint("feedback", __name__, url_prefix="/<lang>/how")


@blueprint.get("/")
def ask() -> Any:
    asked = visits.current().get("asked")
    return render_template("feedback/ask.html", faces=FACES) if asked == 0 else _onwards(asked)


@blueprint.post("/")
def answer() -> Any:
    """Count a face, once a visit."""
    face = request.form.get("face", "")
    if face not in {each.code for each in FACES}:
        return redirect(url_for("feedback.ask"), 303)
    visit, place = visits.current(), here()
    with store().write() as db:
        # two touches at the same moment: the later one reads here what the first has written
        if visit.catch_up(db) and visit.get("asked") == 0:
            records.count(db, place.branch.now().date(), place.branch.id, place.kiosk_id, int(face))
            visit["asked"] = int(face)
            visit.keep(db, visits.lifetime())
    return _onwards(visit.get("asked"))


@blueprint.get("/why")
def why() -> Any:
    asked = visits.current().get("asked")
    return render_template("feedback/why.html", whys=WHYS) if asked else _onwards(asked)


@blueprint.post("/why")
def because() -> Any:
    """Count a reason beside the face that was touched; with that the visit is over."""
    code = request.form.get("why", "")
    visit, place = visits.current(), here()
    asked = visit.get("asked")
    if not asked or code not in {each.code for each in WHYS}:
        return _onwards(asked)
    with store().write() as db:
        if visit.catch_up(db):
            records.count(db, place.branch.now().date(), place.branch.id, place.kiosk_id, asked, code)
            visit.end()
            visit.keep(db, visits.lifetime())
    return redirect(url_for("home.attract"), 303)


def _onwards(asked: int | None) -> Any:
    """Where somebody belongs who has been asked, has answered, or neither."""
    if asked is None:
        return redirect(url_for("home.attract"), 303)
    return redirect(url_for("feedback.ask" if asked == 0 else "feedback.why"), 303)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
