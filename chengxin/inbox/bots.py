"""Whether a scan was made by a program, by what its browser calls itself (`bots.toml`). Pure; nothing of it is kept."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    said = tomllib.loads((resources.files(__package__) / "bots.toml").read_text(encoding="utf-8"))
    words, people = ("|".join(map(re.escape, said[name])) for name in ("words", "people"))
    return re.compile(words), re.compile(people)


def is_bot(browser: str) -> bool:
    """Tell whether a browser's own words are those of a program; no words at all are.

    >>> is_bot("Mozilla/5.0 (compatible; Baiduspider/2.0)"), is_bot("Mozilla/5.0 (iPhone) MicroMessenger/8.0")
    (True, False)
    """
    words, people = _patterns()
    said = browser.lower().strip()
    return not said or words.search(people.sub("", said)) is not None
