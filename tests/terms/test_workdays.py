"""工作日."""

from datetime import date

import pytest

from chengxin.terms import workdays
from chengxin.terms.workdays import STATE_COUNCIL


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        (date(2026, 3, 2), 7, date(2026, 3, 11)),
        (date(2026, 3, 6), 1, date(2026, 3, 9)),
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 14), 1, date(2026, 2, 24)),
        (date(2026, 4, 3), 1, date(2026, 4, 7)),
        (date(2026, 5, 8), 1, date(2026, 5, 9)),
        (date(2026, 9, 19), 1, date(2026, 9, 20)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2025, 12, 31), 1, date(2026, 1, 4)),
        (date(2025, 9, 30), 1, date(2025, 10, 9)),
        (date(2026, 3, 7), 0, date(2026, 3, 7)),
    ],
    ids=[
        "seven in ordinary weeks",
        "over a weekend",
        "a Saturday worked before Spring Festival",
        "over Spring Festival",
        "over Qingming",
        "a Saturday worked after Labour Day",
        "a Sunday worked before National Day",
        "over National Day to a Saturday worked",
        "over New Year into a Sunday worked",
        "over National Day 2025",
        "none",
    ],
)
def test_working_days_skip_holidays_and_count_weekend_days_worked(day, count, due):
    assert workdays.add(day, count, STATE_COUNCIL) == due


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (date(2026, 3, 2), date(2026, 3, 11), 7),
        (date(2026, 3, 2), date(2026, 3, 2), 0),
        (date(2026, 3, 11), date(2026, 3, 2), 0),
        (date(2026, 2, 14), date(2026, 2, 23), 0),
        (date(2026, 1, 1), date(2026, 12, 31), 248),
    ],
)
def test_the_first_day_is_not_counted_and_the_last_is(start, end, count):
    assert workdays.between(start, end, STATE_COUNCIL) == count


def test_a_year_without_a_notice_is_asked_for():
    with pytest.raises(workdays.UnknownYear, match="没有 2027 年的节假日安排"):
        workdays.add(date(2026, 12, 31), 1, STATE_COUNCIL)


def test_a_count_is_never_negative():
    with pytest.raises(ValueError, match="negative"):
        workdays.add(date(2026, 3, 2), -1, STATE_COUNCIL)


@pytest.mark.parametrize(
    "line", ["2026-13-01,holiday,元旦", "2026-01-01,halfday,元旦", "2026/01/01,holiday,元旦", "2026-01-01"]
)
def test_a_line_that_is_no_day_is_refused(line):
    with pytest.raises(workdays.Unreadable, match="第 2 行"):
        workdays.load(["date,kind,name", line])


def test_a_city_may_bring_its_own_calendar():
    calendar = workdays.load(["date,kind,name", "2030-01-01,holiday,元旦"])

    assert not calendar.is_working(date(2030, 1, 1))
    assert calendar.is_working(date(2030, 1, 2))
