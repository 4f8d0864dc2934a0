"""`python -m chengxin.pipeline.door public|office HOST PORT`: one door, served by granian.

granian's own command does the same, but its workers outlive a granian that was killed; these do not. Nothing of the
office is loaded here: the public door does without it.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from http.client import HTTPConnection, HTTPException
from importlib import import_module
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from chengxin.pipeline.processes import die_with_parent

TARGETS = {
    "public": "chengxin.public.wsgi",
    "office": "chengxin.config.wsgi",
}
# The office's wait for the database. The public's get in each other's way: one answers, two are parked (public/spare.py).
THREADS = {"public": 3, "office": 8}

LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 — where to knock when the door listens everywhere


def keep_parked(spare: Any, host: str, port: int) -> None:
    """Keep a spare thread of the public door in a request of our own, for as long as nobody's body is waited for."""
    while True:
        spare.wait_until_free()
        try:
            with closing(HTTPConnection(LOOPBACK.get(host, host), port, timeout=5)) as line:
                line.request("GET", spare.path)
                line.getresponse().read()
        except (OSError, HTTPException):
            time.sleep(1)  # not listening yet, or no more; without it every thread answers, only slower


def load(module: str, parent: int, host: str, port: int) -> Callable[..., Any]:
    """Return the application, in a worker of granian's."""
    die_with_parent(parent)
    application: Callable[..., Any] = import_module(module).application
    for spare in getattr(application, "spares", ()):
        threading.Thread(target=keep_parked, args=(spare, host, port), name="spare", daemon=True).start()
    # granian lays the process's environment under every request's: what nobody reads any more costs time there.
    for name in [name for name in os.environ if name not in ("PATH", "TZ")]:  # noqa: TID251 — nothing is read here,
        del os.environ[name]  # noqa: TID251 — only forgotten
    # Kept pages are thousands of objects without a cycle: going through them again and again took a tenth of a scan.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    return application


def main(name: str, host: str, port: str) -> None:
    """Serve until told to stop."""
    module = TARGETS[name]
    Granian(
        module,
        address=host,
        port=int(port),
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,  # HTTP/2 without TLS is spoken by no browser
        websockets=False,
        workers=1,
        blocking_threads=min(THREADS[name], 2 * (os.cpu_count() or 1) + 1),  # more, and granian warns
        log_level=LogLevels.warning,
        workers_kill_timeout=3,
        respawn_failed_workers=True,
        respawn_interval=0.5,
    ).serve(target_loader=partial(load, module, os.getpid(), host, int(port)), wrap_loader=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
