"""What a browser sees that is not a screen yet: a code to be typed by staff; and signs of life of screens."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, url_for

from kiosk import languages, visits
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.devices import records
from kiosk.devices.browsers import COOKIE, KEPT, cookie, give_cookie, is_paired
from kiosk.sealing import derive
from kiosk.store import NotThere, Writing

blueprint = Blueprint("devices", __name__, url_prefix="/device")

WAITING_COOKIE = "pairing"


@blueprint.get("/pair")
def pair() -> Any:
    """Show a code and wait; once staff have typed it, become that screen."""
    if is_paired():
        return redirect(url_for("home.attract"), 303)
    secret = _secret()
    try:
        with store().write() as db:
            token = records.collect(db, secret)
    except NotThere:
        return _code_page(secret)
    visits.current().end()
    response = redirect(url_for("home.attract"), 303)
    give_cookie(response, COOKIE, token, KEPT)
    give_cookie(response, WAITING_COOKIE, "", 0)
    return response


@blueprint.get("/pair/waiting")
def waiting() -> Any:
    """Empty for as long as the page that shows the code has nothing new to show."""
    with store().read() as db:
        pairing = records.waiting(db, _secret())
    if pairing and pairing["kiosk_id"] is None:
        return "", 204
    return "Load the page again.", 200, {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/alive")
def alive() -> Any:
    """A sign of life of a screen that nobody touches; it is written down where each request is."""
    return "", 204


def _code_page(secret: str) -> Any:
    languages.speak(languages.offered(here().settings.languages)[0], "both")
    with store().read() as db:
        pairing = records.waiting(db, secret)
    if pairing is None:
        secret = records.new_secret()
        try:
            with store().write() as db:
                pairing = _begin(db, secret)
        except records.TooManyOpen:
            return render_template("devices/pair.html", code="", minutes=0), 429
    left = datetime.fromisoformat(pairing["dies_at"]) - datetime.now(UTC)
    page = render_template(
        "devices/pair.html",
        code=records.shown(records.code_of(secret)),
        minutes=max(1, round(left.total_seconds() / 60)),
    )
    response = current_app.make_response(page)
    give_cookie(response, WAITING_COOKIE, secret, int(records.OPEN_FOR.total_seconds()))
    return response


def _begin(db: Writing, secret: str) -> dict[str, Any]:
    records.begin(db, secret, mark_key(current_app.config["SERVICE_KEY"]))
    found = records.waiting(db, secret)
    if found is None:
        raise NotThere
    return found


def _secret() -> str:
    """What this browser asks with; a new one, which opens nothing, when it brought none of ours."""
    brought = cookie(WAITING_COOKIE)
    return brought if re.fullmatch(r"[0-9a-f]{64}", brought) else records.new_secret()


def mark_key(service_key: bytes) -> bytes:
    """The key of the marks of codes."""
    return derive(service_key, "marks of pairing codes")
