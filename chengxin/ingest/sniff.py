"""What a file is: told by its content, never by its name."""

from __future__ import annotations

import codecs
import hashlib
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

CHUNK: Final = 1 << 20
HEAD: Final = 4096
ENOUGH: Final = 64
"""So many characters that read well as UTF-8 are no accident of GBK bytes: what follows is damage, not another encoding."""


class NotReadable(Exception):
    """The file cannot be taken in; the message is one sentence that says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be, and how large when unpacked."""

    file_bytes: int
    unpacked_bytes: int


@dataclass(frozen=True, slots=True)
class Content:
    """What was found: `encoding` is Python's name of it for text, `xlsx` for a workbook."""

    encoding: str
    sha256: str
    size: int
    ends_in_newline: bool


XLSX: Final = "xlsx"

_SAVE_AS: Final = "请在 Excel 或 WPS 中另存为 .xlsx 或 CSV 后再导入"
_MAGIC: Final = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", f"这是旧版 Excel（.xls）或加了打开密码的文件，{_SAVE_AS}，不要设密码"),
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
_MARKUP: Final = re.compile(rb"\s*<(?:!doctype|html|head|body|table|meta|\?xml|script)", re.IGNORECASE)
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


def examine(file: BinaryIO, encoding: str = "") -> Content:
    """Read a file once through: what it is, how it is encoded (unless the source says), its size and SHA-256.

    :raises NotReadable: it is something else than CSV or a zip archive, or damaged text.
    """
    head = file.read(HEAD)
    _refuse_other_forms(head)
    file.seek(0)
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return _digest_only(file)
    return _examine_text(file, next((name for bom, name in _BOMS if head.startswith(bom)), encoding or "utf-8"))


def megabytes(size: int) -> str:
    """Return a size as people say it."""
    return f"{size / 1024**3:.1f} GB" if size >= 1024**3 else f"{max(1, size // 1024**2)} MB"


def _refuse_other_forms(head: bytes) -> None:
    for magic, sentence in _MAGIC:
        if head.startswith(magic) and (magic != b"BM" or _BINARY_PICTURE.match(head)):
            raise NotReadable(sentence)
    if _MARKUP.match(head.removeprefix(codecs.BOM_UTF8)):
        raise NotReadable(
            f"这是网页或 XML（有的系统把它的名字叫作 .xls），不是数据表；请打开后{_SAVE_AS.removeprefix('请')}"
        )


def _digest_only(file: BinaryIO) -> Content:
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return Content(XLSX, digest.hexdigest(), size, True)


def _examine_text(file: BinaryIO, encoding: str) -> Content:
    digest, size, last = hashlib.sha256(), 0, b""
    decoder = codecs.getincrementaldecoder(encoding)()
    good = 0  # characters beyond ASCII that the encoding has explained so far
    broken_at = None
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        if encoding != "utf-16" and b"\0" in chunk:
            raise NotReadable("文件里有空字节（NUL），不是文本或已损坏；请用 Excel 或 WPS 另存为 .xlsx 后再导入")
        if len(chunk) == CHUNK and b"\n" not in chunk and b"\r" not in chunk:
            raise NotReadable("文件中有一行超过 1 MB，不是数据表或已损坏；请向提供单位重新要一份")
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
            raise NotReadable(f"文件第 {broken_at} 字节处的编码坏了，多半没有传完整；请重新传一份")
        encoding = "gb18030"
        _try_gb18030(file)
    if not size:
        raise NotReadable("文件是空的，一个字节也没有；请向提供单位重新要一份")
    return Content(encoding, digest.hexdigest(), size, last.endswith((b"\n", b"\r", b"\n\0", b"\r\0")))


def _beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _try_gb18030(file: BinaryIO) -> None:
    """Decode the whole file again: a byte that is wrong in both encodings is found before anything is written."""
    file.seek(0)
    decoder, size = codecs.getincrementaldecoder("gb18030")(), 0
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
            size += len(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        if "incomplete" in error.reason:
            raise NotReadable("文件在一个字的中间断了，没有传完；请重新传一份") from None
        raise NotReadable(
            f"文件第 {size + error.start} 字节附近既不是 UTF-8 也不是 GB18030；请用 Excel 或 WPS 另存为 .xlsx 后再导入"
        ) from None
