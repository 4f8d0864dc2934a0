"""管辖区: which body governs a place. Every division is one; some bodies govern without a code of GB/T 2260.

黑河自贸片区 lies inside 爱辉区 and has an office of its own; 五大连池风景区 is not 五大连池市. A business counts for one area only.
The table is `areas.toml` beside this file, and a city's own files of the same form. Pure: no database, no clock.

>>> find("2311ZM").label, find("231102").label
('黑河自贸片区', '爱辉区')
>>> by_address("黑龙江省黑河市自贸片区迎宾街1号", "231102", on=date(2026, 11, 25))
('2311ZM', '自贸片区')
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from chengxin.terms import division


class Broken(ValueError):
    """A file of areas is wrong; the message is a Chinese sentence that says which and what."""


@dataclass(frozen=True, slots=True)
class Area:
    """One governing area: a division, or a body that governs a place without a code of GB/T 2260."""

    code: str
    label: str
    full: str
    parent: str  # the division it lies in
    words: tuple[str, ...] = ()  # an address with one of these is in it
    within: tuple[str, ...] = ()  # but only where the register says one of these divisions
    unless: tuple[str, ...] = ()  # what is struck out of an address first
    since: date = date.min
    until: date = date.max  # the first day on which it is no more
    successor: str = ""

    def stands(self, on: date) -> bool:
        """Tell whether there is such an area on a day."""
        return self.since <= on < self.until


_CODE: Final = re.compile(r"[0-9]{4}[A-Z][A-Z0-9]")
_KNOWN: Final = frozenset(
    {"code", "name", "full", "parent", "words", "within", "unless", "since", "until", "successor"}
)


def read(text: str) -> dict[str, Area]:
    """Return the areas that a file describes.

    :raises Broken: it is no such file, or what it says does not hold together.
    """
    try:
        said = tomllib.loads(text).get("area", [])
    except tomllib.TOMLDecodeError as wrong:
        raise Broken(f"不是正确的 TOML 文件（{wrong}）") from wrong
    found: dict[str, Area] = {}
    for one in said:
        area = _area(one)
        if area.code in found:
            raise Broken(f"管辖区 {area.code} 写了两遍，请删去一个")
        found[area.code] = area
    return found


def _area(said: Mapping[str, Any]) -> Area:
    code = str(said.get("code", ""))
    if not _CODE.fullmatch(code) or division.find(code[:4]) is None:
        raise Broken(
            f"管辖区代码“{code}”不对，应是所在市的四位区划代码加两位：一个大写字母，再一个大写字母或数字，如 2311ZM"
        )
    for lacking in ("name", "parent", "words"):
        if lacking not in said:
            raise Broken(f"管辖区 {code} 没有写 {lacking}")
    if unknown := set(said) - _KNOWN:
        raise Broken(f"管辖区 {code} 里的 {'、'.join(sorted(unknown))} 不认识，请照 docs/areas.md 写")
    for place in (said["parent"], *said.get("within", ())):
        if division.find(place) is None:
            raise Broken(f"管辖区 {code} 里的区划 {place} 不在区划表里")
    for day in ("since", "until"):
        if day in said and type(said[day]) is not date:
            raise Broken(f"管辖区 {code} 的 {day} 应写成日期，如 2026-01-01，不加引号")
    words = {name: tuple(map(_fold, said.get(name, ()))) for name in ("words", "unless")}
    if short := [word for word in words["words"] if len(word) < 2]:
        raise Broken(f"管辖区 {code} 的词“{short[0]}”太短，至少两个字")
    return Area(
        code=code,
        label=said["name"],
        full=said.get("full", said["name"]),
        parent=said["parent"],
        words=words["words"],
        within=tuple(said.get("within", (said["parent"],))),
        unless=tuple(sorted(words["unless"], key=len, reverse=True)),
        since=said.get("since", date.min),
        until=said.get("until", date.max),
        successor=said.get("successor", ""),
    )


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


_OWN: Final[dict[str, Area]] = read(Path(__file__).with_name("areas.toml").read_text(encoding="utf-8"))
_COUNTRYS: Final = MappingProxyType(dict(_OWN))


def load_city(folder: Path) -> None:
    """Take up a city's own areas, all files of a folder; a folder that is not there has none. Once, when a process starts.

    :raises Broken: a file is wrong, or uses a code twice; in one Chinese sentence.
    """
    found = dict(_COUNTRYS)
    for path in sorted(folder.glob("*.toml")):
        try:
            own = read(path.read_text(encoding="utf-8"))
        except (Broken, UnicodeDecodeError) as wrong:
            raise Broken(f"本市的管辖区文件有误，不能启动：{path} 中{wrong}") from wrong
        if twice := sorted(found.keys() & own.keys()):
            raise Broken(f"本市的管辖区文件有误，不能启动：{path} 中的 {twice[0]} 已经有了，请换一个代码")
        found |= own
    for one in found.values():
        if one.successor and one.successor not in found and division.find(one.successor) is None:
            raise Broken(f"本市的管辖区文件有误，不能启动：{one.code} 的 successor {one.successor} 没有这个区")
    _OWN.clear()
    _OWN.update(found)
    _by_name.cache_clear()


def find(code: str) -> Area | None:
    """Return the area of a code, past ones too, or None."""
    if code in _OWN:
        return _OWN[code]
    known = division.find(code) if len(code) == 6 else None
    if known is None or known.sort == "own":
        return None
    until = date(int(known.until), 1, 1) if known.until else date.max
    return Area(known.code, known.name, division.full_name(code, province=False), known.parent, until=until)


def label(code: str) -> str:
    """Return how an area is called beside others; of a code not known, the code itself."""
    area = find(code)
    if area is None:
        return code or "未归属"
    return area.label if area.code in _OWN else (area.full or area.label)


def own() -> list[Area]:
    """Return the areas that are no division, in order of code."""
    return sorted(_OWN.values(), key=lambda area: area.code)


def areas(scope: Iterable[str], *, on: date) -> list[Area]:
    """Return the areas of a day in a scope, given as divisions or their leading digits, in order of code."""
    wanted = tuple(division.prefix(code.ljust(6, "0")) for code in scope)
    codes = [one.code for one in division.DIVISIONS.values() if one.stands and one.sort != "own"]
    codes += [one.code for one in _OWN.values() if one.stands(on)]
    return [area for code in sorted(codes) if code.startswith(wanted) and (area := find(code)) is not None]


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    return {_fold(name): area.code for area in _OWN.values() for name in (area.label, area.full, area.code)}


def named(text: str) -> list[str]:
    """Return the codes that a name or a code may mean, the areas that are no division first."""
    folded = _fold(text)
    if folded in _by_name():
        return [_by_name()[folded]]
    known = division.find(folded) if folded.isascii() else None
    if known is not None:
        return [known.code]
    found = [one for one in division.named(folded) if one.stands]
    return [one.code for one in found]


def by_address(address: str, registered: str, *, on: date) -> tuple[str, str]:
    """Return the area that an address is in by its words, and the word; empty where the division holds.

    Of two areas whose words an address has, the longer word counts, and of equally long ones the lower code.

    :param registered: the division that the register says, by code; empty where it says none.
    """
    folded = _fold(address)
    best = ("", "")
    for area in _OWN.values() if folded else ():
        if not area.stands(on) or not _lies_within(area, folded, registered):
            continue
        left = folded
        for phrase in area.unless:
            left = left.replace(phrase, "\n")
        word = max((word for word in area.words if word in left), key=len, default="")
        if word and (-len(word), area.code) < (-len(best[1]), best[0]):
            best = (area.code, word)
    return best


def _lies_within(area: Area, address: str, registered: str) -> bool:
    current = division.current(registered) if registered else None
    if registered:
        return (current.code if current else registered) in area.within or registered == area.code
    # The register says no division: then the address itself has to name one.
    return any(division.DIVISIONS[code].name in address for code in area.within)


def successors() -> dict[str, str]:
    """Return code → the code that took over, for every division and area that is no more and has one."""
    past = {one.code: one.successor for one in _OWN.values() if one.successor}
    for one in division.DIVISIONS.values():
        if one.successor and (now := division.current(one.code)) is not None:
            past[one.code] = now.code
    return past


def governs(scope: str, code: str) -> bool:
    """Tell whether whoever governs `scope` governs an area: it is the same, or the city that it lies in.

    A district does not govern what lies inside it and has an office of its own. An empty scope is the whole city.
    """
    if not scope or scope == code:
        return True
    area = find(code)
    return scope.endswith("00") and (division.within(code, [scope]) or (area is not None and area.parent == scope))
