"""Why a message has not gone, by codes that are the same for every way of sending."""

from __future__ import annotations

from enum import StrEnum


class Failure(StrEnum):
    """Why a message could not be sent: a code, whose words are on the staff page."""

    NOT_SET_UP = "not-set-up"
    NO_ANSWER = "no-answer"
    NOT_SAFE = "not-safe"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - a code
    SENDER_REFUSED = "sender-refused"
    BAD_ADDRESS = "bad-address"
    NOT_ACCEPTED = "not-accepted"
    BUSY = "busy"
    DAILY_LIMIT = "daily-limit"
    BROKEN = "broken"
    NOT_UNDERSTOOD = "not-understood"
    CANNOT_OPEN = "cannot-open"
    TOO_LATE = "too-late"

    @property
    def is_final(self) -> bool:
        """Another try would end in the same way."""
        return self in _FINAL

    @property
    def stops_the_round(self) -> bool:
        """The next message on this way would fare no better now, so that it keeps its tries."""
        return self in _FOR_ALL


_FINAL = {Failure.BAD_ADDRESS, Failure.CANNOT_OPEN, Failure.TOO_LATE}
_FOR_ALL = {
    Failure.NOT_SET_UP, Failure.NO_ANSWER, Failure.NOT_SAFE, Failure.WRONG_PASSWORD, Failure.SENDER_REFUSED,
    Failure.DAILY_LIMIT, Failure.BROKEN, Failure.NOT_UNDERSTOOD,
}  # fmt: skip


class NotSent(Exception):
    """A message has not gone, as far as anybody knows. `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure
