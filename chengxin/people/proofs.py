"""证明材料: the rows of what people handed in. The pages themselves are files (portals/shared/proofs.py)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from chengxin.people import trail
from chengxin.people.models import Proof
from chengxin.people.trail import Actor

OF_PERSONS: Final = ("binding", "newcomer")
"""What is handed in to show who somebody is: it has done its work once that was looked at."""
FORGOTTEN_AT_ONCE: Final = 1000


def by_id(ids: Sequence[int]) -> list[Proof]:
    """Return these proofs, in the order in which they were handed in."""
    return list(Proof.objects.filter(pk__in=list(ids)).order_by("pk"))


@transaction.atomic
def forget(*, at: datetime, after: timedelta, waited_on: Sequence[int] = ()) -> int:
    """Let go of the pages of papers that showed who somebody is, handed in longer ago than `after`; return how many papers.

    What a claim still waits on stays, and so does what else is `waited_on`, by its ids. 《个人信息保护法》第 19 条: no longer than the purpose needs. The row says what was handed
    in and when; the decision made by it stands in the trail.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE people_proof SET pages = '[]', size = 0 WHERE id IN (
                 SELECT p.id FROM people_proof p
                 WHERE p.about = ANY(%s) AND p.at <= %s AND p.pages <> '[]' AND p.id <> ALL (%s)
                   AND NOT EXISTS (SELECT FROM people_binding b WHERE b.subject = p.subject
                     AND b.state IN ('waiting', 'provisional') AND b.proofs @> to_jsonb(p.id))
                 ORDER BY p.id LIMIT %s FOR UPDATE SKIP LOCKED)""",
            [list(OF_PERSONS), at - after, list(waited_on), FORGOTTEN_AT_ONCE],
        )
        count = int(cursor.rowcount)
    if count:
        trail.note(by=Actor("pipeline", "pipeline"), verb="proof.forget", thing=f"{count} proofs", at=at)
    return count


def unnamed(digests: Sequence[str]) -> list[str]:
    """Return those of these pages that are no paper's any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT sha FROM unnest(%s::text[]) AS said (sha)
               WHERE NOT EXISTS (SELECT FROM people_proof p WHERE p.pages @> to_jsonb(sha))""",
            [list(digests)],
        )
        return [sha for (sha,) in cursor.fetchall()]
