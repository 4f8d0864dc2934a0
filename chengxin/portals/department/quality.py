"""质量: how good each unit's data was month by month, why rows came back, what is due; as pages and as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from chengxin.ingest import quality
from chengxin.ingest.measures import CLOCK, MEASURES, Counts, Measure
from chengxin.ingest.quality import Due
from chengxin.people import sight, trail
from chengxin.people.models import Unit, User
from chengxin.people.sight import Sight
from chengxin.portals.department import quality_file
from chengxin.portals.department.page import page
from chengxin.portals.department.words import kind_label
from chengxin.portals.shared import charts
from chengxin.portals.shared.gate import actor

UNITS_A_PAGE: Final = 30
MONTHS_BACK: Final = 24
MONTHS_SHOWN: Final = 12
DUES_SHOWN: Final = 6
MOST_DUES: Final = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """One measure of one unit's month, as a table writes it."""

    label: str
    written: str
    fails: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One unit's month."""

    unit: Unit
    counts: Counts
    cells: tuple[Cell, ...]
    heard: date | None


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show a month of every unit that one may see: a chart of 合规率, its table, and what is due."""
    today = timezone.localdate()
    month = asked_month(request, today)
    units = list(quality.units_seen(_sight(request)))
    numbers = [unit.pk for unit in units]
    counts = quality.counts(units=numbers, since=month, until=quality.next_month(month))
    measure = MEASURES["compliance"]
    heard_of = [unit for unit in units if (unit.pk, month) in counts]
    # The worst first: whom the office calls.
    heard_of.sort(key=lambda unit: (measure.of(counts[unit.pk, month]) or 0.0, unit.name))
    shown = Paginator(heard_of, UNITS_A_PAGE).get_page(request.GET.get("page"))
    rows = _rows(list(shown), counts, month)
    total = sum(counts.values(), Counts())
    dues = _dues(numbers, today)
    context = {
        "month": month,
        "months": _months(today),
        "rows": rows,
        "units": shown,
        "is_any": bool(units),
        "quiet": [unit for unit in units if (unit.pk, month) not in counts],
        "measures": list(MEASURES.values()),
        "total": (total, _cells(total, month)),
        "chart": charts.dots([_dot(row, measure, month) for row in rows], target=measure.target(month)),
        "target": _target(measure, month),
        "dues": dues[:DUES_SHOWN],
        "more_dues": dues[DUES_SHOWN:MOST_DUES],
        "dues_left": max(0, len(dues) - MOST_DUES),
        "names": {unit.pk: unit.short or unit.name for unit in units},
        "query": f"month={month:%Y-%m}&",
        "is_one": len(units) == 1,
    }
    return page(request, "department/quality.html", context, at="quality")


@require_safe
def unit(request: HttpRequest, number: int) -> HttpResponse:
    """Show one unit's month: its figures over a year, why rows came back, and the batches behind."""
    today = timezone.localdate()
    month = asked_month(request, today)
    one = get_object_or_404(quality.units_seen(_sight(request)), pk=number)
    year = quality.months_before(month, MONTHS_SHOWN)
    counts = quality.counts(units=[one.pk], since=year[0], until=quality.next_month(month))
    measure = MEASURES["compliance"]
    of_year = [(each, counts.get((one.pk, each), Counts())) for each in year]
    shown = counts.get((one.pk, month), Counts())
    context = {
        "unit": one,
        "month": month,
        "months": _months(today),
        "counts": shown,
        "cells": _cells(shown, month),
        "measures": list(MEASURES.values()),
        "year": [(each, counts, _cells(counts, each)) for each, counts in reversed(of_year)],
        "chart": charts.lines(
            [f"{each.month}月" for each in year],
            [
                (MEASURES[name].label, [MEASURES[name].of(each) for _, each in of_year])
                for name in ("compliance", "timeliness")
            ],
            target=measure.target(month),
        ),
        "target": _target(measure, month),
        "reasons": quality.reasons(unit=one.pk, month=month),
        "batches": Paginator(quality.batches(unit=one.pk, month=month), 20).get_page(request.GET.get("page")),
        "dues": _dues([one.pk], today),
        "query": f"month={month:%Y-%m}&",
    }
    return page(request, "department/quality_unit.html", context, at="quality")


@require_safe
@transaction.atomic
def export(request: HttpRequest) -> HttpResponseBase:
    """Hand out a month as a workbook; it leaves a trail."""
    month = asked_month(request, timezone.localdate())
    units = list(quality.units_seen(_sight(request)))
    file = quality_file.workbook(units, month)
    trail.note(
        by=actor(request),
        verb="quality.export",
        thing=f"month {month:%Y-%m}",
        at=timezone.now(),
        detail={"units": len(units)},
    )
    return FileResponse(file, as_attachment=True, filename=f"归集质量-{month:%Y-%m}.xlsx")


def asked_month(request: HttpRequest, today: date) -> date:
    """Return the month somebody asked for, else the one that runs; what is no month of ours is that too."""
    return next(
        (month for month in _months(today) if f"{month:%Y-%m}" == request.GET.get("month")), quality.month_of(today)
    )


def _months(today: date) -> list[date]:
    return quality.months_before(quality.month_of(today), MONTHS_BACK)[::-1]


def _sight(request: HttpRequest) -> Sight:
    assert isinstance(request.user, User)  # noqa: S101 — the gate lets nobody else in
    return sight.of(request.user)


def _rows(units: Sequence[Unit], counts: Mapping[tuple[int, date], Counts], month: date) -> list[Row]:
    heard = quality.last_heard([unit.pk for unit in units])
    return [
        Row(unit, counts[unit.pk, month], _cells(counts[unit.pk, month], month), heard.get(unit.pk)) for unit in units
    ]


def _cells(counts: Counts, month: date) -> tuple[Cell, ...]:
    return tuple(
        Cell(one.label, one.written(one.of(counts) if counts.rows or one.is_count else None), one.misses(counts, month))
        for one in MEASURES.values()
    )


def _dot(row: Row, measure: Measure, month: date) -> tuple[str, float, str, bool]:
    value = measure.of(row.counts) or 0.0
    return row.unit.short or row.unit.name, value, measure.written(value), measure.misses(row.counts, month)


def _target(measure: Measure, month: date) -> str:
    target = measure.target(month)
    return f"应达到 {measure.written(target)}" if target is not None else ""


def _dues(units: Sequence[int], today: date) -> list[tuple[Due, str, str]]:
    return [(one, due_words(one), left_words(one)) for one in quality.due(units=units, today=today)]


def due_words(due: Due) -> str:
    """Return what is due, in one clause."""
    if due.what == "mend":
        return f"第 {due.batch} 批{kind_label(due.kind)}有 {due.rows} 行退回，请改正后重报"
    if due.what == "month":
        assert due.month is not None  # noqa: S101 — it is a month that is due
        return f"{due.month.year}年{due.month.month}月的{kind_label(due.kind)}没有数据，请报送或零报告"
    was = "已满" if due.days is not None and due.days < 0 else "快满"
    return f"{was} {CLOCK.silent_days} 天没有报送，请报送或零报告"


def left_words(due: Due) -> str:
    """Return how long is left, in words."""
    if due.days is None:
        return "请尽快"
    if due.days < 0:
        return f"已超过 {-due.days} 天"
    return "今天到期" if due.days == 0 else f"还有 {due.days} 天"
