"""A body is waited for, but not for ever: who stops sending must not keep others from being read.

The server's own reading waits for as long as the connection stands, and a phone that lost its network in the middle of
a form leaves one that stands for days. Nothing else ends that wait (a reading left behind in a thread of its own stops
the whole server), so when the time is over the sender's connections are hung up.
"""

from __future__ import annotations

import os
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from chengxin.public.journal import LOOPBACK

SENDING_SECONDS: Final = 120.0
"""For a report with its photo to arrive."""
FORM_SECONDS: Final = 20.0
"""For any other form: a few hundred bytes."""


@contextmanager
def hung_up_after(seconds: float, remote: str) -> Iterator[None]:
    """Hang up on an address if what is done here takes longer."""
    watch = threading.Timer(seconds, hang_up, [remote])
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def hang_up(remote: str) -> None:
    """End every connection with an address: the server does not tell which of its sockets a request came by.

    Not with a proxy on this very machine: all visitors come from there, and it reads a body before it passes it on.
    """
    if remote in LOOPBACK or not os.path.isdir("/proc/self/fd"):
        return
    for number in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # closed meanwhile
            ours = os.dup(int(number))
            try:
                _shut(ours, remote)
            finally:
                os.close(ours)


def _shut(number: int, remote: str) -> None:
    if not stat.S_ISSOCK(os.fstat(number).st_mode):
        return
    line = socket.socket(fileno=number)
    try:
        if line.family in (socket.AF_INET, socket.AF_INET6) and line.getpeername()[0] == remote:
            line.shutdown(socket.SHUT_RDWR)
    finally:
        line.detach()
