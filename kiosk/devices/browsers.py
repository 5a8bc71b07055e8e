"""Which screen the browser of a request is: its token says so, before any room asks where this is."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from flask import Flask, abort, current_app, g, redirect, render_template, request, url_for
from flask.wrappers import Response
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from kiosk import languages, visits
from kiosk.branches import here
from kiosk.configuration import store
from kiosk.devices import records
from kiosk.languages import catalogue
from kiosk.people import is_behind_sign_in
from kiosk.store import Busy

COOKIE = "kiosk"
KEPT = 400 * 24 * 3600
"""Seconds that the browser keeps its token: no browser keeps a cookie longer. It is renewed every day."""
EVERYBODYS = ("static", "healthz", "home.worker", "home.offline", "feeds.events")
"""Views that know no person and no screen; the page for a lost connection is fetched without any cookie."""


class Resting(Forbidden):
    """Staff have put this screen to rest."""


class NoStaffHere(Forbidden):
    """A screen for residents asks for a page of staff."""


def give_cookie(response: AnyResponse, name: str, value: str, seconds: int) -> None:
    """For this host alone, never to scripts, never across sites."""
    response.set_cookie(
        visits.cookie_name(current_app, name), value, max_age=seconds, path="/",
        secure=current_app.config["HTTPS"], httponly=True, samesite="Strict",
    )  # fmt: skip


def cookie(name: str) -> str:
    """What the browser sent; empty when nothing."""
    return request.cookies.get(visits.cookie_name(current_app, name), "")


def is_paired() -> bool:
    """Whether the browser of this request is a screen that staff have paired."""
    return "kiosk_id" in g


def _recognise(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let in the screens that staff have paired, and where use is open, everybody."""
    if endpoint in EVERYBODYS:
        return
    device = None
    if token := cookie(COOKIE):
        with store().read() as db:
            device = records.device(db, token)
    is_for_staff = is_behind_sign_in(request.path)
    if device is None:
        if not (current_app.config["OPEN_USE"] or is_for_staff or request.path.startswith("/device/")):
            abort(redirect(url_for("devices.pair"), 303))
        return
    if is_for_staff:
        raise NoStaffHere
    if device.revoked:
        if endpoint in ("devices.pair", "devices.waiting"):
            return  # staff are about to pair it anew
        g.kiosk_id = device.kiosk_id
        raise Resting
    g.kiosk_id = device.kiosk_id
    now = datetime.now(UTC)
    if now - device.seen_at >= records.SEEN_EVERY:
        with suppress(Busy), store().write() as db:  # not worth a page that fails
            records.seen(db, device.id)
    if now.date() != device.seen_at.date():
        g.token_to_renew = token


def _renew(response: Response) -> Response:
    if "token_to_renew" in g:
        give_cookie(response, COOKIE, g.token_to_renew, KEPT)
    return response


def _rest(_error: Resting) -> Any:
    """The page of a screen that staff have put to rest. Whoever was at it leaves nothing behind."""
    visits.current().end()
    offered = languages.offered(here().settings.languages)
    languages.speak(offered[0], "hide")
    said = [
        (each, catalogue(each.tag).gettext("This screen is resting. Please ask staff.")) for each in offered
    ]
    return render_template("devices/resting.html", offered=offered, said=said), 403


def _refuse_staff(_error: NoStaffHere) -> Any:
    return render_template("devices/desk_not_here.html"), 403


def init_app(app: Flask) -> None:
    app.url_value_preprocessor(_recognise)
    app.after_request(_renew)
    app.register_error_handler(Resting, _rest)
    app.register_error_handler(NoStaffHere, _refuse_staff)
    app.jinja_env.globals.update(is_paired=is_paired)
