"""What stands in a cell of a spreadsheet as the text the official tables ask for. Pure, and quick to import."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

EXACT: Final = 10**15
"""Excel keeps fifteen digits: a longer number has lost some, so it is shown as Excel shows it and no check takes it."""


def text_of(value: object) -> str:
    """Return a cell as text: dates as 2024-05-06, numbers without a trailing .0 and never as a rounded float.

    >>> text_of(3.0), text_of(0.1 + 0.2), text_of(9.1230402e17), text_of(datetime(2024, 5, 6))
    ('3', '0.3', '9.1230402E+17', '2024-05-06')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("\0", "")  # no text of PostgreSQL holds one
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def _number(value: float) -> str:
    if abs(value) >= EXACT:
        return _as_excel_shows(value)
    if value == int(value):
        return str(int(value))
    short = format(value, ".15g")
    return short if "e" not in short else format(value, ".15f").rstrip("0")


def _as_excel_shows(value: float) -> str:
    mantissa, exponent = format(value, ".14E").split("E")
    return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"
