"""How often somebody may do something."""

from __future__ import annotations

import pytest

from chengxin.public.bucket import Buckets, household


def test_a_bucket_empties_and_fills_again() -> None:
    buckets = Buckets(burst=2, seconds=10)

    assert [buckets.take("a", at=at) for at in (0, 0, 0, 9, 10, 10, 1000, 1000, 1000)] == [
        True,
        True,
        False,
        False,
        True,
        False,
        True,
        True,
        False,
    ]


def test_each_has_a_bucket_of_their_own() -> None:
    buckets = Buckets(burst=1, seconds=10)

    assert (buckets.take("a", at=0), buckets.take("b", at=0), buckets.take("a", at=0)) == (True, True, False)


def test_memory_is_bounded_and_nobodys_name_is_in_it() -> None:
    buckets = Buckets(burst=1, seconds=10, room=100)
    for number in range(1000):
        buckets.take(f"203.0.113.{number}", at=0)

    assert len(buckets._left) == 100
    assert all(len(name) == 16 and b"203" not in name for name in buckets._left)


@pytest.mark.parametrize(
    ("remote", "forwarded", "who"),
    [
        ("203.0.113.7:4711", "", "203.0.113.7"),
        ("127.0.0.1:4711", "198.51.100.2", "198.51.100.2"),
        ("[2001:db8:1:2:3:4:5:6]:4711", "", "2001:db8:1:2::/64"),
        ("127.0.0.1:4711", "2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "", "203.0.113.7"),
        ("::ffff:127.0.0.1", "198.51.100.2", "198.51.100.2"),
        ("", "", ""),
    ],
    ids=[
        "an address",
        "behind a proxy",
        "IPv6",
        "IPv6 behind a proxy",
        "IPv4 on a door of IPv6",
        "a proxy on a door of IPv6",
        "nobody",
    ],
)
def test_a_ration_is_for_a_line(remote: str, forwarded: str, who: str) -> None:
    assert household({"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded}) == who
