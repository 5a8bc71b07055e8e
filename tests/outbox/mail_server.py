"""A small mail server on this machine: SMTP with STARTTLS and passwords. It keeps what it took."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

USER, PASSWORD = "kiosk", "pass word"


def certificate(folder: Path, name: str = "localhost") -> Path:
    """A certificate that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "localhost":
        names.append(x509.IPAddress(ip_address("127.0.0.1")))
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2099, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    )
    return path


@dataclass
class MailServer:
    """What the server is like, and what it has taken.

    `drips` is the time between two letters of its greeting, which never ends.
    `says` are answers instead of the usual ones, by command; `silent` has it take connections and say
    nothing; `hangs_up_on` ends the connection at a command; `login` lets
    nobody send who has not given the password.
    """

    certificate: Path | None = None
    tls_at_once: bool = False
    login: bool = False
    greeting: str = "220 mail.example ready"
    says: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    hangs_up_on: str = ""
    drips: float = 0
    utf8: bool = False
    port: int = 0
    connections: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    heard_in_clear: list[str] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        assert self.certificate
        context.load_cert_chain(self.certificate)
        return context


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server: MailServer = self.server.about  # type: ignore[attr-defined]
        server.connections += 1
        self.is_secret = False
        if server.silent:
            server.over.wait(20)
            return
        with suppress(OSError, ssl.SSLError):
            while server.drips and not server.over.wait(server.drips):
                self.wfile.write(b"2")
            if server.tls_at_once:
                self._wrap(server)
            self._talk(server)

    def _wrap(self, server: MailServer) -> None:
        self.request = server.context().wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
        self.is_secret = True

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.request.close()  # the server itself knows only the socket beneath

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def _talk(self, server: MailServer) -> None:
        self._say(server.greeting)
        known, recipients = not server.login, list[str]()
        while line := self.rfile.readline().decode("utf-8", "replace").rstrip("\r\n"):
            if not self.is_secret:
                server.heard_in_clear.append(line)
            verb = line.partition(" ")[0].upper()
            if verb == server.hangs_up_on:
                return
            if verb in server.says:
                self._say(server.says[verb])
            elif verb == "EHLO":
                self._greet(server)
            elif verb == "STARTTLS" and server.certificate:
                self._say("220 go on")
                self._wrap(server)
            elif verb == "AUTH":
                sent = base64.b64decode(line.split()[-1]).decode().split("\0")[1:]
                known = sent == [USER, PASSWORD]
                self._say("235 welcome" if known else "535 wrong")
            elif verb == "MAIL":
                self._say("250 ok" if known else "530 sign in first")
            elif verb == "RCPT":
                recipients.append(line.partition("<")[2].partition(">")[0])
                self._say("250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                self._take(server, recipients)
                recipients = []
                if server.hangs_up_on == ".":
                    return
                self._say(server.says.get(".", "250 taken"))
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok" if verb in {"RSET", "NOOP"} else "502 what?")

    def _greet(self, server: MailServer) -> None:
        offers = ["mail.example"]
        if server.certificate and not self.is_secret:
            offers.append("STARTTLS")
        if server.login and self.is_secret:
            offers.append("AUTH PLAIN")
        if server.utf8:
            offers += ["SMTPUTF8", "8BITMIME"]
        for offer in offers[:-1]:
            self._say(f"250-{offer}")
        self._say(f"250 {offers[-1]}")

    def _take(self, server: MailServer, recipients: list[str]) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            if not self.is_secret:
                server.heard_in_clear.append(line.decode("utf-8", "replace"))
            lines.append(line[1:] if line.startswith(b".") else line)
        if not server.says.get(".", "250").startswith("250"):
            return
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(message, EmailMessage)
        server.taken.append(message)
        server.recipients.append(recipients)
        server.came.set()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def running(about: MailServer) -> Iterator[MailServer]:
    with _Server(("127.0.0.1", about.port), _Talk) as server:
        server.about = about  # type: ignore[attr-defined]
        about.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield about
        finally:
            about.over.set()
            server.shutdown()
            thread.join()
