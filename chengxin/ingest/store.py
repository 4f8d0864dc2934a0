"""原件: the files as they came, each kept once under the digest of its bytes (ADR 0020). Owner-only: they hold what was sent.

A file is written beside its place, flushed to the disk and then named, so that a name stands for a whole file always.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from chengxin.ingest.reading.sniff import NotReadable, megabytes
from chengxin.people.trail import Refused

CHUNK: Final = 1 << 20
PART: Final = ".part-"
FULL: Final = (errno.ENOSPC, errno.EDQUOT)


class Kept(NamedTuple):
    """A file that is kept: the SHA-256 of its bytes, and how many they are."""

    sha256: str
    size: int


def place(folder: Path, sha256: str) -> Path:
    """Return where the file with a digest is kept, or would be."""
    return folder / sha256[:2] / sha256


def keep(file: BinaryIO, *, folder: Path, limit: int) -> Kept:
    """Keep what a file holds, to its end, and return by which name; a file that is kept already is kept once.

    :raises NotReadable: there is nothing in it, or more than the limit (bytes).
    :raises Refused: the disk is full.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f"{PART}{secrets.token_hex(8)}"
    digest, size = hashlib.sha256(), 0
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb", buffering=0) as kept:
            while chunk := file.read(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise NotReadable(f"文件超过上限 {megabytes(limit)}；请拆成几个文件分别报送")
                digest.update(chunk)
                left = memoryview(chunk)
                while left:
                    left = left[kept.write(left) :]
            os.fsync(kept.fileno())
        if not size:
            raise NotReadable("文件是空的，一个字节也没有；请向提供单位重新要一份")
        name = digest.hexdigest()
        at = place(folder, name)
        at.parent.mkdir(mode=0o700, exist_ok=True)
        part.replace(at)
        for changed in (at.parent, folder):
            _flush(changed)
    except OSError as error:
        if error.errno in FULL:
            raise Refused("服务器的磁盘满了，文件没有收下；请联系系统管理员，腾出空间后再报送一次") from error
        raise
    finally:
        part.unlink(missing_ok=True)
    return Kept(name, size)


def kept(folder: Path) -> Iterator[tuple[Path, float]]:
    """Yield every file that is kept, and every one half written, with the time it was last sent (seconds since 1970)."""
    if folder.exists():
        for path in chain(folder.glob(f"{PART}*"), folder.glob("??/*")):
            with suppress(FileNotFoundError):
                yield path, path.stat().st_mtime


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
