"""A load: asks for addresses over one kept connection, and measures."""

from __future__ import annotations

import http.client
import re
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Measured:
    """Requests answered in a second, and the seconds that one took: the median and the 99th percentile."""

    rate: float
    median: float
    p99: float
    errors: int


def repeat(port: int, path: str, seconds: float, headers: dict[str, str] | None = None) -> Measured:
    """Ask for one page again and again.

    Over a bare socket: `http.client` takes longer to read the headers of an answer than a server to write
    them, and the more headers there are the longer, so that it would measure itself.
    """
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    request = "\r\n".join([*lines, "", ""]).encode()
    took: list[float] = []
    errors = 0
    end = time.perf_counter() + seconds
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (began := time.perf_counter()) < end:
            connection.sendall(request)
            errors += not _answered(connection)
            took.append(time.perf_counter() - began)
    return _measured(took, seconds, errors)


def _answered(connection: socket.socket) -> bool:
    """Read one whole answer; whether it was a page."""
    answer = connection.recv(1 << 17)
    while (head := answer.find(b"\r\n\r\n")) < 0:
        answer += connection.recv(1 << 17)
    said = LENGTH.search(answer, 0, head)
    missing = head + 4 + int(said[1]) - len(answer) if said else 0
    while missing > 0:
        missing -= len(connection.recv(1 << 17))
    return answer.startswith(b"HTTP/1.1 200 ")


def screens(port: int, path: str, count: int, every: float, seconds: float) -> Measured:
    """So many screens at once, each over a connection of its own, each asking once in `every` seconds."""
    took: list[float] = []
    errors: list[int] = []
    begun = time.perf_counter() + 1

    def screen(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        at = begun + every * number / count
        while at < begun + seconds:
            time.sleep(max(0.0, at - time.perf_counter()))
            asked = time.perf_counter()
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    errors.append(answer.status)
            except OSError:
                errors.append(0)
                connection.close()
            took.append(time.perf_counter() - asked)
            at += every
        connection.close()

    threads = [threading.Thread(target=screen, args=(number,)) for number in range(count)]
    threading.stack_size(256 * 1024)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _measured(took, seconds, len(errors))


def _measured(took: Sequence[float], seconds: float, errors: int) -> Measured:
    ordered = sorted(took) or [0.0]
    return Measured(
        len(took) / seconds, ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)], errors
    )


def middle(of: Callable[[Measured], float], runs: Sequence[Measured]) -> float:
    """The median of one figure over several runs."""
    return sorted(of(run) for run in runs)[len(runs) // 2]
