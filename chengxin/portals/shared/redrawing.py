"""The pages of a paper or a photo that somebody hands in, drawn anew in a process of its own.

What is wrong with an upload cannot take us along: the process has its own limits of memory, time and output, no
environment, and hands back pictures alone. Run with `-m`, this module is that process; it loads little.
"""

from __future__ import annotations

import resource
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any, Final

from chengxin.inbox.photo import Unusable, packed, redraw

PAGES: Final = 20
SIDE: Final = 2000
"""Pixels of a page's longer side: the small print of a licence photographed as a whole can be read."""
PAGE_BYTES: Final = 900_000
DOTS: Final = 300 / 72
"""A page of a PDF is drawn at 300 dots an inch at most, however small it is."""
CPU_SECONDS: Final = 40
WALL_SECONDS: Final = 60
MEMORY: Final = 1_500_000_000
"""Address space: a picture of thirty million pixels is unpacked whole, thrice over for a moment."""
OBJECTS: Final = 200_000
"""Parts of a PDF that are looked through for active content; one of twenty pages has some thousands."""

ACTIVE_KEYS: Final = frozenset({"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/RichMediaContent", "/XFA"})
ACTIVE_ACTS: Final = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/Movie", "/Sound"}
    | {"/RichMediaExecute"}
)
"""Keys and acts (ISO 32000-2, 12.6.4) by which a PDF does more than lie there."""

_LENGTH: Final = struct.Struct(">I")
_OTHER, _HEIC, _OFD, _LARGE, _BROKEN, _LOCKED, _LONG, _ACTIVE = range(10, 18)
SENTENCES: Final = {
    _OTHER: "这个文件不是照片（JPG、PNG、WebP）也不是 PDF；请拍照上传，或另存为 PDF 后再传。",
    _HEIC: "这是 HEIC 格式的照片，系统读不了；请在手机“设置—相机—格式”里选“兼容性最佳”后重拍，或上传它的截屏。",
    _OFD: "这是 OFD 或压缩文件，系统读不了；请在阅读软件里另存为 PDF，或上传截屏。",
    _LARGE: "这张图片的像素太多；请缩小后再传，或重新拍一张。",
    _BROKEN: "文件已损坏，打不开；请重新拍照，或重新导出后再传。",
    _LOCKED: "这份 PDF 设了打开密码；请去掉密码，或打印后拍照上传。",
    _LONG: f"这份 PDF 超过 {PAGES} 页；请只留下要用的几页再传。",
    _ACTIVE: "这份 PDF 里带有脚本、附件或会自动运行的动作；请用“打印为 PDF”另存一份，或打印后拍照上传。",
}
TOO_MUCH: Final = "这个文件太复杂，系统在限定的时间里没能读完；请打印后拍照上传，或上传截屏。"


class Undrawable(Exception):
    """What was handed in cannot be drawn; the message is one sentence for whoever handed it in."""


def pages(file: IO[Any]) -> list[bytes]:
    """Return what was handed in, page by page, each drawn anew as a JPEG.

    :raises Undrawable: it is neither picture nor PDF, is broken, locked, active or too large.
    """
    file.seek(0)
    with tempfile.TemporaryFile() as drawn:
        try:
            code = subprocess.run(
                [sys.executable, "-m", __name__],
                stdin=file,
                stdout=drawn,
                stderr=subprocess.DEVNULL,
                env={},
                cwd=Path(__file__).parents[3],
                timeout=WALL_SECONDS,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            code = -1
        if code:
            raise Undrawable(SENTENCES.get(code) or TOO_MUCH)
        drawn.seek(0)
        found = []
        while head := drawn.read(_LENGTH.size):
            found.append(drawn.read(_LENGTH.unpack(head)[0]))
    return found


# ---- The process of its own --------------------------------------------------------------------------------------


def _main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (PAGES * PAGE_BYTES * 2,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source = sys.stdin.buffer
    source.seek(0)
    upload = source.read()
    try:
        if upload.startswith(b"%PDF-"):
            return _paper(upload)
        _out(redraw(upload, side=SIDE, most=PAGE_BYTES))
    except Unusable as fault:
        if fault.why != "no picture":
            return _LARGE if fault.why == "too many pixels" else _BROKEN
        return _foreign(upload)
    return 0


def _foreign(upload: bytes) -> int:
    """Return which sentence helps whoever handed in what is no picture that we read."""
    if upload[4:8] == b"ftyp" and upload[8:12] in (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim"):
        return _HEIC
    return _OFD if upload.startswith(b"PK\x03\x04") else _OTHER


def _out(page: bytes) -> None:
    sys.stdout.buffer.write(_LENGTH.pack(len(page)))
    sys.stdout.buffer.write(page)


def _paper(upload: bytes) -> int:
    import io

    import pikepdf
    import pypdfium2

    try:
        with pikepdf.open(io.BytesIO(upload), suppress_warnings=True) as paper:
            if len(paper.pages) > PAGES:
                return _LONG
            if _is_active(paper, pikepdf.Dictionary, pikepdf.Array, pikepdf.Stream):
                return _ACTIVE
    except pikepdf.PasswordError:
        return _LOCKED
    # qpdf tells what it cannot read by these; the file is to blame.
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, LookupError):
        return _BROKEN
    try:
        drawn = pypdfium2.PdfDocument(upload)
        drawn.init_forms()  # what was filled into a form is drawn too; this build runs no scripts
        if not len(drawn):
            return _BROKEN
        for page in drawn:
            longer = max(page.get_size())
            if longer <= 0:
                return _BROKEN
            picture = page.render(scale=min(DOTS, SIDE / longer)).to_pil()
            _out(packed(picture.convert("RGB"), side=SIDE, most=PAGE_BYTES))
            page.close()
    except (pypdfium2.PdfiumError, ValueError, OSError):
        return _BROKEN
    return 0


def _is_active(paper: Any, dictionary: Any, array: Any, stream: Any) -> bool:
    """Tell whether a PDF carries scripts, other files, or acts that reach beyond it."""
    looked = 0
    for whole in paper.objects:
        within = [whole]
        while within:
            one = within.pop()
            looked += 1
            if looked > OBJECTS:
                return True  # nobody's licence; what cannot be looked through is not let through
            if isinstance(one, stream):
                one = one.stream_dict
            if isinstance(one, dictionary):
                for key, value in one.items():
                    if key in ACTIVE_KEYS or (key == "/S" and str(value) in ACTIVE_ACTS):
                        return True
                    if isinstance(value, (dictionary, array)) and not value.is_indirect:
                        within.append(value)
            elif isinstance(one, array):
                within += [each for each in one if isinstance(each, (dictionary, array)) and not each.is_indirect]
    return False


if __name__ == "__main__":
    sys.exit(_main())
