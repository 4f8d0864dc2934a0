from __future__ import annotations

from pathlib import Path

import pytest

from chengxin.ingest.setaside import Feedback, Finding, Findings, in_order


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_of_feedback_runs_as_a_formula(tmp_path: Path, cell: str) -> None:
    with Feedback(tmp_path) as feedback:
        feedback.write(tmp_path / "反馈.csv", [Finding(2, cell, "E01", "error", cell)])

    assert (tmp_path / "反馈.csv").read_bytes().count(b"'" + cell.encode()) == 2


def test_feedback_starts_with_the_mark_that_excel_asks_for_and_names_its_columns(tmp_path: Path) -> None:
    with Feedback(tmp_path) as feedback:
        feedback.write(tmp_path / "反馈.csv", [Finding(2, "列", "E01", "warn", "说明")])
        assert not (tmp_path / "反馈.csv").exists()

    assert (tmp_path / "反馈.csv").read_bytes() == "\ufeff行号,列,代码,级别,说明\r\n2,列,E01,警告,说明\r\n".encode()


def test_an_act_that_is_undone_leaves_no_feedback(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="disk"), Feedback(tmp_path) as feedback:
        feedback.write(tmp_path / "反馈.csv", [Finding(2, "列", "E01", "error", "说明")])
        raise OSError("disk")

    assert list(tmp_path.iterdir()) == []


def test_findings_of_several_passes_come_row_by_row_and_leave_no_file(tmp_path: Path) -> None:
    with Findings(tmp_path) as first, Findings(tmp_path) as second:
        for row in (2, 5, 9):
            first.add(Finding(row, "列", "E01", "error", "说明", "", "{}"))
        second.add(Finding(4, "", "E30", "error", "说明", waiting=True))

        assert [found.row for found in in_order(first, second)] == [2, 4, 5, 9]
        assert [found.body for found in first] == ["{}"] * 3
        assert list(tmp_path.iterdir()) == []


def test_feedback_is_for_the_offices_eyes_alone(tmp_path: Path) -> None:
    path = tmp_path / "back.csv"
    with Feedback(tmp_path) as feedback:
        feedback.write(path, [Finding(2, "备注", "E12", "error", "含有身份证号码")])

    assert path.stat().st_mode & 0o077 == 0
