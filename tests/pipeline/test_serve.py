"""One command serves both doors; whatever is killed, the next start is right, and nothing is left behind."""

import contextlib
import http.client
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from chengxin.pipeline import serve

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds; a busy machine is no fault


@pytest.mark.parametrize(
    ("address", "is_told"),
    [
        ("http://localhost:8000", False),
        ("https://" + "a" * 36, False),
        ("https://" + "a" * 37, True),
    ],
    ids=["a demo's", "44 characters", "45 characters"],
)
def test_an_address_too_long_for_packages_is_told(address, is_told):
    said = serve.too_long(address)

    assert (said is not None) is is_told
    assert not said or "CODE_URL 太长" in said and said.count("。") == 1


def free_port():
    # What is free here is not taken until much later: two runs at once begin to look at places of their own.
    begin = os.getpid() * 37 % 500 * 2
    for step in range(0, 1000, 2):
        port = 18500 + (begin + step) % 1000
        with contextlib.suppress(OSError), socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", port))
            second.bind(("127.0.0.1", port + 1))
            return port
    raise AssertionError("no two free ports")


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def until(holds, within=PATIENCE):
    deadline = time.monotonic() + within
    while not (found := holds()):
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)
    return found


def offspring(pid):
    """Return the process numbers of all below one, with what each runs."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            above = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            runs = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            parents.setdefault(above, []).append((int(entry.name), runs))
    found, look = {}, [pid]
    while look:
        for child, runs in parents.get(look.pop(), []):
            found[child] = runs
            look.append(child)
    return found


class Serving:
    """`chengxin serve` in a data folder of its own."""

    def __init__(self, data):
        self.data = data
        self.port = free_port()
        self.log = data.parent / f"{data.name}.log"

    def command(self, *words, port=None, name="serve"):
        return [
            sys.executable,
            "-m",
            "chengxin",
            name,
            "--data",
            str(self.data),
            "--port",
            str(port or self.port),
            *words,
        ]

    def start(self):
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                self.command(), cwd=ROOT, stdout=log, stderr=log, start_new_session=True, env=ENVIRONMENT
            )
        until(lambda: self.process.poll() is not None or self.is_ready())
        assert self.process.poll() is None, self.log.read_text()

    def is_ready(self):
        return f"\nready http://127.0.0.1:{self.port}\n" in f"\n{self.log.read_text()}"

    def ask(self, door, path):
        asked = http.client.HTTPConnection("127.0.0.1", self.port + door, timeout=5)
        try:
            asked.request("GET", path)
            return asked.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            asked.close()

    def post_nothing(self):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as asked:
            asked.request("POST", "/fake", body=b"nothing")
            return asked.getresponse().status

    def answers(self):
        # A forged code and the sign-in: a page of each door that asks the database.
        return self.ask(0, "/C/FORGED") == 404 and self.ask(1, "/sign-in") == 200

    def part(self, name):
        found = [pid for pid, runs in offspring(self.process.pid).items() if name in runs and lives(pid)]
        return sorted(found)

    def postmaster(self):
        note = (self.data / "postgres" / "server").resolve() / "cluster" / "postmaster.pid"
        try:
            return int(note.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def stop(self, by=signal.SIGINT):
        self.process.send_signal(by)
        return self.process.wait(PATIENCE)


# Not this test run's own database and role: what a person's first start does.
ENVIRONMENT = {
    key: value for key, value in os.environ.items()  # noqa: TID251
    if key not in ("DATABASE_URL", "PUBLIC_ROLE", "CHENGXIN_DATA", "CHENGXIN_TEST_DATA", "DJANGO_SETTINGS_MODULE")
} | {"OF_THE_OFFICE": "a secret"}  # fmt: skip


@pytest.fixture(scope="module")
def folder():
    # Not tmp_path: PostgreSQL's user may not pass pytest's own folders where the tests run as root.
    folder = Path(tempfile.mkdtemp(prefix="chengxin-serve-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def serving(folder):
    serving = Serving(folder / "var")
    serving.start()
    yield serving
    serving.stop()
    assert until(lambda: not lives(serving.postmaster() or 0))


# ---- As it should be ---------------------------------------------------------------------------------------------


def test_both_doors_answer_once_it_says_ready(serving):
    assert serving.answers()


def test_it_says_where_the_doors_are(serving):
    said = serving.log.read_text()

    assert f"http://localhost:{serving.port}\n" in said
    assert f"http://localhost:{serving.port + 1}\n" in said
    assert said.splitlines()[-1] == f"ready http://127.0.0.1:{serving.port}"


def test_the_public_process_is_told_nothing_of_the_offices(serving):
    for pid in serving.part("door public"):
        told = Path(f"/proc/{pid}/environ").read_text()
        assert "PUBLIC_DATABASE_URL=" in told
        assert "OF_THE_OFFICE" not in told
        assert (serving.data / "secrets" / "office-database").read_text().strip() not in told


def test_nobodys_slow_upload_stops_a_scan(serving):
    head = (
        b"POST /fake HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 900000\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x"
    )
    with contextlib.ExitStack() as held:
        slow = [held.enter_context(socket.create_connection(("127.0.0.1", serving.port))) for _ in range(4)]
        for line in slow:
            line.sendall(head)
        assert [serving.ask(0, "/C/FORGED") for _ in range(20)] == [404] * 20
        assert serving.ask(0, "/fake") == 200
        until(lambda: len(select.select(slow, [], [], 0)[0]) == 3)  # one is waited for
        answers = [line.recv(12) for line in select.select(slow, [], [], 0)[0]]
        assert answers == [b"HTTP/1.1 503"] * 3, "the others are asked to come again"
    # The place is given back when the slow one hangs up, and the next one is heard.
    until(lambda: serving.post_nothing() == 400)


def test_a_second_start_says_where_the_first_one_answers(serving):
    done = subprocess.run(
        serving.command(), cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=PATIENCE
    )

    assert done.returncode == 1
    assert f"http://localhost:{serving.port}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("which", [0, 1], ids=["the public's", "the office's"])
def test_a_taken_port_is_found_before_anything_starts(folder, which):
    other = Serving(folder / "other")
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", other.port + which))
        squatter.listen()

        done = subprocess.run(
            other.command(), cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=PATIENCE
        )

    assert done.returncode == 1
    assert re.search(rf"{other.port + which}.*make demo PORT=\d+", done.stderr)
    assert len(done.stderr.splitlines()) == 1
    assert not (other.data / "postgres").exists()


def test_a_command_in_another_terminal_issues_codes_for_this_address(serving):
    code = (
        "import django; django.setup(); from django.conf import settings;"
        "print(settings.PUBLIC_URL, settings.OFFICE_URL, settings.CODE_URL)"
    )
    environment = {
        **ENVIRONMENT, "CHENGXIN_DATA": str(serving.data), "DJANGO_SETTINGS_MODULE": "chengxin.config.settings",
    }  # fmt: skip

    said = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, env=environment, text=True).split()

    here = f"http://localhost:{serving.port}"
    assert said == [here, f"http://localhost:{serving.port + 1}", here]


# ---- Killed ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "which"),
    [("door public", 0), ("door public", 1), ("door office", 0), ("door office", 1), ("pipeline.worker", 0)],
    ids=["the public door", "its worker", "the office door", "its worker too", "the pipeline"],
)
def test_a_killed_part_comes_back(serving, part, which):
    until(lambda: len(serving.part(part)) > which)
    killed = serving.part(part)[which]

    os.kill(killed, signal.SIGKILL)

    until(lambda: not lives(killed))
    until(lambda: len(serving.part(part)) > which and serving.answers())


def test_a_killed_database_comes_back(serving):
    killed = serving.postmaster()

    os.kill(killed, signal.SIGKILL)

    until(lambda: serving.postmaster() not in (None, killed))
    until(serving.answers)


def test_after_the_supervisor_was_killed_nothing_serves_and_the_next_start_is_right(folder):
    serving = Serving(folder / "killed")
    serving.start()
    parts = offspring(serving.process.pid)
    assert len(parts) >= 5

    serving.process.kill()
    serving.process.wait()

    until(lambda: not any(map(lives, parts)))
    serving.start()
    assert serving.answers()
    assert serving.stop() == 0


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda each: each.name)
def test_told_to_stop_it_leaves_nothing_behind(folder, by):
    serving = Serving(folder / "stopped")
    serving.start()
    parts, postmaster = offspring(serving.process.pid), serving.postmaster()

    status = serving.stop(by)

    assert status == 0
    assert not any(map(lives, [*parts, postmaster]))
    assert serving.log.read_text().strip().endswith("已停止。")


def test_told_to_stop_while_a_demo_is_loaded_it_leaves_nothing_behind_either(folder):
    serving = Serving(folder / "stopped")
    with serving.log.open("w") as log:
        serving.process = subprocess.Popen(
            serving.command("--serve", "--size", "300", name="demo"),
            cwd=ROOT, stdout=log, stderr=log, start_new_session=True, env=ENVIRONMENT,
        )  # fmt: skip
    until(lambda: serving.process.poll() is not None or "01-企业登记" in serving.log.read_text())
    parts, postmaster = offspring(serving.process.pid), serving.postmaster()

    assert any("door public" in runs for runs in parts.values()), "the doors come up meanwhile"
    assert not any("pipeline.worker" in runs for runs in parts.values()), "who works in the background waits"
    assert serving.stop(signal.SIGTERM) == 0
    assert not any(map(lives, [*parts, postmaster]))
    assert "ready" not in serving.log.read_text()


def test_on_the_makefiles_leash_it_ends_with_make(folder):
    serving = Serving(folder / "stopped")
    # `exec` would make it the shell's own process; so it is the shell's child, as it is make's.
    with serving.log.open("w") as log:
        shell = subprocess.Popen(
            ["sh", "-c", '"$@"; :', "-", *serving.command("--leash")],
            cwd=ROOT, env=ENVIRONMENT, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    until(serving.is_ready)
    postmaster = serving.postmaster()

    shell.kill()
    shell.wait()

    until(lambda: not lives(postmaster) and serving.ask(0, "/") == 0)
