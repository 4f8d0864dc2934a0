"""What is known of a subject at a time, and by what it is found. Pure: no database, no clock."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
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

WAYS: Final[Mapping[str, str]] = {"hand": "人工指定", "roster": "名册", "address": "地址规则", "division": "行政区划"}
"""How a subject comes to a governing area, the strongest first: of two that differ, the stronger holds."""


def fold(value: str) -> str:
    """Return a name or a number as it is compared: width, case and spaces do not tell two apart.

    >>> fold("鹤岗市 松岭（集团） abc")
    '鹤岗市松岭(集团)ABC'
    """
    return "".join(unicodedata.normalize("NFKC", value).split()).upper()


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
