"""What those inside see of each record: a table of states that a lawyer can read."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from chengxin.credit.publishing.inside import TITLES, entries
from chengxin.credit.records.catalogue import KINDS
from chengxin.credit.records.standing import Said, settle
from tests.credit.publishing.test_rules import COMMITMENT, LICENCE, PENALTY

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
TODAY = date(2026, 11, 23)


def said(kind, body, on=date(2026, 11, 2), *, number=1, of=None):
    one = Said("91230402MA1CTE575Q", kind, on, body, "市市场监督管理局", "", AT, number, bytes([number]) * 16, 1, 2)
    return one._replace(target_kind=of.kind, target_key=of.key) if of else one


def seen(*held):
    return entries(settle(held), today=TODAY, overlap="earlier")


@pytest.mark.parametrize(
    "kind, body, on, name, label, why",
    [
        ("penalty", PENALTY, date(2026, 11, 2), "shown", "公示中", "公示至 2027-11-02"),
        ("penalty", PENALTY | {"CF_CFLB": "警告"}, date(2026, 11, 2), "hidden", "不公示", "轻微"),
        ("penalty", PENALTY, date(2025, 11, 2), "ended", "公示期满", "届满"),
        ("licence", LICENCE, date(2023, 5, 21), "shown", "公示中", ""),
        ("licence", LICENCE | {"XK_YXQZI": "2026-11-22"}, date(2023, 5, 21), "ended", "有效期已过", "2026-11-22"),
        ("licence", LICENCE | {"XK_ZT": "2"}, date(2023, 5, 21), "hidden", "不公示", "失效"),
        ("commitment", COMMITMENT | {"CN_GKLX": "不可公开"}, date(2026, 3, 15), "hidden", "不公示", "不可公开"),
        ("penalty", PENALTY | {"CF_SY": "致电13800138000"}, date(2026, 11, 2), "hidden", "未公示", "个人信息"),
    ],
    ids=["shown", "minor", "over its time", "in force", "run out", "no longer valid", "not for the public", "private"],
)
def test_the_state_of_a_record(kind, body, on, name, label, why):
    (entry,) = seen(said(kind, body, on))

    assert (entry.state.name, entry.state.label) == (name, label)
    assert why in entry.state.why and not entry.state.is_stopped


@pytest.mark.parametrize(
    "way, label",
    [("withdrawn", "已撤回"), ("repaired", "已修复"), ("expired", "已期满"), ("upheld", "异议成立")],
)
def test_what_was_stopped_says_by_which_way_and_that_it_is_not_for_use(way, label):
    penalty = said("penalty", PENALTY)

    (entry,) = seen(penalty, said(way, {"TZ_YJWH": "〔2026〕9号", "TZ_LY": "致电13800138000"}, number=2, of=penalty))

    assert (entry.state.name, entry.state.label, entry.until) == (way, label, None)
    assert entry.state.is_stopped and entry.state.why
    assert entry.because == "2026-11-02　〔2026〕9号　致电***********"


def test_a_corrected_line_has_its_new_value_and_says_so():
    penalty = said("penalty", PENALTY)
    correction = said("corrected", {"TZ_ZDM": "CF_NR_FK", "TZ_YZ": "0.6", "TZ_XZ": "0.7"}, number=2, of=penalty)

    (entry,) = seen(penalty, correction)

    assert [line for line in entry.lines if line[2]] == [("罚款金额(万元)", "0.7", True)]


def test_personal_data_is_blotted_out():
    (entry,) = seen(said("penalty", PENALTY | {"CF_SY": "致电13800138000", "CF_WFXW": "身份证230402199003071233"}))

    told = entry.title + "".join(value for _, value, _ in entry.lines)
    assert "13800138000" not in told and "230402199003071233" not in told and "***********" in told


def test_a_stopped_listing_makes_no_penalty_serious():
    listing = said("serious", {"SX_LRRQ": "2026-10-01"}, number=2)
    minor = said("penalty", PENALTY | {"CF_CFLB": "警告"})

    assert [one.state.name for one in seen(minor, listing)] == ["shown", "shown"]
    (entry, _) = seen(minor, listing, said("repaired", {}, number=3, of=listing))
    assert entry.state.name == "hidden"


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS.values() if kind.roles.happened_on and not kind.stops], ids=str
)
def test_every_kind_stands_in_a_section_with_a_title(kind):
    (entry,) = seen(said(kind.name, {}))

    assert entry.section in TITLES


def test_of_a_kind_that_is_no_more_nothing_is_told():
    assert seen(said("no such kind", {})) == []
