"""What a search costs: a moment of the device's own work, so that a list of every business costs days of it.

No pictures, no third party, nothing stored but the solutions used, for minutes and in memory. Links and passes are
encrypted: a name that was typed, and whom a link leads to, stand in no address and so in no log.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from base64 import b64decode, urlsafe_b64encode
from collections import OrderedDict
from typing import Any, Final

import altcha
import msgspec
from cryptography.fernet import Fernet, InvalidToken

COUNTERS: Final = 60_000
"""Numbers that the solver may have to try: a tenth of a second on a laptop, a second on a cheap phone at most."""
CHALLENGE_SECONDS: Final = 300
PAYLOAD_LIMIT: Final = 3000
LINK_SECONDS: Final = 1800
PASS_SECONDS: Final = 1800
USED: Final = 200_000


class Proofs:
    """Challenges, and the solutions that were used."""

    def __init__(self, secret: str, *, used: int = USED) -> None:
        self._secret = _derived(secret, "challenges")
        self._limit = used
        self._lock = threading.Lock()
        self._used: OrderedDict[str, float] = OrderedDict()  # signature → when it expires

    def challenge(self, *, now: float) -> dict[str, Any]:
        """Return a challenge, as JSON takes it."""
        made: dict[str, Any] = altcha.create_challenge(
            "SHA-256",
            1,
            counter=secrets.randbelow(COUNTERS),
            expires_at=int(now) + CHALLENGE_SECONDS,
            hmac_secret=self._secret,
        ).to_dict()
        return made

    def accept(self, payload: str, *, now: float) -> bool:
        """Tell whether a payload solves a challenge of ours that has not expired and was not solved before."""
        if not payload or len(payload) > PAYLOAD_LIMIT or not payload.isascii():
            return False
        try:
            signature = _signature(payload)
            if not signature or not altcha.verify_solution(payload, self._secret).verified:
                return False
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
            return False  # whatever else a stranger may think of sending as JSON
        with self._lock:
            while self._used and (next(iter(self._used.values())) < now or len(self._used) >= self._limit):
                self._used.popitem(last=False)
            if signature in self._used:
                return False
            self._used[signature] = now + CHALLENGE_SECONDS + 1
        return True


def _signature(payload: str) -> str:
    said = msgspec.json.decode(b64decode(payload, validate=True))
    signature = said["challenge"]["signature"]
    return signature.lower() if isinstance(signature, str) else ""


class Seals:
    """Short-lived messages from us to us that pass through a stranger's hands."""

    def __init__(self, secret: str) -> None:
        self._fernet = Fernet(urlsafe_b64encode(_derived(secret, "links")))

    def link(self, *, kind: str, holder: str, now: float) -> str:
        """Return what stands behind /S/: whom it leads to, for half an hour."""
        return self._write("holder", f"{kind} {holder}", now)

    def holder(self, link: str, *, now: float) -> tuple[str, str] | None:
        """Return kind and holder of a link, or None where it is not ours or too old."""
        kind, _, holder = self._read("holder", link, now, LINK_SECONDS).partition(" ")
        return (kind, holder) if holder else None

    def give_pass(self, asked: str, *, now: float) -> str:
        """Return a pass for further pages of the answers to one question."""
        return self._write("pass", _digest(asked), now)

    def has_pass(self, said: str, asked: str, *, now: float) -> bool:
        """Tell whether a pass is for this question, and recent."""
        return hmac.compare_digest(self._read("pass", said, now, PASS_SECONDS), _digest(asked))

    def _write(self, sort: str, message: str, now: float) -> str:
        return self._fernet.encrypt_at_time(f"{sort} {message}".encode(), int(now)).decode().rstrip("=")

    def _read(self, sort: str, text: str, now: float, seconds: int) -> str:
        if len(text) > 400 or not text.isascii():
            return ""
        try:
            padded = text.encode() + b"=" * (-len(text) % 4)
            said = self._fernet.decrypt_at_time(padded, seconds, int(now)).decode()
        except InvalidToken:
            return ""
        which, _, message = said.partition(" ")
        return message if which == sort else ""


def _derived(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), f"chengxin search {purpose}".encode(), "sha256")


def _digest(asked: str) -> str:
    return hashlib.sha256(asked.encode(errors="replace")).hexdigest()
