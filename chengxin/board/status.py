"""The status list: which codes were withdrawn or stopped, for verifiers without a network. Pure: told the time, no clock.

A JWS (RFC 7515, flattened JSON) whose payload is a W3C Bitstring Status List credential. Two bitstrings, one bit for
each serial, the most significant bit of the first byte being serial 0::

    revocation │ superseded, cancelled, or the business's registration has ended   → for good
    suspension │ paused, frozen, or not yet in force                               → may stand again

Reading is bounded: whoever hands us a list may be the one who forged it.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from chengxin.board.jwks import ALGORITHM, number_of

PATH: Final = "/.well-known/chengxin/status.json"
MEDIA_TYPE: Final = "application/json"
TYPE: Final = "vc+jwt"
CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"
MEMBERS: Final = ("protected", "payload", "signature")
PURPOSES: Final = ("revocation", "suspension")
TTL_MILLISECONDS: Final = 600_000

BITS_STEP: Final = 131_072
"""The W3C's smallest list (so that a place in it tells little), and the steps in which ours grows: a code issued after a
list was made still has its place there, at nought."""
DOCUMENT_LIMIT: Final = 8 << 20
UNPACKED_LIMIT: Final = 64 << 20
"""Bytes of one bitstring: half a thousand million codes, and no gzip bomb."""
EARLY: Final = timedelta(days=1)
"""A list may come from so far in the future: clocks of phones are wrong, but not by more."""

REVOKED: Final = ("superseded", "cancelled")
SUSPENDED: Final = ("paused", "frozen", "pending")
"""States of the board that set a bit. Pending too: without a yes nothing is shown, with a network or without."""

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


LEVEL: Final = 4
"""Of two million codes a twentieth stopped: 4 takes 10 ms where 9 takes 490, for a tenth more bytes."""


class _Registry(jws.JWSRegistry):
    max_payload_length = DOCUMENT_LIMIT  # joserfc's own limit is of tokens in a header, not of lists


@dataclass(frozen=True, slots=True)
class StatusList:
    """A status list whose signature was checked."""

    valid_from: datetime
    valid_until: datetime
    revoked: bytes
    suspended: bytes
    key: int

    def age(self, now: datetime) -> timedelta:
        """Return how old the list is; never below nought."""
        return max(now - self.valid_from, timedelta(0))

    def why_not_at(self, now: datetime) -> str | None:
        """Return why the list says nothing at a time, or nothing if it does."""
        if now >= self.valid_until:
            return "expired"
        if self.valid_from - now > EARLY:
            return "not yet valid"
        return None

    def covers(self, serial: int) -> bool:
        """Tell whether a serial has its place in both bitstrings."""
        return 0 <= serial < 8 * min(len(self.revoked), len(self.suspended))


@dataclass(frozen=True, slots=True)
class NotAList:
    """Why a document is no status list to go by. A verdict, not an exception."""

    reason: str  # "too large", "not signed by a known key", "malformed"


def is_set(bits: bytes, serial: int) -> bool:
    """Tell whether a serial's bit is set.

    :raises IndexError: the serial is past the end.
    """
    return bool(bits[serial >> 3] & (0x80 >> (serial & 7)))


def bitstring(serials: Iterable[int], *, bits: int) -> bytes:
    """Return a string of so many bits with those of the serials set.

    :raises IndexError: a serial is past the end.
    """
    made = bytearray(bits // 8)
    for serial in serials:
        made[serial >> 3] |= 0x80 >> (serial & 7)
    return bytes(made)


def length(last_serial: int) -> int:
    """Return how many bits a list has whose last serial this is."""
    return BITS_STEP * (last_serial // BITS_STEP + 1)


def pack(bits: bytes) -> str:
    """Return a bitstring as it stands in a list: `u`, then base64url of gzip; the same bits make the same text."""
    return "u" + base64.urlsafe_b64encode(gzip.compress(bits, LEVEL, mtime=0)).rstrip(b"=").decode()


def unpack(encoded: str) -> bytes:
    """Return the bitstring of a list.

    :raises ValueError: it is malformed, shorter than the W3C allows, or too large.
    """
    if not encoded.startswith("u") or not encoded.isascii() or set("+/=") & set(encoded):
        raise ValueError("not base64url")
    try:
        zipped = base64.b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4), altchars=b"-_", validate=True)
        inflater = zlib.decompressobj(31)
        bits = inflater.decompress(zipped, UNPACKED_LIMIT + 1)
    except (binascii.Error, zlib.error) as error:
        raise ValueError("not gzip") from error
    if len(bits) > UNPACKED_LIMIT or not inflater.eof or inflater.unused_data:
        raise ValueError("too large, cut off, or more than one")
    if 8 * len(bits) < BITS_STEP:
        raise ValueError("too short")
    return bits


def credential(
    *,
    revoked: Iterable[int],
    suspended: Iterable[int],
    last_serial: int,
    issuer: str,
    at: datetime,
    good_for: timedelta,
) -> dict[str, Any]:
    """Return the payload of a list made at a time, unsigned."""
    address = issuer + PATH
    bits = length(last_serial)
    made = at.astimezone(UTC).replace(microsecond=0)
    packed = (pack(bitstring(serials, bits=bits)) for serials in (revoked, suspended))
    return {
        "@context": [CONTEXT],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": f"{made:%Y-%m-%dT%H:%M:%SZ}",
        "validUntil": f"{made + good_for:%Y-%m-%dT%H:%M:%SZ}",
        "credentialSubject": [
            {
                "id": f"{address}#{purpose}",
                "type": "BitstringStatusList",
                "statusPurpose": purpose,
                "ttl": TTL_MILLISECONDS,
                "encodedList": encoded,
            }
            for purpose, encoded in zip(PURPOSES, packed, strict=True)
        ],
    }


def sign(payload: dict[str, Any], *, key: int, private_key: Ed25519PrivateKey) -> str:
    """Return the signed document of a payload."""
    signed: Mapping[str, Any] = jws.serialize_json(
        {"protected": {"alg": ALGORITHM, "kid": str(key), "typ": TYPE}},
        json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode(),
        OKPKey.import_key(private_key),
        algorithms=[ALGORITHM],
    )
    return json.dumps({name: signed[name] for name in MEMBERS}, separators=(",", ":"))


def read(document: str | bytes, keys: Mapping[int, Ed25519PublicKey]) -> StatusList | NotAList:
    """Return the list in a document, if one of these keys signed it. Never raises, whatever the document."""
    if len(document) > DOCUMENT_LIMIT:
        return NotAList("too large")
    try:
        said = json.loads(document)
        protected, payload, signature = (said[name] for name in MEMBERS)
        if not all(isinstance(member, str) for member in (protected, payload, signature)):
            return NotAList("malformed")
    except (ValueError, RecursionError, TypeError, KeyError):
        return NotAList("malformed")
    found: list[int] = []

    def key_of(signature: Any) -> OKPKey:
        headers = signature.headers()
        number = number_of(headers.get("kid"))
        if headers.get("typ") != TYPE or number is None or number not in keys:
            raise ValueError("not one of our keys")
        found.append(number)
        return OKPKey.import_key(keys[number])

    # Only what is signed is handed on: a header outside the signature says nothing to us.
    members: jws.FlattenedJSONSerialization = {"protected": protected, "payload": payload, "signature": signature}
    try:
        verified = jws.deserialize_json(members, key_of, registry=_Registry(algorithms=[ALGORITHM]))
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return NotAList("not signed by a known key")
    try:
        return _of(json.loads(verified.payload), key=found[0])
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return NotAList("malformed")


def _of(payload: dict[str, Any], *, key: int) -> StatusList:
    if "BitstringStatusListCredential" not in payload["type"]:
        raise ValueError("another credential")
    bits: dict[str, bytes] = {}
    for subject in payload["credentialSubject"]:
        purpose = subject["statusPurpose"]
        if subject["type"] != "BitstringStatusList" or purpose in bits:
            raise ValueError("another kind of list")
        if purpose in PURPOSES:
            bits[purpose] = unpack(subject["encodedList"])
    return StatusList(
        valid_from=_moment(payload["validFrom"]),
        valid_until=_moment(payload["validUntil"]),
        revoked=bits["revocation"],
        suspended=bits["suspension"],
        key=key,
    )


def _moment(text: str) -> datetime:
    if not _MOMENT.fullmatch(text):
        raise ValueError("not a moment as we write it")
    return datetime.fromisoformat(text)
