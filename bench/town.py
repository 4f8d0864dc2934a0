"""The town that the scan rows are measured in: cards as large as those of real businesses, and codes that name them.

No line is measured with words of one length: contents, numbers and dates differ from record to record, as they do.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec

from chengxin.board.card import SECTIONS, Card, Head, Item, Section
from chengxin.board.city import City, Link
from chengxin.terms import uscc

MADE_AT: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
OFFICE: Final = ("样例市行政审批局", "11230000000000001X")
MARKET: Final = ("样例市市场监督管理局", "11230000000000002X")

THIRTY: Final[Mapping[str, int]] = {
    "administration": 15, "honour": 4, "commitment": 4, "rating": 3, "serious": 1, "abnormal": 1, "judgment": 1, "other": 1
}  # fmt: skip
"""Thirty records, no section with more than one page of them: all thirty stand on the page."""
TWO_HUNDRED: Final[Mapping[str, int]] = {"administration": 190, "honour": 5, "commitment": 5}
"""Two hundred, as a chain of restaurants has them: nearly all of them licences."""

CITY: Final = City(
    city="样例市",
    office="样例市社会信用体系建设办公室",
    letterhead="样例市社会信用体系建设办公室",
    centre="样例市公共信用信息中心",
    phone="0468-0000000",
    mailbox="xinyong@example.invalid",
    address="样例市政务服务中心三楼",
    links=(Link("12345 政务服务便民热线", "tel:12345"), Link("信用中国", "https://www.creditchina.gov.cn/")),
    site_name="码上诚信",
)

CONTENTS: Final = (
    "热食类食品制售；冷食类食品制售；自制饮品制售",
    "预包装食品（含冷藏冷冻食品）销售；散装食品（不含熟食）销售；特殊食品销售：保健食品",
    "卷烟零售、雪茄烟零售，经营地址与许可证载明的地址一致",
    "第二类医疗器械：手术器械、注射穿刺器械、医用电子仪器设备、中医器械、临床检验分析仪器",
    "道路普通货物运输，货物专用运输（集装箱、冷藏保鲜）",
    "设置户外招牌一处，长 6.5 米，宽 1.2 米，材质为铝塑板，设置期限三年",
)
DEEDS: Final = (
    ("未按规定建立进货查验记录制度", "《中华人民共和国食品安全法》第一百二十六条第一款第（三）项", "罚款"),
    ("未明码标价", "《中华人民共和国价格法》第四十二条", "警告;罚款"),
    ("占用消防车通道", "《中华人民共和国消防法》第六十条第一款第（五）项", "罚款"),
)


class Posted(msgspec.Struct):
    """One code of the town."""

    serial: int
    holder: str
    token: str


class Town(msgspec.Struct):
    """All that the two sides of a scan row are given: the same."""

    city: City
    keys: dict[int, bytes]
    cards: dict[str, Card]
    codes: list[Posted]
    issued_on: date
    placement: str = "premises"
    label: str = ""


def holder(number: int) -> str:
    """Return the USCC of the town's business of a number."""
    return uscc.compose(department="9", body="1", division="230402", serial=f"{number:08}")


def card(number: int, counts: Mapping[str, int]) -> Card:
    """Return the card of the town's business of a number, with so many records a section."""
    chance = random.Random(number)
    code = holder(number)
    name = f"样例市{chance.choice('松柏枫桦榆')}{chance.choice('岭江林川原')}餐饮管理有限公司第{number}分公司"
    return Card(
        head=Head(
            name=name,
            uscc=code,
            state="active",
            kind="有限责任公司分公司（自然人投资或控股）",
            lines=(
                ("法定代表人/负责人", f"样{chance.choice('甲乙丙丁')}"),
                ("成立日期", _day(chance).isoformat()),
                ("住所/经营场所", f"样例市向阳区样例街{chance.randint(1, 400)}号"),
                ("登记机关", MARKET[0]),
                ("经营范围", "餐饮服务；食品销售；外卖递送服务；餐饮管理；会议及展览服务（依法须经批准的项目除外）"),
            ),
            source=MARKET[0],
            received_on=MADE_AT.date(),
            trade="正餐服务",
            place="样例市向阳区",
        ),
        sections=tuple(
            Section(section, tuple(_item(section, place, chance) for place in range(counts.get(section, 0))))
            for section in SECTIONS
        ),
        as_of=MADE_AT,
        good_until=datetime(2099, 12, 31, tzinfo=UTC),
    )


def _day(chance: random.Random) -> date:
    return date(2019, 1, 1) + timedelta(days=chance.randrange(2500))


def _item(section: str, place: int, chance: random.Random) -> Item:
    decided_on = _day(chance)
    if section == "administration":
        return _penalty(place, decided_on, chance) if place % 5 == 4 else _licence(place, decided_on, chance)
    return Item.of(
        kind={"honour": "诚信示范", "commitment": "信用承诺", "rating": "信用评价"}.get(section, "其他信息"),
        title=f"第{chance.randint(100, 999)}号{chance.choice(('放心消费示范单位', '行业自律承诺', '年度评价'))}",
        lines=(
            ("承诺类型", "主动型"),
            ("承诺事由", f"自觉接受监督，依法诚信经营（{chance.randint(1, 9)}）"),
            ("做出承诺日期", decided_on.isoformat()),
            ("承诺受理单位", OFFICE[0]),
            ("承诺履约状态", "全部履约"),
            ("承诺编码", f"{chance.randrange(10**12):012}"),
        ),
        source=OFFICE[0],
        decided_on=decided_on,
        received_on=MADE_AT.date(),
        source_code=OFFICE[1],
    )


def _licence(place: int, decided_on: date, chance: random.Random) -> Item:
    ends = decided_on + timedelta(days=3652)
    number = f"样审许〔{decided_on.year}〕{chance.randint(1, 9999)}号"
    return Item.of(
        kind="行政许可",
        title=f"食品经营许可证{place + 1}",
        lines=(
            ("行政许可决定文书号", number),
            ("行政许可决定文书名称", "准予行政许可决定书"),
            ("许可证书名称", "食品经营许可证"),
            ("许可类别", "普通"),
            ("许可编号", f"JY2230402{chance.randrange(10**7):07}"),
            ("许可决定日期", decided_on.isoformat()),
            ("有效期自", decided_on.isoformat()),
            ("有效期至", ends.isoformat()),
            ("许可内容", chance.choice(CONTENTS)),
            ("许可机关", OFFICE[0]),
            ("许可机关统一社会信用代码", OFFICE[1]),
            ("数据来源单位", OFFICE[0]),
            ("数据来源单位统一社会信用代码", OFFICE[1]),
        ),
        source=OFFICE[0],
        decided_on=decided_on,
        received_on=MADE_AT.date(),
        ends=ends,
        ends_word="有效至",
        source_code=OFFICE[1],
    )


def _penalty(place: int, decided_on: date, chance: random.Random) -> Item:
    deed, law, kind = chance.choice(DEEDS)
    until = date(2098, 12, 1) + timedelta(days=place)  # measured next year, the page still holds all of them
    return Item.of(
        kind="行政处罚",
        title=deed,
        lines=(
            ("行政处罚决定书文号", f"样市监处罚〔{decided_on.year}〕{chance.randint(1, 999)}号"),
            ("处罚类别", kind),
            ("处罚决定日期", decided_on.isoformat()),
            ("处罚内容", f"责令改正，罚款人民币{chance.randint(1, 9)}千元"),
            ("罚款金额(万元)", f"0.{chance.randint(1, 9)}"),
            ("没收违法所得、没收非法财物的金额(万元)", ""),
            ("暂扣或吊销证照名称及编号", ""),
            ("违法行为类型", deed),
            ("违法事实", f"执法人员于{decided_on.isoformat()}现场检查时发现当事人{deed}，已拍照取证并制作现场笔录"),
            ("处罚依据", law),
            ("处罚机关", MARKET[0]),
            ("处罚机关统一社会信用代码", MARKET[1]),
            ("数据来源", MARKET[0]),
            ("数据来源单位统一社会信用代码", MARKET[1]),
            ("公示截止期", until.isoformat()),
        ),
        source=MARKET[0],
        decided_on=decided_on,
        received_on=MADE_AT.date(),
        until=until,
        ends=until,
        ends_word="公示至",
        source_code=MARKET[1],
    )
