"""Workers for the tests that kill them. Imported by a fork server, so that each begins in no time and is a process apart."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")  # noqa: TID251 — as the command line does

import django

django.setup()

from django.conf import settings
from django.db import connection

from chengxin.ingest import batches, beside, sources
from tests import make


def at_home(work: Callable[..., Any], database: str, folder: Path, *words: Any) -> None:
    """Do some work on a database, with the files in a folder; every file counts as large, and comes in small chunks."""
    connection.settings_dict["NAME"] = database
    settings.FILES_DIR, settings.FEEDBACK_DIR = folder / "files", folder / "feedback"
    beside.LARGE, beside.CHUNK = 0, 60  # type: ignore[misc]
    work(*words)


def take_in_all() -> None:
    """Do what is wanted, until nothing is."""
    while batches.step(at=make.NOW):
        pass


def send(path: Path, kind: str, key: str) -> None:
    """Send a file, as a client does that says the same number each time it tries."""
    with path.open("rb") as file:
        batches.receive(
            file=file,
            file_name=path.name,
            kind=kind,
            source=sources.find(),
            way="api",
            by=make.CLERK,
            unit=None,
            at=make.NOW,
            then="apply",
            request=("market", key),
        )


def send_and_take_in(sent: list[tuple[Path, str]]) -> None:
    """Send files and take them in."""
    for number, (path, kind) in enumerate(sent):
        send(path, kind, f"k{number}")
    take_in_all()
