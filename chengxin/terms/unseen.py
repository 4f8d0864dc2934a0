"""看不见的字符: what nobody sees in a text, and what turns the direction of what stands beside it. Pure.

Between the letters of a name, or the digits of a number, they would hide it from us and from nobody else.

>>> among("张\\u200b三"), among("张三 A-1"), among("两\\n行"), among("两\\n行", lines=True)
(True, False, True, False)
"""

from __future__ import annotations

import unicodedata
from typing import Final

_CATEGORIES: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def among(text: str, *, lines: bool = False) -> bool:
    """Tell whether a text has such characters; `lines`: line breaks are none."""
    return any(unicodedata.category(one) in _CATEGORIES and not (lines and one == "\n") for one in text)
