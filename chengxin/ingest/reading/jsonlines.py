"""JSON lines: an object a line, its fields called by code or by name; also one array of objects.

A first pass over the file finds every field there is and every line that is no flat object, before a row is handed out;
both passes hold one line. An array is held as its bytes, which is why it may not be large.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final

import msgspec

from chengxin.ingest.reading.delimited import OpenRows
from chengxin.ingest.reading.sniff import Content, NotReadable

MOST_FIELDS: Final = 1000


class _Number(str):
    """A number as it is written: 0.20 is no 0.2."""

    __slots__ = ()


_ANY: Final = msgspec.json.Decoder(dict[str, Any], float_hook=_Number)
_ARRAY: Final = msgspec.json.Decoder(list[msgspec.Raw])
_Line = bytes | str | msgspec.Raw


def read(file: BinaryIO, content: Content) -> OpenRows:
    """Yield the fields of all objects as row 0, and then each object with the number of its line.

    :raises NotReadable: a line is no object, or an object holds others.
    """
    shape = _Shape()
    for number, line in _lines(file, content):
        shape.learn(number, line)
    if not shape.fields:
        return
    yield 0, list(shape.fields)
    decode, loose, as_tuple = shape.decode, shape.loose, msgspec.structs.astuple
    for number, line in _lines(file, content):
        try:
            cells = list(as_tuple(decode(line)))
        except msgspec.DecodeError:
            raise NotReadable("文件在读取过程中被改动，请等它写完后再导入") from None
        for place in loose:
            cells[place] = _text(cells[place])
        # No text of PostgreSQL holds a NUL, and JSON can say one.
        yield number, [cell.replace("\0", "") for cell in cells] if "\0" in "".join(cells) else cells


class _Shape:
    """The fields seen so far, and a decoder that knows just these, which is twice as fast as one that knows none."""

    def __init__(self) -> None:
        self.fields: dict[str, bool] = {}  # whether anything but text was seen in it
        self._remake()

    def learn(self, number: int, line: _Line) -> None:
        """Look at one line.

        :raises NotReadable: it is no object, or holds objects or lists.
        """
        try:
            said = self.decode(line)
        except (msgspec.DecodeError, RecursionError):
            self._widen(number, line)
            return
        for place in self.loose:
            if isinstance(getattr(said, f"f{place}"), (dict, list)):
                self._widen(number, line)

    def _widen(self, number: int, line: _Line) -> None:
        for field, value in _object(number, line).items():
            if isinstance(value, (dict, list)):
                raise NotReadable(f"第 {number} 行的“{field[:40]}”里还有对象或数组；请把每个字段写成一个文本或数字")
            self.fields[field] = self.fields.get(field, False) or type(value) is not str
        if len(self.fields) > MOST_FIELDS:
            raise NotReadable(f"到第 {number} 行为止已有 {len(self.fields)} 种字段名，不是数据表；请核对字段名")
        self._remake()

    def _remake(self) -> None:
        self.loose = [place for place, other in enumerate(self.fields.values()) if other]
        line = msgspec.defstruct(
            "Line",
            [(f"f{place}", Any if other else str, "") for place, other in enumerate(self.fields.values())],
            rename={f"f{place}": field for place, field in enumerate(self.fields)},
            forbid_unknown_fields=True,
        )
        self.decode: Callable[[_Line], Any] = msgspec.json.Decoder(line, float_hook=str).decode


def _object(number: int, line: _Line) -> dict[str, Any]:
    try:
        return _ANY.decode(line)
    except RecursionError:
        raise NotReadable(f"第 {number} 行的对象一层套一层，不是数据；请把每个字段写成一个文本或数字") from None
    except msgspec.ValidationError:
        raise NotReadable(f"第 {number} 行不是 JSON 对象；请每行写一个对象（JSON Lines）") from None
    except msgspec.DecodeError:
        raise NotReadable(f"第 {number} 行不是完整的 JSON；请每行写一个对象（JSON Lines），不要分成几行") from None


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def _lines(file: BinaryIO, content: Content) -> Iterator[tuple[int, _Line]]:
    file.seek(0)
    if content.form == "array":
        yield from _elements(file.read(), content)
    elif content.encoding == "utf-8":
        for number, line in enumerate(file, start=1):
            if not line.isspace():
                yield number, line
    else:
        text = io.TextIOWrapper(file, encoding=content.encoding)
        try:
            for number, row in enumerate(text, start=1):
                if not row.isspace():
                    yield number, row
        finally:
            text.detach()


def _elements(whole: bytes, content: Content) -> Iterator[tuple[int, msgspec.Raw]]:
    try:
        elements = _ARRAY.decode(whole if content.encoding == "utf-8" else whole.decode(content.encoding))
    except (msgspec.DecodeError, RecursionError):
        raise NotReadable("JSON 数组不完整或有误，文件没有传完；请重新传一份，或每行写一个对象（JSON Lines）") from None
    yield from enumerate(elements, start=1)
