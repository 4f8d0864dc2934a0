"""The token: what is sealed comes back, and nothing else does."""

from __future__ import annotations

from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from chengxin.board.token import (
    CROCKFORD,
    FULL_LENGTH,
    SHORT_LENGTH,
    Claim,
    NotGenuine,
    Seal,
    Text,
    claim,
    is_of,
    parted,
    seal,
    ungrouped,
    unseal,
)
from chengxin.terms.uscc import ALPHABET

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
KEYS = {1: KEY.public_key()}
CLAIMS = Seal(1, "subject", "91230402MA1CTE575Q", 12345, date(2026, 11, 23), 3)
TOKEN = seal(CLAIMS, KEY)


@given(
    key=st.integers(0, 1023),
    kind=st.sampled_from(["subject", "place"]),
    holder=st.text(ALPHABET, min_size=18, max_size=18),
    serial=st.integers(0, 2**35 - 1),
    issued_on=st.dates(date(2020, 1, 1), date(2109, 9, 18)),
    placement=st.integers(0, 31),
)
def test_what_is_sealed_comes_back(key, kind, holder, serial, issued_on, placement) -> None:
    claims = Seal(key, kind, holder, serial, issued_on, placement)
    token = seal(claims, KEY)

    assert len(token) == FULL_LENGTH
    assert set(token) <= set(CROCKFORD)
    assert unseal(token, {key: KEY.public_key()}) == claims


@given(serial=st.integers(0, 2**35 - 1), bits=st.integers(0, 2**60 - 1))
def test_a_short_token_comes_back_as_a_claim(serial, bits) -> None:
    token = claim(serial=serial, bits=bits)

    assert len(token) == SHORT_LENGTH
    assert unseal(token, {}) == Claim(serial, bits)


@given(place=st.integers(0, FULL_LENGTH - 1), character=st.sampled_from(CROCKFORD))
def test_no_other_character_anywhere_is_genuine(place, character) -> None:
    changed = TOKEN[:place] + character + TOKEN[place + 1 :]

    assert (unseal(changed, KEYS) == CLAIMS) == (changed == TOKEN)


@given(
    st.text(max_size=200)
    | st.text(CROCKFORD, min_size=136, max_size=136)
    | st.text(CROCKFORD, min_size=20, max_size=20)
)
def test_no_text_raises(text) -> None:
    assert isinstance(unseal(text, KEYS), NotGenuine | Claim)


@pytest.mark.parametrize(
    "text, reason",
    [
        ("", "not a token"),
        ("0" * 10_000, "not a token"),
        ("Ж" * 136, "not a token"),
        ("１" * 20, "not a token"),
        (TOKEN[:-1], "not a token"),
        (TOKEN + "0", "not a token"),
        ("2" + TOKEN[1:], "unknown version"),
        ("1" + TOKEN[21:40], "unknown version"),
        (TOKEN[:1] + "02" + TOKEN[3:], "unknown key"),
        (TOKEN[:3] + "P" + TOKEN[4:], "bad signature"),
        (TOKEN[:3] + "X" + TOKEN[4:], "not a token"),
        (TOKEN[:33] + seal(CLAIMS, OTHER)[33:], "bad signature"),
        (TOKEN[:-1] + CROCKFORD[CROCKFORD.index(TOKEN[-1]) + 1], "bad signature"),
    ],
    ids=[
        "empty",
        "ten thousand characters",
        "another script",
        "full-width digits",
        "one short",
        "one long",
        "a version to come",
        "a full version at short length",
        "a key not on the ring",
        "another kind of holder",
        "no kind of holder",
        "another key's signature",
        "padding that is not nought",
    ],
)
def test_a_forged_code_is_told_apart(text: str, reason: str) -> None:
    assert unseal(text, KEYS) == NotGenuine(reason)


def test_look_alike_letters_and_lower_case_are_read_as_printed() -> None:
    typed = TOKEN.lower().replace("1", "l").replace("0", "o")

    assert unseal(typed, KEYS) == CLAIMS


@pytest.mark.parametrize(
    "text, before, token",
    [
        ("", "", ""),
        (TOKEN, "", TOKEN),
        (f"https://x/C/{TOKEN}", "https://x", TOKEN),
        (f"https://x/c/{TOKEN}/?lang=en#a", "https://x", TOKEN),
        (f"https://x/C/1-2 3\u3000\t4?{TOKEN}", "https://x", "1234"),
        ("https://a-b.example/C/S-1", "https://a-b.example", "S1"),
        ("/C/S", "", "S"),
        ("https://x/C/a/C/b", "https://x", "a"),
        ("https://x/CC/1", "", "https://x/CC/1"),
        ("x" * 3000, "", ""),
    ],
    ids=[
        "nothing",
        "bare",
        "an address",
        "small c, slash, query, fragment",
        "blanks and hyphens",
        "a hyphen in the host",
        "no host",
        "twice",
        "another path",
        "over-long",
    ],
)
def test_what_was_scanned_or_typed_is_taken_apart(text: str, before: str, token: str) -> None:
    assert parted(text) == Text(before, token)


@pytest.mark.parametrize(
    "before, ours",
    [
        ("", True),
        ("HTTPS://CREDIT.EXAMPLE", True),
        ("https://credit.example", True),
        ("credit.example", True),
        ("old.example/xy", True),
        ("http://credit.example", False),
        ("https://credit.example.cn", False),
        ("https://credit.example@evil.example", False),
        ("https://сredit.example", False),
        ("https://credıt.example", False),
        ("https://old.example", False),
        ("https://", False),
    ],
)
def test_only_an_address_of_ours_is_ours(before: str, ours: bool) -> None:
    assert is_of(before, ["HTTPS://CREDIT.EXAMPLE/", "https://OLD.example/XY"]) is ours


@pytest.mark.parametrize(
    "changes",
    [
        {"holder": "91230402MA1CTE575"},
        {"holder": "91230402MA1CTE57ZQ"},
        {"serial": 2**35},
        {"issued_on": date(2019, 12, 31)},
        {"placement": 32},
        {"key": 1024},
        {"holder_kind": "person"},
    ],
    ids=str,
)
def test_claims_that_do_not_fit_are_refused(changes: dict[str, object]) -> None:
    claims = {field: getattr(CLAIMS, field) for field in Seal.__slots__} | changes

    with pytest.raises(ValueError, match="do not fit"):
        seal(Seal(**claims), KEY)


@pytest.mark.parametrize(
    ("text", "serial"),
    [
        ("0000-C1S", 12345),
        ("0000c1s", 12345),
        (" OOOO-CIS ", 12345),
        ("0000-C1", None),
        ("0000-C1SS", None),
        ("0000-C1U", None),
        ("编号0000-C", None),
        ("", None),
    ],
    ids=["as printed", "as typed", "look-alikes", "too short", "too long", "no such letter", "no letters", "nothing"],
)
def test_a_printed_serial_reads_back(text, serial):
    assert ungrouped(text) == serial
