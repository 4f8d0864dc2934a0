"""When a commitment may be signed, renewed, ended and judged; the form of its number. Pure: no database, no clock."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from chengxin.terms.entity import STATES

KEPT: Final = ("全部履行", "部分履行", "全部未履行")
"""承诺履行状态 (domain.md §9.2, item 11). None of them is 未认定, and is shown as that."""
UNJUDGED: Final = "未认定"
BREACHED: Final = KEPT[1:]
RENEW_AHEAD: Final = timedelta(days=60)
"""So long before its end a commitment may be signed anew."""
LAST_SERIAL: Final = 999_999


def number(place: str, day: date, serial: int) -> str:
    """Return a 承诺编码: the division of the place of acceptance, the day, six digits (domain.md §9.2, item 1).

    >>> number("230402", date(2026, 11, 25), 11)
    '23040220261125000011'
    """
    return f"{place}{day:%Y%m%d}{serial:06}"


def ends(day: date, valid_days: int) -> date:
    """Return the last day of a commitment made on a day."""
    return day + timedelta(days=valid_days - 1)


def reason(said: str, serial: int | None) -> str:
    """Return the 承诺事由, which says for which code a commitment was made that is not the whole business's.

    >>> reason("自愿作出承诺", 12)
    '自愿作出承诺（诚信码编号 12）'
    """
    return said if serial is None else f"{said}（诚信码编号 {serial}）"


def placing(said: str) -> int | None:
    """Return for which code a commitment was made, from its 承诺事由; None: for the whole business.

    >>> placing("自愿作出承诺（诚信码编号 12）"), placing("自愿作出承诺")
    (12, None)
    """
    found = _PLACING.search(said)
    return int(found[1]) if found else None


_PLACING: Final = re.compile(r"（诚信码编号 ([1-9][0-9]{0,17})）$")


def why_not_sign(*, state: str, stands_until: date | None, stands: bool, today: date) -> str | None:
    """Return why a business cannot sign a form of words now, or nothing if it can.

    :param state: of its registration, a name of terms.entity.STATES.
    :param stands: whether it has signed the same for the same place, and that stands.
    """
    if not STATES[state].may_be_coded:
        return f"登记状态为“{STATES[state].label}”，不能签署承诺。"
    if stands and not may_renew(stands_until, today):
        until = f"，有效期至 {stands_until:%Y-%m-%d}；到期前 {RENEW_AHEAD.days} 天可以续签" if stands_until else ""
        return f"这份承诺已经签署{until}。"
    return None


def why_not_signed_on(day: date, *, valid_days: int, today: date) -> str | None:
    """Return why a form of words cannot have been signed on a day, or nothing if it can."""
    if day > today:
        return f"签署日期 {day:%Y-%m-%d} 还没有到：请照承诺书上的日期填写。"
    if ends(day, valid_days) < today:
        return f"签署日期 {day:%Y-%m-%d} 的承诺已经期满：请重新签署以后再登记。"
    return None


def may_renew(until: date | None, today: date) -> bool:
    """Tell whether a commitment that ends on a day may be signed anew: shortly before its end, and ever after."""
    return until is not None and today >= until - RENEW_AHEAD


def why_not_end(*, until: date | None, today: date) -> str | None:
    """Return why a business cannot end a commitment now, or nothing if it can."""
    return "这份承诺的有效期已满，不需要再终止。" if until is not None and until <= today else None


def why_not_judge(
    *, kept: str, unkept: str, consequence: str, evidence: str, signed_on: date, today: date
) -> dict[str, str]:
    """Return what is lacking of a finding, a sentence for each field (domain.md §9.2, items 11 to 13)."""
    lacking = {}
    if kept not in KEPT:
        lacking["kept"] = "请选择履行状态。"
    if not evidence:
        lacking["evidence"] = "请写明认定的依据，例如检查记录、投诉处理结果的编号。"
    if kept in BREACHED and not unkept:
        lacking["unkept"] = "没有全部履行的，请写明未履行的承诺内容。"
    if kept in BREACHED and not consequence:
        lacking["consequence"] = "没有全部履行的，请写明违诺责任追究内容。"
    if signed_on > today:
        lacking["kept"] = "承诺作出之前不能认定。"
    return lacking
