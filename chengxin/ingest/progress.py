"""How far a batch is, for whoever works at it and for the pages of those who wait."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any, Final, Self

import psycopg
from django.db import connection

from chengxin.ingest.checking import Progress

TELL_SECONDS: Final = 0.3


class Teller:
    """Tells how far a batch has come, to the caller and on a connection of its own to the pages, a few times a second."""

    def __init__(self, batch: int, progress: Progress | None) -> None:
        self._batch = batch
        self._progress = progress
        self._told = time.monotonic()
        self._line: psycopg.Connection[Any] | None = None

    def __call__(self, rows: int, share: float | None) -> None:
        if self._progress:
            self._progress(rows, share)
        if time.monotonic() - self._told >= TELL_SECONDS:
            self._tell(rows, share)
            self._told = time.monotonic()

    def _tell(self, rows: int, share: float | None) -> None:
        # That nobody is told how far it is must not stop it.
        with suppress(psycopg.Error):
            if self._line is None:
                parameters = connection.get_connection_params()
                parameters.pop("cursor_factory", None)
                parameters.pop("context", None)
                self._line = psycopg.connect(**parameters, autocommit=True)
                self._line.execute("SET lock_timeout = '100ms'")
            self._line.execute(
                "UPDATE ingest_batch SET progress_rows = %s, progress_share = %s WHERE id = %s",
                [rows, share, self._batch],
            )

    def close(self) -> None:
        """Say no more: from here on the batch's row is written by the one who works."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
