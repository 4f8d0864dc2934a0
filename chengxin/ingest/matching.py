"""匹配: whose a row is that does not name its subject by a USCC we know (docs/adr/0021).

A row's *claim* is all it says of whom it is about. A claim is answered, the surest way first: by a clerk's decision, by
older numbers, by a complete name that one subject alone ever bore. In doubt the row waits: a penalty on a stranger's page
is worse than one that comes a day late.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import connection
from django.db.backends.utils import CursorWrapper

from chengxin.credit.records.form import Kind
from chengxin.credit.subjects import rules
from chengxin.terms import name as names

UNKNOWN: Final = "E30"
MATCHED: Final = "E33"
SEVERAL: Final = "E34"
NOBODYS: Final = "E35"
UNNAMED: Final = "E36"

CHUNK: Final = 1000

WAITS: Final[Mapping[str, tuple[str, str]]] = {
    "none": (UNKNOWN, "库中没有这个主体，待登记信息到后自动匹配"),
    "vague": (
        UNKNOWN,
        "只有名称，且名称不完整（缺地名或组织形式），不能自动认定，待信用办认定；补报统一社会信用代码可直接入库",
    ),
    "differs": (UNKNOWN, "代码与名称指向不同的主体，待信用办认定；请核对后补报统一社会信用代码"),
    "over": (UNKNOWN, "叫这个名称的主体已注销或撤销登记，不能只按名称认定，待信用办认定"),
    "early": (UNKNOWN, "日期早于叫这个名称的主体的成立日期，不能只按名称认定，待信用办认定"),
    "several": (SEVERAL, "不止一家主体符合这一行写的名称或代码，待信用办认定；补报统一社会信用代码可直接入库"),
}
"""Why a row waits → its code, and what its sender is told."""


def claim(kind: Kind, body: Mapping[str, str]) -> str:
    """Return whom a checked row says it is about, for `subjects.rules.claim`; empty where it names nobody."""
    roles = kind.roles
    return rules.claim(
        uscc=body.get(roles.subject, ""),
        numbers={scheme: body.get(column, "") for scheme, column in roles.numbers.items()},
        name=body.get(roles.name, ""),
    )


def resolve(kind: Kind) -> None:
    """Find the subjects of staged facts (`pg_temp.facts`) that name none we know, and say in `pg_temp.found` what was found.

    Where a subject is found, `facts.subject` is filled; a match by name or number is told to the sender (E33). The rest
    waits (E30, E34), or is turned away where a clerk decided that it is nobody's (E35) or it names nobody (E36).
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.sought, pg_temp.claims")
        cursor.execute(
            """CREATE TEMP TABLE sought ON COMMIT DROP AS
               SELECT f.row, coalesce(f.claim, '') AS claim, f.happened_on FROM pg_temp.facts f
               WHERE NOT EXISTS (SELECT FROM subjects_subject s WHERE s.uscc = f.subject)"""
        )
        cursor.execute("CREATE TEMP TABLE claims ON COMMIT DROP AS SELECT DISTINCT claim FROM sought")
        answer(cursor)
        cursor.execute(
            """UPDATE pg_temp.facts f SET subject = a.subject FROM sought s JOIN answers a USING (claim)
               WHERE f.row = s.row AND a.subject <> '' AND NOT (a.how = 'name' AND a.since > s.happened_on)"""
        )
        cursor.execute(
            """INSERT INTO pg_temp.found (row, code, "column", level, message, waiting)
               SELECT s.row, %(matched)s, CASE WHEN a.how = 'name' THEN %(column)s ELSE '' END,
                 CASE WHEN a.how = 'name' THEN 'warn' ELSE 'info' END,
                 CASE a.how WHEN 'name' THEN '没有统一社会信用代码，按名称匹配到 ' || a.subject || '；已接收，请核对'
                   WHEN 'number' THEN '没有统一社会信用代码，按原有代码匹配到 ' || a.subject || '；已接收'
                   ELSE '按信用办的认定匹配到 ' || a.subject || '；已接收' END, false
               FROM sought s JOIN answers a USING (claim)
               WHERE a.subject <> '' AND a.how <> 'uscc' AND NOT (a.how = 'name' AND a.since > s.happened_on)""",
            {"matched": MATCHED, "column": kind.column(kind.roles.name).name},
        )
        cursor.execute(
            """INSERT INTO pg_temp.found (row, code, "column", level, message, waiting)
               SELECT s.row, %(nobodys)s, '', 'error', '信用办已认定库中没有这一家：' || a.reason, false
               FROM sought s JOIN answers a USING (claim) WHERE a.how = 'refused'
               UNION ALL
               SELECT row, %(unnamed)s, '', 'error', '没有写明是哪一家：没有统一社会信用代码、原有代码，名称也不是自己的名称；请补填后重新报送', false
               FROM sought WHERE claim = ''
               UNION ALL
               SELECT s.row, w.code, '', 'error', w.message, true
               FROM sought s LEFT JOIN answers a USING (claim)
                 JOIN unnest(%(hows)s::text[], %(codes)s::text[], %(messages)s::text[]) AS w (how, code, message)
                   ON w.how = CASE WHEN a.how = 'name' THEN 'early' ELSE coalesce(a.how, 'none') END
               WHERE s.claim <> '' AND (a.subject IS NULL OR a.subject = '' OR (a.how = 'name' AND a.since > s.happened_on))""",
            {
                "nobodys": NOBODYS,
                "unnamed": UNNAMED,
                "hows": list(WAITS),
                "codes": [code for code, _ in WAITS.values()],
                "messages": [message for _, message in WAITS.values()],
            },
        )


def answer(cursor: CursorWrapper, *, kept: str = "ON COMMIT DROP") -> None:
    """Answer the claims of `pg_temp.claims` into `pg_temp.answers`: claim, subject, how, reason, since (established on).

    `how` is uscc, decision, number, name (with a subject); refused, or a word of WAITS (without). A claim that nothing is
    known of has no row. Of a name the caller still asks whether the record is older than the subject.
    """
    cursor.execute("ANALYZE pg_temp.claims")
    cursor.execute("DROP TABLE IF EXISTS pg_temp.answers")
    cursor.execute(ANSWER.replace("ON COMMIT DROP", kept))
    cursor.execute("SELECT claim FROM pg_temp.answers WHERE how = 'name'")
    vague = [told for (told,) in cursor.fetchall() if not names.is_full(dict(rules.parts(told)).get("name", ""))]
    for start in range(0, len(vague), CHUNK):
        cursor.execute(
            "UPDATE pg_temp.answers SET how = 'vague', subject = '' WHERE claim = ANY(%s)",
            [vague[start : start + CHUNK]],
        )


ANSWER: Final = """
CREATE TEMP TABLE answers ON COMMIT DROP AS
WITH decided AS (
  SELECT DISTINCT ON (d.claim) d.claim, d.subject, d.reason FROM ingest_decision d JOIN pg_temp.claims USING (claim)
  ORDER BY d.claim, d.id DESC),
part AS MATERIALIZED (
  SELECT c.claim, split_part(p, ':', 1) AS scheme, substr(p, strpos(p, ':') + 1) AS value
  FROM pg_temp.claims c, unnest(string_to_array(c.claim, '|')) AS p WHERE NOT starts_with(c.claim, 'uscc:')),
bearer AS (
  SELECT p.claim, p.scheme, i.subject FROM part p JOIN subjects_identity i USING (scheme, value)
  -- The 9th to the 17th character of a USCC are the body's 组织机构代码 (GB 32100-2015).
  UNION SELECT p.claim, p.scheme, s.uscc FROM part p JOIN subjects_subject s ON substr(s.uscc, 9, 9) = p.value
  WHERE p.scheme = 'orgcode'),
standing AS MATERIALIZED (
  SELECT b.claim, b.scheme, b.subject, r.state, r.established_on FROM bearer b CROSS JOIN LATERAL (
    SELECT state, established_on, gone FROM subjects_registration r WHERE r.subject = b.subject
    ORDER BY r.id DESC LIMIT 1) r WHERE NOT r.gone),
counted AS (
  SELECT claim, count(DISTINCT subject) FILTER (WHERE scheme <> 'name') AS numbered,
    count(DISTINCT subject) FILTER (WHERE scheme = 'name') AS called,
    coalesce(min(subject) FILTER (WHERE scheme <> 'name'), min(subject)) AS subject
  FROM standing GROUP BY claim),
judged AS (
  SELECT c.claim, c.numbered, c.called, c.subject, s.state, s.established_on,
    ('|' || c.claim) LIKE '%|name:%' AND c.numbered > 0 AND NOT EXISTS (
      SELECT FROM standing n WHERE n.claim = c.claim AND n.scheme = 'name' AND n.subject = c.subject) AS misnamed,
    EXISTS (SELECT FROM part p WHERE p.claim = c.claim AND p.scheme <> 'name'
      AND NOT EXISTS (
        SELECT FROM standing n WHERE n.claim = c.claim AND n.scheme = p.scheme AND n.subject = c.subject)
      AND (p.scheme = 'orgcode' OR EXISTS (
        SELECT FROM subjects_identity i WHERE i.subject = c.subject AND i.scheme = p.scheme))) AS contradicted
  FROM counted c CROSS JOIN LATERAL (
    SELECT state, established_on FROM standing s WHERE s.claim = c.claim AND s.subject = c.subject LIMIT 1) s),
told AS (
  SELECT claim, subject, established_on, CASE
    WHEN numbered > 1 OR (numbered = 0 AND called > 1) THEN 'several'
    WHEN misnamed OR contradicted THEN 'differs'
    WHEN numbered = 1 THEN 'number'
    WHEN state IN ('deregistered', 'revoked_registration') THEN 'over'
    ELSE 'name' END AS how
  FROM judged),
known AS (
  SELECT c.claim, s.uscc FROM pg_temp.claims c JOIN subjects_subject s ON s.uscc = substr(c.claim, 6)
  WHERE starts_with(c.claim, 'uscc:'))
SELECT claim, uscc AS subject, 'uscc' AS how, '' AS reason, NULL::date AS since FROM known
UNION ALL
SELECT claim, subject, CASE WHEN subject = '' THEN 'refused' ELSE 'decision' END, reason, NULL FROM decided
WHERE claim NOT IN (SELECT claim FROM known)
UNION ALL
SELECT claim, CASE WHEN how IN ('number', 'name') THEN subject ELSE '' END, how, '', established_on FROM told
WHERE claim NOT IN (SELECT claim FROM decided)
"""
