"""The front page and the page of a wrong address: for people who came without a code, or typed one."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from chengxin.public.page import frame, verify
from chengxin.public.page.frame import View
from chengxin.public.page.words import clean, mark

STEPS: Final = (
    (mark("打开手机扫一扫"), mark("用微信、支付宝或手机相机，对准“码上诚信”二维码。")),
    (mark("先看网址"), mark("打开的网址应以 {host} 开头。不是的，请不要输入任何信息。")),
    (mark("再看结果"), mark("真码会写明“此码真实有效”、经营者名称和这张码应放的地方。对不上的，请告诉我们。")),
)


def front(view: View, *, host: str, business_url: str = "", typed: str = "") -> str:
    """Return the front page; `typed` is what somebody typed that is no code, `business_url` the businesses' own door."""
    say = view.tongue.say
    title = view.city.site_name or say(mark("码上诚信"))
    sorry = (
        f'<p class="sorry" id="sorry" role="alert">{say(mark("这不像一个诚信码。请照着码旁边的字母和数字输入，或粘贴扫码得到的网址。"))}</p>'
        if typed
        else ""
    )
    described = ' aria-describedby="sorry" aria-invalid="true"' if typed else ""
    query = f"?{view.query}".replace("&", "&amp;") if view.query else ""
    steps = "".join(
        f"<li><strong>{say(name)}</strong><span>{say(words).format(host=f'<b class=digits>{clean(host)}</b>')}</span></li>"
        for name, words in STEPS
    )
    fake = f'<a href="{frame.fake_href(view)}">{say(mark("举报假码"))}</a>'
    ways = "".join(f"<li>{way}</li>" for way in (fake, *frame.contacts(view)))
    owner = (
        f'<p class="onward"><a href="{clean(business_url)}">{say(mark("经营者入口：申领、管理诚信码"))}</a></p>'
        if business_url
        else ""
    )
    return (
        frame.head(view, title=title, description=say(mark("扫一扫，看经营者的公共信用信息。不用登录，不用下载。")))
        + f'<main id="main" class="plain front"><div class="welcome"><h1>{say(mark("扫码看信用"))}</h1>'
        f"<p>{say(mark('扫一扫，看经营者的公共信用信息。不用登录，不用下载。'))}</p></div>"
        f'<form action="/" method="get"><label for="code">{say(mark("没法扫码？输入码旁边的字母和数字"))}</label>{sorry}'
        f'<div><input id="code" name="code" value="{clean(typed[:300])}" autocomplete="off" autocapitalize="characters"'
        f' spellcheck="false" required maxlength="300"{described}><button>{say(mark("核验"))}</button></div>{frame.kept(view)}</form>'
        f'<p class="onward"><a href="{replace(view, path=verify.PATH).address.replace("&", "&amp;")}">{say(mark("离线核验：没有网络也能用"))}</a></p>'
        f'<p class="onward"><a href="/search{query}">{say(mark("没有码？按名称查一家店"))}</a></p>'
        f'<section><h2>{say(mark("怎样核验"))}</h2><ol class="steps">{steps}</ol></section>'
        f'<section class="ways"><h2>{say(mark("可以找谁"))}</h2><ul>{ways}</ul></section>{owner}</main>'
        + frame.foot(view)
    )


def missing(view: View) -> str:
    """Return the page of an address where nothing is."""
    say = view.tongue.say
    return (
        frame.head(view, title=say(mark("没有这个网页")), description=say(mark("没有这个网页")))
        + f'<main id="main" class="plain"><section class="verdict unsure">{frame.icon("unsure")}'
        f"<div><h1>{say(mark('没有这个网页'))}</h1></div></section>"
        f'<div class="advice"><p>{say(mark("网址可能输错了，或者网页已经搬走。"))}</p>'
        f'<p><a class="button" href="/">{say(mark("去首页"))}</a></p></div></main>' + frame.foot(view)
    )
