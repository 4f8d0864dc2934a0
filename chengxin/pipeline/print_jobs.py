"""印制: the jobs that pages ask for, done one by one: codes chosen, pages set, the file kept, its owner told.

A job may be cut off anywhere. While a worker is at one it holds an advisory lock of its session, so that a job whose
worker died is free at once; it is begun again once, and given up if that dies too. Codes that stopped meanwhile are left
out, with the reason: paper that says otherwise would hang for years.
"""

from __future__ import annotations

import io
import logging
import re
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import IO, BinaryIO, Final, NamedTuple, cast

import xlsxwriter
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from chengxin.board import token
from chengxin.credit.codes import printing as jobs
from chengxin.credit.codes import queries as codes
from chengxin.credit.codes.models import PrintJob
from chengxin.credit.codes.printing import Finished
from chengxin.credit.publishing import city, printing
from chengxin.credit.publishing.printing import Chosen, Wanted
from chengxin.credit.subjects import messages
from chengxin.ingest import store
from chengxin.people.trail import Actor, Refused
from chengxin.portals.shared.drawing import folder
from chengxin.press import job as press
from chengxin.press.carriers import CARRIERS, Carrier
from chengxin.press.paper import Issuer, NotPrintable, Print

log = logging.getLogger(__name__)

ROUNDS: Final = 3
"""So often a job is printed anew where codes stopped while it was printed."""
PROGRESS_SECONDS: Final = 0.3
FILE_LIMIT: Final = 4 * 1024**3
KEPT_AT_LEAST: Final = timedelta(hours=1)
"""A file younger than this may be one that a worker is about to name."""
SLIPPED: Final = "印制期间有码停用，已重印三次仍有变化：请稍后再提交一次。"
NO_ROOM: Final = "服务器的磁盘满了，没有生成文件；请联系信用办，腾出空间后再提交一次。"
OURSELVES: Final = Actor("印制进程", "command")


def step(*, at: datetime) -> bool:
    """Do the next job that no other worker is at; tell whether there was one."""
    for number in jobs.wanted():
        with _held(number) as is_ours:
            job = jobs.take_up(number) if is_ours else None
            if job is None:
                continue
            if job.tries > jobs.TRIES:
                jobs.fail(job, jobs.GIVEN_UP, at=at)
                _tell(job, at=at)
            else:
                _do(job, at=at)
            return True
    return False


@contextmanager
def _held(number: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('codes.print'), %s)", [number])
        is_ours = bool(cursor.fetchone()[0])
    try:
        yield is_ours
    finally:
        if is_ours and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('codes.print'), %s)", [number])


def _do(job: PrintJob, *, at: datetime) -> None:
    try:
        made = _printed(job, at=at)
    except (Refused, NotPrintable) as reason:
        jobs.fail(job, str(reason), at=timezone.now())
    except KeyboardInterrupt:
        jobs.put_back(job)
        raise
    except (OperationalError, InterfaceError):
        raise  # the database is away: the job is begun again when it is back
    except Exception as error:
        full = isinstance(error, OSError) and error.errno in store.FULL
        if not full:
            log.exception("print job %s broke", job.pk)
            if job.tries < jobs.TRIES:
                return
        jobs.fail(job, NO_ROOM if full else jobs.GIVEN_UP, at=timezone.now())
    else:
        if isinstance(made, str):
            return
        jobs.fail(job, "选的码都不能印，没有生成文件。", at=timezone.now(), refused=made)
    _tell(job, at=at)


def _printed(job: PrintJob, *, at: datetime) -> str | list[tuple[str, str]]:
    """Print a job and return its file's name; where nothing can be printed, why not.

    :raises Refused: codes go on stopping, or nobody has said who issues.
    """
    carrier = CARRIERS[job.carrier]
    for _ in range(ROUNDS):
        began, dead = timezone.now(), codes.dead_prefixes()
        issuer = printing.issuer(city.face().city, code_url=settings.CODE_URL, today=timezone.localdate(at))
        run = _Run(job, carrier, issuer, at)
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder()) as file:
            run.zip(file) if job.form == "zip" else run.pdf(file)
            if not run.serials:
                return run.refused
            file.seek(0)
            kept = store.keep(cast(BinaryIO, file), folder=folder(), limit=FILE_LIMIT)
        with transaction.atomic():
            if printing.stopped(run.serials, since=began, dead=dead):
                continue
            finished = Finished(kept.sha256, kept.size, run.serials, run.refused)
            if jobs.finish(job, finished, by=Actor(job.by, job.role), at=timezone.now()):
                _tell(job, at=timezone.now(), left_out=len(run.refused))
        return kept.sha256
    raise Refused(SLIPPED)


def _tell(job: PrintJob, *, at: datetime, left_out: int | None = None) -> None:
    """Tell a business what became of a job that it may not be looking at any more; the office looks at its list."""
    if not job.subject or job.total <= TOLD_FROM:
        return
    label = CARRIERS[job.carrier].label
    if left_out is None:
        title, text = "印制任务没有完成", f"{label} {job.total:,} 个：原因见印制任务页。"
    else:
        rest = f"，{left_out:,} 个没有印，原因见印制任务页" if left_out else ""
        title = "印制文件做好了"
        text = f"{label} {job.total - left_out:,} 个，{settings.PRINT_KEEP_DAYS} 天内可以下载{rest}。"
    messages.tell(
        subjects=[job.subject], about="print", title=title, text=text, by=city.face().city.office, at=at,
        page="my-prints",
    )  # fmt: skip


TOLD_FROM: Final = 20
"""A job of fewer codes is done before whoever asked has looked away."""


class Line(NamedTuple):
    """One line of an archive's list: the file, and what stands on it."""

    file: str
    print: Print


class _Run:
    """One go at a job: what is on the file, what was left out."""

    def __init__(self, job: PrintJob, carrier: Carrier, issuer: Issuer, at: datetime) -> None:
        self.serials: list[int] = []
        self.refused: list[tuple[str, str]] = []
        self._job, self._carrier, self._issuer, self._at = job, carrier, issuer, at
        self._told = time.monotonic()

    def pdf(self, file: IO[bytes]) -> None:
        """Print everything into one PDF."""
        press.bind(
            file,
            self._carrier,
            (one.print for one in self._noted()),
            issuer=self._issuer,
            at=self._at,
            refused=self._refuse,
            progress=self._show,
        )

    def zip(self, file: IO[bytes]) -> None:
        """Print each code into a PDF of its own, with a list of them and the order for the print shop."""
        lines: list[Line] = []
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for number, one in enumerate(self._noted(), start=1):
                single = io.BytesIO()
                before = len(self.refused)
                press.bind(single, self._carrier, [one.print], issuer=self._issuer, at=self._at, refused=self._refuse)
                if len(self.refused) > before:
                    continue
                name = _file_name(number, one.print)
                archive.writestr(self._entry(name), single.getbuffer())
                lines.append(Line(name, one.print))
                self._show(len(lines))
            if lines:
                archive.writestr(self._entry("名单.xlsx"), _listed(lines))
                archive.writestr(
                    self._entry("印制单.pdf"),
                    printing.order(
                        self._carrier,
                        number=str(self._job.pk),
                        serials=self.serials,
                        each="zip",
                        issuer=self._issuer,
                        at=self._at,
                    ),
                )

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, timezone.localtime(self._at).timetuple()[:6])
        entry.external_attr = 0o644 << 16
        return entry

    def _noted(self) -> Iterator[Chosen]:
        wanted = (Wanted(token.grouped(serial), serial=serial) for serial in self._job.serials)
        for one in printing.choose(
            wanted, placement=None, code_url=settings.CODE_URL, complain=lambda *said: self.refused.append(said)
        ):
            self.serials.append(one.serial)
            yield one

    def _refuse(self, one: Print, reason: str) -> None:
        self.serials.pop()  # refused as it comes, before the next is asked for
        self.refused.append((one.serial, reason))

    def _show(self, done: int) -> None:
        if time.monotonic() - self._told >= PROGRESS_SECONDS:
            self._told = time.monotonic()
            jobs.come_to(self._job, done)


_NOT_IN_A_NAME: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


def _file_name(number: int, one: Print) -> str:
    name = _NOT_IN_A_NAME.sub("_", one.name)[:40].strip(" .")
    return f"{number:05} {name} {one.serial}.pdf"


def _listed(lines: list[Line]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet, head, text = (
        book.add_worksheet("名单"),
        book.add_format({"bold": True}),
        book.add_format({"num_format": "@"}),
    )
    for place, (label, width) in enumerate(LIST):
        sheet.set_column(place, place, width, text)
        sheet.write_string(0, place, label, head)
    sheet.freeze_panes(1, 0)
    for row, (file, one) in enumerate(lines, start=1):
        cells = (str(row), one.name, one.code.replace(" ", ""), one.place, one.serial, one.content, file)
        for place, cell in enumerate(cells):
            sheet.write_string(row, place, cell, text)
    book.close()
    return out.getvalue()


LIST: Final = (
    ("序号", 8), ("名称", 36), ("统一社会信用代码", 22), ("放置处", 22), ("编号", 12), ("扫码内容", 40), ("文件名", 48),
)  # fmt: skip


# ---- Past their time -------------------------------------------------------------------------------------------------


def tidy(*, at: datetime) -> int:
    """Destroy the files of jobs that ended longer ago than PRINT_KEEP_DAYS, and what no job knows; return how many."""
    gone = 0
    while names := jobs.forget(before=at - timedelta(days=settings.PRINT_KEEP_DAYS)):
        for name in names:
            store.place(folder(), name).unlink(missing_ok=True)
            gone += 1
    for path, made in store.kept(folder()):
        if at.timestamp() - made > KEPT_AT_LEAST.total_seconds() and not jobs.is_kept(path.name):
            path.unlink(missing_ok=True)
            gone += 1
    return gone
