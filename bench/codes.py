"""The rows of codes: those of others taken in, and a fleet's list become stickers, each as a worker does it."""

from __future__ import annotations

import csv
import json
import time
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path
from statistics import median
from typing import Final

import pikepdf
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from bench import intake, town
from bench.figures import CannotMeasure, Figure, show
from bench.house import BY, House
from chengxin.credit.codes import actions as codes
from chengxin.credit.codes import printing
from chengxin.credit.publishing import city
from chengxin.credit.subjects import actions as subjects
from chengxin.ingest import batches, placelist, sources, store
from chengxin.ingest.models import Batch
from chengxin.people import units
from chengxin.people.units import Facts
from chengxin.pipeline import print_jobs
from chengxin.portals.shared import placing
from chengxin.portals.shared.drawing import folder

FOREIGN: Final = 60_000
CARS: Final = 300
ROUNDS: Final = 3
COLUMNS: Final = ("主体名称", "统一社会信用代码", "码编号", "码的网址", "赋码日期", "申领方式", "签发单位")


def foreign(house: House) -> Figure:
    """Take in the list of a city that has 60,000 codes of somebody else, three times, each time as the first."""
    _have_subjects()
    path = _list()
    seconds = []
    for _ in range(ROUNDS):
        _clear()
        began = time.monotonic()
        with path.open("rb") as file:
            batch = batches.receive(
                file=file, file_name=path.name, kind="elsewhere", source=sources.find(), way="upload", by=BY,
                unit=None, at=datetime.now(UTC), then="apply",
            )  # fmt: skip
        batches.apply(batch.pk, at=datetime.now(UTC))
        seconds.append(time.monotonic() - began)
        batch.refresh_from_db()
        if (batch.state, batch.accepted) != ("applied", FOREIGN):
            raise CannotMeasure(f"{batch.accepted:,} of {FOREIGN:,} went in: {batch.message}")
    return Figure(
        median(seconds),
        f"{show(median(seconds))} s",
        notes=(f"rounds: {', '.join(show(one, 's') for one in seconds)}",),
    )


def _have_subjects() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM subjects_subject WHERE uscc = %s", [intake.holder(FOREIGN - 1)])
        (there,) = cursor.fetchone()
    if not there:
        intake.register(FOREIGN)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE subjects_subject, subjects_registration, subjects_identity")


def _list() -> Path:
    path = settings.DATA_DIR / "foreign.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(FOREIGN):
            said = f"YS-2304-{number:07}"
            name = intake.licence(number * intake.EACH)["XK_XDR_MC"]
            writer.writerow(
                (
                    name,
                    intake.holder(number),
                    said,
                    f"https://codes.example.com/{said}",
                    "2025/3/1",
                    "批量签发",
                    "省平台",
                )
            )
    return path


def _clear() -> None:
    Batch.objects.filter(kind="elsewhere").delete()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE codes_elsewhere, board_elsewhere, subjects_touch")


def fleet(house: House) -> Figure:
    """Read a list of 300 cars, give each its code and its driver's commitment, and print their stickers into one PDF."""
    at = timezone.now()
    with transaction.atomic():
        city.describe_city(city=town.CITY, logo=None, by=BY, at=at)
        units.add(facts=Facts("样例市交通运输局", uscc=intake.holder(90_000_002)), by=BY, at=at)
    signer = codes.signer(folder=settings.KEYS_DIR, by=BY, at=at)
    seconds = []
    for number in range(ROUNDS):
        firm = _firm(91_000_000 + number, at)
        codes.issue(subjects=[firm], consent="bench", by=BY, at=at, signer=signer)
        lines = "\n".join(f"黑H·T{car:04}\t是\t是" for car in range(CARS))
        began = time.monotonic()
        listed = placelist.read_text(
            f"车牌号\t公开标识\t已签承诺\n{lines}", kind="taxi", shown=True, today=timezone.localdate(at)
        )
        done = placing.register(
            subject=firm, rows=[(row.place, row.signed) for row in listed.good], way="self", person=None, by=BY, at=at
        )
        job = printing.ask(subject=firm, carrier="vehicle-sticker", form="pdf", serials=done.new, by=BY, at=at)
        while print_jobs.step(at=timezone.now()):
            pass
        seconds.append(time.monotonic() - began)
        job.refresh_from_db()
        if (job.state, job.done, done.signed) != ("done", CARS, CARS):
            raise CannotMeasure(f"{job.done} stickers, {done.signed} commitments: {job.message} {job.refused[:2]}")
        with pikepdf.open(store.place(folder(), job.file)) as paper:
            pages = len(paper.pages)
    return Figure(
        median(seconds),
        f"{show(median(seconds))} s",
        notes=(f"{CARS} stickers on {pages} sheets; rounds: {', '.join(show(one, 's') for one in seconds)}",),
    )


def _firm(number: int, at: datetime) -> str:
    """Register a taxi firm, with the licence without which no sticker is printed for it."""
    firm, body = intake.holder(number), json.dumps({"ENTNAME": "样例市出租汽车公司"}, ensure_ascii=False)
    entry = subjects.Entry(
        0, firm, "样例市出租汽车公司", "active", "enterprise", "230402", "G5413", date(2019, 5, 1), body,
        blake2b(body.encode(), digest_size=16).digest(), *town.MARKET,
    )  # fmt: skip
    with transaction.atomic():
        subjects.register(entries=[entry], batch=1, received_at=at)
    row = intake.licence(number) | {
        "XK_XDR_MC": "样例市出租汽车公司",
        "XK_XDR_SHXYM": firm,
        "XK_WSH": f"样交许{number}号",
        "XK_XKZS": "出租汽车经营许可证",
        "XK_NR": "巡游出租汽车客运经营",
        "XK_YXQZI": "2099/12/31",
    }
    path = settings.DATA_DIR / "licence.jsonl"
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n")
    _, batch = intake.take_in(path)
    if batch.accepted != 1:
        raise CannotMeasure(f"the firm has no licence: {batch.message}")
    return firm
