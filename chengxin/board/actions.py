"""Acts on the board. `post_*` show or change; `take_down` hides, at once, in the transaction of the act that hides.

Callers write the trail: these are steps of their acts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection
from django.db.backends.utils import CursorWrapper

CHANNEL = "board"
PAYLOAD_LIMIT = 7900  # PostgreSQL takes 8,000 bytes a notification
FORGET_ALL_FROM = 2000  # so many changed holders in one act: readers forget everything instead of being told each


class CodeRow(NamedTuple):
    """One code as it stands on the board."""

    serial: int
    holder_kind: str
    holder: str
    state: str
    placement: str
    label: str
    bits: int | None
    issued_on: date
    ended: bool = False  # the holder's registration has ended (verdict.ENDED_REGISTRATIONS)


class CardRow(NamedTuple):
    """One card as it stands on the board."""

    holder: str
    kind: str
    document: str
    good_until: datetime


class NameRow(NamedTuple):
    """The name of one holder as it is found."""

    holder: str
    kind: str
    name: str
    place: str
    trade: str
    state: str
    keys: tuple[int, ...]


class ElsewhereRow(NamedTuple):
    """One code that somebody else issued, as it stands on the board; `address` is `elsewhere.digest` of its address."""

    number: str
    holder_kind: str
    holder: str
    address: str
    issuer: str
    issued_on: date | None


def _tell(cursor: CursorWrapper, keys: Sequence[str]) -> None:
    """Tell the public processes, once the transaction stands, what to forget."""
    if len(keys) >= FORGET_ALL_FROM:
        keys = ["*"]
    payload = ""
    for key in keys:
        if len(payload) + len(key) + 1 > PAYLOAD_LIMIT:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])
            payload = ""
        payload = f"{payload} {key}" if payload else key
    if payload:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])


def tells_of_codes(payload: str) -> bool:
    """Tell whether a notification says that a code or a key may have changed, and the status list with it."""
    return any(mark in ("*", "keys") or mark.startswith("s:") for mark in payload.split())


def post_codes(codes: Iterable[CodeRow]) -> None:
    """Post codes, or their new state, placement and label, and whether the holder's registration has ended."""
    rows = sorted(codes)  # one order for everybody: two acts cannot lock each other out
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO board_code (serial, holder_kind, holder, state, placement, label, bits, issued_on, ended)
               SELECT * FROM unnest(%s::bigint[], %s::varchar[], %s::varchar[], %s::varchar[], %s::varchar[],
                 %s::varchar[], %s::bigint[], %s::date[], %s::boolean[])
               ON CONFLICT (serial) DO UPDATE SET state = excluded.state, placement = excluded.placement,
                 label = excluded.label, ended = excluded.ended
               WHERE (board_code.state, board_code.placement, board_code.label, board_code.ended)
                 IS DISTINCT FROM (excluded.state, excluded.placement, excluded.label, excluded.ended)
               RETURNING serial""",
            [list(column) for column in zip(*rows, strict=True)],
        )
        # Of what stays as it was nobody is told: a batch that only brings records leaves the status list alone.
        _tell(cursor, [f"s:{serial}" for (serial,) in cursor.fetchall()])


def post_cards(cards: Iterable[CardRow], *, at: datetime) -> None:
    """Post cards in place of those of the same holders."""
    rows = sorted(cards)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO board_card (holder, kind, document, good_until, posted_at)
               SELECT *, %s FROM unnest(%s::varchar[], %s::varchar[], %s::text[], %s::timestamptz[])
               ON CONFLICT (holder, kind) DO UPDATE SET document = excluded.document,
                 good_until = excluded.good_until, posted_at = excluded.posted_at""",
            [at, *(list(column) for column in zip(*rows, strict=True))],
        )
        _tell(cursor, [f"h:{row.holder}" for row in rows])


def post_names(names: Iterable[NameRow]) -> None:
    """Post the names of holders whose cards are posted. Nobody is told: answers of a search are not kept."""
    rows = sorted(names)
    if not rows:
        return
    *plain, keys = (list(column) for column in zip(*rows, strict=True))
    with connection.cursor() as cursor:
        # An array of arrays would be taken apart to its elements: each row's keys go as the text of one.
        cursor.execute(
            """INSERT INTO board_name AS standing (holder, kind, name, place, trade, state, keys)
               SELECT holder, kind, name, place, trade, state, keys::integer[]
               FROM unnest(%s::varchar[], %s::varchar[], %s::text[], %s::text[], %s::text[], %s::varchar[], %s::text[])
                 AS posted (holder, kind, name, place, trade, state, keys)
               ON CONFLICT (holder, kind) DO UPDATE SET name = excluded.name, place = excluded.place,
                 trade = excluded.trade, state = excluded.state, keys = excluded.keys
               WHERE (standing.name, standing.place, standing.trade, standing.state, standing.keys)
                 IS DISTINCT FROM (excluded.name, excluded.place, excluded.trade, excluded.state, excluded.keys)""",
            [*plain, [f"{{{','.join(map(str, each))}}}" for each in keys]],
        )


def post_elsewhere(rows: Iterable[ElsewhereRow], *, holders: Sequence[str]) -> None:
    """Post the codes of others that these holders have; whatever else of theirs stood there comes off."""
    posted = sorted(rows, key=lambda row: row.number)
    columns = [[getattr(row, name) for row in posted] for name in ElsewhereRow._fields]
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH posted AS MATERIALIZED (
                 SELECT * FROM unnest(%s::varchar[], %s::varchar[], %s::varchar[], %s::varchar[], %s::varchar[], %s::date[])
                   AS p (number, holder_kind, holder, address, issuer, issued_on)),
               gone AS (
                 DELETE FROM board_elsewhere WHERE holder = ANY(%s) AND number NOT IN (SELECT number FROM posted)
                 RETURNING holder),
               put AS (
                 INSERT INTO board_elsewhere AS standing (number, holder_kind, holder, address, issuer, issued_on)
                 SELECT * FROM posted
                 ON CONFLICT (number) DO UPDATE SET holder_kind = excluded.holder_kind, holder = excluded.holder,
                   address = excluded.address, issuer = excluded.issuer, issued_on = excluded.issued_on
                 WHERE (standing.holder_kind, standing.holder, standing.address, standing.issuer, standing.issued_on)
                   IS DISTINCT FROM (excluded.holder_kind, excluded.holder, excluded.address, excluded.issuer,
                     excluded.issued_on)
                 RETURNING holder)
               SELECT holder FROM gone UNION SELECT holder FROM put""",
            [*columns, list(holders)],
        )
        _tell(cursor, [f"h:{holder}" for holder in sorted(holder for (holder,) in cursor.fetchall())])


def take_down(
    *, holders: Sequence[str] = (), codes: Sequence[tuple[int, str]] = (), labels: Sequence[int] = ()
) -> None:
    """Hide at once: the cards, names and codes of others of these holders, these codes (serial, state they stop in).

    And the labels of these serials, whatever state they are in.
    """
    with connection.cursor() as cursor:
        if holders:
            cursor.execute("DELETE FROM board_card WHERE holder = ANY(%s)", [list(holders)])
            cursor.execute("DELETE FROM board_name WHERE holder = ANY(%s)", [list(holders)])
            cursor.execute("DELETE FROM board_elsewhere WHERE holder = ANY(%s)", [list(holders)])
        if codes:
            serials, states = zip(*sorted(codes), strict=True)
            cursor.execute(
                """UPDATE board_code SET state = stopped.state
                   FROM unnest(%s::bigint[], %s::varchar[]) AS stopped (serial, state)
                   WHERE board_code.serial = stopped.serial""",
                [list(serials), list(states)],
            )
        if labels:
            cursor.execute("UPDATE board_code SET label = '' WHERE serial = ANY(%s)", [sorted(labels)])
        told = dict.fromkeys([*(serial for serial, _ in codes), *labels])
        _tell(cursor, [*(f"h:{holder}" for holder in holders), *(f"s:{serial}" for serial in told)])


def post_key(*, number: int, public_key: bytes, at: datetime) -> None:
    """Post a public key that codes are signed with."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO board_key (number, public_key, since) VALUES (%s, %s, %s)
               ON CONFLICT (number) DO NOTHING""",
            [number, public_key, at],
        )
        _tell(cursor, ["keys"])


def revoke_key(*, number: int, at: datetime) -> None:
    """Say that a key vouches for nothing any more; a status list that it signed comes off with it."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE board_key SET revoked_at = %s WHERE number = %s AND revoked_at IS NULL", [at, number])
        cursor.execute("DELETE FROM board_status WHERE key = %s", [number])
        _tell(cursor, ["keys", "status"])


def post_status(*, document: str, key: int, digest: bytes, at: datetime) -> None:
    """Post the signed status list in place of the one before."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO board_status (id, document, key, digest, made_at) VALUES (1, %s, %s, %s, %s)
               ON CONFLICT (id) DO UPDATE SET document = excluded.document, key = excluded.key,
                 digest = excluded.digest, made_at = excluded.made_at""",
            [document, key, digest, at],
        )
        _tell(cursor, ["status"])


def post_city(*, document: str, logo: bytes | None, at: datetime) -> None:
    """Post the city's face."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO board_city (id, document, logo, posted_at) VALUES (1, %s, %s, %s)
               ON CONFLICT (id) DO UPDATE SET document = excluded.document, logo = excluded.logo,
                 posted_at = excluded.posted_at""",
            [document, logo, at],
        )
        _tell(cursor, ["city"])


def turn_salt(*, today: date, salt: bytes) -> None:
    """Put up the salt of a day's device hashes, and destroy those of the days before."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO board_salt (day, salt) VALUES (%s, %s) ON CONFLICT (day) DO NOTHING", [today, salt])
        cursor.execute("DELETE FROM board_salt WHERE day < %s", [today])
