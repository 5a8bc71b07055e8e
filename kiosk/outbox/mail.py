"""E-mail by SMTP: plain text, only over a connection that nobody else can read."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime

from kiosk.outbox.failures import Failure, NotSent
from kiosk.outbox.words import Written
from kiosk.settings import Settings

TIMEOUT = 10.0
"""Seconds without a sign from the server."""
LONGEST = 30.0
"""Seconds for one message in all, however often there is a sign."""
_PLAIN = re.compile(r"([^\s\x00-\x1f\"(),:;<>@\[\\\]]+)@([^\s\x00-\x1f\"(),:;<>@\[\\\]]+)")
_OWN_MACHINE = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class MailServer:
    """The server that takes our mail. `security` is starttls, tls, or local: none, to this very machine."""

    host: str
    port: int
    security: str
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, settings: Settings, password: str) -> MailServer | None:
        """The server of this library; None while anything about it is missing or not safe."""
        host, user = settings.smtp_host.strip(), settings.smtp_user.strip()
        if not host or not _address(settings.smtp_from.strip()) or (user and not password):
            return None
        if settings.smtp_security == "local" and host not in _OWN_MACHINE:
            return None
        return cls(
            host=host,
            port=settings.smtp_port,
            security=settings.smtp_security,
            sender=settings.smtp_from.strip(),
            user=user,
            password=password,
        )

    def send(self, written: Written, to: str, message_id: str, library: str, now: datetime) -> None:
        """Send one message. Raises `NotSent`.

        On every try it has the same Message-ID: if the server took it and could not say so any more, the
        mailbox can tell that the second one is the same.
        """
        message = self._message(written, to, message_id, library, now)
        context = ssl.create_default_context()
        secure = self.security == "tls"
        smtp = smtplib.SMTP_SSL(timeout=TIMEOUT, context=context) if secure else smtplib.SMTP(timeout=TIMEOUT)
        # what the certificate must say; smtplib itself sets it only where it connects at once
        smtp._host = self.host  # type: ignore[attr-defined]
        try:
            with _no_longer_than(LONGEST, smtp):
                self._greet(smtp, context)
                smtp.send_message(message)
                with suppress(smtplib.SMTPException, OSError):
                    smtp.quit()  # it has been taken: what comes after that changes nothing
        except smtplib.SMTPException as error:
            raise NotSent(_understood(error)) from None
        except ssl.SSLError:
            raise NotSent(Failure.NOT_SAFE) from None
        except (OSError, UnicodeError):
            raise NotSent(Failure.NO_ANSWER) from None

    def _greet(self, smtp: smtplib.SMTP, context: ssl.SSLContext) -> None:
        code, _words = smtp.connect(self.host, self.port)
        if code != 220:
            raise NotSent(Failure.NO_ANSWER)
        if self.security == "starttls":
            try:
                smtp.starttls(context=context)
            except (smtplib.SMTPNotSupportedError, smtplib.SMTPResponseException):
                raise NotSent(Failure.NOT_SAFE) from None
        if self.user:
            try:
                smtp.login(self.user, self.password)
            except smtplib.SMTPNotSupportedError:
                raise NotSent(Failure.WRONG_PASSWORD) from None

    def _message(
        self, written: Written, to: str, message_id: str, library: str, now: datetime
    ) -> EmailMessage:
        recipient, sender = _address(to), _address(self.sender, " ".join(library.split()))
        if recipient is None:
            raise NotSent(Failure.BAD_ADDRESS)
        if sender is None:
            raise NotSent(Failure.NOT_SET_UP)
        message = EmailMessage(policy=POLICY.clone(cte_type="7bit"))
        message["From"] = sender
        message["To"] = recipient
        message["Subject"] = written.subject
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{message_id}@{sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine answers
        message.set_content(written.text, charset="utf-8")
        return message


def _address(text: str, name: str = "") -> Address | None:
    """One address and no other; None for what is none. The part after the @ may be in any script."""
    parts = _PLAIN.fullmatch(text)
    try:
        return Address(name, parts[1], parts[2].encode("idna").decode()) if parts else None
    except (ValueError, MessageError):
        return None


@contextmanager
def _no_longer_than(seconds: float, smtp: smtplib.SMTP) -> Iterator[None]:
    """A server that says one letter every few seconds would hold up everybody else's messages."""

    def end() -> None:
        with suppress(OSError):
            if smtp.sock is not None:
                smtp.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        smtp.close()


def _understood(error: smtplib.SMTPException) -> Failure:
    """What the server meant. Its own words are not kept: they may repeat the address."""
    match error:
        case smtplib.SMTPServerDisconnected() | smtplib.SMTPConnectError():
            return Failure.NO_ANSWER
        case smtplib.SMTPAuthenticationError():
            return Failure.WRONG_PASSWORD
        case smtplib.SMTPNotSupportedError():
            return Failure.BAD_ADDRESS  # letters in it that this server cannot carry
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _words in error.recipients.values()]
            return Failure.BAD_ADDRESS if all(500 <= code < 600 for code in codes) else Failure.BUSY
        case smtplib.SMTPSenderRefused():
            return Failure.SENDER_REFUSED if error.smtp_code >= 500 else Failure.BUSY
        case smtplib.SMTPDataError():
            return Failure.NOT_ACCEPTED if error.smtp_code >= 500 else Failure.BUSY
    return Failure.NOT_UNDERSTOOD
