"""诚信码's token: what a QR code carries after `…/C/`, in two profiles. Pure: no database, no clock.

**full**, 136 characters, verifiable without a network::

    1 │ KK      │ H           │ 18 characters │ SSSSSSS │ DDD                    │ P         │ 103 characters
    version key   holder kind   holder          serial    days since 2020-01-01    placement   Ed25519 signature

**short**, 20 characters, for small prints; the board alone can tell whether it is genuine::

    S │ SSSSSSS │ 12 characters
        serial    60 random bits

Everything is Crockford base32 (capitals; I and L read as 1, O as 0), so that QR's alphanumeric mode applies. A USCC's
alphabet has thirty-one letters, so each is written as the base32 digit of the same value. The signature is over
``chengxin/1/`` and every character before it, never the host: an office may move its site without printing again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chengxin.terms.uscc import ALPHABET as HOLDER_ALPHABET

CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SIGNED_PREFIX: Final = b"chengxin/1/"
EPOCH: Final = date(2020, 1, 1)
FULL_LENGTH: Final = 136
SHORT_LENGTH: Final = 20
HEAD_LENGTH: Final = 33
SERIAL_LIMIT: Final = 1 << 35
BITS_LIMIT: Final = 1 << 60
KEY_LIMIT: Final = 1 << 10

HOLDER_KINDS: Final = {"E": "subject", "P": "place"}
"""The character in the token → what kind of holder it names (E for 经营主体, an enterprise in the wide sense)."""

_VALUE = {character: value for value, character in enumerate(CROCKFORD)}
_TO_PYTHON = str.maketrans(CROCKFORD, "0123456789abcdefghijklmnopqrstuv")  # the digits that int(…, 32) knows
_READ = str.maketrans({"I": "1", "L": "1", "O": "0"})
_TO_TOKEN = str.maketrans(HOLDER_ALPHABET, CROCKFORD[:31])
_FROM_TOKEN = str.maketrans(CROCKFORD[:31], HOLDER_ALPHABET)

TEXT_LIMIT: Final = 2048
"""A longer text is no code: the longest QR code that a phone reads well holds far less."""

_BLANKS: Final = re.compile("[\\t-\\r \u00a0\u200b\u3000\ufeff]+")
_ADDRESS: Final = re.compile(r"(?P<before>.*?)/[Cc]/(?P<token>[^/?#]*).*", re.DOTALL)

Reason = Literal["not a token", "unknown version", "unknown key", "bad signature"]


@dataclass(frozen=True, slots=True)
class Seal:
    """What a full token says, its signature checked."""

    key: int
    holder_kind: str
    holder: str
    serial: int
    issued_on: date
    placement: int


@dataclass(frozen=True, slots=True)
class Claim:
    """What a short token claims; only the board knows whether the bits are right."""

    serial: int
    bits: int


@dataclass(frozen=True, slots=True)
class NotGenuine:
    """Why a text is not a genuine token. A verdict, not an exception: hostile input is the ordinary case here."""

    reason: Reason


def _write(value: int, length: int) -> str:
    return "".join(CROCKFORD[(value >> shift) & 31] for shift in range(5 * (length - 1), -1, -5))


def _read(text: str) -> int:
    return int(text.translate(_TO_PYTHON), 32)


def normalise(text: str) -> str:
    """Return the text as it would have been printed: capitals, look-alike letters read as their digits."""
    return text.upper().translate(_READ) if text.isascii() else text


@dataclass(frozen=True, slots=True)
class Text:
    """What was scanned, pasted or typed, taken apart: what stands before `/C/` (nothing for a bare token), the token."""

    before: str
    token: str


def parted(text: str) -> Text:
    """Take apart what was scanned, pasted or typed. Blanks anywhere and hyphens in the token are what copying adds.

    >>> parted("https://credit.example/C/S000 0C1S-0000?lang=en")
    Text(before='https://credit.example', token='S0000C1S0000')
    """
    if len(text) > TEXT_LIMIT:
        return Text("", "")
    bare = _BLANKS.sub("", text)
    found = _ADDRESS.fullmatch(bare)
    before, token = (found["before"], found["token"]) if found else ("", bare)
    return Text(before, token.replace("-", ""))


def is_of(before: str, addresses: Iterable[str]) -> bool:
    """Tell whether what stood before `/C/` is one of these addresses, written with its scheme or without.

    Nothing at all is: a bare token has no address that could be wrong. Only ASCII letters are alike in both cases.

    >>> is_of("CREDIT.example", ["HTTPS://CREDIT.EXAMPLE"])
    True
    """
    if not before:
        return True
    if not before.isascii():
        return False
    said = before.lower()
    known = {address.lower().rstrip("/") for address in addresses}
    return said in known or said in {address.partition("://")[2] for address in known}


def grouped(serial: int) -> str:
    """Return a serial as it is printed and read aloud: 0000-C1S."""
    text = _write(serial, 7)
    return f"{text[:4]}-{text[4:]}"


def key_prefix(key: int) -> str:
    """Return what every full token begins with that a key signed."""
    return "1" + _write(key, 2)


def ungrouped(text: str) -> int | None:
    """Return the serial that a printed one says, with its hyphen or without, or nothing if it says none."""
    said = normalise(text.strip().replace("-", ""))
    return _read(said) if len(said) == 7 and _VALUE.keys() >= set(said) else None


def seal(claims: Seal, private_key: Ed25519PrivateKey) -> str:
    """Return the full token for the claims.

    :raises ValueError: a claim does not fit its field.
    """
    days = (claims.issued_on - EPOCH).days
    fits = (
        0 <= claims.key < KEY_LIMIT
        and claims.holder_kind in HOLDER_KINDS.values()
        and len(claims.holder) == 18
        and set(claims.holder) <= set(HOLDER_ALPHABET)
        and 0 <= claims.serial < SERIAL_LIMIT
        and 0 <= days < 1 << 15
        and 0 <= claims.placement < 32
    )
    if not fits:
        raise ValueError(f"these claims do not fit a token: {claims}")
    letter = next(letter for letter, kind in HOLDER_KINDS.items() if kind == claims.holder_kind)
    head = (
        key_prefix(claims.key)
        + letter
        + claims.holder.translate(_TO_TOKEN)
        + _write(claims.serial, 7)
        + _write(days, 3)
        + CROCKFORD[claims.placement]
    )
    signature = int.from_bytes(private_key.sign(SIGNED_PREFIX + head.encode())) << 3
    return head + _write(signature, 103)


def claim(*, serial: int, bits: int) -> str:
    """Return the short token for a serial and its sixty random bits.

    :raises ValueError: a value does not fit its field.
    """
    if not (0 <= serial < SERIAL_LIMIT and 0 <= bits < BITS_LIMIT):
        raise ValueError("serial or bits out of range")
    return "S" + _write(serial, 7) + _write(bits, 12)


def unseal(
    text: str, keys: Mapping[int, Ed25519PublicKey] | Callable[[int], Ed25519PublicKey | None]
) -> Seal | Claim | NotGenuine:
    """Tell what a text says as a token. Never raises, whatever the text.

    A full token's signature is checked with the key it names; a short token comes back as a claim.
    """
    if len(text) not in (FULL_LENGTH, SHORT_LENGTH):
        return NotGenuine("not a token")
    token = normalise(text)
    if not _VALUE.keys() >= set(token):
        return NotGenuine("not a token")
    if len(token) == SHORT_LENGTH:
        if token[0] != "S":
            return NotGenuine("unknown version")
        return Claim(serial=_read(token[1:8]), bits=_read(token[8:]))
    if token[0] != "1":
        return NotGenuine("unknown version")
    kind = HOLDER_KINDS.get(token[3])
    if kind is None or "Z" in token[4:22]:
        return NotGenuine("not a token")
    number = _read(token[1:3])
    key = keys(number) if callable(keys) else keys.get(number)
    if key is None:
        return NotGenuine("unknown key")
    signature = _read(token[HEAD_LENGTH:])
    # 64 bytes fill 102.4 characters: the last three bits are nought, or the same signature could be written eight ways.
    if signature & 7:
        return NotGenuine("bad signature")
    try:
        key.verify((signature >> 3).to_bytes(64), SIGNED_PREFIX + token[:HEAD_LENGTH].encode())
    except InvalidSignature:
        return NotGenuine("bad signature")
    return Seal(
        key=number,
        holder_kind=kind,
        holder=token[4:22].translate(_FROM_TOKEN),
        serial=_read(token[22:29]),
        issued_on=EPOCH + timedelta(days=_read(token[29:32])),
        placement=_VALUE[token[32]],
    )
