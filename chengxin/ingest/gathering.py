"""One file read, checked, matched and compared with what stands, and written if asked: all in the caller's transaction.

Rows come in chunks that are read and checked beside (`beside.py`); each is staged, matched, compared and added before the
next, so that of a file of any size no more than a few chunks are held. What was found goes to disk, row by row.
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from django.db import connection, transaction

from chengxin.credit.records.form import Kind
from chengxin.ingest import beside, checking, identical, setaside, takers, told, waiting
from chengxin.ingest.checking import Counts, Progress
from chengxin.ingest.models import Batch, SetAside, Tally
from chengxin.ingest.progress import Teller
from chengxin.ingest.reading import headers
from chengxin.ingest.reading.table import Limits, NotReadable, open_table
from chengxin.ingest.setaside import Finding, Findings
from chengxin.ingest.sources import Source
from chengxin.people import trail
from chengxin.people.models import Unit
from chengxin.people.trail import Actor

REASONS: Final = 50
SAMPLE: Final = 50


@dataclass(frozen=True, slots=True)
class Sent:
    """A file and what it is taken for."""

    batch: Batch
    what: Kind
    source: Source
    path: Path
    limits: Limits
    received_on: date
    findings: Path


def gather(sent: Sent, *, at: datetime, progress: Progress | None, write: bool) -> None:
    """Work out what a file changes, change it if asked, and write the batch's own row with what came of it.

    :raises NotReadable: the file cannot be read to its end; nothing of it was kept.
    """
    folder = sent.findings.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # a rejected row may hold anybody's ID number
    with ExitStack() as stack:
        checked, compared = (stack.enter_context(Findings(folder)) for _ in range(2))
        tell = stack.enter_context(Teller(sent.batch.pk, progress))
        with transaction.atomic():
            _make_room()
            taken = _Taken(sent, at=at, write=write)
            if not taken.is_known():
                taken.read(checked, compared, tell)
                _write_findings(sent.findings, setaside.in_order(checked, compared))
                taken.count()
                taken.stop()
            tell.close()
            taken.save()


class _Taken:
    """One batch while it is read, compared and written."""

    def __init__(self, sent: Sent, *, at: datetime, write: bool) -> None:
        self.sent = sent
        self.batch = sent.batch
        self.what = sent.what
        self.taker = takers.of(sent.what.name)
        self.at = at
        self.writes = write
        self.counts = Counts()
        self.difference = takers.Difference(0, 0, 0)
        self.waits = self.refused = 0
        self.sample: list[dict[str, Any]] = []
        self.agencies = frozenset(Unit.objects.exclude(uscc="").values_list("uscc", flat=True))

    # ---- The identical file ----

    def is_known(self) -> bool:
        """Tell whether the identical file is in already and would change nothing; then its counts are this batch's."""
        self.batch.catalogue = identical.digest(self.what, self.agencies)
        before = identical.standing(self.batch)
        if before is not None and self.writes:
            self.taker.lock(self.what)
            before = identical.standing(self.batch)
        if before is None:
            return False
        still = SetAside.objects.filter(batch=before, waiting=True).count()
        taken = before.waiting - still if before.same_as_id is None else 0
        batch = self.batch
        batch.same_as_id = before.same_as_id or before.pk
        batch.encoding, batch.rows, batch.warnings = before.encoding, before.rows, before.warnings
        batch.accepted = batch.changed = 0
        batch.unchanged = before.accepted + before.unchanged + taken
        batch.rejected, batch.waiting = before.rejected - taken, before.waiting - taken
        batch.difference = {
            **before.difference,
            "new": 0,
            "changed": 0,
            "unchanged": batch.unchanged,
            "rejected": batch.rejected,
            "waiting": batch.waiting,
            "sample": [],
        }
        if self.writes:
            _keep_tallies(batch, identical.counted(before))
        return True

    # ---- Rows ----

    def read(self, checked: Findings, compared: Findings, tell: Progress) -> None:
        """Read the file to its end, chunk by chunk: check, stage, match, compare, and add what is news if asked."""
        if not self.sent.path.exists():
            raise NotReadable("原文件已不在服务器上；请再报送一次")
        self.taker.begin()
        locked = False

        def outcome() -> tuple[str, int, int, list[tuple[tuple[str, str, str, str], int]]]:
            checked.flush()
            counts = self.counts
            return self.batch.encoding, counts.rows, counts.rejected, list(counts.found.items())

        opened = beside.chunks(
            lambda progress: self._lines(checked, progress),
            outcome,
            folder=self.sent.findings.parent,
            progress=tell,
            size=self.batch.size,
        )
        rows = Counts()  # of the chunks; those of the reading are told at its end
        with opened as (chunks, told):
            for chunk, blocks in chunks:
                self.taker.stage(blocks)
                if self.writes and not locked:
                    self.taker.lock(self.what)
                    locked = True
                self._compare(rows, compared, more=not chunk.last)
            encoding, self.counts.rows, self.counts.rejected, found = msgspec.convert(
                told(), tuple[str, int, int, list[tuple[tuple[str, str, str, str], int]]]
            )
        self.batch.encoding = encoding
        self.counts.found = Counter(dict(found))
        self.counts.found.update(rows.found)
        if self.writes:
            setaside.store(batch=self.batch.pk, findings=checked)

    def _lines(self, findings: Findings, progress: Progress) -> Iterator[bytes]:
        """Read and check rows. Runs in a process of its own where the file is large: it asks no database."""
        sent = self.sent

        def told(row: int, said: str) -> None:
            findings.add(Finding(row, "", checking.NO_RECORD, "info", said))
            self.counts.add(sent.source.uscc, checking.NO_RECORD, level="info")

        with open_table(
            sent.path,
            limits=sent.limits,
            recognise=headers.recognise(self.what, sent.source),
            encoding=sent.source.encoding,
            told=told,
        ) as table:
            self.batch.encoding = table.content.encoding
            rows = checking.usable(
                table,
                self.what,
                sent.source,
                received_on=sent.received_on,
                agencies=self.agencies,
                findings=findings,
                counts=self.counts,
                progress=progress,
            )
            yield from self.taker.lines(self.what, rows, sent.source)

    def _compare(self, counts: Counts, compared: Findings, *, more: bool) -> None:
        """Match and compare the staged rows, and add what is news if asked."""
        taker = self.taker
        into = self.batch.pk if self.writes else None
        difference = taker.settle(self.what, more=more, into=into, received_on=self.sent.received_on)
        self.difference = takers.Difference(*map(sum, zip(self.difference, difference, strict=True)))
        self._count_found(counts)
        for one in _found():
            compared.add(one)
        for sender, code, count in taker.tallies(self.what):
            if count:
                counts.found[sender, code, "", ""] += count
        if difference.changed and len(self.sample) < SAMPLE:
            changes = taker.changes(self.what, SAMPLE - len(self.sample))
            self.sample += [_change(self.what, *change) for change in changes]
        if self.writes:
            added = taker.append(self.what, batch=self.batch.pk, received_at=self.batch.received_at)
            assert added == difference.new + difference.changed, "what was compared is added"  # noqa: S101
            _set_aside(self.batch, taker.table)

    def _count_found(self, counts: Counts) -> None:
        """Count what was found about the staged rows, by sender."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM found)")
            if not cursor.fetchone()[0]:
                return
            cursor.execute(
                f"""SELECT t.source_code, u.code, u."column", u.level, count(*)
                    FROM found u JOIN {self.taker.table} t USING (row) GROUP BY 1, 2, 3, 4"""  # noqa: S608 — a constant
            )
            for *key, count in cursor.fetchall():
                counts.found[tuple(key)] += count
            cursor.execute(
                f"""SELECT t.source_code, u.waits, count(*) FROM
                      (SELECT row, bool_or(waiting) AS waits FROM found WHERE level = 'error' GROUP BY row) u
                    JOIN {self.taker.table} t USING (row) GROUP BY 1, 2"""  # noqa: S608 — a constant
            )
            for sender, waits, count in cursor.fetchall():
                counts.found[sender, "rejected", "", ""] += count
                if waits:
                    counts.found[sender, "waiting", "", ""] += count
                    self.waits += count
                else:
                    self.refused += count

    # ---- What came of it ----

    def count(self) -> None:
        """Count it all: for the batch, and by sender."""
        batch, difference, found = self.batch, self.difference, self.counts.found
        batch.rows = self.counts.rows
        batch.accepted, batch.changed = difference.new + difference.changed, difference.changed
        batch.unchanged = difference.unchanged
        batch.rejected, batch.waiting = self.counts.rejected + self.waits + self.refused, self.waits
        reasons: Counter[tuple[str, str, str]] = Counter()
        for (_, code, name, level), count in found.items():
            if level:
                reasons[code, name, level] += count
        batch.warnings = sum(count for (_, _, level), count in reasons.items() if level == "warn")
        batch.difference = {
            "new": difference.new,
            "changed": difference.changed,
            "unchanged": difference.unchanged,
            "rejected": batch.rejected,
            "waiting": self.waits,
            "warnings": batch.warnings,
            "reasons": [[*reason, count] for reason, count in reasons.most_common(REASONS)],
            "sample": self.sample,
        }
        if not self.writes:
            return
        for (sender, code, _, _), count in list(found.items()):
            if code in ("accepted", "unchanged", "rejected"):
                found[sender, "rows", "", ""] += count
        _keep_tallies(batch, found)

    def stop(self) -> None:
        """Let what waited for this batch's records stop them before anybody sees them."""
        if self.writes and self.batch.accepted and self.taker is takers.RECORDS:
            waiting.take_stops(kind=self.what.name, batch=self.batch.pk, at=self.at)

    def save(self) -> None:
        """Write the batch's own row, and the trail, last; nothing at all if it was dropped meanwhile."""
        batch = self.batch
        batch.wanted, batch.tries, batch.message = "", 0, ""
        batch.progress_rows, batch.progress_share = batch.rows, None
        if self.writes:
            batch.state, batch.applied_at = "applied", self.at
        else:
            batch.state, batch.checked_at = "checked", self.at
        standing = Batch.objects.select_for_update().values_list("state", flat=True).get(pk=batch.pk)
        if standing not in ("received", "checked"):
            transaction.set_rollback(True)
            return
        batch.save()
        if self.writes:
            if batch.rejected:
                told.tell_back(batch, at=self.at)
            by = Actor(batch.by, batch.role)
            trail.note(by=by, verb="intake", thing=f"batch {batch.pk}", at=self.at, detail=_told(batch))


def _make_room() -> None:
    """Spare this transaction what its few large statements do not need, and let it sort in memory."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL default_statistics_target = 10;
               SET CONSTRAINTS ALL IMMEDIATE"""
        )


def _told(batch: Batch) -> dict[str, object]:
    names = ("rows", "accepted", "changed", "unchanged", "rejected", "waiting")
    told: dict[str, object] = {name: getattr(batch, name) for name in names}
    if batch.same_as_id:
        told["same_as"] = batch.same_as_id
    return {"kind": batch.kind, "source": batch.source, "sha256": batch.sha256, **told}


def _keep_tallies(batch: Batch, counted: Counter[tuple[str, str, str, str]]) -> None:
    Tally.objects.bulk_create(
        [
            Tally(batch=batch, source_code=sender[:18], code=code, column=column[:64], level=level, count=count)
            for (sender, code, column, level), count in counted.items()
        ],
        batch_size=1000,
    )


# ---- What was found ------------------------------------------------------------------------------------------------


def _found() -> Iterator[Finding]:
    """Yield what was found about staged rows, row by row."""
    # A server-side cursor: every row of a large file may be among them.
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            'SELECT row, "column", code, level, message, waiting FROM pg_temp.found ORDER BY row, waiting DESC, code'
        )
        while rows := cursor.fetchmany(1000):
            for row, column, code, level, message, waits in rows:
                yield Finding(row, column, code, level, message, waiting=waits)


def _write_findings(path: Path, found: Iterable[Finding]) -> None:
    """Keep the findings on disk, without what the rows say; those of an earlier check give way."""
    part = path.with_name(f".{path.name}-{secrets.token_hex(8)}.part")
    encode = msgspec.json.Encoder().encode
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.writelines(encode(one._replace(subject="", body=None)) + b"\n" for one in found)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _set_aside(batch: Batch, table: str) -> None:
    """Keep the staged rows that were left out, each with the first reason: those that wait wait with their claim."""
    staged = "coalesce(t.claim, 'uscc:' || t.subject, '')" if table == "facts" else "''"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO ingest_set_aside (batch_id, row, subject, claim, code, "column", message, body, waiting)
                SELECT %s, t.row, coalesce(t.subject, ''), left({staged}, 300), u.code, u."column", left(u.message, 500),
                  t.body::jsonb, u.waiting
                FROM (SELECT DISTINCT ON (row) * FROM found WHERE level = 'error' ORDER BY row, waiting DESC, code) u
                JOIN {table} t USING (row) ORDER BY t.row""",  # noqa: S608 — constants
            [batch.pk],
        )


def _change(what: Kind, row: int, subject: str, before: str, after: str) -> dict[str, Any]:
    """Return what one row changes, field by field, as people read it."""
    old, new = msgspec.json.decode(before), msgspec.json.decode(after)
    fields = [
        [column.name, column.written(old.get(column.code, "")), column.written(new.get(column.code, ""))]
        for column in what.columns
        if column.type != "person_id" and old.get(column.code, "") != new.get(column.code, "")
    ]
    name = new.get(what.roles.name, "")
    return {"row": row, "subject": subject, "name": name, "title": what.title(new), "fields": fields}
