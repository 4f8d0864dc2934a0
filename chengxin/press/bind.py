"""Binding: pages into one PDF as they come. Nothing of a page is kept but its number, however many there are.

A page is made of three layers: the ground, one form that all pages share; the symbols, drawn here in pure black; the
words, as they were set. What comes from elsewhere is copied object by object, renumbered, and written at once; the
tree of pages and the table of objects are written last. See ADR 0015.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from array import array
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from operator import itemgetter
from typing import IO, Any, Final, NamedTuple
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

FANOUT: Final = 64
"""Children of a node in the tree of pages: a reader finds any of a million in four steps."""
OFFSET_LIMIT: Final = 10**10
"""What the table of objects has room for: ten digits."""
COPIED: Final = ("/Contents", "/MediaBox", "/Resources")

Box = tuple[float, float, float, float]


class Layout(NamedTuple):
    """What all pages of a job have in common beside their ground: their boxes, in points."""

    trim: Box
    bleed: Box


class Binder:
    """A PDF that grows page by page, in a file that is only ever added to."""

    def __init__(self, file: IO[bytes], *, title: str, at: datetime) -> None:
        self._file = file
        self._title = title
        self._at = at.astimezone(UTC)
        self._written = 0
        self._digest = hashlib.blake2b(digest_size=16)
        self._offsets = array("Q", [0])  # by object number; 0 for one that is reserved and not written yet
        self._leaves: list[tuple[int, array[int]]] = []
        self._intents: bytes | None = None
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    @property
    def pages(self) -> int:
        """How many pages there are now."""
        return sum(len(kids) for _, kids in self._leaves)

    def form(self, pdf: bytes) -> int:
        """Take in the one page of a PDF as a form that pages can lie on; return its number."""
        with pikepdf.open(io.BytesIO(pdf)) as source:
            copy = _Copy(self._reserve)
            page = source.pages[0].obj
            if self._intents is None:
                self._intents = copy.value(source.Root.OutputIntents)
            drawn = page.Contents.read_bytes()
            entries = (
                b"/Type/XObject/Subtype/Form/BBox " + copy.value(page.MediaBox)
                + b"/Resources " + copy.value(page.Resources)
            )  # fmt: skip
            self._copied(copy)
        number = self._reserve()
        self._stream(number, entries, drawn)
        return number

    def add(self, pdf: bytes, *, ground: Sequence[int], drawn: Sequence[bytes], layout: Layout) -> None:
        """Take in the pages of a PDF: under each its ground (by number) and what is drawn for it."""
        with pikepdf.open(io.BytesIO(pdf)) as source:
            copy = _Copy(self._reserve)
            for page, form, under in zip(source.pages, ground, drawn, strict=True):
                self._page(copy, page.obj, form=form, under=under, layout=layout)
            self._copied(copy)

    def _page(self, copy: _Copy, page: Object, *, form: int, under: bytes, layout: Layout) -> None:
        if not self._leaves or len(self._leaves[-1][1]) == FANOUT:
            self._leaves.append((self._reserve(), array("Q")))
        leaf, kids = self._leaves[-1]
        number, below = self._reserve(), self._reserve()
        kids.append(number)
        self._stream(below, b"", b"q /Ground Do Q\n" + under)
        entries = [
            b"/Type/Page/Parent %d 0 R" % leaf,
            b"/MediaBox " + copy.value(page.MediaBox),
            b"/BleedBox " + _numbers(layout.bleed) + b"/TrimBox " + _numbers(layout.trim),
            b"/Contents[%d 0 R %b]" % (below, copy.value(page.Contents)),
            b"/Resources<</XObject<</Ground %d 0 R>>%b>>" % (form, copy.entries(page.Resources)),
        ]
        self._object(number, b"<<" + b"".join(entries) + b">>")

    def close(self) -> None:
        """Write the tree of pages and the table of objects. The file is whole then."""
        nodes = [(number, len(kids), kids) for number, kids in self._leaves]
        while len(nodes) > 1:
            above = []
            for start in range(0, len(nodes), FANOUT):
                some, parent = nodes[start : start + FANOUT], self._reserve()
                for node in some:
                    self._node(*node, parent=parent)
                above.append(
                    (parent, sum(count for _, count, _ in some), array("Q", [number for number, _, _ in some]))
                )
            nodes = above
        self._node(*nodes[0], parent=None)
        metadata, info, catalog = self._reserve(), self._reserve(), self._reserve()
        said = self._metadata()
        # As plain text: programs that know nothing of PDF find it there.
        self._object(metadata, b"<</Type/Metadata/Subtype/XML/Length %d>>stream\n%b\nendstream" % (len(said), said))
        moment = f"D:{self._at:%Y%m%d%H%M%S}Z".encode()
        self._object(info, b"<</Title %b/CreationDate(%b)/ModDate(%b)>>" % (_text(self._title), moment, moment))
        self._object(
            catalog,
            b"<</Type/Catalog/Pages %d 0 R/Metadata %d 0 R/OutputIntents %b/Lang(zh-CN)"
            # Printed as large as it is: a symbol that a printer's program shrinks may be too fine to read.
            b"/ViewerPreferences<</DisplayDocTitle true/PrintScaling/None>>>>"
            % (nodes[0][0], metadata, self._intents or b"[]"),
        )
        start = self._written
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % len(self._offsets))
        for first in range(1, len(self._offsets), 4096):
            self._write(b"".join(b"%010d 00000 n \n" % offset for offset in self._offsets[first : first + 4096]))
        mark = self._digest.hexdigest().encode()
        self._write(
            b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%b><%b>]>>\nstartxref\n%d\n%%%%EOF\n"
            % (len(self._offsets), catalog, info, mark, mark, start)
        )

    def _node(self, number: int, count: int, kids: Sequence[int], *, parent: int | None) -> None:
        up = b"/Parent %d 0 R" % parent if parent else b""
        said = b" ".join(b"%d 0 R" % kid for kid in kids)
        self._object(number, b"<</Type/Pages%b/Count %d/Kids[%b]>>" % (up, count, said))

    def _metadata(self) -> bytes:
        moment = f"{self._at:%Y-%m-%dT%H:%M:%S}Z"
        return (
            '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
            '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
            ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">'
            f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(self._title)}</rdf:li></rdf:Alt></dc:title>'
            f"<xmp:CreateDate>{moment}</xmp:CreateDate><xmp:ModifyDate>{moment}</xmp:ModifyDate>"
            "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance>"
            '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
        ).encode()

    # ---- Objects ----

    def _copied(self, copy: _Copy) -> None:
        """Write what the copied pages refer to, and what that refers to."""
        while copy.waiting:
            number, value = copy.waiting.pop()
            if isinstance(value, Stream):
                entries = copy.entries(value, without=("/Length",))
                self._raw_stream(number, entries, value.read_raw_bytes())
            else:
                self._object(number, copy.value(value, itself=True))

    def _stream(self, number: int, entries: bytes, content: bytes) -> None:
        self._raw_stream(number, entries + b"/Filter/FlateDecode", zlib.compress(content))

    def _raw_stream(self, number: int, entries: bytes, raw: bytes) -> None:
        self._object(number, b"<<%b/Length %d>>stream\n%b\nendstream" % (entries, len(raw), raw))

    def _object(self, number: int, content: bytes) -> None:
        self._offsets[number] = self._written
        self._write(b"%d 0 obj\n%b\nendobj\n" % (number, content))

    def _reserve(self) -> int:
        self._offsets.append(0)
        return len(self._offsets) - 1

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._digest.update(content)
        self._written += len(content)
        if self._written >= OFFSET_LIMIT:
            raise OverflowError("a PDF has room for ten gigabytes")


class _Copy:
    """The objects of one PDF, told in the numbers of another."""

    def __init__(self, reserve: Callable[[], int]) -> None:
        self._reserve = reserve
        self._numbers: dict[tuple[int, int], int] = {}
        self.waiting: list[tuple[int, Object]] = []

    def value(self, value: Any, *, itself: bool = False) -> bytes:
        """Return a value as it is written: a reference where it is an object of its own, unless `itself` is asked."""
        if not isinstance(value, Object):
            return _scalar(value)
        if _is_grey(value):
            return b"/DeviceGray"
        if value.is_indirect and not itself:
            known = self._numbers.get(value.objgen)
            if known is None:
                known = self._numbers[value.objgen] = self._reserve()
                self.waiting.append((known, value))
            return b"%d 0 R" % known
        if isinstance(value, Dictionary):
            return b"<<" + self.entries(value) + b">>"
        if isinstance(value, Array):
            return b"[" + b" ".join(self.value(one) for one in value) + b"]"
        return value.unparse()

    def entries(self, value: Object, *, without: Sequence[str] = ()) -> bytes:
        """Return what stands in a dictionary."""
        said = {str(key): one for key, one in value.items() if str(key) not in without}
        return b"".join(
            Name(key).unparse() + b" " + self.value(one) for key, one in sorted(said.items(), key=itemgetter(0))
        )


def _is_grey(value: Object) -> bool:
    """Tell whether a colour space is grey by a profile. Ours becomes the printer's own grey: black stays one ink."""
    return isinstance(value, Array) and len(value) == 2 and value[0] == Name.ICCBased and value[1].get("/N") == 1


def _scalar(value: bool | float | Decimal | None) -> bytes:
    if value is None:
        return b"null"
    if isinstance(value, bool):
        return b"true" if value else b"false"
    return str(value).encode() if isinstance(value, int) else f"{value:f}".encode()


def _numbers(values: Sequence[float]) -> bytes:
    return b"[" + " ".join(f"{value:.4f}".rstrip("0").rstrip(".") for value in values).encode() + b"]"


def _text(text: str) -> bytes:
    return b"<FEFF" + text.encode("utf-16-be").hex().upper().encode() + b">"
