from __future__ import annotations

from dataclasses import dataclass

import pytest

from chengxin.public.cache import REMEMBERED, Cache


@dataclass(frozen=True)
class Page:
    marks: tuple[str, ...] = ()
    size: int = 10


def cache_with(**pages: Page) -> Cache[Page]:
    cache: Cache[Page] = Cache()
    for address, page in pages.items():
        assert cache.put(address, page, since=cache.moment)
    return cache


def test_what_was_put_is_there() -> None:
    page = Page()

    assert cache_with(door=page).get("door") is page


@pytest.mark.parametrize("mark", ["s:1", "h:9"])
def test_a_change_drops_what_shows_it_and_nothing_else(mark: str) -> None:
    cache = cache_with(one=Page(("s:1", "h:9")), other=Page(("s:2", "h:8")))

    cache.drop(mark)

    assert cache.get("one") is None
    assert cache.get("other") is not None


def test_a_fill_that_began_before_the_change_is_not_kept() -> None:
    cache: Cache[Page] = Cache()
    since = cache.moment
    cache.drop("s:1")

    assert not cache.put("door", Page(("s:1",)), since=since)
    assert cache.get("door") is None
    assert cache.put("other", Page(("s:2",)), since=since)
    assert cache.put("door", Page(("s:1",)), since=cache.moment)


def test_a_fill_that_began_before_everything_was_forgotten_is_not_kept() -> None:
    cache: Cache[Page] = Cache()
    since = cache.moment
    cache.clear()

    assert not cache.put("door", Page(), since=since)


def test_a_fill_older_than_the_memory_of_changes_is_not_kept() -> None:
    cache: Cache[Page] = Cache()
    since = cache.moment
    for number in range(REMEMBERED + 2):
        cache.drop(f"h:{number}")

    assert not cache.put("door", Page(("h:0",)), since=since)
    assert cache.put("door", Page(("h:0",)), since=cache.moment)


def test_a_change_reaches_the_old_generation_too() -> None:
    cache: Cache[Page] = Cache(entries=4)
    for number in range(3):
        cache.put(f"door{number}", Page((f"s:{number}",)), since=cache.moment)

    cache.drop("s:0")

    assert cache.get("door0") is None
    assert cache.get("door1") is not None


def test_what_is_asked_for_outlives_what_is_not() -> None:
    cache: Cache[Page] = Cache(entries=10)
    cache.put("loved", Page(("s:1",)), since=0)
    for number in range(100):
        cache.put(f"passing{number}", Page(), since=0)
        assert cache.get("loved") is not None

    assert len(cache) <= 11
    cache.drop("s:1")
    assert cache.get("loved") is None


def test_bytes_are_bounded() -> None:
    cache: Cache[Page] = Cache(size=1000)
    for number in range(100):
        cache.put(f"door{number}", Page(size=100), since=0)

    assert len(cache) <= 10
    assert not cache.put("giant", Page(size=501), since=0)


def test_putting_a_page_again_does_not_fill_the_room() -> None:
    cache: Cache[Page] = Cache(size=1000)
    for _ in range(100):
        cache.put("door", Page(size=400), since=0)
    cache.put("other", Page(size=90), since=0)

    assert len(cache) == 2
