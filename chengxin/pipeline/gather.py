"""`python -m chengxin.pipeline.gather`: 归集进程, what takes in the files that people sent; it ends when its parent does.

Any number may run: each batch is worked on by one of them. What one was at when it died is free for the next. With the
word `small` it takes small files alone and does nothing else, so that they do not wait behind a large one.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import django

from chengxin.pipeline import processes

log = logging.getLogger(__name__)

TICK_SECONDS: Final = 0.5
MINUTE_SECONDS: Final = 60.0
HOUR_SECONDS: Final = 3600.0
FULL_SECONDS: Final = 15.0
"""From one look at a full disk to the next."""
FOLDER_SECONDS: Final = 2.0
"""From one look at the watched folder to the next."""


def work(*, alive: Callable[[], bool], small: bool = False) -> None:
    """Take in what is wanted, as long as we are to live; come back after every loss of the database."""
    from django.conf import settings
    from django.db import OperationalError, connection
    from django.utils import timezone

    from chengxin.ingest import batches, beside, feedback, waiting
    from chengxin.people.trail import Actor
    from chengxin.pipeline.incoming import Watch

    watch, looked = Watch(), -FOLDER_SECONDS
    writer = feedback.Writer()
    matched, tidied = -MINUTE_SECONDS, -HOUR_SECONDS
    while alive():
        try:
            if not small and time.monotonic() - looked >= FOLDER_SECONDS:
                watch.look(at=timezone.now(), now=time.monotonic())
                looked = time.monotonic()
            if batches.step(at=timezone.now(), largest=beside.LARGE if small else None):
                continue
            if small:
                time.sleep(TICK_SECONDS)
                continue
            if writer.step():
                continue
            # A worker that died right after its batch was in left rows waiting for subjects that it brought.
            if time.monotonic() - matched >= MINUTE_SECONDS:
                waiting.take(by=Actor("归集进程", "command"), at=timezone.now())
                matched = time.monotonic()
            if time.monotonic() - tidied >= HOUR_SECONDS:
                batches.forget(at=timezone.now(), after=timedelta(days=settings.INTAKE_KEEP_DAYS))
                tidied = time.monotonic()
        except batches.NoRoom as full:
            log.error("%s", full)
            time.sleep(FULL_SECONDS)
        except OperationalError as error:
            log.warning("gathering lost the database, trying again: %s", str(error).splitlines()[0])
            connection.close()
        time.sleep(TICK_SECONDS)


def main() -> None:
    """Work until the parent process is gone, or until told to stop: then what is under way is left for the next."""
    django.setup()
    processes.as_child(lambda alive: work(alive=alive, small="small" in sys.argv[1:]))


if __name__ == "__main__":
    main()
