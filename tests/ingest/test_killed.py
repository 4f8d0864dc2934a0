"""A worker is killed at any moment, and another goes on: the end is that of an undisturbed run."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from chengxin.ingest import waiting
from chengxin.ingest.models import Batch
from tests import make
from tests.ingest import killed
from tests.ingest.test_intake import REGISTRATION, csv_file, known, licence, table

pytestmark = pytest.mark.django_db(transaction=True)

POINTS = 24
SAME = {
    "records_record": "subject, kind, key, revision, digest, happened_on, body, source, source_code, row, gone",
    "subjects_registration": "subject, name, state, body, row, gone",
    "subjects_subject": "uscc",
    "subjects_identity": "scheme, value, subject",
    "ingest_batch": "kind, state, wanted, rows, accepted, changed, unchanged, rejected, waiting, difference, tries, sha256",
    "ingest_set_aside": 'row, subject, claim, code, "column", message, body, waiting',
    "ingest_tally": 'source_code, code, "column", level, count',
    "people_trail": "by, verb, detail - 'matched'",
}


def everything() -> dict[str, list[Any]]:
    """Return what stands in the tables, but for numbers and times."""
    found = {}
    with connection.cursor() as cursor:
        for name, columns in SAME.items():
            cursor.execute(f"SELECT t::text FROM (SELECT {columns} FROM {name}) t ORDER BY 1")
            found[name] = cursor.fetchall()
        cursor.execute("SELECT DISTINCT subject FROM subjects_touch ORDER BY 1")
        found["subjects_touch"] = cursor.fetchall()
    return found


def clear() -> None:
    names = ", ".join([*SAME, "subjects_touch", "subjects_attribution", "people_trail_seal"])
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {names} CASCADE")
    known()


def work_done_by(worker: Any) -> float:
    """Return the seconds of work that a worker has done. Its clock stands while others have the machine."""
    try:
        told = Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def wait_until_its_locks_are_gone() -> None:
    """Wait until the database has noticed that somebody was killed: until then, what he worked at is passed over."""
    others = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with connection.cursor() as cursor:
        cursor.execute(others)
        while cursor.rowcount:
            time.sleep(0.02)
            cursor.execute(others)


@pytest.fixture(scope="module")
def workers() -> Iterator[Any]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.ingest.killed"])
    yield context


@pytest.fixture
def sent(tmp_path: Path) -> list[tuple[Path, str]]:
    rows = [licence(number % 190, XK_NR=f"第{number // 190}次") for number in range(400)]
    rows += [licence(500 + number, XK_JDRQ="2026/02/30") for number in range(20)]
    rows += [licence(600 + number, XK_XDR_SHXYM=make.OTHER_USCC) for number in range(20)]
    other = {**REGISTRATION, "UNISCID": make.OTHER_USCC, "ENTNAME": "松岭里大饺子有限公司", "ENTTYPE": "有限责任公司"}
    return [
        (csv_file(tmp_path / "许可.csv", table("licence", rows)), "licence"),
        (csv_file(tmp_path / "登记.csv", table("subject", [other])), "subject"),
    ]


def test_killed_at_any_moment_it_ends_as_if_undisturbed(
    workers: Any, sent: list[tuple[Path, str]], tmp_path: Path
) -> None:
    database = connection.settings_dict["NAME"]
    chance = random.Random(4)

    def begin(number: int) -> Any:
        folder = tmp_path / f"run{number}"
        process = workers.Process(
            target=killed.at_home, args=(killed.send_and_take_in, database, folder, sent), daemon=False
        )
        process.start()
        return process

    clear()
    undisturbed = begin(0)
    whole = 0.0
    while undisturbed.is_alive():
        whole = max(whole, work_done_by(undisturbed))
        time.sleep(0.01)
    assert undisturbed.exitcode == 0
    expected = everything()
    assert len(expected["ingest_batch"]) == 2 and len(expected["ingest_set_aside"]) == 40

    cut = 0
    for number in range(1, POINTS + 1):
        clear()
        worker = begin(number)
        share = chance.uniform(0, whole * 0.8)
        while worker.is_alive() and work_done_by(worker) < share:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.02))  # also while it waits for the database
        cut += worker.is_alive()
        worker.kill()
        worker.join()
        wait_until_its_locks_are_gone()

        again = begin(number)
        again.join()
        waiting.take(by=make.CLERK, at=make.NOW)

        assert again.exitcode == 0
        found = everything()
        for name, rows in expected.items():
            if name != "people_trail":
                assert found[name] == rows, (number, name)
        # A worker killed between a batch and the rows that waited for it leaves their note to whoever takes them.
        assert {*found["people_trail"]} == {*expected["people_trail"]}, number
        assert not [*(tmp_path / f"run{number}" / "feedback").glob(".*")], number
    assert cut >= POINTS // 3, "too few were killed at work to say anything"
    assert Batch.objects.filter(state="applied").count() == 2
