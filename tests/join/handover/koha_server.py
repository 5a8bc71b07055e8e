"""A small Koha on this machine that enforces the definition of the real one, for tests to push people to."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.join.handover import definitions

USER, PASSWORD = "desk", "pässword"
LIBRARIES, CATEGORIES = {"CPL", "NOR"}, {"ADULT", "CHILD"}


class Koha:
    """It keeps the patrons that it took, and all headers. `says` makes it answer something else."""

    def __init__(self) -> None:
        self.definition = definitions.koha()
        self.patrons: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.says: tuple[int, Any] | None = None
        self.address = ""
        operation = self.definition["paths"]["/patrons"]["post"]
        self.answers = set(operation["responses"])
        override = next(each for each in operation["parameters"] if each["name"] == "x-koha-override")
        self.overrides = set(override["schema"]["items"]["enum"])

    def post(self, path: str, headers: dict[str, str], content: bytes) -> tuple[int, Any]:
        signed = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        self.headers.append(headers)
        if self.says is not None:
            return self.says
        if path != "/api/v1/patrons":
            return 404, {"error": "Not found"}
        if headers.get("authorization") != f"Basic {signed}":
            return 401, {"error": "Invalid password"}
        if headers.get("content-type") != "application/json":
            return 400, {"errors": [{"message": "Invalid Content-Type", "path": "/body"}], "status": 400}
        if not set(headers.get("x-koha-override", "").split(",")) <= self.overrides:
            return 400, {"errors": [{"message": "Not in enum list", "path": "/x-koha-override"}]}
        body = json.loads(content)
        wrong = list(definitions.koha_schema(self.definition, "patron_yaml").iter_errors(body))
        if wrong:
            return 400, {
                "errors": [{"message": each.message, "path": "/body"} for each in wrong],
                "status": 400,
            }
        if body["library_id"] not in LIBRARIES:
            return 400, {"error": "Given library_id does not exist"}
        if body["category_id"] not in CATEGORIES:
            return 400, {"error": "Given category_id does not exist"}
        if any(each["cardnumber"] == body["cardnumber"] for each in self.patrons):
            return 409, {"error": "A patron record matching these details already exists"}
        self.patrons.append(body)
        return 201, {**body, "patron_id": len(self.patrons)}


@contextmanager
def running() -> Iterator[Koha]:
    koha = Koha()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, said = koha.post(self.path, headers, content)
            assert status in {int(each) for each in koha.answers} | {302, 502}
            answer = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            if status == 302:
                self.send_header("Location", f"{koha.address}/api/v1/patrons")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_words: Any) -> None:
            """Nothing is printed among the tests' own words."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        koha.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield koha
        finally:
            server.shutdown()
            thread.join()
