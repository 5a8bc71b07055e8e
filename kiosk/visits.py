"""One person's turn at the screen: begin, remember, idle, wipe.

The cookie holds a random id and a random key, nothing else. What the person chose and typed lies on
the server, encrypted with that key, under a hash of that id: without the cookie nobody can read it,
and losing the cookie shreds it. A visit is Flask's session, so that forms and CSRF work as they do
everywhere; it has no row in the database until something is worth remembering.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from flask import Flask, abort, current_app, g, request, session
from flask.sessions import SessionInterface, SessionMixin
from flask.wrappers import Request, Response
from flask_wtf.csrf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode
from werkzeug.datastructures import CallbackDict
from werkzeug.exceptions import Conflict

from kiosk import kept, languages, people, rounds
from kiosk.branches import here
from kiosk.sealing import CannotOpen, decrypt, derive, encrypt
from kiosk.store import Busy, Damaged, Writing

COOKIE = "visit"
NOBODYS = ("/static/", "/sounds/", "/healthz", "/feeds/")
"""Addresses that are the same for everybody: no visit is looked up for them."""
SIGN_OF_LIFE = timedelta(seconds=20)
"""How much later than the last one a request must come to be written down as a new sign of life."""


class Ended(Conflict):
    """This visit is over, or was never begun; its answers are gone."""


class Visit(CallbackDict[str, Any], SessionMixin):
    """What one person has chosen and typed so far. Empty again for the next."""

    def __init__(self, token: bytes, remembered: dict[str, Any] | None = None) -> None:
        def changed(visit: CallbackDict[str, Any]) -> None:
            cast(Visit, visit).modified = True

        super().__init__(remembered, changed)
        self.token = token
        self.stored = remembered is not None
        self._as_read = dict(remembered or {})
        self.seen_at: datetime | None = None
        self.modified = False
        self.unread: Exception | None = None
        self.ended = False
        self.old_ids: list[str] = []
        if "csrf_token" not in self:
            # Not random but derived from the cookie's key, so that a visit needs no row only for this.
            dict.__setitem__(self, "csrf_token", hmac.digest(self.key, b"csrf", "sha256").hex())

    @classmethod
    def begin(cls) -> Visit:
        return cls(secrets.token_bytes(64))

    @property
    def id(self) -> str:
        return id_of(self.token)

    @property
    def key(self) -> bytes:
        return self.token[32:]

    @property
    def cookie(self) -> str:
        return base64.urlsafe_b64encode(self.token).decode()

    def renew(self) -> None:
        """Give the visit a new id and key from here on; the old cookie opens nothing any more."""
        if self.stored:
            self.old_ids.append(self.id)
        self.token = secrets.token_bytes(64)  # the CSRF token stays: the page that is open carries it
        self.stored = False
        self.modified = True

    def end(self) -> None:
        """Wipe everything. The cookie goes with it."""
        self.ended = True
        self.modified = True
        self.clear()

    def wipe_answers(self, **left: Any) -> None:
        """Forget what was typed, once it has been sent; keep how things are shown, and `left`.

        A person who was asked for comes all the same.
        """
        for name in set(self) - {"csrf_token", "display", "begun", "more_time", "help"}:
            del self[name]
        self.update(left)

    def seal(self) -> bytes:
        return encrypt(json.dumps(dict(self)).encode(), self.key, f"visits|{self.id}|sealed|1")

    def open(self, sealed: bytes) -> dict[str, Any]:
        """What was remembered; `CannotOpen` when the cookie's key does not fit its id."""
        return opened(sealed, self.token)

    def keep(self, db: Writing, lifetime: timedelta) -> None:
        """Write the visit down, in a transaction of its own or together with what was sent."""
        now = datetime.now(UTC)
        for old in self.old_ids:
            db.run("DELETE FROM visits WHERE id = :id", id=old)
        if self.stored and not self.ended and not self.catch_up(db):
            self.ended = True  # another request of the same screen has finished it: it must not come back
        if self.ended:
            db.run("DELETE FROM visits WHERE id = :id", id=self.id)
        elif set(self) - {"csrf_token"} or self.stored:
            db.run(
                "INSERT INTO visits (id, sealed, seen_at, dies_at) VALUES (:id, :sealed, :seen, :dies)"
                " ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed,"
                " seen_at = excluded.seen_at, dies_at = excluded.dies_at",
                id=self.id,
                sealed=self.seal(),
                seen=now.isoformat(),
                dies=(now + lifetime).isoformat(),
            )
            self.stored = True
        self._as_read = dict(self)
        self.old_ids.clear()
        self.modified = False

    def catch_up(self, db: Writing) -> bool:
        """Take over what other requests have changed since this one began; False when the visit is over.

        A larger text or a sign of life is sent beside the answer to a question: neither may undo the other.
        """
        row = db.maybe("SELECT sealed FROM visits WHERE id = :id", id=self.id)
        if row is None:
            return False
        changed = {
            name: value
            for name, value in self.items()
            if name not in self._as_read or self._as_read[name] != value
        }
        removed = self._as_read.keys() - self.keys()
        meanwhile = {name: value for name, value in self.open(row["sealed"]).items() if name not in removed}
        self.update({**meanwhile, **changed})
        return True


def id_of(token: bytes) -> str:
    """Under which name the visit of a cookie is kept."""
    return hashlib.sha256(token[:32]).hexdigest()


def opened(sealed: bytes, token: bytes) -> dict[str, Any]:
    """What a visit remembered, by the token of its cookie; `CannotOpen` when the key is not the one."""
    return cast(dict[str, Any], json.loads(decrypt(sealed, token[32:], f"visits|{id_of(token)}|sealed|1")))


class Visits(SessionInterface):
    """Reads the visit of a request from its cookie, and writes it down when it has changed."""

    def open_session(self, app: Flask, request: Request) -> Visit:
        if people.is_behind_sign_in(request.path):
            return _staff_visit(app, request)
        if request.path.startswith(NOBODYS):
            return Visit.begin()
        token = _token(request.cookies.get(cookie_name(app, COOKIE), ""))
        if token is None:
            return Visit.begin()
        visit_id = id_of(token)
        try:
            with app.extensions["store"].read() as db:
                row = db.maybe("SELECT sealed, seen_at, dies_at FROM visits WHERE id = :id", id=visit_id)
        except (Busy, Damaged) as error:
            visit = Visit(token)
            visit.unread = error
            return visit
        if row is None:
            return Visit(token)
        if datetime.fromisoformat(row["dies_at"]) <= datetime.now(UTC):
            return Visit(token)  # the round has not come by yet, but it is over
        try:
            remembered = opened(row["sealed"], token)
        except CannotOpen:
            return Visit.begin()
        visit = Visit(token, remembered)
        visit.seen_at = datetime.fromisoformat(row["seen_at"])
        return visit

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        visit = cast(Visit, session)
        if request.path.startswith((*people.BEHIND_SIGN_IN, *NOBODYS)):
            if not visit.ended and getattr(visit, "door", False):
                _set_cookie(app, response, "door", visit.cookie)
            return
        overdue = (
            visit.stored and visit.seen_at is not None and datetime.now(UTC) - visit.seen_at > SIGN_OF_LIFE
        )
        if visit.modified or visit.old_ids or overdue:
            with app.extensions["store"].write() as db:
                visit.keep(db, lifetime())
        name = cookie_name(app, COOKIE)
        if visit.ended:
            response.delete_cookie(
                name, path="/", secure=app.config["HTTPS"], httponly=True, samesite="Strict"
            )
        elif request.cookies.get(name) != visit.cookie:
            _set_cookie(app, response, COOKIE, visit.cookie)


def lifetime() -> timedelta:
    """How long the server keeps a visit without a sign of life: the screen has wiped it well before."""
    settings = here().settings
    stretch = 2 if current().get("more_time") else 1
    idle = max(settings.idle_seconds, settings.receipt_seconds)
    countdown = max(settings.countdown_seconds, settings.receipt_countdown_seconds)
    return timedelta(seconds=stretch * (2 * idle + countdown) + 60)


def current() -> Visit:
    """The visit of this request."""
    kept.check_that_somebody_is_meant()
    return cast(Visit, session)


def cookie_name(app: Flask, name: str) -> str:
    """The `__Host-` prefix binds a cookie to this host; browsers accept it over HTTPS only."""
    return f"__Host-{name}" if app.config["HTTPS"] else name


def _set_cookie(app: Flask, response: Response, name: str, value: str) -> None:
    response.set_cookie(
        cookie_name(app, name), value, path="/", secure=app.config["HTTPS"], httponly=True, samesite="Strict"
    )


def _token(cookie: str) -> bytes | None:
    try:
        token = base64.urlsafe_b64decode(cookie.encode("ascii"))
    except (ValueError, UnicodeError):
        return None
    return token if len(token) == 64 else None


def _staff_visit(app: Flask, request: Request) -> Visit:
    """Staff and partners have no visit; this carries the token of their sign-in, or of the door before it."""
    seed = people.csrf_seed(request)
    token = _token(request.cookies.get(cookie_name(app, "door"), ""))
    if seed is not None:
        return Visit(bytes(32) + hashlib.sha256(seed).digest())
    visit = Visit(token) if token else Visit.begin()
    visit.door = token is None  # type: ignore[attr-defined]
    return visit


def purge(db: Writing, now: datetime) -> int:
    """Delete the visits that nobody came back to; how many."""
    return db.run("DELETE FROM visits WHERE dies_at <= :now", now=now.isoformat())


# How things are shown ---------------------------------------------------------------------------

TEXT_SIZES = (100, 140, 200)
THEMES = ("paper", "strong", "night")


def display() -> dict[str, Any]:
    """How this person wants things shown; the library's own choice until she chooses."""
    return _display(current())


def _display(visit: Visit) -> dict[str, Any]:
    chosen = visit.get("display", {})
    return {"text": 100, "theme": "paper", "english": here().settings.english_line, **chosen}


def show_as(**choice: Any) -> None:
    current()["display"] = {**current().get("display", {}), **choice}


@dataclass(frozen=True)
class Frame:
    """What the frame of a page takes from the visit: how it is shown, and how long it stays."""

    text: int
    theme: str
    more_time: bool
    live: bool


def frame() -> Frame:
    """The frame of this person's page. `live` says that there is something to forget."""
    visit = current()
    shown = _display(visit)
    return Frame(shown["text"], shown["theme"], bool(visit.get("more_time")), visit.stored)


# Safety of every change -------------------------------------------------------------------------

csrf = CSRFProtect()


class Signer(URLSafeTimedSerializer):
    """Signs tokens as Flask-WTF reads them, without trying each time to compress what is too short for it."""

    def dump_payload(self, obj: str) -> bytes:
        return base64_encode(f'"{obj}"')  # hexadecimal digits stand in JSON as they are


def csrf_token() -> str:
    """The token of this person's forms, signed once a request."""
    token: str | None = g.get("csrf_token")
    if token is None:
        secret = session.setdefault("csrf_token", secrets.token_hex(32))  # missing once a visit has ended
        token = g.csrf_token = current_app.extensions["signer"].dumps(secret)
    return token


def _is_read() -> None:
    """While the database does not answer, nobody knows if she has a visit: say that, not that it is over."""
    error = current().unread
    if error is not None:
        raise error


def _same_site() -> None:
    """Refuse a change that another site asks for. Browsers always name the origin of a POST."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin.split("://", 1)[-1] != request.host:
        abort(403)
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        abort(403)


def _speak_her_language() -> None:
    language = g.get("asked_language")
    if language is None:
        return
    visit = current()
    if (english_line := _display(visit)["english"]) != "both":
        languages.speak(language, english_line)
    if visit.stored and not visit.get("begun"):
        visit["begun"] = True  # the first screen wipes what has gone beyond it


def init_app(app: Flask) -> None:
    app.session_interface = Visits()
    app.secret_key = derive(app.config["SERVICE_KEY"], "signatures")
    app.config.setdefault("WTF_I18N_ENABLED", False)  # all words are ours; its own would be read each time
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    app.config.setdefault("WTF_CSRF_SSL_STRICT", False)  # needs a Referer; the origin is checked here instead
    app.before_request(_is_read)
    app.before_request(_same_site)
    csrf.init_app(app)
    app.extensions["signer"] = Signer(app.secret_key, salt="wtf-csrf-token")
    kept.init_app(app, csrf_token)
    app.before_request(_speak_her_language)
    app.jinja_env.globals.update(display=display, this_frame=frame)
    rounds.add_purge(app, purge, shred=False)
