"""What is known of a subject at a time, and by what it is found. Pure: no database, no clock."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from hashlib import blake2b
from types import MappingProxyType
from typing import Final, NamedTuple

SCHEMES: Final[Mapping[str, str]] = {
    "name": "名称或曾用名",
    "regno": "工商注册号",
    "orgcode": "组织机构代码",
    "taxno": "税务登记号",
    "instno": "事业单位证书号",
    "socno": "社会组织登记证号",
}
"""By what a subject is found that a row does not name by its USCC (domain.md §2.1)."""

REGISTERED: Final[Mapping[str, str]] = {
    "regno": "REGNO",
    "orgcode": "ORGCODE",
    "taxno": "TAXNO",
    "instno": "INSTNO",
    "socno": "SOCNO",
}
"""In which column of the register an older number stands; the names that a subject had before stand in `FORMER`."""
FORMER: Final = "OLDNAME"
_BETWEEN: Final = re.compile(r"[;；、,，/\n]+")

WAYS: Final[Mapping[str, str]] = {"hand": "人工指定", "roster": "名册", "address": "地址规则", "division": "行政区划"}
"""How a subject comes to a governing area, the strongest first: of two that differ, the stronger holds."""


def fold(value: str) -> str:
    """Return a name or a number as it is compared: width, case and spaces do not tell two apart.

    >>> fold("鹤岗市 松岭（集团） abc")
    '鹤岗市松岭(集团)ABC'
    """
    return "".join(unicodedata.normalize("NFKC", value).split()).upper()


NAMELESS: Final = frozenset(
    {"个体工商户", "个体户", "个体", "无字号", "无名称", "无字号名称", "经营者", "业主", "个体经营"}
)
"""What stands in the column of the name where a business has none of its own, folded: these name nobody."""
CLAIM_LIMIT: Final = 300


def number(value: str) -> str:
    """Return an older number as it is compared, letters and digits alone; empty where it can be nobody's.

    >>> number("７００７４８２０-４"), number("无"), number("000000000000000")
    ('700748204', '', '')
    """
    folded = "".join(character for character in fold(value) if character.isalnum())
    return folded if 8 <= len(folded) <= 32 and len(set(folded)) > 1 else ""


def claim(*, uscc: str = "", numbers: Mapping[str, str] = MappingProxyType({}), name: str = "") -> str:
    """Return whom a row says it is about, as one text: by its USCC, else by all its older numbers and its name.

    Rows with the same claim say the same of whom they are about, so that what is decided of one holds for all. Empty:
    nobody is named.

    >>> claim(uscc="91230402MA1CTE575Q", name="松岭里饺子馆")
    'uscc:91230402MA1CTE575Q'
    >>> claim(numbers={"regno": "2304 0360 0012 345"}, name="鹤岗市 松岭（集团）公司")
    'regno:230403600012345|name:鹤岗市松岭(集团)公司'
    """
    if uscc:
        return f"uscc:{uscc}"
    parts = [f"{scheme}:{value}" for scheme in SCHEMES if (value := number(numbers.get(scheme, "")))]
    called = fold(name).replace("|", "")
    if called and called not in NAMELESS:
        parts.append(f"name:{called}")
    told = "|".join(parts)
    if len(told) <= CLAIM_LIMIT:
        return told
    # Cut, it must neither be found by what is left of it nor be taken for another that begins alike.
    return f"{told[: CLAIM_LIMIT - 33]}#{blake2b(told.encode(), digest_size=16).hexdigest()}"


def called(name: str, body: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return all that a row of the register calls its subject, as parts of a claim.

    >>> called("松岭饺子馆", {"OLDNAME": "松岭面馆；松岭小吃", "REGNO": "230403600012345"})
    'regno:230403600012345|name:松岭饺子馆|name:松岭面馆|name:松岭小吃'
    """
    names = dict.fromkeys(fold(one).replace("|", "") for one in (name, *_BETWEEN.split(body.get(FORMER, ""))))
    numbers = ((scheme, number(body.get(column, ""))) for scheme, column in REGISTERED.items() if column in body)
    known = [f"{scheme}:{value}" for scheme, value in numbers if value]
    return "|".join([*known, *(f"name:{one}" for one in names if one and one not in NAMELESS)])


def parts(told: str) -> list[tuple[str, str]]:
    """Return scheme and value of each part of a claim; the scheme of a USCC is `uscc`."""
    return [(scheme, value) for scheme, _, value in (part.partition(":") for part in told.split("|")) if value]


SUCCESSIONS: Final[Mapping[str, str]] = {
    "converted": "个体工商户转为企业",
    "merged": "合并",
    "divided": "分立",
    "renumbered": "统一社会信用代码变更",
}
"""How a subject goes on under another USCC."""


class Registered(NamedTuple):
    """What the register last said of a subject."""

    subject: str
    name: str
    state: str
    kind: str
    division: str
    industry: str
    established_on: date | None
    body: Mapping[str, str]
    source: str
    source_code: str
    received_at: datetime
