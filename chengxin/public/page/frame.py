"""What stands around every page: head, top line, footer, the bar of acts. Nothing here names a city."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from chengxin.board.card import SECTIONS
from chengxin.board.city import City, Link
from chengxin.public.page.words import TONGUES, Tongue, clean, mark

HOTLINE: Final = Link("12345", "tel:12345")
CONSUMERS: Final = Link("12315", "tel:12315")
"""The two numbers are the same in the whole country: 政务服务便民热线 and 消费者投诉举报热线."""

SAFE_URL: Final = re.compile(r"(https?://|tel:|mailto:)[^\s\"'<>]+")
FAKE_PATH: Final = "/fake"
PAGED: Final = frozenset({*SECTIONS, "supplement"})

ICONS: Final = {
    "genuine": '<path d="M24 3l17 6v13c0 11-7 19-17 23C14 41 7 33 7 22V9z"/><path d="M15.5 24l6 6 11.5-13" stroke-width="3.5"/>',
    "pause": '<path d="M24 3l17 6v13c0 11-7 19-17 23C14 41 7 33 7 22V9z"/><path d="M19 17v13M29 17v13" stroke-width="3.5"/>',
    "stopped": '<path d="M24 3l17 6v13c0 11-7 19-17 23C14 41 7 33 7 22V9z"/><path d="M16 24h16" stroke-width="3.5"/>',
    "false": '<path d="M16 4h16l12 12v16L32 44H16L4 32V16z"/><path d="M17 17l14 14M31 17L17 31" stroke-width="3.5"/>',
    "unsure": '<path d="M16 4h16l12 12v16L32 44H16L4 32V16z"/><path d="M18.500 19a5.500 5.500 0 1 1 7.700 5c-1.500.700-2.200 1.700-2.200 3.500" stroke-width="3"/><path d="M24 33v.1" stroke-width="4"/>',
    "clock": '<circle cx="24" cy="24" r="20"/><path d="M24 12v13l8 5" stroke-width="3.5"/>',
    "pin": '<path d="M24 43s14-13 14-24a14 14 0 1 0-28 0c0 11 14 24 14 24z"/><circle cx="24" cy="18.500" r="5"/>',
    "search": '<circle cx="21" cy="21" r="14"/><path d="M31.500 31.500L43 43" stroke-width="4"/>',
    "note": '<circle cx="24" cy="24" r="20"/><path d="M24 22v12" stroke-width="3.500"/><path d="M24 14.500v.1" stroke-width="4.500"/>',
}


@dataclass(frozen=True, slots=True)
class View:
    """How one page is looked at: where it is, in which language and size, which part; and what surrounds it."""

    path: str
    tongue: Tongue
    large: bool = False
    section: str = ""  # one of PAGED: only this section, in pages
    page: int = 1
    city: City = field(default_factory=City)
    assets: dict[str, str] | None = None  # name → address with its digest
    public_url: str = ""
    indexed: bool = False  # whether search engines may keep the page
    drawn: dict[str, str] = field(default_factory=dict)  # what is the same on every page of this city, once drawn
    more: str = ""  # what else stands in the query, ready to be sent

    @property
    def query(self) -> str:
        """The one way to write this view after the path, empty for the ordinary one."""
        parts = []
        if self.tongue.code != "zh":
            parts.append(f"lang={self.tongue.code}")
        if self.large:
            parts.append("large=1")
        if self.section:
            parts.append(f"s={self.section}")
            if self.page > 1:
                parts.append(f"p={self.page}")
        if self.more:
            parts.append(self.more)
        return "&".join(parts)

    @property
    def address(self) -> str:
        """Path and query."""
        return f"{self.path}?{query}" if (query := self.query) else self.path

    @property
    def href(self) -> str:
        """The way to this view from another view of the same page, as HTML."""
        return f"?{self.query}".replace("&", "&amp;")

    def asset(self, name: str) -> str:
        """Return the address of a file of ours."""
        return (self.assets or {}).get(name, f"/static/public/{name}")


def asked(query: str) -> dict[str, str | int | bool]:
    """Return what a query string asks of a view; whatever is unknown or odd is passed over."""
    wanted: dict[str, str | int | bool] = {}
    for part in query[:500].split("&", 16)[:16]:
        name, _, value = part.partition("=")
        if name == "lang" and value in TONGUES:
            wanted["lang"] = value
        elif name == "large" and value == "1":
            wanted["large"] = True
        elif name == "s" and value in PAGED:
            wanted["section"] = value
        elif name == "p" and value.isascii() and value.isdigit() and 1 <= len(value) <= 4:
            wanted["page"] = max(int(value), 1)
    return wanted


def view_of(
    path: str,
    query: str,
    *,
    city: City,
    assets: dict[str, str],
    public_url: str,
    indexed: bool = False,
    drawn: dict[str, str] | None = None,
) -> View:
    """Return the view that a path and a query string ask for."""
    wanted = asked(query) if query else {}
    section = str(wanted.get("section", ""))
    return View(
        path=path,
        tongue=TONGUES[str(wanted.get("lang", "zh"))],
        large=bool(wanted.get("large")),
        section=section,
        page=int(wanted.get("page", 1)) if section else 1,
        city=city,
        assets=assets,
        public_url=public_url,
        indexed=indexed,
        drawn={} if drawn is None else drawn,
    )


def once(view: View, part: str, draw: Callable[[View], str]) -> str:
    """Return a part of the page that depends on city and language alone, drawn the first time only."""
    key = f"{part} {view.tongue.code}"
    done = view.drawn.get(key)
    if done is None:
        done = view.drawn[key] = draw(view)
    return done


def icon(name: str) -> str:
    """Return a drawing that only repeats what the words beside it say."""
    return (
        '<svg viewBox="0 0 48 48" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round"'
        f' stroke-linejoin="round" aria-hidden="true">{ICONS[name]}</svg>'
    )


def link(*, label: str, url: str, css: str = "") -> str:
    """Return a link, or the bare label where the address is none we would follow."""
    if not SAFE_URL.fullmatch(url):
        return clean(label)
    return f'<a{f" class={css}" if css else ""} href="{clean(url)}">{clean(label)}</a>'


def telephone(number: str) -> str:
    """Return the digits of a telephone number as people write it: the first one, where several are given."""
    first = re.split(r"[、，,/;；]| 转", number)[0]
    return re.sub(r"[^0-9+]", "", first)


def named(city: City, *words: str) -> Link | None:
    """Return the first of the city's links whose label or address holds one of the words."""
    for candidate in city.links:
        if any(word in candidate.label or word in candidate.url for word in words) and SAFE_URL.fullmatch(
            candidate.url
        ):
            return candidate
    return None


def head(
    view: View,
    *,
    title: str,
    description: str,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    manifest: str = "",
) -> str:
    """Return everything before the page's own part. Files of ours by name; a scan's page has no scripts at all.

    `manifest` is the address of a web manifest, for a page that may be put on a phone's home screen.
    """
    tongue = view.tongue
    say = tongue.say
    site = view.city.site_name or say(mark("码上诚信"))
    full = f"{title} · {site}" if title != site else title
    base = view.public_url
    alternates = "".join(
        f'<link rel="alternate" hreflang="{other.html}" href="{replace(view, tongue=other).href}">'
        for other in TONGUES.values()
    )
    languages = "".join(
        f'<a href="{replace(view, tongue=other).href}" lang="{other.html}" hreflang="{other.html}"'
        f' title="{other.label}">{other.short}</a>'
        for other in TONGUES.values()
        if other is not tongue
    )
    size_label = say(mark("标准字")) if view.large else say(mark("大字"))
    logo = (
        f'<img src="/logo/{clean(view.city.logo)}.png" alt="" width="32" height="32">'
        if view.city.logo
        else '<b class="mark" aria-hidden="true">诚</b>'
    )
    own = "".join(f'<link rel="stylesheet" href="{view.asset(name)}">' for name in ("page.css", *styles))
    own += "".join(f'<script src="{view.asset(name)}" defer></script>' for name in scripts)
    own += f'<link rel="manifest" href="{manifest}">' if manifest else ""
    robots = "" if view.indexed else '<meta name="robots" content="noindex">'
    return (
        f'<!doctype html><html lang="{tongue.html}"{" class=large" if view.large else ""}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{clean(full)}</title>"
        f'<meta name="description" content="{clean(description)}">{robots}'
        f'<meta property="og:type" content="website"><meta property="og:site_name" content="{clean(site)}">'
        f'<meta property="og:title" content="{clean(full)}">'
        f'<meta property="og:description" content="{clean(description)}">'
        f'<meta property="og:image" content="{base}{view.asset("mark.png")}">'
        '<meta name="format-detection" content="telephone=no"><meta name="theme-color" content="#ffffff">'
        f'<link rel="icon" href="{view.asset("mark.svg")}" type="image/svg+xml">'
        f'<link rel="apple-touch-icon" href="{view.asset("mark.png")}">'
        f"{own}{alternates}</head><body>"
        f'<a class="skip" href="#main">{say(mark("直接看内容"))}</a>'
        f'<header class="top">{logo}<span class="site">{clean(site)}</span>'
        f'<nav aria-label="{say(mark("字号和语言"))}">'
        f'<a href="{replace(view, large=not view.large).href}">{size_label}</a>{languages}</nav></header>'
    )


def kept(view: View) -> str:
    """Return the fields with which a form that is sent by GET keeps the language and the size of its page."""
    return "".join(
        f'<input type="hidden" name="{name}" value="{value}">'
        for name, value in (("lang", "" if view.tongue.code == "zh" else view.tongue.code), ("large", "1" * view.large))
        if value
    )


def fake_href(view: View, *, code: str = "", wrong: str = "") -> str:
    """Return the way to the page where a fake code is reported, as HTML; `code` is a plain token or nothing."""
    said = [f"code={code}"] if code else []
    if wrong:
        said.append(f"why={wrong}")
    return replace(view, path=FAKE_PATH, section="", more="&".join(said)).address.replace("&", "&amp;")


def acts(view: View, *, fake: str) -> str:
    """Return the bar within the thumb's reach: only what works today. `fake` leads to where this code is reported."""
    label = view.tongue.say(mark("举报假码"))
    return f'{once(view, "acts", _acts)}<a href="{fake}">{label}</a></nav>'


def _acts(view: View) -> str:
    say = view.tongue.say
    city = view.city
    hotline = named(city, "12345") or HOTLINE
    buttons = [
        link(label=say(mark("拨打 12345")) if hotline.url.startswith("tel:") else hotline.label, url=hotline.url)
    ]
    consumers = named(city, "12315", "投诉") or CONSUMERS
    buttons.append(link(label=say(mark("消费投诉 12315")), url=consumers.url))
    if dispute := named(city, "异议"):
        buttons.append(link(label=say(mark("提出异议")), url=dispute.url))
    return f'<nav class="acts" aria-label="{say(mark("常用操作"))}">{"".join(buttons)}'


def foot(view: View) -> str:
    """Return everything after the page's own part: who answers for it, and the city's own links."""
    return once(view, "foot", _foot)


def _foot(view: View) -> str:
    city = view.city
    tongue = view.tongue
    say = tongue.say
    office = f"<p><strong{tongue.chinese}>{clean(city.office)}</strong></p>" if city.office else ""
    reach = []
    if city.phone:
        reach.append(f"{say(mark('电话'))} {link(label=city.phone, url=f'tel:{telephone(city.phone)}')}")
    if city.mailbox:
        reach.append(f"{say(mark('邮箱'))} {link(label=city.mailbox, url=f'mailto:{city.mailbox}')}")
    if city.address:
        reach.append(f"{say(mark('地址'))} <span{tongue.chinese}>{clean(city.address)}</span>")
    links = "".join(f"<li{tongue.chinese}>{link(label=one.label, url=one.url)}</li>" for one in city.links)
    records = " · ".join(
        part
        for part in (
            clean(city.icp),
            clean(city.police),
            f"{say(mark('网站标识码'))} {clean(city.site_code)}" if city.site_code else "",
        )
        if part
    )
    return (
        "<footer>"
        + office
        + "".join(f'<p class="reach">{way}</p>' for way in reach)
        + (f'<ul class="links">{links}</ul>' if links else "")
        + (f'<p class="records"{tongue.chinese}>{records}</p>' if records else "")
        + "</footer></body></html>"
    )


def contacts(view: View) -> Sequence[str]:
    """Return whom to ask or tell, as links: the issuing office first, then the two hotlines."""
    city = view.city
    say = view.tongue.say
    found = []
    if city.phone:
        found.append(link(label=f"{say(mark('签发机关'))} {city.phone}", url=f"tel:{telephone(city.phone)}"))
    hotline = named(city, "12345") or HOTLINE
    found.append(
        link(label=say(mark("拨打 12345")) if hotline.url.startswith("tel:") else hotline.label, url=hotline.url)
    )
    consumers = named(city, "12315", "投诉") or CONSUMERS
    found.append(link(label=say(mark("消费投诉 12315")), url=consumers.url))
    if city.mailbox:
        found.append(link(label=f"{say(mark('邮箱'))} {city.mailbox}", url=f"mailto:{city.mailbox}"))
    return found
