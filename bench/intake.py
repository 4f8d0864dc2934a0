"""The rows of taking files in: an official file of a million licences, checked, matched and with its provenance."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import blake2b
from pathlib import Path
from statistics import median
from typing import Final

from django.conf import settings
from django.db import connection, connections, transaction

from bench.figures import CannotMeasure, Figure, ratio, show
from bench.house import BY, House
from bench.programs import patiently
from bench.town import CONTENTS, MARKET, OFFICE
from chengxin.credit.records import catalogue
from chengxin.credit.subjects import actions as subjects
from chengxin.ingest import batches, sources
from chengxin.ingest.models import Batch
from chengxin.pipeline import processes
from chengxin.terms import uscc

SIZE: Final = int(os.environ.get("BENCH_INTAKE_SIZE", "1000000"))  # noqa: TID251 — a smaller one to try it out
EACH: Final = 4
"""Licences of every subject."""
UPLOADS: Final = 100
UPLOAD_ROWS: Final = SIZE // UPLOADS
TIMES: Final = 3
TODAY: Final = date(2026, 11, 20)
FORMS: Final = ("普通", "特许", "认可", "核准", "登记")


@dataclass(frozen=True, slots=True)
class Sent:
    """What the rows take in: a file, its rows in another order, and how large it is."""

    path: Path
    shuffled: Path
    rows: int


def holder(number: int) -> str:
    """Return the USCC of a number."""
    return uscc.compose(department="9", body="1", division="231102", serial=f"{number:08}")


def licence(number: int, *, series: str = "") -> dict[str, str]:
    """Return an official row, the same for the same number."""
    chance = random.Random(f"{series}{number}")
    subject = number // EACH
    named = random.Random(f"name {subject}")
    decided = TODAY - timedelta(days=chance.randrange(1, 2500))
    ends = decided + timedelta(days=chance.choice((1095, 1825, 3650)))
    return {
        "XK_XDR_MC": f"样例市{named.choice('松柏枫桦榆')}{named.choice('岭江林川原')}餐饮管理有限公司第{subject}分公司",
        "XK_XDR_LB": "法人及非法人组织",
        "XK_XDR_SHXYM": holder(subject),
        "XK_FRDB": f"样{chance.choice('甲乙丙丁戊己庚辛')}",
        "XK_XKWS": "准予行政许可决定书",
        "XK_WSH": f"样审许{series}〔{decided.year}〕{number}号",
        "XK_XKLB": chance.choice(FORMS),
        "XK_XKZS": "食品经营许可证",
        "XK_XKBH": f"JY2{number:013}",
        "XK_NR": chance.choice(CONTENTS),
        "XK_JDRQ": f"{decided:%Y/%m/%d}",
        "XK_YXQZ": f"{decided:%Y/%m/%d}",
        "XK_YXQZI": f"{ends:%Y/%m/%d}",
        "XK_XKJG": MARKET[0],
        "XK_XKJGDM": holder(90_000_000),
        "XK_ZT": "1",
        "XK_LYDW": OFFICE[0],
        "XK_LYDWDM": holder(90_000_001),
    }


def write(path: Path, numbers: Iterator[int] | range | list[int], *, series: str = "") -> Path:
    """Write an official CSV with every column of the form."""
    columns = catalogue.kind("licence").columns
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.name for column in columns])
        for number in numbers:
            row = licence(number, series=series)
            writer.writerow([row.get(column.code, "") for column in columns])
    return path


def register(count: int) -> None:
    """Have so many subjects in the register."""
    body = json.dumps({"ENTNAME": "x"})

    def entries() -> Iterator[subjects.Entry]:
        for number in range(count):
            code = holder(number)
            yield subjects.Entry(
                number,
                code,
                licence(number * EACH)["XK_XDR_MC"],
                "active",
                "enterprise",
                "231102",
                "H6210",
                TODAY,
                body,
                blake2b(code.encode(), digest_size=16).digest(),
                MARKET[0],
                "",
            )

    with transaction.atomic():
        subjects.register(entries=entries(), batch=1, received_at=datetime.now(UTC))


@cache
def sent() -> Sent:
    """Return the files, made once for all rows, with their subjects registered."""
    folder = settings.DATA_DIR / "bench-intake"
    folder.mkdir(exist_ok=True)
    register(SIZE // EACH)
    numbers = list(range(SIZE))
    path = write(folder / "first.csv", numbers)
    random.Random("shuffle").shuffle(numbers)
    shuffled = write(folder / "shuffled.csv", numbers)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE subjects_subject, subjects_registration, subjects_identity")
    return Sent(path, shuffled, SIZE)


def clear() -> None:
    """Have no records and no batches."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE records_record, subjects_touch, ingest_batch CASCADE")
        cursor.execute("CHECKPOINT")
    shutil.rmtree(settings.FILES_DIR, ignore_errors=True)


COLUMNS: Final = (
    "subject, kind, key, revision, digest, happened_on, body, source, source_code, batch, row, received_at, gone"
)


def copied() -> tuple[float, float]:
    """Copy the rows that stand into a table of the same shape and indexes; the seconds, with its constraint and without."""
    out = settings.DATA_DIR / "bench-intake" / "copied.txt"
    seconds = []
    with connection.cursor() as cursor:
        rows = f"COPY (SELECT {COLUMNS} FROM records_record ORDER BY row) TO STDOUT"
        with cursor.copy(rows) as copy, out.open("wb") as file:
            for block in copy:
                file.write(block)
        for constraint in (True, False):
            cursor.execute("DROP TABLE IF EXISTS copied")
            cursor.execute("CREATE TABLE copied (LIKE records_record INCLUDING ALL)")
            if constraint:
                cursor.execute("ALTER TABLE copied ADD FOREIGN KEY (subject) REFERENCES subjects_subject")
            cursor.execute("CHECKPOINT")
            began = time.monotonic()
            with cursor.copy(f"COPY copied ({COLUMNS}) FROM STDIN") as copy, out.open("rb") as file:
                while block := file.read(1 << 20):
                    copy.write(block)
            seconds.append(time.monotonic() - began)
        cursor.execute("DROP TABLE copied")
    return seconds[0], seconds[1]


def intake(house: House) -> Figure:
    """Take the file in, and copy the rows that came of it into a table like theirs, by turns."""
    file = sent()
    pairs = []
    for _ in range(TIMES):
        clear()
        ours, batch = take_in(file.path)
        if (batch.state, batch.accepted) != ("applied", file.rows):
            raise CannotMeasure(f"{batch.accepted:,} of {file.rows:,} rows went in: {batch.message}")
        pairs.append((ours, *copied()))
    figure = ratio([theirs for _, theirs, _ in pairs], [ours for ours, _, _ in pairs])
    bare = ratio([theirs for _, _, theirs in pairs], [ours for ours, _, _ in pairs])
    ours, theirs = median(each[0] for each in pairs), median(each[1] for each in pairs)
    return Figure(
        figure,
        f"{show(ours)} s",
        f"{show(theirs)} s",
        (
            f"{file.rows:,} rows, {file.path.stat().st_size / 1e6:.0f} MB; the file's being kept is counted in",
            f"against a table of the same shape without its foreign key: {show(bare)}",
        ),
    )


def same_file(house: House) -> Figure:
    """Take the identical file in again."""
    file = sent()
    _have_it_in(file)
    seconds, batch = take_in(file.path)
    if batch.same_as_id is None or batch.unchanged != file.rows:
        raise CannotMeasure("it was not known again")
    return Figure(seconds, f"{show(seconds)} s", notes=(f"{file.rows:,} rows",))


def same_rows(house: House) -> Figure:
    """Take the same rows in again, in another order, and see how much faster that is than the first time."""
    file = sent()
    clear()
    first, _ = take_in(file.path)
    again, batch = take_in(file.shuffled)
    if batch.unchanged != file.rows:
        raise CannotMeasure(f"{batch.unchanged:,} of {file.rows:,} rows were known again")
    return Figure(first / again, f"{show(again)} s", f"{show(first)} s")


def memory(house: House) -> Figure:
    """Take the file in by a process of its own, as the worker does, and look at the most memory its processes take."""
    file = sent()
    notes = []
    most = 0.0
    for form, path in (("CSV", file.path), ("JSON lines", _as_json_lines(file.path))):
        clear()
        process = subprocess.Popen(
            [sys.executable, "-m", "chengxin", "intake", str(path), "--kind", "licence", "--json"],
            env={**house.environment, "CHENGXIN_DATA": str(settings.DATA_DIR)},
            stdout=subprocess.PIPE,
        )
        found = 0.0
        while process.poll() is None:
            found = max(found, _held(process.pid))
            time.sleep(0.05)
        if process.returncode:
            raise CannotMeasure(f"taking in {form} ended with {process.returncode}")
        notes.append(f"{form}, {path.stat().st_size / 1e6:.0f} MB: {found:.0f} MB in all processes")
        most = max(most, found)
    return Figure(most, f"{show(most)} MB", notes=tuple(notes))


def _held(parent: int) -> float:
    """Return what a process and its children hold of their own, and their share of what they have in common, in MB."""
    held = 0
    for process in (parent, *_children(parent)):
        try:
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        except (OSError, ValueError):
            continue
        held += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return held / 1024


def _children(parent: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    except OSError:
        return []


def _as_json_lines(path: Path) -> Path:
    lines = path.with_suffix(".jsonl")
    if not lines.exists():
        with path.open(encoding="utf-8", newline="") as rows, lines.open("w", encoding="utf-8") as file:
            for row in csv.DictReader(rows):
                file.write(json.dumps({name: value for name, value in row.items() if value}, ensure_ascii=False) + "\n")
    return lines


def uploads(house: House) -> Figure:
    """Send many files at once, from many threads, and have two workers take them in: all of them, and none twice."""
    sent()
    clear()
    folder = settings.DATA_DIR / "bench-intake"
    paths = [
        write(folder / f"upload{number}.csv", range(number * UPLOAD_ROWS, (number + 1) * UPLOAD_ROWS), series="u")
        for number in range(UPLOADS)
    ]
    _have_subjects()
    environment = {**house.environment, "CHENGXIN_DATA": str(settings.DATA_DIR)}
    workers = [
        processes.Child(f"gather {number}", (sys.executable, "-m", "chengxin.pipeline.gather"), environment)
        for number in range(2)
    ]
    began = time.monotonic()
    received: list[float] = []

    def send(path: Path) -> None:
        try:
            _receive(path)
            received.append(time.monotonic() - began)
        finally:
            connections.close_all()

    with house.running(*workers):
        threads = [threading.Thread(target=send, args=(path,)) for path in paths]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        patiently(
            lambda: not Batch.objects.exclude(state="applied", wanted="").exists(), seconds=3600, what="the last batch"
        )
        seconds = time.monotonic() - began
    wanted = UPLOADS * UPLOAD_ROWS
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT (subject, key)) FROM records_record")
        rows, once = cursor.fetchone()
    if (Batch.objects.filter(state="applied").count(), rows, once) != (UPLOADS, wanted, wanted):
        raise CannotMeasure(f"{rows:,} rows stand, {once:,} of them once, of {wanted:,}")
    return Figure(seconds, f"{show(seconds)} s", notes=(f"all received after {show(max(received))} s",))


def _have_subjects() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM subjects_subject")
        (count,) = cursor.fetchone()
    if count < UPLOADS * UPLOAD_ROWS // EACH:
        register(UPLOADS * UPLOAD_ROWS // EACH)


def _have_it_in(file: Sent) -> None:
    clear()
    take_in(file.path)


def _receive(path: Path) -> Batch:
    with path.open("rb") as file:
        return batches.receive(
            file=file,
            file_name=path.name,
            kind="licence",
            source=sources.find(),
            way="upload",
            by=BY,
            unit=None,
            at=datetime.now(UTC),
            then="apply",
        )


def take_in(path: Path) -> tuple[float, Batch]:
    """Take a file in, as a worker does; return the seconds and the batch."""
    began = time.monotonic()
    batch = _receive(path)
    batches.apply(batch.pk, at=datetime.now(UTC))
    seconds = time.monotonic() - began
    batch.refresh_from_db()
    return seconds, batch
