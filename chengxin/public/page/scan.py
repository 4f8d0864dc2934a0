"""The page of a scan: the answer first, then whose code it is, then the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta, timezone
from typing import Final

from chengxin.board import token
from chengxin.board.card import Card, Head, Item, Onward, shown
from chengxin.board.verdict import State
from chengxin.inbox.fakes import suspected
from chengxin.public.page import frame, report
from chengxin.public.page.frame import View
from chengxin.public.page.words import NOTICES, PLACEMENTS, SECTION_TITLES, SUCCESSIONS, clean, mark
from chengxin.terms import entity, uscc

SHANGHAI: Final = timezone(timedelta(hours=8))
SUGGESTIONS_NUMBER: Final = 10
SUPPLEMENT_NUMBER: Final = 11
UNSIGNED: Final = frozenset(
    {"forged", "unknown", "wrong_host", "unknown_key", "revoked_key", "unavailable", "short", "found", "elsewhere"}
)
"""States in which we cannot say that the office issued the code, so no page says it did."""
FROM_HEAD: Final = frozenset({"企业名称", "主体名称", "机构名称", "名称", "统一社会信用代码", "登记状态", "状态"})
"""Lines of the register that the page already says larger."""


@dataclass(frozen=True, slots=True)
class Hanging:
    """The code itself: its number and where it should hang."""

    serial: int | None = None
    placement: str = ""
    label: str = ""
    code: str = ""  # the token, where it looks like one: a stranger's text goes into no link of ours
    number: str = ""  # of a code that somebody else issued
    issuer: str = ""  # who issued that one, as the office was told


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page, in two halves: between them belongs the minute of the verification."""

    before: str
    after: str
    has_minute: bool = True


def draw(*, view: View, state: State, hanging: Hanging, card: Card | None, today: date) -> Sheet:
    """Return the page for what a scan found."""
    if card is not None and state.shows_card:
        return _genuine(view=view, state=state, hanging=hanging, card=card, today=today)
    return _plain(view=view, state=state, hanging=hanging)


def _verdict(view: View, state: State, hanging: Hanging, *, tag: str) -> tuple[str, str]:
    """Return the panel's HTML before and after the minute."""
    tongue = view.tongue
    say = tongue.say
    notice = NOTICES[state.name]
    facts = []
    if state.name not in UNSIGNED and view.city.office:
        facts.append(say(mark("{office}签发")).format(office=f"<span{tongue.chinese}>{clean(view.city.office)}</span>"))
    if hanging.serial is not None:
        facts.append(f'{say(mark("编号"))} <span class="digits">{token.grouped(hanging.serial)}</span>')
    if hanging.issuer:
        facts.append(f"{say(mark('签发单位'))} <span{tongue.chinese}>{clean(hanging.issuer)}</span>")
    if hanging.number:
        facts.append(f'{say(mark("编号"))} <span class="digits">{clean(hanging.number)}</span>')
    moment = say(mark("查询时间")) if state.name in ("found", "elsewhere") else say(mark("核验时间"))
    facts_html = "".join(f"<span>{fact}</span>" for fact in facts)
    before = (
        f'<section class="verdict {notice.tone}" aria-label="{say(mark("核验结果"))}">{frame.icon(notice.icon)}'
        f"<div><{tag}>{say(notice.verdict)}</{tag}><p>{facts_html}<span>{moment} "
    )
    return before, "</span></p></div></section>"


def _advice(view: View, state: State, *, button: str = "") -> str:
    notice = NOTICES[state.name]
    say = view.tongue.say
    meaning = f"<p>{say(notice.meaning)}</p>" if notice.meaning else ""
    steps = "".join(f"<li>{say(step)}</li>" for step in notice.advice)
    return (
        f'<div class="advice">{meaning}{f"<ul>{steps}</ul>" if steps else ""}{button}</div>' if meaning or steps else ""
    )


def _fake_href(view: View, state: State, hanging: Hanging) -> str:
    """Return the way to where this code is reported, with what is likely wrong with it."""
    return frame.fake_href(view, code=hanging.code, wrong=suspected(state.name))


def _plain(*, view: View, state: State, hanging: Hanging) -> Sheet:
    say = view.tongue.say
    notice = NOTICES[state.name]
    before, after = _verdict(view, state, hanging, tag="h1")
    ways = "".join(f"<li>{way}</li>" for way in frame.contacts(view))
    fake = f'<a class="button" href="{_fake_href(view, state, hanging)}">{say(mark("举报假码"))}</a>'
    return Sheet(
        frame.head(view, title=say(notice.verdict), description=say(notice.meaning))
        + f'<main id="main" class="plain">{before}',
        f"{after}{_advice(view, state, button=fake)}"
        f'<section class="ways"><h2>{say(mark("可以找谁"))}</h2><ul>{ways}</ul></section></main>{frame.foot(view)}',
    )


def _genuine(*, view: View, state: State, hanging: Hanging, card: Card, today: date) -> Sheet:
    tongue = view.tongue
    say = tongue.say
    sections = report.sections(card, today, hanging.serial)
    supplement = (
        shown(card.supplement, today) if state.shows_supplement and _registration(card.head).shows_supplement else []
    )
    before, after = _verdict(view, state, hanging, tag="strong")
    head = card.head
    fake = _fake_href(view, state, hanging)
    summary = "，".join(f"{say(SECTION_TITLES[one.code][1])} {len(one.items)}" for one in sections if one.items) or say(
        mark("查询期内无相关信息")
    )
    description = f"{say(NOTICES[state.name].verdict)}。{uscc.group(head.uscc)}。{summary}"
    parts = [
        after,
        _advice(view, state),
        _who(view, head, hanging, fake=fake, onward=card.onward),
        report.counts(sections, tongue) if not view.section else "",
        frame.acts(view, fake=fake),
        '</div></div><div class="report">',
    ]
    if view.section:
        parts.append(_one_section(view, sections, supplement, today))
    else:
        parts += _whole(view, sections, supplement, card, today)
    parts += ["</div></main>", frame.foot(view)]
    return Sheet(
        frame.head(view, title=head.name, description=description) + f'<main id="main"><div class="who"><div>{before}',
        "".join(parts),
    )


def _registration(head: Head) -> entity.State:
    return entity.STATES.get(head.state, entity.STATES["active"])


def _onward(view: View, onward: Onward | None) -> str:
    """Return who this body went on as, with the way to that one's page where it has a code."""
    if onward is None:
        return ""
    tongue = view.tongue
    say = tongue.say
    name = f"<b{tongue.chinese}>{clean(onward.name)}</b>" if onward.name else ""
    how = f"{say(SUCCESSIONS[onward.how])}，" if onward.how in SUCCESSIONS else ""
    way = ""
    if onward.token:
        address = replace(view, path=f"/C/{onward.token}", section="", page=1).address.replace("&", "&amp;")
        way = f'<br><a href="{address}">{say(mark("看它的诚信码"))}</a>'
    return (
        f'<p class="registered">{frame.icon("note")}<span>{say(mark("已由新主体接续"))}<br>{name}<br>'
        f'<span class="digits">{uscc.group(clean(onward.holder))}</span><br>'
        f"<small>{how}{tongue.day(onward.happened_on)}</small>{way}</span></p>"
    )


def _who(view: View, head: Head, hanging: Hanging, *, fake: str, onward: Onward | None) -> str:
    tongue = view.tongue
    say = tongue.say
    chinese = tongue.chinese
    registration = _registration(head)
    pairs = [("登记状态", say(registration.label))]
    trade = " · ".join(part for part in (head.kind, head.trade) if part)
    wording = (
        f'<p class="registered">{frame.icon("note")}<span>{say(registration.wording)}</span></p>'
        if registration.wording
        else ""
    )
    former = (
        f'<p class="registered">{frame.icon("note")}<span>{say(mark("原名"))} <b{chinese}>{clean(head.former)}</b>'
        f"<br><small>{say(mark('名称已在登记机关变更，已印的码上可能还是原名。'))}</small></span></p>"
        if head.former
        else ""
    )
    return (
        f"<h1{chinese}>{clean(head.name)}</h1>"
        f'<p class="uscc"><span class="unseen">{tongue.label_html("统一社会信用代码")}</span>{uscc.group(clean(head.uscc))}</p>'
        f"<dl>{report.lines(pairs, tongue)}"
        + (report.lines([("主体类型", trade)], tongue) if trade else "")
        + (report.lines([("所在地", head.place)], tongue) if head.place else "")
        + f"</dl>{former}{wording}{_onward(view, onward)}{_compare(view, hanging, fake=fake)}"
    )


def _compare(view: View, hanging: Hanging, *, fake: str) -> str:
    """Return what to hold the page against: a genuine code of somebody else's may have been pasted over this shop's."""
    tongue = view.tongue
    say = tongue.say
    where = PLACEMENTS.get(hanging.placement)
    label = f"（<span{tongue.chinese}>{clean(hanging.label)}</span>）" if hanging.label else ""
    place = f"{say(mark('这张码应放在：'))}<b>{say(where)}</b>{label}" if where is not None else ""
    serial = f'<b class="digits">{token.grouped(hanging.serial)}</b>' if hanging.serial is not None else ""
    number = f"<small>{say(mark('码旁印的编号应是 {serial}。')).format(serial=serial)}</small>" if serial else ""
    return (
        f'<p class="here">{frame.icon("pin")}<span>{place}'
        f"<small>{say(mark('上面的名称，应和门口招牌、墙上执照一致。'))}</small>{number}"
        f'<small>{say(mark("您看到的不是这里、不是这家？"))}<a href="{fake}">{say(mark("告诉我们"))}</a></small></span></p>'
    )


def _register(view: View, card: Card) -> str:
    tongue = view.tongue
    say = tongue.say
    head = card.head
    pairs = [
        ("名称", head.name),
        ("统一社会信用代码", head.uscc),
        *(pair for pair in head.lines if pair[0] not in FROM_HEAD),
        ("登记状态", say(_registration(head).label)),
    ]
    return (
        f'<section id="register"><h2>{report.title(1, mark("登记注册基础信息"), tongue)}</h2>'
        f"<article><dl>{report.lines(pairs, tongue)}</dl>"
        f'<p class="source"><span>{say(mark("来源"))} <span{tongue.chinese}>{clean(head.source)}</span></span>'
        f"<span>{say(mark('归集'))} {tongue.day(head.received_on)}</span></p></article></section>"
    )


def _whole(view: View, sections: list[report.Shown], supplement: Sequence[Item], card: Card, today: date) -> list[str]:
    tongue = view.tongue
    say = tongue.say
    parts = [_register(view, card)]
    for number, one in enumerate(sections, start=2):
        parts += report.section(one, number, view, today)
    parts += [
        f'<section id="suggestions"><h2>{report.title(SUGGESTIONS_NUMBER, mark("信用状况提升建议"), tongue)}</h2>',
        f'<div class="text">{report.suggestions(sections, tongue)}</div></section>',
    ]
    if supplement:
        heading = report.title(SUPPLEMENT_NUMBER, SECTION_TITLES["supplement"][0], tongue)
        parts += [
            f'<section class="own" id="supplement"><h2>{heading}<em>{len(supplement)}</em></h2>',
            f'<p class="note">{say(report.OWN_NOTE)}</p>',
            *report.collapsed(supplement, "supplement", view, today),
            "</section>",
        ]
    as_of = tongue.minute(card.as_of.astimezone(SHANGHAI))
    parts += [
        frame.once(view, "notes", _notes),
        f"<p>{say(mark('本页内容整理于 {moment}。')).format(moment=as_of)}</p></section>",
    ]
    return parts


def _notes(view: View) -> str:
    say = view.tongue.say
    notes = "".join(f"<li>{say(note)}</li>" for note in report.NOTES)
    return f'<section id="notes" class="notes"><h2>{say(mark("报告说明"))}</h2><ol>{notes}</ol>'


def _one_section(view: View, sections: list[report.Shown], supplement: Sequence[Item], today: date) -> str:
    if view.section == "supplement":
        return report.one_page(supplement, SUPPLEMENT_NUMBER, view, today)
    number, one = next((place, one) for place, one in enumerate(sections, start=2) if one.code == view.section)
    return report.one_page(one.items, number, view, today)


def last_page(card: Card | None, code: str, today: date, serial: int | None) -> int:
    """Return the number of the last page of a section."""
    if card is None:
        return 1
    items = card.supplement if code == "supplement" else next(one.items for one in card.sections if one.code == code)
    return report.pages(len(shown(items, today, serial=serial)))
