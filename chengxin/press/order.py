"""印制单: one page for whoever prints: what, how large, on what, in which ink, how many, and how to try it before."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import Lock
from typing import Final, cast

import typst

from chengxin.press.carriers import REACHES, Carrier
from chengxin.press.paper import Issuer, breakable, legible
from chengxin.press.typeset import STANDARD, TEMPLATES, typefaces

_ONE_AT_A_TIME: Final = Lock()


@dataclass(frozen=True, slots=True)
class Order:
    """What is ordered: the number of the job, how many codes, the lowest and highest serial, one file or many."""

    number: str
    count: int
    first: str
    last: str
    is_one_file: bool


TRY: Final = "打开的页面要写“此码真实有效”，名称和编号与所印一致。扫不出或不一致，不要批量印，请联系委托单位"


def lines(carrier: Carrier, order: Order) -> list[tuple[str, str]]:
    """Return what an order says, label and words, from top to bottom."""
    shared = order.count > 1 and carrier.many > 1 and order.is_one_file
    side = carrier.spots[0].side
    reach = REACHES[carrier.reach]
    pixels = carrier.pixels
    return [
        ("载体", carrier.label),
        (
            "成品尺寸",
            f"{pixels[0]} × {pixels[1]} 像素"
            if pixels
            else f"{_length(carrier.width)} × {_length(carrier.height)} 毫米",
        ),
        ("数量", f"{order.count:,} 个，每个内容不同，不能互相替代"),
        ("编号", order.first if order.first == order.last else f"{order.first} 至 {order.last}"),
        ("文件", "一个 PDF" if order.is_one_file else "一个码一个 PDF，文件名以序号开头，附名单"),
        (
            "出血和裁切",
            (f"四边各出血 {_length(carrier.bleed)} 毫米，带裁切线" if carrier.bleed else "没有出血，按成品尺寸输出")
            + (f"；{carrier.many} 个拼一页 A4" if shared else ""),
        ),
        *(
            [("折线", f"离上边 {'、'.join(_length(fold) for fold in carrier.folds)} 毫米，版外有虚线标记")]
            if carrier.folds
            else []
        ),
        ("颜色", "单色黑" if carrier.mono else "四色；二维码只用黑版（K100），不要转成四色黑"),
        ("材料建议", carrier.material or "按用途自选，表面不反光"),
        *([("注意", carrier.hint)] if carrier.hint else []),
        ("二维码", f"连同四周空白边长 {_length(side)} 毫米；空白里不能有字、花纹、切口、打孔"),
        ("比例", "按实际大小（100%）输出，不要选“适合纸张”，不要拉伸"),
        (
            "试扫",
            f"先印一个：量二维码边长；在亮处和暗处，隔约 {reach.distance} 厘米，用两部不同的手机各扫一次。" + TRY,
        ),
    ]


def _length(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def pdf(carrier: Carrier, order: Order, *, issuer: Issuer, at: datetime) -> bytes:
    """Return an order as a PDF of one page A4."""
    said = {
        "number": order.number,
        "lines": [[label, breakable(legible(words, what=label))] for label, words in lines(carrier, order)],
        "office": breakable(legible(issuer.office, what="签发单位名称")),
        "host": issuer.host,
        "printed_on": issuer.printed_on,
        "phones": [[label, number] for label, number in issuer.phones],
    }
    with _ONE_AT_A_TIME:  # a compiler that is asked by two threads at once refuses the second
        return cast(
            bytes,
            _compiler().compile(
                format="pdf",
                sys_inputs={"order": json.dumps(said, ensure_ascii=False)},
                timestamp=int(at.timestamp()),
                pdf_standards=[STANDARD],
                pdf_tags=False,
            ),
        )


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(TEMPLATES / "order.typ", root=TEMPLATES, font_paths=typefaces(), ignore_system_fonts=True)
