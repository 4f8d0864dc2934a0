"""What the doors log of a stranger's nonsense."""

from __future__ import annotations

import io
import logging
from typing import Any

import pytest

from chengxin.config import brief


def logged(**record: Any) -> str:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(brief.Brief(brief.LINE, style="{"))
    try:
        raise ValueError("bad host")
    except ValueError as error:
        fields = {"name": "django.security.DisallowedHost", "levelname": "ERROR", "levelno": logging.ERROR} | record
        handler.emit(logging.makeLogRecord(fields | {"exc_info": (type(error), error, error.__traceback__)}))
    return out.getvalue()


@pytest.mark.parametrize("message", ["Invalid HTTP_HOST header", "x" * 60_000], ids=["ordinary", "very long"])
def test_an_odd_request_costs_one_short_line(message: str) -> None:
    said = logged(msg=message)

    assert said.count("\n") == 1
    assert "Traceback" not in said
    assert len(said) < 600


def test_what_django_finds_suspicious_is_logged_that_way() -> None:
    logger = brief.LOGGING["loggers"]["django.security"]

    assert (logger["handlers"], logger["propagate"]) == (["brief"], False)
    assert brief.LOGGING["formatters"][brief.LOGGING["handlers"]["brief"]["formatter"]]["()"] is brief.Brief
