"""A request's body as a file that is read as it comes, and never believed to be whole until it proves to be.

The server hands bodies on piece by piece (64 KB), so memory stays flat; but to the application a connection that broke
looks like the end of the body. So a body has a length or a digest (RFC 9530), and is compared with it at its end.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

from django.http import HttpRequest

from chengxin.api.problem import Problem
from chengxin.public.body import hang_up

PIECE: Final = 1 << 16
PLACES: Final = 2
"""Bodies read at a time: each keeps a thread of the office's few for as long as its sender takes."""
PATIENCE_SECONDS: Final = 30.0
"""Without a byte, after which we hang up."""
BUSY_SECONDS: Final = 2

_places = threading.BoundedSemaphore(PLACES)


class Body(io.RawIOBase):
    """The body of a request as it comes. Reading it raises `Problem` where it grows too large or ends too early."""

    def __init__(self, request: HttpRequest, *, limit: int) -> None:
        self._source: Any = request.META["wsgi.input"]
        self._limit = limit
        self._left = self._length = _length(request)
        self._wanted = _digest(request)
        self._sha256 = hashlib.sha256()
        self.got = 0
        if self._length is None and self._wanted is None:
            raise Problem("length-needed")
        if self._length is not None and self._length > limit:
            raise Problem("too-large", limit=limit)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what comes next; return how many bytes that were, 0 at the end.

        :raises Problem: the body is larger than allowed, or not what was announced.
        """
        size = len(buffer) if self._left is None else min(len(buffer), self._left)
        piece: bytes = self._source.read(size) if size else b""
        self.got += len(piece)
        self._sha256.update(piece)
        if self.got > self._limit:
            raise Problem("too-large", limit=self._limit)
        if self._left is not None:
            self._left -= len(piece)
        if not piece:
            self._check_whole()
        buffer[: len(piece)] = piece
        return len(piece)

    def _check_whole(self) -> None:
        wrong = self._wanted is not None and self._sha256.digest() != self._wanted
        if self._left or wrong:
            raise Problem("cut-short", got=self.got)


@contextmanager
def taken_in(request: HttpRequest, *, limit: int) -> Iterator[BinaryIO]:
    """Have the body as a file while there is a place for it, and hang up on a sender who has stopped sending.

    :raises Problem: no place, no length, too large.
    """
    body = Body(request, limit=limit)
    if not _places.acquire(blocking=False):
        raise Problem("busy", seconds=BUSY_SECONDS, headers={"Retry-After": str(BUSY_SECONDS)})
    done = threading.Event()
    watch = threading.Thread(target=_watch, args=(body, done, str(request.META.get("REMOTE_ADDR", ""))), daemon=True)
    watch.start()
    try:
        yield io.BufferedReader(body, PIECE)
    finally:
        done.set()
        _places.release()


def _watch(body: Body, done: threading.Event, remote: str) -> None:
    seen, since = body.got, time.monotonic()
    while not done.wait(1.0):
        if body.got != seen:
            seen, since = body.got, time.monotonic()
        elif time.monotonic() - since > PATIENCE_SECONDS:
            hang_up(remote)
            since = time.monotonic()


def _length(request: HttpRequest) -> int | None:
    said = request.META.get("CONTENT_LENGTH") or ""
    if not said:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", said):
        raise Problem("length-needed")
    return int(said)


def _digest(request: HttpRequest) -> bytes | None:
    """Return the SHA-256 that Content-Digest announces (RFC 9530: `sha-256=:base64:`), if any."""
    said = re.search(r"(?:^|[,\s])sha-256=:([A-Za-z0-9+/=]+):", request.headers.get("Content-Digest", ""))
    if said is None:
        return None
    try:
        digest = base64.b64decode(said[1], validate=True)
    except binascii.Error:
        return b""  # no body has it: the answer says what is wrong
    return digest
