"""What reaches the board, and what never does. Pure: tables that a lawyer can read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from chengxin.board.card import SECTIONS, Card, dump, load, shown
from chengxin.credit.publishing import rules
from chengxin.credit.records.standing import Standing
from chengxin.credit.subjects.rules import Registered

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
TODAY = date(2026, 11, 23)
COMPANY = Registered(
    "91230402MA1CTE575Q",
    "鹤岗市松岭里商贸有限公司",
    "active",
    "enterprise",
    "230402",
    "F5211",
    date(2019, 5, 1),
    {
        "ENTTYPE": "有限责任公司",
        "LEREP": "张松岭",
        "DOM": "向阳区红旗路阳光小区3号楼2单元501室",
        "ESTDATE": "2019-05-01",
        "BZ": "内部备注",
    },
    "市市场监督管理局",
    "",
    AT,
)
STALL = COMPANY._replace(subject="92230402MA1CTE575M", kind="individual")
PENALTY = {
    "CF_WSH": "萝市监罚〔2026〕77号",
    "CF_WFXW": "未按规定公示许可证",
    "CF_CFLB": "罚款",
    "CF_NR": "罚款 0.6 万元",
    "CF_NR_FK": "0.6",
    "CF_JDRQ": "2026-11-02",
    "CF_FRDB": "张松岭",
    "CF_FR_ZJHM": "2304********1233",
}
LICENCE = {
    "XK_XKZS": "食品经营许可证",
    "XK_WSH": "许〔2023〕1号",
    "XK_XKBH": "JY22304210017745",
    "XK_YXQZ": "2023-05-21",
    "XK_YXQZI": "2028-05-20",
    "XK_ZT": "1",
}
COMMITMENT = {"CN_LX": "主动型", "CN_NR": "足斤足两", "CN_GKLX": "可向社会公开", "CN_ZCRQ": "2026-03-15"}


def record(kind: str, body: dict[str, str], on: date = date(2026, 11, 2)) -> Standing:
    return Standing("91230402MA1CTE575Q", kind, on, body, "市市场监督管理局", "", AT)


def card(*records: Standing, registration: Registered = COMPANY) -> Card:
    return rules.card(registration, records, at=AT, today=TODAY, overlap="earlier", good_for=timedelta(days=30))


def text(*records: Standing, registration: Registered = COMPANY) -> str:
    return dump(card(*records, registration=registration)).decode()


def test_a_card_has_the_eight_sections_in_the_reports_order_and_survives_the_board() -> None:
    made = card(record("licence", LICENCE), record("penalty", PENALTY))

    assert tuple(section.code for section in made.sections) == SECTIONS
    assert [item.kind for item in made.sections[0].items] == ["行政许可", "行政处罚"]
    assert load(dump(made)) == made


@pytest.mark.parametrize(
    "kind, body, on, is_shown",
    [
        ("penalty", PENALTY, date(2026, 11, 2), True),
        ("penalty", PENALTY | {"CF_CFLB": "警告", "CF_NR_FK": ""}, date(2026, 11, 2), False),
        ("penalty", PENALTY | {"CF_NR_FK": "0.1"}, date(2026, 11, 2), False),
        ("penalty", PENALTY, date(2025, 11, 23), True),
        ("penalty", PENALTY, date(2025, 11, 22), False),
        ("penalty", PENALTY | {"CF_GSJZQ": "2026-11-22"}, date(2026, 11, 2), False),
        ("penalty", PENALTY | {"CF_CFLB": "责令停产停业"}, date(2023, 11, 23), True),
        ("penalty", PENALTY | {"CF_CFLB": "责令停产停业"}, date(2023, 11, 22), False),
        ("licence", LICENCE, date(2023, 5, 21), True),
        ("licence", LICENCE | {"XK_ZT": "2"}, date(2023, 5, 21), False),
        ("licence", LICENCE | {"XK_YXQZI": "2026-11-22"}, date(2023, 5, 21), False),
        ("licence", LICENCE | {"XK_YXQZI": "2026-11-23"}, date(2023, 5, 21), True),
        ("commitment", COMMITMENT, date(2026, 3, 15), True),
        ("commitment", COMMITMENT | {"CN_GKLX": "不可公开"}, date(2026, 3, 15), False),
    ],
    ids=[
        "ordinary penalty",
        "a warning is minor",
        "a small fine is minor",
        "the last day of a year",
        "the day after",
        "the authority's own end has passed",
        "severe: the last day of three years",
        "severe: the day after",
        "licence in force",
        "licence no longer valid",
        "licence expired yesterday",
        "licence expires today",
        "commitment made public",
        "commitment not public",
    ],
)
def test_the_law_decides_what_is_shown(kind: str, body: dict[str, str], on: date, is_shown: bool) -> None:
    made = card(record(kind, body, on))

    assert sum(len(section.items) for section in made.sections) == is_shown


def test_every_penalty_carries_its_last_day_and_the_page_drops_it_after() -> None:
    (item,) = card(record("penalty", PENALTY)).sections[0].items

    assert (item.until, item.ends, item.ends_word) == (date(2027, 11, 2), date(2027, 11, 2), "公示至")
    assert shown((item,), date(2027, 11, 2)) == [item]
    assert shown((item,), date(2027, 11, 3)) == []


@pytest.mark.parametrize("secret", ["2304********1233", "CF_FR_ZJHM", "内部备注"])
def test_what_is_not_public_is_not_on_the_card(secret: str) -> None:
    assert secret not in text(record("penalty", PENALTY))


@pytest.mark.parametrize(
    "body",
    [PENALTY | {"CF_SY": "当事人电话13800138000"}, PENALTY | {"CF_WFXW": "身份证230402199003071233"}],
    ids=["telephone in a line", "ID number in the title"],
)
def test_personal_data_that_slipped_through_the_door_keeps_the_item_off_the_board(body: dict[str, str]) -> None:
    made = text(record("penalty", body))

    assert "13800138000" not in made
    assert "230402199003071233" not in made


def test_personal_data_that_stands_where_the_source_should_be_is_on_no_card() -> None:
    slipped = record("penalty", PENALTY)._replace(source="张三13800138000")
    registered = COMPANY._replace(source="张三13800138000")

    assert "13800138000" not in text(slipped) and "未按规定公示许可证" not in text(slipped)
    assert card(registration=registered).head.source == "张三***********"


@pytest.mark.parametrize(
    "registration, person, place",
    [(COMPANY, "张松岭", "2单元501室"), (STALL, "张**", "红旗路")],
    ids=["company", "individual business"],
)
def test_an_individuals_name_and_home_are_shown_no_further_than_needed(registration, person: str, place: str) -> None:
    lines = dict(card(registration=registration).head.lines)

    assert person in lines.values()
    assert any(value.endswith(place) for value in lines.values())


def test_long_term_is_written_in_words() -> None:
    (item,) = card(record("licence", LICENCE | {"XK_YXQZI": "2099-12-31"})).sections[0].items

    assert ("有效期至", "长期") in item.lines
    assert (item.until, item.ends) == (None, None)


@pytest.mark.parametrize(
    "state, stands", [("active", True), ("suspended", True), ("licence_revoked", False), ("deregistered", False)]
)
def test_an_ended_business_is_not_publicised_for(state: str, stands: bool) -> None:
    declared = record("declaration", {"ZB_LX": "荣誉奖励", "ZB_NR": "明厨亮灶"})
    made = card(declared, registration=COMPANY._replace(state=state))

    assert bool(made.supplement) == stands


def test_a_type_given_by_its_number_is_shown_in_words() -> None:
    numbered = COMPANY._replace(body={**COMPANY.body, "ENTTYPE": "1130"})
    head = card(registration=numbered).head

    assert head.kind == dict(head.lines)["企业类型"] == "有限责任公司（自然人投资或控股）"


def test_a_card_is_good_for_thirty_days_at_most() -> None:
    assert card().good_until == AT + timedelta(days=30)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "未认定"),
        ({"CN_LXZT": "部分履行", "CN_WLX": "没有标价", "CN_ZJ": "约谈"}, "部分履行"),
    ],
    ids=["nobody has judged", "judged"],
)
def test_a_commitment_that_nobody_has_judged_is_said_to_be_so(more: dict[str, str], said: str) -> None:
    shown = rules.item(record("commitment", COMMITMENT | more, date(2026, 3, 15)), today=TODAY, overlap="earlier")

    assert shown is not None
    lines = dict(shown.lines)
    assert lines["承诺履约状态"] == said
    assert lines["违诺责任追究内容"] == more.get("CN_ZJ", "")


def test_a_commitment_made_for_one_code_says_for_which() -> None:
    made = COMMITMENT | {"CN_SY": "自愿作出承诺（诚信码编号 12）"}
    shown = rules.item(record("commitment", made, date(2026, 3, 15)), today=TODAY, overlap="earlier")

    assert shown is not None and shown.serial == 12
