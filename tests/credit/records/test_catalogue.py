"""The catalogue of kinds."""

import pytest

from chengxin.board.card import SECTIONS
from chengxin.credit.records import catalogue
from chengxin.credit.records.catalogue import KINDS, kind

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


def test_the_kinds_are_those_of_the_report_and_the_supplement():
    assert set(KINDS) == {
        *("subject", "licence", "penalty", "abnormal", "serious", "judgment", "honour", "commitment", "rating"),
        "declaration",
        *("withdrawn", "corrected", "repaired", "expired", "upheld"),
    }
    assert {one.section for one in KINDS.values()} <= {*SECTIONS, "supplement", ""}
    assert [one.name for one in KINDS.values() if one.supplement] == ["declaration"]


@pytest.mark.parametrize("one", KINDS.values(), ids=KINDS)
def test_no_kind_shows_what_is_not_for_the_public(one):
    hidden = {column.code for column in one.columns if not column.public}

    assert hidden.isdisjoint(column.code for column, _ in one.report)
    assert all(not column.public for column in one.columns if column.type == "person_id")
    assert hidden.isdisjoint(one.roles.title)


@pytest.mark.parametrize("one", KINDS.values(), ids=KINDS)
def test_every_kind_can_be_matched_dated_and_told_apart(one):
    assert one.column(one.roles.subject).required == "always"
    assert one.roles.key
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
source = "B"
source_code = "A"
key = ["A"]
title = ["B"]
[report]
B = "名称"
[columns]
A = { name = "代码", type = "uscc" }
B = { name = "名称", type = "text" }
"""


def test_a_kind_is_added_by_its_file_alone(tmp_path):
    (tmp_path / "visit.toml").write_text(SOUND, encoding="utf-8")

    assert catalogue.load(tmp_path)["visit"].label == "走访"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('section = "other"', 'section = "others"', "section others"),
        ('publicity = "always"', 'publicity = "sometimes"', "publicity sometimes"),
        ('key = ["A"]', 'key = ["C"]', "names the column C"),
        ('key = ["A"]', "key = []", "no key columns"),
        ('type = "text"', 'type = "number"', "the type number"),
        ('type = "text"', 'type = "choice"', "a choice has choices"),
        ('type = "text"', 'type = "choice", choices = ["甲"], means = { "x" = "乙" }', "乙 is no choice"),
        ('type = "text"', 'type = "text", with = "C"', "hangs on C"),
        ('type = "text"', 'type = "text", aliases = ["代码"]', "means two columns"),
        ('type = "text"', 'type = "text", colour = "red"', "colour"),
        ("[report]", '[[check]]\nrule = "odd"\ncolumns = ["A"]\n[report]', "odd is no rule"),
        ("[report]", '[[check]]\nrule = "in_order"\ncolumns = ["A"]\n[report]', "in_order takes 2 columns"),
        ("[report]", '[[check]]\nrule = "only"\ncolumns = ["C"]\n[report]', "names C"),
        ('B = "名称"', 'C = "名称"', "no column"),
        ("[columns]", "[column]", "no part 'columns'"),
        ("[columns]", "[columns", "."),
    ],
)
def test_a_file_that_does_not_hold_together_is_refused(old, new, says):
    with pytest.raises(catalogue.Broken, match=says):
        catalogue.read_kind(SOUND.replace(old, new))


def test_a_file_is_called_after_its_kind(tmp_path):
    (tmp_path / "call.toml").write_text(SOUND, encoding="utf-8")
    with pytest.raises(catalogue.Broken, match="call.toml describes visit"):
        catalogue.load(tmp_path)


def test_a_broken_file_is_named(tmp_path):
    (tmp_path / "visit.toml").write_text("name =", encoding="utf-8")
    with pytest.raises(catalogue.Broken, match="visit.toml"):
        catalogue.load(tmp_path)
