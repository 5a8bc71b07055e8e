"""Every string that the screens can show, for all tests that look at words."""

from __future__ import annotations

from functools import cache

from babel.messages.catalog import Catalog

from kiosk import catalogues


@cache
def extracted() -> Catalog:
    """What the code and the templates say now. To find it takes a second, so that it is found once."""
    return catalogues.extract()
