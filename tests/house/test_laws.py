"""Every law that the code or a paper names stands in docs/laws.md, with the articles it is named for and where; none else does."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/laws.md"
# 《…法》第 6 条, 《…条例》（…）第十八条、第二十条第（三）项: the name, then what is right behind it.
LAW = re.compile(
    r"《(?:中华人民共和国)?(?P<law>[^《》{}\\]{1,40}?(?:法|法典|条例|办法|规定|决定|指南|目录))(?:（试行）)?》(?:（[^）]{0,40}）)?"
    r"(?P<articles>(?:(?:[、和]| and )?[ ]?第[ ]?[0-9零一二三四五六七八九十百、 ]+条(?:第[（ ]?[0-9一二三四五六七八九十]+[） ]?[款项])*)*)"
)
ARTICLES = re.compile(r"第 ?([0-9零一二三四五六七八九十百、 ]+)条")
DEEP = ("credit", "pipeline", "portals")


def number(said: str) -> int:
    """Return a number of an article, in figures or in characters up to 999.

    >>> number("一百零五"), number("十二"), number("三十五"), number("48")
    (105, 12, 35, 48)
    """
    if said.isdigit():
        return int(said)
    total, digit = 0, 0
    for letter in said:
        if (at := "零一二三四五六七八九".find(letter)) >= 0:
            digit = at
        else:
            total, digit = total + (digit or 1) * {"十": 10, "百": 100}[letter], 0
    return total + digit


def folder(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    if parts[0] == "docs":
        return "docs"
    return "/".join(parts[1 : 3 if parts[1] in DEEP else 2])


def texts() -> Iterator[tuple[str, str]]:
    for kind in ("py", "toml", "html", "csv", "typ"):
        for path in sorted((ROOT / "chengxin").rglob(f"*.{kind}")):
            yield folder(path), path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "docs").rglob("*.md")):
        if path != PAGE:
            yield folder(path), path.read_text(encoding="utf-8")


@cache
def named() -> dict[str, tuple[set[int], set[str]]]:
    found: dict[str, tuple[set[int], set[str]]] = defaultdict(lambda: (set(), set()))
    for where, text in texts():
        for one in LAW.finditer(text):
            articles, folders = found[one["law"]]
            folders.add(where)
            for group in ARTICLES.findall(one["articles"]):
                articles |= {number(said.strip()) for said in group.split("、") if said.strip()}
    return found


@cache
def written() -> dict[str, tuple[set[int], set[str]]]:
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| 《(.+?)》 \| .+? \| ([0-9、—]+) \| (.+?) \| .+? \|$", page, re.MULTILINE)
    assert len({law for law, *_ in rows}) == len(rows), "a law stands there twice"
    return {
        law: ({int(one) for one in articles.split("、") if one.isdigit()}, set(re.findall(r"`(.+?)`", folders)))
        for law, articles, folders in rows
    }


def test_every_law_that_is_named_stands_on_the_page_and_no_other() -> None:
    assert set(written()) == set(named())


@pytest.mark.parametrize("law", sorted(written()))
def test_a_law_stands_there_with_its_articles_and_with_where_it_is_named(law: str) -> None:
    assert written()[law] == named()[law], "docs/laws.md: hold the article against the law's text, then write it down"


@pytest.mark.parametrize(
    ("said", "law", "articles"),
    [
        ("《食品安全法》第三十五条、第三十六条", "食品安全法", [35, 36]),
        ("《中华人民共和国广告法》第九条第（三）项", "广告法", [9]),
        ("《信用修复管理办法》（国家发展改革委令第36号）第三条", "信用修复管理办法", [3]),
        ("(《个人信息保护法》第 13、25 条)", "个人信息保护法", [13, 25]),
        ("《行政强制法》第 9 条 and 第 12 条; measures", "行政强制法", [9, 12]),
        ("《体育法》第一百零五条", "体育法", [105]),
        ("《行政处罚法》第 48 条第 2 款). What", "行政处罚法", [48]),
        ("《中华人民共和国预算法实施条例》，探索", "预算法实施条例", []),
    ],
)
def test_a_name_is_read_with_the_articles_right_behind_it(said: str, law: str, articles: list[int]) -> None:
    one = LAW.search(said)

    assert one and one["law"] == law
    assert [number(n.strip()) for group in ARTICLES.findall(one["articles"]) for n in group.split("、")] == articles
