"""Send members to a running Koha, one at a time, and understand what it answers.

Koha has no public way to join: this is done by staff, with an account of Koha that may add patrons.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from enum import StrEnum
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

from kiosk.settings import Settings

TIMEOUT = 10.0
"""Seconds without a sign from Koha."""
_LONGEST_ANSWER = 65_536
_OWN_MACHINE = {"localhost", "127.0.0.1", "::1"}


class Missing(StrEnum):
    """What has to be set before anything can be sent."""

    ADDRESS = "address"
    SAFE_ADDRESS = "safe-address"
    USER = "user"
    PASSWORD = "password"  # noqa: S105 - the name of what is missing


class NotSetUp(Exception):
    """Nothing can be sent yet. `missing` says why."""

    def __init__(self, missing: Missing) -> None:
        super().__init__(missing)
        self.missing = missing


class Answer(StrEnum):
    """What came of sending one member: a code, whose words are at the desk."""

    ADDED = "added"
    ALREADY_THERE = "already-there"
    NO_SUCH_BRANCH = "no-such-branch"
    NO_SUCH_CATEGORY = "no-such-category"
    INVALID_ATTRIBUTE_TYPE = "invalid_attribute_type"
    ATTRIBUTE_NOT_UNIQUE = "attribute_not_unique"
    NON_REPEATABLE_ATTRIBUTE = "non_repeatable_attribute"
    MISSING_MANDATORY_ATTRIBUTE = "missing_mandatory_attribute"
    NOT_UNDERSTOOD = "not-understood"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - a code
    NOT_ALLOWED = "not-allowed"
    NOT_KOHA = "not-koha"
    BROKEN = "broken"
    CLOSED = "closed"
    NO_ANSWER = "no-answer"

    @property
    def ends_it(self) -> bool:
        """The next member would fare no better, so that none is sent."""
        return self in _HOPELESS


_HOPELESS = {Answer.WRONG_PASSWORD, Answer.NOT_ALLOWED, Answer.NOT_KOHA, Answer.CLOSED, Answer.NO_ANSWER}
_ATTRIBUTES = {
    Answer.INVALID_ATTRIBUTE_TYPE,
    Answer.ATTRIBUTE_NOT_UNIQUE,
    Answer.NON_REPEATABLE_ATTRIBUTE,
    Answer.MISSING_MANDATORY_ATTRIBUTE,
}


@dataclass(frozen=True)
class Server:
    """A Koha, by the address of its staff side without `/api/v1`, and the account to sign in with."""

    address: str
    user: str
    password: str = field(repr=False)

    @classmethod
    def of(cls, settings: Settings, password: str) -> Server:
        """The Koha of this library; `NotSetUp` when something is missing.

        The address begins with https, unless Koha runs on this very machine: names and a password go there.
        """
        address = settings.koha_address.strip().rstrip("/")
        if not address:
            raise NotSetUp(Missing.ADDRESS)
        if not _is_safe(address):
            raise NotSetUp(Missing.SAFE_ADDRESS)
        if not settings.koha_user:
            raise NotSetUp(Missing.USER)
        if not password:
            raise NotSetUp(Missing.PASSWORD)
        return cls(address, settings.koha_user, password)

    def add(self, body: dict[str, Any]) -> Answer:
        """Add one patron. Nothing is sent on to another address, and Koha writes no welcome letter."""
        signed = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        request = Request(  # noqa: S310 - `of` lets https and this machine through, and nothing else
            f"{self.address}/api/v1/patrons",
            data=json.dumps(body, ensure_ascii=False).encode(),
            method="POST",
            headers={
                "Authorization": f"Basic {signed}",
                "Content-Type": "application/json",
                "Accept": "application/json",
                "x-koha-override": "welcome_no",
            },
        )
        try:
            with self._opener().open(request, timeout=TIMEOUT) as response:
                return _understood(response.status, response.read(_LONGEST_ANSWER))
        except (OSError, HTTPException):
            return Answer.NO_ANSWER

    def _opener(self) -> OpenerDirector:
        """One that follows no redirect, and asks no proxy for this very machine."""
        opener = OpenerDirector()
        local = urlsplit(self.address).hostname in _OWN_MACHINE
        for handler in (ProxyHandler({} if local else None), HTTPHandler(), HTTPSHandler()):
            opener.add_handler(handler)
        return opener


def _is_safe(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    plain = address.isascii() and address.isprintable() and " " not in address
    bare = not (parts.username or parts.password or parts.query or parts.fragment)
    return plain and bare and bool(host) and (parts.scheme == "https" or _is_local_http(parts.scheme, host))


def _is_local_http(scheme: str, host: str | None) -> bool:
    return scheme == "http" and host in _OWN_MACHINE


def _understood(status: int, content: bytes) -> Answer:
    """What Koha meant. Its own words are not passed on: they may repeat what it knows of other people."""
    match status:
        case 201:
            return Answer.ADDED
        case 400:
            return _bad_request(content)
        case 401:
            return Answer.WRONG_PASSWORD
        case 403:
            return Answer.NOT_ALLOWED
        case 409:
            return Answer.ALREADY_THERE
        case 503:
            return Answer.CLOSED
    return Answer.BROKEN if status >= 500 else Answer.NOT_KOHA


def _bad_request(content: bytes) -> Answer:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return Answer.NOT_UNDERSTOOD
    if not isinstance(said, dict):
        return Answer.NOT_UNDERSTOOD
    code, error = str(said.get("error_code", "")), str(said.get("error", ""))
    if code in _ATTRIBUTES:
        return Answer(code)
    if "library_id" in error:
        return Answer.NO_SUCH_BRANCH
    return Answer.NO_SUCH_CATEGORY if "category_id" in error else Answer.NOT_UNDERSTOOD
