"""The words of the frame, in three languages. Chinese is the key and the default; the catalogues are Django's own.

Read once at start into dictionaries, so that a page needs neither Django nor a language for its thread.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Final

LOCALE: Final = Path(__file__).resolve().parents[1] / "locale"
FOREVER_YEAR: Final = 2099
"""Official tables write 2099/12/31 where a licence has no end."""


def mark(message: str) -> str:
    """Mark a message for the catalogues where it stands in a table."""
    return message


def clean(text: str) -> str:
    """Return a text as HTML."""
    # Most values are Chinese words and digits, which need nothing done and say so ten times faster.
    return text if text.isalnum() else escape(text)


class Openings(dict[str, str]):
    """Label → what a label-value line begins with. Looked up a thousand times a page, so made once a label."""

    def __init__(self, code: str, label_html: Callable[[str], str]) -> None:
        super().__init__()
        self._label_html = label_html
        self._chinese = "" if code == "zh" else ' lang="zh-Hans"'

    def __missing__(self, label: str) -> str:
        if len(self) > 4096:  # labels come from files: there is no end to them
            self.clear()
        opening = self[label] = f"<dt>{self._label_html(label)}</dt><dd{self._chinese}>"
        return opening


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language of the pages."""

    code: str  # what stands in ?lang=
    html: str  # what stands in lang=""
    label: str  # how the language calls itself
    short: str
    say: Callable[[str], str]
    day: Callable[[date], str]
    minute: Callable[[datetime], str]
    label_html: Callable[[str], str]
    openings: Openings

    @property
    def chinese(self) -> str:
        """The attribute for words that stay Chinese on a page in another language."""
        return "" if self.code == "zh" else ' lang="zh-Hans"'


MONTHS_EN: Final = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
MONTHS_RU: Final = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]


def _day_zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _day_en(day: date) -> str:
    return f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}"


def _day_ru(day: date) -> str:
    return f"{day.day} {MONTHS_RU[day.month - 1]} {day.year} г."


def _catalogue(code: str) -> Callable[[str], str]:
    if code == "zh":
        return str
    with (LOCALE / code / "LC_MESSAGES" / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file).gettext


def _tongue(code: str, html: str, label: str, short: str, day: Callable[[date], str], comma: str) -> Tongue:
    say = lru_cache(maxsize=4096)(_catalogue(code))
    written = lru_cache(maxsize=8192)(day)

    def minute(at: datetime) -> str:
        return f"{written(at.date())}{comma}{at.hour:02}:{at.minute:02}"

    @lru_cache(maxsize=4096)
    def label_html(text: str) -> str:
        return escape(say(text))

    return Tongue(code, html, label, short, say, written, minute, label_html, Openings(code, label_html))


TONGUES: Final = {
    tongue.code: tongue
    for tongue in (
        _tongue("zh", "zh-Hans", "中文", "中", _day_zh, " "),
        _tongue("en", "en", "English", "EN", _day_en, ", "),
        _tongue("ru", "ru", "Русский", "РУ", _day_ru, ", "),
    )
}

SECTION_TITLES: Final = {
    "administration": (mark("行政管理信息"), mark("行政管理")),
    "honour": (mark("诚实守信相关荣誉信息"), mark("诚实守信")),
    "serious": (mark("严重失信主体名单信息"), mark("严重失信")),
    "abnormal": (mark("经营（活动）异常名录（状态）信息"), mark("经营异常")),
    "commitment": (mark("信用承诺信息"), mark("信用承诺")),
    "rating": (mark("信用评价信息"), mark("信用评价")),
    "judgment": (mark("司法判决及执行信息"), mark("司法判决")),
    "other": (mark("其他信息"), mark("其他")),
    "supplement": (mark("公共信用信息地方补充内容"), mark("补充内容")),
}
"""The eight categories of the national report and the local supplement: title, and the short word over its count."""

PLACEMENTS: Final = {
    "premises": mark("店门口"),
    "counter": mark("收银台"),
    "vehicle": mark("车内"),
    "stall": mark("摊位"),
    "board": mark("展板"),
    "document": mark("合同或报告封面"),
    "screen": mark("显示屏"),
    "package": mark("产品包装"),
    "card": mark("名片或储值卡"),
    "online": mark("网店首页"),
    "taxi": mark("出租汽车内"),
    "truck": mark("货运车辆"),
    "bus": mark("客运车辆"),
    "badge": mark("工作证或工装"),
    "product": mark("产品系列"),
    "parcel": mark("快递包裹"),
    "heritage": mark("非遗项目展示处"),
    "event": mark("展位"),
}
"""Where a code hangs, in the words a passer-by would use. An unknown placement is not shown."""

SUCCESSIONS: Final = {
    "converted": mark("个体工商户转为企业"),
    "merged": mark("合并"),
    "divided": mark("分立"),
    "renumbered": mark("统一社会信用代码变更"),
}
"""How a body went on as another. What is not here is not said."""

LABELS: Final = (
    mark("名称"),
    mark("统一社会信用代码"),
    mark("法定代表人"),
    mark("法定代表人/负责人"),
    mark("法定代表人（负责人、执行事务合伙人）"),
    mark("负责人"),
    mark("经营者"),
    mark("企业类型"),
    mark("主体类型"),
    mark("登记状态"),
    mark("成立日期"),
    mark("住所"),
    mark("经营场所"),
    mark("住所/经营场所"),
    mark("登记机关"),
    mark("注册资本"),
    mark("经营范围"),
    mark("行业"),
    mark("所在地"),
    mark("行政许可决定文书号"),
    mark("行政许可决定文书名称"),
    mark("许可证书名称"),
    mark("许可类别"),
    mark("许可编号"),
    mark("许可决定日期"),
    mark("许可截止日期"),
    mark("有效期自"),
    mark("有效期至"),
    mark("许可内容"),
    mark("许可机关"),
    mark("许可机关统一社会信用代码"),
    mark("数据来源"),
    mark("数据来源单位"),
    mark("数据来源单位统一社会信用代码"),
    mark("行政处罚决定书文号"),
    mark("处罚类别"),
    mark("处罚决定日期"),
    mark("处罚内容"),
    mark("罚款金额(万元)"),
    mark("没收违法所得、没收非法财物的金额(万元)"),
    mark("暂扣或吊销证照名称及编号"),
    mark("违法行为类型"),
    mark("违法事实"),
    mark("处罚依据"),
    mark("处罚机关"),
    mark("处罚机关统一社会信用代码"),
    mark("公示截止期"),
    mark("承诺类型"),
    mark("承诺事由"),
    mark("做出承诺日期"),
    mark("承诺受理单位"),
    mark("承诺履约状态"),
    mark("承诺编码"),
    mark("企业名称"),
    mark("列入经营异常名录原因类型名称"),
    mark("列入日期"),
    mark("列入决定机关名称"),
    mark("移出日期"),
    mark("移出原因"),
    mark("承诺内容"),
    mark("承诺有效期"),
    mark("承诺受理单位统一社会信用代码"),
    mark("未履行的承诺内容"),
    mark("填报类型"),
    mark("内容"),
    mark("授予或见证单位"),
    mark("证书编号"),
    mark("授予日期"),
    mark("填报日期"),
    mark("荣誉名称"),
    mark("评价年度"),
    mark("认定文号"),
    mark("荣誉内容"),
    mark("认定日期"),
    mark("认定单位"),
    mark("案号"),
    mark("执行法院"),
    mark("省份"),
    mark("执行依据文号"),
    mark("做出执行依据单位"),
    mark("立案时间"),
    mark("生效法律文书确定的义务"),
    mark("被执行人的履行情况"),
    mark("失信被执行人行为具体情形"),
    mark("发布时间"),
    mark("已履行部分"),
    mark("未履行部分"),
    mark("评定内容"),
    mark("评定时间"),
    mark("评定单位"),
    mark("名单名称"),
    mark("列入决定文书号"),
    mark("列入理由"),
    mark("列入依据"),
    mark("列入决定机关"),
    mark("自愿填报"),
    mark("诚实守信相关荣誉"),
    mark("失信被执行人"),
    mark("严重失信主体名单"),
    mark("登记信息"),
    mark("行政许可"),
    mark("行政处罚"),
    mark("行政确认决定文书号"),
    mark("行政确认决定文书名称"),
    mark("确认事项"),
    mark("确认内容"),
    mark("确认证书名称"),
    mark("确认证书编号"),
    mark("确认决定日期"),
    mark("确认机关"),
    mark("确认机关统一社会信用代码"),
    mark("海关注册编码"),
    mark("首次注册日期"),
    mark("认定时间"),
    mark("认定海关"),
    mark("执业类别"),
    mark("执业证书名称"),
    mark("执业证书编号"),
    mark("执业范围"),
    mark("发证日期"),
    mark("发证机关"),
    mark("行政奖励决定文书号"),
    mark("行政奖励决定文书名称"),
    mark("奖励名称"),
    mark("奖励内容"),
    mark("奖励依据"),
    mark("奖励决定日期"),
    mark("奖励机关"),
    mark("奖励机关统一社会信用代码"),
    mark("发布日期"),
    mark("主管税务机关"),
    mark("行政确认"),
    mark("海关高级认证企业"),
    mark("机构执业资格"),
    mark("行政奖励"),
    mark("纳税信用A级"),
    mark("有效至"),
    mark("公示至"),
)
"""Labels and kinds that cards carry in official Chinese; whatever is not here is shown as it is."""

TELLING: Final = frozenset(
    {
        "许可编号",
        "许可内容",
        "处罚类别",
        "处罚内容",
        "罚款金额(万元)",
        "违法事实",
        "荣誉内容",
        "评价年度",
        "认定单位",
        "评定内容",
        "评定单位",
        "列入经营异常名录原因类型名称",
        "列入理由",
        "列入决定机关",
        "列入决定机关名称",
        "承诺事由",
        "承诺内容",
        "承诺履约状态",
        "执行法院",
        "被执行人的履行情况",
        "失信被执行人行为具体情形",
        "内容",
        "授予或见证单位",
    }
)
"""Lines that say what a record is about: shown at once, where the full record of a dozen lines is one tap away."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a page says of a code's state: the verdict, one sentence on what it means, and what to do next."""

    verdict: str
    meaning: str
    advice: tuple[str, ...]
    icon: str
    tone: str  # shape and ground of the verdict's panel; never the only thing that tells


REPORT_FAKE: Final = mark("请在下面举报，最好拍下这张码；也可以拨打 12345。已经付款、受到损失的，可拨打 12315。")
ASK_FOR_NEW: Final = mark("请向经营者要新码，再扫一次。")
NO_NEW: Final = mark("对方拿不出新码的，请联系签发机关核实。")
GO_ONLINE: Final = mark("联网后再核验一次，可以看到是哪一种情况。")
SHOULD_HANG: Final = mark("如果对方另有新码，请扫新码核验。")

NOTICES: Final = {
    "active": Notice(mark("此码真实有效"), "", (), "genuine", "genuine"),
    "paused": Notice(
        mark("此码真实，经营主体已暂停展示"),
        mark("经营主体暂时收起了自行填报的内容。下面的登记信息和公共信用信息仍然真实、可查。"),
        (),
        "pause",
        "stopped",
    ),
    "frozen": Notice(
        mark("此码真实，签发机关已冻结"),
        mark("冻结期间请不要只凭这张码作判断。下面的登记信息和公共信用信息仍然可查。"),
        (mark("想知道冻结的原因，请联系签发机关。"),),
        "pause",
        "stopped",
    ),
    "superseded": Notice(
        mark("此码已换发新码"),
        mark("这张码曾经真实有效，现在已由新码代替，不再证明任何事情。旧码可能忘了撕下，也可能被人拿来贴在别处。"),
        (ASK_FOR_NEW, NO_NEW),
        "stopped",
        "stopped",
    ),
    "cancelled": Notice(
        mark("此码已注销"),
        mark("这张码曾经真实有效，现在已经撤销，不再证明任何事情。"),
        (mark("经营者仍在使用这张码的，请告诉签发机关。"), SHOULD_HANG),
        "stopped",
        "stopped",
    ),
    "deregistered": Notice(
        mark("此码真实，但该主体已注销登记"),
        mark("登记机关已办理注销或撤销登记，它不应再以这个名称经营。下面是登记机关最后的公开信息。"),
        (mark("有人仍以这个名称经营的，请拨打 12345 或 12315 反映。"),),
        "stopped",
        "stopped",
    ),
    "elsewhere": Notice(
        mark("外单位签发的码，本市已登记"),
        mark(
            "这张码不是本市签发的，本页没有核验它的真伪；签发单位的名册上，这个编号属于下面这家。下面是本市掌握的公共信用信息。"
        ),
        (mark("请与门口招牌、墙上执照核对名称和统一社会信用代码。"), mark("要核验这张码本身，请到签发单位的网站。")),
        "note",
        "unsure",
    ),
    "pending": Notice(
        mark("此码尚未生效"),
        mark("这张码已经制作，但经营主体的同意手续还没有办完，现在不展示信息。"),
        (mark("请过几天再扫，或联系签发机关了解进度。"),),
        "clock",
        "stopped",
    ),
    "forged": Notice(
        mark("此码不是本系统签发"),
        mark("这张码没有通过核验：可能是仿冒的，可能是别的城市签发的，也可能扫描或抄写有误。请不要凭它付款或交易。"),
        (mark("请对准码的中央，再扫一次。"), REPORT_FAKE),
        "false",
        "false",
    ),
    "unknown": Notice(
        mark("查无此码"),
        mark("签发记录里没有这张码。请不要凭它付款或交易。"),
        (mark("请对准码的中央，再扫一次。"), REPORT_FAKE),
        "false",
        "false",
    ),
    "unknown_key": Notice(
        mark("无法确认这张码"),
        mark("这张码不是用本地的钥匙签发的：可能是外地签发的码，也可能是仿冒的。确认之前，请不要凭它付款或交易。"),
        (mark("对方是外地商家的，请看清网址，到当地的网站核验；说不清的，请联系签发机关核实。"), REPORT_FAKE),
        "unsure",
        "false",
    ),
    "wrong_host": Notice(
        mark("网址不对，不要相信"),
        mark("这个网址不是本系统的：可能是把真码搬到了假网站。那个网页上写的都不能信，码再真也没有用。"),
        (
            mark("请关掉那个网页，不要输入任何信息，不要付款。"),
            mark("要核验这家店，请扫店里的码，或在本站首页只输入码旁边的字母和数字。"),
            REPORT_FAKE,
        ),
        "false",
        "false",
    ),
    "revoked_key": Notice(
        mark("此码签发钥匙已作废"),
        mark("签发机关已宣布这把钥匙作废（例如失窃）。用它签的码真假难分，一律不再作数。请不要凭它付款或交易。"),
        (ASK_FOR_NEW, NO_NEW),
        "unsure",
        "false",
    ),
    "updating": Notice(
        mark("此码真实，信息正在更新"),
        mark("这张码是签发机关签发的，它的信息正在更新，暂时不能展示。"),
        (mark("请一分钟后再扫一次。"), mark("一直看到这一页的，请联系签发机关。")),
        "clock",
        "stopped",
    ),
    "unavailable": Notice(
        mark("暂时无法核验，请稍后再试"),
        mark("系统现在查不到最新的记录。为免给您过时的信息，这一页不展示任何内容。"),
        (mark("请一分钟后再扫一次。"), mark("着急的话，请拨打 12345 或联系签发机关核实。")),
        "clock",
        "unsure",
    ),
    "revoked": Notice(
        mark("此码真实，但已停止使用"),
        mark("这张码已换发新码、已注销，或者经营主体已注销登记，不再证明任何事情。"),
        (ASK_FOR_NEW, GO_ONLINE),
        "stopped",
        "stopped",
    ),
    "suspended": Notice(
        mark("此码真实，但现在停用"),
        mark("这张码已被暂停、冻结，或者还没有生效。停用期间请不要只凭它作判断。"),
        (GO_ONLINE,),
        "pause",
        "stopped",
    ),
    "stale": Notice(
        mark("签名真实，但不知是否已停用"),
        mark("这张码是签发机关签发的。但手头没有可用的状态名单，看不出它后来有没有停用。"),
        (mark("请联网更新状态名单，再核验一次。"),),
        "clock",
        "unsure",
    ),
    "short": Notice(
        mark("短码要联网才能核验"),
        mark("这是印在包装、卡片上的短码，不带签名，不联网分不出真假。"),
        (mark("请联网后再核验一次。"),),
        "unsure",
        "unsure",
    ),
    "found": Notice(
        mark("按名称查到：已申领诚信码"),
        mark("这是查到的公开信息，没有核验任何一张码。要核验您看到的那张码，请扫码。"),
        (),
        "search",
        "stopped",
    ),
}
"""The words for each state of `board.verdict.STATES`."""
