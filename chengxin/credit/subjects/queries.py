"""Questions about subjects."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db import OperationalError, connection, transaction

from chengxin.credit.subjects.models import Attribution
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


def _asked() -> dict[str, list[str]]:
    past = areas.successors()
    return {"past": list(past), "now": list(past.values()), "ways": list(WAYS)}


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


class Renamed(NamedTuple):
    """The name a subject had before its present one, and since when the register has said the present one."""

    subject: str
    former: str
    since: datetime


def renamed(subjects: Sequence[str]) -> dict[str, Renamed]:
    """Return those of these subjects that the register once called otherwise, with the name before the present one."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH said AS (
                 SELECT subject, id, name, received_at, first_value(name) OVER newest AS now FROM subjects_registration
                 WHERE subject = ANY(%s) AND NOT gone WINDOW newest AS (PARTITION BY subject ORDER BY id DESC)),
               former AS (
                 SELECT DISTINCT ON (subject) subject, id, name FROM said WHERE name <> now ORDER BY subject, id DESC)
               SELECT f.subject, f.name, min(s.received_at) FROM former f
               JOIN said s ON s.subject = f.subject AND s.id > f.id GROUP BY f.subject, f.name""",
            [list(subjects)],
        )
        return {row[0]: Renamed._make(row) for row in cursor.fetchall()}


def area_of(subjects: Sequence[str]) -> dict[str, str]:
    """Return the governing area of each of these subjects that is registered; empty where nothing says one."""
    mine = "a.subject = ANY(%(subjects)s)"
    query = f"{_AREA.format(mine, mine, 's.uscc = ANY(%(subjects)s)')} SELECT uscc, area FROM attributed"  # noqa: S608 — constants
    with connection.cursor() as cursor:
        cursor.execute(query, _asked() | {"subjects": list(subjects)})
        return dict(cursor.fetchall())


class Attributed(NamedTuple):
    """The area of one subject, and by what it has it."""

    area: str
    way: str  # rules.WAYS
    reason: str


def attribution(subject: str) -> Attributed:
    """Return to which area a subject belongs, and why."""
    mine = "a.subject = ANY(%(subjects)s)"
    query = f"""{_AREA.format(mine, mine, "s.uscc = ANY(%(subjects)s)")}
      SELECT t.area, coalesce(said.way, 'division'), coalesce(said.reason, '')
      FROM attributed t LEFT JOIN said ON said.subject = t.uscc"""  # noqa: S608 — constants
    with connection.cursor() as cursor:
        cursor.execute(query, _asked() | {"subjects": [subject]})
        row = cursor.fetchone()
    return Attributed._make(row) if row else Attributed("", "division", "")


def attributions(subject: str, *, limit: int) -> list[Attribution]:
    """Return what was said of a subject's area, newest first."""
    return list(Attribution.objects.filter(subject=subject).order_by("-id")[:limit])


def counts_by_area() -> dict[str, int]:
    """Return how many subjects each governing area has, by code. Each counts once: the sum is the number of subjects."""
    return _counts("area")


def counts_by_division() -> dict[str, int]:
    """Return how many subjects each division has, as registered: another count of the same, never added to the first."""
    return _counts("division")


def _counts(by: str) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            _AREA.format("true", "true", "true") + f"SELECT {by}, count(*) FROM attributed GROUP BY 1 ORDER BY 1",  # noqa: S608 — constants
            _asked(),
        )
        return dict(cursor.fetchall())


def counts_of(asked: str, said: Mapping[str, date]) -> list[tuple[str, str, int]]:
    """Return governing area, sort and count of the subjects that a query of ours names, each with a `sort`.

    :param asked: SQL of ours with the columns `subject` and `sort`; `said` are its parameters.
    """
    mine = "a.subject IN (SELECT subject FROM asked)"
    attributed = _AREA.format(mine, mine, "s.uscc IN (SELECT subject FROM asked)").replace("WITH ", ", ", 1)
    with transaction.atomic(), connection.cursor() as cursor:
        # How many `asked` are is not known to the planner, which takes them for a few and goes through all for each.
        cursor.execute("SELECT set_config('enable_nestloop', 'off', true)")
        cursor.execute(
            f"""WITH asked AS MATERIALIZED ({asked}) {attributed}
                SELECT t.area, a.sort, count(*) FROM asked a JOIN attributed t ON t.uscc = a.subject
                GROUP BY 1, 2 ORDER BY 1, 2""",  # noqa: S608 — a query of ours
            {**_asked(), **said},
        )
        found = [(area, sort, count) for area, sort, count in cursor.fetchall()]
        cursor.execute("SELECT set_config('enable_nestloop', 'on', true)")
        return found


class Bearer(NamedTuple):
    """Who bears, or bore, what was looked for."""

    subject: str
    scheme: str
    value: str


BEARERS: Final = 200
"""So many answers to one look at most: a look is bounded, however common the words."""
PATIENCE_MS: Final = 1500


def bearers(said: Sequence[tuple[str, str]]) -> list[Bearer]:
    """Return who has or had one of these names or numbers (scheme and folded value), bounded."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT i.subject, i.scheme, i.value FROM unnest(%(schemes)s::text[], %(values)s::text[])
                 AS said (scheme, value) JOIN subjects_identity i USING (scheme, value)
               -- The 9th to the 17th character of a USCC are the body's 组织机构代码, which it keeps (GB 32100-2015).
               UNION SELECT s.uscc, 'orgcode', said.value FROM unnest(%(schemes)s::text[], %(values)s::text[])
                 AS said (scheme, value) JOIN subjects_subject s
                 ON substr(s.uscc, 9, 9) = CASE said.scheme WHEN 'uscc' THEN substr(said.value, 9, 9) ELSE said.value END
               WHERE said.scheme IN ('orgcode', 'uscc') LIMIT %(limit)s""",
            {"schemes": [one for one, _ in said], "values": [value for _, value in said], "limit": BEARERS},
        )
        return [Bearer._make(row) for row in cursor.fetchall()]


def alike(patterns: Sequence[str]) -> list[Bearer] | None:
    """Return who has or had a name like one of these patterns (of LIKE), bounded; None where that took too long."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            (before,) = cursor.fetchone()
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE_MS)])
            cursor.execute(
                """SELECT subject, scheme, value FROM subjects_identity
                   WHERE scheme = 'name' AND value LIKE ANY(%s) LIMIT %s""",
                [list(patterns), BEARERS],
            )
            found = [Bearer._make(row) for row in cursor.fetchall()]
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
            return found
    except OperationalError:
        return None
