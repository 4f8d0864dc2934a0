from __future__ import annotations

from pathlib import Path

from chengxin.ingest.setaside import Finding, Findings, in_order


def test_findings_of_several_passes_come_row_by_row_and_leave_no_file(tmp_path: Path) -> None:
    with Findings(tmp_path) as first, Findings(tmp_path) as second:
        for row in (2, 5, 9):
            first.add(Finding(row, "列", "E01", "error", "说明", "", "{}"))
        second.add(Finding(4, "", "E30", "error", "说明", waiting=True))

        assert [found.row for found in in_order(first, second)] == [2, 4, 5, 9]
        assert [found.body for found in first] == ["{}"] * 3
        assert list(tmp_path.iterdir()) == []
