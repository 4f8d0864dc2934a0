"""Questions about subjects."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import connection

from chengxin.credit.subjects.rules import Registered


def registrations(subjects: Sequence[str]) -> list[Registered]:
    """Return the newest registration of each of these subjects."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT subject, name, state, kind, division, industry, established_on, body::text, source, source_code,
                 received_at
               FROM (SELECT DISTINCT ON (subject) * FROM subjects_registration WHERE subject = ANY(%s)
                     ORDER BY subject, id DESC) newest
               WHERE NOT gone""",
            [list(subjects)],
        )
        return [Registered._make((*row[:7], json.loads(row[7]), *row[8:])) for row in cursor.fetchall()]
