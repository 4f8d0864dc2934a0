"""期间与日期."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.terms import period


@pytest.mark.parametrize(
    ("start", "years", "months", "last"),
    [
        (date(2026, 5, 8), 0, 3, date(2026, 8, 8)),
        (date(2026, 5, 8), 1, 0, date(2027, 5, 8)),
        (date(2026, 5, 8), 3, 0, date(2029, 5, 8)),
        (date(2026, 1, 31), 0, 1, date(2026, 2, 28)),
        (date(2026, 11, 30), 0, 3, date(2027, 2, 28)),
        (date(2024, 2, 29), 1, 0, date(2025, 2, 28)),
        (date(2025, 2, 28), 3, 0, date(2028, 2, 28)),
        (date(2026, 8, 31), 0, 12, date(2027, 8, 31)),
        (date(2026, 12, 31), 0, 0, date(2026, 12, 31)),
    ],
)
def test_a_period_ends_on_the_day_of_the_same_number_or_the_months_last(start, years, months, last):
    assert period.last_day(start, years=years, months=months) == last


@pytest.mark.parametrize(
    "text",
    [
        "2026/05/08",
        "2026-05-08",
        "2026.5.8",
        "2026/5/8",
        "2026年5月8日",
        "2026 年 5 月 8 日",
        "20260508",
        "２０２６／０５／０８",
        " 2026-05-08 ",
        "2026-05-08 00:00:00",
        "2026/5/8 0:00",
        "2026-05-08T10:30:00.000+08:00",
        "46150",
        "46150.0",
        46150,
        46150.75,
        date(2026, 5, 8),
        datetime(2026, 5, 8, 23, 59),  # noqa: DTZ001 — a spreadsheet's times have no zone
    ],
)
def test_a_date_is_read_in_every_official_form(text):
    assert period.parse_date(text) == date(2026, 5, 8)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "YYYY/MM/DD"),
        ("明天", "YYYY/MM/DD"),
        ("2026-02-30", "没有 2026 年 2 月 30 日这一天"),
        ("2026/13/01", "没有 2026 年 13 月 1 日这一天"),
        ("1899-12-31", "1900 年至 2099 年"),
        ("2100-01-01", "1900 年至 2099 年"),
        ("08/05/2026", "YYYY/MM/DD"),
        ("2026-05", "YYYY/MM/DD"),
        ("99999", "Excel"),
        (0, "Excel"),
        (60, "Excel"),
        (73051, "Excel"),
        (True, "不是日期"),
        (None, "不是日期"),
    ],
)
def test_what_is_no_date_is_refused_with_its_reason(text, says):
    with pytest.raises(period.NoDate, match=says):
        period.parse_date(text)


@pytest.mark.parametrize(
    ("serial", "day"),
    [(1, date(1900, 1, 1)), (59, date(1900, 2, 28)), (61, date(1900, 3, 1)), (73050, date(2099, 12, 31))],
)
def test_a_number_of_excel_knows_of_the_leap_day_that_never_was(serial, day):
    assert period.parse_date(serial) == day


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2099/12/31", period.LONG_TERM),
        ("2099-01-31", period.LONG_TERM),
        ("9999-12-31", period.LONG_TERM),
        ("长期", period.LONG_TERM),
        ("长期有效", period.LONG_TERM),
        ("2031/05/08", date(2031, 5, 8)),
        (date(2099, 1, 31), period.LONG_TERM),
        ("2098-12-31", date(2098, 12, 31)),
    ],
)
def test_long_term_is_told_in_words_or_as_a_day_far_away(text, end):
    assert period.parse_end(text) == end
    assert period.is_long_term(period.parse_end(text)) == (end == period.LONG_TERM)


@given(st.dates(period.FIRST, date(2095, 12, 31)), st.integers(0, 36))
def test_a_period_of_months_never_ends_before_it_began_nor_a_month_late(start, months):
    last = period.last_day(start, months=months)

    assert start + timedelta(days=28 * months) <= last <= start + timedelta(days=31 * months)


@given(st.text(max_size=20))
def test_any_text_is_a_date_or_is_refused(text):
    try:
        assert period.FIRST <= period.parse_date(text) <= period.LAST
    except period.NoDate as wrong:
        assert str(wrong)
