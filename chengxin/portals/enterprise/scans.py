"""扫码: how often the codes of a business were scanned, by day and by where they hang. Counts, never who."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from chengxin.credit.codes import scans
from chengxin.credit.codes.placements import PLACEMENTS
from chengxin.portals.enterprise.page import page
from chengxin.portals.shared.charts import Bars, bars

SPANS: Final = (7, 30, 90)
"""Days that one may look back over."""


@require_safe
def index(request: HttpRequest, subject: str) -> HttpResponse:
    """Show the scans of so many days: a chart, its table, and by placement."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, SPANS) else 30
    told = scans.of(subject, days=days, today=timezone.localdate())
    context = {
        "days": days,
        "spans": SPANS,
        "told": told,
        "chart": chart(told),
        "busy": [day for day in reversed(told.days) if day.scans or day.bots],
        "placements": [
            (one, PLACEMENTS[one.placement].label if one.placement in PLACEMENTS else one.placement)
            for one in told.placements
        ],
    }
    return page(request, "enterprise/scans.html", context, at="my-home")


def chart(told: scans.Scans) -> Bars:
    """Return the chart of scans by people."""
    return bars(
        [(f"{day.day:%-m-%-d}", f"{day.day.month}月{day.day.day}日：{day.scans} 次", day.scans) for day in told.days]
    )
