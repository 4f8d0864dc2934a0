"""A month of quality as a workbook: the figures, the reasons, and the words by which they are counted."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import BinaryIO, Final

import xlsxwriter

from chengxin.ingest import quality
from chengxin.ingest.measures import MEASURES, Counts
from chengxin.ingest.setaside import LEVELS
from chengxin.people.models import Unit
from chengxin.portals.department.words import found_label

COUNTED: Final = (
    ("报送行", "rows"), ("新增", "firsts"), ("更新", "changed"), ("未变", "unchanged"), ("有错误", "wrong"), ("待匹配", "waiting"),
)  # fmt: skip
REASONS_OF: Final = 200
"""Units whose reasons a file holds: more are a province's, and asked for by unit."""


def workbook(units: Sequence[Unit], month: date) -> BinaryIO:
    """Return a month of these units as an open XLSX file, at its start."""
    file = io.BytesIO()  # a line a unit and at most 50 reasons for each of 200 units: some hundred kilobytes
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bg_color": "#EAF1F9", "border": 1, "text_wrap": True, "valign": "vcenter"})
    share = book.add_format({"num_format": "0.00%"})
    short = book.add_format({"num_format": "0.00%", "bold": True, "underline": 1})  # bold and underlined: no colour
    numbers = [unit.pk for unit in units]
    counts = quality.counts(units=numbers, since=month, until=quality.next_month(month))

    sheet = book.add_worksheet("质量")
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 12, 11)
    sheet.write_row(0, 0, [f"单位（{month:%Y年}{month.month}月收到）", *(label for label, _ in COUNTED)], head)
    for place, measure in enumerate(MEASURES.values(), start=len(COUNTED) + 1):
        target = measure.target(month)
        sheet.write(
            0, place, measure.label + (f"\n（目标 {measure.written(target)}）" if target is not None else ""), head
        )
    for number, unit in enumerate(units, start=1):
        mine = counts.get((unit.pk, month), Counts())
        sheet.write_row(number, 0, [unit.name, *(getattr(mine, name) for _, name in COUNTED)])
        for place, measure in enumerate(MEASURES.values(), start=len(COUNTED) + 1):
            value = measure.of(mine)
            if value is None:
                sheet.write(number, place, "没有数据")
            elif measure.is_count:
                sheet.write(number, place, value)
            else:
                sheet.write(number, place, value, short if measure.misses(mine, month) else share)

    sheet = book.add_worksheet("原因")
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 4, 16)
    sheet.write_row(0, 0, ["单位", "代码", "列", "级别", "处数", "问题"], head)
    sheet.set_column(5, 5, 30)
    line = 1
    for unit in units[:REASONS_OF]:
        if (unit.pk, month) not in counts:
            continue
        for reason in quality.reasons(unit=unit.pk, month=month):
            sheet.write_row(
                line,
                0,
                [
                    unit.name,
                    reason.code,
                    reason.column,
                    LEVELS.get(reason.level, ""),
                    reason.count,
                    found_label(reason.code),
                ],
            )
            line += 1

    sheet = book.add_worksheet("指标说明")
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 3, 60)
    sheet.write_row(0, 0, ["指标", "怎样计算", "说明", "依据"], head)
    for number, measure in enumerate(MEASURES.values(), start=1):
        sheet.write_row(number, 0, [measure.label, measure.formula, measure.about, measure.basis])
    book.close()
    file.seek(0)
    return file
