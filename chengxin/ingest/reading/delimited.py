"""CSV and its kin, read in constant memory at any size."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO, Final

from chengxin.ingest.reading.sniff import Content, NotReadable

Recognise = Callable[[Sequence[str]], int]
"""How many of these cells are names of columns that are known."""
Rows = Iterator[tuple[int, Sequence[str]]]
OpenRows = Generator[tuple[int, Sequence[str]], None, None]
"""Rows of a file that is open while they are read, to be closed."""

DELIMITERS: Final = (",", "\t", ";", "|")
HEAD_CHARACTERS: Final = 1 << 18
LOOKED_AT: Final = 50
HEAD_ROWS: Final = 11
"""Official tables carry up to ten rows of titles and notes above the header."""

_SEPARATOR: Final = re.compile(r"\ufeff?sep=([,;|\t])[\r\n]", re.IGNORECASE)
_END: Final = "\ue000 end of file \ue000"


def read(file: BinaryIO, content: Content, recognise: Recognise) -> OpenRows:
    """Yield every row that is not blank with its number, as a spreadsheet would number it.

    :raises NotReadable: while reading, when the file ends inside a quoted cell or inside its last row.
    """
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=content.encoding, newline="")
    try:
        rows = _rows(text, content, _dialect(text, recognise))
        yield from _unwrapped(rows) if content.formula_text else rows
    finally:
        text.detach()  # whoever opened the file closes it


@dataclass(frozen=True, slots=True)
class _Dialect:
    delimiter: str
    said: bool  # by a first line sep=;
    spaced: bool  # a blank stands between a delimiter and a quote


def _rows(text: io.TextIOWrapper, content: Content, dialect: _Dialect) -> Rows:
    # csv says nothing when a file ends inside a quoted cell: a last line of our own is swallowed then.
    reader = csv.reader(chain(text, [_END]), delimiter=dialect.delimiter, skipinitialspace=dialect.spaced)
    width, cells, number = 0, [""], 0
    try:
        if dialect.said:
            next(reader)
        for number, row in enumerate(reader, start=1 + dialect.said):
            if not row:
                continue
            if row[0] == _END:
                break
            cells = row
            width = max(width, len(cells)) if number <= HEAD_ROWS else width
            yield number, cells
        else:
            raise NotReadable("文件最后有一个引号没有配对，文件不完整或引号用错；请核对后重新导出")
    except csv.Error:
        raise NotReadable(f"第 {number + 1} 行有一格超过 13 万字，多半是引号没有配对；请核对后重新导出") from None
    except UnicodeDecodeError:
        raise NotReadable("文件在读取过程中被改动，请等它写完后再导入") from None
    if not content.ends_in_newline and len(cells) < width:
        raise NotReadable(f"最后一行只有 {len(cells)} 格，应有 {width} 格，文件没有传完；请重新传一份")


def _unwrapped(rows: Rows) -> Rows:
    """Yield the rows with ="00123" as 00123: so programs write a code that Excel should not take for a number."""
    for number, cells in rows:
        yield number, [cell[2:-1].replace('""', '"') if _is_wrapped(cell) else cell for cell in cells]


def _is_wrapped(cell: str) -> bool:
    return len(cell) > 2 and cell.startswith('="') and cell.endswith('"')


def _dialect(text: io.TextIOWrapper, recognise: Recognise) -> _Dialect:
    head = text.read(HEAD_CHARACTERS)
    text.seek(0)
    said = _SEPARATOR.match(head)
    # Else the delimiter by which some row of the head becomes the best header.
    delimiter = said[1] if said else max(DELIMITERS, key=lambda one: _best_header(head, one, recognise))
    return _Dialect(delimiter, said is not None, _is_spaced(head, delimiter))


def _is_spaced(head: str, delimiter: str) -> bool:
    """Tell whether blanks before quotes keep these from being taken for quotes."""
    if f'{delimiter} "' not in head:
        return False
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    try:
        return any(cell.startswith(' "') and cell.endswith('"') for row in islice(reader, LOOKED_AT) for cell in row)
    except csv.Error:
        return False


def _best_header(head: str, delimiter: str, recognise: Recognise) -> int:
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    try:
        return max((recognise(row) for row in islice(reader, HEAD_ROWS)), default=0)
    except csv.Error:
        return 0
