"""搁置: what was wrong with which row, kept aside while a file is read, and then stored.

A file may be wrong from end to end, so findings wait on disk, in files that vanish with the process.
"""

from __future__ import annotations

import heapq
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple, Self

import msgspec
from django.db import connection

LEVELS: Final = {"error": "错误", "warn": "警告", "info": "提示"}
MESSAGE_LENGTH: Final = 500


class Finding(NamedTuple):
    """One thing found about one row. The first error of a row carries what is stored of the row."""

    row: int
    column: str
    code: str
    level: str
    message: str
    subject: str = ""
    body: str | None = None  # JSON; None: the row itself is not stored with this finding
    waiting: bool = False


class Findings:
    """Findings in the order they were made, on disk."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 — closed on leaving
        self._encoder = msgspec.json.Encoder()

    def add(self, finding: Finding) -> None:
        """Keep one."""
        self._file.write(self._encoder.encode(finding))
        self._file.write(b"\n")

    def flush(self) -> None:
        """Let another process read what was added."""
        self._file.flush()

    def __iter__(self) -> Iterator[Finding]:
        decode = msgspec.json.Decoder(Finding).decode
        self._file.seek(0)
        for line in self._file:
            yield decode(line)
        self._file.seek(0, os.SEEK_END)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def in_order(*kept: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings of several passes over the same rows, row by row."""
    return heapq.merge(*kept, key=lambda finding: finding.row)


def store(*, batch: int, findings: Iterable[Finding]) -> None:
    """Keep the rows that were set aside, in the caller's transaction."""
    with (
        connection.cursor() as cursor,
        cursor.copy(
            'COPY ingest_set_aside (batch_id, row, subject, code, "column", message, body, waiting) FROM STDIN'
        ) as copy,
    ):
        for found in findings:
            if found.body is not None:
                message = found.message[:MESSAGE_LENGTH]
                copy.write_row(
                    (batch, found.row, found.subject, found.code, found.column, message, found.body, found.waiting)
                )
