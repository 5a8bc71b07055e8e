"""Make the app and serve it: `python app.py --help`, or the installed command `kiosk`."""

from __future__ import annotations

import logging
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from types import FrameType

import click
from flask import Flask, current_app
from flask.cli import FlaskGroup
from waitress import wasyncore
from waitress.server import create_server

from kiosk import branches, create_app, rounds
from kiosk.configuration import MADE_AT_FIRST_START, VARIABLES
from kiosk.people import accounts
from kiosk.store import LostDatabase

WAITRESS = {
    # Both together: without poll, select() dies at about 1,000 sockets, and the default of 100
    # connections starves a county's screens.
    "connection_limit": 2000,
    "asyncore_use_poll": True,
    "channel_timeout": 60,
    "cleanup_interval": 10,
    "max_request_body_size": 6 * 1024 * 1024,  # a calendar that staff load; forms are held to less by the app
    "max_request_header_size": 16_384,
    "ident": None,
    "expose_tracebacks": False,
    "clear_untrusted_proxy_headers": True,
}


def begin(app: Flask) -> accounts.Beginning | None:
    """At the first start: a branch with a screen, and the first account. Later: nothing."""
    kept = app.extensions["store"]
    with kept.write() as db:
        if not branches.every(db):
            branches.add_kiosk(db, branches.add_branch(db, "Library"), "Screen 1")
        if accounts.has_begun(db):
            return None
    return accounts.begin_library(kept, app.config["SERVICE_KEY"])


@click.command()
@click.option(
    "--host",
    envvar="HOST",
    default=VARIABLES["HOST"].default,
    show_default=True,
    help="Address to listen on.",
)
@click.option(
    "--port",
    envvar="PORT",
    default=int(VARIABLES["PORT"].default),
    show_default=True,
    help="Port to listen on.",
)
@click.option(
    "--threads",
    envvar="THREADS",
    default=int(VARIABLES["THREADS"].default),
    show_default=True,
    help="Threads that answer requests.",
)
@click.option(
    "--data",
    envvar="DATA",
    default=VARIABLES["DATA"].default,
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the database and its key.",
)
def serve(host: str, port: int, threads: int, data: Path) -> None:
    """Serve the screens and the staff pages."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        app = create_app(data)
    except LostDatabase as lost:
        raise click.ClickException(str(lost)) from lost
    first = begin(app)
    if first:
        click.echo(MADE_AT_FIRST_START % asdict(first))
    sockets: dict[int, wasyncore.dispatcher] = {}
    server = create_server(app, map=sockets, host=host, port=port, threads=threads, **WAITRESS)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit  # waitress lets the requests it has taken finish

    signal.signal(signal.SIGTERM, stop)
    shown = "localhost" if host in {"0.0.0.0", "127.0.0.1"} else host  # noqa: S104 - only compared
    click.echo(f"\n  The screen:      http://{shown}:{port}/")
    click.echo(f"  The staff page:  http://{shown}:{port}/staff/\n")
    sys.stdout.flush()
    with rounds.going(app):
        try:
            server.run()
        finally:
            wasyncore.close_all(sockets)  # screens keep their connections open
            app.extensions["store"].close()


cli = FlaskGroup(
    create_app=create_app,
    add_default_commands=False,
    help="The library kiosk: serve it, set it up, look after it. DATA names the data folder.",
)
cli.add_command(serve)


@cli.command("begin")
def begin_by_hand() -> None:
    """Begin a library in an empty data folder: its first account, shown once. Serving does it too."""
    first = begin(current_app)
    click.echo(MADE_AT_FIRST_START % asdict(first) if first else "This library has begun before.")


if __name__ == "__main__":
    serve()
