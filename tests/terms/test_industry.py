"""国民经济行业分类."""

import pytest

from chengxin.terms import industry


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("H", "住宿和餐饮业"),
        ("62", "餐饮业"),
        ("6210", "正餐服务"),
        ("H6210", "正餐服务"),
        ("ｈ６２１０", "正餐服务"),
        ("H6200", "餐饮业"),
        ("8310", "学前教育"),
        ("T97", "国际组织"),
        ("01", "农业"),
    ],
)
def test_a_code_is_found_in_any_of_its_forms(code, name):
    assert industry.find(code).name == name


@pytest.mark.parametrize("code", ["", "X", "98", "F6210", "餐饮", "6210000", "62100"])
def test_what_is_no_code_is_not_found(code):
    assert industry.find(code) is None


@pytest.mark.parametrize(
    ("code", "section", "label"),
    [
        ("6289", "H", "餐饮业"),
        ("H6289", "H", "餐饮业"),
        ("0199", "A", "农业"),
        ("99", "", ""),
        ("F6289", "", "批发和零售业"),
    ],
)
def test_a_class_the_table_does_not_list_has_the_name_above_it(code, section, label):
    assert (industry.section_of(code), industry.label(code)) == (section, label)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("幼儿园", "8310"),
        ("开锁", "8090"),
        ("停车场", "5449"),
        ("配镜", "5236"),
        ("药店", "5251"),
        ("加油站", "5265"),
        ("出租车", "5413"),
        ("快递", "6020"),
        ("律师事务所", "7231"),
        ("公证处", "7232"),
        ("校园配餐", "6241"),
        ("滑雪场", "8929"),
        ("二手车", "5262"),
        ("物业", "7020"),
        ("家政", "8010"),
        ("养老", "8514"),
        ("KTV", "9011"),
    ],
)
def test_the_trades_of_the_documents_are_found_by_their_words(word, code):
    assert code in [one.code for one in industry.TABLE.named(word)]


def test_all_sections_and_divisions_of_the_standard_are_there():
    assert "".join(industry.SECTIONS) == "ABCDEFGHIJKLMNOPQRST"
    divisions = [code for code in industry.TABLE.by_code if len(code) == 2]
    assert divisions == [f"{number:02}" for number in range(1, 98)]


@pytest.mark.parametrize(
    ("section", "first", "last"),
    [
        *(("A", "01", "05"), ("B", "06", "12"), ("C", "13", "43"), ("D", "44", "46"), ("E", "47", "50")),
        *(("F", "51", "52"), ("G", "53", "60"), ("H", "61", "62"), ("I", "63", "65"), ("J", "66", "69")),
        *(("K", "70", "70"), ("L", "71", "72"), ("M", "73", "75"), ("N", "76", "79"), ("O", "80", "82")),
        *(("P", "83", "83"), ("Q", "84", "85"), ("R", "86", "90"), ("S", "91", "96"), ("T", "97", "97")),
    ],
)
def test_a_section_begins_and_ends_where_the_standard_says(section, first, last):
    own = [code for code, one in industry.TABLE.by_code.items() if one.section == section and len(code) == 2]
    assert (own[0], own[-1]) == (first, last)


def test_the_full_table_is_read_by_the_same_loader():
    table = industry.load(["code,name", "H,住宿和餐饮业", "62,餐饮业", "629,其他餐饮业", "6291,小吃服务"])

    assert table.label("H6291") == "小吃服务"
    assert table.label("6299") == "其他餐饮业"
    assert table.section_of("629") == "H"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "没有行业代码"),
        (["code,name", "62,餐饮业"], "不在任何门类之下"),
        (["code,name", "H,住宿和餐饮业", "H,住宿和餐饮业"], "重复"),
        (["code,name", "H,住宿和餐饮业", "六二,餐饮业"], "不是行业代码"),
        (["code,name", "H,"], "缺少名称"),
    ],
)
def test_a_table_that_is_none_is_refused(lines, says):
    with pytest.raises(industry.Unreadable, match=says):
        industry.load(lines)


@pytest.mark.parametrize("code", ["6210ABC", "H62100", "6", "HH62", "６２１０号"])
def test_what_has_not_the_form_of_a_code_is_in_no_section(code):
    assert industry.section_of(code) == ""


def test_nothing_is_found_by_no_word():
    assert industry.TABLE.named("  ") == []


def test_a_code_is_written_in_full_with_its_letter():
    assert [industry.find(code).full_code for code in ("6210", "H", "62")] == ["H6210", "H", "H62"]
