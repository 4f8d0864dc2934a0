"""The ear at the board: what changed, and the heartbeat without which nothing kept may be shown.

A beat is stamped before a question is put and counts only after its answer, with every notification that came before it,
has been heard. So while the last beat is younger than a second, nothing that was posted a second ago is unknown here.
"""

from __future__ import annotations

import logging
import math
import os
import threading
from collections.abc import Callable
from time import monotonic
from typing import Final

from chengxin.public.line import Down, Line, Refused

log = logging.getLogger(__name__)

YOUNG_SECONDS: Final = 1.0
PAUSE_SECONDS: Final = 0.2
PATIENCE: Final = 0.9


class Listener(threading.Thread):
    """Listens on the channel `board`. On each new connection `begin` is called first: everything known may be stale."""

    def __init__(
        self,
        dsn: str,
        *,
        begin: Callable[[Line], None],
        hear: Callable[[Line, list[str]], None],
        leave_with_parent: bool = False,
    ) -> None:
        super().__init__(name="listener", daemon=True)
        self.beat = -math.inf
        self.first_beat = threading.Event()
        self._dsn = dsn
        self._begin = begin
        self._hear = hear
        self._parent = os.getppid() if leave_with_parent else None
        self._stopped = threading.Event()
        self._complained = False

    @property
    def is_young(self) -> bool:
        """Tell whether what was heard is recent enough to show what is kept."""
        return monotonic() - self.beat < YOUNG_SECONDS

    def run(self) -> None:
        while not self._stopped.is_set():
            self._leave_if_orphaned()
            try:
                with Line(self._dsn, patience=PATIENCE) as line:
                    line.ask(b"LISTEN board")
                    self._begin(line)
                    self._follow(line)
            except (Down, Refused, ValueError) as trouble:
                if not self._complained:
                    log.warning("the board cannot be read, scans answer 503: %s", trouble)
                    self._complained = True
            self.beat = -math.inf
            self._stopped.wait(PAUSE_SECONDS)

    def _follow(self, line: Line) -> None:
        while not self._stopped.is_set():
            self._leave_if_orphaned()
            began = monotonic()
            line.ask(b"SELECT 1")
            payloads = line.notes()
            if payloads:
                self._hear(line, payloads)
            self.beat = began
            self.first_beat.set()
            if self._complained:
                log.warning("the board can be read again")
                self._complained = False
            line.wait(PAUSE_SECONDS)

    def _leave_if_orphaned(self) -> None:
        # The server's main process was killed: nobody will ever stop this worker, which still holds the port.
        if self._parent is not None and os.getppid() != self._parent:
            os._exit(1)

    def stop(self) -> None:
        """Stop listening, and wait until the line is hung up."""
        self._stopped.set()
        if self.is_alive():
            self.join(timeout=3)
