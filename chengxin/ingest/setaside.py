"""搁置与反馈: what was wrong with which row, kept aside while a file is read, then stored and handed back.

A file may be wrong from end to end, so findings wait on disk, in files that vanish with the process.
"""

from __future__ import annotations

import csv
import heapq
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple, Self

import msgspec
from django.db import connection

LEVELS: Final = {"error": "错误", "warn": "警告", "info": "提示"}
HEADER: Final = ("行号", "列", "代码", "级别", "说明")
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


class Feedback:
    """The file that goes back to whoever sent the rows: written before the act is done, named once it is.

    A disk that fills up while it is written undoes the act; after the act there is only a name left to give.
    """

    def __init__(self, folder: Path) -> None:
        self._fresh = folder / f".{secrets.token_hex(8)}.part"
        self._path: Path | None = None

    def write(self, path: Path, findings: Iterable[Finding]) -> None:
        """Write what was found, for the file to be called so."""
        self._path = path
        # The mark at the start lets Excel see that this is UTF-8.
        descriptor = os.open(self._fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # for the office's eyes
        with open(descriptor, "w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            for found in findings:
                writer.writerow(
                    (found.row, _inert(found.column), found.code, LEVELS[found.level], _inert(found.message))
                )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: object, *_: object) -> None:
        if error is None and self._path:
            self._fresh.replace(self._path)
        self._fresh.unlink(missing_ok=True)


def _inert(cell: str) -> str:
    """Return a cell that a spreadsheet takes for text: what a file says must not run as a formula."""
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
