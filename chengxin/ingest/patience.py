"""How long a person waits for a lock that somebody who takes in a large file holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from chengxin.people.trail import Refused

PATIENCE_SECONDS: Final = 5.0


@contextmanager
def not_for_long() -> Iterator[None]:
    """Have a person wait a few seconds for others, in the caller's transaction, and then be told so.

    :raises Refused: somebody adds to the kind for longer.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{round(PATIENCE_SECONDS * 1000)}ms"])
    try:
        yield
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise Refused("有同一种类的大文件正在入库，请过一会儿再试一次；刚才什么也没有改动") from error
