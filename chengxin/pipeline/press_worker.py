"""`python -m chengxin.pipeline.press_worker`: 印制进程, what prints the jobs that pages ask for; it ends when its parent does.

Any number may run: each job is printed by one of them. What one was at when it died is begun again by the next.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

import django

from chengxin.pipeline import processes

log = logging.getLogger(__name__)

TICK_SECONDS: Final = 0.5
HOUR_SECONDS: Final = 3600.0


def work(*, alive: Callable[[], bool]) -> None:
    """Print what is wanted, as long as we are to live; once an hour destroy old files, end stands whose time is over."""
    from django.db import InterfaceError, OperationalError, connection
    from django.utils import timezone

    from chengxin.credit.codes import placing
    from chengxin.pipeline import print_jobs

    tidied = -HOUR_SECONDS
    while alive():
        try:
            if print_jobs.step(at=timezone.now()):
                continue
            if time.monotonic() - tidied >= HOUR_SECONDS:
                now = timezone.now()
                print_jobs.tidy(at=now)
                while placing.end_past(today=timezone.localdate(now), by=print_jobs.OURSELVES, at=now):
                    pass
                tidied = time.monotonic()
        except (OperationalError, InterfaceError) as error:
            log.warning("printing lost the database, trying again: %s", str(error).splitlines()[0])
            connection.close()
        time.sleep(TICK_SECONDS)


def main() -> None:
    """Work until the parent process is gone, or until told to stop: then what is under way is left for the next."""
    django.setup()
    processes.as_child(lambda alive: work(alive=alive))


if __name__ == "__main__":
    main()
