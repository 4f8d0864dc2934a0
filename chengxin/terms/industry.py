"""国民经济行业分类, the trades of GB/T 4754-2017: all sections and divisions, and the classes this system's users name.

The table is `industries.csv` beside this file, in the standard's order; `load` reads the full table just as well.
Its third column holds the words of the two documents for a trade: a help in searching, never a ruling on what a
business is. Pure: no database, no clock.

>>> find("H6210").name, find("62").name, section_of("6210"), label("6289")
('正餐服务', '餐饮业', 'H', '餐饮业')
>>> [trade.code for trade in TABLE.named("幼儿园")]
['8310']
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FORM = re.compile(r"[A-T]|[A-T]?[0-9]{2,4}")


@dataclass(frozen=True, slots=True)
class Industry:
    """One line of the standard: a section (letter), division (2 digits), group (3) or class (4)."""

    code: str
    name: str
    section: str
    words: tuple[str, ...]

    @property
    def full_code(self) -> str:
        """The code with its section's letter, as files often write it: H6210."""
        return self.code if self.code == self.section else self.section + self.code


class Unreadable(ValueError):
    """The lines are no table of industries."""


@dataclass(frozen=True, slots=True)
class Table:
    """All lines of one edition of the standard."""

    by_code: Mapping[str, Industry]

    def find(self, code: str) -> Industry | None:
        """Return the industry of H, 62, 6210 or H6210; a letter that contradicts the digits finds nothing."""
        text = unicodedata.normalize("NFKC", code).strip().upper()
        letter, digits = (text[:1], text[1:]) if text[:1].isalpha() else ("", text)
        found = self.by_code.get(digits or letter)
        if found is None and len(digits) == 4 and digits.endswith("00"):
            # Files pad a division with noughts to four digits; no class of the standard ends in 00.
            found = self.by_code.get(digits[:2])
        return found if found is not None and letter in ("", found.section) else None

    def label(self, code: str) -> str:
        """Return the name of an industry, or of the nearest line above it that the table has; nothing if none."""
        text = unicodedata.normalize("NFKC", code).strip().upper()
        while text:
            found = self.find(text)
            if found is not None:
                return found.name
            text = text[:-1]
        return ""

    def section_of(self, code: str) -> str:
        """Return the section's letter of a code, also of a class the table does not list; nothing if unknown."""
        text = unicodedata.normalize("NFKC", code).strip().upper()
        if _FORM.fullmatch(text) is None:
            return ""
        found = self.find(text)
        if found is None:
            digits = text.lstrip("ABCDEFGHIJKLMNOPQRST")
            found = self.find(text[: len(text) - len(digits)] + digits[:2]) if len(digits) > 2 else None
        return found.section if found is not None else ""

    def named(self, word: str) -> list[Industry]:
        """Return the industries whose name or words hold a word."""
        wanted = unicodedata.normalize("NFKC", word).strip()
        if not wanted:
            return []
        return [one for one in self.by_code.values() if wanted in one.name or any(wanted in word for word in one.words)]


def load(lines: Iterable[str]) -> Table:
    """Return the table in lines of CSV (code, name and, if there are any, words) in the standard's own order.

    :raises Unreadable: a line that is neither section nor digits, stands before any section, or comes twice.
    """
    by_code: dict[str, Industry] = {}
    section = ""
    for number, row in enumerate(csv.DictReader(lines), start=2):
        code = (row.get("code") or "").strip().upper()
        name = (row.get("name") or "").strip()
        if len(code) == 1 and code.isalpha():
            section = code
        elif not (code.isascii() and code.isdigit() and 2 <= len(code) <= 4):
            raise Unreadable(f"第 {number} 行：“{code}”不是行业代码（门类为一个字母，其余为 2 至 4 位数字）")
        if not section or not name:
            raise Unreadable(f"第 {number} 行：{code} 缺少名称，或不在任何门类之下")
        if code in by_code:
            raise Unreadable(f"第 {number} 行：行业代码 {code} 重复")
        words = tuple(word for word in (row.get("words") or "").split(";") if word)
        by_code[code] = Industry(code, name, section, words)
    if not by_code:
        raise Unreadable("文件中没有行业代码")
    return Table(by_code)


with Path(__file__).with_name("industries.csv").open(encoding="utf-8", newline="") as _file:
    TABLE: Final = load(_file)

SECTIONS: Final[Mapping[str, str]] = {code: one.name for code, one in TABLE.by_code.items() if code == one.section}
"""Letter → name of the twenty sections."""


def find(code: str) -> Industry | None:
    """Return the industry of H, 62, 6210 or H6210, or None."""
    return TABLE.find(code)


def section_of(code: str) -> str:
    """Return the section's letter of a code, or nothing."""
    return TABLE.section_of(code)


def label(code: str) -> str:
    """Return the name of an industry or of the nearest one above it, or nothing."""
    return TABLE.label(code)
