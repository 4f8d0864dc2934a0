"""The catalogue of kinds."""

import re
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from chengxin.board.card import SECTIONS
from chengxin.credit.records import catalogue, publicity, rules
from chengxin.credit.records.catalogue import KINDS, kind
from chengxin.credit.records.cells import reader
from chengxin.credit.records.form import CATEGORIES, STOPS, TYPES, Check, Column, Kind, Roles
from chengxin.credit.subjects.rules import SCHEMES
from chengxin.ingest import template

OFFICIAL_LICENCE = [
    "行政相对人名称",
    "行政相对人类别",
    "行政相对人代码_1(统一社会信用代码)",
    "行政相对人代码_2(工商注册号)",
    "行政相对人代码_3(组织机构代码)",
    "行政相对人代码_4(税务登记号)",
    "行政相对人代码_5(事业单位证书号)",
    "行政相对人代码_6(社会组织登记证号)",
    "法定代表人",
    "法定代表人证件类型",
    "法定代表人证件号码",
    "证件类型",
    "证件号码",
    "行政许可决定文书名称",
    "行政许可决定文书号",
    "许可类别",
    "许可证书名称",
    "许可编号",
    "许可内容",
    "许可决定日期",
    "有效期自",
    "有效期至",
    "许可机关",
    "许可机关统一社会信用代码",
    "当前状态",
    "数据来源单位",
    "数据来源单位统一社会信用代码",
    "备注",
]
LICENCE_CODES = [
    "XK_XDR_MC",
    "XK_XDR_LB",
    "XK_XDR_SHXYM",
    "XK_XDR_GSZC",
    "XK_XDR_ZZJG",
    "XK_XDR_SWDJ",
    "XK_XDR_SYDW",
    "XK_XDR_SHZZ",
    "XK_FRDB",
    "XK_FR_ZJLX",
    "XK_FR_ZJHM",
    "XK_XDR_ZJLX",
    "XK_XDR_ZJHM",
    "XK_XKWS",
    "XK_WSH",
    "XK_XKLB",
    "XK_XKZS",
    "XK_XKBH",
    "XK_NR",
    "XK_JDRQ",
    "XK_YXQZ",
    "XK_YXQZI",
    "XK_XKJG",
    "XK_XKJGDM",
    "XK_ZT",
    "XK_LYDW",
    "XK_LYDWDM",
    "BZ",
]
OFFICIAL_PENALTY = [
    "行政相对人名称",
    "行政相对人类别",
    "行政相对人代码_1(统一社会信用代码)",
    "行政相对人代码_2(工商注册号)",
    "行政相对人代码_3(组织机构代码)",
    "行政相对人代码_4(税务登记号)",
    "行政相对人代码_5(事业单位证书号)",
    "行政相对人代码_6(社会组织登记证号)",
    "法定代表人",
    "法定代表人证件类型",
    "法定代表人证件号码",
    "证件类型",
    "证件号码",
    "行政处罚决定书文号",
    "违法行为类型",
    "违法事实",
    "处罚依据",
    "处罚类别",
    "处罚内容",
    "罚款金额(万元)",
    "没收违法所得、没收非法财物的金额(万元)",
    "暂扣或吊销证照名称及编号",
    "处罚决定日期",
    "处罚有效期",
    "公示截止期",
    "处罚机关",
    "处罚机关统一社会信用代码",
    "数据来源单位",
    "数据来源单位统一社会信用代码",
    "备注",
]
PENALTY_CODES = [
    "CF_XDR_MC",
    "CF_XDR_LB",
    "CF_XDR_SHXYM",
    "CF_XDR_GSZC",
    "CF_XDR_ZZJG",
    "CF_XDR_SWDJ",
    "CF_XDR_SYDW",
    "CF_XDR_SHZZ",
    "CF_FRDB",
    "CF_FR_ZJLX",
    "CF_FR_ZJHM",
    "CF_XDR_ZJLX",
    "CF_XDR_ZJHM",
    "CF_WSH",
    "CF_WFXW",
    "CF_SY",
    "CF_YJ",
    "CF_CFLB",
    "CF_NR",
    "CF_NR_FK",
    "CF_NR_WFFF",
    "CF_NR_ZKDX",
    "CF_JDRQ",
    "CF_YXQ",
    "CF_GSJZQ",
    "CF_CFJG",
    "CF_CFJGDM",
    "CF_SJLY",
    "CF_SJLYDM",
    "BZ",
]


@pytest.mark.parametrize(
    ("name", "headers", "codes"),
    [("licence", OFFICIAL_LICENCE, LICENCE_CODES), ("penalty", OFFICIAL_PENALTY, PENALTY_CODES)],
)
def test_the_official_headers_are_the_columns_in_order(name, headers, codes):
    assert [kind(name).column_for(header).code for header in headers] == codes
    assert [column.code for column in kind(name).columns] == codes
    assert [kind(name).column_for(code).code for code in codes] == codes
    assert kind(name).missing(headers) == kind(name).missing(codes) == []


@pytest.mark.parametrize(
    ("name", "header", "code"),
    [
        ("penalty", "罚款金额（万元）", "CF_NR_FK"),
        ("penalty", "罚款金额", "CF_NR_FK"),
        ("penalty", "*行政处罚决定书文号", "CF_WSH"),
        ("penalty", " 处罚 机关 ", "CF_CFJG"),
        ("penalty", "cf_wsh", "CF_WSH"),
        ("penalty", "行政处罚决定书文号(CF_WSH)", "CF_WSH"),
        ("penalty", "CF_WSH 行政处罚决定书文号", "CF_WSH"),
        ("penalty", "处罚决定日期（YYYY/MM/DD）", "CF_JDRQ"),
        ("penalty", "CF_XDR_ZDM", "CF_XDR_ZZJG"),
        ("penalty", "CF_XZJG", "CF_CFJG"),
        ("penalty", "CF_CFLB1", "CF_CFLB"),
        ("penalty", "CF_CFMC", "CF_WFXW"),
        ("penalty", "CF_FR", "CF_FRDB"),
        ("licence", "\ufeff行政相对人名称", "XK_XDR_MC"),
        ("licence", "代码_1 统一社会信用代码", "XK_XDR_SHXYM"),
        ("licence", "统一社会信用代码", "XK_XDR_SHXYM"),
        ("licence", "ＸＫ＿ＷＳＨ", "XK_WSH"),
        ("subject", "企业名称", "ENTNAME"),
        ("subject", "经营者", "LEREP"),
        ("subject", "法定代表人/负责人/经营者", "LEREP"),
        ("subject", "住所（经营场所）", "DOM"),
        ("subject", "行政区划代码", "DOMDISTRICT"),
        ("commitment", "承诺编码", "CN_BM"),
    ],
)
def test_a_header_is_known_by_its_older_and_looser_names(name, header, code):
    assert kind(name).column_for(header).code == code


@pytest.mark.parametrize("header", ["", "序号", "CF_ZT", "DFBM", "SJC", "名"])
def test_a_header_nobody_asked_for_means_nothing(header):
    assert kind("penalty").column_for(header) is None


def test_what_must_be_there_and_is_not_is_named():
    assert [column.name for column in kind("subject").missing(["企业名称", "经营范围"])] == [
        "统一社会信用代码",
        "登记状态",
    ]


def test_the_registry_files_columns_of_the_issue_are_all_known():
    headers = [
        "主体名称",
        "企业名称",
        "统一社会信用代码",
        "法定代表人",
        "负责人",
        "经营者",
        "主体类型",
        "企业类型",
        "成立日期",
        "住所",
        "经营场所",
        "登记机关",
        "登记状态",
        "行业代码",
        "行政区划",
        "行政区划代码",
        "经营范围",
        "注册资本",
    ]

    assert all(kind("subject").column_for(header) for header in headers)


def test_every_category_of_the_national_catalogue_has_its_kinds():
    assert {one.category for one in KINDS.values()} == {0, *CATEGORIES}
    assert {one.name for one in KINDS.values() if one.category == 3} == {
        *("licence", "penalty", "coercion", "confirmation", "collection"),
        *("benefit", "adjudication", "compensation", "reward", "inspection"),
    }, "许可 处罚 强制 确认 征收 给付 裁决 补偿 奖励 监督检查 (domain.md §3.2)"
    assert {one.section for one in KINDS.values()} <= {*SECTIONS, "supplement", ""}
    assert [one.name for one in KINDS.values() if one.supplement] == ["declaration"]


def test_each_of_the_five_ways_to_stop_has_its_kind():
    stopping = {one.name: one for one in KINDS.values() if one.stops}

    assert {one.stops: one.label for one in stopping.values()} == STOPS
    for one in stopping.values():
        of = one.column("TZ_ZL")
        assert set(of.choices) == {
            other.name for other in KINDS.values() if not other.stops and other.roles.happened_on
        }
        assert of.written("penalty") == "行政处罚"
        assert (one.category, one.section, one.disclosure) == (0, "", "shared"), "it shows nothing itself"
    assert stopping["corrected"].roles.key[-2:] == ("TZ_ZDM", "TZ_YZ"), "a field a row, and it may be corrected again"


def test_a_correction_may_call_the_kind_of_record_by_either_name():
    read = reader(kind("corrected").column("TZ_ZL"), date(2026, 6, 1))

    assert (read("行政处罚"), read("penalty")) == (("penalty", None), ("penalty", None))
    assert read("更正")[1].code == "E07", "what stops another is not stopped itself"


def test_a_commitment_has_the_twenty_official_items():
    official = {
        "承诺编码": (20, "always"),
        "承诺人名称": (200, "always"),
        "承诺人类别": (16, "always"),
        "承诺人代码": (18, "always"),
        "承诺类型": (64, "always"),
        "承诺事由": (512, "always"),
        "承诺内容": (4000, "always"),
        "违诺责任": (4000, "always"),
        "承诺作出日期": (0, "always"),
        "承诺有效期": (0, "never"),
        "承诺履行状态": (16, "never"),  # required once it has been found out
        "未履行的承诺内容": (4000, "conditional"),
        "违诺责任追究内容": (4000, "conditional"),
        "承诺履行状态认定日期": (0, "never"),
        "承诺履行状态认定单位": (200, "never"),
        "承诺履行状态认定单位代码": (18, "never"),
        "承诺受理单位": (200, "always"),
        "承诺受理单位代码": (18, "always"),
        "公开类型": (32, "always"),
        "备注": (512, "never"),
    }

    assert {column.name: (column.max, column.required) for column in kind("commitment").columns} == official


@pytest.mark.parametrize("one", KINDS.values(), ids=KINDS)
def test_every_kind_says_who_may_see_it_and_for_how_long(one):
    assert (one.disclosure == "public") == (one.publicity != "never")
    if one.disclosure != "public":
        body = {column.code: "2026-05-08" for column in one.columns if column.type == "date"}
        days = {"happened_on": date(2026, 5, 8), "today": date(2026, 5, 9)}
        assert not publicity.shown_until(one, body, **days).shown
    if one.standard == "" and not one.stops and one.roles.happened_on:
        assert one.category in (3, 4, 10, 12), "built on its like: no list of columns is public"


@pytest.mark.parametrize("one", [one for one in KINDS.values() if one.roles.numbers], ids=lambda one: one.name)
def test_the_older_numbers_of_a_subject_are_columns_of_their_kind(one):
    for scheme, code in one.roles.numbers.items():
        assert SCHEMES[scheme].removesuffix("号") in one.column(code).name.replace("注册号", "工商注册号")


@pytest.mark.parametrize("one", KINDS.values(), ids=KINDS)
def test_no_kind_shows_what_is_not_for_the_public(one):
    hidden = {column.code for column in one.columns if not column.public}

    assert hidden.isdisjoint(column.code for column, _ in one.report)
    assert all(not column.public for column in one.columns if column.type == "person_id")
    assert hidden.isdisjoint(one.roles.title)


@pytest.mark.parametrize("one", KINDS.values(), ids=KINDS)
def test_every_kind_can_be_matched_dated_and_told_apart(one):
    assert one.column(one.roles.subject).required == "always"
    assert one.column(one.roles.name).required == "always"
    assert one.roles.key
    assert not one.roles.document or one.roles.document in (*one.roles.key, "TZ_YJWH")
    if one.section:
        assert one.column(one.roles.happened_on).required == "always"


def test_the_grade_of_an_evaluation_is_not_shown():
    assert not kind("rating").column("PJ_DJ").public


def test_a_record_has_its_title_and_its_lines_in_the_reports_order():
    body = {
        "XK_NR": "热食类食品制售",
        "XK_WSH": "鹤许〔2026〕1号",
        "XK_XKZS": "",
        "XK_XKWS": "食品经营许可决定书",
        "XK_YXQZI": "2099-01-31",
        "BZ": "x",
    }

    assert kind("licence").title(body) == "食品经营许可决定书"
    assert kind("licence").title({}) == "行政许可"
    lines = kind("licence").lines(body)
    assert [line for line in lines if line[1]] == [
        ("行政许可决定文书号", "鹤许〔2026〕1号"),
        ("行政许可决定文书名称", "食品经营许可决定书"),
        ("有效期至", "长期"),
        ("许可内容", "热食类食品制售"),
    ]
    assert len(lines) == 13, "an empty value has its line too: the page writes — —"


def test_a_column_that_is_not_there_is_an_error():
    with pytest.raises(KeyError, match="has no column XX"):
        kind("licence").column("XX")


SOUND = """
name = "visit"
label = "走访"
section = "other"
publicity = "always"
[roles]
subject = "A"
name = "B"
happened_on = "D"
source = "B"
source_code = "A"
key = ["A"]
title = ["B"]
[report]
B = "名称"
[columns]
A = { name = "代码", type = "uscc" }
B = { name = "名称", type = "text" }
D = { name = "日期", type = "date" }
"""


def test_a_kind_is_added_by_its_file_alone(tmp_path):
    (tmp_path / "visit.toml").write_text(SOUND, encoding="utf-8")

    assert catalogue.load(tmp_path)["visit"].label == "走访"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('name = "visit"', 'name = "Visit"', "小写英文字母"),
        ('label = "走访"', 'label = ""', "label 应有"),
        ('section = "other"', 'section = "others"', "section “others”"),
        ('section = "other"', 'section = ""', "应有 section"),
        ('section = "other"', 'section = "other"\ncategory = 13', "category 13"),
        ('section = "other"', 'section = "other"\ndisclosure = "some"', "disclosure “some”"),
        ('section = "other"', 'section = "other"\ndisclosure = "own"', "publicity 应为 never"),
        ('section = "other"', 'section = "other"\nstops = "halted"', "stops “halted”"),
        ('section = "other"', 'section = "other"\ncolour = "red"', "文件开头里不认识“colour”"),
        ('publicity = "always"', 'publicity = "sometimes"', "publicity “sometimes”"),
        ('key = ["A"]', 'key = ["C"]', "栏 C 不存在"),
        ('key = ["A"]', "key = []", "key 不能为空"),
        ('subject = "A"', 'subject = "B"', "type 应为 uscc"),
        ('subject = "A"\n', "", "缺少"),
        ('label = "走访"', "", "缺少 label"),
        ('label = "走访"', "label = 1", "它的值不对"),
        ('type = "text" }', 'type = "text", max = "9" }', "栏 B 里有一项缺少或写得不对"),
        ('B = { name = "名称", type = "text" }', 'B = "名称"', "栏 B 应写作"),
        ('B = "名称"', "B = 1", "的 B 应是一个栏"),
        ('title = ["B"]', 'title = ["B"]\nnumber = "B"', "里不认识“number”"),
        ('title = ["B"]', 'title = ["B"]\nnumbers = { passport = "B" }', "不认识“passport”"),
        ('type = "text"', 'type = "number"', "type “number”"),
        ('type = "text"', 'type = "choice"', "要有 choices"),
        ('type = "text"', 'type = "choice", choices = ["甲"], means = { "x" = "乙" }', "“乙”不在 choices"),
        ('type = "text"', 'type = "text", with = "C"', "所依的栏 C"),
        ('type = "text"', 'type = "text", aliases = ["代码"]', "指两个栏"),
        ('type = "text"', 'type = "text", colour = "red"', "栏 B 里不认识“colour”"),
        ('type = "text"', 'type = "text", required = "yes"', "yes"),
        ('type = "text"', 'type = "person_id"', "public = false"),
        ("[report]", '[[check]]\nrule = "odd"\ncolumns = ["A"]\n[report]', "不认识规则“odd”"),
        ("[report]", '[[check]]\nrule = "in_order"\ncolumns = ["A"]\n[report]', "要写 2 个栏"),
        ("[report]", '[[check]]\nrule = "only"\ncolumns = ["C"]\n[report]', "栏 C 不存在"),
        ('B = "名称"', 'C = "名称"', "的 C 应是一个栏"),
        ("[columns]", "[column]", "缺少 .columns."),
        ("[columns]", "[columns", "不是合格的 TOML"),
    ],
)
def test_a_file_that_does_not_hold_together_is_refused(old, new, says):
    with pytest.raises(catalogue.Broken, match=says):
        catalogue.read_kind(SOUND.replace(old, new))


def test_a_file_is_called_after_its_kind(tmp_path):
    (tmp_path / "call.toml").write_text(SOUND, encoding="utf-8")
    with pytest.raises(catalogue.Broken, match="call.toml：文件名应与 name 相同"):
        catalogue.load(tmp_path)


def test_a_broken_file_is_named(tmp_path):
    (tmp_path / "visit.toml").write_text("name =", encoding="utf-8")
    with pytest.raises(catalogue.Broken, match="visit.toml"):
        catalogue.load(tmp_path)


# ---- A city's own ----------------------------------------------------------------------------------------------


@pytest.fixture
def city(tmp_path):
    yield tmp_path
    catalogue.load_city(tmp_path / "none")


def test_a_city_adds_its_kind_with_one_file(city):
    (city / "visit.toml").write_text(SOUND, encoding="utf-8")

    catalogue.load_city(city)

    assert kind("visit").label == "走访"
    assert "visit" in kind("withdrawn").column("TZ_ZL").choices, "and it may be stopped like any other"
    assert len(catalogue.digest(kind("visit"))) == 32


def test_a_folder_that_is_not_there_leaves_the_countrys_kinds(city):
    before = dict(KINDS)

    catalogue.load_city(city / "none")

    assert dict(KINDS).keys() == before.keys()


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("visit.toml", "name =", "visit.toml：不是合格的 TOML"),
        ("visit.toml", SOUND.replace('key = ["A"]', 'key = ["C"]'), "visit.toml：.*栏 C 不存在"),
        ("licence.toml", SOUND.replace('"visit"', '"licence"'), "licence.toml 与已有的种类重名"),
        ("visit.toml", SOUND.replace("走访", "行政许可"), "visit.toml 与已有的种类重名"),
    ],
)
def test_a_city_file_that_does_not_hold_together_is_told_in_one_sentence(city, name, text, says):
    (city / name).write_text(text, encoding="utf-8")
    before = dict(KINDS)

    with pytest.raises(catalogue.Broken, match=says) as refused:
        catalogue.load_city(city)

    assert "\n" not in str(refused.value)
    assert str(city) in str(refused.value)
    assert dict(KINDS) == before


def test_a_city_file_in_another_encoding_is_told_so(city):
    (city / "visit.toml").write_bytes(SOUND.encode("gb18030"))

    with pytest.raises(catalogue.Broken, match="不是 UTF-8 编码"):
        catalogue.load_city(city)


def test_a_changed_kind_has_another_digest():
    one, other = (catalogue.read_kind(SOUND.replace("走访", label)) for label in ("走访", "回访"))

    assert catalogue.digest(one) == catalogue.digest(catalogue.read_kind(SOUND))
    assert catalogue.digest(one) != catalogue.digest(other)


# ---- docs/kinds.md ---------------------------------------------------------------------------------------------

PAPER = (Path(__file__).resolve().parents[3] / "docs/kinds.md").read_text(encoding="utf-8")


def test_the_example_of_the_page_is_a_kind(city):
    (city / "visit.toml").write_text(re.search(r"```toml\n(.*?)```", PAPER, re.DOTALL)[1], encoding="utf-8")

    catalogue.load_city(city)

    row = template.example_row(kind("visit"))
    assert rules.check(kind("visit"), row, today=date(2026, 6, 1), received_on=date(2026, 6, 1)).problems == ()


@pytest.mark.parametrize("form", [Kind, Roles, Column, Check], ids=lambda form: form.__name__)
def test_the_page_explains_every_field_of_the_file(form):
    elsewhere = {"roles", "columns", "report", "checks", "filled", "rule", "values", "level", "message"}
    told = set(re.findall(r"`([a-z_]+)`", PAPER))

    assert {one.name for one in fields(form)} - elsewhere <= told
    assert {*catalogue.PUBLICITY, *TYPES, *rules.RULES} <= told


def test_nothing_that_a_kinds_file_says_becomes_code() -> None:
    """Its cells are checked by Python that is written for it: of the file, only whole numbers and quoted names go in."""
    text = (Path(catalogue.__file__).with_name("kinds") / "abnormal.toml").read_text(encoding="utf-8")

    with pytest.raises(catalogue.Broken, match="max"):
        catalogue.read_kind(text.replace("max = 200", "max = '200 or exit()'", 1))
