"""查询: subjects found by what somebody inside types: a code, an older number, a name of now or of before."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from django.db import connection, transaction

from chengxin.credit.subjects.rules import fold

SHORTEST: Final = 2
"""Characters that a question has at least: of one, everybody would be an answer."""
PATIENCE_MS: Final = 3000
_CODE: Final = re.compile(r"[0-9A-Z]{4,32}")

_CODED: Final = (
    "(SELECT uscc, '', 0 FROM subjects_subject WHERE uscc LIKE %(code)s || '%%' ORDER BY uscc LIMIT %(limit)s)",
    """(SELECT subject, value, 1 FROM subjects_identity
        WHERE scheme IN ('regno', 'orgcode', 'taxno', 'instno', 'socno') AND value LIKE %(code)s || '%%'
        LIMIT %(limit)s)""",
)
# Where a name begins so, the index finds it. Where it holds it, names are gone through: of a city's some tenths of a
# second at most, and an index for it would cost every file of the register more than all who ask.
_NAMED: Final = (
    """(SELECT subject, value, 2 FROM subjects_identity
        WHERE scheme = 'name' AND value LIKE %(name)s || '%%' LIMIT %(limit)s)""",
    """(SELECT subject, value, 3 FROM subjects_identity
        WHERE scheme = 'name' AND value LIKE '_%%' || %(name)s || '%%' LIMIT %(limit)s)""",
)


class Found(NamedTuple):
    """A subject, and the name or number by which it was found; empty: by its code."""

    subject: str
    by: str


def find(text: str, *, limit: int) -> list[Found]:
    """Return subjects that a text means, the likeliest first, each once: codes and names that begin so, then that hold it.

    :raises django.db.OperationalError: the question takes longer than three seconds.
    """
    typed = fold(text)
    if len(typed) < SHORTEST:
        return []
    code = "".join(character for character in typed if character.isalnum())
    parts = _CODED if _CODE.fullmatch(code) else ()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE_MS)])
        cursor.execute(
            f"""SELECT subject, by FROM (
                  SELECT DISTINCT ON (subject) subject, by, rank
                  FROM ({" UNION ALL ".join((*parts, *_NAMED))}) hits (subject, by, rank)
                  ORDER BY subject, rank, length(by), by) once
                ORDER BY rank, length(by), by, subject LIMIT %(limit)s""",  # noqa: S608 — the parts are constants
            {"code": _like(code), "name": _like(typed), "limit": limit},
        )
        return [Found._make(row) for row in cursor.fetchall()]


def at_address(words: str, *, names: str = "", limit: int) -> list[str]:
    """Return the businesses whose registered address, and name if asked, hold these words; bounded, in the USCC's order.

    :raises OperationalError: there are so many that it takes too long.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE_MS)])
        cursor.execute(
            """SELECT subject FROM (
                 SELECT DISTINCT ON (subject) subject, name, body ->> 'DOM' AS address, gone FROM subjects_registration
                 WHERE subject IN (SELECT subject FROM subjects_registration
                   WHERE body ->> 'DOM' LIKE %(address)s AND name LIKE %(name)s)
                 ORDER BY subject, id DESC) newest
               WHERE NOT gone AND address LIKE %(address)s AND name LIKE %(name)s ORDER BY subject LIMIT %(limit)s""",
            {"address": f"%{_like(words)}%", "name": f"%{_like(names)}%", "limit": limit},
        )
        return [subject for (subject,) in cursor.fetchall()]


def _like(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def is_name_of(by: str, name: str) -> bool:
    """Tell whether what a subject was found by is its code or the name it has now."""
    return not by or by == fold(name)
