"""承诺书样式: the words that businesses sign, by trade. One TOML beside this file is one of them; adding one touches no more.

Pure: no database, no clock. The five standard clauses of a 主动型 commitment (domain.md §9.3) stand in `COMMON` and close
every text; a file says what its trade promises.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

VOLUNTARY: Final = ("主动型", "行业自律型")
"""The kinds that a business signs of its own accord; the others are the accepting unit's to enter (domain.md §9.1)."""
COMMON: Final = (
    "所提供的信息和材料真实、准确、有效。",
    "遵守法律、法规和国家有关规定，依法依规从事经营活动。",
    "违反承诺的，依法承担相应责任。",
    "自觉接受行政机关、行业组织、社会公众和新闻媒体的监督。",
    "同意将本承诺及其履行情况依法归集、共享，并向社会公开。",
)
"""资料真实、守法经营、违诺担责、接受监督、同意共享和公开 (domain.md §9.3)."""
LONGEST: Final = 4000
"""承诺内容 is C4000 (domain.md §9.2)."""


@dataclass(frozen=True, slots=True)
class Template:
    """One form of words: for whom, what is promised, what follows if it is not kept, for how long it holds."""

    name: str
    version: str
    label: str
    type: str  # 承诺类型
    reason: str  # 承诺事由
    clauses: tuple[str, ...]
    consequence: str  # 违诺责任
    valid_days: int
    industries: tuple[str, ...]  # leading digits or letter of GB/T 4754; none: every trade
    placements: tuple[str, ...]  # for which placements it can be signed apart from the whole business
    department: str  # whose field it is, by a word of the unit's name; empty: the credit office
    source: str  # where its words come from

    @property
    def text(self) -> str:
        """The promise as it is signed and recorded (承诺内容)."""
        return "\n".join(f"{number}. {clause}" for number, clause in enumerate(self.clauses, start=1))

    @property
    def digest(self) -> bytes:
        """SHA-256 of all that is signed: two versions that say the same are the same."""
        return hashlib.sha256(f"{self.type}\x1f{self.reason}\x1f{self.text}\x1f{self.consequence}".encode()).digest()

    def is_for(self, industry: str) -> bool:
        """Tell whether it is for a trade, given by its code with or without the section's letter."""
        return not self.industries or _best(self.industries, industry) > 0


def _best(prefixes: tuple[str, ...], industry: str) -> int:
    """Return how closely a trade is named: the length of the longest of these that it begins with, 0 if none."""
    digits = industry.lstrip("ABCDEFGHIJKLMNOPQRST")
    said = (digits, industry[: len(industry) - len(digits)])
    return max((len(one) for one in prefixes if one in said or (digits and digits.startswith(one))), default=0)


def find(name: str) -> Template | None:
    """Return the template of a name, or None."""
    return catalogue().get(name)


def for_business(*, industry: str, placement: str = "") -> list[Template]:
    """Return the templates that a business of a trade may sign, the most fitting first.

    :param placement: only those that can be signed for such a place (a vehicle, a stall) apart.
    """
    fitting = [
        one for one in catalogue().values() if one.is_for(industry) and (not placement or placement in one.placements)
    ]
    return sorted(fitting, key=lambda one: (-_best(one.industries, industry), one.type != VOLUNTARY[0], one.name))


@cache
def catalogue() -> Mapping[str, Template]:
    """Return name → template, in order of name."""
    files = sorted((file for file in resources.files(__name__).iterdir() if file.name.endswith(".toml")), key=str)
    return {file.name.removesuffix(".toml"): _read(file.name, file.read_text(encoding="utf-8")) for file in files}


def _read(name: str, text: str) -> Template:
    said: dict[str, Any] = tomllib.loads(text)
    own = tuple(said.pop("clauses"))
    template = Template(
        name=name.removesuffix(".toml"),
        version=said.pop("version"),
        label=said.pop("label"),
        type=said.pop("type", VOLUNTARY[0]),
        reason=said.pop("reason", "自愿作出承诺"),
        clauses=(*own, *COMMON),
        consequence=said.pop("consequence"),
        valid_days=said.pop("valid_days"),
        industries=tuple(said.pop("industries", ())),
        placements=tuple(said.pop("placements", ())),
        department=said.pop("department", ""),
        source=said.pop("source"),
    )
    if said:
        raise ValueError(f"{name}: unknown {'、'.join(said)}")
    if len(template.text) > LONGEST or template.type not in VOLUNTARY or template.valid_days <= 0:
        raise ValueError(f"{name}: too long, or of a kind that nobody signs here")
    return template
