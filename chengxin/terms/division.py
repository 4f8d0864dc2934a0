"""行政区划, the divisions of Heilongjiang by GB/T 2260, with history and the bodies that have no code there.

The table is `divisions.csv` beside this file. A code outside it is simply not known: a USCC keeps the division of the
office that first registered it, from anywhere in the country and from any year. Pure: no database, no clock.

>>> find("230403")
Division(code='230403', name='工农区', parent='230400', since='', until='', successor='', sort='gb', aliases=())
>>> full_name("230403"), full_name("230403", province=False)
('黑龙江省鹤岗市工农区', '鹤岗市工农区')
>>> [division.code for division in named("向阳区")], [division.code for division in named("向阳区", within="2304")]
(['230402', '230803'], ['230402'])
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROVINCES: Final = {
    "11": "北京市",
    "12": "天津市",
    "13": "河北省",
    "14": "山西省",
    "15": "内蒙古自治区",
    "21": "辽宁省",
    "22": "吉林省",
    "23": "黑龙江省",
    "31": "上海市",
    "32": "江苏省",
    "33": "浙江省",
    "34": "安徽省",
    "35": "福建省",
    "36": "江西省",
    "37": "山东省",
    "41": "河南省",
    "42": "湖北省",
    "43": "湖南省",
    "44": "广东省",
    "45": "广西壮族自治区",
    "46": "海南省",
    "50": "重庆市",
    "51": "四川省",
    "52": "贵州省",
    "53": "云南省",
    "54": "西藏自治区",
    "61": "陕西省",
    "62": "甘肃省",
    "63": "青海省",
    "64": "宁夏回族自治区",
    "65": "新疆维吾尔自治区",
    "71": "台湾省",
    "81": "香港特别行政区",
    "82": "澳门特别行政区",
}
"""First two digits of every code of GB/T 2260 → name."""


@dataclass(frozen=True, slots=True)
class Division:
    """One division: a province, a city, a county or district, or a body that governs like one."""

    code: str
    name: str
    parent: str
    since: str  # the year the code began, where that matters
    until: str  # the year it ended; empty: it stands
    successor: str  # the code that took over
    sort: str  # gb: GB/T 2260; stat: used in statistics only; own: this system's, for a body without a code
    aliases: tuple[str, ...]

    @property
    def official(self) -> bool:
        """Tell whether the code is one of GB/T 2260."""
        return self.sort == "gb"

    @property
    def stands(self) -> bool:
        """Tell whether the code is in use today."""
        return not self.until


def load(lines: Iterable[str]) -> dict[str, Division]:
    """Return the table of divisions in lines of CSV with a header row."""
    return {
        row["code"]: Division(
            code=row["code"],
            name=row["name"],
            parent=row["parent"],
            since=row["since"],
            until=row["until"],
            successor=row["successor"],
            sort=row["sort"],
            aliases=tuple(filter(None, row["aliases"].split(";"))),
        )
        for row in csv.DictReader(lines)
    }


with Path(__file__).with_name("divisions.csv").open(encoding="utf-8", newline="") as _file:
    DIVISIONS: Final[Mapping[str, Division]] = load(_file)


def prefix(code: str) -> str:
    """Return the digits that a division's code shares with all below it: 230400 → 2304, 230000 → 23."""
    if code[4:] == "00":
        return code[:2] if code[2:4] == "00" else code[:4]
    return code


def find(code: str) -> Division | None:
    """Return the division of a code of six, four (a city) or two (the province) characters, past ones too."""
    return DIVISIONS.get(code.strip().upper().ljust(6, "0"))


def current(code: str) -> Division | None:
    """Return the division of a code, or the one that took over from it."""
    division = find(code)
    while division is not None and division.successor:
        division = DIVISIONS.get(division.successor)
    return division


def full_name(code: str, *, province: bool = True) -> str:
    """Return the name with those of the divisions above it; of a code not known, the province's name at most.

    A body that governs like a division bears its own full name already.
    """
    division = find(code)
    if division is None:
        return PROVINCES.get(code[:2], "") if province else ""
    if division.sort == "own":
        return division.name
    names = [division.name]
    while division.parent:
        division = DIVISIONS[division.parent]
        names.append(division.name)
    if not province and len(names) > 1:
        names.pop()
    return "".join(reversed(names))


def within(code: str, scope: Iterable[str]) -> bool:
    """Tell whether a code lies in any division of a scope, given as codes or as their leading digits."""
    return any(code.startswith(prefix(one)) for one in scope)


def children(code: str) -> list[Division]:
    """Return the divisions right below one, those in use today, in order of code."""
    parent = code.ljust(6, "0")
    return [division for division in DIVISIONS.values() if division.parent == parent and division.stands]


def named(text: str, *, within: str = "") -> list[Division]:
    """Return the divisions a name may mean, those in use first; `within` narrows it to a division's own.

    The name may stand alone, with its city or with its province, and without 市, 区 or 县 at its end.
    """
    found = _BY_NAME.get(_fold(text), ())
    scope = prefix(within.ljust(6, "0")) if within else ""
    return [DIVISIONS[code] for code in found if code.startswith(scope)]


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _short(name: str) -> str:
    for ending in ("地区", "市", "区", "县", "省"):
        stem = name.removesuffix(ending)
        if stem != name and len(stem) > 1:
            return stem
    return name


def _index() -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    # Those in use come first, so that a plain name means what it means today.
    for division in sorted(DIVISIONS.values(), key=lambda one: (bool(one.until), one.code)):
        city = DIVISIONS[division.parent].name if division.parent not in ("", "230000") else ""
        for name in (division.name, _short(division.name), *division.aliases):
            for above in ("", city, _short(city) if city else "", f"黑龙江省{city}", f"黑龙江{city}"):
                found.setdefault(_fold(above + name), {})[division.code] = None
    return {name: tuple(codes) for name, codes in found.items()}


_BY_NAME = _index()
