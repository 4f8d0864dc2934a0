"""匹配: whose a row is that does not name its subject by a USCC we know (docs/adr/0021).

A row's *claim* is all it says of whom it is about. A claim is answered, the surest way first: by a clerk's decision, by
older numbers, by a complete name that one subject alone ever bore. In doubt the row waits: a penalty on a stranger's page
is worse than one that comes a day late.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from django.db import connection
from django.db.backends.utils import CursorWrapper

from chengxin.credit.records.checks import CHECKS
from chengxin.credit.records.form import Kind
from chengxin.credit.subjects import rules
from chengxin.terms import name as names

CHUNK: Final = 1000

WAITS: Final[Mapping[str, tuple[str, str]]] = {
    "none": ("E30", "unknown"),
    "vague": ("E30", "vague"),
    "differs": ("E30", "differs"),
    "over": ("E30", "over"),
    "early": ("E30", "early"),
    "several": ("E34", "several"),
}
"""Why a row waits → the check that says so, and its message."""
MATCHES: Final[Mapping[str, tuple[str, str]]] = {
    "name": ("E33", "named"),
    "number": ("E33", "matched"),
    "decision": ("E33", "decided"),
}
"""How a subject was found without its USCC → what its sender is told."""
TURNS: Final[Mapping[str, tuple[str, str]]] = {"refused": ("E37", "refused"), "unnamed": ("E38", "nobody")}
"""Why a row is turned away for good."""


def claim(kind: Kind, body: Mapping[str, str]) -> str:
    """Return whom a checked row says it is about, for `subjects.rules.claim`; empty where it names nobody."""
    roles = kind.roles
    if roles.subject in body:
        return f"uscc:{body[roles.subject]}"  # nearly every row: its numbers need not be gone through
    return rules.claim(
        numbers={scheme: body.get(column, "") for scheme, column in roles.numbers.items()},
        name=body.get(roles.name, ""),
    )


def resolve(kind: Kind) -> None:
    """Find the subjects of staged facts (`pg_temp.facts`) that name none we know, and say in `pg_temp.found` what was found.

    Where a subject is found, `facts.subject` is filled, and the sender is told how (E33). The rest waits (E30, E34), or is
    turned away where a clerk decided that it is nobody's (E37) or it names nobody (E38).
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.sought, pg_temp.claims, pg_temp.verdicts")
        cursor.execute(
            """CREATE TEMP TABLE sought ON COMMIT DROP AS
               SELECT f.row, coalesce(f.claim, 'uscc:' || f.subject, '') AS claim, f.happened_on FROM pg_temp.facts f
               WHERE NOT EXISTS (SELECT FROM subjects_subject s WHERE s.uscc = f.subject)"""
        )
        cursor.execute("CREATE TEMP TABLE claims ON COMMIT DROP AS SELECT DISTINCT claim FROM sought")
        answer(cursor)
        # A record that is older than the business of its name is another's of that name.
        cursor.execute(
            """CREATE TEMP TABLE verdicts ON COMMIT DROP AS
               SELECT s.row, s.claim, a.subject, a.count, a.reason, CASE
                 WHEN s.claim = '' THEN 'unnamed'
                 WHEN a.how = 'name' AND a.since > s.happened_on THEN 'early'
                 ELSE coalesce(a.how, 'none') END AS how
               FROM sought s LEFT JOIN answers a USING (claim)"""
        )
        cursor.execute(
            """UPDATE pg_temp.facts f SET subject = v.subject, claim = v.claim FROM verdicts v
               WHERE f.row = v.row AND v.how IN ('uscc', 'decision', 'number', 'name')"""
        )
        told = _told()
        cursor.execute(
            """INSERT INTO pg_temp.found (row, code, "column", level, message, waiting)
               SELECT v.row, t.code, CASE WHEN v.how = 'name' THEN %s ELSE '' END, t.level,
                 replace(replace(replace(replace(t.message, '{subject}', coalesce(v.subject, '')),
                   '{count}', coalesce(v.count::text, '')), '{scheme}', coalesce(v.reason, '')),
                   '{reason}', coalesce(v.reason, '')), t.waiting
               FROM verdicts v JOIN unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::bool[])
                 AS t (how, code, level, message, waiting) USING (how)""",
            [kind.column(kind.roles.name).name, *map(list, zip(*told, strict=True))],
        )


@lru_cache(maxsize=1)
def _told() -> tuple[tuple[str, str, str, str, bool], ...]:
    """Return how a claim was answered → code, level and message of what is told of it, and whether its row waits."""
    return tuple(
        (how, code, CHECKS[code].says[says].level, CHECKS[code].says[says].texts["zh"], how in WAITS)
        for how, (code, says) in {**WAITS, **MATCHES, **TURNS}.items()
    )


def answer(cursor: CursorWrapper, *, kept: str = "ON COMMIT DROP") -> None:
    """Answer the claims of `pg_temp.claims` into `pg_temp.answers`.

    A row is claim, subject, how, what goes with it (a reason, a scheme), since (established on) and count. `how` is uscc,
    decision, number, name (with a subject); refused, or a word of WAITS (without). A claim that nothing is known of has no
    row. Of a name the caller still asks whether the record is older than the subject.
    """
    cursor.execute("ANALYZE pg_temp.claims")
    # Each step is a table of its own: the planner has to know how many there are, or it compares each with each.
    for name, step in (("parts", PARTS), ("bearers", BEARERS), ("answers", ANSWERS)):
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
        cursor.execute(f"CREATE TEMP TABLE {name} {kept} AS {step}")
        cursor.execute(f"ANALYZE pg_temp.{name}")
    cursor.execute("SELECT claim FROM pg_temp.answers WHERE how = 'name'")
    vague = [told for (told,) in cursor.fetchall() if not names.is_full(dict(rules.parts(told)).get("name", ""))]
    for start in range(0, len(vague), CHUNK):
        cursor.execute(
            "UPDATE pg_temp.answers SET how = 'vague', subject = '' WHERE claim = ANY(%s)",
            [vague[start : start + CHUNK]],
        )


PARTS: Final = """
SELECT c.claim, split_part(p, ':', 1) AS scheme, substr(p, strpos(p, ':') + 1) AS value
FROM pg_temp.claims c, unnest(string_to_array(c.claim, '|')) AS p WHERE NOT starts_with(c.claim, 'uscc:')"""

BEARERS: Final = """
WITH bearing AS (
  SELECT p.claim, p.scheme, i.subject FROM parts p JOIN subjects_identity i USING (scheme, value)
  -- The 9th to the 17th character of a USCC are the body's 组织机构代码 (GB 32100-2015).
  UNION SELECT p.claim, p.scheme, s.uscc FROM parts p JOIN subjects_subject s ON substr(s.uscc, 9, 9) = p.value
  WHERE p.scheme = 'orgcode')
SELECT b.claim, b.subject, b.schemes, r.state, r.established_on
FROM (SELECT claim, subject, array_agg(scheme) AS schemes FROM bearing GROUP BY claim, subject) b
  CROSS JOIN LATERAL (
    SELECT state, established_on, gone FROM subjects_registration r WHERE r.subject = b.subject
    ORDER BY r.id DESC LIMIT 1) r
WHERE NOT r.gone"""

ANSWERS: Final = """
WITH known AS (
  SELECT c.claim, s.uscc FROM pg_temp.claims c JOIN subjects_subject s ON s.uscc = substr(c.claim, 6)
  WHERE starts_with(c.claim, 'uscc:')),
decided AS (
  SELECT DISTINCT ON (d.claim) d.claim, d.subject, d.reason FROM ingest_decision d JOIN pg_temp.claims USING (claim)
  ORDER BY d.claim, d.id DESC),
counted AS (
  SELECT claim, count(*) FILTER (WHERE schemes <> '{name}') AS numbered,
    count(*) FILTER (WHERE 'name' = ANY (schemes)) AS called,
    coalesce(min(subject) FILTER (WHERE schemes <> '{name}'), min(subject)) AS subject
  FROM bearers GROUP BY claim),
chosen AS (SELECT c.*, b.schemes, b.state, b.established_on FROM counted c JOIN bearers b USING (claim, subject)),
contradicted AS (
  SELECT DISTINCT c.claim FROM chosen c JOIN parts p USING (claim)
  WHERE p.scheme <> ALL (c.schemes) AND CASE p.scheme
    WHEN 'name' THEN c.numbered > 0
    WHEN 'orgcode' THEN true
    ELSE EXISTS (SELECT FROM subjects_identity i WHERE i.subject = c.subject AND i.scheme = p.scheme) END),
told AS (
  SELECT c.claim, c.subject, c.established_on, greatest(c.numbered, c.called) AS count,
    CASE WHEN c.numbered > 0 THEN '旧号码' ELSE '名称' END AS scheme, CASE
      WHEN c.numbered > 1 OR (c.numbered = 0 AND c.called > 1) THEN 'several'
      WHEN x.claim IS NOT NULL THEN 'differs'
      WHEN c.numbered = 1 THEN 'number'
      WHEN c.state IN ('deregistered', 'revoked_registration') THEN 'over'
      ELSE 'name' END AS how
  FROM chosen c LEFT JOIN contradicted x USING (claim))
SELECT claim, uscc AS subject, 'uscc' AS how, '' AS reason, NULL::date AS since, 1::bigint AS count FROM known
UNION ALL
SELECT d.claim, d.subject, CASE WHEN d.subject = '' THEN 'refused' ELSE 'decision' END, d.reason, NULL, 1 FROM decided d
WHERE NOT EXISTS (SELECT FROM known k WHERE k.claim = d.claim)
UNION ALL
SELECT t.claim, CASE WHEN t.how IN ('number', 'name') THEN t.subject ELSE '' END, t.how, t.scheme, t.established_on, t.count
FROM told t WHERE NOT EXISTS (SELECT FROM decided d WHERE d.claim = t.claim)"""
