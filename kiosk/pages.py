"""What every page has: safe headers, addresses of files that change with their content, icons, journeys."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache

from babel.support import LazyProxy
from flask import Flask, current_app, request
from flask.wrappers import Response
from markupsafe import Markup

from kiosk.configuration import ROOT
from kiosk.keyboards import keyboard_for

STATIC = ROOT / "static"
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
    label: LazyProxy
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
    version = hashlib.blake2s((STATIC / path).read_bytes(), digest_size=6).hexdigest()
    return f"/static/{path}?v={version}"


def _safe(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path.startswith("/static/") and response.status_code == 200:
        kept = "public, max-age=31536000, immutable" if "v" in request.args else "public, max-age=86400"
        response.headers["Cache-Control"] = kept
    else:
        response.headers["Cache-Control"] = "no-store"
    return response


def init_app(app: Flask) -> None:
    app.after_request(_safe)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(icon=icon, asset=asset, keyboard_for=keyboard_for)
