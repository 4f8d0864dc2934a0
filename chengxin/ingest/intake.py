"""归集 in one step: a file received and taken in at once, by whoever calls."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, Literal

from chengxin.ingest import batches, feedback
from chengxin.ingest.checking import Progress
from chengxin.ingest.models import Batch
from chengxin.ingest.reading.sniff import open_file
from chengxin.ingest.reading.table import Limits, NotReadable
from chengxin.ingest.sources import Source
from chengxin.people.trail import Actor


@dataclass(frozen=True, slots=True)
class Report(batches.Report):
    """What became of a file, and where the file is that goes back."""

    feedback: Path | None  # None: nothing to mend or to look at

    def as_dict(self) -> dict[str, int | str]:  # type: ignore[override]
        """Return the report as it is given to other programs."""
        return {**asdict(self), "feedback": str(self.feedback or "")}


def take_in(
    *,
    path: Path,
    kind: str,
    source: Source,
    by: Actor,
    at: datetime,
    today: date,
    limits: Limits,
    feedback_dir: Path,
    way: str = "command",
    unit: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Take in a file of one kind. Cut off by whatever means, it goes in whole later, or not at all.

    :raises NotReadable: the file cannot be read to its end; nothing of its rows was kept.
    """
    batch = _received(path, kind, source, way=way, unit=unit, by=by, at=at, limits=limits, then="apply")
    try:
        report = batches.apply(batch.pk, at=at, progress=progress, today=today)
    except KeyboardInterrupt:
        batches.abandon(batch=batch.pk, by=by, at=at)
        raise
    path_back = None
    if report.rejected or report.warnings:
        feedback_dir.mkdir(mode=0o700, parents=True, exist_ok=True)  # a rejected row may hold anybody's ID number
        path_back = feedback_dir / f"{at:%Y%m%d-%H%M%S}-{kind}-{batch.pk}.xlsx"
        _write_feedback(batch.pk, path_back)
    return Report(**report.as_dict(), feedback=path_back)


def look(
    *,
    path: Path,
    kind: str,
    source: Source,
    by: Actor,
    at: datetime,
    limits: Limits,
    progress: Progress | None = None,
) -> Batch:
    """Receive a file and work out what taking it in would do; return the batch, which waits to be confirmed.

    :raises NotReadable: the file cannot be read to its end.
    """
    batch = _received(path, kind, source, way="command", unit=None, by=by, at=at, limits=limits, then="check")
    try:
        batches.check(batch.pk, at=at, progress=progress)
    except KeyboardInterrupt:
        batches.abandon(batch=batch.pk, by=by, at=at)
        raise
    batch.refresh_from_db()
    if batch.state == "failed":
        raise NotReadable(batch.message)
    return batch


def _received(
    path: Path,
    kind: str,
    source: Source,
    *,
    way: str,
    unit: int | None,
    by: Actor,
    at: datetime,
    limits: Limits,
    then: Literal["check", "apply"],
) -> Batch:
    batches.of_a_kind(kind, source)
    with _opened(path, limits) as file:
        return batches.receive(
            file=file,
            file_name=path.name,
            kind=kind,
            source=source,
            way=way,
            by=by,
            unit=unit,
            at=at,
            then=then,
        )


def _write_feedback(batch: int, path: Path) -> None:
    """Write the workbook that goes back, under its name only once it is whole."""
    fresh = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with os.fdopen(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            feedback.of(Batch.objects.get(pk=batch), file)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def _opened(path: Path, limits: Limits) -> Iterator[BinaryIO]:
    with open_file(path, limits) as file:
        before = path.stat()
        yield file
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise NotReadable("文件在读取过程中被改动，请等它写完后再导入")
