"""Questions about records."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import connection

from chengxin.credit.records.standing import Standing


def standing(subjects: Sequence[str]) -> list[Standing]:
    """Return the records of these subjects, each in its newest revision, newest document first within a subject."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT subject, kind, happened_on, body::text, source, source_code, received_at FROM (
                 SELECT DISTINCT ON (subject, kind, key) * FROM records_record WHERE subject = ANY(%s)
                 ORDER BY subject, kind, key, revision DESC) newest
               WHERE NOT gone
               ORDER BY subject, happened_on DESC, id DESC""",
            [list(subjects)],
        )
        return [Standing._make((*row[:3], json.loads(row[3]), *row[4:])) for row in cursor.fetchall()]
