from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from itertools import pairwise

import msgspec
import pytest

from chengxin.board.card import SECTIONS, Card
from chengxin.board.city import City, Link
from chengxin.board.verdict import STATES
from chengxin.public.page import report, scan
from chengxin.public.page.frame import asked, view_of
from chengxin.public.page.words import NOTICES
from tests.public import samples

AT_THE_DOOR = scan.Hanging(12345, "premises", "总店")


class Text(HTMLParser):
    """The words of a page, and its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "img", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def page(
    state: str = "active",
    *,
    query: str = "",
    card: Card | None = None,
    city: City = samples.CITY,
    hanging: scan.Hanging = AT_THE_DOOR,
    today: date = samples.TODAY,
) -> str:
    view = view_of("/C/S", query, city=city, assets={}, public_url="http://door")
    sheet = scan.draw(view=view, state=STATES[state], hanging=hanging, card=card, today=today)
    return f"{sheet.before}15:01{sheet.after}"


def read(html: str) -> Text:
    parser = Text()
    parser.feed(html)
    assert parser.open == []
    return parser


def words(html: str) -> str:
    return "".join(read(html).words)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("query", ["", "large=1", "lang=en", "lang=ru&large=1"])
def test_every_state_has_a_well_made_page(state: str, query: str) -> None:
    card = samples.card() if STATES[state].shows_card else None

    parser = read(page(state, query=query, card=card))

    headings = [int(tag[1]) for tag, _ in parser.tags if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(headings))
    assert [tag for tag, _ in parser.tags if tag == "main"] == ["main"]
    assert not [tag for tag, attributes in parser.tags if tag in ("script", "style") or "style" in attributes]


@pytest.mark.parametrize("state", STATES)
def test_every_state_says_in_plain_words_what_it_is_and_what_to_do(state: str) -> None:
    card = samples.card() if STATES[state].shows_card else None

    text = words(page(state, card=card))

    assert NOTICES[state].verdict in text
    assert all(advice in text for advice in NOTICES[state].advice)
    assert "12345" in text


@pytest.mark.parametrize("state", [name for name, state in STATES.items() if not state.shows_card])
def test_a_state_without_a_card_shows_none_even_if_handed_one(state: str) -> None:
    assert samples.USCC not in page(state, card=samples.card())


@pytest.mark.parametrize(
    ("state", "registration", "shown"),
    [
        ("active", "active", True),
        ("active", "suspended", True),
        ("active", "licence_revoked", False),
        ("active", "moved_out", False),
        ("paused", "active", False),
        ("frozen", "active", False),
        ("deregistered", "deregistered", False),
    ],
)
def test_what_the_business_says_of_itself(state: str, registration: str, shown: bool) -> None:
    assert ("冬季为环卫工人免费供热饭" in page(state, card=samples.card(state=registration))) is shown


@pytest.mark.parametrize(
    ("registration", "wording"),
    [("suspended", "歇业备案"), ("licence_revoked", "营业执照已被吊销"), ("moved_out", "迁往其他地区")],
)
def test_a_registration_that_is_not_ordinary_is_said(registration: str, wording: str) -> None:
    assert wording in words(page(card=samples.card(state=registration)))


def test_the_report_stands_in_the_national_order() -> None:
    html = page(card=samples.card())

    titles = re.findall(r"<h2>(.*?)(?:<em>|</h2>)", html)
    assert titles == [
        "一、登记注册基础信息",
        "二、行政管理信息",
        "三、诚实守信相关荣誉信息",
        "四、严重失信主体名单信息",
        "五、经营（活动）异常名录（状态）信息",
        "六、信用承诺信息",
        "七、信用评价信息",
        "八、司法判决及执行信息",
        "九、其他信息",
        "十、信用状况提升建议",
        "十一、公共信用信息地方补充内容",
        "报告说明",
    ]


def test_the_answer_comes_first() -> None:
    text = words(page(card=samples.card()))

    order = [
        "此码真实有效",
        "云门市社会信用体系建设办公室签发",
        "0000-C1S",
        "15:01",
        "老渡口饺子馆",
        "92 230421 MA1CTE575 6",
        "店门口",
        "总店",
    ]
    places = [text.index(word, text.index("РУ")) for word in order]
    assert places == sorted(places)


def test_each_of_the_eight_counts_leads_to_its_section() -> None:
    parser = read(page(card=samples.card()))

    anchors = [
        attributes["href"]
        for tag, attributes in parser.tags
        if tag == "a" and str(attributes.get("href")).startswith("#")
    ]
    identifiers = {attributes.get("id") for _, attributes in parser.tags}
    assert anchors[1:] == [f"#{code}" for code in SECTIONS]
    assert {str(anchor)[1:] for anchor in anchors} <= identifiers


def test_an_item_past_its_last_day_is_dropped_and_the_rest_recounted() -> None:
    card = samples.card(licences=1, penalties=1)
    last = date(2027, 11, 2)

    on_the_day = page(card=card, today=last)
    after = page(card=card, today=last + timedelta(days=1))

    assert "<b>2</b>行政管理" in on_the_day
    assert "未按规定公示" in on_the_day
    assert "<b>1</b>行政管理" in after
    assert "未按规定公示" not in after
    assert "信用修复。" not in after.split("十、")[1].split("报告说明")[0]


@pytest.mark.parametrize(
    ("ends", "said"),
    [(date(2028, 5, 20), "有效至 2028年5月20日"), (date(2024, 5, 20), "（已届满）"), (date(2099, 12, 31), "长期有效")],
    ids=["to come", "over", "no end"],
)
def test_the_end_of_a_licence_is_said(ends: date, said: str) -> None:
    card = samples.card(administration=(samples.licence(ends=ends),))

    assert said in words(page(card=card))


def test_every_record_carries_its_source_and_its_two_dates() -> None:
    text = words(page(card=samples.card(licences=1, penalties=0)))

    assert "来源 云门县市场监督管理局作出 2023年5月20日归集 2026年11月21日" in text
    assert "11230421001755309F" in text


def test_an_empty_value_is_two_dashes_and_an_empty_section_says_so() -> None:
    text = words(page(card=samples.card()))

    assert "没收违法所得、没收非法财物的金额(万元)— —" in text
    assert "四、严重失信主体名单信息0查询期内无相关信息" in text


def test_nothing_on_the_page_is_a_grade() -> None:
    text = words(page(card=samples.card()))

    assert not re.search("信用良好|信用等级|[A-D]级企业|评分：", text)


def test_what_others_wrote_is_never_markup() -> None:
    evil = "<script>alert(1)</script>\"'&\x1f"
    item = msgspec.structs.replace(
        samples.penalty(),
        title=evil,
        kind=evil,
        source=evil,
        labels=(evil, "案号", *samples.penalty().labels),
        values=(evil, evil, *samples.penalty().values),
    )
    card = samples.card(name=evil, administration=(item,), supplement=(item,))
    card = msgspec.structs.replace(
        card, head=msgspec.structs.replace(card.head, trade=evil, place=evil, source=evil, lines=((evil, evil),))
    )
    city = msgspec.structs.replace(
        samples.CITY,
        office=evil,
        phone=evil,
        mailbox=evil,
        address=evil,
        icp=evil,
        site_name=evil,
        links=(Link(evil, "javascript:alert(1)"),),
    )

    html = page(card=card, city=city, hanging=scan.Hanging(1, "premises", evil))

    assert "<script" not in html
    assert "javascript:" not in html
    read(html)


def test_an_unknown_placement_and_an_unknown_registration_do_not_break_the_page() -> None:
    text = words(page(card=samples.card(state="of tomorrow"), hanging=scan.Hanging(1, "balloon")))

    assert "这张码应放在" not in text
    assert "存续" in text


def test_a_city_nobody_described_still_says_whom_to_call() -> None:
    text = words(page("forged", city=City()))

    assert "12345" in text
    assert "12315" in text


class TestLongLists:
    HEAVY = samples.card(licences=190, penalties=3)

    def test_the_first_records_stand_open_and_the_next_are_folded(self) -> None:
        html = page(card=self.HEAVY)
        section = html.split('<section id="administration"')[1].split("</section>")[0]
        open_part, folded = section.split('<details class="more">')

        assert open_part.count("<article>") == report.OPEN
        assert section.count("<article>") == report.PAGE_SIZE
        assert "再看 17 条" in folded
        assert 'href="?s=administration&amp;p=2"' in folded
        assert "<b>193</b>行政管理" in html

    def test_a_heavy_page_stays_small(self) -> None:
        import gzip

        assert len(gzip.compress(page(card=self.HEAVY).encode())) < 20_000

    @pytest.mark.parametrize(
        ("number", "first", "count", "ways"),
        [(2, 21, 20, ["p=2", "", "p=3"]), (10, 181, 13, ["", "p=9"]), (9999, 181, 13, ["", "p=9"])],
        ids=["second", "last", "past the last"],
    )
    def test_a_page_of_one_section(self, number: int, first: int, count: int, ways: list[str]) -> None:
        html = page(query=f"s=administration&p={number}", card=self.HEAVY)

        assert html.count("<article>") == count
        assert f"第 {first} 条" in html
        assert "十、" not in html
        assert 'href="?"' in html

    def test_the_ways_between_pages_keep_language_and_size(self) -> None:
        html = page(query="lang=en&large=1&s=administration&p=2", card=self.HEAVY)

        assert 'href="?lang=en&amp;large=1&amp;s=administration" rel="prev"' in html
        assert 'href="?lang=en&amp;large=1&amp;s=administration&amp;p=3" rel="next"' in html
        assert 'href="?lang=en&amp;large=1">Back' in html

    def test_what_the_business_says_of_itself_pages_too(self) -> None:
        card = samples.card(supplement=tuple(samples.own_words() for _ in range(45)))

        html = page(query="s=supplement&p=3", card=card)

        assert html.count("<article>") == 5
        assert report.OWN_NOTE in html


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", {}),
        ("lang=en&large=1", {"lang": "en", "large": True}),
        ("lang=xx&large=2&utm=1&s=nowhere&p=0", {"page": 1}),
        ("p=-1&p=٣&p=99999", {}),
        ("s=honour&p=2", {"section": "honour", "page": 2}),
        ("&".join(f"x{n}=1" for n in range(1000)) + "&lang=en", {}),
        ("lang=%65n;&&&=", {}),
    ],
    ids=["nothing", "both", "unknown", "odd numbers", "a section", "too many", "rubbish"],
)
def test_only_what_is_known_is_asked(query: str, wanted: dict[str, object]) -> None:
    assert asked(query) == wanted


def test_the_same_wish_has_one_address() -> None:
    views = [
        view_of("/C/S", query, city=City(), assets={}, public_url="")
        for query in ("large=1&lang=en", "lang=en&utm=x&large=1", "lang=en&large=1&p=4")
    ]

    assert {view.address for view in views} == {"/C/S?lang=en&large=1"}


@pytest.mark.parametrize("query", ["lang=en", "lang=ru"])
def test_another_language_says_which_words_stay_chinese(query: str) -> None:
    html = page(query=query, card=samples.card())

    assert '<h1 lang="zh-Hans">老渡口饺子馆</h1>' in html
    assert "真实有效" not in html
    assert replace(view_of("/", query, city=City(), assets={}, public_url=""), large=True).href.endswith("&amp;large=1")
