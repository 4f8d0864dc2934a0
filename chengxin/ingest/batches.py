"""批次: a file on its way in, in steps that may be cut off anywhere and go on: received → checked → applied (→ undone).

`receive` keeps the file and its row; `check` works out what it would change and writes nothing else; `apply` writes all
of it in one transaction, together with the state, so that it happened once or not at all. Both do the same up to the
end, so that a preview cannot promise what applying does not do. A worker takes what is `wanted` (`step`); while it works
it holds an advisory lock of its session, so that a batch whose worker died is free at once.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, Self

import msgspec
import psycopg
from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from chengxin.credit.records import catalogue
from chengxin.credit.records.form import Kind
from chengxin.ingest import checking, headers, setaside, sources, store, takers, waiting
from chengxin.ingest.checking import Counts, Progress
from chengxin.ingest.models import Batch, SetAside, Tally
from chengxin.ingest.read import Limits, NotReadable, Recognise, open_table
from chengxin.ingest.setaside import Finding, Findings
from chengxin.ingest.sources import Source
from chengxin.people import trail
from chengxin.people.models import Unit
from chengxin.people.trail import Actor, Refused

log = logging.getLogger(__name__)

WAYS: Final = {"upload": "网上报送", "command": "命令行", "folder": "目录", "api": "接口", "hand": "人工"}
"""By which way a batch came; `hand` is an undo."""
STATES: Final = {
    "received": "已收到",
    "checked": "待确认",
    "applied": "已入库",
    "failed": "未能读取",
    "dropped": "已放弃",
    "undone": "已撤回",
}
"""What has become of a batch. While `wanted` is set a worker is at it, or will be."""

TRIES: Final = 3
"""So often a batch may take its worker down before it is given up."""
LOOK: Final = 200
REASONS: Final = 50
SAMPLE: Final = 50
TELL_SECONDS: Final = 0.3
UNEXPECTED: Final = "处理这份文件时程序出错，已试过三次；请把批次号告诉系统管理员，文件已留存，不需要再报送"


class Conflict(Refused):
    """The same request came before, with other contents."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a file: `rows` = `accepted` + `unchanged` + `rejected`; `waiting` is a part of `rejected`."""

    batch: int
    rows: int
    accepted: int
    changed: int
    unchanged: int
    rejected: int
    waiting: int
    warnings: int
    matched: int  # rows of earlier files whose subject is known now

    def as_dict(self) -> dict[str, int]:
        """Return the report as it is given to other programs."""
        return asdict(self)


# ---- Received ----------------------------------------------------------------------------------------------------


def receive(
    *,
    file: BinaryIO,
    file_name: str,
    kind: str,
    source: Source,
    way: str,
    by: Actor,
    unit: int | None,
    at: datetime,
    then: Literal["check", "apply"],
    request: tuple[str, str] | None = None,
) -> Batch:
    """Keep a file and what it is to be taken for; a worker does the rest, unless the caller does.

    `request` is a client and its key: the same pair again returns the batch that stands.

    :raises Conflict: the same pair came with another file or kind.
    :raises NotReadable: the file is empty or too large, or the source has nothing of this kind.
    :raises Refused: there is no such kind, or no room.
    """
    of_a_kind(kind, source)
    kept = store.keep(file, folder=settings.FILES_DIR, limit=settings.INTAKE_MAX_BYTES)
    client, key = request or ("", "")
    try:
        with transaction.atomic():
            batch = Batch.objects.create(
                kind=kind,
                source=source.unit,
                source_code=source.uscc,
                source_name=source.name if source.name != sources.DEFAULT or not source.unit else source.unit,
                unit_id=unit,
                way=way,
                file_name=Path(file_name).name[-255:],
                sha256=kept.sha256,
                size=kept.size,
                state="received",
                wanted=then,
                request_client=client,
                request_key=key,
                received_at=at,
                by=by.name,
                role=by.role,
            )
            detail = {"kind": kind, "source": batch.source, "way": way, "sha256": kept.sha256, "size": kept.size}
            trail.note(by=by, verb="batch.receive", thing=f"batch {batch.pk}", at=at, detail=detail)
    except IntegrityError:
        stands = Batch.objects.filter(request_client=client, request_key=key).first() if key else None
        if stands is None:
            raise
        if (stands.sha256, stands.kind) != (kept.sha256, kind):
            raise Conflict("同一个请求编号已经用过，而这次的内容不同；请为新的内容换一个编号") from None
        return stands
    return batch


def of_a_kind(kind: str, source: Source) -> Kind:
    """Return the kind of a name, of which the source may hand in files.

    :raises NotReadable: the source has nothing of this kind.
    :raises Refused: there is no such kind.
    """
    what = catalogue.KINDS.get(kind)
    if what is None:
        raise Refused("没有这个种类，请在目录中选一个")
    if source.kinds and kind not in source.kinds:
        raise NotReadable(f"来源“{source.label}”不提供{what.label}；请核对种类和来源")
    return what


def source_of(batch: Batch) -> Source:
    """Return the source a batch came from."""
    found = sources.find(batch.source_name)
    if found.unit == batch.source and found.uscc == batch.source_code:
        return found
    return Source(found.name, found.label, batch.source, batch.source_code, found.encoding, found.kinds, found.columns)


def original(batch: Batch) -> Path:
    """Return where the file is as it came. It may be past its time and gone (INTAKE_KEEP_DAYS)."""
    return store.place(settings.FILES_DIR, batch.sha256)


def recogniser(batch: Batch) -> Recognise:
    """Return how the header of a batch's file is told among its first rows."""
    return headers.recognise(catalogue.kind(batch.kind), source_of(batch))


def limits() -> Limits:
    """Return how large a file may be."""
    return Limits(settings.INTAKE_MAX_BYTES, settings.INTAKE_MAX_UNPACKED_BYTES, settings.INTAKE_MAX_HELD_BYTES)


def findings(batch: Batch) -> Iterator[Finding]:
    """Yield what was found about the rows when the batch was last checked or applied, row by row."""
    decode = msgspec.json.Decoder(Finding).decode
    with contextlib.suppress(FileNotFoundError), _findings_of(batch.same_as_id or batch.pk).open("rb") as file:
        for line in file:
            yield decode(line)


def _findings_of(batch: int) -> Path:
    folder: Path = settings.FEEDBACK_DIR
    return folder / f"{batch}.jsonl"


# ---- Checked and applied -------------------------------------------------------------------------------------------


def check(batch: int, *, at: datetime, progress: Progress | None = None, today: date | None = None) -> None:
    """Work out what applying a batch would do, for its sender to look at; it becomes checked, or failed."""
    with _held(batch):
        one = _standing(batch)
        if one.state == "received":
            with contextlib.suppress(NotReadable):
                _gather(one, at=at, progress=progress, today=today, write=False)


def apply(batch: int, *, at: datetime, progress: Progress | None = None, today: date | None = None) -> Report:
    """Take a batch in. One that is in already is not taken in again: its report is returned.

    :raises NotReadable: the file cannot be read to its end; nothing of its rows was kept, and the batch has failed.
    :raises Refused: the batch was dropped, undone, or has failed.
    """
    with _held(batch):
        one = _standing(batch)
        if one.state in ("received", "checked"):
            _gather(one, at=at, progress=progress, today=today, write=True)
        elif one.state != "applied":
            raise Refused(f"第 {batch} 批{STATES[one.state]}，不能入库；需要时请再报送一次")
    matched = waiting.take(by=Actor(one.by, one.role), at=at)
    one = _standing(batch)
    return Report(
        batch=one.pk,
        rows=one.rows,
        accepted=one.accepted,
        changed=one.changed,
        unchanged=one.unchanged,
        rejected=one.rejected,
        waiting=one.waiting,
        warnings=one.warnings,
        matched=matched,
    )


def _standing(batch: int) -> Batch:
    one = Batch.objects.filter(pk=batch).first()
    if one is None:
        raise Refused(f"没有第 {batch} 批")
    return one


def _gather(one: Batch, *, at: datetime, progress: Progress | None, today: date | None, write: bool) -> None:
    """Read, check, match and compare a file, and write what follows if asked; then the batch's own row, all at once."""
    folder: Path = settings.FEEDBACK_DIR
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # a rejected row may hold anybody's ID number
    try:
        with contextlib.ExitStack() as stack:
            checked, misnamed = (stack.enter_context(Findings(folder)) for _ in range(2))
            tell = stack.enter_context(_Teller(one.pk, progress))
            # The file is left inside the transaction: that it changed while it was read is found out on leaving it.
            with transaction.atomic():
                _make_room()
                taken = _Taken(one, at=at, today=today or timezone.localdate(one.received_at))
                if not taken.is_known(write=write):
                    taken.read(checked, tell)
                    tell.close()
                    taken.compare(misnamed, write=write)
                    _write_findings(one.pk, setaside.in_order(checked, _found()))
                    if write:
                        taken.write(checked)
                taken.save(write=write)
    except NotReadable as error:
        _fail(one, str(error), at=at)
        raise
    except OSError as error:
        if error.errno not in store.FULL:
            raise
        raise Refused("服务器的磁盘满了，这一批还没有入库；请联系系统管理员，腾出空间后会自动继续") from error


class _Taken:
    """One batch while it is read, compared and written, in the caller's transaction."""

    def __init__(self, batch: Batch, *, at: datetime, today: date) -> None:
        self.batch = batch
        self.at = at
        self.today = today
        self.what = of_a_kind(batch.kind, source_of(batch))
        self.taker = takers.of(batch.kind)
        self.counts = Counts()
        self.agencies = frozenset(Unit.objects.exclude(uscc="").values_list("uscc", flat=True))
        self.difference = takers.Difference(0, 0, 0)
        self.shown: dict[str, Any] = {}

    def is_known(self, *, write: bool) -> bool:
        """Tell whether the identical file is in already and would change nothing; then its counts are this batch's."""
        self.batch.catalogue = _digest(self.what, self.agencies)
        before = _same(self.batch)
        if before is None:
            return False
        if write:
            self.taker.lock(self.what)
            before = _same(self.batch)
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
        if write:
            _copy_tallies(before, batch)
        return True

    def read(self, findings: Findings, tell: Progress) -> None:
        """Read the file to its end, check its rows, and stage those that may be taken in."""
        batch, source = self.batch, source_of(self.batch)
        path = original(batch)
        if not path.exists():
            raise NotReadable("原文件已不在服务器上；请再报送一次")
        recognise = headers.recognise(self.what, source)

        def told(row: int, said: str) -> None:
            findings.add(Finding(row, "", checking.NO_RECORD, "info", said))
            self.counts.add(source.uscc, checking.NO_RECORD, level="info")

        with open_table(path, limits=limits(), recognise=recognise, encoding=source.encoding, told=told) as table:
            batch.encoding = table.content.encoding
            rows = checking.usable(
                table,
                self.what,
                source,
                received_on=self.today,
                agencies=self.agencies,
                findings=findings,
                counts=self.counts,
                progress=tell,
            )
            self.taker.stage(self.what, rows, source)

    def compare(self, misnamed: Findings, *, write: bool) -> None:
        """Match, check over the whole set, and work out the difference."""
        if write:
            self.taker.lock(self.what)
        self.difference = self.taker.settle(self.what)
        column = self.what.column(self.what.roles.name).name
        for row, message in self.taker.misnamed(self.what):
            misnamed.add(Finding(row, column, "E09", "warn", message))
        _note_found(misnamed)
        batch, difference = self.batch, self.difference
        waits, refused = self._count_found()
        batch.rows = self.counts.rows
        batch.accepted, batch.changed = difference.new + difference.changed, difference.changed
        batch.unchanged = difference.unchanged
        batch.rejected, batch.waiting = self.counts.rejected + waits + refused, waits
        reasons: Counter[tuple[str, str, str]] = Counter()
        for (_, code, name, level), count in self.counts.found.items():
            if level:
                reasons[code, name, level] += count
        batch.warnings = sum(count for (_, _, level), count in reasons.items() if level == "warn")
        batch.difference = {
            "new": difference.new,
            "changed": difference.changed,
            "unchanged": difference.unchanged,
            "rejected": batch.rejected,
            "waiting": waits,
            "warnings": batch.warnings,
            "reasons": [[*reason, count] for reason, count in reasons.most_common(REASONS)],
            "sample": [_change(self.what, *change) for change in self.taker.changes(self.what, SAMPLE)],
        }

    def _count_found(self) -> tuple[int, int]:
        """Count what was found about the staged rows, by sender; return how many wait, and how many are refused."""
        waits = refused = 0
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT t.source_code, u.code, u."column", u.level, count(*)
                    FROM found u JOIN {self.taker.table} t USING (row) GROUP BY 1, 2, 3, 4"""  # noqa: S608 — a constant
            )
            for *key, count in cursor.fetchall():
                self.counts.found[tuple(key)] += count
            cursor.execute(
                f"""SELECT t.source_code, u.waits, count(*) FROM
                      (SELECT row, bool_or(waiting) AS waits FROM found WHERE level = 'error' GROUP BY row) u
                    JOIN {self.taker.table} t USING (row) GROUP BY 1, 2"""  # noqa: S608 — a constant
            )
            for sender, waiting_, count in cursor.fetchall():
                waits, refused = (waits + count, refused) if waiting_ else (waits, refused + count)
                self.counts.found[sender, "rejected", "", ""] += count
                if waiting_:
                    self.counts.found[sender, "waiting", "", ""] += count
        return waits, refused

    def write(self, checked: Findings) -> None:
        """Add what is news, keep what is set aside, and count it all by sender."""
        batch = self.batch
        added = self.taker.append(self.what, batch=batch.pk, received_at=batch.received_at)
        assert added == batch.accepted, "what was compared is what was added"  # noqa: S101
        setaside.store(batch=batch.pk, findings=checked)
        _set_aside(batch, self.what, self.taker.table)
        self._tally()

    def _tally(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT t.source_code, count(*) FILTER (WHERE c.news),
                      count(*) FILTER (WHERE c.news AND NOT c.is_first), count(*) FILTER (WHERE NOT c.news)
                    FROM counted c JOIN {self.taker.table} t ON t.ctid = c.place GROUP BY 1"""  # noqa: S608 — a constant
            )
            for sender, accepted, changed, unchanged in cursor.fetchall():
                for code, count in (("accepted", accepted), ("changed", changed), ("unchanged", unchanged)):
                    self.counts.found[sender, code, "", ""] += count
        for (sender, code, _, _), count in list(self.counts.found.items()):
            if code in ("accepted", "unchanged", "rejected"):
                self.counts.found[sender, "rows", "", ""] += count
        Tally.objects.bulk_create(
            [
                Tally(
                    batch=self.batch, source_code=sender[:18], code=code, column=column[:64], level=level, count=count
                )
                for (sender, code, column, level), count in self.counts.found.items()
                if count
            ],
            batch_size=1000,
        )

    def save(self, *, write: bool) -> None:
        """Write the batch's own row, and the trail, last: unless it was dropped meanwhile."""
        batch = self.batch
        batch.wanted, batch.tries, batch.message = "", 0, ""
        batch.progress_rows, batch.progress_share = batch.rows, None
        if write:
            batch.state, batch.applied_at = "applied", self.at
        else:
            batch.state, batch.checked_at = "checked", self.at
        standing = Batch.objects.select_for_update().values_list("state", flat=True).get(pk=batch.pk)
        if standing not in ("received", "checked"):
            transaction.set_rollback(True)
            return
        batch.save()
        if write:
            by = Actor(batch.by, batch.role)
            trail.note(by=by, verb="intake", thing=f"batch {batch.pk}", at=self.at, detail=_told(batch))


def _make_room() -> None:
    """Let this transaction sort a large file's rows in memory, and spare it the compiler: its statements are few."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")


def _fail(batch: Batch, message: str, *, at: datetime) -> None:
    with transaction.atomic():
        failed = Batch.objects.filter(pk=batch.pk, state__in=("received", "checked")).update(
            state="failed", wanted="", tries=0, message=message[:500], checked_at=at
        )
        if failed:
            by = Actor(batch.by, batch.role)
            trail.note(by=by, verb="batch.fail", thing=f"batch {batch.pk}", at=at, detail={"kind": batch.kind})


def _told(batch: Batch) -> dict[str, object]:
    names = ("rows", "accepted", "changed", "unchanged", "rejected", "waiting")
    told: dict[str, object] = {name: getattr(batch, name) for name in names}
    if batch.same_as_id:
        told["same_as"] = batch.same_as_id
    return {"kind": batch.kind, "source": batch.source, "sha256": batch.sha256, **told}


# ---- The identical file -----------------------------------------------------------------------------------------


def _digest(what: Kind, agencies: Iterable[str]) -> str:
    """Return a digest of all that decides about a row beside the row itself: the kind, and the directory's codes."""
    said = repr((what, sorted(agencies))).encode()
    return blake2b(said, digest_size=16).hexdigest()


def _same(batch: Batch) -> Batch | None:
    """Return the batch of the identical file that is in, if taking this one in would change nothing.

    It would when the kind or the directory has changed, when another batch of the kind has said or taken back something
    since, or when a row was refused for a day that has come meanwhile (E05).
    """
    before = (
        Batch.objects.filter(
            sha256=batch.sha256,
            kind=batch.kind,
            source=batch.source,
            source_code=batch.source_code,
            source_name=batch.source_name,
            catalogue=batch.catalogue,
            state="applied",
            undoes=None,
        )
        .exclude(pk=batch.pk)
        .order_by("-applied_at", "-pk")
        .first()
    )
    if before is None or before.applied_at is None:
        return None
    since = Q(applied_at__gt=before.applied_at) | Q(applied_at=before.applied_at, pk__gt=before.pk)
    if Batch.objects.filter(since, kind=batch.kind, accepted__gt=0).exists():
        return None
    if SetAside.objects.filter(batch__kind=batch.kind, taken_at__gt=before.applied_at).exclude(batch=before).exists():
        return None
    return None if Tally.objects.filter(batch=before.same_as_id or before.pk, code="E05").exists() else before


def _copy_tallies(before: Batch, batch: Batch) -> None:
    """Count a file that came again for its senders: what was accepted is unchanged this time."""
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for tally in Tally.objects.filter(batch=before).iterator():
        if tally.code not in ("changed", "late", "hidden"):
            code = "unchanged" if tally.code == "accepted" else tally.code
            counted[tally.source_code, code, tally.column, tally.level] += tally.count
    Tally.objects.bulk_create(
        [
            Tally(batch=batch, source_code=sender, code=code, column=column, level=level, count=count)
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


def _note_found(findings: Findings) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy('COPY pg_temp.found (row, code, "column", level, message) FROM STDIN') as copy,
    ):
        for found in findings:
            copy.write_row((found.row, found.code, found.column, found.level, found.message))


def _write_findings(batch: int, found: Iterable[Finding]) -> None:
    """Keep the findings on disk, without what the rows say; those of an earlier check give way."""
    path = _findings_of(batch)
    part = path.with_name(f".{batch}-{secrets.token_hex(8)}.part")
    encode = msgspec.json.Encoder().encode
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.writelines(encode(one._replace(subject="", body=None)) + b"\n" for one in found)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _set_aside(batch: Batch, what: Kind, table: str) -> None:
    """Keep the staged rows that were left out, each with the first reason: those that wait wait with their claim."""
    staged = "t.claim" if table == "facts" else "''"
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


# ---- Decided ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def confirm(*, batch: int, by: Actor, at: datetime) -> None:
    """Let a batch be taken in that was looked at.

    :raises Refused: it is not waiting for that.
    """
    one = _locked(batch)
    if one.state != "checked" or one.wanted:
        raise Refused(f"第 {batch} 批{_stands(one)}，不需要再确认")
    one.wanted, one.tries = "apply", 0
    one.save(update_fields=["wanted", "tries"])
    trail.note(by=by, verb="batch.confirm", thing=f"batch {batch}", at=at)


@transaction.atomic
def drop(*, batch: int, by: Actor, at: datetime) -> None:
    """Give a batch up before it is taken in: nothing of it goes in. The file stays, with its row.

    :raises Refused: it is in, on its way in, or given up already.
    """
    one = _locked(batch)
    if one.state not in ("received", "checked") or one.wanted == "apply":
        raise Refused(f"第 {batch} 批{_stands(one)}，不能放弃")
    one.state, one.wanted = "dropped", ""
    one.save(update_fields=["state", "wanted"])
    trail.note(by=by, verb="batch.drop", thing=f"batch {batch}", at=at)


@transaction.atomic
def abandon(*, batch: int, by: Actor, at: datetime) -> None:
    """Give up a batch that the caller was taking in himself and was told to stop; one that is in stays in."""
    if Batch.objects.filter(pk=batch, state__in=("received", "checked")).update(state="dropped", wanted=""):
        trail.note(by=by, verb="batch.drop", thing=f"batch {batch}", at=at)


@transaction.atomic
def undo(*, batch: int, by: Actor, at: datetime, why: str = "") -> Batch:
    """Take a whole batch back: append to each of its documents what stood before it. Return the batch of the undoing.

    What others have said since stays. Rows of it that wait wait no more; the same file may be sent again and goes in.

    :raises Refused: it is not in, or is itself an undoing.
    """
    one = _locked(batch)
    if one.undoes_id:
        raise Refused("撤回不能再撤回；需要恢复时，请把那份文件再报送一次")
    if one.state != "applied":
        raise Refused(f"第 {batch} 批{_stands(one)}，没有可撤回的内容")
    void = Batch.objects.filter(Q(state="undone") | Q(undoes__isnull=False), kind=one.kind)
    undoing = Batch.objects.create(
        kind=one.kind,
        source=one.source,
        source_code=one.source_code,
        source_name=one.source_name,
        unit_id=one.unit_id,
        way="hand",
        file_name=f"撤回第 {batch} 批",
        sha256="",
        size=0,
        encoding="",
        state="applied",
        undoes=one,
        message=why[:500],
        received_at=at,
        applied_at=at,
        by=by.name,
        role=by.role,
    )
    SetAside.objects.filter(batch=one, waiting=True).update(waiting=False)
    undone = takers.of(one.kind).take_back(
        catalogue.kind(one.kind),
        batch=batch,
        void=[*void.exclude(pk=undoing.pk).values_list("pk", flat=True)],
        by_batch=undoing.pk,
        at=at,
    )
    undoing.rows, undoing.accepted, undoing.unchanged = sum(undone), undone.taken_back, undone.left
    undoing.save(update_fields=["rows", "accepted", "unchanged"])
    one.state, one.undone_at = "undone", at
    one.save(update_fields=["state", "undone_at"])
    detail = {"undoes": batch, "kind": one.kind, **undone._asdict(), **({"why": why[:200]} if why else {})}
    trail.note(by=by, verb="batch.undo", thing=f"batch {batch}", at=at, detail=detail)
    return undoing


def _locked(batch: int) -> Batch:
    one = Batch.objects.select_for_update().filter(pk=batch).first()
    if one is None:
        raise Refused(f"没有第 {batch} 批")
    return one


def _stands(one: Batch) -> str:
    return "正在处理" if one.wanted else STATES[one.state]


# ---- The worker ------------------------------------------------------------------------------------------------------


def step(*, at: datetime) -> bool:
    """Do the next piece of work that is wanted and that nobody else is at; tell whether there was any."""
    for batch in Batch.objects.exclude(wanted="").order_by("pk").values_list("pk", flat=True)[:LOOK]:
        with _held(batch, wait=False) as free:
            if free and _try(batch, at=at):
                return True
    return False


def _try(batch: int, *, at: datetime) -> bool:
    with connection.cursor() as cursor:
        # Counted before it is begun, since what takes a worker down leaves nobody to count.
        cursor.execute(
            "UPDATE ingest_batch SET tries = tries + 1 WHERE id = %s AND wanted <> '' RETURNING wanted, tries", [batch]
        )
        found = cursor.fetchone()
    if found is None:
        return False
    wanted, tries = found
    if tries > TRIES:
        _fail(_standing(batch), UNEXPECTED, at=at)
        return True
    try:
        if wanted == "apply":
            apply(batch, at=at)
        else:
            check(batch, at=at)
    except (NotReadable, Refused) as error:
        log.warning("batch %s was not taken in: %s", batch, error)
    except OperationalError:
        raise  # the database is gone, and with it the lock: whoever comes back begins anew
    except Exception:
        log.exception("batch %s broke its worker (%s of %s)", batch, tries, TRIES)
    except BaseException:
        # Told to stop: that is no fault of the file.
        Batch.objects.filter(pk=batch, tries__gt=0).update(tries=tries - 1)
        raise
    return True


@contextlib.contextmanager
def _held(batch: int, *, wait: bool = True) -> Iterator[bool]:
    """Be the only one who is at a batch: a lock of this session, gone with it. Without waiting it may be refused."""
    ask = "SELECT pg_advisory_lock(%s) IS NOT NULL" if wait else "SELECT pg_try_advisory_lock(%s)"
    key = _KEYS | batch
    with connection.cursor() as cursor:
        cursor.execute(ask, [key])
        (held,) = cursor.fetchone()
    try:
        yield bool(held)
    finally:
        if held:
            with contextlib.suppress(OperationalError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


_KEYS: Final = 0x6261_7463 << 32  # "batc": other locks of this session are none of a batch


class _Teller:
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
        with contextlib.suppress(psycopg.Error):
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
