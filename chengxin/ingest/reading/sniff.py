"""What a file is: told by its content, never by its name."""

from __future__ import annotations

import codecs
import re
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Literal

CHUNK: Final = 1 << 20
HEAD: Final = 4096
MAX_MEMBERS: Final = 5_000
BROKEN: Final = "Excel 文件已损坏或没有传完，请重新传一份"
ENOUGH: Final = 64
"""So many characters that read well as UTF-8 are no accident of GBK bytes: what follows is damage, not another encoding."""


class NotReadable(Exception):
    """The file cannot be taken in; the message is one sentence that says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be, and how large when unpacked."""

    file_bytes: int
    unpacked_bytes: int
    held_bytes: int = 64 << 20  # of forms that can only be read as a whole: XLS, XLSB, ODS, web pages, JSON arrays


Form = Literal["text", "json", "array", "html", "xml", "xlsx", "xlsb", "ods", "xls"]


@dataclass(frozen=True, slots=True)
class Content:
    """What was found: `encoding` is Python's name of it for text, the form's name for a workbook."""

    form: Form
    encoding: str
    size: int
    ends_in_newline: bool
    formula_text: bool = False  # somewhere in it stands ="…, by which programs keep Excel from changing a code


_SAVE_AS: Final = "请在 Excel 或 WPS 中另存为 .xlsx 或 CSV 后再导入"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS_IN_OLE: Final = (
    ("EncryptedPackage".encode("utf-16-le"), "文件加了打开密码，请去掉密码后再导入"),
    ("WordDocument".encode("utf-16-le"), "这是 Word 文档，不是数据表；请把表格复制到 Excel 中存为 .xlsx 再导入"),
    ("PowerPoint Document".encode("utf-16-le"), "这是演示文稿，不是数据表；请向提供单位要 .xlsx 或 CSV"),
)
_MAGIC: Final = (
    (b"\x09\x08", f"这是很旧的 Excel（.xls）文件，{_SAVE_AS}"),
    (b"%PDF", "这是 PDF 文件，不是数据表；请向提供单位要 .xlsx 或 CSV"),
    (b"\x89PNG", "这是图片，不是数据表；请向提供单位要 .xlsx 或 CSV"),
    (b"\xff\xd8\xff", "这是图片，不是数据表；请向提供单位要 .xlsx 或 CSV"),
    (b"GIF8", "这是图片，不是数据表；请向提供单位要 .xlsx 或 CSV"),
    (b"BM", "这是图片，不是数据表；请向提供单位要 .xlsx 或 CSV"),
    (b"II*\0", "这是图片，不是数据表；请向提供单位要 .xlsx 或 CSV"),
    (b"MM\0*", "这是图片，不是数据表；请向提供单位要 .xlsx 或 CSV"),
    (b"Rar!", "这是压缩包，请先解压，再导入里面的数据文件"),
    (b"7z\xbc\xaf\x27\x1c", "这是压缩包，请先解压，再导入里面的数据文件"),
    (b"\x1f\x8b", "这是压缩包，请先解压，再导入里面的数据文件"),
    (b"BZh", "这是压缩包，请先解压，再导入里面的数据文件"),
    (b"\xfd7zXZ", "这是压缩包，请先解压，再导入里面的数据文件"),
    (b"\x7fELF", "这是程序文件，不是数据表"),
    (b"{\\rtf", f"这是写字板文档，不是数据表；{_SAVE_AS}"),
)
_MARKUP: Final = re.compile(rb"\s*<(?:!doctype|!--|html|head|body|table|meta|style|script|div|\?xml)", re.IGNORECASE)
_XML: Final = re.compile(rb"\s*<\?xml")
_EXCEL_2003: Final = b"urn:schemas-microsoft-com:office:spreadsheet"
_JSON: Final = re.compile(rb"\s*(?:\{\s*[\"}]|(\[)\s*[\[{\]])")
_TAIL: Final = (1 << 16) + 22  # where a zip's directory is told of
_BINARY_PICTURE: Final = re.compile(rb"BM.{4}\0\0\0\0", re.DOTALL)
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def open_file(path: Path, limits: Limits) -> BinaryIO:
    """Open a regular file that is not empty and not too large.

    :raises NotReadable: it is none of that, or may not be read.
    """
    try:
        # A named pipe would block in open() itself, so its sort is asked first.
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise NotReadable(f"{path} 是文件夹，请指定其中的一个文件")
        if not stat.S_ISREG(found.st_mode):
            raise NotReadable(f"{path} 不是普通文件，请先存成文件再导入")
        file = path.open("rb")
    except FileNotFoundError:
        raise NotReadable(f"找不到文件 {path}，请核对路径") from None
    except PermissionError:
        raise NotReadable(f"没有读取 {path} 的权限，请让文件的所有者放开读取权限") from None
    except (OSError, ValueError) as error:
        raise NotReadable(f"打不开 {path}：{getattr(error, 'strerror', None) or '文件名不对'}") from None
    if not found.st_size:
        file.close()
        raise NotReadable("文件是空的，一个字节也没有；请向提供单位重新要一份")
    if found.st_size > limits.file_bytes:
        file.close()
        raise NotReadable(
            f"文件有 {megabytes(found.st_size)}，超过上限 {megabytes(limits.file_bytes)}；请拆成几个文件分别导入"
        )
    return file


def examine(file: BinaryIO, limits: Limits, encoding: str = "") -> Content:
    """Read a file once through: what it is, how it is encoded (unless the source says) and its size.

    :raises NotReadable: it is none of the forms that are read, too large for its form, or damaged text.
    """
    head = file.read(HEAD)
    _refuse_other_forms(head)
    file.seek(0)
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return _as_held(_size_only(file, _zip_form(file)), limits)
    if head.startswith(_OLE):
        return _as_held(_size_only(file, "xls"), limits)
    form = _text_form(head)
    first = next((name for bom, name in _BOMS if head.startswith(bom)), encoding or _without_mark(head) or "utf-8")
    return _as_held(_examine_text(file, form, first), limits)


def megabytes(size: int) -> str:
    """Return a size as people say it."""
    return f"{size / 1024**3:.1f} GB" if size >= 1024**3 else f"{max(1, size // 1024**2)} MB"


def _refuse_other_forms(head: bytes) -> None:
    for magic, sentence in _MAGIC:
        if head.startswith(magic) and (magic != b"BM" or _BINARY_PICTURE.match(head)):
            raise NotReadable(sentence)


def _text_form(head: bytes) -> Form:
    bare = head.removeprefix(codecs.BOM_UTF8)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        bare = head[: len(head) & ~1].decode("utf-16", "replace").encode()  # web pages of Windows come so
    if _XML.match(bare):
        if _EXCEL_2003 in bare:
            return "xml"
        if not re.search(rb"<(?:!doctype\s+)?html", bare, re.IGNORECASE):
            raise NotReadable(f"这是 XML 文件，不是数据表；{_SAVE_AS}")
    if _MARKUP.match(bare):
        return "html"
    found = _JSON.match(bare)
    return "text" if not found else "array" if found[1] else "json"


def _without_mark(head: bytes) -> str:
    """Return the sort of UTF-16 that text without a mark at its start is: half of each digit and comma is a NUL then.

    The other half of a few signs is one too (一 is U+4E00), so that the larger number tells.
    """
    even, odd = head[::2].count(0), head[1::2].count(0)
    for encoding, here, there in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if here > 2 and here > 2 * there and "\n" in head.decode(encoding, "ignore").replace("\r", "\n"):
            return encoding
    return ""


def _zip_form(file: BinaryIO) -> Form:
    """Return which workbook a zip is, by the names in it; what is none of them is refused when it is opened."""
    try:
        names = set(directory(file))
    except NotReadable:
        return "xlsx"
    finally:
        file.seek(0)
    if "xl/workbook.bin" in names:
        return "xlsb"
    return "ods" if "content.xml" in names else "xlsx"


def directory(file: BinaryIO) -> dict[str, zipfile.ZipInfo]:
    """Return the members of a zip by name.

    :raises NotReadable: damaged, or more of them than a workbook has.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    place = tail.rfind(b"PK\5\6")
    # What the archive says of its own list is looked at before the list is: a long one would claim all memory.
    if 0 <= place <= len(tail) - 22 and int.from_bytes(tail[place + 12 : place + 16], "little") > MAX_MEMBERS << 10:
        raise NotReadable("Excel 文件里的部分多得不正常；请在 Excel 中另存为新文件再导入")
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
        raise NotReadable(BROKEN) from error
    if len(members) > MAX_MEMBERS:
        raise NotReadable(f"Excel 文件里有 {len(members)} 个部分，不正常；请在 Excel 中另存为新文件再导入")
    return {member.filename: member for member in members}


def _as_held(content: Content, limits: Limits) -> Content:
    """Return it, unless its form must be held as a whole and it is too large for that."""
    if content.form in ("xls", "xlsb", "ods", "html", "xml", "array") and content.size > limits.held_bytes:
        advice = "请每行写一个对象（JSON Lines）" if content.form == "array" else "请在 Excel 或 WPS 中另存为 CSV"
        raise NotReadable(
            f"文件有 {megabytes(content.size)}，这种格式只读 {megabytes(limits.held_bytes)} 以内的；{advice}，或拆成几个文件"
        )
    return content


def _size_only(file: BinaryIO, form: Form) -> Content:
    size, tail = 0, b""
    while chunk := file.read(CHUNK):
        size += len(chunk)
        if form == "xls":
            for mark, sentence in _OTHERS_IN_OLE:
                if mark in tail + chunk:
                    raise NotReadable(sentence)
            tail = chunk[-64:]
    return Content(form, form, size, True)


def _examine_text(file: BinaryIO, form: Form, encoding: str) -> Content:
    size, last = 0, b""
    decoder = codecs.getincrementaldecoder(encoding)()
    good = 0  # characters beyond ASCII that the encoding has explained so far
    broken_at = None
    formula_text, wide = False, encoding.startswith("utf-16")
    while chunk := file.read(CHUNK):
        if not wide and b"\0" in chunk:
            raise NotReadable(
                f"第 {_row_at(file, size + chunk.index(0))} 行里有空字节（NUL），不是文本或已损坏；"
                "请用 Excel 或 WPS 另存为 .xlsx 后再导入"
            )
        if form in ("text", "json") and len(chunk) == CHUNK and b"\n" not in chunk and b"\r" not in chunk:
            raise NotReadable("文件中有一行超过 1 MB，不是数据表或已损坏；请向提供单位重新要一份")
        # One letter is looked for ten times faster than two.
        if not formula_text and b"=" in chunk:
            formula_text = b'="' in (chunk.replace(b"\0", b"") if wide else chunk)
        if broken_at is None:
            try:
                text = decoder.decode(chunk)
                good += 0 if good >= ENOUGH or text.isascii() else _beyond_ascii(text)
            except UnicodeDecodeError as error:
                good += _beyond_ascii(error.object[: error.start].decode(encoding, "ignore"))
                broken_at = max(0, size + error.start)
        size += len(chunk)
        last = chunk
    if broken_at is None:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            if good >= ENOUGH or encoding != "utf-8":
                raise NotReadable("文件在一个字的中间断了，没有传完；请重新传一份") from None
            broken_at = size
    if broken_at is not None:
        if encoding != "utf-8" or good >= ENOUGH:
            raise NotReadable(f"第 {_row_at(file, broken_at)} 行的编码坏了，多半没有传完整；请重新传一份")
        encoding = "gb18030"
        _try_gb18030(file)
    if not size:
        raise NotReadable("文件是空的，一个字节也没有；请向提供单位重新要一份")
    ends = last.endswith((b"\n", b"\r", b"\n\0", b"\r\0"))
    return Content(form, encoding, size, ends, formula_text)


def _row_at(file: BinaryIO, offset: int) -> int:
    """Return which line a byte stands in."""
    file.seek(0)
    lines, left = 1, offset
    while left > 0 and (chunk := file.read(min(CHUNK, left))):
        lines += chunk.count(b"\n") or chunk.count(b"\r")
        left -= len(chunk)
    return lines


def _beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _try_gb18030(file: BinaryIO) -> None:
    """Decode the whole file again: a byte that is wrong in both encodings is found before anything is written."""
    file.seek(0)
    decoder, size, sample = codecs.getincrementaldecoder("gb18030")(), 0, b""
    try:
        while chunk := file.read(CHUNK):
            # The part that is not ASCII, with whole lines, for what the bytes look like.
            if len(sample) < HEAD * 16 and not chunk.isascii():
                sample += b"".join(line for line in chunk.splitlines(keepends=True) if not line.isascii())[: HEAD * 16]
            decoder.decode(chunk)
            size += len(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        if "incomplete" in error.reason:
            raise NotReadable("文件在一个字的中间断了，没有传完；请重新传一份") from None
        other = _looks_like(sample)
        raise NotReadable(
            f"文件是 {other} 编码，系统只读 UTF-8 和 GB18030；请用 Excel 或 WPS 另存为 .xlsx 后再导入"
            if other
            else f"第 {_row_at(file, max(0, size + error.start))} 行既不是 UTF-8 也不是 GB18030；"
            "请用 Excel 或 WPS 另存为 .xlsx 后再导入"
        ) from None
    if other := _looks_like(sample):
        raise NotReadable(f"文件是 {other} 编码，系统只读 UTF-8 和 GB18030；请用 Excel 或 WPS 另存为 .xlsx 后再导入")


def _looks_like(sample: bytes) -> str:
    """Return Big5 or Shift-JIS where bytes that GB18030 would read as rare characters are common ones there.

    Simplified text hardly leaves GB 2312, and traditional text in GBK has lead bytes that Big5 does not know.
    """
    sample = sample[: sample.rfind(b"\n") + 1] or sample
    read = [character for character in sample.decode("gb18030", "replace") if character > "\x7f"]
    rare = sum(not character.encode("gb2312", "ignore") for character in read)
    if not read or rare * 5 < len(read):
        return ""
    for name, codec, common, share in (
        ("Shift-JIS", "shift_jis", _is_kana, 0.1),
        ("Big5", "big5", _is_common_in_big5, 0.8),
    ):
        try:
            there = sample.decode(codec)
        except UnicodeDecodeError:
            continue
        beyond = [character for character in there if character > "\x7f"]
        if beyond and sum(map(common, beyond)) >= share * len(beyond):
            return name
    return ""


def _is_kana(character: str) -> bool:
    return "\u3041" <= character <= "\u30fe"


def _is_common_in_big5(character: str) -> bool:
    return b"\xa1" <= character.encode("big5")[:1] <= b"\xc6"
