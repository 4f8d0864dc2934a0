from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from chengxin.ingest import feedback
from chengxin.ingest.reading.sheets import DOUBTFUL, GUIDE, REMARKS, WAITING, WRONG
from chengxin.ingest.reading.table import OWN_COLUMNS, Limits, open_table
from chengxin.ingest.setaside import Finding

LIMITS = Limits(file_bytes=100_000_000, unpacked_bytes=50_000_000)
SENT = "鹤岗市许可信息\n名称,代码,日期\n松岭饺子馆,=1+1,2026/05/06\n松,1,2026\n好,2,2026/05/06\n宽,3,2026/05/06,多\n等,4,2026/05/06\n"
FOUND = (
    Finding(1, "", "E32", "info", "已略过"),
    Finding(3, "代码", "E02", "error", "“代码”有误，请核对"),
    Finding(4, "名称", "E03", "error", "过短"),
    Finding(4, "日期", "E04", "error", "“日期”不是日期"),
    Finding(5, "代码", "E09", "warn", "请核对"),
    Finding(6, "", "E31", "error", "这一行有 4 格"),
    Finding(7, "", "E30", "error", "库中没有这个主体", waiting=True),
)


def known(cells: Sequence[str]) -> int:
    return sum(cell.strip() in ("名称", "代码", "日期") for cell in cells)


def sent(folder: Path, text: str = SENT) -> Path:
    path = folder / "许可.csv"
    path.write_text(text, encoding="utf-8")
    return path


def workbook(original: Path, found: Sequence[Finding] = FOUND) -> io.BytesIO:
    out = io.BytesIO()
    feedback.write(original=original, limits=LIMITS, recognise=known, findings=found, out=out)
    return out


def lines(sheet: Worksheet) -> list[list[object]]:
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_rejected_rows_go_back_as_they_were_sent_with_their_number_and_what_is_wrong(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(workbook(sent(tmp_path)))

    assert [[*row[:4], row[4]] for row in lines(book[WRONG])] == [
        ["名称", "代码", "日期", *OWN_COLUMNS[:2]],
        ["松岭饺子馆", "=1+1", "2026/05/06", "3", "“代码”有误，请核对"],
        ["松", "1", "2026", "4", "1. “名称”：过短\n2. “日期”不是日期"],
        ["宽", "3", "2026/05/06", "6", "1. 这一行有 4 格\n2. 表头之外多出的内容：多"],
    ]


def test_the_wrong_cells_are_marked_and_carry_a_note(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(workbook(sent(tmp_path)))[WRONG]

    marked = {cell.coordinate for row in sheet.iter_rows(min_row=2) for cell in row if cell.fill.fill_type == "solid"}
    noted = {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment}
    assert marked == noted == {"B2", "A3", "C3"}


def test_what_was_taken_with_a_doubt_what_waits_and_what_is_only_told_stand_apart(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(workbook(sent(tmp_path)))

    assert [row[0] for row in lines(book[DOUBTFUL])] == ["名称", "好"]
    assert [row[0] for row in lines(book[WAITING])] == ["名称", "等"]
    assert lines(book[REMARKS])[1:] == [["1", "", "提示", "已略过"]]
    assert "3 行没有入库" in str(lines(book[GUIDE])[1])


def test_it_opens_on_what_is_to_be_mended(tmp_path: Path) -> None:
    found = [Finding(3, "代码", "E09", "warn", "请核对"), Finding(4, "日期", "E04", "error", "不是日期")]

    book = openpyxl.load_workbook(workbook(sent(tmp_path), found))

    assert (book.sheetnames[0], book.active.title) == (DOUBTFUL, WRONG)


def test_no_cell_of_it_is_a_formula(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(workbook(sent(tmp_path)))[WRONG]

    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}
    assert {cell.number_format for row in sheet.iter_rows(min_row=2, max_col=3) for cell in row} == {"@"}


def test_it_comes_back_without_our_own_columns(tmp_path: Path) -> None:
    path = tmp_path / "反馈.xlsx"
    path.write_bytes(workbook(sent(tmp_path)).getvalue())

    with open_table(path, limits=LIMITS, recognise=known) as table:
        rows = [list(cells) for _, cells in table.rows]

    assert table.header == ("名称", "代码", "日期")
    assert rows == [["松岭饺子馆", "=1+1", "2026/05/06"], ["松", "1", "2026"], ["宽", "3", "2026/05/06"]]


def test_a_cell_longer_than_excel_holds_is_cut_and_says_so(tmp_path: Path) -> None:
    long = "松" * 40_000
    book = openpyxl.load_workbook(
        workbook(sent(tmp_path, f"名称,代码,日期\n{long},1,2026\n"), [Finding(2, "名称", "E15", "error", "太长")])
    )

    cell = book[WRONG]["A2"].value
    assert len(cell) == feedback.CELL_CHARACTERS
    assert cell.endswith("没有写完）")


def test_more_rows_than_a_sheet_holds_go_on_the_next_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "SHEET_ROWS", 3)

    book = openpyxl.load_workbook(workbook(sent(tmp_path)))

    assert [row[0] for row in lines(book["待改正"])] == ["名称", "松岭饺子馆", "松"]
    assert [row[0] for row in lines(book["待改正2"])] == ["名称", "宽"]
