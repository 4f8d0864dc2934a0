"""印制任务: what is to be printed in the background: asked for, taken up, how far it is, done or failed, forgotten.

The acts only; who prints is `pipeline/print_jobs.py`. A job belongs to a business, or (without a subject) to the office.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from chengxin.credit.codes import actions, queries
from chengxin.credit.codes.models import PrintJob
from chengxin.people import trail
from chengxin.people.trail import Actor, Refused
from chengxin.press.carriers import CARRIERS

FORMS: Final = {"pdf": "一个 PDF（小件拼版，可直接送印）", "zip": "压缩包（每个码一个 PDF，附名单）"}
OF_A_BUSINESS: Final = 2_000
OF_THE_OFFICE: Final = 20_000
"""So many codes one job may have: a fleet; every shop of a county's streets."""
ZIP_LIMIT: Final = 2_000
"""So many files an archive may have: each has its own typefaces, and is some hundred kilobytes."""
WAITING_LIMIT: Final = 5
DAY_LIMIT: Final = 100
TRIES: Final = 2
"""So often a job may take its worker down before it is given up: once, and once again."""
STATES: Final = {"waiting": "排队中", "running": "印制中", "done": "已完成", "failed": "未完成"}
REFUSED_KEPT: Final = 1000
GIVEN_UP: Final = "印制时程序出错，已试过两次；请把任务号告诉信用办。"


class Finished(NamedTuple):
    """What came of a job: its file (SHA-256, bytes), the serials on it, and those left out, each with the reason."""

    file: str
    size: int
    serials: Sequence[int]
    refused: Sequence[tuple[str, str]]


@transaction.atomic
def ask(*, subject: str, carrier: str, form: str, serials: Sequence[int], by: Actor, at: datetime) -> PrintJob:
    """Ask for codes to be printed; a worker takes the job up within a second. Without a subject it is the office's.

    :raises Refused: no such carrier or form, no codes or too many, one of them is of another business, or too much is
        asked for at once.
    """
    if carrier not in CARRIERS or "pdf" not in getattr(CARRIERS[carrier], "forms", ("pdf",)):
        raise Refused("没有这种载体，请从列表中选一种。")
    if form not in FORMS:
        raise Refused("没有这种文件形式，请选 PDF 或压缩包。")
    wanted = list(dict.fromkeys(serials))
    most = OF_A_BUSINESS if subject else OF_THE_OFFICE
    if not wanted:
        raise Refused("没有选要印的码，请至少选一个。")
    if len(wanted) > most:
        raise Refused(f"一次最多印 {most:,} 个码，这里有 {len(wanted):,} 个：请分几次。")
    if form == "zip" and len(wanted) > ZIP_LIMIT:
        raise Refused(f"压缩包最多放 {ZIP_LIMIT:,} 个文件，这里有 {len(wanted):,} 个：请选一个 PDF，或分几次。")
    owners = queries.holders_of(wanted)
    if any(serial not in owners or (subject and owners[serial] != subject) for serial in wanted):
        raise Refused("选的码里有不存在的，请刷新页面后重新选择。")
    mine = PrintJob.objects.filter(subject=subject) if subject else PrintJob.objects.filter(subject="", by=by.name)
    if mine.filter(state__in=("waiting", "running")).count() >= WAITING_LIMIT:
        raise Refused(f"已有 {WAITING_LIMIT} 个印制任务在排队，请等它们完成后再提交。")
    if mine.filter(asked_at__gt=at - timedelta(days=1)).count() >= DAY_LIMIT:
        raise Refused("今天提交的印制任务太多，请明天再试。")
    job = PrintJob.objects.create(
        subject=subject,
        carrier=carrier,
        form=form,
        serials=wanted,
        state="waiting",
        total=len(wanted),
        by=by.name,
        role=by.role,
        asked_at=at,
    )
    trail.note(
        by=by,
        verb="print.ask",
        thing=f"subject:{subject}" if subject else f"codes:{len(wanted)}",
        at=at,
        detail={"carrier": carrier, "form": form, "count": len(wanted)},
    )
    return job


def of(subject: str, number: int) -> PrintJob | None:
    """Return a job of a business (of the office: an empty subject), or None."""
    return PrintJob.objects.filter(pk=number, subject=subject).first()


def newest(subject: str, *, limit: int, before: int | None = None, by: str = "") -> list[PrintJob]:
    """Return the newest jobs of a business, or those of the office that somebody asked for, without their serials."""
    jobs = PrintJob.objects.filter(subject=subject).defer("serials", "refused")
    if by:
        jobs = jobs.filter(by=by)
    if before:
        jobs = jobs.filter(pk__lt=before)
    return list(jobs.order_by("-pk")[:limit])


# ---- Of the worker -------------------------------------------------------------------------------------------------


def wanted(*, limit: int = 20) -> list[int]:
    """Return the jobs that wait or whose worker may have died: small ones first, so that none waits for a large one."""
    open_ones = PrintJob.objects.filter(state__in=("waiting", "running"))
    small = Q(total__lte=500)
    first = list(open_ones.filter(small).order_by("pk").values_list("pk", flat=True)[:limit])
    return first + list(open_ones.exclude(small).order_by("pk").values_list("pk", flat=True)[:limit])


def take_up(number: int) -> PrintJob | None:
    """Begin a job and return it, or None where it has ended. The caller has locked it against other workers."""
    with transaction.atomic():
        job = PrintJob.objects.select_for_update().filter(pk=number, state__in=("waiting", "running")).first()
        if job is None:
            return None
        job.state, job.tries, job.done = "running", job.tries + 1, 0
        job.save(update_fields=["state", "tries", "done"])
    return job


def put_back(job: PrintJob) -> None:
    """Leave a job to the next worker: this one was told to stop, which is no fault of the job's."""
    _mine(job).update(state="waiting", tries=max(0, job.tries - 1), done=0)


def come_to(job: PrintJob, done: int) -> None:
    """Say how many codes of a job are done."""
    _mine(job).update(done=done)


@transaction.atomic
def finish(job: PrintJob, made: Finished, *, by: Actor, at: datetime) -> bool:
    """Say that a job is done, in the transaction of whoever saw that its codes still stand; False if it is not ours."""
    done = _mine(job).update(
        state="done",
        done=len(made.serials),
        file=made.file,
        size=made.size,
        refused=[list(one) for one in made.refused[:REFUSED_KEPT]],
        message=f"{len(made.refused):,} 个码没有印" if made.refused else "",
        ended_at=at,
    )
    if not done:
        return False
    actions.note_print(
        thing=f"subject:{job.subject}" if job.subject else f"codes:{len(made.serials)}",
        carrier=job.carrier,
        printed=len(made.serials),
        refused=len(made.refused),
        serials=(min(made.serials), max(made.serials)),
        by=by,
        at=at,
    )
    return True


def fail(job: PrintJob, message: str, *, at: datetime, refused: Sequence[tuple[str, str]] = ()) -> None:
    """Say that a job came to nothing, and why."""
    _mine(job).update(
        state="failed", message=message[:500], refused=[list(one) for one in refused[:REFUSED_KEPT]], ended_at=at
    )


def forget(*, before: datetime, limit: int = 500) -> list[str]:
    """Take the files of jobs that ended before a moment out of them, some; return those that no other job has."""
    with transaction.atomic():
        old = list(PrintJob.objects.filter(ended_at__lt=before).exclude(file="").order_by("pk")[:limit])
        names = {job.file for job in old}
        PrintJob.objects.filter(pk__in=[job.pk for job in old]).update(file="")
        return sorted(names.difference(PrintJob.objects.filter(file__in=names).values_list("file", flat=True)))


def is_kept(file: str) -> bool:
    """Tell whether a job has this file."""
    return PrintJob.objects.filter(file=file).exists()


def _mine(job: PrintJob) -> QuerySet[PrintJob]:
    # Whoever lost the database for a while may find that another worker has begun it since.
    return PrintJob.objects.filter(pk=job.pk, state="running", tries=job.tries)
