"""Questions about the board, asked by the office's side."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection

from chengxin.board.status import REVOKED, SUSPENDED


class Stopped(NamedTuple):
    """The serials that a status list has to tell, and the last one there is."""

    revoked: list[int]
    suspended: list[int]
    last_serial: int


def stopped() -> Stopped:
    """Return the serials of all codes that do not stand."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(array_agg(serial) FILTER (WHERE ended OR state = ANY(%s)), '{}'),
                 coalesce(array_agg(serial) FILTER (WHERE state = ANY(%s)), '{}'),
                 (SELECT coalesce(max(serial), 0) FROM board_code)
               FROM board_code WHERE state <> 'active' OR ended""",
            [list(REVOKED), list(SUSPENDED)],
        )
        return Stopped._make(cursor.fetchone())
