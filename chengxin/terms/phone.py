"""手机号码: telephone numbers that an SMS reaches, in the one form E.164, and as others may see them.

Pure: no database, no clock.

>>> normalise("139 0000 0000"), normalise("+7 914 123-45-67"), normalise("021-12345678")
('+8613900000000', '+79141234567', None)
>>> mask("+8613900000000"), mask("+79141234567")
('139****0000', '+7 914****567')
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

HOME: Final = "86"
"""The country that a number without one is of."""

MOBILE: Final = {
    "86": re.compile(r"1[3-9]\d{9}"),
    "7": re.compile(r"9\d{9}"),  # 边境贸易: a trader from across the river
    "852": re.compile(r"[4-9]\d{7}"),
    "853": re.compile(r"6\d{7}"),
    "886": re.compile(r"9\d{8}"),
}
"""Country calling code → a mobile number there. Numbers of other countries cost a multiple of an SMS, and whoever asks for
them in bulk earns by it, so that a country comes in by a line of its own."""

_BETWEEN: Final = re.compile(r"[\s\-().·]")


def normalise(text: str) -> str | None:
    """Return a mobile number in the form E.164 (`+8613900000000`), or None if no SMS of ours reaches it."""
    said = _BETWEEN.sub("", unicodedata.normalize("NFKC", text[:40]))
    if said.startswith("00"):
        said = f"+{said[2:]}"
    if said.startswith("+"):
        digits = said[1:]
    else:
        digits = said if said.startswith(HOME) and MOBILE[HOME].fullmatch(said[2:]) else HOME + said
    if not digits.isascii():
        return None
    return next(
        (
            f"+{digits}"
            for code, form in MOBILE.items()
            if digits.startswith(code) and form.fullmatch(digits[len(code) :])
        ),
        None,
    )


def mask(number: str) -> str:
    """Return a number in the form E.164 as its owner recognises it and nobody else learns it."""
    code = next((code for code in MOBILE if number.startswith(f"+{code}")), "")
    local = number[len(code) + 1 :] if code else number.lstrip("+")
    end = local[-4:] if len(local) > 10 else local[-3:]
    shown = f"{local[:3]}****{end}"
    return f"+{code} {shown}" if code not in ("", HOME) else shown
