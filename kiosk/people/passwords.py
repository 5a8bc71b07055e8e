"""Which passwords are good enough, and one-time passwords that people can read and type.

Long enough and not easily guessed is all that is asked; no rule about capitals or digits (NIST SP 800-63B).
"""

from __future__ import annotations

import re
import secrets
from enum import StrEnum

SHORTEST = 15
LONGEST = 200

_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"  # without those that look alike: 0 o, 1 i l, u v
_ENOUGH_BESIDES = 8
_COMMON = (
    "password passwort passphrase letmein iloveyou welcome sunshine princess football liverpool arsenal "
    "chelsea baseball superman batman pokemon dragon monkey shadow master charlie london england secret "
    "changeme default trustno whatever computer internet administrator admin manager library libraries "
    "branch staff kiosk desk books reading librarian council summer winter spring autumn january "
    "december hello please login signin user guest test correcthorsebatterystaple qwertz azerty "
)
_LOOKALIKES = str.maketrans("013457@$!", "oieastasi")
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb",
)


class Weakness(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    EASY_TO_GUESS = "easy to guess"
    NOT_NEW = "not new"


class WeakPassword(ValueError):
    def __init__(self, weakness: Weakness) -> None:
        super().__init__(weakness.value)
        self.weakness = weakness


def one_time_password() -> str:
    """Five groups of four: 98 bits, and nothing in it that is easily misread."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(5))


def check(password: str, *known_words: str) -> None:
    """Refuse a password that is short or easy to guess, with `WeakPassword`.

    `known_words` are what anybody would try first: the user name, the person's name, the library's name.
    """
    if len(password) < SHORTEST:
        raise WeakPassword(Weakness.TOO_SHORT)
    if len(password) > LONGEST:
        raise WeakPassword(Weakness.TOO_LONG)
    if _hard_part(password.casefold(), known_words) < _ENOUGH_BESIDES:
        raise WeakPassword(Weakness.EASY_TO_GUESS)


def _hard_part(password: str, known_words: tuple[str, ...]) -> int:
    """How many characters are left when what is easily guessed counts for nothing."""
    words = {word for each in known_words for word in [each.casefold(), *re.split(r"\W+", each.casefold())]}
    easy = sorted({*_COMMON.split(), *(word for word in words if len(word) >= 3)}, key=len, reverse=True)
    left = _without(password, easy)
    plain = _without(password.translate(_LOOKALIKES), easy)  # p4ssw0rd is no better than password
    left = min(left, plain, key=len)
    left = _without_sequences(left)
    left = re.sub(r"(.{1,8}?)\1+", r"\1", left)  # said again, nothing is added
    return min(len(left), 2 * len(set(left)))


def _without(password: str, words: list[str]) -> str:
    for word in words:
        password = password.replace(word, "")
    return password


def _without_sequences(password: str) -> str:
    """Runs of three or more neighbours, of the alphabet or of the keyboard, count as one character."""
    kept: list[str] = []
    at = 0
    while at < len(password):
        end = at + 1
        for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
            length = 3
            while at + length <= len(password) and password[at : at + length] in row:
                end = max(end, at + length)
                length += 1
        kept.append(password[at])
        at = end
    return "".join(kept)
