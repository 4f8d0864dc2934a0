"""目录归集: a file put into incoming/SOURCE/KIND/ is taken in, and then lies in `done` or `failed` with a note of why.

SOURCE is a name of `ingest/sources`, or a unit of the directory by its name, short name or USCC; KIND a kind by its name
or label. A file is taken when it has stood still for some seconds. It moves to `taken` once it is received, which may be
said twice but happens once: the request key is the file's own place, number and time of change, so whoever was killed
between receiving and moving finds the same batch again. Symbolic links are never followed.
"""

from __future__ import annotations

import io
import logging
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from chengxin.credit.records import catalogue
from chengxin.ingest import batches, sources
from chengxin.ingest.models import Batch
from chengxin.ingest.reading.sniff import megabytes
from chengxin.ingest.reading.table import NotReadable
from chengxin.ingest.sources import Source
from chengxin.people import clients
from chengxin.people.models import Unit
from chengxin.people.trail import Actor, Refused

log = logging.getLogger(__name__)

SETTLED_SECONDS: Final = 5.0
"""Without a change in size or time, after which a file counts as written to its end."""
AT_ONCE: Final = 20
"""Files taken in one look: pages and other files come between."""
LOOKED_AT: Final = 5000
"""Entries of one folder looked at, of which the rest comes when these are gone."""
TAKEN, DONE, FAILED = "taken", "done", "failed"
OURS: Final = frozenset({TAKEN, DONE, FAILED})
UNFINISHED: Final = re.compile(r"^[.~]|(?:~|\.part|\.tmp|\.filepart|\.crdownload)$", re.IGNORECASE)
"""Names that programs give to what they are still writing."""
BY: Final = Actor("监视目录", "command")
CLIENT: Final = "folder"
NAME_BYTES: Final = 240


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that files are put into, and what its name says of them."""

    folder: Path
    source: str
    kind: str


class Watch:
    """Looks at the folder now and then, and remembers between two looks which files have stood still since when."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder: Path = folder or settings.INCOMING_DIR
        self._seen: dict[Path, tuple[tuple[int, ...], float]] = {}

    def look(self, *, at: datetime, now: float) -> int:
        """Take what has settled, put away what is done; return how many files were taken. `now` is of a steady clock.

        Of several who look at the same time one does.
        """
        if not self._folder.is_dir():
            return 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtext('pipeline.incoming'))")
            (mine,) = cursor.fetchone()
        if not mine:
            return 0
        try:
            return self._look(at=at, now=now)
        except OSError as error:
            log.error("incoming: the folder could not be looked at: %s", error)
            return 0
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('pipeline.incoming'))")

    def _look(self, *, at: datetime, now: float) -> int:
        there: set[Path] = set()
        taken = 0
        for place in self._places():
            if place.kind:
                put_away(place)
            for path in _files(place.folder):
                there.add(path)
                if taken < AT_ONCE and self._has_settled(path, now):
                    self._try(place, path, at=at)
                    self._seen.pop(path, None)
                    taken += 1
        self._seen = {path: seen for path, seen in self._seen.items() if path in there}
        return taken

    def _places(self) -> Iterator[Place]:
        """Yield every folder; what lies in one that is no SOURCE/KIND is refused with a note, not passed over."""
        yield Place(self._folder, "", "")
        for source in _folders(self._folder):
            yield Place(source, readable(source.name), "")
            for kind in _folders(source):
                yield Place(kind, readable(source.name), readable(kind.name))

    def _has_settled(self, path: Path, now: float) -> bool:
        try:
            is_now = path.lstat()
        except OSError:
            return False  # taken away again
        mark = (is_now.st_size, is_now.st_mtime_ns, is_now.st_ino)
        before, since = self._seen.get(path, ((), now))
        if before != mark:
            self._seen[path] = (mark, now)
            return False
        return now - since >= SETTLED_SECONDS

    def _try(self, place: Place, path: Path, *, at: datetime) -> None:
        try:
            take(place, path, root=self._folder, at=at)
        except (Refused, NotReadable) as error:
            _note_and_move(path, place.folder / FAILED, _when(at), f"{str(error).rstrip('。')}。文件没有收下。")
        except _Changed:
            pass  # it settles again
        except OSError as error:
            # Of the folder or the disk, not of the file: it stays where it is.
            log.error("incoming: %s could not be taken: %s", path, error)
        except DatabaseError:
            raise  # as for any other work of this process: it comes back
        except Exception:
            log.exception("incoming: %s broke whoever took it", path)
            said = "处理这份文件时程序出错；请告诉系统管理员，原因在服务器的日志里。文件没有收下。"
            _note_and_move(path, place.folder / FAILED, _when(at), said)


class _Changed(Exception):
    """A file was written to while it was read."""


def take(place: Place, path: Path, *, root: Path, at: datetime) -> Batch:
    """Receive one file and move it to `taken`.

    :raises Refused: it is no file, or its folders name no source or no kind.
    :raises NotReadable: it is empty or too large.
    :raises OSError: the folder does not let us.
    """
    if not place.kind:
        raise Refused("请把文件放到“来源/种类”两级目录里，如 incoming/市市场监督管理局/行政处罚/")
    kind, (source, unit) = kind_called(place.kind), source_called(place.source)
    if not os.access(place.folder, os.W_OK):
        raise PermissionError(f"{place.folder} cannot be written to")
    with _opened(path) as file:
        is_now = os.fstat(file.fileno())
        if is_now.st_size > settings.INTAKE_MAX_BYTES:
            raise NotReadable(f"文件超过上限 {megabytes(settings.INTAKE_MAX_BYTES)}；请拆成几个文件分别报送")
        batch = batches.receive(
            file=io.BufferedReader(_Steady(file), 1 << 16),
            file_name=readable(path.name),
            kind=kind,
            source=source,
            way="folder",
            by=BY,
            unit=unit,
            at=at,
            then="check" if source.preview else "apply",
            request=(CLIENT, _key(path.relative_to(root), is_now)),
        )
        (place.folder / TAKEN).mkdir(exist_ok=True)
        to = place.folder / TAKEN / _named(f"{batch.pk}-", path.name)
        os.rename(path, to)
        if to.lstat().st_ino != is_now.st_ino:
            os.rename(to, path)  # another file took its place meanwhile: that one has its own turn
    return batch


def put_away(place: Place) -> None:
    """Move what is taken and settled to `done` or `failed`, with a note beside it of what became of it."""
    folder = place.folder / TAKEN
    waiting = {path: int(path.name.partition("-")[0]) for path in _files(folder) if re.match(r"\d{1,18}-", path.name)}
    standing = Batch.objects.in_bulk(set(waiting.values()))
    for path, number in waiting.items():
        batch = standing.get(number)
        if batch is None:
            _note_and_move(path, place.folder / FAILED, "", f"库里没有第 {number} 批；请把文件再放一次。")
        elif batch.state == "failed":
            _note_and_move(
                path, place.folder / FAILED, "", f"第 {number} 批未能读取：{batch.message.rstrip('。')}。没有入库。"
            )
        elif not batch.wanted and batch.state not in ("received", "checked"):
            _note_and_move(path, place.folder / DONE, "", _told(batch))


def kind_called(name: str) -> str:
    """Return the kind that a folder is called after.

    :raises Refused: there is none.
    """
    for kind in catalogue.KINDS.values():
        if name in (kind.name, kind.label):
            return kind.name
    raise Refused(f"没有“{name[:40]}”这个种类：目录名应为种类的名称，如 行政处罚 或 penalty")


def source_called(name: str) -> tuple[Source, int | None]:
    """Return the source that a folder is called after, and its unit where the directory has it.

    :raises Refused: there is none.
    """
    known = sources.catalogue().get(name)
    if known is not None and name != sources.DEFAULT:
        unit = Unit.objects.filter(name=known.unit, is_active=True).first() if known.unit else None
        return known, unit.pk if unit else None
    of = Unit.objects.get(pk=clients.unit_called(name))
    return Source(name=sources.DEFAULT, label=of.name, unit=of.name, uscc=of.uscc), of.pk


def readable(name: str) -> str:
    """Return a file's name as it was meant: a Windows machine that sends by FTP writes it in GBK."""
    raw = os.fsencode(name)
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    return raw.decode(errors="replace")


# ---- Files -------------------------------------------------------------------------------------------------------


def _opened(path: Path) -> io.FileIO:
    """Open a plain file, following no link and waiting for no pipe."""
    try:
        file = io.FileIO(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "r")
    except OSError as error:
        if path.is_symlink():
            raise Refused("这是一个链接，不是文件；请放文件本身") from error
        raise
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise Refused("这不是普通文件；请放文件本身")
    return file


class _Steady(io.RawIOBase):
    """A file that must not change while it is read."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self._before = self._mark()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        read = self._file.readinto(buffer) or 0
        if not read and self._mark() != self._before:
            raise _Changed
        return read

    def _mark(self) -> tuple[int, int, int]:
        is_now = os.fstat(self._file.fileno())
        return is_now.st_size, is_now.st_mtime_ns, is_now.st_ctime_ns


def _key(place: Path, is_now: os.stat_result) -> str:
    """Return the request key of a file: as long as nobody touches it, it is the same request."""
    said = f"{place}\0{is_now.st_ino}\0{is_now.st_size}\0{is_now.st_mtime_ns}\0{is_now.st_ctime_ns}"
    return sha256(said.encode(errors="surrogateescape")).hexdigest()


def _files(folder: Path) -> list[Path]:
    """Return what lies in a folder to be taken, oldest name first: files, and links and pipes, to be refused."""
    try:
        with os.scandir(folder) as entries:
            found = [
                entry.name
                for entry in islice(entries, LOOKED_AT)
                if not entry.is_dir(follow_symlinks=False) and not UNFINISHED.search(entry.name)
            ]
    except FileNotFoundError:
        return []
    return [folder / name for name in sorted(found)]


def _folders(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        found = [
            entry.name
            for entry in islice(entries, LOOKED_AT)
            if entry.is_dir(follow_symlinks=False) and entry.name not in OURS and not entry.name.startswith(".")
        ]
    return [folder / name for name in sorted(found)]


def _named(before: str, name: str) -> str:
    """Return a file's name with something before it, no longer than a file system allows."""
    stem, dot, ending = readable(name).rpartition(".")
    kept = (stem if dot else ending).encode()[: NAME_BYTES - len(before) - len(ending.encode())]
    return before + kept.decode(errors="ignore") + (f".{ending}" if dot else "")


def _note_and_move(path: Path, folder: Path, before: str, sentence: str) -> None:
    """Write why beside where the file goes, and move it; the note first, since moving is what ends the matter."""
    name = _named(before, path.name)
    try:
        folder.mkdir(exist_ok=True)
        note = folder / f"{name}.txt"
        part = folder / f".{name[:100]}.part"
        part.write_text(sentence + "\n", encoding="utf-8")
        part.replace(note)
        path.rename(folder / name)
    except OSError as error:
        log.error("incoming: %s could not be put away: %s", path, error)


def _when(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y%m%d-%H%M%S}-"


def _told(batch: Batch) -> str:
    if batch.state != "applied":
        return f"第 {batch.pk} 批{batches.STATES[batch.state]}，没有入库。"
    same = f"，与第 {batch.same_as_id} 批内容完全相同" if batch.same_as_id else ""
    said = (
        f"第 {batch.pk} 批已入库{same}：共 {batch.rows} 行，接收 {batch.accepted}（更新 {batch.changed}），"
        f"未变 {batch.unchanged}，搁置 {batch.rejected}（待匹配 {batch.waiting}）。"
    )
    return said + ("逐行原因和反馈文件见信用办端的这一批。" if batch.rejected else "")
