"""Prints for tests: real tokens, made-up businesses, and names that nobody should be able to hurt the press with."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

import pikepdf
import pypdfium2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image

from chengxin.board import token
from chengxin.press import job
from chengxin.press.carriers import CARRIERS
from chengxin.press.paper import Issuer, Print

AT = datetime(2026, 11, 25, 6, 30, 15, 123456, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
USCC = "92230402MA1CTE575M"
ISSUER = Issuer(
    office="某市社会信用体系建设办公室",
    host="xyma.example.gov.cn",
    printed_on="2026年11月25日",
    phones=(("便民热线", "12345"), ("消费投诉", "12315"), ("签发单位", "0468-3350000")),
)

HOSTILE = {
    "a call": '#panic("x") #sys.inputs #import "sheet.typ"',
    "markup": "*粗* _斜_ `码` = 标题 $ x^2 $ @引 <标> // 注",
    "backslashes": "\\n \\u{8bda} \\ \\\\",
    "brackets and quotes": "甲]乙)丙}\"丁'戊[#",
    "200 characters": "某市某区有限责任" * 25,
    "200 letters without a blank": "Ж" * 200,
    "Cyrillic": "Общество «Северный ветер» 北风贸易有限公司",
    "rare characters": "㐂䶮镕记小吃部",
    "JSON": '{"name": "甲", "symbol": null}',
    "an SVG": "<svg onload=alert(1)></svg>",
}


def sealed(serial: int = 1, *, placement: int = 1) -> str:
    """Return the address of a full code, as a phone reads it."""
    claims = token.Seal(1, "subject", USCC, serial, date(2026, 11, 1), placement)
    return f"HTTPS://XYMA.EXAMPLE.GOV.CN/C/{token.seal(claims, KEY)}"


SHORT = "HTTPS://XYMA.EXAMPLE.GOV.CN/C/S00010V5PQ8MZ2R7YKWD"


def content(carrier: str, serial: int = 1) -> str:
    """Return what a phone reads on a carrier: a full code, or the short one that a small carrier takes."""
    return sealed(serial) if CARRIERS[carrier].profile == "full" else SHORT


def one(
    name: str = "松岭里饺子馆", *, serial: int = 1, place: str = "店门口", content: str = "", label: str = ""
) -> Print:
    """Return a print."""
    return Print(content or sealed(serial), name, "92 230402 MA1CTE575 M", token.grouped(serial), place, label)


def bound(carrier: str, prints: Iterable[Print], *, issuer: Issuer = ISSUER) -> tuple[bytes, list[tuple[str, str]]]:
    """Return the PDF of a job, and what was refused."""
    file, refused = io.BytesIO(), []
    job.bind(
        file,
        CARRIERS[carrier],
        prints,
        issuer=issuer,
        at=AT,
        refused=lambda piece, reason: refused.append((piece.name, reason)),
    )
    return file.getvalue(), refused


def texts(pdf: bytes) -> list[str]:
    """Return what each page says, found by an engine that is not ours, without the ends of its lines."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_range().replace("\r\n", "") for page in document]


def pictures(pdf: bytes, *, dpi: int = 150) -> list[Image.Image]:
    """Return the pages as a printer would print them."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=dpi / 72).to_pil().convert("L") for page in document]


def opened(pdf: bytes) -> pikepdf.Pdf:
    """Return the PDF, read strictly."""
    document = pikepdf.open(io.BytesIO(pdf))
    assert document.check_pdf_syntax() == []
    assert document.get_warnings() == []
    return document


def boxes(page: pikepdf.Page) -> dict[str, Sequence[float]]:
    """Return the boxes of a page in millimetres."""
    return {
        name: [round(float(value) / 72 * 25.4, 1) for value in page.obj[f"/{name}"]]
        for name in ("MediaBox", "BleedBox", "TrimBox")
    }


def fitting(carrier: str, name: str = "松岭里饺子馆", *, serial: int = 1) -> Print:
    """Return a print with a code that fits a carrier, hanging in a taxi."""
    return one(name, serial=serial, place="车内（黑H·12345）", label="黑H·12345", content=content(carrier, serial))
