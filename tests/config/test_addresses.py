"""Where the doors are."""

import pytest

from chengxin.config import addresses


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", ("127.0.0.1", "localhost")),
        ("localhost", ("127.0.0.1", "localhost")),
        ("192.168.3.7", ("192.168.3.7", "192.168.3.7")),
    ],
    ids=["as given by default", "by name", "one address"],
)
def test_what_is_listened_at_and_what_people_type(host, expected):
    assert addresses.bind_and_name(host) == expected


def test_without_a_network_lan_is_answered_with_what_mends_it(monkeypatch):
    # In the tests no connection leaves the machine: as if there were no network.
    with pytest.raises(addresses.NoAddress, match="HOST="):
        addresses.bind_and_name("lan")


@pytest.mark.parametrize(
    ("said", "served", "expected"),
    [
        ({}, {}, ("HTTP://LOCALHOST:8000",)),
        ({}, {"public": "http://a:1", "code": "http://b"}, ("HTTP://B", "HTTP://A:1")),
        ({"CODE_URL": "https://c/"}, {"code": "http://b"}, ("HTTPS://C", "HTTP://LOCALHOST:8000")),
        (
            {"PUBLIC_URL": "https://p", "CODE_URLS_BEFORE": "https://old, https://older/xy/,,https://P"},
            {},
            ("HTTPS://P", "HTTPS://OLD", "HTTPS://OLDER/XY"),
        ),
    ],
    ids=["nothing said", "as last served", "a variable before that", "earlier ones"],
)
def test_what_may_stand_before_a_code(said, served, expected):
    assert addresses.code_urls_of(said, served) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, ("http://localhost:8010", "http://localhost:8011", "http://localhost:8010")),
        (
            {"PUBLIC_URL": "https://xyma.example"},
            ("https://xyma.example", "http://localhost:8011", "https://xyma.example"),
        ),
        (
            {"CODE_URL": "https://c.example"},
            ("http://localhost:8010", "http://localhost:8011", "https://c.example"),
        ),
    ],
    ids=["nothing said", "the public address", "the codes' own address"],
)
def test_what_the_user_says_stands_and_the_rest_follows(said, expected):
    found = addresses.urls(name="localhost", port=8010, said=said)

    assert (found["PUBLIC_URL"], found["OFFICE_URL"], found["CODE_URL"]) == expected
