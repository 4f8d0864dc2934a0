"""Questions about subjects."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import connection

from chengxin.credit.subjects.rules import WAYS, Registered
from chengxin.terms import area as areas

# Of the ways that say something the strongest holds; where none does, the division that is registered. What was merged
# counts for what took over.
_AREA = """
WITH past AS (SELECT * FROM unnest(%(past)s::text[], %(now)s::text[]) AS p (code, now)),
said AS (
  SELECT DISTINCT ON (subject) subject, area, way, reason, by, made_at FROM (
    SELECT DISTINCT ON (subject, way) * FROM subjects_attribution a WHERE {} ORDER BY subject, way, id DESC) newest
  WHERE area <> '' ORDER BY subject, array_position(%(ways)s::text[], way::text)),
registered AS (
  SELECT DISTINCT ON (subject) subject, CASE WHEN gone THEN '' ELSE division END AS division
  FROM subjects_registration a WHERE {} ORDER BY subject, id DESC),
attributed AS (
  SELECT s.uscc, coalesce(p.now, nullif(said.area, ''), r.division, '') AS area,
    coalesce(q.now, r.division, '') AS division
  FROM subjects_subject s LEFT JOIN said ON said.subject = s.uscc LEFT JOIN registered r ON r.subject = s.uscc
    LEFT JOIN past p ON p.code = coalesce(said.area, r.division) LEFT JOIN past q ON q.code = r.division
  WHERE {})
"""


def _asked() -> dict[str, object]:
    past = areas.successors()
    return {"past": list(past), "now": list(past.values()), "ways": list(WAYS)}


def registrations(subjects: Sequence[str]) -> list[Registered]:
    """Return the newest registration of each of these subjects."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT ON (subject) subject, name, state, kind, division, industry, established_on, body::text,
                 source, source_code, received_at
               FROM subjects_registration WHERE subject = ANY(%s) ORDER BY subject, id DESC""",
            [list(subjects)],
        )
        return [Registered._make((*row[:7], json.loads(row[7]), *row[8:])) for row in cursor.fetchall()]


def area_of(subjects: Sequence[str]) -> dict[str, str]:
    """Return the governing area of each of these subjects that is registered; empty where nothing says one."""
    mine = "a.subject = ANY(%(subjects)s)"
    query = _AREA.format(mine, mine, "s.uscc = ANY(%(subjects)s)") + "SELECT uscc, area FROM attributed"
    with connection.cursor() as cursor:
        cursor.execute(query, {**_asked(), "subjects": list(subjects)})
        return dict(cursor.fetchall())


def counts_by_area() -> dict[str, int]:
    """Return how many subjects each governing area has, by code. Each counts once: the sum is the number of subjects."""
    return _counts("area")


def counts_by_division() -> dict[str, int]:
    """Return how many subjects each division has, as registered: another count of the same, never added to the first."""
    return _counts("division")


def _counts(by: str) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            _AREA.format("true", "true", "true") + f"SELECT {by}, count(*) FROM attributed GROUP BY 1 ORDER BY 1",  # noqa: S608
            _asked(),
        )
        return dict(cursor.fetchall())
