"""What every page has: safe headers, addresses of files that change with their content, icons, journeys."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from babel.support import LazyProxy
from flask import Flask, current_app, request
from flask.wrappers import Response
from markupsafe import Markup

from kiosk.branches import here
from kiosk.configuration import ROOT
from kiosk.keyboards import keyboard_for

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STATIC = ROOT / "static"
SHEETS = ("vendor/fonts.css", "tokens.css", "kiosk.css")
SCREENS = "vendor/screens.css"
"""The three of them in one. It stands beside the fonts, whose addresses in it are relative."""
FEEDS = "/feeds/"
"""Addresses for other programs, which say themselves how long an answer may be kept."""
LARGEST_FORM = 262_144
"""Bytes of a form. Only pages that take files, of people signed in, allow more."""
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # no-referrer would make the Origin of a form "null"
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), serial=()",
}


@dataclass(frozen=True)
class Journey:
    """What a resident can set out on from the home screen."""

    name: str
    endpoint: str
    label: LazyProxy = field(compare=False)
    icon: str


def add_journey(app: Flask, journey: Journey) -> None:
    app.extensions.setdefault("journeys", {})[journey.name] = journey


def every_journey() -> list[Journey]:
    """All journeys that exist, whatever the library chose."""
    found: dict[str, Journey] = current_app.extensions.get("journeys", {})
    return list(found.values())


def journeys(order: tuple[str, ...]) -> list[Journey]:
    """The journeys that exist here, in the order that the library chose."""
    found: dict[str, Journey] = current_app.extensions.get("journeys", {})
    return [found[name] for name in order if name in found]


@cache
def icon(name: str) -> Markup:
    """A pictogram, drawn in the colour of the text around it; it never stands without words."""
    svg = (STATIC / "vendor" / "icons" / f"{name}.svg").read_text("utf-8")
    body = re.sub(r"<svg[^>]*>|</svg>|<path[^>]*d=\"M0 0h24v24H0z\"[^>]*/>", "", svg)
    body = re.sub(r"\s+", " ", body).strip()
    drawn = (
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
        f' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{body}</svg>'
    )
    return Markup(drawn)  # noqa: S704 - the drawing comes from an installed package, its name from a template


@cache
def asset(path: str) -> str:
    """The address of a static file, which changes when the file does, so that browsers may keep it."""
    body = sheet_of_screens().encode() if path == SCREENS else (STATIC / path).read_bytes()
    return f"/static/{path}?v={hashlib.blake2s(body, digest_size=6).hexdigest()}"


@cache
def sheet_of_screens() -> str:
    """The style sheets of every screen as one: nothing is painted before the last of them is there."""
    return "".join((STATIC / path).read_text("utf-8") for path in SHEETS)


def _file(filename: str) -> Response:
    if filename == SCREENS:
        return Response(sheet_of_screens(), mimetype="text/css")
    return current_app.send_static_file(filename)


def _safe(answer: WSGIApplication) -> WSGIApplication:
    """Whatever answers, a page or an error in the middle of one, its headers are safe."""

    def answer_safely(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, *HEADERS.items()], exc_info)

        return answer(environ, start)

    return answer_safely


def _kept_by_browsers(response: Response) -> Response:
    if request.path.startswith("/static/") and response.status_code == 200:
        kept = "public, max-age=31536000, immutable" if "v" in request.args else "public, max-age=86400"
        response.headers["Cache-Control"] = kept
    elif not (request.path.startswith(FEEDS) and response.status_code in (200, 304)):
        response.headers["Cache-Control"] = "no-store"
    return response


def init_app(app: Flask) -> None:
    app.ensure_sync = lambda func: func  # type: ignore[method-assign] # no function here is a coroutine
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_FORM
    app.wsgi_app = _safe(app.wsgi_app)  # type: ignore[method-assign, assignment]
    app.view_functions["static"] = _file
    app.after_request(_kept_by_browsers)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(icon=icon, asset=asset, keyboard_for=keyboard_for, here=here)
