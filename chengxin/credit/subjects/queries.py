"""Questions about subjects."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection


class Registered(NamedTuple):
    """What the register last said of a subject."""

    subject: str
    name: str
    state: str
    kind: str
    division: str
    industry: str
    established_on: date | None
    body: Mapping[str, str]
    source: str
    source_code: str
    received_at: datetime


def registrations(subjects: Sequence[str]) -> list[Registered]:
    """Return the newest registration of each of these subjects."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT ON (subject) subject, name, state, kind, division, industry, established_on, body::text,
                 source, source_code, received_at
               FROM subjects_registration WHERE subject = ANY(%s) ORDER BY subject, id DESC""",
            [list(subjects)],
        )
        return [Registered(*row[:7], json.loads(row[7]), *row[8:]) for row in cursor.fetchall()]
