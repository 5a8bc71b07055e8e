"""A small GOV.UK Notify on this machine, as strict about tokens, fields and numbers as the real one."""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import phonenumbers

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"
KEY = f"kiosk_live-{SERVICE}-{SECRET}"
TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"
LONGEST = 918


class Notify:
    """It keeps the messages it took. `says` makes it answer something else; `loses`: take one, hang up."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.says: tuple[int, Any] | None = None
        self.loses = False
        self.asked: list[str] = []
        self.address = ""

    def answer(
        self, method: str, path: str, headers: dict[str, str], content: bytes
    ) -> tuple[int, Any] | None:
        """Status and body; None hangs up."""
        self.asked.append(f"{method} {urlsplit(path).path}")
        if self.says is not None:
            return self.says
        refused = self._refused(headers.get("authorization", ""))
        if refused:
            return _error(403, "AuthError", refused)
        if method == "GET":
            wanted = parse_qs(urlsplit(path).query).get("reference", [""])[0]
            return 200, {"notifications": [each for each in self.taken if each["reference"] == wanted]}
        if path != "/v2/notifications/sms":
            return _error(404, "NotFound", "Not found")
        if headers.get("content-type") != "application/json":
            return _error(400, "ValidationError", "Invalid JSON")
        return self._take(json.loads(content))

    def _refused(self, authorization: str) -> str:
        kind, _space, token = authorization.partition(" ")
        parts = token.split(".")
        if kind != "Bearer" or len(parts) != 3:
            return "Unauthorized: authentication token must be provided"
        signed = hmac.digest(SECRET.encode(), ".".join(parts[:2]).encode(), "sha256")
        claims = json.loads(_decoded(parts[1]))
        if json.loads(_decoded(parts[0])) != {"typ": "JWT", "alg": "HS256"} or set(claims) != {"iss", "iat"}:
            return "Invalid token: algorithm used is not HS256"
        if claims["iss"] != SERVICE:
            return "Invalid token: service not found"
        if not hmac.compare_digest(signed, _decoded(parts[2])):
            return "Invalid token: API key not found"
        if not isinstance(claims["iat"], int) or abs(time.time() - claims["iat"]) > 30:
            return "Error: Your system clock must be accurate to within 30 seconds"
        return ""

    def _take(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        if not set(body) <= {"phone_number", "template_id", "personalisation", "reference", "sms_sender_id"}:
            return _error(400, "ValidationError", "Additional properties are not allowed")
        if not {"phone_number", "template_id"} <= set(body):
            return _error(400, "ValidationError", "phone_number is a required property")
        try:
            number = phonenumbers.parse(body["phone_number"], "GB")
        except phonenumbers.NumberParseException:
            return _error(400, "ValidationError", "phone_number Must not contain letters or symbols")
        if not phonenumbers.is_possible_number(number):
            return _error(400, "ValidationError", "phone_number Not enough digits")
        if body["template_id"] != TEMPLATE:
            return _error(400, "BadRequestError", "Template not found")
        if set(body["personalisation"]) != {"message"}:
            return _error(400, "BadRequestError", "Missing personalisation: message")
        if len(body["personalisation"]["message"]) > LONGEST:
            return _error(400, "ValidationError", "Text messages cannot be longer than 918 characters.")
        self.taken.append({**body, "status": "delivered"})
        if self.loses:
            return None
        return 201, {
            "id": str(uuid.uuid4()),
            "reference": body.get("reference"),
            "content": {"body": body["personalisation"]["message"], "from_number": "GOVUK"},
            "uri": f"{self.address}/v2/notifications/1",
            "template": {"id": TEMPLATE, "version": 1, "uri": f"{self.address}/v2/templates/{TEMPLATE}"},
        }


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _error(status: int, name: str, words: str) -> tuple[int, dict[str, Any]]:
    return status, {"status_code": status, "errors": [{"error": name, "message": words}]}


@contextmanager
def running(*, silent: bool = False) -> Iterator[Notify]:
    notify, over = Notify(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            if silent:
                over.wait(20)
                self.close_connection = True
                return
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answered = notify.answer(self.command, self.path, headers, content)
            if answered is None:
                self.close_connection = True
                return
            status, said = answered
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            with suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                if status in {301, 302}:
                    self.send_header("Location", f"{notify.address}/v2/elsewhere")
                self.end_headers()
                self.wfile.write(body)

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, *_words: Any) -> None:
            """Nothing is printed among the tests' own words."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        notify.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield notify
        finally:
            over.set()
            server.shutdown()
            thread.join()
