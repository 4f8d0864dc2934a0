"""The command line: what it loads, what it says, what it exits with."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def chengxin(tmp_path):
    """Run the command line as a person does, in a data folder of its own."""

    def run(*words, python=(), **environment):
        return subprocess.run(
            [sys.executable, *python, "-m", "chengxin", *words],
            cwd=ROOT,
            env={**os.environ, "CHENGXIN_DATA": str(tmp_path / "var"), **environment},  # noqa: TID251
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )

    return run


@pytest.mark.parametrize("words", [["--help"], ["serve", "--help"], ["verify", "--help"]], ids=" ".join)
def test_help_loads_no_django(chengxin, words):
    done = chengxin(*words, python=("-X", "importtime"))

    assert done.returncode == 0
    assert "| django" not in done.stderr.replace("  ", "")
    assert "例" in done.stdout


def test_verify_loads_no_django(chengxin):
    done = chengxin("verify", "HTTP://LOCALHOST:8000/C/0", python=("-X", "importtime"))

    assert done.returncode in (4, 5)
    assert not [line for line in done.stderr.splitlines() if line.rpartition("|")[2].strip().split(".")[0] == "django"]


def test_help_writes_nothing(chengxin, tmp_path):
    chengxin("--help")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "status"),
    [([], 2), (["nonsense"], 2), (["serve", "--port", "many"], 2), (["serve", "--port", "65535"], 1)],
    ids=["nothing said", "an unknown command", "a port that is no number", "no room for the second port"],
)
def test_what_is_wrongly_said_ends_in_one_sentence(chengxin, words, status):
    done = chengxin(*words)

    assert done.returncode == status
    assert "Traceback" not in done.stderr


def test_chinese_is_printed_under_any_locale(chengxin):
    done = chengxin("--help", LC_ALL="POSIX", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="ascii")

    assert "诚信码" in done.stdout


@pytest.mark.parametrize("before", [True, False], ids=["before the command", "after the command"])
def test_the_data_folder_is_said_before_or_after_the_command(chengxin, tmp_path, before):
    folder = ["--data", str(tmp_path / "elsewhere")]
    words = ["verify", "0"]

    chengxin(*(folder + words if before else words + folder))

    assert (tmp_path / "elsewhere").exists()
    assert not (tmp_path / "var").exists()


def test_a_data_folder_that_cannot_be_is_answered_with_a_sentence(chengxin):
    done = chengxin("serve", "--data", "/proc/nowhere")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "/proc/nowhere" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_database_that_does_not_answer_is_answered_with_a_sentence(chengxin):
    done = chengxin("flow", DATABASE_URL="postgresql://somebody:secret@/nothing?host=/proc/nowhere")

    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert "secret" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_reader_who_has_enough_is_not_complained_to(tmp_path):
    environment = {**os.environ, "CHENGXIN_DATA": str(tmp_path)}  # noqa: TID251
    done = subprocess.run(  # noqa: S602 — the pipe is what is tried
        f"{sys.executable} -m chengxin --help | true",
        shell=True,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
