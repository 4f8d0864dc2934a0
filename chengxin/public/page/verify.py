"""The page that verifies a code without a network: its frame and every sentence its script may say.

The script (`static/public/verify.js`) holds no words. What it shows of a verdict is a template from here, with the
number, the day and the age of the list put in their places.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from chengxin.inbox.fakes import suspected
from chengxin.public.page import frame
from chengxin.public.page.frame import View
from chengxin.public.page.words import NOTICES, PLACEMENTS, TONGUES, Notice, clean, mark

PATH: Final = "/verify"
WORKER_PATH: Final = "/verify-worker.js"
MANIFEST_PATH: Final = "/verify.webmanifest"
DECODER: Final = "jsQR.js"
FILES: Final = ("page.css", "verify.css", "verify-core.js", "verify.js", DECODER, "weave.svg", "mark.svg", "mark.png")
"""Everything of ours that the page needs without a network."""

POLICY: Final = {
    "script-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
}
"""What this page may do beyond the others: run our scripts, fetch our lists, keep itself. No other host, no eval."""

WORKER_POLICY: Final = {"connect-src": "'self'"}

NUMBERS: Final = {
    1: "premises",
    2: "counter",
    3: "vehicle",
    4: "stall",
    5: "board",
    6: "document",
    7: "screen",
    8: "package",
    9: "card",
    10: "online",
    11: "taxi",
    12: "truck",
    13: "bus",
    14: "badge",
    15: "product",
    16: "parcel",
    17: "heritage",
    18: "event",
}
"""The number of a placement in a token → its name. The office's table is out of the public side's sight; tests hold
the two together."""

COMPARE: Final = mark("请与执照上的统一社会信用代码核对。")
UPDATE: Final = mark("请联网更新状态名单，再核验一次。")


def also(notice: Notice, *advice: str) -> Notice:
    """Return what every verifier says of a state, with what is to be done on this page besides."""
    return replace(notice, advice=(*notice.advice, *advice))


VERDICTS: Final = {
    "active": Notice(
        mark("此码真实，名单上有效"),
        "",
        (
            mark("请与执照上的统一社会信用代码核对：没有网络时，这一页不知道经营者的名称。"),
            mark("代码或地点对不上的，这张码可能是从别处揭下、贴上来的，请不要凭它付款或交易。"),
        ),
        "genuine",
        "genuine",
    ),
    "suspended": also(NOTICES["suspended"], COMPARE),
    "revoked": NOTICES["revoked"],
    "forged": NOTICES["forged"],
    "unknown_key": also(NOTICES["unknown_key"], UPDATE),
    "wrong_host": NOTICES["wrong_host"],
    "short": NOTICES["short"],
    "stale": also(NOTICES["stale"], COMPARE),
    "unready": Notice(
        mark("还不能核验"),
        mark("这部手机里还没有签发机关的公钥和名单，所以什么都不能确认。"),
        (mark("请先联网，点“现在更新”，再核验一次。"),),
        "clock",
        "unsure",
    ),
}
"""The words for each offline verdict (docs/code-format.md), and for a phone that has no keys yet."""

FAULTS: Final = {
    "none": mark("手机里还没有名单。"),
    "expired": mark("手机里的名单已经过期。"),
    "future": mark("名单的时间比手机的时间晚一天以上：请校准手机的时间。"),
    "beyond": mark("这张码比手机里的名单还新。"),
    "unverifiable": mark("手机里的名单没有通过核对。"),
    "malformed": mark("手机里的名单不完整。"),
}
"""Why a list cannot say how a code stands."""

SIGNED: Final = frozenset({"active", "suspended", "revoked", "stale"})
"""Verdicts on a code whose signature is genuine and whose address is ours: only these name its holder."""

SENTENCES: Final = {
    "now": mark("刚刚"),
    "age": mark("名单更新于{age}"),
    "none": mark("手机里还没有名单：请联网更新一次。"),
    "busy": mark("正在更新……"),
    "updated": mark("已经是最新的。"),
    "older": mark("取到的名单比手机里的旧，没有采用。"),
    "unreached": mark("现在连不上，过一会儿再试。"),
    "refused": mark("取到的名单没有通过核对，没有采用。"),
    "looking": mark("正在照片里找码……"),
    "opening": mark("正在打开相机……"),
    "aim": mark("请把码放进画面中央。"),
    "nocode": mark("照片里没有找到二维码。请靠近一些、拍正、避开反光，再试一次。"),
    "nopicture": mark("这个文件打不开。请选一张照片（JPEG 或 PNG）。"),
    "large": mark("照片超过 30 MB。请选小一点的照片。"),
    "nodecoder": mark("识别二维码的程序还没有下载。请联网打开这一页一次，或者输入码旁边的字母和数字。"),
    "forbidden": mark("没有得到使用相机的许可。可以在浏览器设置里允许，也可以拍照后选照片。"),
    "nocamera": mark("相机打不开。可以拍照后选照片，或者输入码旁边的字母和数字。"),
}
"""What the script may say besides a verdict, by the name of its data attribute."""


def verify(view: View) -> str:
    """Return the page. What needs the script is hidden until the script says that this browser can do it."""
    say = view.tongue.say
    title = say(mark("离线核验"))
    lead = say(mark("没有网络也能核验诚信码。"))
    # True of what the script does; without it the form goes to the office.
    private = f"<span data-able hidden>{say(mark('核验的内容不离开这部手机。'))}</span>"
    words = "".join(f' data-{name}="{clean(say(sentence))}"' for name, sentence in SENTENCES.items())
    ways = "".join(f"<li>{way}</li>" for way in frame.contacts(view))
    return (
        frame.head(
            view,
            title=title,
            description=lead,
            styles=("verify.css",),
            scripts=("verify-core.js", "verify.js"),
            manifest=MANIFEST_PATH,
        )
        + f'<main id="main" class="plain verifier" data-decoder="{view.asset(DECODER)}"{words}>'
        '<div id="result" aria-live="polite"></div>'
        f'<h1>{title}</h1><p class="lead">{lead} {private}</p>{_sorry(view)}{_list(view)}{_ways_in(view)}'
        f"{_steps(view)}"
        f'<section class="ways"><h2>{say(mark("可以找谁"))}</h2><ul>{ways}</ul></section></main>'
        + "".join(_template(view, name, notice) for name, notice in VERDICTS.items())
        + _placements(view)
        + frame.foot(view)
    )


def _sorry(view: View) -> str:
    """Return why this browser cannot do it: without a script that is all one sees, and the form below goes online."""
    say = view.tongue.say
    return (
        f'<noscript><p class="sorry">{say(mark("离线核验要用 JavaScript，而这个浏览器没有打开它。在下面输入，可以联网核验。"))}</p></noscript>'
        f'<p class="sorry" id="old" role="alert" hidden>{say(mark("这个浏览器太旧，没有离线核验要用的签名算法（Ed25519）。在下面输入，可以联网核验；也可以换一个新的浏览器。"))}</p>'
        f'<p class="sorry" id="insecure" role="alert" hidden>{say(mark("这个网址不以 https 开头，浏览器不允许离线核验。在下面输入，可以联网核验。"))}</p>'
    )


def _list(view: View) -> str:
    say = view.tongue.say
    return (
        '<div class="list" data-able hidden><p><b id="age"></b><span id="news" role="status"></span></p>'
        f'<button type="button" id="update" class="quiet">{say(mark("现在更新"))}</button></div>'
    )


def _ways_in(view: View) -> str:
    say = view.tongue.say
    return (
        '<div class="in" data-able hidden>'
        f'<button type="button" id="camera">{say(mark("用相机扫码"))}</button>'
        f'<button type="button" id="pick" class="quiet">{say(mark("从照片里找码"))}</button>'
        f'<input type="file" id="picture" accept="image/*" aria-label="{say(mark("从照片里找码"))}" hidden></div>'
        '<p id="said" role="status" hidden></p>'
        f'<div id="viewer" hidden><video id="video" playsinline muted aria-label="{say(mark("相机画面"))}"></video><div>'
        f'<button type="button" id="torch" class="quiet" aria-pressed="false" hidden>{say(mark("补光灯"))}</button>'
        f'<button type="button" id="stop" class="quiet">{say(mark("停止"))}</button></div></div>'
        f'<form id="form" action="/" method="get"><label for="code">{say(mark("输入码旁边的字母和数字，或粘贴扫出的网址"))}</label>'
        '<div><input id="code" name="code" autocomplete="off" autocapitalize="characters" spellcheck="false" required'
        f' maxlength="4096"><button>{say(mark("核验"))}</button></div>{frame.kept(view)}</form>'
    )


def _steps(view: View) -> str:
    say = view.tongue.say
    steps = (
        (mark("先存到手机"), mark("在浏览器菜单里选“添加到主屏幕”。以后没有网络，也能从主屏幕打开这一页。")),
        (
            mark("出门前更新一次"),
            mark("名单记着哪些码已经停用。名单越新，结论越可靠；一周没有更新，就不能再确认一张码是否有效。"),
        ),
        (mark("看代码，看地点"), mark("真码也会被揭下、贴到别处。请与执照上的统一社会信用代码、码上写的放置处核对。")),
    )
    items = "".join(f"<li><strong>{say(name)}</strong><span>{say(words)}</span></li>" for name, words in steps)
    return f'<section><h2>{say(mark("怎样离线使用"))}</h2><ol class="steps">{items}</ol></section>'


def _template(view: View, name: str, notice: Notice) -> str:
    """Return the panel of one verdict, in the family of the scan page; `data-slot` is what the script fills."""
    tongue = view.tongue
    say = tongue.say
    facts = []
    if name in SIGNED and view.city.office:
        office = f"<span{tongue.chinese}>{clean(view.city.office)}</span>"
        facts.append(f"<span>{say(mark('{office}签发')).format(office=office)}</span>")
    if name in SIGNED or name == "short":
        facts.append(f'<span data-with>{say(mark("编号"))} <span class="digits" data-slot="serial"></span></span>')
    if name in SIGNED:
        facts.append('<span data-slot="age"></span>')
    meaning = f"<p>{say(notice.meaning)}</p>" if notice.meaning else ""
    faults = (
        "".join(f'<p data-fault="{fault}">{say(sentence)}</p>' for fault, sentence in FAULTS.items())
        if name == "stale"
        else ""
    )
    facts_html = f"<p>{''.join(facts)}</p>" if facts else ""
    steps = "".join(f"<li>{say(step)}</li>" for step in notice.advice)
    address = _address(view) if name == "wrong_host" else ""
    advice = f'<div class="advice">{meaning}{faults}{address}<ul>{steps}</ul></div>'
    holder = _holder(view, name) if name in SIGNED else ""
    return (
        f'<template id="t-{name}"><section class="verdict {notice.tone}" aria-label="{say(mark("核验结果"))}">'
        f'{frame.icon(notice.icon)}<div><h2 tabindex="-1">{say(notice.verdict)}</h2>'
        f"{facts_html}</div></section>"
        # A genuine code is compared first; of any other, what it means comes first.
        f"{holder + advice if name == 'active' else advice + holder}{_online(view, name)}{_fake(view, name)}</template>"
    )


def _holder(view: View, name: str) -> str:
    """Return what the token itself says: whose it is, where it should hang, since when."""
    tongue = view.tongue
    say = tongue.say
    tell = f'<a data-fake href="{frame.fake_href(view, wrong=suspected(name))}">{say(mark("告诉我们"))}</a>'
    return (
        f'<p class="of" data-with>{tongue.label_html("统一社会信用代码")}<b class="digits" data-slot="uscc"></b></p>'
        f'<p class="of" data-with>{say(mark("场所编号"))}<b class="digits" data-slot="place"></b></p>'
        f'<p class="here" data-with>{frame.icon("pin")}<span>{say(mark("这张码应放在："))}<b data-slot="placement"></b>'
        f"<small>{say(mark('您看到的不是这里、不是这家？'))}{tell}</small></span></p>"
        f'<p class="since" data-with>{say(mark("签发日期"))} <span data-slot="issued"></span></p>'
    )


def _address(view: View) -> str:
    say = view.tongue.say
    return (
        f'<p class="address" data-with>{say(mark("扫出的网址："))}<bdi class="digits" data-slot="before"></bdi></p>'
        f'<p class="address" data-with>{say(mark("真的网址："))}<bdi class="digits" data-slot="right"></bdi></p>'
    )


def _online(view: View, name: str) -> str:
    say = view.tongue.say
    if name in SIGNED:
        return f'<p class="online"><a data-online href="/">{say(mark("联网看这张码的全部信息"))}</a></p>'
    if name == "short":
        return f'<p class="online"><a class="button" data-online href="/">{say(mark("联网核验这张码"))}</a></p>'
    if name == "forged":
        ask = say(mark("联网再查：可能是外单位签发、本市登记过的码"))
        return f'<p class="online"><a data-ask href="/">{ask}</a></p>'
    return ""


def _fake(view: View, name: str) -> str:
    """Return the way to where this code is reported; of a code that stands, the line on where it hangs leads there."""
    if name in ("active", "unready"):
        return ""
    label = view.tongue.say(mark("举报这张码（要联网）"))
    return f'<p class="online"><a data-fake href="{frame.fake_href(view, wrong=suspected(name))}">{label}</a></p>'


def _placements(view: View) -> str:
    say = view.tongue.say
    words = "".join(f'<i data-number="{number}">{say(PLACEMENTS[name])}</i>' for number, name in NUMBERS.items())
    return f'<template id="placements">{words}</template>'


# ---- What keeps the page on the phone ------------------------------------------------------------------------------


def variants(view: View) -> Sequence[View]:
    """Return the page's views in each language and size."""
    return [replace(view, tongue=tongue, large=large) for tongue in TONGUES.values() for large in (False, True)]


def worker(view: View, source: str) -> str:
    """Return the service worker's script: what it keeps, written before its source.

    Its version is a digest of all it keeps, the pages' own text too: a changed office telephone makes a new worker.
    """
    pages = {one.address: verify(one) for one in variants(view)}
    files = [view.asset(name) for name in FILES]
    if view.city.logo:
        files.append(f"/logo/{view.city.logo}.png")
    version = hashlib.sha256(json.dumps([pages, files]).encode()).hexdigest()[:16]
    said = {"VERSION": version, "PAGES": list(pages), "FILES": files}
    return "".join(f"const {name} = {json.dumps(value)};\n" for name, value in said.items()) + source


def manifest(view: View) -> str:
    """Return the web manifest that puts the page on the home screen under its own name."""
    say = view.tongue.say
    site = view.city.site_name or say(mark("码上诚信"))
    return json.dumps(
        {
            "name": f"{say(mark('离线核验'))} · {site}",
            "short_name": say(mark("离线核验")),
            "lang": view.tongue.html,
            "id": PATH,
            "start_url": PATH,
            "scope": PATH,
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#ffffff",
            "icons": [
                {"src": view.asset("mark.png"), "sizes": "300x300", "type": "image/png"},
                {"src": view.asset("mark.svg"), "sizes": "any", "type": "image/svg+xml"},
            ],
        },
        ensure_ascii=False,
    )
