"""The staff pages of no single journey: sign-in, board, people, branches, languages, settings, the log."""

from flask import Flask

from kiosk.staff import board, branches, languages, log, messages, people, settings
from kiosk.staff.pages import pages

__all__ = ["board", "branches", "init_app", "languages", "log", "messages", "people", "settings"]


def init_app(app: Flask) -> None:
    app.register_blueprint(pages)
