"""零报告: a unit says that it made no decision of a kind in a month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

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
    found = batches.filter(received_at__gte=since, received_at__lt=until).aggregate(rows=Sum("rows"))
    return int(found["rows"] or 0)


def overtaken(reports: Sequence[ZeroReport]) -> set[int]:
    """Return those of these reports (by number) whose unit sent rows of that kind in that month after all."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT z.id FROM ingest_zero_report z WHERE z.id = ANY(%s) AND EXISTS (
                 SELECT FROM ingest_batch b WHERE b.unit_id = z.unit_id AND b.kind = z.kind AND b.state = 'applied'
                   AND b.undoes_id IS NULL AND b.rows > 0
                   AND date_trunc('month', b.received_at AT TIME ZONE 'Asia/Shanghai')::date = z.month)""",
            [[one.pk for one in reports]],
        )
        return {number for (number,) in cursor.fetchall()}
