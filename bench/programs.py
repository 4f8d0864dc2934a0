"""What the rows need of the machine: a free port, a page asked for, a process waited for, tools installed."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from bench.figures import CannotMeasure

POLICY = Path("/usr/sbin/policy-rc.d")


def free_port() -> int:
    """Return a port that is free, and whose neighbour is too: the office's door stands beside the public one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            with contextlib.suppress(OSError, OverflowError):
                second.bind(("127.0.0.1", port + 1))
                return port


class Door:
    """One kept-alive connection to a server."""

    def __init__(self, base: str) -> None:
        where = urlsplit(base)
        self._connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=5)

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body of a page."""
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def page(url: str) -> tuple[int, bytes]:
    """Return status and body of a page, over a connection of its own."""
    where = urlsplit(url)
    door = Door(f"{where.scheme}://{where.netloc}")
    try:
        return door.get(where.path + (f"?{where.query}" if where.query else ""))
    finally:
        door.close()


def answers(url: str) -> bool:
    """Tell whether a page is there."""
    try:
        return page(url)[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def patiently(
    is_so: Callable[[], bool], *, seconds: float, what: str, process: subprocess.Popen[bytes] | None = None
) -> None:
    """Wait until something is so.

    :raises CannotMeasure: it did not become so, or the process that should see to it is gone.
    """
    deadline = time.monotonic() + seconds
    while not is_so():
        if process is not None and process.poll() is not None:
            raise CannotMeasure(f"{what} ended with status {process.returncode}")
        if time.monotonic() > deadline:
            raise CannotMeasure(f"{what}: nothing within {seconds:.0f} seconds")
        time.sleep(0.02)


def install_missing() -> list[str]:
    """Install nginx and wrk where we may; return the names of those that are still missing."""
    missing = [name for name in ("nginx", "wrk") if not _is_there(name)]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        # Debian starts a web server as soon as it is installed; this is its way of being told not to.
        quiet = not POLICY.exists()
        if quiet:
            POLICY.write_text("#!/bin/sh\nexit 101\n")
            POLICY.chmod(0o755)
        try:
            command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
            if subprocess.run(command, capture_output=True, check=False).returncode:
                subprocess.run(["apt-get", "update"], capture_output=True, check=False)
                subprocess.run(command, capture_output=True, check=False)
        finally:
            if quiet:
                POLICY.unlink()
        missing = [name for name in missing if not _is_there(name)]
    return missing


def _is_there(name: str) -> bool:
    return bool(shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin"))
