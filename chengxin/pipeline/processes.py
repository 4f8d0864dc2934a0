"""Child processes that never outlive us: started, watched, started again, stopped. No Django."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

QUICK = 10.0  # seconds; a child that lives longer has started well
TRIES = 6  # quick deaths in a row; with the pauses between them, a quarter of a minute
TRIES_AT_FIRST = 2  # what dies twice before it ever worked is broken, and its reason need not be printed six times
GRACE = 4.0  # seconds between asking and killing

_prctl = getattr(ctypes.CDLL(None), "prctl", None) if sys.platform == "linux" else None


class GaveUp(Exception):
    """A child dies as often as it is started; the message is one sentence."""


def die_with_parent(parent: int, *, by: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel signal this process as soon as its parent dies, by whatever means."""
    if _prctl is not None:
        _prctl(1, int(by))  # PR_SET_PDEATHSIG
    if os.getppid() != parent:  # it died before we asked
        os.kill(os.getpid(), by)


@dataclass
class Child:
    """One program that is to run for as long as we do."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    born: float = 0.0
    quick_deaths: int = 0
    again_at: float = field(default=0.0)

    def start(self) -> None:
        """Start it in a session of its own: a Ctrl-C at the terminal is ours to pass on, in order."""
        us = os.getpid()
        self.process = subprocess.Popen(
            self.command,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(us),  # noqa: PLW1509 — safe: we have no threads
        )
        self.born = time.monotonic()

    def tend(self, *, tries: int = TRIES) -> None:
        """Start it again if it died, a little later each time.

        :raises GaveUp: it died too often, too soon.
        """
        now = time.monotonic()
        if self.process is not None:
            if self.process.poll() is None:
                return
            self._signal(signal.SIGKILL)  # what is left of its session
            self.quick_deaths = self.quick_deaths + 1 if now - self.born < QUICK else 1
            if self.quick_deaths >= tries:
                raise GaveUp(
                    f"{self.name}连续 {tries} 次启动后即退出（退出码 {self.process.returncode}），原因见上面的输出。"
                )
            self.again_at = now + 0.2 * 2**self.quick_deaths
            self.process = None
        if now >= self.again_at:
            self.start()

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


def stop(children: Iterable[Child]) -> None:
    """Ask every child to end, and end those that do not."""
    running = [child for child in children if child.process is not None]
    for child in running:
        if child.process is not None and child.process.poll() is None:
            child.process.terminate()
    deadline = time.monotonic() + GRACE
    for child in running:
        if child.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            child._signal(signal.SIGKILL)
            child.process.wait()
            child.process = None


def until(done: Callable[[], bool], *, children: Iterable[Child], seconds: float) -> bool:
    """Tend the children until something holds; tell whether it did in time."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        for child in children:
            child.tend(tries=TRIES_AT_FIRST)
        time.sleep(0.05)
    return True


def as_child(work: Callable[[Callable[[], bool]], None]) -> None:
    """Work, asking `alive()` each turn, until the parent process is gone, or until told to stop: that is raised where we are.

    What is under way then is left for the next, so `work` does nothing that cannot be begun again.
    """
    parent = os.getppid()

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    with contextlib.suppress(KeyboardInterrupt):
        work(lambda: os.getppid() == parent)
