"""The floor: bare waitress, Flask and Jinja, a page as large as ours with forty bound gettext calls in it.

No visit, no settings, no safety. What the kiosk adds to this is what it costs.
"""

from __future__ import annotations

import sys

from flask import Flask, Response
from jinja2 import Environment
from waitress import serve

from app import WAITRESS
from kiosk import languages

CALLS = 40
MESSAGES = ("Choose your language", "What do you want to do?", "Are you still here?", "Is this right?")


def page(size: int) -> str:
    """A template whose page is `size` bytes, with as many calls for words as our home has."""
    calls = "".join(f'<p>{{{{ _("{MESSAGES[number % len(MESSAGES)]}") }}}}</p>' for number in range(CALLS))
    return f"<!doctype html><title>{{{{ _('Start') }}}}</title>{calls}<!--{'x' * max(0, size - 2000)}-->"


def make(size: int) -> Flask:
    app = Flask("floor")
    template = Environment(autoescape=True).from_string(page(size))

    @app.get("/<lang>/")
    def home(lang: str) -> Response:
        bound = languages.catalogue(lang).gettext
        return Response(template.render(_=bound))

    return app


if __name__ == "__main__":
    serve(make(int(sys.argv[2])), host="127.0.0.1", port=int(sys.argv[1]), threads=4, **WAITRESS)
