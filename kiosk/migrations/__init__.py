"""Every change to the schema, by what it is about, and in order within that.

A migration that has landed is never edited, only followed.
"""

from kiosk.migrations import library, events, help, support  # isort: skip - in the order in which they apply
from kiosk.migrations.order import migrations

__all__ = ["events", "help", "library", "migrations", "support"]
