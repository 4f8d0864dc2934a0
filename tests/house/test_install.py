"""What installs the house: locks that name every byte and no address, scripts that say what is missing."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted((ROOT / "tools").glob("*.sh"))
LOCKS = ["requirements.lock", "requirements-dev.lock"]
NEEDED = [
    "cat",
    "chmod",
    "cksum",
    "cp",
    "env",
    "flock",
    "grep",
    "id",
    "ln",
    "ls",
    "mkdir",
    "mktemp",
    "mv",
    "printf",
    "rm",
    "sed",
    "sh",
    "stat",
    "tail",
    "touch",
    "tr",
    "uname",
]


def locked(name):
    """Return each package of a lock with its version."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[a-z0-9, -]+\])?==([^ ;\\]+)", text, re.MULTILINE))


def wanted(*, dev):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    said = project["dependencies"] + (project["optional-dependencies"]["dev"] if dev else [])
    return {re.split(r"[\[<>=! ]", each)[0].replace("_", "-").lower() for each in said}


# ---- The locks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_a_hash_for_each_package_and_no_address(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9-]+(?:\[[a-z0-9, -]+\])?==)", text, flags=re.MULTILINE)[1:]

    assert [entry.split("==")[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert not re.search(r"https?://|--index-url|--find-links", text)


@pytest.mark.parametrize(("name", "dev"), [(LOCKS[0], False), (LOCKS[1], True)], ids=LOCKS)
def test_a_lock_holds_what_the_project_asks_for(name, dev):
    assert wanted(dev=dev) - locked(name).keys() == set()


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_keeps_the_extras_that_its_packages_ask_for(name):
    # pip takes `coverage[toml]` for another requirement than the `coverage` of a lock: it would fetch the newest, and
    # refuse it for having no hash, from the day that there is a newer one.
    text = (ROOT / name).read_text(encoding="utf-8")
    asked = {
        f"{canonicalize_name(needed.name)}[{','.join(sorted(needed.extras))}]"
        for package in locked(name)
        for needed in map(Requirement, requires(package) or ())
        if needed.extras and (needed.marker is None or needed.marker.evaluate({"extra": ""}))
    }

    assert [one for one in sorted(asked) if f"\n{one}==" not in f"\n{text}"] == []


def test_whoever_develops_runs_the_same_versions():
    running, developing = (locked(name) for name in LOCKS)

    assert {name: developing.get(name) for name in running} == running


# ---- The scripts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_can_be_read_by_a_plain_shell(script):
    subprocess.run([shutil.which("dash") or "sh", "-n", script], check=True)


def test_make_lists_its_commands():
    said = subprocess.check_output(["make", "-s", "help"], cwd=ROOT, text=True, encoding="utf-8")

    assert re.findall(r"^make (\w+)", said, re.MULTILINE) == [
        "help", "demo", "run", "test", "check", "fix", "bench", "docs",
    ]  # fmt: skip


def test_ci_runs_what_the_readme_says():
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"^make test\b", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture
def bare():
    """A clone's scripts on a machine with a plain shell, this Python, and neither apt-get nor sudo."""
    folder = Path(tempfile.mkdtemp(prefix="chengxin-bare-", dir="/tmp"))
    folder.chmod(0o755)
    clone = folder / "clone"
    shutil.copytree(ROOT / "tools", clone / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "pyproject.toml", *LOCKS):
        shutil.copy(ROOT / name, clone / name)
    programs = folder / "bin"
    programs.mkdir()
    for name in NEEDED:
        if found := shutil.which(name):
            (programs / name).symlink_to(found)
    yield clone
    shutil.rmtree(folder)


def set_up(clone, **how):
    return subprocess.run(
        ["sh", "tools/setup.sh", "run"],
        cwd=clone,
        env={"PATH": str(clone.parent / "bin"), "HOME": str(clone.parent)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        **how,
    )


def python_that(clone, refuses):
    """Stand a Python in the way that fails where its arguments hold a word."""
    python = clone.parent / "bin" / "python3"
    python.write_text(f'#!/bin/sh\ncase "$*" in *{refuses}*) exit 1;; esac\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)


def test_a_missing_venv_is_answered_with_the_command_that_mends_it(bare):
    python_that(bare, refuses="ensurepip")

    done = set_up(bare)

    assert done.returncode == 1
    assert re.search(r"sudo apt-get install python3\.\d+-venv", done.stderr)
    assert len(done.stderr.splitlines()) == 1


def test_a_full_disk_is_said(bare):
    # The real error of a Python that could not write, as the script finds it.
    python = bare.parent / "bin" / "python3"
    python.write_text('#!/bin/sh\ncase "$*" in *"-m venv"*) echo "[Errno 28] No space left on device"; exit 1;; esac\n')
    python.chmod(0o755)

    done = set_up(bare)

    assert done.returncode == 1
    assert "磁盘已满" in done.stderr
    assert not (bare / ".venv" / "ok-run").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="root may write anywhere, and only root can become another user")
def test_somebody_elses_folder_is_answered_with_the_command_that_mends_it(bare):
    python_that(bare, refuses="nothing")

    done = set_up(bare, user=65534, group=65534, extra_groups=[])

    assert done.returncode == 1
    assert re.search(r"sudo chown -R \S+ '.*/clone'", done.stderr)
    assert len(done.stderr.splitlines()) == 1


def test_the_office_starts_with_what_its_own_lock_brings() -> None:
    """What only developing brings hides what running lacks: a fresh installation would not start."""
    said = subprocess.run(
        [sys.executable, "-c", "import django; django.setup(); import sys, chengxin.config.urls; print(*sys.modules)"],
        env={"DJANGO_SETTINGS_MODULE": "chengxin.config.settings", "PATH": "/usr/bin:/bin"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in said.stdout.split()}
    locked = {
        canonicalize_name(line.partition("==")[0].partition("[")[0])
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if "==" in line and line[0].isalpha()
    }
    brought = {
        canonicalize_name(name)
        for module, names in packages_distributions().items()
        if module in loaded
        for name in names
    }

    assert brought - locked - {"chengxin", "setuptools", "pip"} == set()
