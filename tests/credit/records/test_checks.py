"""The checks as data: every code has words in three languages, a row that fails it and a row that passes."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path
from string import Formatter

import pytest

from chengxin.credit.records import checks, rules
from chengxin.credit.records.catalogue import kind
from chengxin.credit.records.checks import CHECKS, LANGUAGES, message, translated
from chengxin.ingest import template

TODAY = date(2026, 6, 1)
ID_NUMBER = "230402199003071233"
SAYINGS = [(code, name) for code, one in CHECKS.items() for name in one.says]

FAILING = [
    # code, message, kind, what differs from a row that goes in
    ("E01", "empty", "licence", {"XK_WSH": "/"}),
    ("E01", "when", "penalty", {"CF_CFLB": "吊销许可证件", "CF_NR_FK": ""}),
    ("E01", "filled", "licence", {"XK_XKZS": "食品经营许可证", "XK_XKBH": ""}),
    ("E01", "one_of", "repaired", {"TZ_WSH": "", "TZ_WSRQ": ""}),
    ("E02", "code", "licence", {"XK_XDR_SHXYM": "92230402MA1CTE575X"}),
    ("E02", "placeholder", "subject", {"UNISCID": "0" * 17 + "X"}),
    ("E03", "space", "licence", {"XK_XDR_MC": "好运来 饭店"}),
    ("E03", "short", "licence", {"XK_XDR_MC": "12345"}),
    ("E04", "date", "licence", {"XK_JDRQ": "2026/02/30"}),
    ("E05", "future", "licence", {"XK_JDRQ": "2026/06/02"}),
    ("E06", "in_order", "licence", {"XK_YXQZ": "2026/01/01", "XK_YXQZI": "2025/12/31", "XK_JDRQ": "2025/12/31"}),
    ("E07", "choice", "licence", {"XK_ZT": "9"}),
    ("E07", "choice_or_other", "licence", {"XK_XKLB": "其他"}),
    ("E07", "state", "subject", {"REGSTATE": "不知道"}),
    ("E07", "division_city", "subject", {"DOMDISTRICT": "向阳区"}),
    ("E07", "division", "subject", {"DOMDISTRICT": "无名区"}),
    ("E07", "area_city", "roster", {"GX_QY": "向阳区"}),
    ("E07", "area", "roster", {"GX_QY": "无名区"}),
    ("E07", "industry", "subject", {"INDUSTRYCO": "Z99"}),
    ("E08", "yuan", "penalty", {"CF_NR_FK": "2000元"}),
    ("E08", "number", "penalty", {"CF_NR_FK": "0.1234567"}),
    ("E08", "large", "penalty", {"CF_NR_FK": "10000"}),
    ("E08", "amount_with", "penalty", {"CF_NR_FK": ""}),
    ("E12", "personal", "penalty", {"CF_SY": f"当事人身份证号{ID_NUMBER}"}),
    ("E12", "plate", "penalty", {"CF_SY": "驾驶黑H12345号货车超限运输"}),
    ("E14", "only", "penalty", {"CF_CFLB": "警告", "CF_NR_FK": ""}),
    ("E15", "long", "licence", {"XK_NR": "长" * 4001}),
    ("E20", "person", "licence", {"XK_XDR_LB": "自然人"}),
    ("E41", "digits", "licence", {"XK_XDR_SHXYM": "9.2230402E+17"}),
    ("E42", "error", "licence", {"XK_NR": "#N/A"}),
]
PASSING = [
    # nearly the same, and nothing of that code
    ("E01", "licence", {"XK_WSH": "鹤许/1号"}),
    ("E01", "repaired", {"TZ_WSH": "", "TZ_WSRQ": "2026/04/01"}),
    ("E02", "licence", {"XK_XDR_SHXYM": "９２２３０４０２ma1cte575m"}),
    ("E02", "licence", {"XK_XDR_SHXYM": "0" * 17 + "X"}),
    ("E03", "licence", {"XK_XDR_MC": "鹤岗 ABC Ltd. 商贸有限公司".replace(" ", "")}),
    ("E04", "licence", {"XK_JDRQ": "46113"}),
    ("E04", "licence", {"XK_YXQZI": "2099/12/31"}),
    ("E05", "licence", {"XK_JDRQ": "2026/06/01", "XK_YXQZ": "2026/06/01"}),
    ("E06", "licence", {"XK_YXQZ": "2026/05/01", "XK_YXQZI": "2026/05/01", "XK_JDRQ": "2026/05/01"}),
    ("E07", "licence", {"XK_XKLB": "其他-备案"}),
    ("E07", "subject", {"DOMDISTRICT": "鹤岗市向阳区"}),
    ("E07", "roster", {"GX_QY": "黑河自贸片区"}),
    ("E08", "penalty", {"CF_NR_FK": "0.123456"}),
    ("E08", "penalty", {"CF_CFLB": "责令停产停业", "CF_NR_FK": "0"}),
    ("E12", "penalty", {"CF_SY": "许可证编号 JY12304020012345，统一社会信用代码 914101086905876455"}),
    ("E14", "penalty", {"CF_CFLB": "警告;罚款"}),
    ("E15", "licence", {"XK_NR": "长" * 4000}),
    ("E20", "licence", {"XK_XDR_LB": "个体"}),
    ("E41", "licence", {"XK_XKBH": "1.2E3型"}),
    ("E42", "licence", {"XK_NR": "#1 热食类食品制售"}),
]
READ = {"E31", "E40"}
"""Checks of what is no row of the form at all: their rows stand in tests/ingest (test_intake.py, test_forms.py)."""


def checked(name: str, changes: dict[str, str]) -> rules.Checked:
    row = {**template.example_row(kind(name)), **changes}
    return rules.check(kind(name), row, today=TODAY, received_on=TODAY)


@pytest.mark.parametrize(("code", "says", "name", "changes"), FAILING, ids=lambda value: str(value)[:24])
def test_a_row_that_fails_is_told_so_in_the_words_of_the_file(
    code: str, says: str, name: str, changes: dict[str, str]
) -> None:
    told = [problem for problem in checked(name, changes).problems if problem.code == code]

    pattern = checks._reader(CHECKS[code].says[says].texts["zh"])
    assert any(pattern.fullmatch(problem.message) for problem in told), told


@pytest.mark.parametrize(("code", "name", "changes"), PASSING, ids=lambda value: str(value)[:24])
def test_a_row_that_passes_is_told_nothing_of_it(code: str, name: str, changes: dict[str, str]) -> None:
    assert [problem for problem in checked(name, changes).problems if problem.code == code] == []


def test_every_check_of_a_row_has_a_row_that_fails_it_and_one_that_passes() -> None:
    here = {code: one for code, one in CHECKS.items() if one.found == "row" and code not in READ}

    assert {(code, says) for code, says, *_ in FAILING} == {
        (code, says) for code, one in here.items() for says in one.says
    }
    assert {code for code, *_ in PASSING} == set(here)


# ---- Their words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", CHECKS.values(), ids=CHECKS)
def test_every_check_says_how_grave_it_is_and_what_to_do(one: checks.CheckWords) -> None:
    assert one.level in ("error", "warn", "info")
    assert one.found in ("row", "set")
    assert one.title
    assert one.advice.endswith("。")
    assert all(one.advices[language].endswith(".") for language in ("en", "ru"))
    assert one.says


@pytest.mark.parametrize(("code", "says"), SAYINGS)
def test_every_message_is_said_in_three_languages(code: str, says: str) -> None:
    saying = CHECKS[code].says[says]

    assert set(saying.texts) == set(LANGUAGES)
    for text in saying.texts.values():
        assert {name for _, name, _, _ in Formatter().parse(text) if name} <= saying.fields
    assert not any("\u3400" <= letter <= "\u9fff" and letter not in "万元无其他说明" for letter in saying.texts["en"])


@pytest.mark.parametrize(("code", "says"), SAYINGS)
def test_a_message_kept_in_chinese_is_said_in_the_senders_language(code: str, says: str) -> None:
    values = {name: f"<{name}>" for name in CHECKS[code].says[says].fields}
    kept = message(code, says, **values)

    assert translated(code, kept, "zh") == kept
    for language in ("en", "ru"):
        assert translated(code, kept, language) == CHECKS[code].says[says].texts[language].format(**values)


def test_what_no_check_says_stays_as_it_is() -> None:
    assert translated("E06", "本市自己的话", "en") == "本市自己的话"
    assert translated("E99", "本市自己的话", "en") == "本市自己的话"


def test_the_words_of_the_checks_stand_in_no_code() -> None:
    for name in ("cells.py", "rules.py"):
        tree = ast.parse(Path(rules.__file__).with_name(name).read_text(encoding="utf-8"))
        built = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Problem"]
        assert [
            ast.unparse(node) for node in built if any("\u4e00" <= letter <= "\u9fff" for letter in ast.unparse(node))
        ] == []


# ---- Cells as they come ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "changes", "kept"),
    [
        ("licence", {"XK_JDRQ": "２０２６／０４／０１"}, {"XK_JDRQ": "2026-04-01"}),
        ("licence", {"XK_JDRQ": "46113"}, {"XK_JDRQ": "2026-04-01"}),
        ("licence", {"XK_JDRQ": "46113.75"}, {"XK_JDRQ": "2026-04-01"}),
        ("licence", {"XK_JDRQ": "2026-04-01 00:00:00"}, {"XK_JDRQ": "2026-04-01"}),
        ("licence", {"XK_JDRQ": "2026年4月1日"}, {"XK_JDRQ": "2026-04-01"}),
        ("licence", {"XK_YXQZI": "2099/12/31"}, {"XK_YXQZI": "2099-12-31"}),
        ("licence", {"XK_YXQZI": "2099-01-31"}, {"XK_YXQZI": "2099-12-31"}),
        ("licence", {"XK_YXQZI": "长期有效"}, {"XK_YXQZI": "2099-12-31"}),
        ("licence", {"XK_XDR_SHXYM": " ９２２３０４０２ma1cte575m "}, {"XK_XDR_SHXYM": "92230402MA1CTE575M"}),
        ("licence", {"XK_NR": "热食类\r\n食品\t制售\x00"}, {"XK_NR": "热食类 食品 制售"}),
        ("licence", {"XK_NR": "热食类\u200b食品\ufeff制售"}, {"XK_NR": "热食类食品制售"}),
        ("licence", {"XK_NR": '=HYPERLINK("http://x")'}, {"XK_NR": '=HYPERLINK("http://x")'}),
        ("licence", {"XK_WSH": "=1+1"}, {"XK_WSH": "=1+1"}),
        ("licence", {"XK_ZT": "１"}, {"XK_ZT": "1"}),
        ("licence", {"XK_ZT": "有效"}, {"XK_ZT": "1"}),
        ("penalty", {"CF_NR_FK": "０．２"}, {"CF_NR_FK": "0.2"}),
        ("penalty", {"CF_NR_FK": "0.200000"}, {"CF_NR_FK": "0.2"}),
        ("penalty", {"CF_NR_FK": "0.123456"}, {"CF_NR_FK": "0.123456"}),
        ("penalty", {"CF_NR_FK": "1,234.5 万元"}, {"CF_NR_FK": "1234.5"}),
        ("penalty", {"CF_CFLB": "罚款；没收违法所得", "CF_NR_WFFF": "1"}, {"CF_CFLB": "罚款;没收违法所得"}),
        ("serious", {"YZ_MD": "拖欠农民工工资黑名单"}, {"YZ_MD": "拖欠农民工工资失信联合惩戒对象名单"}),
        ("serious", {"YZ_MD": "其他-殡葬领域严重失信主体名单"}, {"YZ_MD": "其他-殡葬领域严重失信主体名单"}),
        ("coercion", {"QZ_LB": "查封；扣押"}, {"QZ_LB": "查封场所、设施或者财物;扣押财物"}),
    ],
)
def test_cells_are_read_as_people_write_them(name: str, changes: dict[str, str], kept: dict[str, str]) -> None:
    found = checked(name, changes)

    assert found.problems == ()
    assert found.normalised.items() >= kept.items()


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("licence", {"XK_JDRQ": "26/4/1"}, "E04"),
        ("licence", {"XK_JDRQ": "60"}, "E04"),
        ("licence", {"XK_JDRQ": "=TODAY()"}, "E04"),
        ("licence", {"XK_JDRQ": "2099/12/31"}, "E05"),
        ("licence", {"XK_XDR_SHXYM": "9.2230402E+17"}, "E41"),
        ("licence", {"XK_XDR_MC": "好运来\u3000饭店"}, "E03"),
        ("licence", {"XK_XDR_MC": "好运来\ufffd饭店"}, "E03"),
        ("penalty", {"CF_NR_FK": "=0.1+0.1"}, "E08"),
        ("penalty", {"CF_NR_FK": "1e3"}, "E08"),
        ("penalty", {"CF_NR_FK": "NaN"}, "E08"),
        ("serious", {"YZ_MD": "本市自定名单"}, "E07"),
        ("contract", {"HT_LX": "劳动合同"}, "E07"),
    ],
)
def test_cells_that_mean_nothing_are_refused(name: str, changes: dict[str, str], code: str) -> None:
    assert [problem.code for problem in checked(name, changes).problems] == [code]
