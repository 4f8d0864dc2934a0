"""A file's rows read, checked and written down as lines that PostgreSQL copies, in chunks on disk.

Of a large file that is the work of a process of its own, so that rows are checked while PostgreSQL is busy with those
before them. The process shares nothing with its parent but some open files: it says what it has done on one pipe, and
waits on another while it is too far ahead. It ends with its parent.
"""

from __future__ import annotations

import errno
import os
import signal
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import chain, cycle, islice
from pathlib import Path
from typing import IO, Final, NamedTuple, NoReturn, Self

import msgspec

from chengxin.ingest.checking import Progress
from chengxin.ingest.reading.sniff import NotReadable
from chengxin.ingest.store import FULL

CHUNK: Final = 50_000
"""Rows that are matched, compared and added at a time."""
FIRST: Final = 6_250
"""So many are the first chunk, and of each that follows twice as many, so that PostgreSQL need not wait long to begin."""
SPOOLS: Final = 3
"""So many chunks are on disk at most: one being copied, one ready, one being written."""
BLOCK: Final = 1 << 18
LARGE: Final = 8_000_000
"""Bytes from which on a file is worth a second process."""


class Chunk(NamedTuple):
    """So many rows, as lines in the spool of a number."""

    spool: int
    rows: int
    last: bool


class Said(msgspec.Struct):
    """What the process beside says: a chunk, how far it is, or how it ended."""

    rows: int = 0
    share: float | None = None
    chunk: tuple[int, int, bool] | None = None
    outcome: object = None  # what `work` returned, once it is done
    refused: str = ""
    broke: str = ""
    full: bool = False  # the disk is
    done: bool = False


Spools = tuple[IO[bytes], ...]
Lines = Callable[[Progress], Iterable[bytes]]
"""Reads the file: yields a line a row that may be taken in, and tells how far it is."""


class Broken(Exception):
    """The process beside ended without an answer, or with a fault of ours."""


@contextmanager
def chunks(
    lines: Lines, outcome: Callable[[], object], *, folder: Path, progress: Progress, size: int
) -> Iterator[tuple[Iterator[tuple[Chunk, Iterator[bytes]]], Callable[[], object]]]:
    """Open a file of so many bytes: give its chunks, each with its bytes, and what `outcome` says once all were taken.

    :raises NotReadable: while chunks are taken, as `lines` does.
    """
    with ExitStack() as stack:
        spools = tuple(stack.enter_context(tempfile.TemporaryFile(dir=folder)) for _ in range(SPOOLS))
        if size < LARGE:
            yield (((each, _bytes(spools[each.spool])) for each in _spooled(lines(progress), spools)), outcome)
        else:
            beside = stack.enter_context(_Beside(lines, outcome, spools, progress))
            yield beside.chunks(), beside.outcome


def _spooled(lines: Iterable[bytes], spools: Spools, wait: Callable[[], None] = lambda: None) -> Iterator[Chunk]:
    """Write lines into the spools in turn, and say when one is full."""
    rest = iter(lines)
    ahead = next(rest, None)
    size = min(FIRST, CHUNK)
    for number, spool in cycle(enumerate(spools)):
        wait()
        spool.seek(0)
        spool.truncate()
        rows = 0
        if ahead is not None:
            for line in chain((ahead,), islice(rest, size - 1)):
                spool.write(line)
                rows += 1
            ahead = next(rest, None)
        spool.flush()
        yield Chunk(number, rows, ahead is None)
        if ahead is None:
            return
        size = min(2 * size, CHUNK)


def _bytes(spool: IO[bytes]) -> Iterator[bytes]:
    # Read by place: the file's own position is whose who writes.
    at = 0
    while block := os.pread(spool.fileno(), BLOCK, at):
        yield block
        at += len(block)


class _Beside:
    """The process beside, and its two pipes."""

    def __init__(self, lines: Lines, outcome: Callable[[], object], spools: Spools, progress: Progress) -> None:
        self._spools = spools
        self._progress = progress
        self._outcome: object = None
        said, say = os.pipe()
        hear, tell = os.pipe()
        self._process = os.fork()
        if not self._process:
            os.close(said)
            os.close(tell)
            _be_beside(lines, outcome, spools, say, hear)
        os.close(say)
        os.close(hear)
        self._said = open(said, "rb")  # noqa: SIM115 — closed on leaving
        self._tell = tell

    def chunks(self) -> Iterator[tuple[Chunk, Iterator[bytes]]]:
        decode = msgspec.json.Decoder(Said).decode
        for line in self._said:
            said = decode(line)
            if said.chunk:
                chunk = Chunk(*said.chunk)
                yield chunk, _bytes(self._spools[chunk.spool])
                with suppress(BrokenPipeError):  # it may be done
                    os.write(self._tell, b".")
            elif said.refused:
                raise NotReadable(said.refused)
            elif said.full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            elif said.broke:
                raise Broken(said.broke)
            elif said.done:
                self._outcome = said.outcome
                return
            else:
                self._progress(said.rows, said.share)
        raise Broken("the process that reads the file is gone")

    def outcome(self) -> object:
        return self._outcome

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        self._said.close()
        os.close(self._tell)


def _be_beside(lines: Lines, outcome: Callable[[], object], spools: Spools, say: int, hear: int) -> NoReturn:
    """Work as the process beside, and end without a word to whatever else was inherited: a database's line, above all."""
    encode = msgspec.json.Encoder().encode
    free = SPOOLS

    def tell(said: Said) -> None:
        line = encode(said) + b"\n"
        while line:
            line = line[os.write(say, line) :]

    def wait() -> None:
        nonlocal free
        if not free:
            if not os.read(hear, 1):
                os._exit(1)  # nobody is left to work for
            free += 1
        free -= 1

    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        for chunk in _spooled(lines(lambda rows, share: tell(Said(rows, share))), spools, wait):
            tell(Said(chunk=(*chunk,)))
        tell(Said(outcome=outcome(), done=True))
    except NotReadable as error:
        tell(Said(refused=str(error)))
    except OSError as error:
        tell(Said(full=True) if error.errno in FULL else Said(broke=traceback.format_exc()))
    except BaseException:  # noqa: BLE001 — whatever it is, the parent is told
        with suppress(OSError):
            tell(Said(broke=traceback.format_exc()))
    os._exit(0)
