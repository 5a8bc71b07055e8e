"""The pages of partners: their door and inbox, one referral, services, people, and referring in."""

from flask import Flask

from kiosk.support.partner import capacity, consent, inbox, people, refer, referral
from kiosk.support.partner.pages import pages

__all__ = ["capacity", "consent", "inbox", "init_app", "people", "refer", "referral"]


def init_app(app: Flask) -> None:
    app.register_blueprint(pages)
    capacity.init_app(app)
