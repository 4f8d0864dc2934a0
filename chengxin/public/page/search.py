"""The search page: a form, what was found, and what it means that nothing was. And the page of a link that is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chengxin.public.finder import MOST, Hit
from chengxin.public.page import frame
from chengxin.public.page.frame import View
from chengxin.public.page.words import clean, mark
from chengxin.terms import entity, uscc

PATH: Final = "/search"
CHALLENGE_PATH: Final = "/search/challenge"
PAGE_SIZE: Final = 20
LIMIT: Final = 60

SAYS_NOTHING: Final = mark("申领出于自愿。没有申领，不说明它的信用好，也不说明不好。")
WAYS: Final = (
    mark("字号，不用写地名和行业：老渡口"),
    mark("名称里连着的两个字以上：渡口饺子"),
    mark("拼音首字母：ldk"),
    mark("统一社会信用代码，18 位"),
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a question was not answered: one sentence, and what it said about the code in Chinese, if it did."""

    words: str
    detail: str = ""


SHORT: Final = Trouble(mark("请至少输入两个字，或两个拼音首字母。"))
LONG: Final = Trouble(mark("输入的内容太长，请不要超过 60 个字。"))
HALF: Final = Trouble(mark("没有查成，请检查网络后再点一次“查询”。"))
MALFORMED: Final = Trouble(mark("这个统一社会信用代码不对，请照着营业执照再核对一遍："))
NEEDS_SCRIPT: Final = Trouble(
    mark("按名称查询要用到浏览器的 JavaScript，您的浏览器没有开启。请开启后再查，或输入完整的 18 位统一社会信用代码。")
)
UNPROVEN: Final = Trouble(mark("没能确认您不是机器人，或确认已过期。请再点一次“查询”。"))
TOO_OFTEN: Final = Trouble(mark("查得太快了，请过一分钟再查。"))
UNAVAILABLE: Final = Trouble(mark("系统现在查不到最新的记录，请一分钟后再试。"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page has to say to a question."""

    typed: str = ""
    trouble: Trouble | None = None
    hits: Sequence[tuple[Hit, str]] = ()  # of this page, each with its link
    count: int = 0  # on all pages
    page: int = 1
    is_cut: bool = False
    number: str = ""  # the USCC that was asked for, if one was
    further: str = ""  # a pass for other pages


def page(view: View, answer: Answer | None, *, solver: str) -> str:
    """Return the page with the form, and with the answer where something was asked."""
    say = view.tongue.say
    title = say(mark("查一家店"))
    lead = say(mark("按名称查已申领诚信码的经营主体。"))
    typed = clean(answer.typed) if answer else ""
    ways = "".join(f"<li>{say(way)}</li>" for way in WAYS)
    wrong = answer is not None and answer.trouble is not None
    return (
        frame.head(view, title=title, description=lead, styles=("search.css",), scripts=("search.js",))
        + f'<main id="main" class="plain front"><div class="welcome"><h1>{title}</h1><p>{lead}</p></div>'
        f'<div id="search" data-challenge="{CHALLENGE_PATH}" data-solver="{view.asset(solver)}"'
        f' data-proving="{say(mark("正在确认您不是机器人…"))}" data-looking="{say(mark("正在查询…"))}"'
        f' data-failed="{say(HALF.words)}">'
        f'<form action="{_action(view)}" method="post" role="search"><label for="q">{say(mark("名称、字号、拼音首字母或统一社会信用代码"))}</label>'
        f'<div><input id="q" name="q" value="{typed}" type="search" enterkeyhint="search" autocomplete="off"'
        f' autocapitalize="off" spellcheck="false" required maxlength="{LIMIT}" aria-describedby="ways"'
        f"{' aria-invalid=true' if wrong else ''}><button>{say(mark('查询'))}</button></div></form>"
        '<p id="status" role="status"></p>'
        f"{_found(view, answer)}</div>"
        f'<section><h2>{say(mark("可以这样输入"))}</h2><ul class="steps" id="ways">{ways}</ul></section>'
        f'<p class="aside"><a href="/{_query(view)}">{say(mark("手里有码？去核验"))}</a></p></main>' + frame.foot(view)
    )


def _query(view: View) -> str:
    return f"?{query}".replace("&", "&amp;") if (query := view.query) else ""


def _action(view: View) -> str:
    return f"{PATH}{_query(view)}"


def _found(view: View, answer: Answer | None) -> str:
    """Return the part that a script takes out of the page and puts into another."""
    if answer is None:
        return '<section id="found"></section>'
    says, body = _answer(view, answer)
    return f'<section id="found" data-says="{says}">{body}</section>'


def _answer(view: View, answer: Answer) -> tuple[str, str]:
    say = view.tongue.say
    trouble = answer.trouble
    if trouble is not None:
        detail = f"<span{view.tongue.chinese}>{clean(trouble.detail)}。</span>" if trouble.detail else ""
        return "", f'<p class="sorry" role="alert">{say(trouble.words)}{detail}</p>'
    if not answer.count:
        return _nobody(view, answer)
    heading = say(mark("查到 {count} 个")).format(count=f"{MOST}+" if answer.is_cut else answer.count)
    hits = "".join(_hit(view, hit, link) for hit, link in answer.hits)
    parts = [f"<h2>{heading}</h2>", f'<ol class="hits">{hits}</ol>']
    last = -(-answer.count // PAGE_SIZE)
    if answer.is_cut and answer.page == last:
        parts.append(
            f'<p class="note">{say(mark("只列出前 100 个。没有您要找的，请把名称写得更完整些，或在前面加上区县。"))}</p>'
        )
    parts.append(_pages(view, answer, last))
    return heading, "".join(parts)


def _hit(view: View, hit: Hit, link: str) -> str:
    tongue = view.tongue
    say = tongue.say
    state = entity.STATES.get(hit.state, entity.STATES["active"])
    chips = "".join(
        f'<span class="chip{css}">{say(words)}</span>'
        for words, css, stands in (
            (state.label, " ends", state.name != "active"),
            (mark("名称相近"), "", hit.is_near),
        )
        if stands
    )
    about = " · ".join(clean(part) for part in (hit.place, hit.trade) if part)
    return (
        f'<li><a href="/S/{link}{_query(view)}"><strong{tongue.chinese}>{clean(hit.name)}</strong>{chips}'
        + (f"<span{tongue.chinese}>{about}</span>" if about else "")
        + f'<span class="uscc">{uscc.group(clean(hit.holder))}</span></a></li>'
    )


def _pages(view: View, answer: Answer, last: int) -> str:
    say = view.tongue.say
    if last <= 1:
        return ""
    ways = [
        _turn(view, answer, answer.page - 1, say(mark("上一页"))) if answer.page > 1 else "<span></span>",
        f"<span>{say(mark('第 {page} 页，共 {pages} 页')).format(page=answer.page, pages=last)}</span>",
        _turn(view, answer, answer.page + 1, say(mark("下一页"))) if answer.page < last else "<span></span>",
    ]
    return f'<div class="turn">{"".join(ways)}</div>'


def _turn(view: View, answer: Answer, number: int, words: str) -> str:
    fields = "".join(
        f'<input type="hidden" name="{name}" value="{value}">'
        for name, value in (("q", clean(answer.typed)), ("page", number), ("pass", answer.further))
    )
    return f'<form action="{_action(view)}" method="post">{fields}<button>{words}</button></form>'


def _nobody(view: View, answer: Answer) -> tuple[str, str]:
    say = view.tongue.say
    if answer.number:
        verdict = say(mark("未申领（自愿申领）"))
        code = f'<p class="uscc">{uscc.group(clean(answer.number))}</p>'
        meaning = say(mark("没有查到这个代码现在展示的诚信码：可能没有申领，也可能已经暂停或停用。"))
        steps: tuple[str, ...] = (mark("请照着营业执照，再核对一遍代码。"),)
    else:
        verdict = say(mark("没有查到这个名称"))
        code = ""
        meaning = say(mark("它可能没有申领诚信码，也可能登记的名称和招牌上写的不一样。"))
        steps = (
            mark("少写几个字再查：只写字号，不写地名和行业。"),
            mark("或照着营业执照，输入统一社会信用代码。"),
        )
    advice = "".join(f"<li>{say(step)}</li>" for step in steps)
    return verdict, (
        f'<div class="verdict stopped">{frame.icon("search")}<div><h2>{verdict}</h2>{code}</div></div>'
        f'<div class="advice"><p>{meaning}{say(SAYS_NOTHING)}</p><ul>{advice}</ul></div>'
    )


def over(view: View) -> str:
    """Return the page of a link that is over, or never was ours."""
    say = view.tongue.say
    title = say(mark("这个链接已过期"))
    return (
        frame.head(view, title=title, description=title)
        + f'<main id="main" class="plain"><section class="verdict unsure">{frame.icon("clock")}'
        f"<div><h1>{title}</h1></div></section>"
        f'<div class="advice"><p>{say(mark("查询结果里的链接半小时内有效，也只供当时查看。请重新查一次。"))}</p>'
        f'<p><a class="button" href="{_action(view)}">{say(mark("重新查询"))}</a></p></div></main>' + frame.foot(view)
    )


def gone(view: View) -> str:
    """Return the page of a holder who was found a moment ago and is shown no more."""
    say = view.tongue.say
    title = say(mark("现在没有可展示的诚信码"))
    return (
        frame.head(view, title=title, description=title)
        + f'<main id="main" class="plain"><section class="verdict stopped">{frame.icon("stopped")}'
        f"<div><h1>{title}</h1></div></section>"
        f'<div class="advice"><p>{say(mark("这家的诚信码刚刚暂停、停用，或信息正在更新。"))}{say(SAYS_NOTHING)}</p>'
        f'<p><a class="button" href="{_action(view)}">{say(mark("重新查询"))}</a></p></div></main>' + frame.foot(view)
    )
