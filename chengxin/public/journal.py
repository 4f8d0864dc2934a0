"""The journal of scans: noted in memory by the scan, written once a second by a thread. Never an address.

A device is the first eight bytes of an HMAC over its address and browser with the day's salt; when the salt is deleted,
no way leads back to a device (《个人信息保护法》第 73 条: anonymised). Whether it is a program is asked of the browser's own
words here, in the thread, and of the words nothing is kept. At most a second of scans is lost on a crash.
"""

from __future__ import annotations

import hmac
import logging
import os
import struct
import threading
from collections import deque
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final

from chengxin.inbox.bots import is_bot
from chengxin.public import reader
from chengxin.public.line import Down, Line, Refused

log = logging.getLogger(__name__)

FLUSH_SECONDS: Final = 0.9
PATIENCE: Final = 5.0
ROOM: Final = 100_000
"""Scans kept while the database is away; past that the oldest are dropped and counted."""
FORWARDED_LENGTH: Final = 100
BROWSER_LENGTH: Final = 300
"""Of what a request says of itself, which may be half a megabyte: a hundred thousand of those fill any memory."""

SHANGHAI_SECONDS: Final = 8 * 3600
SHANGHAI: Final = timezone(timedelta(seconds=SHANGHAI_SECONDS))
LOOPBACK: Final = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
INTO: Final = b"COPY inbox_scan (id, at, serial, verdict, device, bot) FROM STDIN (FORMAT BINARY)"
COPY_HEAD: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TAIL: Final = b"\xff\xff"
NULL: Final = b"\xff\xff\xff\xff"
ROW: Final = struct.Struct(">hi16siq").pack
POSTGRES_EPOCH: Final = 946_684_800  # PostgreSQL counts microseconds from the first day of 2000

Note = tuple[float, int | None, str, str, str, str]


def address(*, remote: str, forwarded: str) -> str:
    """Return the client's address: what a proxy on this very machine says, else the peer's own."""
    host = remote.rpartition(":")[0].strip("[]") if remote.count(":") == 1 or remote.startswith("[") else remote
    return forwarded.rpartition(",")[2].strip() or host if host in LOOPBACK else host


def day_of(at: float) -> date:
    """Return the day of a scan in the city's calendar."""
    return datetime.fromtimestamp(at, SHANGHAI).date()


def device_of(salt: bytes, *, remote: str, forwarded: str, browser: str) -> bytes:
    """Return the eight bytes that a device is known by for as long as the salt is."""
    who = f"{address(remote=remote, forwarded=forwarded)}\n{browser[:BROWSER_LENGTH]}".encode(errors="replace")
    return hmac.digest(salt, who, "sha256")[:8]


class Journal(threading.Thread):
    """Scans on their way into the inbox."""

    def __init__(self, dsn: str, *, room: int = ROOM) -> None:
        super().__init__(name="journal", daemon=True)
        self._dsn = dsn
        self._room = room
        self._notes: deque[Note] = deque()
        self._waiting: list[Note] = []
        self._salts: dict[date, bytes] = {}
        self._own_salts: dict[date, bytes] = {}
        self._line: Line | None = None
        self._stopped = threading.Event()
        self._complained = False
        self.dropped = 0
        self.note = self._notes.append  # the hot path: one append, atomic

    def scan(self, at: float, serial: int | None, verdict: str, environ: dict[str, Any]) -> None:
        """Note one scan."""
        self.note(
            (
                at,
                serial,
                verdict,
                environ.get("REMOTE_ADDR", ""),
                environ.get("HTTP_X_FORWARDED_FOR", "")[-FORWARDED_LENGTH:],
                environ.get("HTTP_USER_AGENT", "")[:BROWSER_LENGTH],
            )
        )

    def run(self) -> None:
        while not self._stopped.wait(FLUSH_SECONDS):
            self.flush()
        self.flush()

    def flush(self) -> None:
        """Write what was noted, or keep it for the next time."""
        while self._notes:
            self._waiting.append(self._notes.popleft())
            if len(self._waiting) >= 2 * self._room:
                break
        if len(self._waiting) > self._room:
            self.dropped += len(self._waiting) - self._room
            del self._waiting[: len(self._waiting) - self._room]
        if not self._waiting:
            return
        try:
            if self._line is None:
                self._line = Line(self._dsn, patience=PATIENCE)
            self._learn_salts(self._line)
            self._line.copy(INTO, self._rows(self._waiting))
        except Down as trouble:
            self._hang_up()
            self._complain(f"scans wait in memory: {trouble}")
            return
        except Refused as trouble:
            # Waiting would not help: the same rows would be refused again, and all later ones with them.
            self._hang_up()
            self.dropped += len(self._waiting)
            self._complain(f"{self.dropped} scans could not be noted: {trouble}")
        else:
            self._complained = False
        self._waiting.clear()

    def _learn_salts(self, line: Line) -> None:
        days = {day_of(self._waiting[0][0]), day_of(self._waiting[-1][0])}
        if not days <= self._salts.keys():
            self._salts = reader.salts(line)
        self._own_salts = {day: salt for day, salt in self._own_salts.items() if day in days}

    def _salt(self, day: date) -> bytes:
        # Before the office has made the day's salt, devices are told apart within this process only.
        return self._salts.get(day) or self._own_salts.setdefault(day, os.urandom(32))

    def _rows(self, notes: list[Note]) -> bytes:
        """Return the notes as COPY's binary form: a third of the work of its text, here and in the database."""
        # Version 7 (RFC 9562): numbers that rise with time are added at one end of the index, not all over it.
        stem = int(notes[-1][0] * 1000).to_bytes(6) + b"\x70" + os.urandom(1) + b"\x80"
        numbers = os.urandom(7 * len(notes))
        rows = [COPY_HEAD]
        tails: dict[tuple[object, ...], bytes] = {}
        day = None
        for place, note in enumerate(notes):
            at = note[0]
            if (today := int((at + SHANGHAI_SECONDS) // 86400)) != day:
                day = today
                tails.clear()
            said = note[1:]
            tail = tails.get(said)
            if tail is None:
                tail = tails[said] = self._tail(day_of(at), *said)
            number = stem + numbers[7 * place : 7 * place + 7]
            rows.append(ROW(6, 16, number, 8, int((at - POSTGRES_EPOCH) * 1_000_000)) + tail)
        rows.append(COPY_TAIL)
        return b"".join(rows)

    def _tail(self, day: date, serial: int | None, verdict: str, remote: str, forwarded: str, browser: str) -> bytes:
        """Return the fields of a row that the next scan of the same code by the same device shares."""
        device = device_of(self._salt(day), remote=remote, forwarded=forwarded, browser=browser)
        which = NULL if serial is None else struct.pack(">iq", 8, serial)
        found = verdict.encode()
        return which + struct.pack(f">i{len(found)}si8si?", len(found), found, 8, device, 1, is_bot(browser))

    def _complain(self, message: str) -> None:
        if not self._complained:
            log.warning("%s", message)
            self._complained = True

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def close(self) -> None:
        """Write what was noted and stop."""
        self._stopped.set()
        if self.is_alive():
            self.join(timeout=PATIENCE)
        self._hang_up()
