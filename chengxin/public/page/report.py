"""The report part of a page: sections, records, counts, in the order of the national 公共信用信息报告 V2.0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from html import escape
from operator import itemgetter
from typing import Final

from chengxin.board.card import Card, Item, shown
from chengxin.public.page.frame import View
from chengxin.public.page.words import FOREVER_YEAR, SECTION_TITLES, TELLING, TONGUES, Tongue, clean, mark

OPEN: Final = 3
"""Records of a section that stand open; the rest are one tap away."""
PAGE_SIZE: Final = 20
"""Records of a section on one page. A business with 190 licences opens as fast as one with 20."""
FEW_LINES: Final = 4
"""A record of so few lines is shown whole."""
SEPARATOR: Final = "\x1f"
NUMERALS: Final = "一二三四五六七八九十"
PENALTY: Final = "行政处罚"
UNTIL_WORD: Final = "有效至"
SOURCE_CODE: Final = "数据来源单位统一社会信用代码"


@dataclass(frozen=True, slots=True)
class Shown:
    """A section as it may be shown today."""

    code: str
    items: Sequence[Item]


def sections(card: Card, today: date, serial: int | None) -> list[Shown]:
    """Return the eight sections with what may be shown today of a code, counted anew."""
    return [Shown(section.code, shown(section.items, today, serial=serial)) for section in card.sections]


@dataclass(frozen=True, slots=True)
class _Form:
    """A set of labels drawn once: a thousand licences have the same."""

    lines: str  # all of them, with %s for each value
    telling: tuple[int, ...]  # places of the labels that say what a record is about


@lru_cache(maxsize=1024)
def _form(labels: tuple[str, ...], tongue_code: str) -> _Form:
    openings = TONGUES[tongue_code].openings
    return _Form(
        "".join([f"{openings[label].replace('%', '%%')}%s</dd>" for label in labels]),
        tuple(place for place, label in enumerate(labels) if label in TELLING),
    )


@lru_cache(maxsize=4096)
def _parted(
    labels: tuple[str, ...], telling: tuple[int, ...], tongue_code: str
) -> tuple[str, Callable[[Sequence[str]], tuple[str, ...]]]:
    """Return the lines that tell what a record is about, the rest folded behind them, and how to order the values."""
    rest = tuple(place for place in range(len(labels)) if place not in telling)
    first, folded = (_form(tuple(labels[place] for place in places), tongue_code).lines for places in (telling, rest))
    drawn = f'<dl class="telling">{first}{_PIECES[tongue_code].rest.replace("%", "%%")}{folded}</dl></details>'
    return drawn, itemgetter(*telling, *rest)


@lru_cache(maxsize=8192)
def _written(text: str, tongue_code: str) -> str:
    # ISO dates are for files; people read them written out.
    if len(text) == 10 and text[4] == text[7] == "-":
        try:
            return TONGUES[tongue_code].day(date.fromisoformat(text))
        except ValueError:
            pass
    return text or "— —"


def _clean_all(texts: Sequence[str]) -> Sequence[str]:
    """Return texts as HTML, escaped in one go: a call for each of a thousand short texts costs more than the rest."""
    joined = SEPARATOR.join(texts)
    escaped = escape(joined)
    if escaped == joined:  # most records are Chinese words and digits: nothing to escape, nothing to take apart
        return texts
    found = escaped.split(SEPARATOR)
    return found if len(found) == len(texts) else [escape(text) for text in texts]


def _values(texts: Sequence[str], tongue: Tongue) -> list[str]:
    code = tongue.code
    # The fifth character tells most values from a date (2026-11-02) without a call for each.
    return [text if text and text[4:5] != "-" else _written(text, code) for text in _clean_all(texts)]


def lines(pairs: Sequence[tuple[str, str]], tongue: Tongue) -> str:
    """Return label-value lines. An empty value is two dashes, as in the national report."""
    if not pairs:
        return ""
    labels, texts = zip(*pairs, strict=True)
    return _form(labels, tongue.code).lines % tuple(_values(texts, tongue))


@dataclass(frozen=True, slots=True)
class _Pieces:
    """What every record of one language has in common, made once."""

    before_number: str
    after_number: str
    title: str
    rest: str
    source: str
    decided: str
    received: str
    forever: str
    over: str


def _pieces(tongue: Tongue) -> _Pieces:
    say = tongue.say
    before, after = say(mark("第 {number} 条")).split("{number}")
    return _Pieces(
        before_number=f'<article><p class="nth">{before}',
        after_number=f"{after} · ",
        title=f"</p><h3{tongue.chinese}>",
        rest=f'</dl><details class="rest"><summary>{say(mark("其余内容"))}</summary><dl>',
        source=f'<p class="source"><span>{say(mark("来源"))} <span{tongue.chinese}>',
        decided=f"</span></span><span>{say(mark('作出'))} ",
        received=f"</span><span>{say(mark('归集'))} ",
        forever=f'<span class="chip">{say(mark("长期有效"))}</span>',
        over=say(mark("（已届满）")),
    )


_PIECES: Final = {code: _pieces(tongue) for code, tongue in TONGUES.items()}


def _chip(item: Item, ends: date, tongue: Tongue, today: date) -> str:
    pieces = _PIECES[tongue.code]
    if ends.year >= FOREVER_YEAR:
        return pieces.forever
    over = pieces.over if ends < today and item.ends_word == UNTIL_WORD else ""
    # A penalty's end is drawn dashed: it is when the record leaves, not how long something holds.
    css = "chip" if item.ends_word == UNTIL_WORD else "chip ends"
    return f'<span class="{css}">{tongue.label_html(item.ends_word)} {tongue.day(ends)}{over}</span>'


def _body(labels: tuple[str, ...], values: Sequence[str], texts: tuple[str, ...], tongue: Tongue) -> str:
    """Return a record's lines: all of a few, else those that tell what it is about, with the rest one tap away."""
    if not labels:
        return ""
    form = _form(labels, tongue.code)
    if len(labels) <= FEW_LINES:
        return f"<dl>{form.lines % tuple(values)}</dl>"
    telling = tuple([place for place in form.telling if texts[place]]) or tuple(range(FEW_LINES))
    drawn, order = _parted(labels, telling, tongue.code)
    return drawn % order(values)


def records(items: Sequence[Item], first: int, tongue: Tongue, today: date) -> list[str]:
    """Return records in their boxes: what each is, what it says, and where that comes from. Numbered from `first`."""
    if not items:
        return []
    pieces = _PIECES[tongue.code]
    day = tongue.day
    said = [
        (item.labels, item.values)
        if not item.source_code or item.source_code in item.values
        else ((*item.labels, SOURCE_CODE), (*item.values, item.source_code))
        for item in items
    ]
    values = _values([text for _, texts in said for text in texts], tongue)
    titles = _clean_all([item.title for item in items])
    sources = _clean_all([item.source for item in items])
    kinds = {kind: f"{pieces.after_number}{tongue.label_html(kind)}{pieces.title}" for kind in {i.kind for i in items}}
    drawn = []
    place = 0
    for number, (item, (labels, texts), title, source) in enumerate(
        zip(items, said, titles, sources, strict=True), start=first
    ):
        place, start = place + len(texts), place
        chip = _chip(item, item.ends, tongue, today) if item.ends is not None else ""
        drawn.append(
            f"{pieces.before_number}{number}{kinds[item.kind]}{title}</h3>{chip}"
            f"{_body(labels, values[start:place], texts, tongue)}"
            f"{pieces.source}{source}{pieces.decided}{day(item.decided_on)}"
            f"{pieces.received}{day(item.received_on)}</span></p></article>"
        )
    return drawn


def title(number: int, name: str, tongue: Tongue) -> str:
    """Return a heading's text with the number of the national report before it."""
    ordinal = (
        (NUMERALS[number - 1] if number <= 10 else "十" + NUMERALS[number - 11]) if tongue.code == "zh" else str(number)
    )
    return f"{ordinal}{'、' if tongue.code == 'zh' else '. '}{tongue.label_html(name)}"


def _kinds(items: Sequence[Item], tongue: Tongue) -> str:
    kinds = Counter([item.kind for item in items])
    if len(kinds) < 2:
        return str(len(items))
    return " · ".join(f"{tongue.label_html(kind)} {count}" for kind, count in kinds.items())


def section(shown_section: Shown, number: int, view: View, today: date) -> list[str]:
    """Return one section, in pieces: its first records open, the next folded, the rest on pages of their own.

    In pieces, since a long page is copied as a whole each time it is put into something larger.
    """
    tongue = view.tongue
    items = shown_section.items
    code = shown_section.code
    if not items:
        return [_empty(code, number, tongue.code)]
    heading = f"{title(number, SECTION_TITLES[code][0], tongue)}<em>{_kinds(items, tongue)}</em>"
    return [f'<section id="{code}"><h2>{heading}</h2>', *collapsed(items, code, view, today), "</section>"]


@lru_cache(maxsize=256)
def _empty(code: str, number: int, tongue_code: str) -> str:
    tongue = TONGUES[tongue_code]
    heading = f"{title(number, SECTION_TITLES[code][0], tongue)}<em>0</em>"
    return f'<section id="{code}" class="empty"><h2>{heading}</h2>{_nothing(tongue)}</section>'


def _nothing(tongue: Tongue) -> str:
    # Not 「信用良好」: that nothing was received says nothing of the business.
    return f'<p class="nothing">{tongue.say(mark("查询期内无相关信息"))}</p>'


def collapsed(items: Sequence[Item], code: str, view: View, today: date) -> list[str]:
    """Return a list as it stands on the first page, in pieces."""
    tongue = view.tongue
    say = tongue.say
    parts = records(items[:OPEN], 1, tongue, today)
    folded = items[OPEN:PAGE_SIZE]
    if folded:
        summary = say(mark("再看 {count} 条")).format(count=len(folded))
        parts.append(f'<details class="more"><summary>{summary}</summary>')
        parts += records(folded, OPEN + 1, tongue, today)
        parts.append("</details>")
    if len(items) > PAGE_SIZE:
        all_of_it = replace(view, section=code, page=2).href
        parts.append(
            f'<p class="onward"><a href="{all_of_it}">'
            f"{say(mark('共 {count} 条，看第 {first} 条以后的')).format(count=len(items), first=PAGE_SIZE + 1)}</a></p>"
        )
    return parts


def pages(count: int) -> int:
    """Return how many pages a list of so many records fills."""
    return max(-(-count // PAGE_SIZE), 1)


def one_page(items: Sequence[Item], number: int, view: View, today: date) -> str:
    """Return one page of one section, with the ways onward and back."""
    tongue = view.tongue
    say = tongue.say
    last = pages(len(items))
    page = min(view.page, last)
    first = (page - 1) * PAGE_SIZE
    back = f'<a href="{replace(view, section="", page=1).href}">{say(mark("返回整页"))}</a>'
    steps = []
    if page > 1:
        steps.append(f'<a href="{replace(view, page=page - 1).href}" rel="prev">{say(mark("上一页"))}</a>')
    steps.append(f"<span>{say(mark('第 {page} 页，共 {pages} 页')).format(page=page, pages=last)}</span>")
    if page < last:
        steps.append(f'<a href="{replace(view, page=page + 1).href}" rel="next">{say(mark("下一页"))}</a>')
    ways = f'<nav class="pages" aria-label="{say(mark("翻页"))}">{"".join(steps)}</nav>'
    own = " class=own" if view.section == "supplement" else ""
    note = f'<p class="note">{say(OWN_NOTE)}</p>' if own else ""
    body = "".join(records(items[first : first + PAGE_SIZE], first + 1, tongue, today)) or _nothing(tongue)
    return (
        f'<p class="back">{back}</p><section{own} id="{view.section}"><h2>'
        f"{title(number, SECTION_TITLES[view.section][0], tongue)}<em>{len(items)}</em></h2>{note}{body}</section>{ways}"
    )


OWN_NOTE: Final = mark("以下由经营主体自行填报，真实性由其负责。")


def counts(all_sections: Sequence[Shown], tongue: Tongue) -> str:
    """Return the eight counts, each a way to its section."""
    return (
        f'<nav class="counts" aria-label="{tongue.say(mark("信用信息概要"))}">'
        + "".join(
            f'<a href="#{one.code}"{"" if one.items else " class=none"}><b>{len(one.items)}</b>'
            f"{tongue.label_html(SECTION_TITLES[one.code][1])}</a>"
            for one in all_sections
        )
        + "</nav>"
    )


def suggestions(all_sections: Sequence[Shown], tongue: Tongue) -> str:
    """Return section 十: what would better the standing, said of the records that are there."""
    say = tongue.say
    items = {one.code: one.items for one in all_sections}
    said = [say(mark("建议秉持诚信理念，依法有序开展经营活动。"))]
    penalties = [item for item in items.get("administration", ()) if item.kind == PENALTY]
    if penalties:
        named = "；".join(clean(item.title) for item in penalties[:OPEN]) + ("…" if len(penalties) > OPEN else "")
        said.append(
            say(mark("请按处罚决定书履行义务并改正违法行为："))
            + f"<span{tongue.chinese}>{named}</span>。"
            + say(mark("公示满法定最短期限后，可通过“信用中国”网站申请行政处罚信息信用修复。"))
        )
    if items.get("serious"):
        said.append(say(mark("请履行相关义务、纠正失信行为，符合移出条件的，向认定单位申请移出严重失信主体名单。")))
    if items.get("abnormal"):
        said.append(say(mark("请补报年度报告、改正公示或住所信息，再向登记机关申请移出经营异常名录。")))
    if items.get("judgment"):
        said.append(say(mark("请履行生效法律文书确定的义务，并向执行法院申请删除失信信息。")))
    return "".join(f"<p>{sentence}</p>" for sentence in said)


NOTES: Final = (
    mark("本页信息由各有关单位提供，经信用信息平台归集，客观、中立地展示；本网站不主动编辑或修改其内容。"),
    mark("本页不评分、不评级。“查询期内无相关信息”只表示没有归集到可公示的记录，不代表信用好坏的结论。"),
    mark("已经信用修复、撤销、更正或者公示期满的信息不再展示。"),
    mark("认为信息有误、遗漏或者侵犯权益的，可向签发机关或者通过“信用中国”网站提出异议。"),
    mark("行政处罚信息的信用修复，请通过“信用中国”网站申请。"),
    mark("各项信息以本页核验时间为准，之后有更新的，以新信息为准。"),
    mark("本页供社会公众查询参考，不作为任何担保。"),
    mark("可扫描二维码或者凭编号随时再次核验。"),
)
"""报告说明: the statements that the national standard asks for, in our own words."""
