"""The staff pages that belong to no single journey: sign-in, people, languages, the log."""

from flask import Flask

from kiosk.staff import accounts, languages, log, people
from kiosk.staff.pages import pages

__all__ = ["accounts", "init_app", "languages", "log", "people"]


def init_app(app: Flask) -> None:
    app.register_blueprint(pages)
