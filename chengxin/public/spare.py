"""A spare thread of the server: parked, until somebody's body has to be waited for.

A body comes as slowly as its sender likes, and a thread of the server waits for it; with one thread, every scan would
wait as well. Two threads that both answer scans spend a fifth of their time on getting out of each other's way. So a
spare one lies in a request of our own (pipeline/door.py makes it) and gets up when another begins to read a body.
"""

from __future__ import annotations

import secrets
import threading
from typing import Final

PARKED_SECONDS: Final = 0.5
"""For one request of our own: no longer does the end of the server wait for it."""


class Spare:
    """One body at a time: whoever takes it wakes the thread, whoever gives it back lets it lie down again."""

    def __init__(self) -> None:
        self.path = f"/spare/{secrets.token_hex(16)}"  # a stranger must not put our threads to sleep
        self._taken = threading.Lock()
        self._needed = threading.Event()
        self._free = threading.Event()
        self._free.set()

    def take(self) -> bool:
        """Begin to read a body, and tell whether that may be: another may be read already."""
        if not self._taken.acquire(blocking=False):
            return False
        self._free.clear()
        self._needed.set()
        return True

    def give_back(self) -> None:
        """End it."""
        self._needed.clear()
        self._free.set()
        self._taken.release()

    def park(self) -> None:
        """Lie still for a moment, or until needed: what a thread does in our own request."""
        self._needed.wait(PARKED_SECONDS)

    def wait_until_free(self) -> None:
        """Return when nobody's body is waited for: then is the time to park."""
        self._free.wait()
