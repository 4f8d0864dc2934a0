"""E09: a file calls a subject otherwise than the register does or ever did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db import connection

from chengxin.credit.records.checks import message
from chengxin.credit.subjects.rules import fold

NAMELESS: Final = "个体工商户"
"""What the official form asks for where an individual business has no name of its own."""


def differing() -> Iterator[tuple[int, str]]:
    """Yield row and message for each staged fact whose subject is known, and has never been registered by that name."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            """SELECT f.row, f.called,
                 (SELECT array_agg(r.name ORDER BY r.id DESC) FROM subjects_registration r WHERE r.subject = f.subject)
               FROM pg_temp.facts f
               WHERE f.called IS NOT NULL
                 AND NOT EXISTS (SELECT FROM pg_temp.found u WHERE u.row = f.row AND u.level = 'error')
                 AND NOT EXISTS (SELECT FROM subjects_registration r WHERE r.subject = f.subject AND r.name = f.called)
               ORDER BY f.row"""
        )
        while rows := cursor.fetchmany(1000):
            for row, said, known in rows:
                if known and said and said != NAMELESS and fold(said) not in map(fold, known):
                    yield row, message("E09", "name", name=known[0])
