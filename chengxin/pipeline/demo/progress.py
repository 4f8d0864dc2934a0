"""A progress bar on stderr: a line that redraws itself on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Final

PLAIN_EVERY: Final = 5.0
DRAWN_EVERY: Final = 0.1
WIDTH: Final = 24


class Progress:
    """How far one step has come."""

    def __init__(self, label: str, total: int) -> None:
        self._label = label
        self._total = max(1, total)
        self._drawn = sys.stderr.isatty()
        self._started = self._last = time.monotonic()

    def __call__(self, done: int) -> None:
        """Show that so many are done, if it is time to show anything."""
        now = time.monotonic()
        if now - self._last < (DRAWN_EVERY if self._drawn else PLAIN_EVERY):
            return
        self._last = now
        share = min(1.0, done / self._total)
        rate = done / max(now - self._started, 0.001)
        left = f"，约剩 {(self._total - done) / rate:.0f} 秒" if rate and 0 < done < self._total else ""
        said = f"{self._label} {share:4.0%}（{done:,}/{self._total:,}{left}）"
        if self._drawn:
            filled = int(share * WIDTH)
            _say(f"\r\x1b[K[{'█' * filled}{'·' * (WIDTH - filled)}] {said}")
        else:
            _say(f"{said}\n")

    def done(self, said: str) -> None:
        """Say how it went, and how long it took."""
        took = time.monotonic() - self._started
        start = "\r\x1b[K" if self._drawn else ""
        _say(f"{start}{self._label}：{said}（{took:.1f} 秒）\n")


class Step:
    """A step's progress, unless nobody wants to see it."""

    def __init__(self, label: str, total: int, quiet: bool) -> None:
        self._bar = None if quiet else Progress(label, total)

    def show(self, done: int) -> None:
        """Show that so many are done."""
        if self._bar:
            self._bar(done)

    def done(self, said: str) -> None:
        """Say how it went."""
        if self._bar:
            self._bar.done(said)


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
