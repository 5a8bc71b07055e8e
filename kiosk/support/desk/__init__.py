"""The desk's pages about partners and what is sent to them: states without content, and reports."""

from flask import Flask

from kiosk.support.desk import partners, referrals, reports
from kiosk.support.desk.pages import blueprint

__all__ = ["init_app", "partners", "referrals", "reports"]


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
