"""Pages load nothing from elsewhere and carry nothing inline: what the Content-Security-Policy would forbid anyway."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chengxin.public import assets

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "chengxin"
OURS = sorted(
    path
    for kind in ("*.html", "*.css", "*.svg", "*.js")
    for path in HOUSE.rglob(kind)
    if not {"vendor", "kinds"} & set(path.parts)
)
PAGES = [path for path in OURS if path.suffix == ".html"] + sorted((HOUSE / "public").rglob("*.py"))

# What makes a browser fetch something. A link that a person follows is not among them.
FETCHED = re.compile(
    r"""(?:\bsrc(?:set)?\s*=\s*["']?|url\(\s*["']?|@import\s+["']?|<link\b[^>]*\bhref\s*=\s*["']?|xlink:href\s*=\s*["']?)"""
    r"""(?:[a-z]+:)?//[^\s"')>]*""",
    re.IGNORECASE,
)
INLINE = {
    "a style attribute": re.compile(r"""<[a-z][^<>]*\sstyle\s*=""", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"""<script\b(?![^>]*\b(?:src=|type="application/json"))""", re.IGNORECASE),
    "an event attribute": re.compile(r"""<[a-z][^<>]*\son[a-z]+\s*=\s*["']""", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
}


def short(path: Path) -> str:
    return str(path.relative_to(HOUSE))


def test_there_is_something_to_look_at() -> None:
    assert {path.suffix for path in OURS} >= {".html", ".css", ".svg"}


@pytest.mark.parametrize("path", OURS, ids=short)
def test_nothing_is_fetched_from_another_host(path: Path) -> None:
    assert FETCHED.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", PAGES, ids=short)
def test_nothing_is_inline(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert [what for what, pattern in INLINE.items() if pattern.search(text)] == []


def test_the_public_side_sends_style_sheets_below_ten_kilobytes() -> None:
    # A scan has the first alone; the few pages that ask for something have one of their own beside it.
    sent = [asset.plain for asset in assets.read().by_address.values() if asset.kind.startswith("text/css")]

    assert 0 < max(map(len, sent)) <= 10_240


# ---- One dictionary ------------------------------------------------------------------------------------------------

# Words that the law or the registry knows otherwise, or that a grade on a public page would need.
PUBLIC_TABOOS = ("信用等级", "信用评分", "信用分", "黑名单", "红名单")


@pytest.mark.parametrize("path", [path for path in PAGES if "public" in path.parts], ids=short)
def test_no_public_page_grades_anybody(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert [word for word in PUBLIC_TABOOS if word in text] == []


@pytest.mark.parametrize("path", [path for path in OURS if path.suffix == ".css"], ids=short)
def test_every_block_of_a_style_sheet_is_closed_before_the_next_part_begins(path: Path) -> None:
    """Parts are added at the end by many hands: a lost brace would take all that follows into a media query."""
    depth = 0
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        assert depth == 0 or not line.startswith(("@media", "/* ")), f"line {number} is within an open block"
        depth += line.count("{") - line.count("}")
        assert depth >= 0, f"line {number} closes what is not open"
    assert depth == 0
