"""消息: words of the office to a business, read on its own pages. Only ever added to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection

from chengxin.credit.subjects.models import Message

TITLE_LENGTH: Final = 80
TEXT_LENGTH: Final = 1000
UNREAD_AT_MOST: Final = 99
"""So many unread messages are counted; past it a number tells nobody anything more."""


def tell(*, subjects: Sequence[str], about: str, title: str, text: str, by: str, at: datetime, page: str = "") -> None:
    """Tell these businesses something, in the caller's transaction.

    `about` is what kind of thing it is of (application, code, commitment, showing, binding …), `by` the unit that says it,
    `page` the name of the businesses' page where something can be done about it. No person's name or number in it. What is longer than
    a message may be is cut: the page it leads to has it all.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO subjects_message (subject, about, title, text, page, by, at)
               SELECT unnest(%s::varchar[]), %s, %s, %s, %s, %s, %s""",
            [sorted(set(subjects)), about, _cut(title, TITLE_LENGTH), _cut(text, TEXT_LENGTH), page, by, at],
        )


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def newest(subject: str, *, before: int | None = None, limit: int) -> list[Message]:
    """Return what a business was told, newest first; with `before` (a message's id) what was told earlier than that."""
    rows = Message.objects.filter(subject=subject)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return list(rows.order_by("-id")[:limit])


def unread(subject: str, *, since: datetime) -> int:
    """Return how many messages came after a moment, at most `UNREAD_AT_MOST`."""
    # From the newest on, and no further than is counted: a business of ten years has thousands.
    newest_first = Message.objects.filter(subject=subject).order_by("-id").values_list("at", flat=True)
    return sum(told_at > since for told_at in newest_first[:UNREAD_AT_MOST])
