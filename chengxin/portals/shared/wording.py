"""绝对化用语 pointed out: a text cut at the words that the law on advertising forbids, for pages that mark them."""

from __future__ import annotations

from typing import NamedTuple

from chengxin.credit.applications import rules
from chengxin.credit.applications.rules import SORTS, Declared


class Piece(NamedTuple):
    """A piece of a text: whether it is a word to look at, and what is said of it."""

    text: str
    mark: bool
    why: str = ""
    advice: str = ""


class Field(NamedTuple):
    """A field of a declared item that has such words, cut at them."""

    label: str
    pieces: list[Piece]

    @property
    def told(self) -> list[Piece]:
        """Return each of its words once, with what is said of it."""
        return list({piece.text: piece for piece in self.pieces if piece.mark}.values())


def fields(item: Declared, *, name: str) -> list[Field]:
    """Return the fields of an item that have words to look at; `name` is the registered name of the business."""
    labels = {"title": SORTS[item.kind].title_word if item.kind in SORTS else "名称", "text": "内容"}
    found = rules.item_words(item, name=name)
    cut = []
    for one in dict.fromkeys(one for one, _ in found):
        text, at, told = getattr(item, one), 0, []
        for _, word in (pair for pair in found if pair[0] == one):
            told += [Piece(text[at : word.start], False), Piece(word.word, True, word.label, word.advice)]
            at = word.end
        cut.append(Field(labels[one], [piece for piece in (*told, Piece(text[at:], False)) if piece.text]))
    return cut
