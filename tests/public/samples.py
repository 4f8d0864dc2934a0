"""Cards and a city to draw pages of. Made up: no real business, person or city."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from chengxin.board.card import SECTIONS, Card, Head, Item, Section
from chengxin.board.city import City, Link

TODAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 7, 1, tzinfo=UTC)  # 15:01 in Shanghai
USCC = "92230421MA1CTE5756"

CITY = City(
    city="云门市",
    office="云门市社会信用体系建设办公室",
    phone="0468-3350000",
    mailbox="xyb@yunmen.example",
    address="云门市和平路 1 号",
    links=(
        Link("12345 热线", "tel:12345"),
        Link("12315 投诉举报", "https://www.12315.cn/"),
        Link("信用中国", "https://www.creditchina.gov.cn/"),
        Link("异议申诉", "https://credit.yunmen.example/yiyi"),
    ),
    icp="云ICP备05000000号-1",
    police="云公网安备 23040002000000号",
    site_code="2304000001",
)


def licence(number: int = 1, *, ends: date = date(2028, 5, 20)) -> Item:
    return Item.of(
        kind="行政许可",
        title="食品经营许可证",
        lines=(
            ("行政许可决定文书号", f"云食许〔2023〕{number}号"),
            ("行政许可决定文书名称", "准予行政许可决定书"),
            ("许可证书名称", "食品经营许可证"),
            ("许可类别", "普通"),
            ("许可编号", f"JY2230421{number:07d}"),
            ("许可决定日期", "2023-05-21"),
            ("有效期自", "2023-05-21"),
            ("有效期至", ends.isoformat()),
            ("许可内容", "热食类食品制售；冷食类食品制售；自制饮品制售"),
            ("许可机关", "云门县市场监督管理局"),
            ("许可机关统一社会信用代码", "11230421001755309F"),
            ("数据来源单位", "云门县市场监督管理局"),
            ("数据来源单位统一社会信用代码", "11230421001755309F"),
        ),
        source="云门县市场监督管理局",
        source_code="11230421001755309F",
        decided_on=date(2023, 5, 21) - timedelta(days=number),
        received_on=date(2026, 11, 21),
        ends=ends,
        ends_word="有效至",
    )


def penalty(number: int = 77, *, until: date = date(2027, 11, 2)) -> Item:
    return Item.of(
        kind="行政处罚",
        title="未按规定公示食品经营许可证",
        lines=(
            ("行政处罚决定书文号", f"云市监罚〔2026〕{number}号"),
            ("处罚类别", "罚款"),
            ("处罚决定日期", "2026-11-02"),
            ("处罚内容", "罚款人民币叁仟元整"),
            ("罚款金额(万元)", "0.3"),
            ("没收违法所得、没收非法财物的金额(万元)", ""),
            ("暂扣或吊销证照名称及编号", ""),
            ("违法行为类型", "未按规定公示许可证"),
            ("违法事实", "2026年10月检查时，经营场所未公示食品经营许可证。"),
            ("处罚依据", "《食品经营许可和备案管理办法》"),
            ("处罚机关", "云门县市场监督管理局"),
            ("公示截止期", until.isoformat()),
        ),
        source="云门县市场监督管理局",
        decided_on=date(2026, 11, 2),
        received_on=date(2026, 11, 21),
        until=until,
        ends=until,
        ends_word="公示至",
    )


def honour() -> Item:
    return Item.of(
        kind="荣誉信息",
        title="纳税信用 A 级纳税人",
        lines=(("评价年度", "2025"), ("荣誉名称", "纳税信用 A 级"), ("认定单位", "国家税务总局云门县税务局")),
        source="国家税务总局云门县税务局",
        decided_on=date(2026, 4, 20),
        received_on=date(2026, 5, 6),
    )


def commitment() -> Item:
    return Item.of(
        kind="信用承诺",
        title="主动型信用承诺",
        lines=(
            ("承诺类型", "主动型"),
            ("承诺事由", "自愿作出承诺：诚信经营，明码标价，足斤足两"),
            ("做出承诺日期", "2026-03-15"),
            ("承诺受理单位", "云门市社会信用体系建设办公室"),
            ("承诺履约状态", ""),
            ("承诺编码", "23042120260315000011"),
        ),
        source="云门市社会信用体系建设办公室",
        decided_on=date(2026, 3, 15),
        received_on=date(2026, 3, 16),
    )


def own_words() -> Item:
    return Item.of(
        kind="志愿服务",
        title="冬季为环卫工人免费供热饭",
        lines=(("自述", "每年十二月至次年二月，每日早六点半至七点半，凭工作证领取。"),),
        source="老渡口饺子馆",
        decided_on=date(2025, 12, 1),
        received_on=date(2026, 1, 8),
    )


def card(
    *,
    name: str = "老渡口饺子馆",
    licences: int = 2,
    penalties: int = 1,
    state: str = "active",
    good_until: datetime = AT + timedelta(days=30),
    **others: tuple[Item, ...],
) -> Card:
    items = {
        "administration": (*map(licence, range(1, licences + 1)), *map(penalty, range(77, 77 + penalties))),
        "honour": (honour(),),
        "commitment": (commitment(),),
        "supplement": (own_words(),),
    } | others
    return Card(
        head=Head(
            name=name,
            uscc=USCC,
            state=state,
            kind="个体工商户",
            lines=(
                ("经营者", "王*"),
                ("成立日期", "2019-05-01"),
                ("经营场所", "云门县凤翔镇渡口街 12 号"),
                ("登记机关", "云门县市场监督管理局"),
                ("经营范围", "餐饮服务；食品销售"),
                ("注册资本", ""),
            ),
            source="云门县市场监督管理局",
            received_on=date(2026, 11, 20),
            trade="正餐服务",
            place="云门县",
        ),
        sections=tuple(Section(code, items.get(code, ())) for code in SECTIONS),
        as_of=AT - timedelta(hours=1),
        good_until=good_until,
        supplement=items["supplement"],
    )
