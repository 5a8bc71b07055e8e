"""A library that sends e-mail and text messages, to servers on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import time_machine
from flask import Flask

from kiosk import create_app, outbox, rounds, settings
from kiosk.outbox import Message, Said, records
from kiosk.store import Store
from tests.outbox import mail_server, notify_server
from tests.outbox.mail_server import MailServer
from tests.outbox.notify_server import Notify

LONDON = "2026-03-12T18:00:00+00:00"


@dataclass
class Post:
    """A library and its outbox: put something in, let the clock go round, see what has become of it."""

    app: Flask
    folder: Path
    clock: time_machine.Traveller
    number: int = 0
    stores: list[Store] = field(default_factory=list)

    @property
    def store(self) -> Store:
        kept: Store = self.app.extensions["store"]
        return kept

    def choose(self, **chosen: Any) -> None:
        with self.store.write() as db:
            for name, value in chosen.items():
                settings.change(db, "library", "", name, value)

    def use(self, server: MailServer, **chosen: Any) -> None:
        """Send e-mail by this server from now on."""
        security = "starttls" if server.certificate else "local"
        user = mail_server.USER if server.login else ""
        self.choose(
            **{
                "smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_user": user,
                "smtp_security": "tls" if server.tls_at_once else security,
                "smtp_from": "desk@library.example", **chosen,
            }
        )  # fmt: skip

    def use_notify(self, notify: Notify) -> None:
        self.choose(notify_address=notify.address, notify_template=notify_server.TEMPLATE)

    def put(self, to: str = "ola@example.org", **about: Any) -> str:
        """A message in the outbox; its key."""
        self.number += 1
        said = about.pop("said", None) or Said(
            title="Zzrhyme time", starts=datetime.fromisoformat(LONDON), place="Central Library",
            places=2, code="K7M2QX9PDA",
        )  # fmt: skip
        message = Message(
            **{
                "kind": "event-booked", "way": "email" if "@" in to else "text", "to": to, "language": "en",
                "room": "library", "subject_id": f"b{self.number}", "key": f"k{self.number}", "said": said,
                **about,
            }
        )  # fmt: skip
        with self.store.write() as db:
            outbox.put(db, message, service_key=self.app.config["SERVICE_KEY"], now=datetime.now(UTC))
        return message.key

    def go(self, later: timedelta = timedelta()) -> None:
        """Let time pass, and the errands of that minute be run."""
        self.clock.shift(later)
        rounds.run_errands(self.app)

    def state(self, key: str) -> tuple[str, str]:
        """The state of a message, and why it has not gone."""
        with self.store.read() as db:
            found = records.look(db, key)
        assert found
        return found.state, found.reason

    def start_again(self) -> None:
        """End the program, and start it over the same folder."""
        self.store.close()
        self.app = create_app(self.folder, **self._secrets)

    @property
    def _secrets(self) -> dict[str, str]:
        return {name: self.app.config[name] for name in ("SMTP_PASSWORD", "NOTIFY_KEY")}


@pytest.fixture
def post(tmp_path: Path, clock: time_machine.Traveller, begun: Path) -> Iterator[Post]:
    folder = copytree(begun, tmp_path / "data")
    app = create_app(folder, SMTP_PASSWORD=mail_server.PASSWORD, NOTIFY_KEY=notify_server.KEY)
    made = Post(app, folder, clock)
    made.choose(library_name="Suffolk Libraries")
    yield made
    made.store.close()


@pytest.fixture
def mail(post: Post) -> Iterator[MailServer]:
    """A mail server on this machine that the library uses, with no secrets."""
    with mail_server.running(MailServer()) as server:
        post.use(server)
        yield server


@pytest.fixture
def notify(post: Post) -> Iterator[Notify]:
    with notify_server.running() as server:
        post.use_notify(server)
        yield server


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Makes a certificate of a name that this machine trusts."""

    def make(name: str = "localhost") -> Path:
        path = mail_server.certificate(tmp_path, name)
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        return path

    return make
