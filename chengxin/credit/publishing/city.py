"""本市: the face of the city as the office describes it. One table of fields serves the page, `chengxin init` and the checks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from django.db import connection, transaction

from chengxin.board import actions as board
from chengxin.board.city import City, Link, dump, load
from chengxin.board.models import BoardCity
from chengxin.people import trail
from chengxin.people.trail import Actor, Refused
from chengxin.terms import division

LINKS_AT_MOST: Final = 12
LINK_LABEL_LIMIT: Final = 20
LINK_URL_LIMIT: Final = 200
DIVISIONS_AT_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Field:
    """One line of text that describes the city: what to ask, what it may be, what to say when it is not."""

    name: str
    label: str
    hint: str
    limit: int
    pattern: str = ""
    sorry: str = ""
    required: bool = False


FIELDS: Final = (
    Field("city", "城市名称", "写全称，例如 ××市。", 30, required=True),
    Field("office", "信用办名称", "签发诚信码的单位全称，公众扫码后第一眼看到。", 60, required=True),
    Field("letterhead", "文头", "打印材料页首的单位名称，不填则用信用办名称。", 60),
    Field("centre", "报告出具单位", "信用报告落款的单位，不填则用信用办名称。", 60),
    Field(
        "phone",
        "咨询电话",
        "公众可拨打的电话，例如 0468-3350000。",
        40,
        r"[0-9+()（）\-–—、，,/ 转]{3,}",
        "电话只能有数字、括号、短横和“转”，例如 0468-3350000。",
    ),
    Field(
        "mailbox",
        "电子邮箱",
        "接收公众来信的单位邮箱。",
        100,
        r"[^@\s]+@[^@\s]+\.[^@\s.]+",
        "邮箱要写成 名称@域名 的样子，例如 xyb@example.gov.cn。",
    ),
    Field("address", "办公地址", "", 100),
    Field("site_name", "网站名称", "公众页面标题里的名称，不填则为“码上诚信”。", 30),
    Field(
        "icp",
        "ICP 备案号",
        "例如 黑ICP备05000000号-1。",
        30,
        r"[\u4e00-\u9fff]ICP备\d{5,10}号(-\d{1,4})?",
        "ICP 备案号要写成 黑ICP备05000000号-1 的样子。",
    ),
    Field(
        "police",
        "公安备案号",
        "例如 黑公网安备 23040002000000号。",
        30,
        r"[\u4e00-\u9fff]公网安备 ?\d{10,16}号",
        "公安备案号要写成 黑公网安备 23040002000000号 的样子。",
    ),
    Field(
        "site_code",
        "网站标识码",
        "政府网站标识码，10 位。",
        10,
        r"[0-9A-Za-z]{10}",
        "政府网站标识码是 10 位数字或字母。",
    ),
)

LABELS: Final = {
    **{field.name: field.label for field in FIELDS},
    "links": "链接",
    "divisions": "行政区划范围",
    "logo": "标志图片",
}
"""What each part of a description is called, for telling people what changed."""

# https, so that nobody on the way can change the page that a complaint goes to; http only because some
# county sites still have nothing else; tel: for the hot lines.
URL: Final = re.compile(r"https?://[^\s/$.?#@\\][^\s@\\]*|tel:\+?[0-9\-]{3,20}")
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Characters that are not seen but change what is: 控制字符、零宽字符、方向控制符."""


def faults(city: City) -> dict[str, str]:
    """Return what is wrong with a description, one sentence a field; links as `links.0.url`, divisions as one field."""
    found = {}
    for field in FIELDS:
        value = getattr(city, field.name)
        if sorry := _fault_of_line(field, value):
            found[field.name] = sorry
    for place, link in enumerate(city.links):
        if not link.label or len(link.label) > LINK_LABEL_LIMIT or CONTROL.search(link.label):
            found[f"links.{place}.label"] = f"请写链接的名称，不超过 {LINK_LABEL_LIMIT} 个字。"
        if len(link.url) > LINK_URL_LIMIT or CONTROL.search(link.url) or not URL.fullmatch(link.url):
            found[f"links.{place}.url"] = "网址要以 https:// 开头；电话写成 tel:12345。"
    if len(city.links) > LINKS_AT_MOST:
        found["links"] = f"链接最多 {LINKS_AT_MOST} 条，现有 {len(city.links)} 条。"
    if sorry := _fault_of_divisions(city.divisions):
        found["divisions"] = sorry
    return found


def _fault_of_line(field: Field, value: str) -> str:
    if not value:
        return f"请填写{field.label}。" if field.required else ""
    if len(value) > field.limit:
        return f"{field.label}不超过 {field.limit} 个字，现有 {len(value)} 个。"
    if CONTROL.search(value):
        return f"{field.label}里有看不见的字符，请删掉重新输入。"
    return field.sorry if field.pattern and not re.fullmatch(field.pattern, value) else ""


def _fault_of_divisions(codes: tuple[str, ...]) -> str:
    if len(codes) > DIVISIONS_AT_MOST:
        return f"行政区划最多 {DIVISIONS_AT_MOST} 个。"
    unknown = [code for code in codes if not _is_division(code)]
    return f"没有代码为 {'、'.join(unknown[:5])} 的行政区划，请按 GB/T 2260 填写。" if unknown else ""


def _is_division(code: str) -> bool:
    if not re.fullmatch(r"[0-9]{2}|[0-9]{4}|[0-9]{4}[0-9A-Z]{2}", code):
        return False
    # Of a province whose table we do not have, its two digits are all that can be checked.
    has_table = division.find(code[:2]) is not None
    return division.find(code) is not None if has_table else code[:2] in division.PROVINCES


def split_divisions(text: str) -> tuple[str, ...]:
    """Return the codes in a line as people type it: 2304，231102 2311."""
    return tuple(dict.fromkeys(code for code in re.split(r"[\s,，、;；]+", text) if code))


@dataclass(frozen=True, slots=True)
class Face:
    """The city as it stands on the board: its description and its logo."""

    city: City
    logo: bytes | None


def face() -> Face:
    """Return the city as it stands, blank before anybody described it."""
    row = BoardCity.objects.first()
    return Face(load(row.document), bytes(row.logo) if row.logo else None) if row else Face(City(), None)


@transaction.atomic
def describe_city(*, city: City, logo: bytes | None, by: Actor, at: datetime) -> tuple[str, ...]:
    """Post a description of the city and return the names of the fields it changes, none if it says nothing new.

    The logo is the PNG that `logo.clean` made; None keeps the one that stands, b"" takes it off.

    :raises Refused: something in it is wrong; the message says all that is.
    """
    if wrong := faults(city):
        raise Refused(" ".join(wrong.values()))
    with connection.cursor() as cursor:
        # Two people saving at once: the second compares with what the first left, or its trail row would lie.
        cursor.execute("LOCK TABLE board_city IN SHARE ROW EXCLUSIVE MODE")
    before = face()
    picture = before.logo if logo is None else logo or None
    city = msgspec.structs.replace(city, logo=hashlib.sha256(picture).hexdigest()[:16] if picture else "")
    changed = _changed(before.city, city)
    if changed:
        board.post_city(document=dump(city), logo=picture, at=at)
        trail.note(by=by, verb="city.describe", thing="city", at=at, detail={"changed": list(changed)})
    return changed


def _changed(before: City, after: City) -> tuple[str, ...]:
    old: Mapping[str, object] = msgspec.structs.asdict(before)
    new: Mapping[str, object] = msgspec.structs.asdict(after)
    return tuple(name for name in new if old[name] != new[name])


def tidy(city: City) -> City:
    """Return a description without stray blanks, and without links that say nothing."""
    lines = {field.name: getattr(city, field.name).strip() for field in FIELDS}
    links = tuple(Link(label=link.label.strip(), url=link.url.strip()) for link in city.links)
    return msgspec.structs.replace(
        city, **lines, links=tuple(link for link in links if link.label or link.url), divisions=city.divisions
    )
