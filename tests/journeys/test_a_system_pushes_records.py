"""A department's system, the office's door as it is served, and curl: every example of docs/api.md, and broken lines."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from chengxin.config.installation import Installation
from chengxin.credit.records.models import Record
from chengxin.ingest import batches
from chengxin.ingest.models import Batch
from chengxin.people import clients
from chengxin.people.models import Unit
from tests.conftest import parameters
from tests.ingest.test_intake import known, licence
from tests.make import CLERK
from tests.pipeline.test_serve import until

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
CURL = shutil.which("curl")


def examples() -> list[str]:
    """Return the commands that docs/api.md tells an engineer to type, in their order."""
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    return re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


class Office:
    """The office's door, in a process of its own, on this test's database."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], made: clients.Made) -> None:
        self.port, self.made = port, made
        self._process = process
        self.environment = {
            "PATH": os.defpath,
            "OFFICE": f"http://127.0.0.1:{port}",
            "CLIENT_ID": made.id,
            "CLIENT_SECRET": made.secret,
        }

    def type(self, command: str, *, at: Path) -> str:
        done = subprocess.run(
            ["sh", "-e", "-c", command],
            check=False,
            env=self.environment,
            cwd=at,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def memory(self) -> int:
        """Return the resident megabytes of the worker that answers."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        pages = max(int(Path(f"/proc/{child}/statm").read_text().split()[1]) for child in children)
        return pages * os.sysconf("SC_PAGE_SIZE") >> 20


@pytest.fixture
def office(tmp_path: Path, settings: Any) -> Iterator[Office]:
    if CURL is None:
        pytest.skip("curl is not installed")
    installation = Installation(tmp_path / "var")
    settings.FILES_DIR, settings.FEEDBACK_DIR = installation.files, installation.feedback
    unit = Unit.objects.create(name="鹤岗市市场监督管理局", uscc="11230500001755309F")
    made = clients.add(unit=unit.pk, name="许可系统", scopes=list(clients.SCOPES), by=CLERK, at=timezone.now())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT),
        "CHENGXIN_DATA": str(installation.data),
        "DATABASE_URL": make_conninfo(**parameters()),
        "PUBLIC_ROLE": settings.PUBLIC_ROLE,
        "DJANGO_SETTINGS_MODULE": "chengxin.config.settings",
    }
    command = [sys.executable, "-m", "chengxin.pipeline.door", "office", "127.0.0.1", str(port)]
    process = subprocess.Popen(command, env=environment, cwd=tmp_path)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield Office(port, process, made)
    finally:
        process.terminate()
        process.wait(60)


def work() -> None:
    while batches.step(at=timezone.now()):
        pass


def kept(office_settings: Any) -> list[Path]:
    return [path for path in Path(office_settings.FILES_DIR).rglob("*") if path.is_file()]


def test_every_example_of_the_paper_works_as_it_is_typed(office: Office, tmp_path: Path) -> None:
    known()
    rows = [licence(1), licence(2), licence(3, XK_JDRQ="1949-13-01")]
    (tmp_path / "licences.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    token, send, stream, show, findings, confirm, kinds = examples()

    office.environment["TOKEN"] = json.loads(office.type(token, at=tmp_path))["access_token"]
    first = json.loads(office.type(send, at=tmp_path))
    second = json.loads(office.type(stream, at=tmp_path))
    assert first["sha256"] == second["sha256"] and first["id"] != second["id"]
    assert json.loads(office.type(send, at=tmp_path))["id"] == first["id"]
    work()
    office.environment["BATCH"] = str(first["id"])
    said = json.loads(office.type(show, at=tmp_path))
    assert (said["state"], said["rows"], said["accepted"], said["rejected"]) == ("applied", 3, 2, 1)
    told = json.loads(office.type(findings, at=tmp_path))["findings"]
    (found,) = [one for one in told if one["level"] == "error"]
    assert (found["row"], found["code"]) == (3, "E04") and "is no date" in found["message"]
    office.environment["BATCH"] = str(second["id"])
    assert json.loads(office.type(confirm, at=tmp_path))["working"] == "apply"
    work()
    said = json.loads(office.type(show, at=tmp_path))
    assert (said["state"], said["accepted"], said["same_as"]) == ("applied", 0, first["id"])
    assert Record.objects.count() == 2
    assert '"licence"' in office.type(kinds, at=tmp_path) and (tmp_path / "模板.xlsx").stat().st_size > 5000


BROKEN = [
    pytest.param("Content-Length: 1000000\r\n\r\n", "", id="by length"),
    pytest.param(
        "Transfer-Encoding: chunked\r\nContent-Digest: sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:\r\n\r\n",
        "2710\r\n",
        id="in pieces",
    ),
]


@pytest.mark.parametrize("head, before", BROKEN)
def test_a_line_that_breaks_in_the_middle_leaves_nothing(
    office: Office, tmp_path: Path, settings: Any, head: str, before: str
) -> None:
    token = json.loads(office.type(examples()[0], at=tmp_path))["access_token"]
    said = (
        f"POST /api/v1/records?kind=licence HTTP/1.1\r\nHost: 127.0.0.1:{office.port}\r\n"
        f"Authorization: Bearer {token}\r\nIdempotency-Key: broken\r\nContent-Type: application/x-ndjson\r\n{head}{before}"
    )
    with socket.create_connection(("127.0.0.1", office.port)) as line:
        line.sendall(said.encode() + b'{"a": 12}\n' * 1000)
        until(lambda: Path(settings.FILES_DIR).exists())  # it has begun

    until(lambda: kept(settings) == [])
    assert not Batch.objects.exists()
    office.environment["TOKEN"] = token
    (tmp_path / "licences.jsonl").write_text('{"a": 12}\n')
    again = examples()[1].replace("licence-2026-11-25-0001", "broken")
    assert json.loads(office.type(again, at=tmp_path))["state"] == "received"


def test_a_body_of_a_hundred_megabytes_costs_no_memory(office: Office, tmp_path: Path) -> None:
    office.environment["TOKEN"] = json.loads(office.type(examples()[0], at=tmp_path))["access_token"]
    with (tmp_path / "licences.jsonl").open("wb") as file:
        for _ in range(100):
            file.write(b"x" * 999_999 + b"\n")
    before = office.memory()

    assert json.loads(office.type(examples()[1], at=tmp_path))["size"] == 100_000_000

    assert office.memory() - before < 20
