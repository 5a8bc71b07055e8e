"""The screens as devices: how a browser becomes a screen, how it is known, and how it is put to rest."""

from flask import Flask

from kiosk import rounds
from kiosk.devices import browsers, desk, records, screens

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    """To be called before any room that asks where the screen of a request stands."""
    browsers.init_app(app)
    app.register_blueprint(screens.blueprint)
    app.register_blueprint(desk.blueprint)
    rounds.add_purge(app, records.purge, shred=False)
