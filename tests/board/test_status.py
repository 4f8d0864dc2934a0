"""The status list: what is written is read again, and nothing else is believed."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.board import jwks, status
from chengxin.board.status import NotAList, StatusList

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
KEYS = {3: KEY.public_key()}
NOW = datetime(2026, 11, 25, 6, 0, 0, 999_999, tzinfo=UTC)

serials = st.sets(st.integers(0, 300_000), max_size=200)


def document(
    revoked: Collection[int] = (5,),
    suspended: Collection[int] = (7,),
    *,
    last_serial: int = 10,
    key: int = 3,
    by: Ed25519PrivateKey = KEY,
    at: datetime = NOW,
) -> str:
    payload = status.credential(
        revoked=revoked,
        suspended=suspended,
        last_serial=last_serial,
        issuer="https://credit.example",
        at=at,
        good_for=timedelta(days=7),
    )
    return status.sign(payload, key=key, private_key=by)


def read(text: str | bytes) -> StatusList:
    found = status.read(text, KEYS)
    assert isinstance(found, StatusList)
    return found


@settings(max_examples=25)
@given(serials, serials)
def test_what_is_listed_is_read_again(revoked: set[int], suspended: set[int]) -> None:
    last = max(revoked | suspended, default=0)

    found = read(document(revoked, suspended, last_serial=last))

    for listed, bits in ((revoked, found.revoked), (suspended, found.suspended)):
        assert sum(byte.bit_count() for byte in bits) == len(listed)
        assert all(status.is_set(bits, serial) for serial in listed)
    assert found.covers(last)


def test_serial_nought_is_the_most_significant_bit_of_the_first_byte() -> None:
    assert status.bitstring([0, 7, 8], bits=16) == b"\x81\x80"


@pytest.mark.parametrize(
    ("last", "bits"), [(0, 131_072), (131_071, 131_072), (131_072, 262_144), (2_000_000, 16 * 131_072)]
)
def test_a_list_grows_in_steps_that_tell_nothing(last: int, bits: int) -> None:
    assert 8 * len(read(document(last_serial=last)).revoked) == bits


def test_a_list_of_a_province_is_read_again() -> None:
    stopped = range(0, 2_000_000, 19)

    found = read(document(stopped, [1], last_serial=2_000_000))

    assert sum(byte.bit_count() for byte in found.revoked) == len(stopped)


def test_the_same_list_is_the_same_document() -> None:
    assert document() == document()


def test_a_list_says_when_it_was_made_in_whole_seconds() -> None:
    found = read(document())

    assert found.valid_from == NOW.replace(microsecond=0)
    assert found.valid_until - found.valid_from == timedelta(days=7)
    assert found.age(NOW + timedelta(days=2)).days == 2
    assert found.age(NOW - timedelta(days=2)) == timedelta(0)


@pytest.mark.parametrize(
    ("later", "because"),
    [
        (timedelta(0), None),
        (timedelta(days=6), None),
        (timedelta(days=7), "expired"),
        (timedelta(days=-1), None),
        (timedelta(days=-1, seconds=-1), "not yet valid"),
    ],
    ids=["new", "six days", "seven days", "a clock a day behind", "a clock far behind"],
)
def test_a_list_is_good_for_its_days(later: timedelta, because: str | None) -> None:
    assert read(document()).why_not_at(NOW.replace(microsecond=0) + later) == because


@pytest.mark.parametrize("by, key", [(OTHER, 3), (KEY, 4)], ids=["another key", "another number"])
def test_a_list_that_no_key_of_ours_signed_is_not_believed(by: Ed25519PrivateKey, key: int) -> None:
    assert status.read(document(by=by, key=key), KEYS) == NotAList("not signed by a known key")


def test_no_byte_of_a_signed_list_can_be_changed() -> None:
    said = json.loads(document(revoked=[5]))
    pardoned = json.loads(document(revoked=[]))

    for name in ("payload", "signature"):
        assert status.read(json.dumps(said | {name: pardoned[name]}), KEYS) == NotAList("not signed by a known key")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        "null",
        "[]",
        "{}",
        '{"protected":1,"payload":2,"signature":3}',
        '{"protected":"","payload":"","signature":""}',
        '{"protected":"e30","payload":"e30","signature":"e30"}',
        '{"protected":"W10","payload":"W10","signature":"W10"}',
        '{"protected":"eyJhbGciOltdfQ","payload":"e30","signature":"e30"}',
        "[" * 100_000,
        '{"a":' * 50_000,
        "9" * 10_000,
    ],
    ids=lambda text: repr(text[:24]),
)
def test_no_document_raises(text: str | bytes) -> None:
    assert isinstance(status.read(text, KEYS), NotAList)


@settings(max_examples=200)
@given(st.text(max_size=300) | st.binary(max_size=300))
def test_no_text_raises(text: str | bytes) -> None:
    assert isinstance(status.read(text, KEYS), NotAList)


def test_a_document_too_large_is_not_even_parsed() -> None:
    assert status.read(" " * (status.DOCUMENT_LIMIT + 1), KEYS) == NotAList("too large")


PAYLOAD = status.credential(
    revoked=[], suspended=[], last_serial=1, issuer="https://credit.example", at=NOW, good_for=timedelta(days=7)
)


def signed(**changes: Any) -> str:
    return status.sign(PAYLOAD | changes, key=3, private_key=KEY)


@pytest.mark.parametrize(
    "changes",
    [
        {"credentialSubject": 7},
        {"credentialSubject": [7]},
        {"credentialSubject": []},
        {"type": 7},
        {"validFrom": None},
        {"validFrom": "2026-13-45T99:00:00Z"},
        {"validFrom": "2026-11-25T06:00:00+00:00"},
        {"validUntil": "２０２６-11-25T06:00:00Z"},
    ],
    ids=str,
)
def test_what_a_key_of_ours_signed_may_still_be_malformed(changes: dict[str, Any]) -> None:
    assert status.read(signed(**changes), KEYS) == NotAList("malformed")


def test_a_list_for_another_purpose_is_passed_over() -> None:
    payload = json.loads(json.dumps(PAYLOAD))
    payload["credentialSubject"].append({"type": "BitstringStatusList", "statusPurpose": "message"})

    assert isinstance(status.read(status.sign(payload, key=3, private_key=KEY), KEYS), StatusList)


def test_a_bomb_is_given_up_where_it_grows_too_large() -> None:
    import tracemalloc

    bomb = status.pack(bytes(4 * status.UNPACKED_LIMIT))
    tracemalloc.start()
    with pytest.raises(ValueError, match="too large"):
        status.unpack(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 2.5 * status.UNPACKED_LIMIT  # half of what it would unpack to


@pytest.mark.parametrize(
    "encoded", ["", "u", "x" + status.pack(bytes(16_384))[1:], status.pack(bytes(16_384)) + "AAAA", "u=", "uЖ"]
)
def test_a_bitstring_is_packed_in_one_way_only(encoded: str) -> None:
    with pytest.raises(ValueError):
        status.unpack(encoded)


# ---- The key set -----------------------------------------------------------------------------------------------------


def test_a_key_set_is_read_again() -> None:
    trusted = jwks.Trusted({3: KEY.public_key(), 12: OTHER.public_key()}, ("HTTPS://CREDIT.EXAMPLE",), "示范市信用办")

    found = jwks.load(jwks.dump(trusted))

    assert {number: key.public_bytes_raw() for number, key in found.keys.items()} == {
        number: key.public_bytes_raw() for number, key in trusted.keys.items()
    }
    assert (found.code_urls, found.office) == (trusted.code_urls, trusted.office)


def test_no_private_part_is_ever_written() -> None:
    (written,) = json.loads(jwks.dump(jwks.Trusted({3: KEY.public_key()})))["keys"]

    assert set(written) == {"kty", "crv", "alg", "use", "kid", "x"}


GOOD = json.loads(jwks.dump(jwks.Trusted({3: KEY.public_key()})))["keys"][0]


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "EC"},
        {"crv": "X25519"},
        {"crv": "Ed448"},
        {"alg": "EdDSA"},
        {"use": "enc"},
        {"kid": 3},
        {"kid": "03"},
        {"kid": "1024"},
        {"kid": "３"},
        {"kid": "-1"},
        {"x": "AA"},
        {"x": None},
        {"x": GOOD["x"] + "A"},
        {"x": GOOD["x"][:-1] + "*"},
    ],
    ids=str,
)
def test_a_key_that_is_none_of_ours_is_passed_over(change: dict[str, Any]) -> None:
    found = jwks.load(json.dumps({"keys": [GOOD | change, GOOD | {"kid": "4"}, "rubbish"]}))

    assert list(found.keys) == [4]


@pytest.mark.parametrize("text", ["", "7", "[]", "{}", '{"keys":7}', "[" * 100_000, b"\xff", " " * (1 << 21)])
def test_what_is_no_key_set_is_said_in_a_sentence(text: str | bytes) -> None:
    with pytest.raises(jwks.NoKeys, match=r"keys\.json"):
        jwks.load(text)
