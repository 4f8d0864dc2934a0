"""The words of the checks (`checks.toml`): what each is called, how grave it is and what it says, in three languages.

Pure: no database, no clock.

>>> message("E06", "in_order", column="有效期自", other="有效期至")
'“有效期自”晚于“有效期至”，请核对两个日期'
>>> translated("E06", "“有效期自”晚于“有效期至”，请核对两个日期", "en")
'“有效期自” lies after “有效期至”; check both dates'
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, Final

from chengxin.credit.records.form import Level

LANGUAGES: Final = ("zh", "en", "ru")


@dataclass(frozen=True, slots=True)
class Saying:
    """One message of a check, by language, with how grave it is."""

    level: Level
    texts: Mapping[str, str]

    @property
    def fields(self) -> frozenset[str]:
        """What is filled in."""
        return frozenset(name for _, name, _, _ in Formatter().parse(self.texts["zh"]) if name)


@dataclass(frozen=True, slots=True)
class CheckWords:
    """What is known of a check by its code."""

    code: str
    title: str
    level: Level
    advices: Mapping[str, str]  # what to do about it, by language
    found: str  # row: by a row alone; set: by the file, the register and what stood before
    says: Mapping[str, Saying]

    @property
    def advice(self) -> str:
        """What to do about it, in Chinese."""
        return self.advices["zh"]


def _read(text: str) -> dict[str, CheckWords]:
    return {code: _words(code, said) for code, said in tomllib.loads(text).items()}


def _words(code: str, said: Mapping[str, Any]) -> CheckWords:
    says = {
        name: Saying(one.get("level", said["level"]), {language: one[language] for language in LANGUAGES})
        for name, one in said["says"].items()
    }
    advices = {language: said["advice"][language] for language in LANGUAGES}
    return CheckWords(code, said["title"], said["level"], advices, said["found"], says)


CHECKS: Final[Mapping[str, CheckWords]] = _read(Path(__file__).with_name("checks.toml").read_text(encoding="utf-8"))


def message(code: str, says: str, /, **values: object) -> str:
    """Return what a check says, filled in, in Chinese: so it is kept, and `translated` for whoever reads another language.

    :raises KeyError: there is no such code or message, or something to fill in is missing.
    """
    return CHECKS[code].says[says].texts["zh"].format(**values)


def translated(code: str, text: str, language: str) -> str:
    """Return a message that was kept in Chinese in another language; one that no check says stays as it is."""
    if code in CHECKS and language != "zh":
        for saying in CHECKS[code].says.values():
            match = _reader(saying.texts["zh"]).fullmatch(text)
            if match is not None:
                return saying.texts[language].format(**match.groupdict())
    return text


@lru_cache(maxsize=256)
def _reader(template: str) -> re.Pattern[str]:
    parts = [
        re.escape(literal) + (f"(?P<{name}>.*?)" if name else "") for literal, name, _, _ in Formatter().parse(template)
    ]
    return re.compile("".join(parts), re.DOTALL)
