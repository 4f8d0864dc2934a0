"""The office's list of commitments, made from the records whenever a subject was touched: the pipeline's work, nobody's act."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from chengxin.credit.commitments.queries import KIND
from chengxin.credit.records import queries as records
from chengxin.credit.subjects import queries as subjects


def list_anew(*, these: Sequence[str]) -> int:
    """Make the office's list of these subjects' commitments as their records stand, and return how many they have.

    In the caller's transaction: the pipeline's, which answers a touch. Running twice changes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT subject FROM unnest(%s::varchar[]) AS t (subject)
               WHERE EXISTS (SELECT FROM records_record r WHERE r.subject = t.subject AND r.kind = %s)""",
            [list(these), KIND],
        )
        having = [subject for (subject,) in cursor.fetchall()]
        if not having:
            return 0
        lines: dict[tuple[str, str], list[object]] = {}
        area = subjects.area_of(having)
        for one in records.standing(having):
            if one.kind == KIND and (number := one.body.get("CN_BM")):
                lines[one.subject, number] = [
                    one.subject,
                    number,
                    one.body.get("CN_LX", ""),
                    one.body.get("CN_MC", "")[:200],
                    one.body.get("CN_SLDW", "")[:200],
                    one.source_code,
                    area.get(one.subject, ""),
                    one.happened_on,
                    one.body.get("CN_YXQ"),
                    one.body.get("CN_LXZT", ""),
                    one.body.get("CN_RDRQ"),
                ]
        columns = [list(column) for column in zip(*lines.values(), strict=True)] or [[] for _ in range(11)]
        cursor.execute(
            """WITH now AS MATERIALIZED (
                 SELECT * FROM unnest(%s::varchar[], %s::varchar[], %s::varchar[], %s::varchar[], %s::varchar[],
                   %s::varchar[], %s::varchar[], %s::date[], %s::date[], %s::varchar[], %s::date[])
                   AS n (subject, number, type, name, unit, unit_code, area, signed_on, until, kept, judged_on)),
               gone AS (
                 DELETE FROM commitments_listed l WHERE subject = ANY(%s::varchar[])
                   AND NOT EXISTS (SELECT FROM now n WHERE n.subject = l.subject AND n.number = l.number))
               INSERT INTO commitments_listed AS l
                 (subject, number, type, name, unit, unit_code, area, signed_on, until, kept, judged_on)
               SELECT * FROM now
               ON CONFLICT (subject, number) DO UPDATE SET type = EXCLUDED.type, name = EXCLUDED.name,
                 unit = EXCLUDED.unit, unit_code = EXCLUDED.unit_code, area = EXCLUDED.area,
                 signed_on = EXCLUDED.signed_on, until = EXCLUDED.until, kept = EXCLUDED.kept,
                 judged_on = EXCLUDED.judged_on
               WHERE (l.type, l.name, l.unit, l.unit_code, l.area, l.signed_on, l.until, l.kept, l.judged_on)
                 IS DISTINCT FROM (EXCLUDED.type, EXCLUDED.name, EXCLUDED.unit, EXCLUDED.unit_code, EXCLUDED.area,
                 EXCLUDED.signed_on, EXCLUDED.until, EXCLUDED.kept, EXCLUDED.judged_on)""",
            [*columns, having],
        )
    return len(lines)
