"""批量签发的名单: whose places get codes, as a clerk has it: lines pasted, or a table; each a holder and, if it has one, a label.

Read are the column of codes and the column of labels that the chosen kind of place knows; names, telephones and ID numbers
of stall keepers are passed over unread (《个人信息保护法》第 6 条; ADR 0008).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import xlsxwriter

from chengxin.board import token
from chengxin.credit.codes.giving import AT_ONCE, OFFERED
from chengxin.credit.codes.placements import PLACEMENTS, Placement
from chengxin.ingest.placelist import bare
from chengxin.ingest.reading.table import Limits, NotReadable, open_table
from chengxin.terms import uscc

LIMITS: Final = Limits(5_000_000, 100_000_000, 5_000_000)
LINE_LIMIT: Final = 1000
"""Letters that a pasted line may have: a code and a label at their longest are a tenth of it."""
CODES: Final = ("统一社会信用代码", "社会信用代码", "信用代码", "代码", "码编号", "编号")
"""How the column may be called that says whose place it is; 编号 only where none of the others is there."""
LABELS: Final = ("标识", "编号")
"""How a column of labels may be called, whatever the kind of place."""


class Line(NamedTuple):
    """One row of a list: its number in the text or table, whose place it means (a USCC or a printed serial), its label."""

    number: int
    whose: str
    label: str


def read_text(text: str, *, kind: Placement) -> list[Line]:
    """Read pasted lines: a code, then a label behind a tab or a comma; with a first row of column names, as a table.

    :raises NotReadable: more lines than are taken at once, one that is too long or has more cells than two without saying
        which they are, or a table without the columns that are needed.
    """
    lines = [
        (number, line.strip("\ufeff \u3000"))
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip("\ufeff \u3000\t") and not line.lstrip().startswith("#")
    ]
    _bounded(lines)
    rows = [(number, _cells(number, line)) for number, line in lines]
    if rows and _recognise(rows[0][1]):
        return _table(rows[0][1], rows[1:], kind)
    return [_line(number, cells, kind) for number, cells in rows]


def read_file(path: Path, *, kind: Placement) -> list[Line]:
    """Read a table.

    :raises NotReadable: it is no table, has no column of codes or several, has labels of another kind of place, or too many
        rows.
    """
    with open_table(path, limits=LIMITS, recognise=_recognise) as table:
        rows = []
        for number, cells in table.rows:
            rows.append((number, list(cells)))
            _bounded(rows)
        return _table(table.header, rows, kind)


def _bounded(rows: Sequence[object]) -> None:
    if len(rows) > AT_ONCE:
        raise NotReadable(f"名单超过 {AT_ONCE:,} 行：请分成几份，分几次签发")


def _recognise(names: Iterable[str]) -> int:
    return 2 * sum(bare(name) in CODES for name in names)


# ---- A table -----------------------------------------------------------------------------------------------------------


def _table(header: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]], kind: Placement) -> list[Line]:
    names = [bare(name) for name in header]
    whose = next((names.index(name) for name in CODES if name in names), None)
    if whose is None:
        raise NotReadable("表里没有“统一社会信用代码”这一列：请把列名改成它")
    wanted = (*kind.columns, *LABELS)
    at = next((place for name in wanted for place, said in enumerate(names) if said == name and place != whose), None)
    if at is None:
        for other in (PLACEMENTS[name] for name in OFFERED):
            if found := next((name for name in names if name in other.columns), None):
                raise NotReadable(f"表里有“{found}”，放置处选的却是“{kind.label}”：请选“{other.label}”，或者删去这一列")
    for one in (whose, at):
        if one is not None and names.count(names[one]) > 1:
            raise NotReadable(f"表里有几列都叫“{names[one]}”，分不清要用哪一列：请只留一列")
    lines = []
    for number, cells in rows:
        code, label = (cells[one].strip() if one is not None and one < len(cells) else "" for one in (whose, at))
        if code or label:
            lines.append(Line(number, code, label))
    return lines


def template(out: BinaryIO) -> None:
    """Write the workbook that a list is filled into, of whatever kind of place: a column of codes and one of labels."""
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False})
    sheet, hints = book.add_worksheet("名单"), book.add_worksheet("填写说明")
    head = book.add_format({"bold": True, "bg_color": "#D6E4F5", "border": 1, "border_color": "#9AA5B1"})
    text, prose = book.add_format({"num_format": "@"}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet.freeze_panes(1, 0)
    for place, (name, width) in enumerate(((CODES[0], 26), (LABELS[0], 22))):
        sheet.set_column(place, place, width, text)
        sheet.write_string(0, place, name, head)
    hints.set_column(0, 0, 24)
    hints.set_column(1, 1, 60, prose)
    hints.write_string(0, 0, f"一行一处，从“名单”表第 2 行填起，最多 {AT_ONCE:,} 行。不要填写姓名、电话、身份证号码。")
    hints.write_string(2, 0, CODES[0])
    hints.write_string(2, 1, "必填：谁的摊位、门面，就填谁的；已有码的，也可以填码的编号。一家有几处就写几行。", prose)
    hints.write_string(3, 0, LABELS[0])
    hints.write_string(3, 1, "码放在哪里，就填那里的号或名称，见下；可以不填。", prose)
    called = [kind for kind in (PLACEMENTS[name] for name in OFFERED) if kind.called]
    for row, kind in enumerate(called, start=4):
        hints.write_string(row, 0, f"　{kind.label}")
        example = f"，如“{kind.example}”" if kind.example else ""
        hints.write_string(row, 1, f"{kind.called}{example}{'，必填' if kind.needed else ''}", prose)
    book.close()


# ---- Lines -------------------------------------------------------------------------------------------------------------


def _cells(number: int, line: str) -> list[str]:
    """Return the cells of a pasted line: what a spreadsheet puts on the clipboard has tabs, what people type commas."""
    if len(line) > LINE_LIMIT:
        raise NotReadable(f"第 {number} 行太长，不像名单：请每行一个统一社会信用代码，要写标识的写在后面")
    if "\t" in line:
        return [cell.strip() for cell in line.split("\t")]
    cells = [cell.strip() for cell in next(csv.reader([re.sub(r"[，;；]", ",", line)]))]
    if len(cells) == 1 and not _means(line):
        head, _, rest = line.partition(" ")
        if rest and _means(head):
            return [head, rest.strip()]
    return cells


def _line(number: int, cells: Sequence[str], kind: Placement) -> Line:
    said = [cell for cell in cells if cell]
    if len(said) > 2:
        # Which of them is a name, nobody can tell, and a person's name must never hang in the street as a label.
        raise NotReadable(f"第 {number} 行有 {len(said)} 格：请只留统一社会信用代码和{kind.called}，或者连表头一起粘贴")
    whose, label = (*said, "", "")[:2]
    if label and not _means(whose) and _means(label):
        whose, label = label, whose
    return Line(number, whose, label)


def _means(text: str) -> bool:
    return uscc.is_valid(uscc.normalise(text)) or token.ungrouped(text) is not None
