"""A door for tests: on a real board, called as a server calls it."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote_to_bytes

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from chengxin.board import actions as board
from chengxin.board import card as cards
from chengxin.board import city, token
from chengxin.public.wsgi import Door
from tests.public import samples

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"x" * 32)
SERIAL = 12345
ISSUED = date(2026, 11, 2)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Stalled:
    """A body of which some pieces come, and then nothing until somebody hangs up."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)
        self.hung_up = threading.Event()

    def read(self, size: int = -1) -> bytes:
        if self._pieces:
            return self._pieces.pop(0)
        self.hung_up.wait(10)
        return b""

    readline = read


def get(door: Door, path: str, *, method: str = "GET", query: str = "", **environ: Any) -> Answer:
    """Ask as a server does: the path comes decoded, as latin-1."""
    got: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]], *_: object) -> None:
        got["status"] = int(status.split()[0])
        got["headers"] = {name.lower(): value for name, value in headers}

    request = {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "REMOTE_ADDR": "203.0.113.7",
        "HTTP_USER_AGENT": "tests",
    } | environ
    body = b"".join(door(request, start))
    return Answer(got["status"], got["headers"], body)


def promised(seconds: float) -> float:
    """Return what a promise of some seconds comes to on a machine that is asked for more than it has."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def eventually(holds: Callable[[], bool], *, within: float = 60.0) -> float:
    """Wait until something holds, and return how long that took."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > within:
            raise AssertionError(f"not within {within} s")
        time.sleep(0.005)
    return time.monotonic() - began


def post(
    *,
    serial: int = SERIAL,
    state: str = "active",
    bits: int | None = None,
    card: cards.Card | None = None,
    good_days: int = 30,
) -> str:
    """Put a code on the board, with a card if one is given, and return its token."""
    board.post_codes([board.CodeRow(serial, "subject", samples.USCC, state, "premises", "总店", bits, ISSUED)])
    if card is not None:
        post_card(card, good_days=good_days)
    return token.claim(serial=serial, bits=bits) if bits is not None else sealed(serial=serial)


def post_card(card: cards.Card, *, good_days: float = 30) -> None:
    now = datetime.now(UTC)
    document = cards.dump(card).decode()
    board.post_cards([board.CardRow(samples.USCC, "subject", document, now + timedelta(days=good_days))], at=now)


def sealed(*, serial: int = SERIAL, key: int = 1, by: Ed25519PrivateKey = KEY, holder: str = samples.USCC) -> str:
    return token.seal(token.Seal(key, "subject", holder, serial, ISSUED, 1), by)


def furnish() -> None:
    """Put up what every board has: a key, the city's face, the day's salt."""
    now = datetime.now(UTC)
    board.post_key(number=1, public_key=KEY.public_key().public_bytes_raw(), at=now)
    board.post_city(document=city.dump(samples.CITY), logo=b"\x89PNG", at=now)
    board.turn_salt(today=(now + timedelta(hours=8)).date(), salt=b"s" * 32)


def settle(door: Door) -> None:
    """Wait until the door has heard everything that was posted before."""
    mark = f"settled:{next(_SETTLED)}"  # one of its own: what was heard an hour ago says nothing of now
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('board', %s)", [mark])
    eventually(lambda: mark in door.cache._changed)


_SETTLED = itertools.count()
