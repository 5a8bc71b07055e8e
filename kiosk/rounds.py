"""What the clock does: wipe what may no longer be kept, and run errands. Rooms hand in what is to be done."""

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
Errand = Callable[[Flask, threading.Event], None]

log = logging.getLogger(__name__)


def add_purge(app: Flask, purge: Purge, *, shred: bool = True) -> None:
    """Have `purge(db, now)` wipe, on every round, what is over; it says how many records it was.

    `shred=False` is for what nobody can read anyway, and that comes by every minute.
    """
    app.extensions.setdefault("purges", []).append((purge, shred))


def shred_soon(app: Flask) -> None:
    """Have the file rebuilt on the next round: something was wiped outside of one."""
    app.extensions["shred_due"] = True


def add_errand(app: Flask, errand: Errand) -> None:
    """Have `errand(app, over)` called every minute, for what is slow: sending, fetching from elsewhere.

    Errands run one after another in a thread of their own, so that wiping never waits for another server.
    When `over` is set the server is about to stop: begin nothing more.
    """
    app.extensions.setdefault("errands", []).append(errand)


def go(app: Flask, now: datetime | None = None) -> int:
    """One round. After anything was wiped the file is rebuilt, so that nothing of it stays on the disk.

    A purge that fails keeps neither the others nor the rebuilding from being done; what failed is raised at
    the end, all of it as one `ExceptionGroup`.
    """
    kept: Store = app.extensions["store"]
    wiped, failed = 0, []
    for purge, shred in app.extensions.get("purges", []):
        try:
            with app.app_context(), kept.write() as db:
                count = purge(db, now or datetime.now(UTC))
        except Exception as error:
            failed.append(error)
            continue
        wiped += count
        if count and shred:
            app.extensions["shred_due"] = True  # stays due until it has worked: the disk may be full now
    if app.extensions.get("shred_due"):
        app.extensions["shred_due"] = not kept.shred()
    if failed:
        raise ExceptionGroup("some of this round failed", failed)
    return wiped


def run_errands(app: Flask, over: threading.Event | None = None) -> None:
    """All errands once. One that fails does not keep the others from being run."""
    for errand in app.extensions.get("errands", []):
        try:
            with app.app_context():
                errand(app, over or threading.Event())
        except Exception:
            log.exception("an errand failed")


@contextmanager
def going(app: Flask) -> Iterator[None]:
    """Rounds and errands, each in a thread of its own, for as long as the server serves."""
    over = threading.Event()

    def walk(once: Callable[[], object]) -> None:
        while True:
            try:
                once()
            except Exception:
                # a round that fails must not end all rounds; the next one tries again
                log.exception("a round failed")
            if over.wait(EVERY.total_seconds()):
                return

    threads = [
        threading.Thread(target=walk, args=(once,), name=name, daemon=True)
        for name, once in (("rounds", lambda: go(app)), ("errands", lambda: run_errands(app, over)))
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(timeout=10)


def init_app(app: Flask) -> None:
    @app.cli.command("rounds")
    def rounds() -> None:
        """Wipe what may no longer be kept, now. The server does the same every minute."""
        click.echo(f"{go(app)} records wiped.")
