"""批次: a file on its way in, in steps that may be cut off anywhere and go on: received → checked → applied (→ undone).

`receive` keeps the file and its row; `check` works out what it would change and writes nothing else; `apply` writes all
of it in one transaction, together with the state, so that it happened once or not at all. Both do the same up to the
end, so that a preview cannot promise what applying does not do. A worker takes what is `wanted` (`step`); while it works
it holds an advisory lock of its session, so that a batch whose worker died is free at once.
"""

from __future__ import annotations

import contextlib
import logging
import unicodedata
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, Literal
from zlib import crc32

import msgspec
from django.conf import settings
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from psycopg.errors import DiskFull

from chengxin.credit.records import catalogue
from chengxin.credit.records.form import Kind
from chengxin.ingest import gathering, sources, store, takers, told, waiting
from chengxin.ingest.checking import Progress
from chengxin.ingest.gathering import Sent
from chengxin.ingest.models import Batch, SetAside
from chengxin.ingest.patience import not_for_long
from chengxin.ingest.reading import headers
from chengxin.ingest.reading.table import Limits, NotReadable, Recognise
from chengxin.ingest.setaside import Finding
from chengxin.ingest.sources import Source
from chengxin.people import trail
from chengxin.people.trail import Actor, Refused
from chengxin.terms import privacy

log = logging.getLogger(__name__)

WAYS: Final = {
    "upload": "网上报送",
    "command": "命令行",
    "folder": "目录",
    "api": "接口",
    "page": "页面填写",
    "hand": "人工",
}
"""By which way a batch came; `page` is what was written on a page (`entering.py`), `hand` an undo."""
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
LOOK: Final = 2000
FORGET_CHUNK: Final = 500
NO_ROOM: Final = "服务器的磁盘满了，这一批还没有入库；请联系系统管理员，腾出空间后会自动继续"
UNEXPECTED: Final = "处理这份文件时程序出错，已试过三次；请把批次号告诉系统管理员，文件已留存，不需要再报送"


class NoRoom(Refused):
    """The disk is full: nothing of a batch was written, and it goes in once there is room."""


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
                # It is listed, and handed out with the file; whose papers these are does not belong in a name.
                file_name=privacy.blot(_plain(Path(file_name).name)[-255:]),
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


def _plain(name: str) -> str:
    """Return a file's name without what is not seen but does something: a line's end, a direction, half a character."""
    return "".join("_" if unicodedata.category(letter) in _UNSEEN else letter for letter in name)


_UNSEEN: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")


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
    with contextlib.suppress(FileNotFoundError), findings_file(batch.same_as_id or batch.pk).open("rb") as file:
        for line in file:
            yield decode(line)


def findings_file(batch: int) -> Path:
    """Return where the findings of a batch are kept, once there are any."""
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
    source = source_of(one)
    sent = Sent(
        one,
        of_a_kind(one.kind, source),
        source,
        original(one),
        limits(),
        today or timezone.localdate(one.received_at),
        findings_file(one.pk),
    )
    try:
        gathering.gather(sent, at=at, progress=progress, write=write)
    except NotReadable as error:
        _fail(one, str(error), at=at)
        raise
    except OSError as error:
        if error.errno not in store.FULL:
            raise
        raise NoRoom(NO_ROOM) from error
    except OperationalError as error:
        if not isinstance(error.__cause__, DiskFull):
            raise
        raise NoRoom(NO_ROOM) from error


def _fail(batch: Batch, message: str, *, at: datetime) -> None:
    with transaction.atomic():
        failed = Batch.objects.filter(pk=batch.pk, state__in=("received", "checked")).update(
            state="failed", wanted="", tries=0, message=message[:500], checked_at=at
        )
        if failed:
            batch.state, batch.message = "failed", message[:500]
            told.tell_back(batch, at=at)
            by = Actor(batch.by, batch.role)
            trail.note(by=by, verb="batch.fail", thing=f"batch {batch.pk}", at=at, detail={"kind": batch.kind})


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
    one.progress_rows, one.progress_share = 0, None  # it is read once more
    one.save(update_fields=["wanted", "tries", "progress_rows", "progress_share"])
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
@not_for_long()
def undo(*, batch: int, by: Actor, at: datetime, why: str = "") -> Batch:
    """Take a whole batch back: append to each of its documents what stood before it. Return the batch of the undoing.

    What others have said since stays. Rows of it that wait wait no more; the same file may be sent again and goes in.

    :raises Refused: it is not in, or is itself an undoing, or others add to its kind at this moment.
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


# ---- Past their time -------------------------------------------------------------------------------------------------

ORPHAN: Final = timedelta(days=1)
"""After so long a file without a batch has none to come: whoever sent it was cut off."""


def forget(*, at: datetime, after: timedelta) -> int:
    """Destroy originals, and what was found in them, once they were last sent longer ago than that; return how many.

    《个人信息保护法》第 19 条: kept no longer than needed. The batch, its counts and its records stay.
    """
    gone = 0
    files = store.kept(settings.FILES_DIR)
    while some := [*islice(files, FORGET_CHUNK)]:
        names = [path.name for path, _ in some]
        batches = Batch.objects.filter(sha256__in=names).values_list("sha256", "pk", "state")
        known: dict[str, list[tuple[int, str]]] = {}
        for sha256, number, state in batches:
            known.setdefault(sha256, []).append((number, state))
        for path, sent in some:
            of_it = known.get(path.name, [])
            age = at.timestamp() - sent
            if age > (after if of_it else ORPHAN).total_seconds() and not any(
                state in ("received", "checked") for _, state in of_it
            ):
                path.unlink(missing_ok=True)
                for number, _ in of_it:
                    found = findings_file(number)
                    found.unlink(missing_ok=True)
                    found.with_suffix(".xlsx").unlink(missing_ok=True)
                gone += 1
    return gone


# ---- The worker ------------------------------------------------------------------------------------------------------


def step(*, at: datetime, largest: int | None = None) -> bool:
    """Do the next piece of work that is wanted and that nobody else is at; tell whether there was any.

    Two batches of one kind are added one after the other, so that while a worker adds one, another looks for what it need
    not wait for. `largest` (bytes) leaves larger files to others.

    :raises NoRoom: the disk is full; the batch is wanted still.
    """
    wanted = Batch.objects.exclude(wanted="")
    if largest is not None:
        wanted = wanted.filter(size__lte=largest)
    busy = set()
    for batch, kind, what in wanted.order_by("pk").values_list("pk", "kind", "wanted")[:LOOK]:
        if kind in busy and what == "apply":
            continue
        with ExitStack() as stack:
            if what == "apply" and not stack.enter_context(_locked_by_session(_kind_key(kind), wait=False)):
                busy.add(kind)
            elif stack.enter_context(_held(batch, wait=False)) and _try(batch, at=at):
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
    except NoRoom:
        _forgive(batch, tries)
        raise
    except (NotReadable, Refused) as error:
        log.warning("batch %s was not taken in: %s", batch, error)
    except OperationalError:
        raise  # the database is gone, and with it the lock: whoever comes back begins anew
    except Exception:
        log.exception("batch %s broke its worker (%s of %s)", batch, tries, TRIES)
    except BaseException:
        _forgive(batch, tries)  # told to stop
        raise
    return True


def _forgive(batch: int, tries: int) -> None:
    """Count a try for nothing that was no fault of the file."""
    with contextlib.suppress(DatabaseError):
        Batch.objects.filter(pk=batch, tries__gt=0).update(tries=tries - 1)


def _held(batch: int, *, wait: bool = True) -> AbstractContextManager[bool]:
    """Be the only one who is at a batch. Without waiting it may be refused."""
    return _locked_by_session(_KEYS | batch, wait=wait)


@contextlib.contextmanager
def _locked_by_session(key: int, *, wait: bool) -> Iterator[bool]:
    """Hold a lock of this session, gone with it."""
    ask = "SELECT pg_advisory_lock(%s) IS NOT NULL" if wait else "SELECT pg_try_advisory_lock(%s)"
    with connection.cursor() as cursor:
        cursor.execute(ask, [key])
        (held,) = cursor.fetchone()
    try:
        yield bool(held)
    finally:
        if held:
            with contextlib.suppress(OperationalError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _kind_key(kind: str) -> int:
    return _KIND_KEYS | crc32(kind.encode())


_KEYS: Final = 0x6261_7463 << 32  # "batc": other locks of this session are none of a batch
_KIND_KEYS: Final = 0x6B69_6E64 << 32  # "kind"
