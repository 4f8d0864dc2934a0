"""Which sheet of a workbook is the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from chengxin.credit.records.checks import message
from chengxin.ingest.reading.delimited import HEAD_ROWS, Recognise, Rows
from chengxin.ingest.reading.sniff import NotReadable

Told = Callable[[int, str], None]
"""Told of what is passed over: the row's number, and one sentence."""
SheetRows = Callable[[str], Iterator[tuple[int, Sequence[str]]]]
"""The rows of a sheet that hold something, with their numbers."""

WRONG: Final = "待改正"
WAITING: Final = "等待匹配"
DOUBTFUL: Final = "已接收，请核对"
REMARKS: Final = "提示"
GUIDE: Final = "说明"
"""The sheets of the workbook that goes back (`feedback`). When it comes again, only the first is read."""

_OWN: Final = re.compile(WRONG + r"\d*")


def choose(names: Sequence[str], rows: SheetRows, recognise: Recognise, told: Told) -> Rows:
    """Yield the rows of the sheet with the best header.

    :raises NotReadable: several sheets have the same header, each with rows of its own.
    """
    if own := [name for name in names if _OWN.fullmatch(name)]:
        yield from _in_one(own, rows)
        return
    if len(names) == 1:
        yield from rows(names[0])
        return
    heads = {name: _head(rows, name) for name in names}
    filled = [name for name in names if heads[name]]
    if not filled:
        return
    headers = {name: max(heads[name], key=recognise) for name in filled}
    best = max(filled, key=lambda name: recognise(headers[name]))
    rivals = [
        name
        for name in filled
        if recognise(headers[name]) > 1 and headers[name] == headers[best] and heads[name][-1] != headers[name]
    ]
    if len(rivals) > 1:
        raise NotReadable(f"工作簿里有 {len(rivals)} 张工作表的表头相同（{'、'.join(rivals)}），请各存成一个文件报送")
    if len(filled) > 1 and recognise(headers[best]) > 1:
        others = "、".join(f"“{name}”" for name in filled if name != best)
        told(1, message("E40", "sheet", sheet=best, others=others[:300]))
    yield from rows(best)


def _head(rows: SheetRows, name: str) -> list[Sequence[str]]:
    return [cells for _, cells in islice(rows(name), HEAD_ROWS)]


def _in_one(names: Sequence[str], rows: SheetRows) -> Rows:
    """Yield the rows of several sheets, counted on."""
    before = 0
    for name in names:
        number = 0
        for number, cells in rows(name):
            yield before + number, cells
        before += number
