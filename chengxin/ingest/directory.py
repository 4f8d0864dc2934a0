"""A spreadsheet of units and people, read by the headings of `people.directory`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from chengxin.ingest.reading.table import Limits, NotReadable, open_table
from chengxin.people.directory import ROWS_AT_MOST, Row
from chengxin.people.rules import COLUMNS

_PLACES = {heading: name for name, headings in COLUMNS.items() for heading in headings}


def read(path: Path, *, limits: Limits) -> list[Row]:
    """Return the rows of a directory's file; empty ones are left out, more than can be imported are cut off after one.

    :raises NotReadable: the file is none that we read, or has no column of unit names.
    """
    with open_table(path, limits=limits, recognise=_recognised) as table:
        places = {
            _PLACES[_heading(cell)]: place for place, cell in enumerate(table.header) if _heading(cell) in _PLACES
        }
        if "name" not in places:
            raise NotReadable("没有“单位名称”这一列，请按样表填写")
        rows = (
            Row(number, **{name: cells[place].strip() for name, place in places.items()})
            for number, cells in table.rows
            if any(cell.strip() for cell in cells)
        )
        return list(islice(rows, ROWS_AT_MOST + 1))


def _heading(cell: str) -> str:
    return "".join(cell.split()).rstrip("*＊")


def _recognised(cells: Sequence[str]) -> int:
    return len({_PLACES[_heading(cell)] for cell in cells if _heading(cell) in _PLACES})
