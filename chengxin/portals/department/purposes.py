"""For what somebody looks at files: asked once for a subject, remembered for an hour, in the session alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.http import HttpRequest

REMEMBERED: Final = timedelta(hours=1)
AT_MOST: Final = 200
"""Subjects whose purpose is remembered; of more the oldest are asked again."""
_KEY: Final = "purposes"


def remember(request: HttpRequest, subjects: Iterable[str], purpose: str, *, at: datetime) -> None:
    """Remember for what somebody looks at the files of these subjects."""
    kept: dict[str, list[object]] = request.session.get(_KEY, {})
    until = (at + REMEMBERED).timestamp()
    for subject in subjects:
        kept.pop(subject, None)
        kept[subject] = [purpose, until]
    request.session[_KEY] = dict(list(kept.items())[-AT_MOST:])


def recall(request: HttpRequest, subject: str, *, at: datetime) -> str:
    """Return for what somebody looks at the file of a subject; empty: it has to be asked."""
    purpose, until = request.session.get(_KEY, {}).get(subject, ("", 0.0))
    return purpose if at.timestamp() < until else ""
