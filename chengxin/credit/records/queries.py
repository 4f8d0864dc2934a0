"""Questions about records."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection


class Standing(NamedTuple):
    """A record in its newest revision."""

    subject: str
    kind: str
    happened_on: date
    body: Mapping[str, str]
    source: str
    source_code: str
    received_at: datetime


def standing(subjects: Sequence[str]) -> list[Standing]:
    """Return the records of these subjects, each in its newest revision, newest document first within a subject."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT subject, kind, happened_on, body::text, source, source_code, received_at FROM (
                 SELECT DISTINCT ON (subject, kind, key) * FROM records_record WHERE subject = ANY(%s)
                 ORDER BY subject, kind, key, revision DESC) newest
               ORDER BY subject, happened_on DESC, id DESC""",
            [list(subjects)],
        )
        return [Standing(*row[:3], json.loads(row[3]), *row[4:]) for row in cursor.fetchall()]
