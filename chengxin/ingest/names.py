"""E09: a file calls a subject otherwise than the register does or ever did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db import connection

from chengxin.credit.records.checks import message
from chengxin.credit.subjects.rules import fold

NAMELESS: Final = "个体工商户"
"""What the official form asks for where an individual business has no name of its own."""


def differing(column: str) -> Iterator[tuple[int, str]]:
    """Yield row and message for each staged fact whose subject is known, and has never been registered by that name.

    The staging table holds bodies as text, so that the name is looked for as it stands there: that is ten times faster
    than reading the body of each row, and what it cannot decide is decided here.
    """
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            """SELECT f.row, f.body::jsonb ->> %(column)s,
                 (SELECT array_agg(r.name ORDER BY r.id DESC) FROM subjects_registration r WHERE r.subject = f.subject)
               FROM pg_temp.facts f
               WHERE NOT EXISTS (SELECT FROM pg_temp.found u WHERE u.row = f.row AND u.level = 'error')
               AND NOT EXISTS (SELECT FROM subjects_registration r WHERE r.subject = f.subject
                 AND strpos(f.body, %(before)s || r.name || '"') > 0)
               ORDER BY f.row""",
            {"column": column, "before": f'"{column}":"'},
        )
        while rows := cursor.fetchmany(1000):
            for row, said, known in rows:
                if known and said and said != NAMELESS and fold(said) not in map(fold, known):
                    yield row, message("E09", "name", name=known[0])
