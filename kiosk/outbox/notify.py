"""Text messages by GOV.UK Notify, with version 2 of its API.

What it asks for: https://docs.notifications.service.gov.uk/rest-api.html

The library makes one template there for text messages, which holds `((message))` and nothing else.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPException
from typing import Any, Protocol
from urllib.parse import quote, urlsplit
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

from kiosk.outbox.failures import Failure, NotSent
from kiosk.settings import Settings

TIMEOUT = 10.0
"""Seconds without a sign from Notify."""
_LONGEST_ANSWER = 65_536
_OWN_MACHINE = {"localhost", "127.0.0.1", "::1"}
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_KEY = re.compile(rf"(?:.+-)?({_UUID})-({_UUID})")


class TextService(Protocol):
    """Whoever carries text messages. Another one than Notify is another class with this method."""

    def send(self, text: str, to: str, message_id: str, now: datetime, *, again: bool) -> None:
        """Send one message to a number (E.164). Raises `NotSent`.

        `again` says that it was tried before: a service that can tell whether it took it then sends it once.
        """


@dataclass(frozen=True)
class Notify:
    """GOV.UK Notify for one service of it: its id, its secret, and the template to fill."""

    address: str
    template: str
    service: str
    secret: str = field(repr=False)

    @classmethod
    def of(cls, settings: Settings, api_key: str) -> Notify | None:
        """Notify as this library has set it up; None while anything about it is missing or not safe."""
        address, template = settings.notify_address.strip().rstrip("/"), settings.notify_template.strip()
        key = _KEY.fullmatch(api_key.strip())
        if key is None or not re.fullmatch(_UUID, template) or not _is_safe(address):
            return None
        return cls(address, template, service=key[1], secret=key[2])

    def send(self, text: str, to: str, message_id: str, now: datetime, *, again: bool) -> None:
        """Send one text message. Raises `NotSent`. On another try Notify is asked first if it has it."""
        if again and self._has(message_id, now):
            return
        self._ask(
            "/v2/notifications/sms",
            now,
            {
                "phone_number": to,
                "template_id": self.template,
                "personalisation": {"message": text},
                "reference": message_id,
            },
        )

    def _has(self, message_id: str, now: datetime) -> bool:
        """Whether a message of ours is on its way already; one that Notify could not deliver is not."""
        said = self._ask(f"/v2/notifications?template_type=sms&reference={quote(message_id)}", now)
        found = said.get("notifications")
        return isinstance(found, list) and any(
            isinstance(each, dict) and each.get("status") not in {"technical-failure", "temporary-failure"}
            for each in found
        )

    def _ask(self, path: str, now: datetime, body: dict[str, Any] | None = None) -> dict[str, Any]:
        request = Request(  # noqa: S310 - `of` lets https and this machine through, and nothing else
            self.address + path,
            data=json.dumps(body, ensure_ascii=False).encode() if body else None,
            method="POST" if body else "GET",
            headers={
                "Authorization": f"Bearer {token(self.service, self.secret, now)}",
                "Content-Type": "application/json",
                "Accept": "application/json",
                "User-Agent": "kiosk",
            },
        )
        try:
            with self._opener().open(request, timeout=TIMEOUT) as response:
                status, content = response.status, response.read(_LONGEST_ANSWER)
        except (OSError, HTTPException, ValueError):
            raise NotSent(Failure.NO_ANSWER) from None
        said = _json(content)
        if status != (201 if body else 200):
            raise NotSent(_understood(status, said))
        return said

    def _opener(self) -> OpenerDirector:
        """One that follows no redirect, and asks no proxy for this very machine."""
        opener = OpenerDirector()
        local = urlsplit(self.address).hostname in _OWN_MACHINE
        for handler in (ProxyHandler({} if local else None), HTTPHandler(), HTTPSHandler()):
            opener.add_handler(handler)
        return opener


def token(service: str, secret: str, now: datetime) -> str:
    """A JSON Web Token (RFC 7519, HS256) that says who asks, and when; Notify takes it for 30 seconds."""
    head = _part({"typ": "JWT", "alg": "HS256"})
    claims = _part({"iss": service, "iat": int(now.timestamp())})
    signature = hmac.digest(secret.encode(), f"{head}.{claims}".encode(), "sha256")
    return f"{head}.{claims}.{_base64(signature)}"


def _part(said: dict[str, Any]) -> str:
    return _base64(json.dumps(said, separators=(",", ":")).encode())


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _is_safe(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    bare = not (parts.username or parts.password or parts.query or parts.fragment)
    plain = address.isascii() and address.isprintable() and " " not in address
    local = parts.scheme == "http" and host in _OWN_MACHINE
    return plain and bare and bool(host) and (parts.scheme == "https" or local)


def _json(content: bytes) -> dict[str, Any]:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _understood(status: int, said: dict[str, Any]) -> Failure:
    """What Notify meant, by the status and the name of the error: its words may change."""
    errors = said.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    name, words = str(first.get("error", "")), str(first.get("message", ""))
    match status:
        case 400 if name == "ValidationError" and words.startswith("phone_number"):
            return Failure.BAD_ADDRESS
        case 400:
            return Failure.NOT_ACCEPTED
        case 401 | 403:
            return Failure.WRONG_PASSWORD
        case 429:
            return Failure.DAILY_LIMIT if name == "TooManyRequestsError" else Failure.BUSY
    return Failure.BROKEN if status >= 500 else Failure.NOT_UNDERSTOOD
