"""举报假码: the page where anybody reports a code that does not seem right, and the page that says it was received."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from chengxin.board import token
from chengxin.inbox import fakes
from chengxin.public.page import frame
from chengxin.public.page.frame import View
from chengxin.public.page.words import NOTICES, clean, mark

WRONGS: Final = (
    mark("码打不开，或者网址不对"),
    mark("码和店对不上（被覆盖、贴错）"),
    mark("核验结果说不是真码"),
    mark("码已注销或换发，还在用"),
    mark("其他"),
)
"""The labels of `inbox.fakes.WRONGS`, for the catalogues."""

FAULTS: Final = {
    "wrong": mark("请选一项：哪里不对。"),
    "code too long": mark("码的网址最多 {most} 个字，请只留下能看清的部分。"),
    "where too long": mark("地点最多 {most} 个字，请缩短。"),
    "words too long": mark("补充说明最多 {most} 个字，请缩短。"),
    "nothing": mark("请写一下在哪里看到的，或者附一张照片，不然找不到这张码。"),
    "no consent": mark("要附照片，请打勾表示同意；不同意，就不要选照片。"),
    "no picture": mark("照片打不开，请换一张 JPEG、PNG 或 WebP 格式的。"),
    "too many pixels": mark("照片的像素太多，请缩小或重拍一张。"),
    "broken": mark("照片没有传完整，或者已经损坏，请再选一次。"),
    "too large": mark("这次一共超过 8 MB，没有收下。请换一张小一些的照片，再填一次。"),
    "unread": mark("这次没有传完整，没有收下。请再填一次。"),
    "elsewhere": mark("这份举报不是从本站的网页提交的，没有收下。请在下面填写。"),
    "too often": mark("您这里刚才提交得太多了，请过几分钟再按一次“提交举报”。您写的都还在。"),
    "not kept": mark("现在存不下来，请过一分钟再按一次“提交举报”。您写的都还在。着急的话，请拨打 12345。"),
}
"""What can be wrong with what was handed in: one sentence each, what is wrong and what to do."""

PHOTO_AGAIN: Final = mark("照片没有留下来，请再选一次。")
"""Said where the page comes back with something to mend; a script that still has the photo takes it away again."""

SAYS: Final = {
    "shrinking": mark("正在缩小照片……"),
    "shrunk": mark("照片已缩小，可以提交。"),
    "unreadable": mark("这张照片打不开，请换一张。"),
    "locating": mark("正在取得位置……"),
    "located": mark("已附上现在的位置。"),
    "lost": mark("没有取得位置。请在上面用文字写一下。"),
    "sending": mark("正在提交……"),
    "busy": mark("现在有别人正在提交，正在排队……"),
    "failed": mark("没有发出去，可能断网了。您写的都还在，请连上网以后再按一次“提交举报”。"),
}
"""What the script says when something happens, handed to it by the page."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody has told so far, right or wrong: nothing of it may be lost."""

    ticket: str
    code: str = ""
    wrong: str = ""
    where: str = ""
    words: str = ""
    point: fakes.Point | None = None
    photo_consent: bool = False
    faults: Mapping[str, str] = field(default_factory=dict)  # field → sentence, in the page's language


@dataclass(frozen=True, slots=True)
class About:
    """The code that is reported, as far as it is known."""

    state: str
    serial: int | None = None
    name: str = ""


def form(view: View, draft: Draft, *, about: About | None, days: int, fault: str = "") -> str:
    """Return the page with its questions. `fault` is what is wrong with the whole; `days` until photos are destroyed."""
    say = view.tongue.say
    title = say(mark("举报假码"))
    says = "".join(f' data-{name}="{clean(say(words))}"' for name, words in SAYS.items())
    parts = [
        frame.head(
            view,
            title=title,
            description=say(mark("只问这张码，不问您是谁：不用留姓名和电话。")),
            styles=("fake.css",),
            scripts=("fake.js",),
        ),
        (
            f'<main id="main" class="plain fake"><h1 tabindex="-1">{title}</h1>'
            f"<p>{say(mark('只问这张码，不问您是谁：不用留姓名和电话。'))}</p>"
        ),
        _summary(view, draft.faults, fault),
        f'<form class="report-fake" method="post" action="{frame.fake_href(view)}" enctype="multipart/form-data" novalidate{says}>',
        f'<input type="hidden" name="ticket" value="{clean(draft.ticket)}">',
        _code(view, draft, about),
        _wrong(view, draft),
        _where(view, draft),
        _photo(view, draft, days),
        _line(
            view,
            "words",
            mark("还想说什么？"),
            hint=mark("比如谁给您的码、要您付什么钱。请不要写身份证号和银行卡号。"),
            box=lambda common: (
                f'<textarea{common} rows="4" maxlength="{fakes.WORDS_LENGTH}">{clean(draft.words)}</textarea>'
            ),
            faults=draft.faults,
        ),
        (
            f'<button class="send">{say(mark("提交举报"))}</button>'
            '<progress class="progress" max="100" value="0" hidden></progress>'
            '<p class="status" role="status" aria-live="polite"></p></form>'
        ),
        _ways(view),
        "</main>",
        frame.foot(view),
    ]
    return "".join(parts)


def received(view: View, *, receipt: str) -> str:
    """Return the page that says under which number a report was received, and what happens now."""
    say = view.tongue.say
    city = view.city
    office = f"<b{view.tongue.chinese}>{clean(city.office)}</b>" if city.office else say(mark("签发机关"))
    number = city.phone or "12345"
    telephone = frame.link(label=number, url=f"tel:{frame.telephone(number)}")
    steps = (
        say(mark("这份举报已经列入{office}的待办名单。")).format(office=office),
        say(mark("我们不知道您是谁，所以不会联系您。想问处理情况，请拨打 {telephone}，报这个举报编号。")).format(
            telephone=telephone
        ),
        say(mark("核实之前，请不要凭这张码付款。已经受到损失的，请同时拨打 12315。")),
    )
    title = say(mark("举报已收到"))
    return (
        frame.head(view, title=title, description=title, styles=("fake.css",))
        + f'<main id="main" class="plain fake"><section class="verdict stopped">{frame.icon("note")}'
        f'<div><h1 tabindex="-1">{title}</h1></div></section>'
        f'<p class="receipt">{say(mark("举报编号"))} <b class="digits">{fakes.grouped(receipt)}</b>'
        f"<small>{say(mark('请记下来，或者截一张图。'))}</small></p>"
        f'<section><h2>{say(mark("接下来"))}</h2><ul class="steps">{"".join(f"<li>{step}</li>" for step in steps)}</ul>'
        f'<p><a class="button" href="/">{say(mark("去首页"))}</a></p></section>'
        + _ways(view)
        + "</main>"
        + frame.foot(view)
    )


def _ways(view: View) -> str:
    ways = "".join(f"<li>{way}</li>" for way in frame.contacts(view))
    return f'<section class="ways"><h2>{view.tongue.say(mark("也可以打电话"))}</h2><ul>{ways}</ul></section>'


def _summary(view: View, faults: Mapping[str, str], fault: str) -> str:
    """Return what stands in the way, with a link to each field."""
    if fault:
        return f'<div class="sorry" role="alert"><p>{clean(fault)}</p></div>'
    if not faults:
        return ""
    told = view.tongue.say(mark("还没有提交，请先改好这几处："))
    again = view.tongue.say(PHOTO_AGAIN)
    fields = "".join(
        f'<li{" class=again" if sentence == again else ""}><a href="#{name}">{clean(sentence)}</a></li>'
        for name, sentence in faults.items()
    )
    return f'<div class="sorry" role="alert"><p>{told}</p><ul>{fields}</ul></div>'


def _code(view: View, draft: Draft, about: About | None) -> str:
    say = view.tongue.say
    if about is None:
        return _line(
            view,
            "code",
            mark("码的网址，或码旁边的字母和数字"),
            hint=mark("可以不填。看不清的，不要猜。"),
            box=lambda common: (
                f'<input{common} value="{clean(draft.code)}" maxlength="{fakes.CODE_LENGTH}" autocomplete="off"'
                ' autocapitalize="characters" spellcheck="false">'
            ),
            faults=draft.faults,
        )
    name = f"<b{view.tongue.chinese}>{clean(about.name)}</b>" if about.name else ""
    serial = (
        f'<span>{say(mark("编号"))} <span class="digits">{token.grouped(about.serial)}</span></span>'
        if about.serial is not None
        else ""
    )
    return (
        f'<div class="about"><span>{say(mark("您要举报的码"))}</span>{name}{serial}'
        f"<span>{say(mark('核验结果'))}：{say(NOTICES[about.state].verdict)}</span></div>"
        f'<input type="hidden" name="code" value="{clean(draft.code)}">'
    )


def _wrong(view: View, draft: Draft) -> str:
    say = view.tongue.say
    fault = draft.faults.get("wrong", "")
    choices = "".join(
        f'<label class="choice"><input type="radio" name="wrong" value="{name}"{" checked" if name == draft.wrong else ""}'
        f"{' id=wrong' if place == 0 else ''} required><span>{say(label)}</span></label>"
        for place, (name, label) in enumerate(fakes.WRONGS.items())
    )
    return (
        f"<fieldset{' aria-describedby=wrong-fault' if fault else ''}><legend>{say(mark('哪里不对？'))}"
        f" <small>{say(mark('必选'))}</small></legend>{_fault('wrong', fault)}{choices}</fieldset>"
    )


def _where(view: View, draft: Draft) -> str:
    say = view.tongue.say
    lat, lon = (str(draft.point.lat), str(draft.point.lon)) if draft.point else ("", "")
    text = _line(
        view,
        "where",
        mark("在哪里看到的？"),
        hint=mark("写店名、门牌或路口就行。"),
        box=lambda common: (
            f'<input{common} value="{clean(draft.where)}" maxlength="{fakes.WHERE_LENGTH}" autocomplete="off">'
        ),
        faults=draft.faults,
    )
    return (
        f'{text}<div class="point" hidden><p class="hint">'
        f"{say(mark('也可以附上您现在的位置（约 10 米范围）。按下按钮，就是同意把它交给签发机关，只用来找到这张码。'))}</p>"
        f'<button type="button" class="quiet locate">{say(mark("附上现在的位置"))}</button>'
        f'<button type="button" class="quiet unlocate" hidden>{say(mark("去掉位置"))}</button>'
        f'<p class="status" role="status" aria-live="polite"></p></div>'
        f'<input type="hidden" name="lat" value="{lat}"><input type="hidden" name="lon" value="{lon}">'
    )


def _photo(view: View, draft: Draft, days: int) -> str:
    say = view.tongue.say
    ticked = " checked" if draft.photo_consent else ""
    fault = draft.faults.get("photo-consent", "")
    consent = say(
        mark(
            "同意把照片交给签发机关，只用来核实这张码。照片里附带的拍摄地点和时间会去掉；结案 {days} 天后删除照片和位置。"
        )
    ).format(days=days)
    return (
        # Without `capture`: with it, some telephones would not let one choose the photo taken a minute ago.
        _line(
            view,
            "photo",
            mark("拍一张照片"),
            hint=mark("可以不拍。拍下码和它周围，尽量不要拍到人脸。不超过 8 MB。"),
            box=lambda common: f'<input{common} type="file" accept="image/jpeg,image/png,image/webp,image/*">',
            faults=draft.faults,
        )
        + f'<div class="chosen" hidden><img alt="{say(mark("选好的照片"))}"><button type="button" class="quiet unchoose">{say(mark("去掉照片"))}</button></div>'
        f'<p class="status photo-status" role="status" aria-live="polite"></p>'
        f"{_fault('photo-consent', fault)}"
        f'<label class="choice consent"><input type="checkbox" id="photo-consent" name="photo-consent" value="1"{ticked}'
        f"{' aria-describedby=photo-consent-fault aria-invalid=true' if fault else ''}><span>{consent}</span></label>"
    )


def _line(view: View, name: str, label: str, *, hint: str, box: Callable[[str], str], faults: Mapping[str, str]) -> str:
    """Return one question: its label, what helps to answer it, what is wrong with the answer, and where to write it."""
    say = view.tongue.say
    fault = faults.get(name, "")
    described = f"{name}-fault {name}-hint" if fault else f"{name}-hint"
    common = f' id="{name}" name="{name}" aria-describedby="{described}"{" aria-invalid=true" if fault else ""}'
    return (
        f'<div class="line"><label for="{name}">{say(label)}</label>'
        f'<p class="hint" id="{name}-hint">{say(hint)}</p>{_fault(name, fault, is_again=fault == say(PHOTO_AGAIN))}{box(common)}</div>'
    )


def _fault(name: str, sentence: str, *, is_again: bool = False) -> str:
    return f'<p class="fault{" again" if is_again else ""}" id="{name}-fault">{clean(sentence)}</p>' if sentence else ""
