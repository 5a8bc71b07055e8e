"""Codes that people can read out and staff can find: ten characters of Crockford's base 32.

The alphabet has no I, L, O or U, so that nothing is mistaken for 1 or 0, and no word comes about.
"""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
GROUPS = (3, 3, 4)

_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


class NotAReference(ValueError):
    """What was typed or scanned cannot be a code of ours."""


def new() -> str:
    """A code of 50 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown(reference: str) -> str:
    """The code in groups, as it is printed and read out: `K7M 2QX 9PDA`."""
    parts, start = [], 0
    for length in GROUPS:
        parts.append(reference[start : start + length])
        start += length
    return " ".join(parts)


def read(typed: str) -> str:
    """The code that was meant, whatever its spaces, hyphens, case, or O for 0; else `NotAReference`."""
    meant = "".join(typed.split()).replace("-", "").upper().translate(_MISREAD)
    if len(meant) != LENGTH or not set(meant) <= set(ALPHABET):
        raise NotAReference
    return meant
