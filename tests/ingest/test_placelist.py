"""Lists of places: as people keep them, pasted or in a file; what is wrong is said row by row."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from chengxin.credit.codes.placements import PLACEMENTS
from chengxin.ingest import placelist
from chengxin.ingest.placelist import Listed
from chengxin.ingest.reading.table import NotReadable
from chengxin.terms.point import Point

TODAY = date(2026, 11, 23)


CENTRE = Point(Decimal("47.34"), Decimal("130.29"))


def pasted(text: str, *, kind: str = "taxi", shown: bool = False, centre: Point | None = CENTRE) -> Listed:
    return placelist.read_text(text, kind=kind, shown=shown, today=TODAY, centre=centre)


def in_a_workbook(path: Path, *rows: tuple[object, ...]) -> Path:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return path


def labels(listed: Listed) -> list[str]:
    return [row.place.label for row in listed.good]


def test_plates_are_pasted_one_a_line() -> None:
    assert labels(pasted("黑ht1234\n\n 黑H T1235 \n")) == ["黑H·T1234", "黑H·T1235"]


def test_a_block_of_a_spreadsheet_is_pasted_with_its_header() -> None:
    listed = pasted("序号\t车牌号码\t地址\t公开标识（是/否）\n1\t黑H·T1234\t一车队\t是\n2\t黑H·T1235\t二车队\t否\n")

    assert [(row.place.label, row.place.where, row.place.label_shown) for row in listed.good] == [
        ("黑H·T1234", "一车队", True),
        ("黑H·T1235", "二车队", False),
    ]
    assert listed.unknown == ("序号",)


def test_columns_about_persons_are_passed_over(tmp_path: Path) -> None:
    file = in_a_workbook(
        tmp_path / "a.xlsx", ("车牌号", "驾驶员姓名", "联系电话", "身份证号"), ("黑H·T1234", "张三", "13900000000", "x")
    )

    listed = placelist.read_file(file, kind="taxi", shown=True, today=TODAY)

    assert labels(listed) == ["黑H·T1234"]
    assert listed.personal == ("驾驶员姓名", "联系电话", "身份证号")
    assert "张三" not in repr(listed)
    assert "139" not in repr(listed)


def test_a_workbook_with_one_column_is_a_list(tmp_path: Path) -> None:
    file = in_a_workbook(tmp_path / "a.xlsx", ("车牌号",), *((f"黑H·T{number:04}",) for number in range(300)))

    assert len(placelist.read_file(file, kind="taxi", shown=False, today=TODAY).good) == 300


@pytest.mark.parametrize("kind", PLACEMENTS)
def test_the_template_of_each_kind_is_read_back(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    with file.open("wb") as out:
        placelist.template(kind, out)
    header = [str(cell) for cell in CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()[0]]
    example = {
        "放置处": PLACEMENTS[kind].label, PLACEMENTS[kind].called: PLACEMENTS[kind].example,
        PLACEMENTS[kind].keeper or "-": "某文化馆", "使用到": "2026-12-31",
    }  # fmt: skip
    row = [example.get(name, "") for name in header]

    listed = pasted("\t".join(header) + "\n" + "\t".join(row), kind="premises")

    assert listed.unknown == ()
    assert listed.personal == ()
    assert labels(listed) == [PLACEMENTS[kind].example]


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        pytest.param("黑H·T1234\n黑ht1234", "taxi", "与第 1 行重复", id="twice"),
        pytest.param("不是车牌号", "taxi", "不像车牌号或车队编号", id="no plate"),
        pytest.param("放置处\t编号\n屋顶\tA1", "taxi", "没有“屋顶”这种放置处，可填：店门口", id="no such kind"),
        pytest.param("摊位号\t纬度\t经度\nA1\t130.2\t47.3", "stall", "写反了", id="the wrong way round"),
        pytest.param("摊位号\t纬度\nA1\t北纬", "stall", "不是数字", id="no number"),
        pytest.param("车牌号\t纬度\t经度\n黑H·T1234\t47.3\t130.2", "taxi", "会移动", id="a point of what moves"),
        pytest.param("车牌号\t约略到县区\n黑H·T1234\t是", "taxi", "会移动", id="a county of what moves"),
        pytest.param("摊位号\t纬度\t约略到县区\nA1\t47.3\t是", "stall", "只留一种", id="a point and a county"),
        pytest.param("摊位号\t约略到县区\nA1\t县里", "stall", "请填“是”或“否”", id="a county that is no yes"),
        pytest.param("展位号\t使用到\nB1\t下周", "event", "请写成 2026-12-31 这样", id="no day"),
        pytest.param("展位号\t使用到\nB1\t2026-02-30", "event", "请写成 2026-12-31 这样", id="no such day"),
        pytest.param("车牌号\t公开标识\n黑H·T1234\t也许", "taxi", "请填“是”或“否”", id="neither yes nor no"),
        pytest.param("车牌号\t签署日期\n黑H·T0001\t2099-01-01", "taxi", "还没有到", id="signed on a day to come"),
        pytest.param(
            "车牌号\t已签承诺\t签署日期\n黑H·T0001\t否\t2026-01-02", "taxi", "请改一处", id="a day, and not signed"
        ),
        pytest.param("摊位号\t签署日期\nA1\t2026-01-02", "stall", "没有单独的承诺", id="a day of a promise of a stall"),
        pytest.param("摊位号\t已签承诺\nA1\t是", "stall", "没有单独的承诺", id="a promise of a stall"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(text: str, kind: str, said: str) -> None:
    listed = pasted(text, kind=kind)

    assert said in "".join(fault for row in listed.rows for fault in row.faults)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(" \n", "名单是空的", id="empty"),
        pytest.param("车牌号\t地址", "只有表头", id="a header alone"),
        pytest.param("\n".join(f"黑H·T{number:04}" for number in range(2001)), "超过 2,000 行", id="too many"),
        pytest.param("车牌号\t备注\n\t无", "没有一行可读", id="nothing of ours"),
        pytest.param(f"黑H·T1234\n{'A' * 200_000}", "第 2 行太长", id="a line without end"),
    ],
)
def test_what_is_no_list_is_refused_with_a_sentence(text: str, said: str) -> None:
    with pytest.raises(NotReadable, match=said):
        pasted(text)


def test_a_file_that_is_none_is_refused_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    file.write_bytes(b"PK\x03\x04 and nothing")

    with pytest.raises(NotReadable):
        placelist.read_file(file, kind="taxi", shown=False, today=TODAY)


def test_three_hundred_places_say_their_county_and_no_more() -> None:
    listed = pasted(
        "摊位号\t约略到县区（是/否）\n" + "".join(f"A{n}\t是\n" for n in range(300)) + "B1\t否\n", kind="stall"
    )
    again = pasted(placelist.as_text(listed.good), kind="stall")

    assert {(row.place.lat, row.place.lon, row.place.pointed_by) for row in listed.good[:300]} == {
        (*CENTRE, "centroid")
    }
    assert listed.good[300].place.lat is None
    assert [row.place for row in again.rows] == [row.place for row in listed.good]


def test_where_no_one_county_governs_none_can_be_said() -> None:
    listed = pasted("摊位号\t约略到县区\nA1\t是", kind="stall", centre=None)

    assert "没有说清在哪个县区" in listed.rows[0].faults[0]


LABELS = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=12)


@given(st.lists(st.tuples(LABELS, LABELS, st.booleans()), min_size=1, max_size=9))
def test_what_was_looked_at_is_what_is_confirmed(rows: list[tuple[str, str, bool]]) -> None:
    listed = placelist._listed(
        ("摊位号", "位置说明", "公开标识"),
        [(number, (label, where, "是" if shown else "否")) for number, (label, where, shown) in enumerate(rows)],
        kind="stall", shown=False, today=TODAY,
    )  # fmt: skip
    if listed.good:
        again = pasted(placelist.as_text(listed.good), kind="stall")

        assert [row.place for row in again.rows] == [row.place for row in listed.good]


def test_the_template_asks_for_no_person() -> None:
    out = io.BytesIO()
    placelist.template("taxi", out)
    out.seek(0)

    header = CalamineWorkbook.from_filelike(out).get_sheet_by_index(0).to_python()[0]
    assert header == [
        "放置处",
        "车牌号或车队编号",
        "公开标识（是/否）",
        "位置说明",
        "驾驶员已签承诺（是/否）",
        "签署日期",
    ]
