"""A page with its form filled in again: what was typed before goes into the fields that it was typed into.

Pure: text in, text out. Hidden fields, passwords and files stay as the page has them; a field that is not there any more is
passed over.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin

LEFT_ALONE: Final = frozenset({"hidden", "password", "file", "submit", "button", "image", "reset"})
TICKED: Final = frozenset({"checkbox", "radio"})

Attributes = list[tuple[str, str | None]]


def fill(html: str, *, here: str, path: str, fields: Iterable[tuple[str, str]]) -> str:
    """Return a page whose form that is posted to `path` has these fields; `here` is the page's own address."""
    filler = _Filler(html, here, path, fields)
    filler.feed(html)
    filler.close()
    return filler.done()


class _Filler(HTMLParser):
    """Notes which pieces of a page become which others."""

    def __init__(self, html: str, here: str, path: str, fields: Iterable[tuple[str, str]]) -> None:
        super().__init__(convert_charrefs=False)
        self._html, self._here, self._path = html, here, path
        self._left: dict[str, list[str]] = {}
        for name, value in fields:
            self._left.setdefault(name, []).append(value)
        self._lines = [0]
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._pieces: list[tuple[int, int, str]] = []
        self._is_inside = False
        self._text: tuple[int, str] | None = None  # where a text field begins, and what becomes its text
        self._choices: list[str] | None = None  # of the select that is open

    def done(self) -> str:
        parts, reached = [], 0
        for start, end, text in self._pieces:
            parts += [self._html[reached:start], text]
            reached = end
        return "".join([*parts, self._html[reached:]])

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            to = urljoin(self._here, said.get("action") or self._here)
            self._is_inside = said.get("method", "").lower() == "post" and to == self._path
        elif self._is_inside and tag == "input":
            self._input(attrs, said)
        elif self._is_inside and tag == "select":
            self._choices = self._left.get(said.get("name", ""))
        elif self._choices is not None and tag == "option" and "value" in said:
            self._mark(tag, attrs, "selected", is_so=said["value"] in self._choices)
        elif self._is_inside and tag == "textarea" and self._left.get(said.get("name", "")):
            self._text = (self._end(), self._left[said["name"]].pop(0))

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False
        elif tag == "select":
            self._choices = None
        elif tag == "textarea" and self._text is not None:
            start, text = self._text
            # A browser drops the first line break of a text field.
            self._pieces.append((start, self._start(), f"\n{escape(text)}"))
            self._text = None

    def _input(self, attrs: Attributes, said: dict[str, str]) -> None:
        kind, name = said.get("type", "text").lower(), said.get("name", "")
        if kind in LEFT_ALONE or not name:
            return
        if kind in TICKED:
            self._mark("input", attrs, "checked", is_so=said.get("value", "on") in self._left.get(name, ()))
        elif self._left.get(name):
            value = self._left[name].pop(0)
            self._put("input", [*((key, was) for key, was in attrs if key != "value"), ("value", value)])

    def _mark(self, tag: str, attrs: Attributes, word: str, *, is_so: bool) -> None:
        self._put(tag, [*((key, was) for key, was in attrs if key != word), *([(word, None)] if is_so else [])])

    def _put(self, tag: str, attrs: Attributes) -> None:
        said = "".join(f" {key}" if value is None else f' {key}="{escape(value)}"' for key, value in attrs)
        self._pieces.append((self._start(), self._end(), f"<{tag}{said}>"))

    def _start(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def _end(self) -> int:
        return self._start() + len(self.get_starttag_text() or "")
