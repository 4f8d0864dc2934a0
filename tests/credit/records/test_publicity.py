"""公示期, as a table a lawyer can read."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.credit.records import publicity
from chengxin.credit.records.catalogue import kind

TODAY = date(2026, 11, 23)

FINE = {"CF_CFLB": "罚款", "CF_NR_FK": "2", "CF_NR": "罚款 2 万元", "CF_WFXW": "价格违法"}
SMALL_FINE = {**FINE, "CF_NR_FK": "0.29"}
WARNING = {"CF_CFLB": "警告", "CF_NR": "警告"}
SUSPENSION = {"CF_CFLB": "责令停产停业", "CF_NR": "责令停产停业"}
FOOD = {**FINE, "CF_YJ": "《中华人民共和国食品安全法》第一百二十六条"}
SUMMARY = {**FINE, "CF_NR_FK": "0.1", "CF_WSH": "鹤市监简罚〔2026〕1号"}


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        (WARNING, "minor"),
        ({"CF_CFLB": "通报批评"}, "minor"),
        ({"CF_CFLB": "警告;通报批评"}, "minor"),
        (SMALL_FINE, "minor"),
        ({**SMALL_FINE, "CF_CFLB": "警告;罚款"}, "minor"),
        ({**FINE, "CF_NR_FK": "0.3"}, "general"),
        ({**FINE, "CF_NR_FK": ""}, "general"),
        (SUMMARY, "minor"),
        ({**FINE, "BZ": "适用简易程序"}, "minor"),
        (FINE, "general"),
        (FOOD, "general"),
        ({"CF_CFLB": "没收违法所得"}, "general"),
        ({**SMALL_FINE, "CF_CFLB": "罚款;没收违法所得"}, "general"),
        ({"CF_CFLB": "暂扣许可证件"}, "general"),
        ({"CF_CFLB": "降低资质等级"}, "general"),
        ({"CF_CFLB": "其他-责令改正"}, "general"),
        ({**FINE, "CF_NR_FK": "99.999999"}, "general"),
        ({**FINE, "CF_NR_FK": "100"}, "serious"),
        ({"CF_CFLB": "吊销许可证件"}, "serious"),
        ({"CF_CFLB": "限制开展生产经营活动"}, "serious"),
        (SUSPENSION, "serious"),
        ({"CF_CFLB": "责令关闭"}, "serious"),
        ({"CF_CFLB": "限制从业"}, "serious"),
        ({"CF_CFLB": "行政拘留"}, "serious"),
        ({"CF_CFLB": "警告;责令停产停业"}, "serious"),
        ({"CF_CFLB": "暂扣或者吊销许可证、暂扣或者吊销执照", "CF_NR": "吊销食品经营许可证"}, "serious"),
        ({"CF_CFLB": "暂扣或者吊销许可证、暂扣或者吊销执照", "CF_NR": "暂扣食品经营许可证"}, "general"),
    ],
)
def test_order_36_classifies_by_type_and_fine(body, severity):
    assert publicity.judge(body, happened_on=date(2026, 5, 8), today=date(2026, 6, 1)).severity == severity


def test_whoever_is_on_a_list_of_serious_misconduct_is_serious():
    found = publicity.judge(WARNING, happened_on=date(2026, 5, 8), today=TODAY, listed=True)

    assert (found.severity, found.until) == ("serious", date(2029, 5, 8))


@pytest.mark.parametrize(
    ("body", "decided", "today", "shown", "repair_from", "until"),
    [
        (FINE, (2026, 5, 8), (2026, 5, 8), True, (2026, 8, 9), (2027, 5, 8)),
        (FINE, (2026, 5, 8), (2027, 5, 8), True, (2026, 8, 9), (2027, 5, 8)),
        (FINE, (2026, 5, 8), (2027, 5, 9), False, (2026, 8, 9), (2027, 5, 8)),
        (FINE, (2026, 11, 30), (2026, 12, 1), True, (2027, 3, 1), (2027, 11, 30)),
        (SUSPENSION, (2026, 5, 8), (2026, 6, 1), True, (2027, 5, 9), (2029, 5, 8)),
        (SUSPENSION, (2028, 2, 29), (2028, 3, 1), True, (2029, 3, 1), (2031, 2, 28)),
        (SUSPENSION, (2026, 5, 8), (2029, 5, 9), False, (2027, 5, 9), (2029, 5, 8)),
        (WARNING, (2026, 5, 8), (2026, 5, 8), False, (2026, 5, 8), None),
        (SMALL_FINE, (2026, 5, 8), (2026, 5, 8), False, (2026, 5, 8), None),
        (SUMMARY, (2026, 5, 8), (2026, 5, 8), False, (2026, 5, 8), None),
        (FINE, (2026, 4, 1), (2026, 4, 1), True, (2026, 7, 2), (2027, 4, 1)),
        (FINE, (2026, 3, 31), (2026, 3, 31), True, (2026, 7, 1), (2027, 3, 31)),
        (FINE, (2026, 3, 31), (2026, 4, 1), True, (2026, 7, 1), (2027, 3, 31)),
        (FINE, (2025, 4, 1), (2026, 3, 31), True, (2025, 7, 2), (2026, 4, 1)),
        (FINE, (2025, 4, 1), (2026, 4, 1), True, (2025, 7, 2), (2026, 4, 1)),
        (FINE, (2025, 4, 1), (2026, 4, 2), False, (2025, 7, 2), (2026, 4, 1)),
        (FINE, (2024, 5, 8), (2026, 3, 31), True, (2024, 8, 9), (2026, 3, 31)),
        (FINE, (2024, 5, 8), (2026, 4, 1), False, (2024, 8, 9), (2025, 5, 8)),
        (FINE, (2023, 3, 30), (2026, 3, 31), False, (2023, 7, 1), (2026, 3, 30)),
        (FOOD, (2025, 6, 1), (2026, 3, 31), True, (2026, 6, 2), (2026, 6, 1)),
        (FOOD, (2025, 6, 1), (2026, 4, 1), True, (2025, 9, 2), (2026, 6, 1)),
        (SUSPENSION, (2024, 5, 8), (2026, 4, 1), True, (2025, 5, 9), (2027, 5, 8)),
        (SUSPENSION, (2022, 5, 8), (2024, 1, 1), True, (2022, 8, 9), (2025, 5, 8)),
        (WARNING, (2026, 1, 5), (2026, 3, 31), True, (2026, 4, 6), (2026, 3, 31)),
        (WARNING, (2026, 1, 5), (2026, 4, 1), False, (2026, 1, 5), None),
        (SUMMARY, (2026, 1, 5), (2026, 3, 31), False, (2026, 1, 5), None),
    ],
    ids=[
        "general on its first day",
        "general on its last day",
        "general the day after",
        "general from a month's end",
        "serious",
        "serious from a leap day",
        "serious the day after its last",
        "minor: a warning",
        "minor: a small fine",
        "minor: 简易程序",
        "decided on the first day of Order 36",
        "decided on the last day of Order 58, seen that day",
        "decided on the last day of Order 58, seen the day after",
        "under Order 58 with its last day under Order 36 known",
        "the last day that Order 36 leaves an older one",
        "the day after it",
        "Order 36 will take it down: shown until the eve",
        "taken down on the first day of Order 36",
        "ended under Order 58 already",
        "food under Order 58: a year before repair",
        "food under Order 36: three months before repair",
        "serious from Order 58 into Order 36: the same end",
        "before either order",
        "a warning under Order 58 shown until the eve",
        "a warning under Order 36 not shown",
        "简易程序 not shown under Order 58 either",
    ],
)
def test_a_penalty_is_shown_as_long_as_the_law_says(body, decided, today, shown, repair_from, until):
    found = publicity.judge(body, happened_on=date(*decided), today=date(*today))

    assert (found.shown, found.repair_from, found.until) == (shown, date(*repair_from), until and date(*until))


def test_of_two_ends_the_earlier_holds_unless_the_city_takes_the_newest():
    longer = publicity.read_rule_set(
        """name = "longer"
        title = "试验"
        begins = 2026-10-01
        otherwise = "general"
        [class.general]
        label = "一般"
        min_months = 3
        max_months = 24"""
    )
    sets = (*publicity.RULE_SETS, longer)

    ends = {
        overlap: publicity.judge(FINE, happened_on=date(2026, 5, 8), today=TODAY, overlap=overlap, rule_sets=sets).until
        for overlap in ("earlier", "newest")
    }

    assert ends == {"earlier": date(2027, 5, 8), "newest": date(2028, 5, 8)}


@pytest.mark.parametrize(
    ("given", "until"),
    [
        ("2026-12-31", date(2026, 12, 31)),
        ("2029-12-31", date(2027, 5, 8)),
        ("2099-12-31", date(2027, 5, 8)),
        ("", date(2027, 5, 8)),
    ],
)
def test_the_end_an_authority_gives_only_shortens(given, until):
    assert publicity.judge({**FINE, "CF_GSJZQ": given}, happened_on=date(2026, 5, 8), today=TODAY).until == until


@pytest.mark.parametrize(
    ("body", "today", "why"),
    [
        (FINE, date(2026, 6, 1), "一般，公示至 2027-05-08（国家发展改革委令第 36 号，最长 12 个月）"),
        (FINE, date(2028, 6, 1), "一般，公示期已于 2027-05-08 届满（国家发展改革委令第 36 号，最长 12 个月）"),
        (WARNING, date(2026, 6, 1), "轻微，依国家发展改革委令第 36 号不对外公示"),
    ],
)
def test_a_judgment_says_why(body, today, why):
    found = publicity.judge(body, happened_on=date(2026, 5, 8), today=today)

    assert (found.why, found.rule) == (why, "order36")


@pytest.mark.parametrize(
    ("today", "change"), [(date(2026, 3, 31), date(2026, 4, 1)), (date(2026, 4, 1), None), (TODAY, None)]
)
def test_the_next_change_of_the_rules_is_known(today, change):
    assert publicity.next_change(today) == change


bodies = st.sampled_from([FINE, SMALL_FINE, WARNING, SUSPENSION, FOOD, SUMMARY])


@given(bodies, st.dates(date(2022, 1, 1), date(2027, 12, 31)), st.integers(0, 1500), st.integers(0, 1500))
def test_what_is_promised_until_a_day_is_never_longer_seen_from_a_later_day(body, decided, first, more):
    early = publicity.judge(body, happened_on=decided, today=decided + timedelta(days=first))
    late = publicity.judge(body, happened_on=decided, today=decided + timedelta(days=first + more))

    if late.shown:
        assert early.shown
        assert late.until == early.until


LICENCE = {"XK_YXQZI": "2027-05-07", "XK_ZT": "1"}


@pytest.mark.parametrize(
    ("name", "body", "today", "shown", "until"),
    [
        ("licence", LICENCE, date(2027, 5, 7), True, date(2027, 5, 7)),
        ("licence", LICENCE, date(2027, 5, 8), False, date(2027, 5, 7)),
        ("licence", {**LICENCE, "XK_YXQZI": "2099-12-31"}, TODAY, True, None),
        ("licence", {**LICENCE, "XK_ZT": "2"}, TODAY, False, None),
        ("penalty", FINE, TODAY, True, date(2027, 5, 8)),
        ("penalty", WARNING, TODAY, False, None),
        ("abnormal", {}, TODAY, True, None),
        ("abnormal", {"YC_YCRQ": "2026-11-23"}, TODAY, False, date(2026, 11, 22)),
        ("serious", {}, date(2029, 5, 8), True, date(2029, 5, 8)),
        ("serious", {}, date(2029, 5, 9), False, date(2029, 5, 8)),
        ("serious", {"YZ_YCRQ": "2026-10-01"}, TODAY, False, date(2026, 9, 30)),
        ("judgment", {}, TODAY, True, None),
        ("judgment", {"SX_CXRQ": "2026-11-01"}, TODAY, False, date(2026, 10, 31)),
        ("honour", {}, TODAY, True, None),
        ("honour", {"RY_YXQZ": "2026-11-22"}, TODAY, False, date(2026, 11, 22)),
        ("commitment", {"CN_GKLX": "可向社会公开"}, TODAY, True, None),
        ("commitment", {"CN_GKLX": "特定范围内公开"}, TODAY, False, None),
        ("commitment", {"CN_GKLX": "不可公开"}, TODAY, False, None),
        ("commitment", {}, TODAY, False, None),
        ("declaration", {"ZY_ZT": "2"}, TODAY, False, None),
        ("declaration", {}, TODAY, True, None),
        ("subject", {}, TODAY, True, None),
    ],
)
def test_every_kind_is_shown_as_its_file_says(name, body, today, shown, until):
    found = publicity.shown_until(kind(name), body, happened_on=date(2026, 5, 8), today=today)

    assert found == (shown, until)


SOUND = """
name = "sound"
title = "试验"
begins = 2026-10-01
otherwise = "general"
[class.general]
label = "一般"
min_months = 3
max_months = 24
[[when]]
is = "general"
any_types = ["罚款"]
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('otherwise = "general"', 'otherwise = "grave"', "grave is no class"),
        ('is = "general"', 'is = "grave"', "grave is no class"),
        ("any_types", "some_types", "some_types is no word"),
        ("max_months = 24", "max_months = 3", "minimum beyond"),
        ("begins = 2026-10-01", "", "begins"),
        ("[class.general]", "[class.general", "Error"),
    ],
)
def test_a_rule_set_that_does_not_hold_together_is_refused(old, new, says):
    assert publicity.read_rule_set(SOUND).name == "sound"
    with pytest.raises(publicity.Broken, match=says):
        publicity.read_rule_set(SOUND.replace(old, new))


def test_every_word_of_a_classifier_is_explained_for_the_public():
    explained = [word.__doc__ for word in publicity.WORDS.values()]

    assert all(explained)
    assert len(set(explained)) == len(explained)
