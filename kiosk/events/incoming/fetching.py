"""Fetch a calendar from its address, and nothing else: only from the web, only from public addresses, not too
much, and not for too long.

A name may lead to a public address when it is checked and to this very network when it is asked. So each name
is looked up once, its addresses are checked, and the connection goes to the one that was checked.
"""

from __future__ import annotations

import socket
import ssl
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from time import monotonic
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

MOST = 5 * 1024 * 1024
"""Bytes of a calendar."""
SECONDS = 30.0
"""For all of it, with every redirect."""
SILENCE = 10.0
"""Seconds without a sign from the other side."""
MOST_REDIRECTS = 5
LONGEST = 2000
TRANSLATED = IPv6Network("64:ff9b::/32")
"""What a network translates to addresses of IPv4, which may be its own (RFC 6052, RFC 8215)."""
Address = IPv4Address | IPv6Address


class Trouble(StrEnum):
    """Why a calendar could not be fetched: a code, whose words are at the desk."""

    NOT_AN_ADDRESS = "not-an-address"
    UNKNOWN_NAME = "unknown-name"
    PRIVATE = "private"
    NO_ANSWER = "no-answer"
    NOT_SAFE = "not-safe"
    TOO_SLOW = "too-slow"
    TOO_BIG = "too-big"
    TOO_FAR = "too-far"
    NOT_THERE = "not-there"
    NOT_ALLOWED = "not-allowed"
    BROKEN = "broken"
    NOT_UNDERSTOOD = "not-understood"


class NotFetched(Exception):
    """The calendar could not be fetched. `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


@dataclass(frozen=True)
class Fetched:
    """What the other side answered. `content` is None when it is still what it was."""

    content: bytes | None
    etag: str = ""
    modified: str = ""


def is_public(address: Address) -> bool:
    """Whether an address is out on the internet, and not this machine or a network of somebody's own."""
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if inner is not None:
        return is_public(inner)
    if isinstance(address, IPv6Address) and (address.teredo or address in TRANSLATED):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def as_address(text: str) -> str:
    """The address of a calendar as it is kept: `webcal:` is https. Raises `NotFetched`."""
    plain = text.strip()
    for spelled in ("webcal://", "webcals://"):
        if plain.lower().startswith(spelled):
            plain = "https://" + plain[len(spelled) :]
    if len(plain) > LONGEST or not plain.isprintable() or any(each in plain for each in " \\<>\"'`{}|^"):
        raise NotFetched(Trouble.NOT_AN_ADDRESS)
    parts = _parts(plain)
    host = (parts.hostname or "").encode("idna").decode() if not (parts.hostname or "").isascii() else ""
    netloc = f"{host}:{parts.port}" if host and parts.port else host or parts.netloc
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return urlunsplit(
        (parts.scheme.lower(), netloc, path, quote(parts.query, safe="=&%/:@!$'()*+,;?~-._"), "")
    )


def fetch(
    url: str, *, etag: str = "", modified: str = "", may: Callable[[Address], bool] = is_public
) -> Fetched:
    """What stands at an address, if it has changed since `etag` or `modified`. Raises `NotFetched`.

    `may` says which addresses may be connected to.
    """
    end = monotonic() + SECONDS
    here = as_address(url)
    for _redirect in range(MOST_REDIRECTS + 1):
        found = _ask(here, etag, modified, may, end)
        if isinstance(found, Fetched):
            return found
        there = as_address(urljoin(here, found))
        if here.startswith("https:") and not there.startswith("https:"):
            raise NotFetched(Trouble.NOT_SAFE)
        here = there
    raise NotFetched(Trouble.TOO_FAR)


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
        if host and ":" not in host:
            host.encode("idna")
    except (ValueError, UnicodeError):
        raise NotFetched(Trouble.NOT_AN_ADDRESS) from None
    bare = not (parts.username or parts.password)
    if parts.scheme.lower() not in {"http", "https"} or not host or not bare:
        raise NotFetched(Trouble.NOT_AN_ADDRESS)
    return parts


def _ask(url: str, etag: str, modified: str, may: Callable[[Address], bool], end: float) -> Fetched | str:
    """The answer of one address, or where it sends us."""
    parts = _parts(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = HTTPConnection(host, port)
    raw, line, timer = None, None, None
    try:
        raw = _connected(host, port, may, end)
        # whatever drips in byte by byte ends here, too: a closed line gives no more, also below HTTPS, which
        # takes the socket itself away
        line = raw.dup()
        timer = Timer(max(0.1, end - monotonic()), _close, (line,))
        timer.daemon = True
        timer.start()
        connection.sock = _secured(raw, host) if parts.scheme == "https" else raw
        headers = {"User-Agent": "kiosk", "Accept": "text/calendar, */*;q=0.5", "Accept-Encoding": "gzip"}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": modified} if modified else {}
        target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        connection.request("GET", target, headers=headers)
        with connection.getresponse() as answer:
            found = _understood(answer)
        if monotonic() >= end:  # cut off by the timer, an answer may look whole
            raise NotFetched(Trouble.TOO_SLOW)
        return found
    except ssl.SSLError:
        raise NotFetched(_if_late(end, Trouble.NOT_SAFE)) from None
    except NotFetched as why:
        raise NotFetched(_if_late(end, why.trouble)) from None
    except (OSError, HTTPException, ValueError):
        raise NotFetched(_if_late(end, Trouble.NO_ANSWER)) from None
    finally:
        if timer is not None:
            timer.cancel()
        connection.close()
        for each in (raw, line):
            if each is not None:
                each.close()


def _if_late(end: float, trouble: Trouble) -> Trouble:
    return Trouble.TOO_SLOW if monotonic() >= end else trouble


def _close(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _connected(host: str, port: int, may: Callable[[Address], bool], end: float) -> socket.socket:
    """A connection to the first address of a name that answers, all of which may be connected to."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotFetched(Trouble.UNKNOWN_NAME) from None
    addresses = list(dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found))
    if not addresses or not all(may(ip_address(each)) for each in addresses):
        raise NotFetched(Trouble.PRIVATE)
    for each in addresses[:3]:
        left = end - monotonic()
        if left <= 0:
            break
        with suppress(OSError):
            connected = socket.create_connection((each, port), timeout=min(SILENCE, left))
            connected.settimeout(SILENCE)
            return connected
    raise NotFetched(_if_late(end, Trouble.NO_ANSWER))


def _secured(raw: socket.socket, host: str) -> ssl.SSLSocket:
    return ssl.create_default_context().wrap_socket(raw, server_hostname=host)


def _understood(answer: HTTPResponse) -> Fetched | str:
    match answer.status:
        case 200:
            etag, modified = answer.getheader("ETag", ""), answer.getheader("Last-Modified", "")
            return Fetched(_content(answer), _short(etag), _short(modified))
        case 304:
            return Fetched(None)
        case 301 | 302 | 303 | 307 | 308:
            if there := answer.getheader("Location"):
                return there
        case 401 | 403 | 407:
            raise NotFetched(Trouble.NOT_ALLOWED)
        case 404 | 410:
            raise NotFetched(Trouble.NOT_THERE)
    raise NotFetched(
        Trouble.BROKEN if answer.status >= 500 or answer.status == 429 else Trouble.NOT_UNDERSTOOD
    )


def _short(header: str) -> str:
    """A header to be sent back later; one that is odd is not."""
    return header if len(header) <= 300 and header.isascii() and header.isprintable() else ""


def _content(answer: HTTPResponse) -> bytes:
    """The body, unpacked; never more than `MOST`, not even packed."""
    if (answer.length or 0) > MOST:
        raise NotFetched(Trouble.TOO_BIG)
    coding = answer.getheader("Content-Encoding", "identity").strip().lower()
    if coding not in {"", "identity", "gzip", "x-gzip"}:
        raise NotFetched(Trouble.NOT_UNDERSTOOD)
    unpacking = zlib.decompressobj(31) if "gzip" in coding else None
    content = bytearray()
    while piece := answer.read(65_536):
        try:
            content += unpacking.decompress(piece, MOST + 1 - len(content)) if unpacking else piece
        except zlib.error:
            raise NotFetched(Trouble.NOT_UNDERSTOOD) from None
        if len(content) > MOST:
            raise NotFetched(Trouble.TOO_BIG)
    if answer.length:  # it was cut off: what is missing is not gone
        raise NotFetched(Trouble.NO_ANSWER)
    return bytes(content)
