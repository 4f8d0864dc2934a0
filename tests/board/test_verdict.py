"""The table of states of design.md §4, row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chengxin.board.token import Claim, NotGenuine, Seal
from chengxin.board.verdict import STATES, Row, judge, of_registration

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SEAL = Seal(1, "subject", "91230402MA1CTE575Q", 7, date(2026, 11, 1), 1)
ROW = Row("subject", SEAL.holder, "active", "premises", "", None, SEAL.issued_on, b"{}", NOW + timedelta(days=1))
SHORT = replace(ROW, bits=99)


@pytest.mark.parametrize(
    "said, row, state, status, leaves",
    [
        (SEAL, ROW, "active", 200, 0),
        (SEAL, replace(ROW, state="paused"), "paused", 200, 3),
        (SEAL, replace(ROW, state="frozen"), "frozen", 200, 3),
        (SEAL, replace(ROW, state="superseded"), "superseded", 410, 3),
        (SEAL, replace(ROW, state="cancelled", document=None), "cancelled", 410, 3),
        (SEAL, replace(ROW, state="pending", document=None), "pending", 404, 3),
        (NotGenuine("bad signature"), None, "forged", 404, 4),
        (NotGenuine("not a token"), None, "forged", 404, 4),
        (SEAL, None, "unknown", 404, 4),
        (NotGenuine("unknown key"), None, "unknown_key", 404, 5),
        (SEAL, replace(ROW, document=None), "updating", 503, 5),
        (SEAL, replace(ROW, good_until=NOW), "updating", 503, 5),
        (SEAL, replace(ROW, holder="92230402MA1CTE575M"), "forged", 404, 4),
        (SEAL, replace(ROW, holder_kind="place"), "forged", 404, 4),
        (Claim(7, 99), SHORT, "active", 200, 0),
        (Claim(7, 98), SHORT, "forged", 404, 4),
        (Claim(7, 0), ROW, "forged", 404, 4),
        (Claim(7, 98), None, "forged", 404, 4),
        (SEAL, SHORT, "forged", 404, 4),
    ],
    ids=[
        "genuine",
        "paused",
        "frozen",
        "superseded",
        "withdrawn",
        "pending",
        "bad signature",
        "no token",
        "never issued",
        "key not on the ring",
        "card not posted",
        "card past its day",
        "serial of another holder",
        "serial of a place",
        "short and genuine",
        "short with other bits",
        "short form of a full code",
        "short of no serial of ours",
        "full form of a short code",
    ],
)
def test_a_scan_finds(said, row, state, status, leaves) -> None:
    found = judge(said=said, row=row, now=NOW)

    assert (found.name, found.status, found.exit) == (state, status, leaves)


@pytest.mark.parametrize(
    "said, revoked, is_foreign, state, leaves",
    [
        (SEAL, {1}, False, "revoked_key", 5),
        (SEAL, {2}, False, "active", 0),
        (Claim(7, 99), {1}, False, "active", 0),
        (SEAL, (), True, "wrong_host", 4),
        (Claim(7, 99), (), True, "wrong_host", 4),
        (NotGenuine("bad signature"), {1}, True, "forged", 4),
        (NotGenuine("unknown key"), {1}, True, "unknown_key", 5),
        (SEAL, {1}, True, "revoked_key", 5),
    ],
    ids=[
        "of a revoked key",
        "of another key",
        "short: of no key",
        "under a foreign address",
        "short under a foreign address",
        "forged, wherever it stands",
        "of an unknown key, wherever it stands",
        "of a revoked key, wherever it stands",
    ],
)
def test_a_genuine_signature_is_not_all(said, revoked, is_foreign, state, leaves) -> None:
    row = SHORT if isinstance(said, Claim) else ROW

    found = judge(said=said, row=row, now=NOW, revoked=revoked, is_foreign=is_foreign)

    assert (found.name, found.exit) == (state, leaves)


@pytest.mark.parametrize(
    "state, registration, found",
    [
        ("active", "deregistered", "deregistered"),
        ("active", "revoked_registration", "deregistered"),
        ("paused", "deregistered", "deregistered"),
        ("active", "licence_revoked", "active"),
        ("cancelled", "deregistered", "cancelled"),
    ],
)
def test_an_ended_registration_ends_what_the_code_says(state: str, registration: str, found: str) -> None:
    assert of_registration(STATES[state], registration).name == found


def test_only_a_standing_code_says_what_the_business_says_of_itself() -> None:
    # Who is found by name has an active code: that is asked together with the card. What another issued is held against
    # the holder's own codes by the reader (`Foreign.is_quiet`).
    assert [state.name for state in STATES.values() if state.shows_supplement] == ["active", "found", "elsewhere"]
