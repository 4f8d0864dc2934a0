"""零报告: a unit says that it made no decision of a kind in a month."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction

from chengxin.credit.records import catalogue
from chengxin.ingest import quality
from chengxin.ingest.models import Batch, ZeroReport
from chengxin.people import trail
from chengxin.people.models import Unit
from chengxin.people.trail import Actor, Refused


@transaction.atomic
def report(*, unit: Unit, kind: str, month: date, by: Actor, at: datetime, today: date) -> ZeroReport:
    """Report nought for a kind and a month, and return the report.

    :raises Refused: there is no such kind, the month is not over, was reported before, or has rows of this unit.
    """
    if kind not in catalogue.KINDS:
        raise Refused("没有这个种类，请从列表里选择。")
    label, month = catalogue.KINDS[kind].label, quality.month_of(month)
    if month >= quality.month_of(today):
        raise Refused(f"{month:%Y}年{month.month}月还没有结束，月末之后才能零报告。")
    rows = sent(unit=unit.pk, kind=kind, month=month)
    if rows:
        raise Refused(f"本单位 {month:%Y}年{month.month}月报送过 {rows} 行{label}，不能再零报告。")
    try:
        with transaction.atomic():
            made = ZeroReport.objects.create(unit=unit, kind=kind, month=month, by=by.name, made_at=at)
    except IntegrityError:
        raise Refused(f"{month:%Y}年{month.month}月的{label}已经零报告过，不用再报。") from None
    trail.note(
        by=by, verb="zero.report", thing=f"unit {unit.pk}", at=at, detail={"kind": kind, "month": f"{month:%Y-%m}"}
    )
    return made


def sent(*, unit: int, kind: str, month: date) -> int:
    """Return how many rows of a kind a unit sent in a month."""
    since, until = quality.instant(month), quality.instant(quality.next_month(month))
    batches = Batch.objects.filter(unit=unit, kind=kind, state="applied", undoes=None)
    return sum(batches.filter(received_at__gte=since, received_at__lt=until).values_list("rows", flat=True))
