"""What departments and courts have said of the demo's businesses: the rows of the official files, by the file's columns."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from chengxin.pipeline.demo.businesses import (
    MARKET_OFFICE,
    Business,
    World,
    city_of,
    office_code,
    office_name,
    share_of,
)
from chengxin.pipeline.demo.dice import Dice
from chengxin.pipeline.demo.words import LICENCES, OFFENCES, RATES, TRADES, WORDS, Licence, Offence
from chengxin.terms import division

Row = tuple[str, ...]

HEAVY: Final = 190
"""Licences of the one business that has so many: real ones were seen with as many (domain.md §4.1)."""
LONG_TERM: Final = "2099/12/31"
GENERIC: Final = "outdoor"
"""The licence that any business may have."""


_SHARE = share_of(lambda trade: bool(trade.licences))
_HAS_OWN: Final = min(0.9, RATES["licensed"] / _SHARE)
_HAS_GENERIC: Final = max(0.0, (RATES["licensed"] - _HAS_OWN * _SHARE) / (1 - _SHARE))


def counterpart(business: Business) -> str:
    """Return the official class of a counterpart of a decision."""
    return "个体工商户" if business.group == "individual" else "法人及非法人组织"


@functools.cache
def _authority(code: str, unit: str, *, by_city: bool, short: bool = False) -> tuple[str, str]:
    """Return name and USCC of a unit of a division or of its city."""
    where = city_of(code) if by_city else code
    if short:
        return division.full_name(where, province=False).removesuffix("市") + unit, office_code(where, unit)
    return office_name(where, unit), office_code(where, unit)


def _since(business: Business, back: int) -> int:
    """Return so many days back, or as many as the business has stood: nothing is decided about one before it is."""
    return min(back, business.established - 1)


def written(day: date) -> str:
    """Return a day as official files write it."""
    return f"{day.year}/{day.month:02}/{day.day:02}"


def years_on(day: date, years: int) -> date:
    """Return the last day of so many years from a day on."""
    # A licence from 1 May runs to 30 April; a day off matters to nobody where 29 February does.
    return date(day.year + years, day.month, min(day.day, 28)) - timedelta(days=1)


# ---- 行政许可 --------------------------------------------------------------------------------------------------

LICENCE_COLUMNS: Final = (
    "行政相对人名称",
    "行政相对人类别",
    "行政相对人代码_1(统一社会信用代码)",
    "法定代表人",
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
)
LICENCE_CODES: Final = (
    "XK_XDR_MC",
    "XK_XDR_LB",
    "XK_XDR_SHXYM",
    "XK_FRDB",
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
)


def licences(world: World, business: Business, *, heavy: bool) -> Iterator[Row]:
    """Yield the licences of a business: those of its trade, and for one business very many."""
    dice = world.dice(business.number, "licence")
    own = business.trade.licences
    if heavy:
        kinds = [LICENCES[name] for name in (*own, GENERIC, "fire", "special")]
        for number in range(HEAVY):
            yield _licence(world, business, dice, kinds[number % len(kinds)], number)
        return
    if own and dice.chance(_HAS_OWN):
        names = [own[0], *(name for name in own[1:] if dice.chance(0.6))]
    elif not own and dice.chance(_HAS_GENERIC):
        names = [GENERIC]
    else:
        return
    if own and dice.chance(0.15):
        names.append(GENERIC)
    for number, name in enumerate(dict.fromkeys(names)):
        yield _licence(world, business, dice, LICENCES[name], number)


def _licence(world: World, business: Business, dice: Dice, kind: Licence, number: int) -> Row:
    authority, code = _authority(business.office, kind.unit, by_city=kind.by_city, short=kind.short)
    # Mostly in force; some have run out, as in real files.
    term = kind.years * 365 or 6000
    back = dice.below(min(term, business.established))
    if kind.years and dice.chance(0.15) and back + term < business.established:
        back += term
    decided = world.day(back)
    serial = (business.number * 7919 + number * 1009 + world.seed) % 1_000_000
    decided_on = written(decided)
    return (
        business.name,
        counterpart(business),
        business.uscc,
        business.person,
        kind.name,
        f"（{business.office[:4]}）准许字〔{decided.year}〕第{serial:06}号",
        kind.grade,
        kind.certificate,
        _number(kind.number, business.office, dice),
        dice.pick(kind.content),
        decided_on,
        decided_on,
        written(years_on(decided, kind.years)) if kind.years else LONG_TERM,
        authority,
        code,
        "2" if dice.chance(0.01) else "1",
        authority,
        code,
        "",
    )


def _number(pattern: str, code: str, dice: Dice) -> str:
    text = pattern.replace("D", code)
    wanted = text.count("9")
    digits = iter(dice.digits(wanted))
    return "".join(next(digits) if letter == "9" else letter for letter in text)


def renewal(world: World, business: Business, row: Row) -> Row | None:
    """Return a licence as a later file corrects it, or None if none does: its term runs on."""
    if row[12] == LONG_TERM or not world.dice(business.number, "renewal").chance(RATES["changed"]):
        return None
    day = date(*map(int, row[12].split("/")))
    return (*row[:12], written(years_on(day, 3)), *row[13:18], "更正：有效期延续")


# ---- 行政处罚 --------------------------------------------------------------------------------------------------

PENALTY_COLUMNS: Final = (
    "CF_XDR_MC",
    "CF_XDR_LB",
    "CF_XDR_SHXYM",
    "CF_FRDB",
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
)


def penalties(world: World, business: Business) -> Iterator[Row]:
    """Yield the penalties of a business: in publicity, minor ones that are never shown, and ones past their time."""
    dice = world.dice(business.number, "penalty")
    if dice.chance(RATES["penalised"]):
        if dice.chance(RATES["severe"]):
            yield _penalty(world, business, dice, "severe", back=_since(business, 20 + dice.below(1000)))
        else:
            yield _penalty(world, business, dice, "ordinary", back=_since(business, 10 + dice.below(340)))
    if dice.chance(RATES["minor"]):
        yield _penalty(world, business, dice, "minor", back=_since(business, 5 + dice.below(300)))
    if business.established > 2100 and dice.chance(RATES["expired"]):
        yield _penalty(world, business, dice, "ordinary", back=1130 + dice.below(900))


def _penalty(world: World, business: Business, dice: Dice, grade: str, *, back: int) -> Row:
    section = business.trade.industry[0]
    offence: Offence = dice.pick([one for one in OFFENCES if not one.sections or section in one.sections])
    authority, code = _authority(business.office, offence.unit, by_city=False)
    decided = world.day(back)
    low, high = offence.fine
    fine = round(low + (high - low) * dice.below(21) / 20, 2)
    taken = round(0.01 * (5 + dice.below(400)), 2) if offence.confiscate else 0.0
    paper = ""
    if grade == "minor":
        # 警告, or a fine within the limit of the summary procedure (《行政处罚法》第 51 条).
        fine, taken = (0.0, 0.0) if dice.below(2) else (round(0.05 * (1 + dice.below(4)), 2), 0.0)
        kinds = ["罚款"] if fine else ["警告"]
    elif grade == "severe":
        kinds = ["罚款", dice.pick(("责令停产停业", "吊销许可证件"))]
        fine = round(fine * 3, 2)
        if "吊销许可证件" in kinds:
            names = [LICENCES[name].certificate for name in business.trade.licences] or ["营业执照"]
            paper = f"{names[0]}（编号见决定书）"
    else:
        kinds = ["罚款"]
    if taken and grade != "minor":
        kinds.append("没收违法所得")
    serial = (business.number * 31 + back) % 100_000
    return (
        business.name,
        counterpart(business),
        business.uscc,
        business.person,
        f"（{business.office[:4]}）罚决字〔{decided.year}〕第{serial:05}号",
        offence.type,
        offence.fact,
        offence.law,
        ";".join(kinds),
        _sentence(kinds, fine, taken),
        f"{fine:g}" if fine else "",
        f"{taken:g}" if taken and grade != "minor" else "",
        paper,
        written(decided),
        LONG_TERM if grade == "severe" else written(years_on(decided, 3)),
        "",
        authority,
        code,
        authority,
        code,
        "",
    )


def _sentence(kinds: list[str], fine: float, taken: float) -> str:
    said = {
        "警告": "给予警告",
        "罚款": f"处以罚款 {fine * 10_000:.0f} 元",
        "没收违法所得": f"没收违法所得 {taken * 10_000:.0f} 元",
        "责令停产停业": "责令停产停业三十日",
        "吊销许可证件": "吊销许可证件",
    }
    return "；".join(said[kind] for kind in kinds) + "。"


# ---- 经营异常、失信被执行人、严重失信 --------------------------------------------------------------------------

ABNORMAL_COLUMNS: Final = (
    "企业名称",
    "统一社会信用代码",
    "法定代表人",
    "列入经营异常名录原因类型名称",
    "列入日期",
    "列入决定机关名称",
    "移出日期",
    "移出原因",
    "数据来源单位",
    "数据来源单位统一社会信用代码",
)
DISHONEST_COLUMNS: Final = (
    "被执行人名称",
    "被执行人类别",
    "统一社会信用代码",
    "法定代表人",
    "执行法院",
    "省份",
    "执行依据文号",
    "立案时间",
    "案号",
    "做出执行依据单位",
    "生效法律文书确定的义务",
    "被执行人的履行情况",
    "失信被执行人行为具体情形",
    "发布时间",
    "未履行部分",
    "数据来源单位",
    "数据来源单位统一社会信用代码",
)
SERIOUS_COLUMNS: Final = (
    "主体名称",
    "主体类别",
    "统一社会信用代码",
    "法定代表人",
    "名单名称",
    "列入决定文书号",
    "列入日期",
    "列入理由",
    "列入决定机关",
    "列入决定机关统一社会信用代码",
    "移出日期",
    "数据来源单位",
    "数据来源单位统一社会信用代码",
)


def abnormal(world: World, business: Business) -> Iterator[Row]:
    """Yield a stay on the list of abnormal operation, some of them over."""
    dice = world.dice(business.number, "abnormal")
    if business.group == "other" or not dice.chance(RATES["abnormal"]):
        return
    authority, code = _authority(business.office, MARKET_OFFICE, by_city=False)
    # The lists are made each July, after the term for annual reports (30 June).
    back = _since(business, 20 + dice.below(900))
    over = dice.chance(0.15)
    yield (
        business.name,
        business.uscc,
        business.person,
        dice.pick(WORDS["abnormal"]["reasons"]),
        written(world.day(back)),
        authority,
        written(world.day(back * dice.below(100) // 100)) if over else "",
        "已补报年度报告并公示" if over else "",
        authority,
        code,
    )


def dishonest(world: World, business: Business) -> Iterator[Row]:
    """Yield an entry on the courts' list of 失信被执行人."""
    dice = world.dice(business.number, "dishonest")
    if business.group == "other" or not dice.chance(RATES["dishonest"]):
        return
    court, code = _authority(business.office, "人民法院", by_city=False)
    back = _since(business, 15 + dice.below(680))
    published = world.day(back)
    case = 100 + (business.number * 13) % 9000
    duty = dice.pick(WORDS["dishonest"]["duties"])
    yield (
        business.name,
        counterpart(business),
        business.uscc,
        business.person,
        court,
        division.PROVINCES[business.office[:2]],
        f"（{published.year - 1}）黑{business.office[2:4]}民初{case + 17}号",
        written(published - timedelta(days=60)),
        f"（{(published - timedelta(days=60)).year}）黑{business.office[2:4]}执{case}号",
        court,
        duty,
        "全部未履行",
        dice.pick(WORDS["dishonest"]["acts"]),
        written(published),
        duty,
        court,
        code,
    )


def serious(world: World, business: Business) -> Iterator[Row]:
    """Yield an entry on a list of serious dishonesty."""
    dice = world.dice(business.number, "serious")
    if not dice.chance(RATES["serious"]):
        return
    which = dice.below(len(WORDS["serious"]["lists"]))
    unit = ("市场监督管理局", "人力资源和社会保障局", "税务局", "应急管理局")[which]
    authority, code = _authority(business.office, unit, by_city=True)
    day = world.day(_since(business, 20 + dice.below(900)))
    yield (
        business.name,
        counterpart(business),
        business.uscc,
        business.person,
        WORDS["serious"]["lists"][which],
        f"（{business.office[:4]}）列严字〔{day.year}〕第{business.number % 1000:03}号",
        written(day),
        WORDS["serious"]["facts"][which],
        authority,
        code,
        "",
        authority,
        code,
    )


# ---- 信用承诺、荣誉、自愿填报 ----------------------------------------------------------------------------------

COMMITMENT_COLUMNS: Final = (
    "承诺编码",
    "承诺人名称",
    "承诺人类别",
    "承诺人代码",
    "承诺类型",
    "承诺事由",
    "承诺内容",
    "违诺责任",
    "承诺作出日期",
    "承诺有效期",
    "承诺履行状态",
    "承诺受理单位",
    "承诺受理单位代码",
    "公开类型",
)
HONOUR_COLUMNS: Final = (
    "主体名称",
    "统一社会信用代码",
    "荣誉名称",
    "评价年度",
    "认定日期",
    "有效期至",
    "认定单位",
    "数据来源单位",
    "数据来源单位统一社会信用代码",
)
DECLARATION_COLUMNS: Final = ("填报编号", "主体名称", "统一社会信用代码", "填报类型", "标题", "内容", "填报日期")

_CABS: Final = frozenset(trade.scope for trade in TRADES if "taxi" in trade.licences)


def commitments(world: World, business: Business) -> Iterator[Row]:
    """Yield a commitment; a taxi's is in the words of its trade's campaign."""
    dice = world.dice(business.number, "commitment")
    if not dice.chance(RATES["committed"]):
        return
    said = WORDS["commitment"]
    cab = business.trade.scope in _CABS
    kind = "主动型" if cab else dice.pick(said["kinds"])
    unit = "交通运输局" if cab else MARKET_OFFICE if business.group != "other" else "民政局"
    authority, code = _authority(business.office, unit, by_city=False)
    day = world.day(_since(business, 5 + dice.below(1200)))
    yield (
        f"{business.office}{day:%Y%m%d}{business.number % 1_000_000:06}",
        business.name,
        counterpart(business),
        business.uscc,
        kind,
        said["reasons"][kind],
        said["taxi"] if cab else said["text"],
        said["breach"],
        written(day),
        written(years_on(day, 5)),
        # Nearly every real one has no finding on whether it was kept (domain.md §9.2).
        "全部履行" if dice.chance(0.05) else "",
        authority,
        code,
        "可向社会公开" if dice.chance(0.97) else "特定范围内公开",
    )


def honours(world: World, business: Business) -> Iterator[Row]:
    """Yield the honours of a business: the tax authority's class A for some enterprises, and local ones."""
    dice = world.dice(business.number, "honour")
    if business.group == "enterprise" and dice.chance(RATES["tax_a"]):
        year = world.today.year - 1 - dice.below(2)
        authority, code = _authority(business.office, "税务局", by_city=True)
        day = min(date(year + 1, 4, 20 + dice.below(8)), world.today)
        yield (
            business.name,
            business.uscc,
            "纳税信用A级纳税人",
            str(year),
            written(day),
            written(date(year + 4, 4, 30)),
            authority,
            authority,
            code,
        )
    if dice.chance(RATES["honoured"]):
        day = world.day(_since(business, 10 + dice.below(700)))
        authority, code = _authority(business.office, MARKET_OFFICE, by_city=True)
        yield (
            business.name,
            business.uscc,
            dice.pick(WORDS["honour"]["titles"]),
            str(day.year),
            written(day),
            written(years_on(day, 3)),
            authority,
            authority,
            code,
        )


def declarations(world: World, business: Business) -> Iterator[Row]:
    """Yield what a business that has a code says of itself."""
    dice = world.dice(business.number, "declaration")
    if not dice.chance(RATES["declared"]):
        return
    items = WORDS["declaration"]["items"]
    first = dice.below(len(items))
    for number in range(1 + dice.below(2)):
        kind, title, content = items[(first + number) % len(items)]
        yield (
            f"ZY{business.number:09}{number}",
            business.name,
            business.uscc,
            kind,
            title,
            content,
            written(world.day(1 + dice.below(300))),
        )


# ---- Codes of others -----------------------------------------------------------------------------------------------

ELSEWHERE_COLUMNS: Final = ("主体名称", "统一社会信用代码", "码编号", "码的网址", "赋码日期", "申领方式", "签发单位")


def elsewhere(world: World, business: Business) -> Iterator[Row]:
    """Yield the code that somebody else issued before this city issued its own."""
    dice = world.dice(business.number, "elsewhere")
    if not business.codable or not dice.chance(RATES["elsewhere"]):
        return
    number = f"YS-{business.office[:4]}-{business.number:07}"
    yield (
        business.name,
        business.uscc,
        number,
        f"https://codes.example.com/{number}",
        written(world.day(30 + dice.below(700))),
        dice.pick(("自主填报", "窗口代办", "批量签发", "批量签发")),
        "省信用信息平台（演示）",
    )
