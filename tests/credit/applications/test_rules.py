"""What is checked of an application, what becomes of its parts, how long a clerk has: tables."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from chengxin.credit.applications import consents, rules
from chengxin.credit.applications.rules import Check, Declared, Facts, Part
from chengxin.credit.records import catalogue
from chengxin.credit.subjects.rules import Registered

TODAY = date(2026, 11, 26)
NOW = datetime(2026, 11, 26, 2, tzinfo=UTC)
SHOP = Registered(
    "92230402MA1CTE575M", "松岭里饺子馆", "active", "individual", "230402", "H6210", None, {}, "市场局", "", NOW
)
KNOWN = Facts(
    registration=SHOP,
    is_coded=False,
    is_coded_elsewhere=False,
    waiting=0,
    binding="accepted",
    part="legal",
    proofs=frozenset({7}),
    scenarios=frozenset({"heihe-2023/1"}),
    templates=frozenset({"general"}),
    standing=frozenset({"ZY20261126000001"}),
)
FULL = {
    "consent": consents.current(TODAY).version,
    "contact": {"name": "王敏", "phone": "0468-3350000"},
}
GIFT = Declared("慈善捐助", "向社区老人捐赠米面", issuer="某社区")
PRIZE = Declared("荣誉奖励", "消费者信得过单位", issuer="某市消费者协会", proof=7)


def levels(body, known=KNOWN):
    return {(check.about, check.level) for check in rules.checks(body, known, today=TODAY) if check.level != "pass"}


@pytest.mark.parametrize(
    ("body", "changes", "held_up"),
    [
        pytest.param({}, {}, set(), id="all is well"),
        pytest.param({}, {"registration": None}, {("code", "stop")}, id="not in the register"),
        pytest.param({}, {"registration": SHOP._replace(state="deregistered")}, {("code", "stop")}, id="deregistered"),
        pytest.param({}, {"registration": SHOP._replace(state="suspended")}, set(), id="歇业 may have a code"),
        pytest.param({}, {"registration": SHOP._replace(industry="")}, set(), id="no industry"),
        pytest.param({}, {"binding": ""}, {("code", "stop")}, id="not bound"),
        pytest.param({}, {"binding": "provisional"}, set(), id="provisional, nothing said"),
        pytest.param({}, {"is_contested": True}, {("code", "wait")}, id="contested"),
        pytest.param({}, {"was_frozen": True}, {("code", "wait")}, id="gave up a frozen code"),
        pytest.param({}, {"was_frozen": True, "is_coded": True}, set(), id="gave up a frozen code, has another since"),
        pytest.param({}, {"waiting": 1}, {("code", "stop")}, id="one waits already"),
        pytest.param({}, {"waiting": 1, "is_coded": True}, set(), id="one waits, coded"),
        pytest.param({}, {"waiting": 5, "is_coded": True}, {("code", "stop")}, id="too many wait"),
        pytest.param({"consent": ""}, {}, {("code", "stop")}, id="no consent"),
        pytest.param({"consent": "2020-01"}, {}, {("code", "stop")}, id="old consent"),
        pytest.param({"consent": ""}, {"is_coded": True}, set(), id="coded: consent stands"),
        pytest.param({"contact": {}}, {}, {("code", "stop")}, id="no contact"),
        pytest.param({"contact": {"name": "王敏", "phone": "123"}}, {}, {("code", "stop")}, id="no such phone"),
        pytest.param({"scenarios": ["heihe-2023/1"]}, {}, set(), id="a scenario"),
        pytest.param({"scenarios": ["nowhere/9"]}, {}, {("code", "stop")}, id="no such scenario"),
        pytest.param({"items": [GIFT]}, {}, set(), id="a gift"),
        pytest.param({"items": [GIFT]}, {"binding": "provisional"}, {("item 1", "wait")}, id="provisional, a gift"),
        pytest.param({"items": [PRIZE]}, {}, set(), id="a prize with its proof"),
        pytest.param({"items": [replace(PRIZE, proof=None)]}, {}, {("item 1", "wait")}, id="a prize without"),
        pytest.param({"items": [replace(PRIZE, proof=8)]}, {}, {("item 1", "stop")}, id="somebody else's proof"),
        pytest.param({"items": [replace(GIFT, title="最佳饺子")]}, {}, {("item 1", "wait")}, id="a forbidden word"),
        pytest.param({"items": [replace(PRIZE, title="最佳商户")]}, {}, {("item 1", "wait")}, id="in a title too"),
        pytest.param({"items": [replace(GIFT, text="电话13800138000")]}, {}, {("item 1", "stop")}, id="a phone in it"),
        pytest.param({"items": [replace(GIFT, issuer="")]}, {}, {("item 1", "stop")}, id="nobody saw it"),
        pytest.param({"items": [GIFT] * 21}, {}, {("code", "stop")}, id="too many"),
        pytest.param({"items": [replace(GIFT, revises="ZY20261126000001")]}, {}, set(), id="a revision"),
        pytest.param({"items": [replace(GIFT, revises="ZY1")]}, {}, {("item 1", "stop")}, id="of what is gone"),
        pytest.param({"commitment": {"template": "general"}}, {}, set(), id="a commitment"),
        pytest.param({"commitment": {"template": "taxi"}}, {}, {("commitment", "stop")}, id="of another trade"),
        pytest.param(
            {"commitment": {"template": "general"}},
            {"binding": "provisional"},
            {("commitment", "wait")},
            id="provisional, a commitment",
        ),
    ],
)
def test_what_holds_up_which_part(body, changes, held_up):
    said = {**FULL, **body}
    said["items"] = [rules.kept(item) for item in body.get("items", ())]

    assert levels(said, replace(KNOWN, **changes)) == held_up


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"kind": "别的"}, "kind", id="no such kind"),
        pytest.param({"title": ""}, "title", id="no title"),
        pytest.param({"title": "好" * 61}, "title", id="a long title"),
        pytest.param({"given_on": date(2026, 11, 27)}, "given_on", id="given tomorrow"),
        pytest.param({"given_on": date(1900, 1, 1)}, "given_on", id="given long ago"),
        pytest.param({"valid_to": date(2026, 11, 25)}, "valid_to", id="ended yesterday"),
        pytest.param({"given_on": TODAY, "valid_to": TODAY}, None, id="ends today"),
        pytest.param({"valid_to": date(2099, 12, 31)}, None, id="the last day that a record may hold"),
        pytest.param({"valid_to": date(2100, 1, 1)}, "valid_to", id="later than a record may hold"),
        pytest.param({"text": "身份证 230402199003071233"}, "text", id="an ID number"),
        pytest.param({"text": "电话①③⑧⓪⓪①③⑧⓪⓪⓪"}, "text", id="a telephone number in circles"),
        pytest.param({"text": "电话138\u200b0013\u200b8000"}, "text", id="one with nothing between its digits"),
        pytest.param({"title": "最\u2060佳饺子"}, "title", id="a word with nothing between its letters"),
        pytest.param({"text": "第一天\n第二天"}, None, id="lines"),
        pytest.param({"kind": "产品服务介绍", "issuer": ""}, "text", id="an introduction without words"),
    ],
)
def test_each_field_says_what_is_wrong_with_it(changes, field):
    faults = rules.item_faults(replace(GIFT, **changes), today=TODAY)

    assert list(faults) == ([field] if field else [])
    assert all(sentence.endswith("。") for sentence in faults.values())


def test_the_kinds_are_those_of_the_records():
    column = catalogue.kind("declaration").column("ZY_LX")

    assert list(rules.SORTS) == list(column.choices)


def test_an_item_is_kept_and_read_again_as_it_was():
    item = replace(PRIZE, given_on=date(2025, 3, 15), valid_to=date(2027, 3, 15), text="年度", number="1号")

    assert rules.declared(rules.kept(item)) == item


# ---- Parts ---------------------------------------------------------------------------------------------------------

SHOWN, WAITS = Part("shown", number="1"), Part("waiting")
NO = Part("refused", "不行")


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        pytest.param({"item 1": WAITS}, {"approve": True}, {"item 1": "shown"}, id="passed"),
        pytest.param(
            {"code": SHOWN, "item 1": WAITS}, {"approve": False}, {"item 1": "refused"}, id="the rest refused"
        ),
        pytest.param(
            {"item 1": WAITS, "item 2": WAITS},
            {"approve": True, "refused": {"item 2": "看不清"}},
            {"item 1": "shown", "item 2": "refused"},
            id="one of two refused",
        ),
        pytest.param(
            {"code": WAITS, "item 1": WAITS},
            {"approve": True, "refused": {"code": "不是本人"}},
            {"code": "refused", "item 1": "refused"},
            id="without a code nothing is shown",
        ),
        pytest.param({"item 1": NO}, {"approve": True}, {"item 1": "refused"}, id="refused stays so"),
        pytest.param({"item 1": NO}, {"approve": True, "appeal": True}, {"item 1": "shown"}, id="but for an appeal"),
    ],
)
def test_what_becomes_of_parts(before, said, after):
    wanted = {"approve": True, "why": "不符合", "refused": {}, "appeal": False, **said}

    got = rules.decided(before, **wanted)

    assert {about: part.state for about, part in got.items()} == {
        about: after.get(about, part.state) for about, part in before.items()
    }
    assert all(part.why for part in got.values() if part.state == "refused")


@pytest.mark.parametrize(
    ("parts", "state"),
    [
        ({}, "approved"),
        ({"code": SHOWN, "item 1": WAITS}, "waiting"),
        ({"code": SHOWN, "item 1": NO}, "approved"),
        ({"item 1": NO}, "refused"),
    ],
    ids=["nothing but scenarios", "a part waits", "a part was refused", "all were refused"],
)
def test_the_state_of_the_whole(parts, state):
    assert rules.state_of(parts) == state


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({}, None, id="fine"),
        pytest.param({"approve": False}, "理由", id="a refusal without a reason"),
        pytest.param({"approve": False, "why": "不符合"}, None, id="with one"),
        pytest.param({"refused": {"item 1": ""}}, "理由", id="one item without a reason"),
        pytest.param({"why": "请联系13800138000"}, "手机号", id="a phone in the reason"),
        pytest.param({"binding": "provisional", "says_something": True}, "身份", id="not confirmed"),
        pytest.param({"binding": "counter", "says_something": True}, None, id="at a counter"),
    ],
)
def test_why_a_clerk_cannot_decide_so(changes, says):
    asked = {"approve": True, "why": "", "refused": {}, "binding": "accepted", "says_something": False, **changes}

    refusal = rules.why_not_decide(**asked)

    assert (refusal is None) if says is None else (says in refusal)


@pytest.mark.parametrize(
    ("is_appeal", "by", "others", "may"),
    [(False, "a", 3, True), (True, "a", 3, False), (True, "b", 3, True), (True, "a", 0, True)],
    ids=["no appeal", "his own refusal", "a colleague's", "nobody else is there"],
)
def test_an_appeal_is_decided_by_another_clerk_where_there_is_one(is_appeal, by, others, may):
    assert (rules.why_not_same(is_appeal=is_appeal, refused_by="a", by=by, others=others) is None) is may


@pytest.mark.parametrize(
    ("day", "due_on"),
    [
        pytest.param(date(2026, 11, 26), date(2026, 12, 1), id="over a weekend"),
        pytest.param(date(2026, 9, 29), date(2026, 10, 9), id="over the national day"),
        pytest.param(date(2031, 1, 3), date(2031, 1, 8), id="a year without a notice counts weekdays"),
    ],
)
def test_a_clerk_has_three_working_days(day, due_on):
    assert rules.due(day) == due_on


def test_overdue_days_are_negative():
    assert rules.working_days_left(date(2026, 12, 3), date(2026, 12, 1)) == -2
    assert rules.working_days_left(date(2026, 11, 30), date(2026, 12, 1)) == 1


def test_whatever_holds_up_the_code_holds_up_the_rest():
    found = [Check("identity", "", "wait", ""), Check("item", "", "pass", "", "item 1")]

    assert rules.begun({"items": [rules.kept(GIFT)]}, found, wants_code=True) == {"code": WAITS, "item 1": WAITS}


def test_each_version_of_the_consent_says_what_the_law_wants_said():
    for words in consents.versions().values():
        text = "".join(clause.text + clause.law for clause in words.clauses)
        assert len(words.version) <= 16
        assert all(
            said in text for said in ("自愿", "撤回", "暂停", "评论", "地图", "第十七条", "第二十五条", "第二十九条")
        )
    assert consents.current(date(2000, 1, 1)).version == next(iter(consents.versions()))
