"""The checks of rows, as a table a data clerk can read."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.credit.records import cells, rules
from chengxin.credit.records.catalogue import KINDS, kind

TODAY = date(2026, 6, 1)
ID_NUMBER = "230402199003071233"

LICENCE = {
    "XK_XDR_MC": "鹤岗市工农区好运来饭店",
    "XK_XDR_LB": "个体工商户",
    "XK_XDR_SHXYM": "92230402MA1CTE575M",
    "XK_FRDB": "张三",
    "XK_XKWS": "食品经营许可决定书",
    "XK_WSH": "鹤市监许〔2026〕1号",
    "XK_XKLB": "普通",
    "XK_XKZS": "食品经营许可证",
    "XK_XKBH": "JY22304020012345",
    "XK_NR": "热食类食品制售",
    "XK_JDRQ": "2026/05/08",
    "XK_YXQZ": "2026/05/08",
    "XK_YXQZI": "2031/05/07",
    "XK_XKJG": "鹤岗市市场监督管理局",
    "XK_XKJGDM": "11230500001755309F",
    "XK_ZT": "1",
    "XK_LYDW": "鹤岗市市场监督管理局",
    "XK_LYDWDM": "11230500001755309F",
}
PENALTY = {
    "CF_XDR_MC": "鹤岗市某某商贸有限公司",
    "CF_XDR_LB": "法人及非法人组织",
    "CF_XDR_SHXYM": "91230402MA1CTE575Q",
    "CF_FRDB": "李四",
    "CF_WSH": "鹤市监处罚〔2026〕12号",
    "CF_WFXW": "未明码标价",
    "CF_SY": "经查，当事人销售商品未标明价格。",
    "CF_YJ": "《中华人民共和国价格法》第四十二条",
    "CF_CFLB": "罚款",
    "CF_NR": "罚款 5000 元",
    "CF_NR_FK": "0.5",
    "CF_JDRQ": "2026-05-08",
    "CF_YXQ": "2027-05-08",
    "CF_CFJG": "鹤岗市市场监督管理局",
    "CF_CFJGDM": "11230500001755309F",
    "CF_SJLY": "鹤岗市市场监督管理局",
    "CF_SJLYDM": "11230500001755309F",
}
SUBJECT = {
    "主体名称": "鹤岗市工农区好运来饭店",
    "统一社会信用代码": "92230402MA1CTE575M",
    "经营者": "张三",
    "主体类型": "个体工商户",
    "成立日期": "2020年3月9日",
    "经营场所": "鹤岗市工农区红旗路18号",
    "登记机关": "鹤岗市工农区市场监督管理局",
    "登记状态": "存续（在营、开业、在册）",
    "行业代码": "H6210",
    "行政区划": "鹤岗市工农区",
}
ROWS = {"licence": LICENCE, "penalty": PENALTY, "subject": SUBJECT}


def checked(name, **changes):
    return rules.check(kind(name), {**ROWS[name], **changes}, today=TODAY, received_on=TODAY)


def told(found):
    return {(problem.code, problem.level) for problem in found.problems}


@pytest.mark.parametrize("name", ROWS)
def test_a_sound_row_passes(name):
    found = checked(name)

    assert found.problems == ()
    assert found.usable


@pytest.mark.parametrize(
    ("name", "changes", "problem"),
    [
        ("licence", {"XK_WSH": ""}, ("E01", "error")),
        ("licence", {"XK_WSH": "/"}, ("E01", "error")),
        ("licence", {"XK_NR": "测试"}, ("E01", "error")),
        ("licence", {"XK_JDRQ": "NULL"}, ("E01", "error")),
        ("licence", {"XK_FRDB": ""}, ("E01", "warn")),
        ("licence", {"XK_XKBH": "无"}, ("E01", "warn")),
        ("penalty", {"CF_CFLB": "吊销许可证件", "CF_NR_FK": ""}, ("E01", "error")),
        ("licence", {"XK_XDR_SHXYM": "92230402MA1CTE575X"}, ("E02", "error")),
        ("licence", {"XK_XDR_SHXYM": "9223"}, ("E02", "error")),
        ("licence", {"XK_XKJGDM": "0" * 17 + "X"}, ("E02", "error")),
        ("licence", {"XK_XDR_SHXYM": "", "XK_XDR_MC": ""}, ("E01", "error")),
        ("subject", {"统一社会信用代码": "0" * 17 + "X"}, ("E02", "error")),
        ("subject", {"统一社会信用代码": ""}, ("E01", "error")),
        ("licence", {"XK_XKJGDM": "11230500001755309G"}, ("E02", "error")),
        ("licence", {"XK_XDR_MC": "饭"}, ("E03", "error")),
        ("licence", {"XK_XDR_MC": "12345"}, ("E03", "error")),
        ("licence", {"XK_XDR_MC": "ABC Ltd."}, ("E03", "error")),
        ("licence", {"XK_XDR_MC": "好运来 饭店"}, ("E03", "error")),
        ("licence", {"XK_XDR_MC": "好运来\x00饭店"}, ("E03", "error")),
        ("licence", {"XK_JDRQ": "2026/02/30"}, ("E04", "error")),
        ("licence", {"XK_JDRQ": "2026-05"}, ("E04", "error")),
        ("licence", {"XK_JDRQ": "1899/01/01"}, ("E04", "error")),
        ("licence", {"XK_JDRQ": "2026/06/02"}, ("E05", "error")),
        ("licence", {"XK_YXQZ": "2031/05/08"}, ("E06", "error")),
        ("licence", {"XK_YXQZ": "2026/01/01", "XK_YXQZI": "2026/05/07"}, ("E06", "error")),
        ("penalty", {"CF_GSJZQ": "2026-05-07"}, ("E06", "error")),
        ("licence", {"XK_XKLB": "普遍"}, ("E07", "error")),
        ("licence", {"XK_XKLB": "其他"}, ("E07", "error")),
        ("licence", {"XK_ZT": "9"}, ("E07", "error")),
        ("penalty", {"CF_CFLB": "罚款;罚站"}, ("E07", "error")),
        ("penalty", {"CF_CFLB": "其他-"}, ("E07", "error")),
        ("penalty", {"CF_NR_FK": ""}, ("E08", "error")),
        ("penalty", {"CF_NR_FK": "0"}, ("E08", "error")),
        ("penalty", {"CF_CFLB": "责令停产停业"}, ("E08", "error")),
        ("penalty", {"CF_NR_FK": "5000元"}, ("E08", "error")),
        ("penalty", {"CF_NR_FK": "五千"}, ("E08", "error")),
        ("penalty", {"CF_NR_FK": "-1"}, ("E08", "error")),
        ("penalty", {"CF_NR_FK": "0.1234567"}, ("E08", "error")),
        ("penalty", {"CF_NR_FK": "20000"}, ("E08", "warn")),
        ("penalty", {"CF_CFLB": "罚款;没收违法所得"}, ("E08", "warn")),
        ("penalty", {"CF_SY": f"当事人身份证号{ID_NUMBER}"}, ("E12", "error")),
        ("penalty", {"CF_NR": "电话１３８００１３８０００"}, ("E12", "error")),
        ("licence", {"BZ": "卡号6222021234567890128"}, ("E12", "error")),
        ("penalty", {"CF_CFLB": "警告", "CF_NR_FK": ""}, ("E14", "info")),
        ("licence", {"XK_NR": "长" * 4001}, ("E15", "error")),
        ("subject", {"登记状态": "不知道"}, ("E07", "error")),
        ("subject", {"登记状态": ""}, ("E01", "error")),
        ("subject", {"行政区划": "向阳区"}, ("E07", "warn")),
        ("subject", {"行业代码": "Z99"}, ("E07", "warn")),
        ("subject", {"行业代码": "6210ABC"}, ("E07", "warn")),
        ("subject", {"成立日期": "2027/01/01"}, ("E05", "error")),
    ],
)
def test_a_wrong_row_is_told_what_is_wrong(name, changes, problem):
    found = checked(name, **changes)

    assert problem in told(found)
    assert found.usable == (problem[1] != "error")


@pytest.mark.parametrize(
    ("name", "changes", "code", "value"),
    [
        ("licence", {"XK_XDR_SHXYM": " ９２２３０４０２ma1cte575m "}, "XK_XDR_SHXYM", "92230402MA1CTE575M"),
        ("licence", {"XK_JDRQ": "2026年5月8日"}, "XK_JDRQ", "2026-05-08"),
        ("licence", {"XK_JDRQ": "46150"}, "XK_JDRQ", "2026-05-08"),
        ("licence", {"XK_YXQZI": "2099/12/31"}, "XK_YXQZI", "2099-12-31"),
        ("licence", {"XK_YXQZI": "2099-01-31"}, "XK_YXQZI", "2099-12-31"),
        ("licence", {"XK_YXQZI": "长期"}, "XK_YXQZI", "2099-12-31"),
        ("licence", {"XK_ZT": "有效"}, "XK_ZT", "1"),
        ("licence", {"XK_XDR_LB": "法人"}, "XK_XDR_LB", "法人及非法人组织"),
        ("licence", {"XK_XKLB": "其他-备案"}, "XK_XKLB", "其他-备案"),
        ("licence", {"XK_NR": "  热食类\n食品，制售（不含 自酿）\u3000"}, "XK_NR", "热食类 食品，制售（不含 自酿）"),
        ("licence", {"XK_XDR_ZJHM": ID_NUMBER}, "XK_XDR_ZJHM", "2304********1233"),
        ("penalty", {"CF_NR_FK": "0.500000"}, "CF_NR_FK", "0.5"),
        ("penalty", {"CF_NR_FK": "１，２００万元"}, "CF_NR_FK", "1200"),
        ("penalty", {"CF_NR_FK": "12.5 万元"}, "CF_NR_FK", "12.5"),
        ("penalty", {"CF_CFLB": "罚款；警告；罚款"}, "CF_CFLB", "罚款;警告"),
        ("penalty", {"CF_CFLB": "警告、罚款"}, "CF_CFLB", "警告;罚款"),
        (
            "penalty",
            {"CF_CFLB": "罚款,没收违法所得、没收非法财物", "CF_NR_WFFF": "0.1"},
            "CF_CFLB",
            "罚款;没收违法所得;没收非法财物",
        ),
        (
            "penalty",
            {"CF_CFLB": "没收违法所得、没收非法财物;罚款", "CF_NR_WFFF": "1"},
            "CF_CFLB",
            "没收违法所得、没收非法财物;罚款",
        ),
        ("penalty", {"CF_CFLB": "罚款;其他-责令改正、限期清理"}, "CF_CFLB", "罚款;其他-责令改正、限期清理"),
        ("subject", {}, "REGSTATE", "存续"),
        ("subject", {}, "DOMDISTRICT", "230403"),
        ("subject", {"行政区划": "230403"}, "DOMDISTRICT", "230403"),
        ("subject", {"行政区划": "110101"}, "DOMDISTRICT", "110101"),
        ("subject", {"行业代码": "正餐服务"}, "INDUSTRYCO", "H6210"),
        ("subject", {}, "ESTDATE", "2020-03-09"),
    ],
)
def test_a_value_is_kept_in_one_form(name, changes, code, value):
    found = checked(name, **changes)

    assert found.normalised[code] == value
    assert found.usable


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("licence", {"XK_XKLB": "无"}, "XK_XKLB"),
        ("licence", {"XK_XKJGDM": "-"}, "XK_XKJGDM"),
        ("licence", {"XK_XDR_ZJHM": "无"}, "XK_XDR_ZJHM"),
        ("penalty", {"CF_CFLB": "/"}, "CF_CFLB"),
        ("penalty", {"CF_NR_WFFF": "无"}, "CF_NR_WFFF"),
        ("penalty", {"CF_GSJZQ": "/"}, "CF_GSJZQ"),
        ("subject", {"登记状态": "null"}, "REGSTATE"),
        ("subject", {"行业代码": "无"}, "INDUSTRYCO"),
        ("subject", {"行政区划": "--"}, "DOMDISTRICT"),
    ],
)
def test_a_word_for_nothing_is_nothing(name, changes, code):
    found = checked(name, **changes)

    assert code not in found.normalised
    needed = kind(name).column(code).required == "always"
    assert ("E01" in {problem.code for problem in found.problems}) == needed


def test_a_list_goes_on_to_its_explained_other():
    assert checked("penalty", CF_CFLB="罚款、其他-责令改正、清理").normalised["CF_CFLB"] == "罚款;其他-责令改正、清理"


def test_a_file_of_many_different_days_is_read_in_bounded_memory(monkeypatch):
    monkeypatch.setattr(cells, "REMEMBERED", 10)
    plan = rules.compile_checks(kind("licence"), list(LICENCE), today=TODAY, received_on=TODAY)

    for year in range(1990, 2026):
        found = plan(list({**LICENCE, "XK_JDRQ": f"{year}/05/08"}.values()))
        assert found.normalised["XK_JDRQ"] == f"{year}-05-08"


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("licence", {"XK_XDR_LB": "自然人", "XK_XDR_MC": "王五", "XK_XDR_ZJHM": ID_NUMBER}),
        ("penalty", {"CF_XDR_LB": " 自然人", "CF_XDR_MC": "王五"}),
        ("penalty", {"CF_XDR_LB": "个人", "CF_XDR_MC": "王五"}),
        ("penalty", {"CF_XDR_SHXYM": ID_NUMBER}),
        ("subject", {"统一社会信用代码": ID_NUMBER}),
    ],
)
def test_of_a_natural_person_nothing_is_left(name, changes):
    found = checked(name, **changes)

    assert found.normalised == {}
    assert told(found) == {("E20", "error")}
    assert all(problem.private for problem in found.problems)
    assert "王五" not in repr(found)


def test_personal_data_in_a_text_is_blotted_out_and_never_quoted():
    found = checked("penalty", CF_SY=f"当事人（{ID_NUMBER}）拒不改正，电话13800138000")

    assert found.normalised["CF_SY"] == f"当事人（{'*' * 18}）拒不改正，电话{'*' * 11}"
    assert ID_NUMBER not in repr(found)
    assert "13800138000" not in repr(found)
    (problem,) = found.problems
    assert problem.private
    assert problem.message == "“违法事实”中含身份证号码、手机号码，请删去个人信息后重新报送"


def test_a_code_of_eighteen_digits_is_a_code():
    assert checked("penalty", CF_XDR_SHXYM="914101086905876455").usable


def test_the_placeholder_has_its_own_message():
    found = checked("subject", 统一社会信用代码="0" * 17 + "X")

    assert "占位代码" in found.problems[0].message


@pytest.mark.parametrize("code", ["", "无", "0" * 17 + "X", "０００００００００００００００００x"])
def test_a_row_that_names_its_subject_may_lack_its_code(code):
    found = checked("licence", XK_XDR_SHXYM=code, XK_XDR_GSZC="230402600012345")

    assert found.problems == ()
    assert "XK_XDR_SHXYM" not in found.normalised
    assert found.normalised["XK_XDR_GSZC"] == "230402600012345"


def test_a_decision_may_be_of_the_day_it_is_received():
    assert checked("licence", XK_JDRQ="2026/06/01").usable


def test_a_decision_after_the_day_of_receipt_is_wrong_even_if_it_is_past_today():
    found = rules.check(kind("licence"), LICENCE, today=TODAY, received_on=date(2026, 5, 7))

    assert ("E05", "error") in told(found)


def test_a_short_row_is_a_row_with_empty_cells():
    plan = rules.compile_checks(kind("licence"), list(LICENCE), today=TODAY, received_on=TODAY)

    found = plan(list(LICENCE.values())[:-1])

    assert told(found) == {("E01", "error")}


def test_columns_nobody_knows_are_left_out():
    found = checked("licence", 序号="1", DFBM="230400")

    assert found.problems == ()
    assert set(found.normalised) == set(LICENCE)


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=25)
@given(data=st.data())
def test_any_cells_at_all_are_checked_without_an_error(name, data):
    headers = [column.name for column in kind(name).columns]
    plan = rules.compile_checks(kind(name), headers, today=TODAY, received_on=TODAY)

    found = plan(data.draw(st.lists(st.text(max_size=30), min_size=len(headers), max_size=len(headers))))

    assert all(problem.message.strip() for problem in found.problems)
    assert all(isinstance(value, str) and value for value in found.normalised.values())


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("鹤市监许〔2026〕1号", "鹤市监许[2026]1号", True),
        ("鹤市监许〔2026〕1号", "鹤市监许（２０２６）1 号", True),
        ("鹤市监许〔2026〕1号", "鹤市监许〔2026〕2号", False),
    ],
)
def test_a_document_is_the_same_however_its_number_is_written(first, second, same):
    keys = {rules.facts_key(kind("licence"), {**LICENCE, "XK_WSH": number}) for number in (first, second)}

    assert len(keys) == (1 if same else 2)
    assert all(len(key) == 16 for key in keys)


def test_the_same_facts_have_one_digest_in_whatever_order():
    assert rules.digest(LICENCE) == rules.digest(dict(reversed(LICENCE.items())))
    assert rules.digest(LICENCE) != rules.digest({**LICENCE, "XK_NR": "冷食类食品制售"})
    assert rules.digest({"a": "b", "c": "d"}) != rules.digest({"a": "bc", "d": ""})
    assert len(rules.digest({})) == 16


def test_two_authorities_may_use_one_number():
    other = {**LICENCE, "XK_XKJGDM": "11320100MB1886843H"}

    assert rules.facts_key(kind("licence"), LICENCE) != rules.facts_key(kind("licence"), other)


def test_a_commitment_is_told_by_its_code_alone():
    first, second = ({"CN_BM": f"2304002026050800000{number}"} for number in (1, 2))

    assert rules.facts_key(kind("commitment"), first) == rules.facts_key(kind("commitment"), {**first, "CN_SY": "x"})
    assert rules.facts_key(kind("commitment"), first) != rules.facts_key(kind("commitment"), second)
