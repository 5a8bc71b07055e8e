"""What the environment may say, and the folder that holds everything the library keeps."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import Flask, current_app

from kiosk.store import LostDatabase, Store

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Variable:
    """An environment variable: what it is for, and what holds without it."""

    default: str
    says: str


VARIABLES = {
    "HOST": Variable("127.0.0.1", "Address to listen on. 0.0.0.0 lets other machines reach it."),
    "PORT": Variable("8080", "Port to listen on."),
    "THREADS": Variable("8", "Threads that answer requests."),
    "DATA": Variable("data", "Folder of the database and its key. Back it up; let nobody else read it."),
    "HTTPS": Variable("0", "1 when a proxy serves the kiosk over HTTPS: cookies then need it too."),
    "SCREEN": Variable("", "Which screen an unpaired browser is, by its id. Empty: the first one."),
    "OPEN_USE": Variable("1", "1 lets unpaired browsers in. 0 has every screen paired by staff first."),
    "SMTP_PASSWORD": Variable("", "Password of the user who sends e-mail, if the mail server wants one."),
    "NOTIFY_KEY": Variable("", "API key of GOV.UK Notify, which sends text messages. Empty: none are sent."),
    "KOHA_PASSWORD": Variable("", "Password of the user who adds members to Koha. Empty: none are sent."),
}
"""Every variable that the kiosk reads; README lists the same, and a test compares the two."""

MADE_AT_FIRST_START = """
  This library is new. Its first account was made. This is shown only once:

    User name:     %(username)s
    Password:      %(password)s
    Recovery key:  %(recovery_key)s

  Write the recovery key on paper and lock it away. With it, sealed answers can be
  opened again if every manager has lost the password. Without it, they are gone.
"""


def variable(name: str) -> str:
    return os.environ.get(name, VARIABLES[name].default)


def init_app(app: Flask, data: Path | None) -> None:
    folder = data or Path(variable("DATA"))
    key, store = open_folder(folder)
    app.config.from_mapping(
        SERVICE_KEY=key,
        HTTPS=variable("HTTPS") == "1",
        SCREEN=variable("SCREEN"),
        OPEN_USE=variable("OPEN_USE") == "1",
        SMTP_PASSWORD=variable("SMTP_PASSWORD"),
        NOTIFY_KEY=variable("NOTIFY_KEY"),
        KOHA_PASSWORD=variable("KOHA_PASSWORD"),
    )
    app.extensions["store"] = store


def open_folder(folder: Path) -> tuple[bytes, Store]:
    """The service key and the database of a data folder; both are made when the folder is new.

    Raises `LostDatabase` when a key is there but the database is not: an empty database looks
    fine to SQLite, and starting with it would hide the loss.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key_file, database = folder / "service.key", folder / "kiosk.db"
    if key_file.exists() and not (database.exists() and database.stat().st_size):
        raise LostDatabase(f"{folder} has a key but no database. Restore a backup, or use a new folder.")
    if database.exists() and not key_file.exists():
        raise LostDatabase(f"{folder} has a database but no service.key. Restore it from the backup.")
    store = Store(database)
    database.chmod(0o600)
    if not key_file.exists():
        # O_EXCL: two processes starting at once must not end with two keys
        handle = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
    return key_file.read_bytes(), store


def store() -> Store:
    """The database of the running app."""
    return cast(Store, current_app.extensions["store"])
