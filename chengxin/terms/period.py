"""期间与日期: periods by the Civil Code, and dates as official files write them. Pure: no database, no clock.

>>> last_day(date(2026, 1, 31), months=1), last_day(date(2024, 2, 29), months=12)
(datetime.date(2026, 2, 28), datetime.date(2025, 2, 28))
>>> parse_date("２０２６年4月1日"), parse_date("20260401"), parse_date(46113)
(datetime.date(2026, 4, 1), datetime.date(2026, 4, 1), datetime.date(2026, 4, 1))
>>> is_long_term(parse_end("2099-01-31")), is_long_term(parse_end("长期"))
(True, True)
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

FIRST: Final = date(1900, 1, 1)
LAST: Final = date(2099, 12, 31)
LONG_TERM: Final = LAST
"""The day that official tables write for 长期. Real files hold other days of 2099 too: any of them means the same."""

_LONG_TERM_WORDS: Final = frozenset(
    {"长期", "长期有效", "永久", "永久有效", "长久", "无固定期限", "无期限", "长期至", "无限期"}
)
_FORM = re.compile(
    r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日?|(\d{2})(\d{2}))"
    r"(?:[T ]?\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_EPOCH: Final = date(1899, 12, 30)


class NoDate(ValueError):
    """The value is no date that an official table may hold; the message says why, in Chinese."""


def last_day(start: date, *, years: int = 0, months: int = 0) -> date:
    """Return the last day of a period that begins with an event on `start`.

    The day of the event is not counted (《民法典》第 201 条); the period ends with the day of the same number in its
    last month or, where there is none, with that month's last day (第 202 条). A period of publicity is not put off
    by a holiday: 第 203 条 protects whoever has to act by its end, and here nobody has to.
    """
    month = start.month - 1 + months + 12 * years
    year, month = start.year + month // 12, month % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def is_long_term(day: date) -> bool:
    """Tell whether a day stands for 长期: any day of 2099 does."""
    return day.year == LONG_TERM.year


def parse_date(value: object) -> date:
    """Return the date a cell holds: text in any official form, an Excel number, a date or a time.

    :raises NoDate: no date, no such day, or outside 1900 to 2099.
    """
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, datetime):
        return _in_range(value.date())
    if isinstance(value, date):
        return _in_range(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_serial(value)
    raise NoDate("不是日期")


def parse_end(value: object) -> date:
    """Return the last day a cell holds, where 长期 in words or as a day of 2099 or 9999 may stand instead of one.

    :raises NoDate: as `parse_date`.
    """
    if isinstance(value, str):
        text = unicodedata.normalize("NFKC", value).strip()
        if text in _LONG_TERM_WORDS or text.startswith("9999"):
            return LONG_TERM
    found = parse_date(value)
    return LONG_TERM if is_long_term(found) else found


# Files hold few different dates in many rows: remembering them makes a date nearly free.
@lru_cache(maxsize=65536)
def _from_text(text: str) -> date:
    folded = unicodedata.normalize("NFKC", text).strip()
    match = _FORM.fullmatch(folded.replace(" ", "") if "年" in folded else folded)
    if match is None:
        serial = _SERIAL.fullmatch(folded)
        if serial is not None:
            return _from_serial(int(serial[1]))
        raise NoDate("日期应写作 YYYY/MM/DD（如 2026/04/01）")
    year, *rest = (int(group) for group in match.groups() if group is not None)
    try:
        return _in_range(date(year, *rest))
    except NoDate:
        raise
    except ValueError:
        raise NoDate(f"没有 {year} 年 {rest[0]} 月 {rest[1]} 日这一天") from None


def _from_serial(serial: float) -> date:
    """Return the day of an Excel number (1900 system).

    Excel counts a 29 February 1900 that never was, so that its numbers run one ahead from 1 March 1900 on.
    """
    if not 1 <= serial < 73051 or int(serial) == 60:
        raise NoDate("数字不是 1900 年至 2099 年的 Excel 日期")
    days = int(serial)
    return _EPOCH + timedelta(days=days + 1 if days < 60 else days)


def _in_range(day: date) -> date:
    if not FIRST <= day <= LAST:
        raise NoDate("日期应在 1900 年至 2099 年之间")
    return day
