"""Questions about codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, overload

from django.db import connection

from chengxin.board.models import BoardKey
from chengxin.board.token import key_prefix, normalise
from chengxin.credit.codes.places import CENTROID
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
        cursor.execute(f"{_STANDING} WHERE c.subject = ANY(%s) ORDER BY c.subject, c.serial", [list(subjects)])
        return [Standing(*row) for row in cursor.fetchall()]


def one(subject: str, serial: int) -> Standing | None:
    """Return one code of a subject with its newest state, or nothing where it has no such code."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_STANDING} WHERE c.subject = %s AND c.serial = %s", [subject, serial])
        row = cursor.fetchone()
        return Standing._make(row) if row else None


class Tally(NamedTuple):
    """How many codes of a subject hang at one kind of place in one state, and since when the oldest of them."""

    placement: str
    state: str
    many: int
    oldest: date


def tally(subject: str) -> list[Tally]:
    """Return how many codes a subject has, by kind of place and state, in the order of the kinds' oldest serials."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT placement, state, count(*), min(issued_on)
                FROM ({_STANDING} WHERE c.subject = %s) one
                GROUP BY placement, state ORDER BY min(serial)""",  # noqa: S608 — a constant
            [subject],
        )
        return [Tally._make(row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class Listing(Sequence[Standing]):
    """Codes of a subject that are looked for, counted and cut by the database: what a paginator takes for a list.

    Listed in the order of `states`, then of serial. `text` is sought in labels and printed serials; codes at one of
    `called` (the kinds whose name has the text) are found as well.
    """

    subject: str
    states: tuple[str, ...]
    placement: str = ""
    text: str = ""
    called: tuple[str, ...] = ()
    newest_first: bool = False

    def __len__(self) -> int:
        """Return how many there are."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM ({_STANDING} {_SOUGHT}) one", self._asked())  # noqa: S608 — constants
            return int(cursor.fetchone()[0])

    def __iter__(self) -> Iterator[Standing]:
        """Return all of them, one after another."""
        return iter(self[:])

    @overload
    def __getitem__(self, cut: int) -> Standing: ...
    @overload
    def __getitem__(self, cut: slice) -> list[Standing]: ...
    def __getitem__(self, cut: int | slice) -> Standing | list[Standing]:
        """Return one of them, or some, by place in the list."""
        if isinstance(cut, int):
            return self[cut : cut + 1][0]
        start, stop, _ = cut.indices(MOST)
        order = "c.serial DESC" if self.newest_first else "array_position(%(states)s::varchar[], t.state), c.serial"
        with connection.cursor() as cursor:
            cursor.execute(
                f"{_STANDING} {_SOUGHT} ORDER BY {order} LIMIT %(limit)s OFFSET %(start)s",
                {**self._asked(), "limit": stop - start, "start": start},
            )
            return [Standing._make(row) for row in cursor.fetchall()]

    def _asked(self) -> dict[str, Any]:
        text = self.text.upper()
        return {
            "subject": self.subject,
            "states": list(self.states),
            "placement": self.placement,
            "text": text,
            "serial": normalise(text.replace("-", "")),
            "called": list(self.called),
        }


MOST: Final = 1_000_000
"""A slice without an end ends here: no subject ever had so many codes."""
_STANDING: Final = """SELECT c.subject, c.serial, c.profile, c.placement, c.label, c.token, c.issued_on, t.state, c.way
    FROM codes_code c
    JOIN LATERAL (
      SELECT state FROM codes_turn t WHERE t.subject = c.subject AND t.serial = c.serial
      ORDER BY t.id DESC LIMIT 1) t ON true"""
# A serial is printed as it stands in its token (board/token.py): seven characters behind the holder, or behind the S.
_SOUGHT: Final = """WHERE c.subject = %(subject)s AND t.state = ANY(%(states)s) AND %(placement)s IN ('', c.placement)
    AND (%(text)s = '' OR strpos(upper(c.label), %(text)s) > 0 OR c.placement = ANY(%(called)s::varchar[])
      OR (%(serial)s <> ''
        AND strpos(substr(c.token, CASE c.profile WHEN 'full' THEN 23 ELSE 2 END, 7), %(serial)s) > 0))"""


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

    @property
    def approximate(self) -> bool:
        """Tell whether the point is that of a county and not of the place; whoever hands a point on hands this on."""
        return self.pointed_by == CENTROID


def hanging(subjects: Sequence[str], *, serial: int | None = None) -> dict[int, Hanging]:
    """Return serial → what is known of where it hangs, for the codes of these subjects (or one of them) of which anything is."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT ON (subject, serial)
                 subject, serial, label_shown, "where", lat, lon, pointed_by, until, keeper
               FROM codes_placing WHERE subject = ANY(%s) AND (%s::bigint IS NULL OR serial = %s)
               ORDER BY subject, serial, id DESC""",
            [list(subjects), serial, serial],
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


def states(serials: Sequence[int]) -> dict[int, str]:
    """Return serial → the state that a code is in now: asked of the board, which hides it in the act."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT serial, state FROM board_code WHERE serial = ANY(%s)", [list(serials)])
        return dict(cursor.fetchall())


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
