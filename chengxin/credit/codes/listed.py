"""The office's list of businesses by the state of their codes: a page of it is one look, however many codes a city has.

A row says that a business has codes in a state, and in which area it lies. It is made with each turn, and anew by the
pipeline for whoever was touched, always under the lock of the subject: whatever comes last has read what came before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.db import connection
from django.db.models import Q, QuerySet

from chengxin.credit.codes import showing
from chengxin.credit.codes.models import Listed
from chengxin.credit.subjects import queries as subjects_queries
from chengxin.people import bindings

PLEAS: Final = "pleas"
"""The state of codes that are frozen, and whose holder has said something to it that waits for an answer."""
ELSEWHERE: Final = "elsewhere"
"""The state of codes that somebody else issued and that stand."""
DISPLAYING: Final = {"displaying": True, "hidden": False}
"""What is asked of active codes: whether their holder displays one."""


def make(subjects: Sequence[str], *, today: date) -> None:
    """Make the rows of these subjects as their codes stand; a step of whoever has locked them. Twice changes nothing."""
    area = subjects_queries.area_of(subjects)
    until = showing.shown_until(subjects, today=today)
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH asked AS MATERIALIZED (
                 SELECT * FROM unnest(%(subjects)s::varchar[], %(areas)s::varchar[], %(untils)s::date[])
                   AS a (subject, area, until)),
               ours AS MATERIALIZED (
                 SELECT c.subject, t.state, max(c.serial) AS newest, max(t.at) AS since FROM codes_code c
                 JOIN LATERAL (SELECT state, at FROM codes_turn t WHERE t.subject = c.subject AND t.serial = c.serial
                   ORDER BY t.id DESC LIMIT 1) t ON true
                 WHERE c.subject = ANY(%(subjects)s) GROUP BY c.subject, t.state),
               theirs AS (
                 SELECT DISTINCT ON (subject, number) subject, id, gone FROM codes_elsewhere
                 WHERE subject = ANY(%(subjects)s) ORDER BY subject, number, id DESC),
               -- An older freeze's is not answered any more.
               pleas AS (
                 SELECT p.subject, p.id FROM (
                   SELECT DISTINCT ON (subject) subject, id, answer, at FROM codes_plea
                   WHERE subject = ANY(%(subjects)s) ORDER BY subject, id DESC) p
                 JOIN ours o ON o.subject = p.subject AND o.state = 'frozen' AND p.at >= o.since
                 WHERE p.answer = ''),
               said AS (
                 SELECT subject, state, newest FROM ours
                 UNION ALL SELECT subject, %(elsewhere)s, max(id) FROM theirs WHERE NOT gone GROUP BY subject
                 UNION ALL SELECT subject, %(pleas)s, -id FROM pleas),
               now AS MATERIALIZED (
                 SELECT s.subject, s.state, a.area, s.newest, CASE s.state WHEN 'active' THEN a.until END AS shown_until
                 FROM said s JOIN asked a USING (subject)),
               gone AS (
                 DELETE FROM codes_listed l WHERE subject = ANY(%(subjects)s)
                   AND NOT EXISTS (SELECT FROM now n WHERE n.subject = l.subject AND n.state = l.state))
               INSERT INTO codes_listed AS l (subject, state, area, newest, shown_until) SELECT * FROM now
               ON CONFLICT (subject, state) DO UPDATE SET area = EXCLUDED.area, newest = EXCLUDED.newest,
                 shown_until = EXCLUDED.shown_until
               WHERE (l.area, l.newest, l.shown_until)
                 IS DISTINCT FROM (EXCLUDED.area, EXCLUDED.newest, EXCLUDED.shown_until)""",
            {
                "subjects": list(subjects),
                "areas": [area.get(subject, "") for subject in subjects],
                "untils": [until.get(subject) for subject in subjects],
                "elsewhere": ELSEWHERE,
                "pleas": PLEAS,
            },
        )


def in_state(state: str, *, area: str | None, today: date) -> QuerySet[Listed]:
    """Return the businesses that have codes in a state, the newest code first, and of pleas the oldest.

    :param state: of `rules.STATE_LABELS`, of `DISPLAYING`, or `PLEAS` or `ELSEWHERE`.
    :param area: of those of a governing area, and of the city that it is; None: all.
    """
    found = Listed.objects.order_by("-newest", "-id")
    if state in DISPLAYING:
        shown = Q(shown_until__gte=today)
        found = found.filter(shown if DISPLAYING[state] else Q(shown_until=None) | ~shown, state="active")
    else:
        found = found.filter(state=state)
    return found if area is None else found.filter(bindings.within(area))
