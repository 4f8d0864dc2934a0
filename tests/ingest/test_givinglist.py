"""批量签发的名单: lines as clerks paste them, tables as markets keep them; holders and labels, nobody's name."""

from pathlib import Path

import pytest

from chengxin.credit.codes.placements import PLACEMENTS
from chengxin.ingest import givinglist
from chengxin.ingest.reading.table import NotReadable
from tests.make import OTHER_USCC, USCC

STALL = PLACEMENTS["stall"]


def pasted(text: str) -> list[tuple[str, str]]:
    return [(line.whose, line.label) for line in givinglist.read_text(text, kind=STALL)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (USCC, [(USCC, "")]),
        (f"{USCC}\tA区1号\n{USCC}\tA区2号", [(USCC, "A区1号"), (USCC, "A区2号")]),
        (f"{USCC}，A区1号\r\n\n# 东市场\n{OTHER_USCC};B2", [(USCC, "A区1号"), (OTHER_USCC, "B2")]),
        (f"{USCC} A区1号", [(USCC, "A区1号")]),
        ("92 230402 MA1CTE575 M", [("92 230402 MA1CTE575 M", "")]),
        (f"A区1号,{USCC}", [(USCC, "A区1号")]),
        ("0000-C1S,A1", [("0000-C1S", "A1")]),
        (f"摊主姓名\t摊位号\t统一社会信用代码\n李某某\tA1\t{USCC}", [(USCC, "A1")]),
        (f"统一社会信用代码,编号\n{USCC},A1", [(USCC, "A1")]),
        ("12345,A1", [("12345", "A1")]),
        ('"\n，', [("", ""), ("", "")]),
    ],
    ids=["bare", "tabs", "commas and notes", "blank", "in groups", "the other way round", "serial", "table with a name", "编号", "no code", "marks alone"],
)  # fmt: skip
def test_pasted_lines_say_whose_place_it_is_and_its_label(text: str, read: list[tuple[str, str]]) -> None:
    assert pasted(text) == read


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{USCC},李某某,A1", "第 1 行有 3 格"),
        ("x" * 1001, "第 1 行太长"),
        ("\n".join([USCC] * 10_001), "超过 10,000 行"),
        (f"统一社会信用代码\t展位号\n{USCC}\tB3", "请选“展位”"),
        (f"统一社会信用代码\t摊位号\t摊位号\n{USCC}\tA1\tA2", "几列都叫“摊位号”"),
    ],
    ids=["which is the name?", "too long", "too many", "of another kind", "which is the label?"],
)
def test_what_cannot_be_understood_is_told_in_a_sentence(text: str, says: str) -> None:
    with pytest.raises(NotReadable, match=says):
        pasted(text)


@pytest.mark.parametrize("column", ["摊位号", "摊位编号", "档口号（必填）", "标识"])
def test_a_tables_column_of_labels_is_known_by_what_people_call_it(tmp_path: Path, column: str) -> None:
    file = tmp_path / "list.csv"
    file.write_text(f"姓名,{column},社会信用代码,电话\n李某某,A1,{USCC},13800138000\n李某某,A2,{USCC},\n", "utf-8")

    read = givinglist.read_file(file, kind=STALL)

    assert [(line.whose, line.label) for line in read] == [(USCC, "A1"), (USCC, "A2")]
