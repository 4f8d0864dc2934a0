from __future__ import annotations

import pytest

from chengxin.public.journal import Journal, address, device_of

NOWHERE = "host=/nonexistent dbname=none"


@pytest.mark.parametrize(
    ("remote", "forwarded", "told"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1, 192.0.2.9", "192.0.2.9"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("203.0.113.7:51234", "", "203.0.113.7"),
        ("[2001:db8::1]:51234", "", "2001:db8::1"),
        ("2001:db8::1", "", "2001:db8::1"),
        ("::1", "192.0.2.9", "192.0.2.9"),
    ],
    ids=[
        "a peer",
        "a stranger's claim",
        "our proxy's word",
        "this machine",
        "with a port",
        "IPv6 with a port",
        "IPv6",
        "our proxy, IPv6",
    ],
)
def test_whose_address_counts(remote: str, forwarded: str, told: str) -> None:
    assert address(remote=remote, forwarded=forwarded) == told


def test_while_the_database_is_away_the_oldest_are_dropped_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal(NOWHERE, room=10)
    for number in range(25):
        journal.scan(1_790_000_000.0 + number, number, "active", {})
        journal.flush()

    assert journal.dropped == 15
    assert [note[1] for note in journal._waiting] == list(range(15, 25))
    assert len(caplog.records) == 1


def test_what_a_request_says_of_itself_fills_no_memory() -> None:
    journal = Journal(NOWHERE)
    journal.scan(
        1_790_000_000.0,
        1,
        "active",
        {"HTTP_USER_AGENT": "x" * 400_000, "HTTP_X_FORWARDED_FOR": "x" * 400_000 + ", 192.0.2.9"},
    )
    (note,) = journal._notes

    assert sum(len(str(part)) for part in note) < 500
    assert address(remote="127.0.0.1", forwarded=note[4]) == "192.0.2.9"
    long, longer = (device_of(b"s", remote="", forwarded="", browser="x" * length) for length in (400, 400_000))
    assert long == longer
