"""What the clock does: wipe what may no longer be kept. Rooms hand in what is to be done."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import click
from flask import Flask

from kiosk.store import Store, Writing

EVERY = timedelta(minutes=1)
Purge = Callable[[Writing, datetime], int]

log = logging.getLogger(__name__)


def add_purge(app: Flask, purge: Purge, *, shred: bool = True) -> None:
    """Have `purge(db, now)` wipe, on every round, what is over; it says how many records it was.

    `shred=False` is for what nobody can read anyway, and that comes by every minute.
    """
    app.extensions.setdefault("purges", []).append((purge, shred))


def go(app: Flask, now: datetime | None = None) -> int:
    """One round. After anything was wiped the file is rebuilt, so that nothing of it stays on the disk."""
    kept: Store = app.extensions["store"]
    wiped = 0
    for purge, shred in app.extensions.get("purges", []):
        with kept.write() as db:
            count = purge(db, now or datetime.now(UTC))
        wiped += count
        if count and shred:
            app.extensions["shred_due"] = True  # stays due until it has worked: the disk may be full now
    if app.extensions.get("shred_due"):
        app.extensions["shred_due"] = not kept.shred()
    return wiped


@contextmanager
def going(app: Flask) -> Iterator[None]:
    """Rounds in a thread of their own for as long as the server serves."""
    over = threading.Event()

    def walk() -> None:
        while True:
            try:
                go(app)
            except Exception:
                # a round that fails must not end all rounds; the next one tries again
                log.exception("a round failed")
            if over.wait(EVERY.total_seconds()):
                return

    thread = threading.Thread(target=walk, name="rounds", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=10)


def init_app(app: Flask) -> None:
    @app.cli.command("rounds")
    def rounds() -> None:
        """Wipe what may no longer be kept, now. The server does the same every minute."""
        click.echo(f"{go(app)} records wiped.")
