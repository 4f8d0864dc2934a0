"""Pages kept ready, by address. A page is dropped the moment anything it shows is said to have changed.

Two generations instead of an order of use: what is asked for moves to the young one, and when the young one is full the
old one goes as a whole. Reading then takes one dictionary look-up and no lock.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, TypeVar

REMEMBERED: Final = 10_000
"""How many recent changes are remembered by name; a fill that began before all of them is not stored."""


class Kept(Protocol):
    """What can be kept: something that knows its size and what it shows."""

    @property
    def size(self) -> int: ...

    @property
    def marks(self) -> tuple[str, ...]: ...


Page = TypeVar("Page", bound=Kept)


@dataclass(slots=True)
class _Generation(Generic[Page]):
    pages: dict[str, Page] = field(default_factory=dict)
    addresses: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    bytes: int = 0

    def add(self, address: str, page: Page) -> None:
        self.pages[address] = page
        self.bytes += page.size
        for mark in page.marks:
            self.addresses[mark].add(address)

    def drop(self, mark: str) -> None:
        for address in self.addresses.pop(mark, ()):
            page = self.pages.pop(address, None)
            if page is not None:
                self.bytes -= page.size


class Cache(Generic[Page]):
    """Pages by address, bounded in number and bytes. A mark is what a notification names: `h:<holder>`, `s:<serial>`."""

    def __init__(self, *, entries: int = 20_000, size: int = 96_000_000) -> None:
        self._entries = entries // 2
        self._size = size // 2
        self._lock = threading.Lock()
        self._young: _Generation[Page] = _Generation()
        self._old: _Generation[Page] = _Generation()
        self._sequence = 0
        self._all_changed = 0  # the sequence when everything was forgotten, or when memory of changes began
        self._changed: OrderedDict[str, int] = OrderedDict()
        self.ready = self._young.pages.get  # the hot path: rebound whenever the young generation is another

    def get(self, address: str) -> Page | None:
        """Return the page at an address, or None."""
        page = self.ready(address)
        if page is not None:
            return page
        if address not in self._old.pages:
            return None
        with self._lock:
            page = self._old.pages.get(address)
            if page is not None:
                self._add(address, page)
            return page

    @property
    def moment(self) -> int:
        """The moment before reading; hand it to `put` with what was read."""
        return self._sequence

    def put(self, address: str, page: Page, *, since: int) -> bool:
        """Keep a page that was read since a moment, unless what it shows has changed meanwhile; tell whether it is kept."""
        with self._lock:
            if since < self._all_changed or any(self._changed.get(mark, -1) > since for mark in page.marks):
                return False
            if page.size > self._size:
                return False
            self._add(address, page)
            return True

    def _add(self, address: str, page: Page) -> None:
        young = self._young
        if len(young.pages) >= self._entries or young.bytes + page.size > self._size:
            self._old = young
            self._young = young = _Generation()
            self.ready = young.pages.get
        standing = young.pages.get(address)
        if standing is not None:
            young.bytes -= standing.size
        young.add(address, page)

    def drop(self, mark: str) -> None:
        """Forget every page that shows what a mark names."""
        with self._lock:
            self._sequence += 1
            self._young.drop(mark)
            self._old.drop(mark)
            self._changed[mark] = self._sequence
            self._changed.move_to_end(mark)
            if len(self._changed) > REMEMBERED:
                _, self._all_changed = self._changed.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._sequence += 1
            self._all_changed = self._sequence
            self._changed.clear()
            self._young, self._old = _Generation(), _Generation()
            self.ready = self._young.pages.get

    def __len__(self) -> int:
        return len(self._young.pages.keys() | self._old.pages.keys())
