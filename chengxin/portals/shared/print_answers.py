"""What both doors answer about a print job: how far it is, its file, its order for the print shop, its row of a list."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, JsonResponse

from chengxin.board import token
from chengxin.credit.codes import queries as codes
from chengxin.credit.codes.models import PrintJob
from chengxin.credit.codes.printing import STATES
from chengxin.credit.publishing import printing
from chengxin.ingest import store
from chengxin.people.trail import Refused
from chengxin.portals.shared.drawing import folder, issuer
from chengxin.press.carriers import CARRIERS

SHAPES: Final = {"waiting": "wait", "running": "wait", "done": "good", "failed": "stop"}


class Line(NamedTuple):
    """A job as a page shows it."""

    job: PrintJob
    carrier: str
    state: str
    shape: str
    share: int
    until: datetime | None
    has_file: bool
    printed: int
    left_out: int


def line(job: PrintJob) -> Line:
    """Return a job in words and figures."""
    carrier = CARRIERS.get(job.carrier)
    return Line(
        job,
        carrier.label if carrier else job.carrier,
        STATES[job.state],
        SHAPES[job.state],
        int(100 * job.done / job.total) if job.total else 0,
        job.ended_at + timedelta(days=settings.PRINT_KEEP_DAYS) if job.ended_at else None,
        bool(job.file) and store.place(folder(), job.file).exists(),
        job.done,
        job.total - job.done if job.state == "done" else 0,
    )


def state_answer(job: PrintJob) -> JsonResponse:
    """Return how far a job is, for the script that looks again."""
    said = line(job)
    return JsonResponse(
        {"over": job.state in ("done", "failed"), "state": said.state, "done": job.done, "total": job.total}
    )


def file_answer(job: PrintJob) -> HttpResponseBase:
    """Return a job's file.

    :raises Http404: it is not done, or its time is over and it was destroyed.
    :raises Refused: a code on it stopped since: paper that says otherwise would hang for years.
    """
    if not job.file:
        raise Http404
    if codes.revoked_since(job.asked_at):
        raise Refused("印好以后有签发钥匙作废，这份文件不能再下载：请重新提交一次印制。")
    if stopped := codes.stopped_among(_printed(job)):
        first = f"编号 {token.grouped(stopped[0])}" + (f" 等 {len(stopped):,} 个码" if len(stopped) > 1 else " 的码")
        raise Refused(f"印好以后，{first}停用了，这份文件不能再下载：请重新提交一次印制，停用的会自动略去。")
    try:
        file = store.place(folder(), job.file).open("rb")
    except FileNotFoundError as gone:
        raise Http404 from gone
    what = line(job)
    name = f"诚信码 {what.carrier} {job.done}个 任务{job.pk}.{'zip' if job.form == 'zip' else 'pdf'}"
    kind = "application/zip" if job.form == "zip" else "application/pdf"
    return FileResponse(file, as_attachment=True, filename=name, content_type=kind)


def _printed(job: PrintJob) -> list[int]:
    left_out = {said for said, _ in job.refused}
    return [serial for serial in job.serials if token.grouped(serial) not in left_out]


def order_answer(job: PrintJob, *, at: datetime) -> HttpResponse:
    """Return the order (印制单) of a job, as a PDF.

    :raises Http404: nothing was printed.
    :raises Refused: nobody has said who issues.
    """
    serials = _printed(job)
    if job.state != "done" or not serials or job.carrier not in CARRIERS:
        raise Http404
    drawn = printing.order(
        CARRIERS[job.carrier], number=str(job.pk), serials=serials, each=job.form, issuer=issuer(at), at=at
    )
    response = HttpResponse(drawn, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="order-{job.pk}.pdf"'
    return response
