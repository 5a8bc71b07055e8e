"""Personal answers are sealed before they are stored.

Two kinds. *For people*: an envelope that names its readers (the desk, the recovery key on paper) and that
nothing on the server can open by itself, because the private half of each reader's key lies wrapped under a
password or on paper. *For the server*: plain AES-256-GCM under a key that lies outside the database, or that
only a cookie holds.

A context is `table|id|column|version`: what was sealed for one place opens in no other.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
SALT_BYTES = 16
PADDING_STEP = 512

_ENVELOPE = 1  # the first byte of a blob says how it was made
_WRAPPED = 1
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)  # RFC 9180, base mode
_COST_FORMAT = struct.Struct(">BIBB")  # version, memory in KiB, passes, lanes
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O or U
_CHECKSUM_BYTES = 3  # with the 32 of the key they make 56 digits without a rest


class CannotOpen(Exception):
    """Not for this key, not for this place, or not as it was sealed."""


class TooBusy(Exception):
    """Too many passwords are being checked at this moment; try again in a few seconds."""


class NotARecoveryKey(ValueError):
    """What was typed is no recovery key: too short, too long, or with a slip in it."""


class KeyPair(NamedTuple):
    """X25519, both halves raw, 32 bytes each."""

    public: bytes
    private: bytes


class PasswordCost(NamedTuple):
    """What one guess at a password costs (Argon2id, RFC 9106)."""

    memory_kib: int
    passes: int
    lanes: int


PASSWORD_COST = PasswordCost(memory_kib=64 * 1024, passes=3, lanes=1)
"""For passwords wrapped from now on; what is wrapped already carries its own."""

DEAREST_COST = PasswordCost(memory_kib=256 * 1024, passes=16, lanes=8)
"""A blob that asks for more was not written by this program, and is not allowed to eat the machine."""

_at_work = threading.BoundedSemaphore(2)  # 64 MiB and one core each: the screens keep the rest of the machine
_at_work_or_waiting = threading.BoundedSemaphore(4)  # and keep at least half of the server's eight threads


# -- keys ---------------------------------------------------------------------------------------------------


def new_key_pair() -> KeyPair:
    private = X25519PrivateKey.generate()
    return KeyPair(private.public_key().public_bytes_raw(), private.private_bytes_raw())


def public_half(private_key: bytes) -> bytes:
    """The public half of a key pair, from its private one."""
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def derive(key: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose (HKDF-SHA-256), so that no key serves two."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


def mark(value: str, key: bytes) -> bytes:
    """A blind index (HMAC-SHA-256): equal values have equal marks, and a mark says nothing without the key.

    The caller brings values to one spelling first; the key comes from `derive`, never from the database.
    """
    return hmac.digest(key, value.encode(), "sha256")


# -- under one key ------------------------------------------------------------------------------------------


def encrypt(plain: bytes, key: bytes, context: str) -> bytes:
    """Nonce and AES-256-GCM; the length of `plain` shows."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context.encode())


def decrypt(encrypted: bytes, key: bytes, context: str) -> bytes:
    """Raises `CannotOpen` when the key, the context or a single bit differs."""
    if len(encrypted) < NONCE_BYTES + TAG_BYTES:
        raise CannotOpen
    try:
        return AESGCM(key).decrypt(encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:], context.encode())
    except InvalidTag:
        raise CannotOpen from None


# -- an envelope for people ---------------------------------------------------------------------------------


def seal(plain: bytes, readers: Mapping[str, bytes], context: str) -> bytes:
    """An envelope that each of `readers` (id → raw X25519 public key) can open by itself.

    A random data key encrypts the body, padded so that its length tells only how many steps of 512 bytes it
    took; the data key is sealed to each reader by HPKE with the context as `info`.
    """
    if not readers:
        raise ValueError("an envelope without readers is lost")
    data_key = AESGCM.generate_key(256)
    return _address(data_key, readers, context) + encrypt(_pad(plain), data_key, context)


def open_sealed(sealed: bytes, reader: str, private_key: bytes, context: str) -> bytes:
    """What was sealed; `CannotOpen` for anybody and anything else."""
    slots, body = _take_apart(sealed)
    return _unpad(decrypt(body, _data_key(slots, reader, private_key, context), context))


def reseal(
    sealed: bytes, reader: str, private_key: bytes, readers: Mapping[str, bytes], context: str
) -> bytes:
    """The same body for other readers, opened by one of the old ones; for a key that must change."""
    if not readers:
        raise ValueError("an envelope without readers is lost")
    slots, body = _take_apart(sealed)
    return _address(_data_key(slots, reader, private_key, context), readers, context) + body


def without_reader(sealed: bytes, reader: str) -> bytes:
    """The same envelope without one of its readers; no key is needed to shut somebody out."""
    slots, body = _take_apart(sealed)
    slots.pop(reader, None)
    if not slots:
        raise ValueError("an envelope without readers is lost")
    return _slots(slots) + body


def _address(data_key: bytes, readers: Mapping[str, bytes], context: str) -> bytes:
    info = context.encode()
    return _slots(
        {
            reader: _SUITE.encrypt(data_key, X25519PublicKey.from_public_bytes(public_key), info=info)
            for reader, public_key in readers.items()
        }
    )


def _slots(slots: Mapping[str, bytes]) -> bytes:
    parts = [bytes([_ENVELOPE, len(slots)])]
    for reader, slot in sorted(slots.items()):
        name = reader.encode()
        parts += [bytes([len(name)]), name, len(slot).to_bytes(2, "big"), slot]
    return b"".join(parts)


def _take_apart(sealed: bytes) -> tuple[dict[str, bytes], bytes]:
    rest = memoryview(sealed)

    def take(count: int) -> bytes:
        nonlocal rest
        if len(rest) < count:
            raise CannotOpen
        taken, rest = bytes(rest[:count]), rest[count:]
        return taken

    version, count = take(2)
    if version != _ENVELOPE:
        raise CannotOpen
    slots: dict[str, bytes] = {}
    for _ in range(count):
        try:
            reader = take(take(1)[0]).decode()
        except UnicodeDecodeError:
            raise CannotOpen from None
        slots[reader] = take(int.from_bytes(take(2), "big"))
    return slots, bytes(rest)


def _data_key(slots: Mapping[str, bytes], reader: str, private_key: bytes, context: str) -> bytes:
    if reader not in slots:
        raise CannotOpen
    try:
        key = X25519PrivateKey.from_private_bytes(private_key)
        data_key = _SUITE.decrypt(slots[reader], key, info=context.encode())
    except (InvalidTag, ValueError):
        raise CannotOpen from None
    if len(data_key) != KEY_BYTES:
        raise CannotOpen
    return data_key


def _pad(plain: bytes) -> bytes:
    """Length, content, and zeros up to the next whole step."""
    content = len(plain).to_bytes(4, "big") + plain
    return content + bytes(-len(content) % PADDING_STEP)


def _unpad(padded: bytes) -> bytes:
    length = int.from_bytes(padded[:4], "big")
    if len(padded) < 4 + length:
        raise CannotOpen
    return padded[4 : 4 + length]


# -- under a password ---------------------------------------------------------------------------------------


def wrap(secret: bytes, password: str, context: str) -> bytes:
    """A secret that only the password gives back; cost and salt lie in the blob. `TooBusy` under a flood."""
    head = _COST_FORMAT.pack(_WRAPPED, *PASSWORD_COST) + os.urandom(SALT_BYTES)
    return head + encrypt(secret, _password_key(password, head), _wrap_context(head, context))


def unwrap(wrapped: bytes, password: str, context: str) -> bytes:
    """The secret; `CannotOpen` for a wrong password. `TooBusy` under a flood."""
    head, body = wrapped[: _COST_FORMAT.size + SALT_BYTES], wrapped[_COST_FORMAT.size + SALT_BYTES :]
    if len(head) < _COST_FORMAT.size + SALT_BYTES:
        raise CannotOpen
    return decrypt(body, _password_key(password, head), _wrap_context(head, context))


def nobodys_wrap() -> bytes:
    """Looks like a wrapped private key, costs as much to try, and no password opens it."""
    head = _COST_FORMAT.pack(_WRAPPED, *PASSWORD_COST)
    return head + os.urandom(SALT_BYTES + NONCE_BYTES + KEY_BYTES + TAG_BYTES)


def _wrap_context(head: bytes, context: str) -> str:
    return f"{context}|{head.hex()}"  # a cheaper cost cannot be written into the blob afterwards


def _password_key(password: str, head: bytes) -> bytes:
    version, memory_kib, passes, lanes = _COST_FORMAT.unpack(head[: _COST_FORMAT.size])
    asked = PasswordCost(memory_kib, passes, lanes)
    if version != _WRAPPED or any(a > b for a, b in zip(asked, DEAREST_COST, strict=True)):
        raise CannotOpen
    salt = head[_COST_FORMAT.size :]
    # The same password typed on two keyboards may differ in its code points (NIST SP 800-63B: NFKC).
    typed = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    with _room_for_one():
        try:
            return Argon2id(
                salt=salt, length=KEY_BYTES, iterations=passes, lanes=lanes, memory_cost=memory_kib
            ).derive(typed)
        except ValueError:  # a cost that Argon2 does not know
            raise CannotOpen from None


@contextmanager
def _room_for_one() -> Iterator[None]:
    if not _at_work_or_waiting.acquire(blocking=False):
        raise TooBusy
    try:
        with _at_work:
            yield
    finally:
        _at_work_or_waiting.release()


# -- on paper -----------------------------------------------------------------------------------------------


def print_key(private_key: bytes) -> str:
    """14 groups of 4 letters and digits (Crockford's base 32), the last of them a check against slips."""
    number = int.from_bytes(private_key + _checksum(private_key), "big")
    count = (KEY_BYTES + _CHECKSUM_BYTES) * 8 // 5
    digits = "".join(_DIGITS[number >> 5 * place & 31] for place in reversed(range(count)))
    return "-".join(digits[at : at + 4] for at in range(0, count, 4))


def read_printed_key(typed: str) -> bytes:
    """The key back from paper: case, spaces and dashes do not matter, O is 0, I and L are 1.

    Raises `NotARecoveryKey`.
    """
    spelled = typed.upper().translate(str.maketrans("OIL", "011", "- \t\r\n"))
    if len(spelled) * 5 != (KEY_BYTES + _CHECKSUM_BYTES) * 8 or not set(spelled) <= set(_DIGITS):
        raise NotARecoveryKey
    number = 0
    for digit in spelled:
        number = number << 5 | _DIGITS.index(digit)
    both = number.to_bytes(KEY_BYTES + _CHECKSUM_BYTES, "big")
    private_key, checksum = both[:KEY_BYTES], both[KEY_BYTES:]
    if checksum != _checksum(private_key):
        raise NotARecoveryKey
    return private_key


def _checksum(private_key: bytes) -> bytes:
    return hashlib.sha256(b"recovery key" + private_key).digest()[:_CHECKSUM_BYTES]
