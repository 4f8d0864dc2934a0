"""Looking for holders on the board: by name, and by number. What is not shown at this moment is not found.

A question becomes groups of keys (`terms.finding`), a group becomes one look into the index, and what comes back is ranked
by its name. Every look is bounded, however common its words: 饭店 finds some, not a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from chengxin.public.line import Line
from chengxin.terms import finding

EXACT_EACH: Final = 120
"""Names that one group of keys may bring, and below: that all groups of a question may bring together."""
EXACT_ALL: Final = 240
NEAR_EACH: Final = 40
NEAR_ALL: Final = 160
FEW: Final = 20
"""With fewer answers to the very words we look for what sounds alike or is a slip away, too."""
MOST: Final = 100
"""Answers that anybody gets to one question."""

# The groups come in order, so the outer limit stops the looking when enough is found. LATERAL: each group is one scan
# of the index, whatever the planner believes of the others.
FIND: Final = (
    b"SELECT n.holder, n.kind, n.name, n.place, n.trade, n.state"
    b" FROM unnest($1::text[]) WITH ORDINALITY AS wanted (keys, number)"
    b" CROSS JOIN LATERAL (SELECT holder, kind, name, place, trade, state FROM board_name"
    b" WHERE board_name.keys @> wanted.keys::integer[] LIMIT $2::integer) AS n LIMIT $3::integer"
)
# A holder is found while a card of his is good and a code of his is active: pausing the last one hides him at once.
# Whoever has none of ours is found by one that somebody else issued.
_STANDS: Final = (
    b"(EXISTS (SELECT FROM board_code c WHERE c.holder = $holder AND c.holder_kind = $kind AND c.state = 'active')"
    b" OR (EXISTS (SELECT FROM board_elsewhere e WHERE e.holder = $holder AND e.holder_kind = $kind)"
    b" AND NOT EXISTS (SELECT FROM board_code c WHERE c.holder = $holder AND c.holder_kind = $kind"
    b" AND c.state IN ('paused', 'frozen'))))"
)
STANDING: Final = (
    b"SELECT wanted.holder, wanted.kind FROM unnest($1::varchar[], $2::varchar[]) AS wanted (holder, kind)"
    b" JOIN board_card d ON d.holder = wanted.holder AND d.kind = wanted.kind"
    b" WHERE d.good_until > $3::timestamptz AND "
    + _STANDS.replace(b"$holder", b"wanted.holder").replace(b"$kind", b"wanted.kind")
)
NAMED: Final = b"SELECT holder, kind, name, place, trade, state FROM board_name WHERE holder = $1::varchar"
CARD: Final = (
    b"SELECT d.document, d.good_until FROM board_card d WHERE d.holder = $1::varchar AND d.kind = $2::varchar"
    b" AND d.good_until > $3::timestamptz AND " + _STANDS.replace(b"$holder", b"d.holder").replace(b"$kind", b"d.kind")
)


class Hit(NamedTuple):
    """One holder that was found."""

    holder: str
    kind: str
    name: str
    place: str
    trade: str
    state: str  # of registration
    is_near: bool = False  # found by its sound, or as if by a slip of the pen


@dataclass(frozen=True, slots=True)
class Found:
    """The answers to a question, the likeliest first."""

    hits: tuple[Hit, ...]
    is_cut: bool = False  # there are more than anybody is shown


def _array(values: Iterable[str]) -> bytes:
    """Return texts without commas, quotes or backslashes as PostgreSQL writes an array."""
    return f"{{{','.join(values)}}}".encode()


def _look(line: Line, groups: Sequence[finding.Group], *, each: int, together: int) -> list[Hit]:
    if not groups:
        return []
    wanted = ('"{' + ",".join(map(str, group)) + '}"' for group in groups)
    rows = line.ask(FIND, [_array(wanted), b"%d" % each, b"%d" % together])
    return list(dict.fromkeys(_hit(row) for row in rows))


def _hit(row: tuple[bytes | None, ...]) -> Hit:
    holder, kind, name, place, trade, state = ((value or b"").decode() for value in row)
    return Hit(holder, kind, name, place, trade, state)


def _standing(line: Line, hits: Sequence[Hit], at: datetime) -> list[Hit]:
    if not hits:
        return []
    rows = line.ask(
        STANDING,
        [_array(hit.holder for hit in hits), _array(hit.kind for hit in hits), at.isoformat().encode()],
    )
    stand = {(holder, kind) for holder, kind in rows}
    return [hit for hit in hits if (hit.holder.encode(), hit.kind.encode()) in stand]


def named(line: Line, asked: finding.Question, *, at: datetime) -> Found:
    """Return the holders that a question means.

    :raises Down: the database did not answer.
    """
    ranked = _ranked(asked, _look(line, finding.groups(asked), each=EXACT_EACH, together=EXACT_ALL))
    # Twenty shops of that name in other trades are no answer to a name with its trade.
    if sum(rank.missing == 0 for rank, _ in ranked) < FEW:
        known = {hit for _, hit in ranked}
        more = _look(line, finding.near_groups(asked), each=NEAR_EACH, together=NEAR_ALL)
        ranked = sorted(
            [*ranked, *_ranked(asked, [hit for hit in more if hit not in known])],
            key=lambda one: (one[0].missing > 0, one[0].is_near, one[0]),
        )
    hits = [hit._replace(is_near=rank.is_near) for rank, hit in ranked]
    # Most stand: the rest is looked at only where so many do not that too few are left.
    standing = _standing(line, hits[: MOST + FEW], at)
    if len(standing) <= MOST:
        standing += _standing(line, hits[MOST + FEW :], at)
    return Found(tuple(standing[:MOST]), is_cut=len(standing) > MOST)


def _ranked(asked: finding.Question, hits: Iterable[Hit]) -> list[tuple[finding.Rank, Hit]]:
    return sorted((rank, hit) for hit in hits if (rank := finding.rank(asked, hit.name)) is not None)


def numbered(line: Line, uscc: str, *, at: datetime) -> Found:
    """Return the holder of a USCC, or nobody.

    :raises Down: the database did not answer.
    """
    hits = [_hit(row) for row in line.ask(NAMED, [uscc.encode()])]
    return Found(tuple(_standing(line, hits, at)))


def document(line: Line, *, kind: str, holder: str, at: datetime) -> tuple[bytes, datetime] | None:
    """Return the card of a holder that may be found now, and until when it is good.

    :raises Down: the database did not answer.
    """
    rows = line.ask(CARD, [holder.encode(), kind.encode(), at.isoformat().encode()])
    if not rows:
        return None
    text, good_until = rows[0]
    return text or b"", datetime.fromisoformat((good_until or b"").decode())
