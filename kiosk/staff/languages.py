"""How far each language is, said honestly: offered or not, and whether a native speaker has read it."""

from __future__ import annotations

from typing import Any

from flask import render_template

from kiosk import languages
from kiosk.branches import here
from kiosk.people import staff_only
from kiosk.staff.pages import pages


@pages.get("/languages")
@staff_only()
def every_language() -> Any:
    offered = languages.offered(here().settings.languages)
    return render_template(
        "staff/languages.html",
        languages=languages.known().values(),
        offered={language.tag for language in offered},
        missing={tag: languages.missing(tag) for tag in languages.known()},
        total=languages.total(),
    )
