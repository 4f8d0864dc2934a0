"""The rows of taking files in: an official file of a million licences, checked, matched and with its provenance."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from bench.house import BY
from bench.town import CONTENTS, MARKET, OFFICE
from chengxin.credit.records import catalogue
from chengxin.credit.subjects import actions as subjects
from chengxin.ingest import batches, sources
from chengxin.ingest.models import Batch
from chengxin.terms import uscc

SIZE: Final = int(os.environ.get("BENCH_INTAKE_SIZE", "1000000"))  # noqa: TID251 — a smaller one to try it out
EACH: Final = 4
"""Licences of every subject."""
UPLOADS: Final = 100
UPLOAD_ROWS: Final = 10_000
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
    decided = TODAY - timedelta(days=chance.randrange(1, 2500))
    ends = decided + timedelta(days=chance.choice((1095, 1825, 3650)))
    return {
        "XK_XDR_MC": f"样例市{chance.choice('松柏枫桦榆')}{chance.choice('岭江林川原')}餐饮管理有限公司第{subject}分公司",
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


def take_in(path: Path) -> tuple[float, Batch]:
    """Take a file in, as a worker does; return the seconds and the batch."""
    began = time.monotonic()
    with path.open("rb") as file:
        batch = batches.receive(
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
    received = time.monotonic()
    batches.apply(batch.pk, at=datetime.now(UTC))
    seconds = time.monotonic() - began
    batch.refresh_from_db()
    batch.difference["received"] = received - began
    return seconds, batch
