"""The keys and the status list, for whoever verifies codes without asking us about each."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from chengxin.board import actions as board
from chengxin.board import jwks, status
from chengxin.public.wsgi import Door
from tests.public import samples
from tests.public.door import KEY, STRANGER, eventually, furnish, get, post, promised, sealed, settle

PAPERS = pytest.mark.parametrize("path", [jwks.PATH, status.PATH], ids=["keys", "status"])


def post_list(*, revoked: tuple[int, ...] = ()) -> str:
    now = datetime.now(UTC)
    payload = status.credential(
        revoked=revoked, suspended=(), last_serial=9, issuer="http://door.example", at=now, good_for=timedelta(days=7)
    )
    document = status.sign(payload, key=1, private_key=KEY)
    board.post_status(document=document, key=1, digest=b"d", at=now)
    return document


def test_the_keys_are_those_on_the_board_with_our_addresses_and_name(door: Door) -> None:
    answer = get(door, jwks.PATH)

    assert (answer.status, answer.headers["content-type"]) == (200, "application/jwk-set+json")
    found = jwks.load(answer.body)
    assert {number: key.public_bytes_raw() for number, key in found.keys.items()} == {
        1: KEY.public_key().public_bytes_raw()
    }
    assert (found.code_urls, found.office) == (("HTTP://DOOR.EXAMPLE",), samples.CITY.office)


def test_the_list_is_handed_out_as_it_was_signed(door: Door) -> None:
    assert get(door, status.PATH).status == 404
    document = post_list()
    settle(door)

    answer = get(door, status.PATH)

    assert (answer.status, answer.headers["content-type"], answer.text) == (200, "application/json", document)


def test_a_new_list_and_a_new_key_are_heard_of(door: Door) -> None:
    before = post_list()
    settle(door)
    after = post_list(revoked=(3,))
    board.post_key(number=2, public_key=STRANGER.public_key().public_bytes_raw(), at=datetime.now(UTC))

    assert eventually(lambda: get(door, status.PATH).text == after != before) < promised(1)
    assert eventually(lambda: set(jwks.load(get(door, jwks.PATH).body).keys) == {1, 2}) < promised(1)


def test_a_revoked_key_is_gone_with_its_list_and_its_codes_say_so(door: Door) -> None:
    text = post(card=samples.card())
    post_list()
    settle(door)
    assert get(door, f"/C/{text}").status == 200

    board.revoke_key(number=1, at=datetime.now(UTC))

    assert eventually(lambda: jwks.load(get(door, jwks.PATH).body).keys == {}) < promised(1)
    assert eventually(lambda: get(door, status.PATH).status == 404) < promised(1)
    answer = get(door, f"/C/{text}")
    assert (answer.status, "签发钥匙已作废" in answer.text, samples.USCC in answer.text) == (410, True, False)
    assert get(door, f"/C/{sealed(by=STRANGER)}").status == 404, "what the key never signed is forged as before"
    assert len(door.cache) == 0, "a thief makes endless codes of these: they are not kept"


@PAPERS
def test_it_is_open_to_every_page_and_never_older_than_it_says(door: Door, path: str) -> None:
    post_list()
    settle(door)

    headers = get(door, path).headers

    assert headers["access-control-allow-origin"] == "*"
    assert headers["cache-control"] == "no-cache"
    assert headers["vary"] == "Accept-Encoding"
    assert headers["x-content-type-options"] == "nosniff"


@PAPERS
def test_it_is_sent_zipped_to_whoever_takes_that(door: Door, path: str) -> None:
    post_list()
    settle(door)
    plain, zipped = get(door, path), get(door, path, HTTP_ACCEPT_ENCODING="gzip, br")

    assert zipped.headers["content-encoding"] == "gzip"
    assert gzip.decompress(zipped.body) == plain.body
    assert plain.headers["etag"] == zipped.headers["etag"]
    assert int(zipped.headers["content-length"]) == len(zipped.body)


@PAPERS
@pytest.mark.parametrize("wanted", ["{}", 'W/"other", {}', "*"])
def test_what_somebody_has_already_is_not_sent_again(door: Door, path: str, wanted: str) -> None:
    post_list()
    settle(door)
    tag = get(door, path).headers["etag"]

    answer = get(door, path, HTTP_IF_NONE_MATCH=wanted.format(tag))

    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", tag)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert get(door, path, HTTP_IF_NONE_MATCH='W/"other"').status == 200


@PAPERS
def test_it_is_only_looked_at(door: Door, path: str) -> None:
    post_list()
    settle(door)

    assert get(door, path, method="POST").status == 405
    head = get(door, path, method="HEAD")
    assert (head.status, head.body) == (200, b"")


@PAPERS
def test_without_a_young_beat_nothing_is_handed_out(door: Door, path: str) -> None:
    post_list()
    settle(door)
    door.listener.stop()

    eventually(lambda: not door.listener.is_young)

    answer = get(door, path)
    assert (answer.status, answer.headers["retry-after"]) == (503, "10")


@PAPERS
def test_handing_it_out_asks_the_database_nothing(door: Door, path: str) -> None:
    post_list()
    settle(door)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM board_status")  # unheard of: nobody was told
        cursor.execute("DELETE FROM board_key")

    assert get(door, path).status == 200


def test_after_a_lost_line_the_documents_are_read_anew(door: Door) -> None:
    post_list()
    settle(door)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM board_status")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'chengxin public'"
        )

    eventually(lambda: get(door, status.PATH).status == 404)


def test_a_list_of_a_province_is_heard_of_without_missing_a_beat(door: Door) -> None:
    # Two million codes, every twentieth of them stopped: what a list weighs at most.
    now = datetime.now(UTC)
    payload = status.credential(
        revoked=range(0, 2_000_000, 23),
        suspended=range(5, 2_000_000, 101),
        last_serial=2_000_000,
        issuer="http://door.example",
        at=now,
        good_for=timedelta(days=7),
    )
    document = status.sign(payload, key=1, private_key=KEY)
    board.post_status(document=document, key=1, digest=b"d", at=now)

    seen = set()
    eventually(lambda: seen.add(door.listener.is_young) or get(door, status.PATH).text == document)

    assert seen == {True}
    assert json.loads(document)["signature"]


def test_furnishing_twice_changes_nothing(door: Door) -> None:
    before = get(door, jwks.PATH).headers["etag"]
    furnish()
    settle(door)

    assert get(door, jwks.PATH).headers["etag"] == before
