"""Questions about codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from chengxin.board.models import BoardKey
from chengxin.board.token import key_prefix
from chengxin.terms.entity import STATES


class Standing(NamedTuple):
    """A code and the state it is in now."""

    subject: str
    serial: int
    profile: str
    placement: str
    label: str
    token: str
    issued_on: date
    state: str
    way: str


def standing(subjects: Sequence[str]) -> list[Standing]:
    """Return every code of these subjects with its newest state, in the order of subject and serial."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.subject, c.serial, c.profile, c.placement, c.label, c.token, c.issued_on, t.state, c.way
               FROM codes_code c
               JOIN LATERAL (
                 SELECT state FROM codes_turn t WHERE t.subject = c.subject AND t.serial = c.serial
                 ORDER BY t.id DESC LIMIT 1) t ON true
               WHERE c.subject = ANY(%s) ORDER BY c.subject, c.serial""",
            [list(subjects)],
        )
        return [Standing(*row) for row in cursor.fetchall()]


class Hanging(NamedTuple):
    """What is known of where one code hangs now (`models.Placing`)."""

    subject: str
    serial: int
    label_shown: bool
    where: str
    lat: Decimal | None
    lon: Decimal | None
    pointed_by: str
    until: date | None
    keeper: str


def hanging(subjects: Sequence[str]) -> dict[int, Hanging]:
    """Return serial → what is known of where it hangs, for the codes of these subjects of which anything is."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT ON (subject, serial)
                 subject, serial, label_shown, "where", lat, lon, pointed_by, until, keeper
               FROM codes_placing WHERE subject = ANY(%s) ORDER BY subject, serial, id DESC""",
            [list(subjects)],
        )
        return {row[1]: Hanging(*row) for row in cursor.fetchall()}


def labels_shown(subjects: Sequence[str]) -> set[int]:
    """Return the serials of these subjects whose label may be shown to whoever scans, as their holders agreed."""
    if not subjects:
        return set()
    return {serial for serial, where in hanging(subjects).items() if where.label_shown}


class Turned(NamedTuple):
    """One turn that a code took: into which state, why, by whom, when."""

    id: int
    serial: int
    state: str
    why: str
    by: str
    at: datetime


def turns(subject: str, *, serial: int | None = None, limit: int) -> list[Turned]:
    """Return the turns that the codes of a subject (or one of them) took, newest first, bounded."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id, serial, state, why, by, at FROM codes_turn
               WHERE subject = %s AND (%s::bigint IS NULL OR serial = %s) ORDER BY id DESC LIMIT %s""",
            [subject, serial, serial, limit],
        )
        return [Turned._make(row) for row in cursor.fetchall()]


def paused_before(subject: str, serials: Sequence[int]) -> set[int]:
    """Return those of these frozen codes that their holder had paused: freed, they are that again, and not shown."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT serial FROM (
                 SELECT DISTINCT ON (serial) serial, state FROM codes_turn
                 WHERE subject = %s AND serial = ANY(%s) AND state <> 'frozen' ORDER BY serial, id DESC) before
               WHERE state = 'paused'""",
            [subject, list(serials)],
        )
        return {serial for (serial,) in cursor.fetchall()}


class Consented(NamedTuple):
    """What a business said to a code once: yes or no, by which paper, of which words, when."""

    given: bool
    reference: str
    version: str
    at: datetime


def consents(subject: str, *, limit: int) -> list[Consented]:
    """Return what a subject said to a code, newest first, bounded."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT given, reference, version, at FROM codes_consent WHERE subject = %s ORDER BY id DESC LIMIT %s""",
            [subject, limit],
        )
        return [Consented._make(row) for row in cursor.fetchall()]


def holders_in(state: str, *, limit: int) -> list[str]:
    """Return the subjects of the newest so many codes that are in a state, each once: asked of the board."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT holder FROM board_code WHERE holder_kind = 'subject' AND state = %s
               ORDER BY serial DESC LIMIT %s""",
            [state, limit],
        )
        return list(dict.fromkeys(holder for (holder,) in cursor.fetchall()))


def consenting(subjects: Sequence[str]) -> set[str]:
    """Return those of these subjects whose newest word on a code is yes."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT subject FROM (
                 SELECT DISTINCT ON (subject) subject, given FROM codes_consent WHERE subject = ANY(%s)
                 ORDER BY subject, id DESC) said WHERE given""",
            [list(subjects)],
        )
        return {subject for (subject,) in cursor.fetchall()}


def refusing(subjects: Sequence[str]) -> set[str]:
    """Return those of these subjects who took their consent back: nothing of theirs is shown, whoever gave them a code."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT subject FROM (
                 SELECT DISTINCT ON (subject) subject, given FROM codes_consent WHERE subject = ANY(%s)
                 ORDER BY subject, id DESC) said WHERE NOT given""",
            [list(subjects)],
        )
        return {subject for (subject,) in cursor.fetchall()}


def coded(subjects: Sequence[str]) -> set[str]:
    """Return those of these subjects that have a code that stands: an active one of ours, or one issued elsewhere.

    Whoever is deregistered, or whose licence was revoked, has none, whatever hangs on the door; nor does a code whose key
    was revoked count.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH standing AS (
                 SELECT subject FROM (
                   SELECT DISTINCT ON (subject) subject, state, gone FROM subjects_registration
                   WHERE subject = ANY(%(subjects)s) ORDER BY subject, id DESC) newest
                 WHERE NOT gone AND state = ANY(%(states)s))
               SELECT s.subject FROM standing s
               WHERE EXISTS (
                   SELECT FROM codes_code c
                   JOIN LATERAL (SELECT state FROM codes_turn t WHERE t.subject = c.subject AND t.serial = c.serial
                     ORDER BY t.id DESC LIMIT 1) t ON t.state = 'active'
                   WHERE c.subject = s.subject AND NOT (c.profile = 'full' AND left(c.token, 3) = ANY(%(dead)s)))
                 OR EXISTS (
                   SELECT FROM (SELECT DISTINCT ON (number) number, gone FROM codes_elsewhere e
                     WHERE e.subject = s.subject ORDER BY number, id DESC) e WHERE NOT e.gone)""",
            {
                "subjects": list(subjects),
                "states": [state.name for state in STATES.values() if state.may_be_coded],
                "dead": list(dead_prefixes()),
            },
        )
        return {subject for (subject,) in cursor.fetchall()}


def signed_with(key: int) -> int:
    """Return how many codes were ever signed with a key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM codes_code WHERE profile = 'full' AND left(token, 3) = %s", [key_prefix(key)]
        )
        return int(cursor.fetchone()[0])


def dead_prefixes() -> frozenset[str]:
    """Return what the tokens of revoked keys begin with: codes that vouch for nothing, whatever their state."""
    revoked = BoardKey.objects.exclude(revoked_at=None).values_list("number", flat=True)
    return frozenset(key_prefix(number) for number in revoked)


def stopped_since(at: datetime) -> list[tuple[str, int]]:
    """Return subject and serial of the codes that took a turn from then on and are not active now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT subject FROM codes_turn WHERE at >= %s AND state <> 'active'", [at])
        subjects = [subject for (subject,) in cursor.fetchall()]
    return [(code.subject, code.serial) for code in standing(subjects) if code.state != "active"]


def codeless(*, placement: str, label: str, after: str, limit: int) -> list[str]:
    """Return the next subjects after a USCC that have no standing code, or for this placement one of a revoked key."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.uscc FROM subjects_subject s
               WHERE s.uscc > %s
                 AND (NOT EXISTS (
                   SELECT FROM board_code b WHERE b.holder = s.uscc AND b.state NOT IN ('superseded', 'cancelled'))
                 OR EXISTS (
                   SELECT FROM codes_code c JOIN board_code b ON b.serial = c.serial
                   WHERE c.subject = s.uscc AND c.profile = 'full' AND left(c.token, 3) = ANY(%s)
                     AND (c.placement, c.label) = (%s, %s) AND b.state IN ('active', 'pending')))
               ORDER BY s.uscc LIMIT %s""",
            [after, list(dead_prefixes()), placement, label, limit],
        )
        return [uscc for (uscc,) in cursor.fetchall()]


def holders(*, after: str, limit: int) -> list[str]:
    """Return the next subjects after a USCC that were ever given a code."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT subject FROM codes_code WHERE subject > %s ORDER BY subject LIMIT %s", [after, limit]
        )
        return [subject for (subject,) in cursor.fetchall()]


def holder_count() -> int:
    """Return how many subjects were ever given a code."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT subject) FROM codes_code")
        count: int = cursor.fetchone()[0]
        return count


def stopped_among(serials: Sequence[int]) -> list[int]:
    """Return those of these codes that are not active now, by serial: asked of the board, which hides them in the act."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT serial FROM board_code WHERE serial = ANY(%s) AND state <> 'active' ORDER BY serial",
            [list(serials)],
        )
        return [serial for (serial,) in cursor.fetchall()]


def revoked_since(at: datetime) -> bool:
    """Tell whether a key was revoked from then on: what it signed before vouches for nothing."""
    return BoardKey.objects.filter(revoked_at__gte=at).exists()


def holders_of(serials: Sequence[int]) -> dict[int, str]:
    """Return whose codes these serials are, those that are a subject's: asked of the board, which knows them by serial."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT serial, holder FROM board_code WHERE serial = ANY(%s) AND holder_kind = 'subject'", [list(serials)]
        )
        return dict(cursor.fetchall())
