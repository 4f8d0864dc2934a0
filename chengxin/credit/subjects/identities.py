"""By what subjects are found that a row does not name by its USCC: every name and older number they ever had."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import connection

from chengxin.credit.subjects.rules import called


def keep() -> None:
    """Keep, in the caller's transaction, what the staged entries that are news call their subjects.

    `entries.claims` holds it, as `rules.called` writes it. What is kept stands once, and stays when a name changes.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO subjects_identity (scheme, value, subject)
               SELECT DISTINCT split_part(part, ':', 1), substr(part, strpos(part, ':') + 1), subject
               FROM pg_temp.counted c JOIN pg_temp.entries e ON e.ctid = c.place,
                 unnest(string_to_array(e.claims, '|')) AS part
               WHERE c.news AND part <> '' ON CONFLICT DO NOTHING"""
        )


def forget(*, batch: int, undone: Sequence[int] = ()) -> None:
    """Forget, in the caller's transaction, what this batch of the register alone called its subjects: it is taken back.

    `undone` are the batches taken back before: what only they said keeps nothing alive either.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.still")
        cursor.execute("""CREATE TEMP TABLE still (subject varchar COLLATE "C", claims text) ON COMMIT DROP""")
        with connection.chunked_cursor() as said:
            said.execute(
                """SELECT subject, name, body::text FROM subjects_registration r
                   WHERE r.subject IN (SELECT subject FROM subjects_registration WHERE batch = %s)
                   AND r.batch <> ALL(%s) AND NOT r.gone""",
                [batch, [batch, *undone]],
            )
            while rows := said.fetchmany(1000):
                with cursor.copy("COPY still FROM STDIN") as copy:
                    for subject, name, body in rows:
                        copy.write_row((subject, called(name, json.loads(body))))
        cursor.execute(
            """DELETE FROM subjects_identity i
               USING (SELECT DISTINCT subject FROM subjects_registration WHERE batch = %s) told
               WHERE i.subject = told.subject AND NOT EXISTS (
                 SELECT FROM still s WHERE s.subject = i.subject
                 AND i.scheme || ':' || i.value = ANY (string_to_array(s.claims, '|')))""",
            [batch],
        )
