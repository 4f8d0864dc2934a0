"""The rows of the press: `chengxin print` as an office gives it, from the command to the finished file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from functools import cache
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from statistics import median

import pikepdf
from django.conf import settings
from django.db import transaction

from bench import town as towns
from bench.figures import CannotMeasure, Figure, show
from bench.house import BY, House
from chengxin.credit.codes import actions as codes
from chengxin.credit.publishing import city
from chengxin.credit.subjects import actions as subjects

ROUNDS = 3
SOME, MANY = 2_000, 20_000
CHUNK = 2_000
NAMES = (
    "样例市{}饺子馆",
    "样例市工农区{}街道老张家手工水饺店",
    "黑龙江省{}（样例）国际贸易有限责任公司",
    "«Северный ветер {}» 有限公司",
    "样例市兴山区{}汽车维修服务部",
)
LETTERS = "松岭柳荷梧霜驿峰泉岗鹤云溪桦枫桥舍畔渡堂集坪湾原林河江岭"


def posters(house: House) -> Figure:
    """Print a list of posters into one PDF, three times."""
    _coded()
    runs = [_print(house, SOME) for _ in range(ROUNDS)]
    rates = [SOME / seconds for seconds, _, _ in runs]
    return Figure(
        median(rates),
        f"{show(median(rates))} /s",
        notes=(
            f"{SOME:,} posters in one PDF of {runs[0][2] / 1e6:.1f} MB, the command's start within",
            f"rounds: {', '.join(show(rate, '/s') for rate in rates)}",
        ),
    )


def memory(house: House) -> Figure:
    """Print ten times as many, and compare what both need at most."""
    _coded()
    _, little, _ = _print(house, SOME)
    seconds, much, size = _print(house, MANY)
    return Figure(
        much,
        f"{show(much)} MB",
        notes=(
            f"{MANY:,} posters in one PDF of {size / 1e6:.0f} MB, {show(MANY / seconds)} /s",
            f"{SOME:,} posters: {show(little)} MB",
        ),
    )


def _print(house: House, count: int) -> tuple[float, float, int]:
    """Return how long the command took, the most memory it held in MB, and the size of its file."""
    names, out = house.folder / "posters.txt", house.folder / "posters.pdf"
    names.write_text("\n".join(towns.holder(number) for number in range(1, count + 1)))
    command = [sys.executable, "-m", "chengxin", "print", "poster", "--list", str(names), "--out", str(out), "--json"]
    began = time.monotonic()
    process = subprocess.Popen(command, env=dict(house.environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = process.stdout.read() if process.stdout else b""
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or json.loads(said)["printed"] != count:
        sorry = process.stderr.read().decode()[-300:] if process.stderr else ""
        raise CannotMeasure(f"not all was printed: {said.decode()[-300:]} {sorry}")
    size = _whole(out, count)
    return seconds, used.ru_maxrss / 1024, size


def _whole(path: Path, count: int) -> int:
    with pikepdf.open(path) as document:
        if len(document.pages) != count:
            raise CannotMeasure(f"{len(document.pages)} pages instead of {count}")
    size = path.stat().st_size
    path.unlink()
    return size


@cache
def _coded() -> None:
    """Register so many businesses and give each a code, by the acts that do; once in a run of the bench."""
    at = datetime.now(UTC)
    with transaction.atomic():
        city.describe_city(city=towns.CITY, logo=None, by=BY, at=at)
    signer = codes.signer(folder=settings.KEYS_DIR, by=BY, at=at)
    numbers = iter(range(1, MANY + 1))
    while some := list(islice(numbers, CHUNK)):
        with transaction.atomic():
            subjects.register(entries=[_entry(number) for number in some], batch=1, received_at=at)
        codes.issue(subjects=[towns.holder(number) for number in some], consent="bench", by=BY, at=at, signer=signer)


def _entry(number: int) -> subjects.Entry:
    own = "".join(LETTERS[number // len(LETTERS) ** place % len(LETTERS)] for place in range(3))
    name = NAMES[number % len(NAMES)].format(own)
    body = json.dumps({"name": name, "state": "active"}, ensure_ascii=False)
    return subjects.Entry(
        number, towns.holder(number), name, "active", "enterprise", "230402", "H6210", date(2019, 5, 1), body,
        blake2b(body.encode(), digest_size=16).digest(), *towns.MARKET,
    )  # fmt: skip
