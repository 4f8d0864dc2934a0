"""A line to PostgreSQL on which no wait is unbounded: a server that hangs must never hang a scan.

psycopg's own calls wait until the server answers, and a stopped server (SIGSTOP, a lost network) never does. So the
public side drives libpq itself, through psycopg's thin layer, and looks at the clock before each wait. No Django.
"""

from __future__ import annotations

import select
from collections.abc import Sequence
from time import monotonic
from types import TracebackType
from typing import Final, Self

import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo

Value = bytes | None
Answer = list[tuple[Value, ...]]

READ: Final = select.POLLIN | select.POLLPRI
WRITE: Final = select.POLLOUT


class Down(Exception):
    """The database cannot be reached, or did not answer in time."""


class Refused(Exception):
    """The database answered, and the answer is no."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class Line:
    """One connection. Used by one thread at a time; after `Down` it is of no more use."""

    def __init__(self, dsn: str, *, patience: float) -> None:
        """Connect.

        :raises Down: the server is not there, is not ready, or did not answer within `patience` seconds.
        """
        self.patience = patience
        self._prepared: dict[bytes, bytes] = {}
        milliseconds = max(int(patience * 1000), 1)
        try:
            conninfo = make_conninfo(
                dsn,
                application_name="chengxin public",
                tcp_user_timeout=milliseconds,
                # Every question of ours has an index. Of a table just filled the planner knows nothing yet, and would
                # read the whole of it for each of a search's dozens of looks.
                options=f"-c statement_timeout={milliseconds} -c datestyle=ISO -c timezone=UTC -c enable_seqscan=off",
            )
            self._pg = pq.PGconn.connect_start(conninfo.encode())
            self._connect(monotonic() + patience)
            self._pg.nonblocking = 1
        except (psycopg.Error, ValueError, OSError) as trouble:
            raise Down(str(trouble).strip()) from trouble

    def _connect(self, deadline: float) -> None:
        while True:
            if self._pg.status == pq.ConnStatus.BAD:
                raise Down(self._complaint())
            match self._pg.connect_poll():
                case pq.PollingStatus.OK:
                    return
                case pq.PollingStatus.READING:
                    self._wait(READ, deadline)
                case pq.PollingStatus.WRITING:
                    self._wait(WRITE, deadline)
                case _:
                    raise Down(self._complaint())

    def _complaint(self) -> str:
        return self._pg.error_message.decode(errors="replace").strip() or "no answer from the database"

    def _wait(self, events: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(self._pg.socket, events)
        if not poll.poll(max(deadline - monotonic(), 0) * 1000):
            self.close()
            raise Down("the database did not answer in time")

    def _flush(self, deadline: float) -> None:
        while self._pg.flush():
            self._wait(READ | WRITE, deadline)
            self._pg.consume_input()

    def _results(self, deadline: float) -> Answer:
        self._flush(deadline)
        rows: Answer = []
        refusal: Refused | None = None
        while True:
            while self._pg.is_busy():
                self._wait(READ, deadline)
                self._pg.consume_input()
            result = self._pg.get_result()
            if result is None:
                break
            if result.status == pq.ExecStatus.FATAL_ERROR:
                code = result.error_field(pq.DiagnosticField.SQLSTATE) or b""
                refusal = Refused(result.error_message.decode(errors="replace").strip(), code.decode())
            elif result.status == pq.ExecStatus.COPY_IN:
                break
            else:
                columns = range(result.nfields)
                rows = [tuple(result.get_value(row, column) for column in columns) for row in range(result.ntuples)]
        if refusal is not None:
            # Classes 08 and 57: the connection is gone, or the server is shutting down or cancelled us for being slow.
            if not refusal.code or refusal.code[:2] in ("08", "57"):
                self.close()
                raise Down(str(refusal))
            raise refusal
        return rows

    def ask(self, query: bytes, values: Sequence[Value] = (), *, patience: float | None = None) -> Answer:
        """Return the rows that answer a query, each value as the text PostgreSQL writes.

        The query is prepared on first use, so only constant queries belong here.

        :raises Down: no answer in time.
        :raises Refused: the server says no.
        """
        deadline = monotonic() + (self.patience if patience is None else patience)
        try:
            name = self._prepared.get(query)
            if name is None:
                name = b"q%d" % len(self._prepared)
                self._pg.send_prepare(name, query)
                self._results(deadline)
                self._prepared[query] = name
            self._pg.send_query_prepared(name, list(values) or None)
            return self._results(deadline)
        except (psycopg.Error, OSError) as trouble:
            self.close()
            raise Down(str(trouble).strip()) from trouble

    def copy(self, query: bytes, rows: bytes) -> None:
        """Send rows in the form that the query names.

        :raises Down: no answer in time; nothing says whether the rows arrived.
        :raises Refused: the server says no, and holds none of the rows.
        """
        deadline = monotonic() + self.patience
        try:
            self._pg.send_query(query)
            self._results(deadline)
            view = memoryview(rows)
            for start in range(0, len(rows), 1 << 16):
                self._pg.put_copy_data(view[start : start + (1 << 16)])
                self._flush(deadline)
            self._pg.put_copy_end()
            self._results(deadline)
        except (psycopg.Error, OSError) as trouble:
            self.close()
            raise Down(str(trouble).strip()) from trouble

    def wait(self, seconds: float) -> None:
        """Return when the server has something to say, or after some seconds."""
        poll = select.poll()
        poll.register(self._pg.socket, READ)
        poll.poll(seconds * 1000)

    def notes(self) -> list[str]:
        """Return the payloads of the notifications that have arrived.

        :raises Down: the connection is gone.
        """
        payloads = []
        try:
            self._pg.consume_input()
            while (note := self._pg.notifies()) is not None:
                payloads.append(note.extra.decode(errors="replace"))
        except (psycopg.Error, OSError) as trouble:
            self.close()
            raise Down(str(trouble).strip()) from trouble
        return payloads

    def close(self) -> None:
        """Hang up."""
        self._pg.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, trouble: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
