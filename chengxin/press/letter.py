"""授权委托书: the letter by which a business lets somebody act for it, its name filled in, the rest for pen and seal."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import Final, cast

import typst

from chengxin.press.paper import breakable, is_bold, legible
from chengxin.press.typeset import STANDARD, TEMPLATES, typefaces

_ONE_AT_A_TIME: Final = Lock()


def pdf(*, name: str, code: str, office: str, at: datetime) -> bytes:
    """Return the letter as a PDF of one page; `code` as people read it, `office` to whom it is handed in.

    :raises NotPrintable: a name has a character without a shape in the typefaces of the press.
    """
    written = legible(name, what="名称")
    said = {
        "name": breakable(written),
        "bold": is_bold(written),
        "code": code,
        "office": breakable(legible(office, what="单位名称")),
    }
    with _ONE_AT_A_TIME:
        made = _compiler().compile(
            format="pdf",
            sys_inputs={"letter": json.dumps(said, ensure_ascii=False)},
            timestamp=int(at.timestamp()),
            pdf_standards=[STANDARD],
            pdf_tags=False,
        )
    return cast(bytes, made)


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    return typst.Compiler(TEMPLATES / "letter.typ", root=TEMPLATES, font_paths=typefaces(), ignore_system_fonts=True)
