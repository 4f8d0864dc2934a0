"""The clock that tallies scans: goes on from where the last step ended, a bounded step at a time.

A scan with a lower number can be committed after one with a higher: numbers are given before rows are there. So the
newest number is read first, then who is writing, and what lies up to it is tallied once none of them is at it any more.
Nobody waits for anybody.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

from django.utils import timezone

from chengxin.credit.codes import scans

AT_ONCE_SECONDS: Final = 0.2
"""So long one turn goes on at most: neither posting nor the other clocks wait for a huge journal."""


class Tally:
    """Where a worker stands with tallying: up to which number it may go, once whoever writes has ended."""

    def __init__(self) -> None:
        self._upto = 0
        self._writing: frozenset[str] = frozenset()

    def step(self, *, at: datetime) -> bool:
        """Tally for a moment; tell whether more is there to be tallied at once."""
        if self._writing & scans.writers():
            return False
        # In this order: who begins to write after the number was read gets a higher one.
        before, self._upto = self._upto, scans.newest_number()
        self._writing = scans.writers()
        return self._count(before if self._writing else self._upto, at)

    def _count(self, upto: int, at: datetime) -> bool:
        until = time.monotonic() + AT_ONCE_SECONDS
        today = timezone.localdate(at)
        while scans.tally(upto=upto, today=today) == scans.STEP:
            if time.monotonic() > until:
                return True
        return False
