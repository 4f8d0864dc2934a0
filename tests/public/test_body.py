"""A body is waited for, but not for ever."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator

import pytest

from chengxin.public import body
from chengxin.public.body import hang_up, hung_up_after
from tests.public.door import eventually

Called = tuple[socket.socket, socket.socket]


@pytest.fixture
def called() -> Iterator[dict[str, Called]]:
    """Three callers of a server, each from an address of its own: their end and the server's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        lines: dict[str, Called] = {}
        for caller in ("127.0.0.1", "127.0.0.2", "127.0.0.3"):
            line = socket.create_connection(server.getsockname(), source_address=(caller, 0))
            lines[caller] = (line, server.accept()[0])
        yield lines
        for pair in lines.values():
            for end in pair:
                end.close()


def test_who_is_hung_up_on_is_waited_for_no_longer_and_nobody_else_notices(called: dict[str, Called]) -> None:
    hang_up("127.0.0.2")

    assert called["127.0.0.2"][1].recv(1) == b""
    for caller in ("127.0.0.1", "127.0.0.3"):
        called[caller][0].sendall(b"x")
        assert called[caller][1].recv(1) == b"x"


def test_looking_for_a_line_leaves_nothing_open(called: dict[str, Called]) -> None:
    before = len(os.listdir("/proc/self/fd"))
    hang_up("127.0.0.2")

    assert len(os.listdir("/proc/self/fd")) == before


def test_a_proxy_on_this_machine_is_not_hung_up_on(called: dict[str, Called]) -> None:
    hang_up("127.0.0.1")

    called["127.0.0.1"][0].sendall(b"x")
    assert called["127.0.0.1"][1].recv(1) == b"x"


def test_who_is_done_in_time_is_not_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(body, "hang_up", calls.append)

    with hung_up_after(0.05, "203.0.113.7"):
        pass
    time.sleep(0.1)
    assert calls == []
    with hung_up_after(0.01, "203.0.113.8"):
        eventually(lambda: bool(calls), within=30)
    assert calls == ["203.0.113.8"]
