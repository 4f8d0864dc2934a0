"""Children run as long as we do, and no longer."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chengxin.pipeline import processes
from chengxin.pipeline.processes import Child, GaveUp

ROOT = Path(__file__).resolve().parents[2]
SLEEPER = (sys.executable, "-c", "import time; time.sleep(60)")


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ignores(pid, number):
    ignored = Path(f"/proc/{pid}/status").read_text().split("SigIgn:")[1].split()[0]
    return int(ignored, 16) >> (number - 1) & 1


def gone(pid, within=30.0):
    deadline = time.monotonic() + within
    while lives(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_killed_child_is_started_again():
    child = Child("it", SLEEPER, {})
    child.start()
    killed = child.process.pid
    os.kill(killed, signal.SIGKILL)

    assert processes.until(lambda: child.process and child.process.pid != killed, children=[child], seconds=60)
    processes.stop([child])


def test_a_child_that_never_works_is_given_up_with_its_name():
    child = Child("它", (sys.executable, "-c", "raise SystemExit(3)"), {})

    with pytest.raises(GaveUp, match="它.*退出码 3"):
        processes.until(lambda: False, children=[child], seconds=60)


def test_a_child_that_will_not_end_is_ended(monkeypatch):
    monkeypatch.setattr(processes, "GRACE", 0.3)
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    child = Child("it", (sys.executable, "-c", stubborn), {})
    child.start()
    pid = child.process.pid
    while not ignores(pid, signal.SIGTERM):
        time.sleep(0.02)

    processes.stop([child])

    assert not lives(pid)


def test_children_do_not_outlive_a_parent_that_was_killed():
    code = (
        "import sys, time; from chengxin.pipeline.processes import Child;"
        "child = Child('it', (sys.executable, '-c', 'import time; time.sleep(60)'), {}); child.start();"
        "print(child.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        assert lives(pid)

        parent.kill()

        assert gone(pid)
