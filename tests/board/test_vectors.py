"""The published vectors are of today, and the house's own reading of a code passes each, step by step."""

from __future__ import annotations

import base64
import hashlib
import json
from copy import deepcopy
from datetime import date, datetime
from typing import Any

import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image

from chengxin.board import jwks, offline, status, token
from chengxin.board.verdict import STATES
from chengxin.press import qr
from tools import vectors as maker

VECTORS: dict[str, Any] = json.loads(maker.FILE.read_text(encoding="utf-8"))
KEYSETS = {"": jwks.load(json.dumps(VECTORS["keys"]))} | {
    name: jwks.load(json.dumps(document)) for name, document in VECTORS["keysets"].items()
}


def private(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(VECTORS["signing_keys"][str(number)]["seed"]))


def named(part: str) -> Any:
    return pytest.mark.parametrize("vector", VECTORS[part], ids=lambda vector: vector["name"])


def without_the_packing(document: dict[str, Any]) -> dict[str, Any]:
    """Return a list as what it says: another zlib packs the same bits otherwise, and the signature with them."""
    try:
        payload = json.loads(base64.urlsafe_b64decode(document["payload"] + "=="))
        for subject in payload["credentialSubject"]:
            subject["encodedList"] = hashlib.sha256(status.unpack(subject["encodedList"])).hexdigest()
    except (ValueError, TypeError, KeyError, AttributeError):
        return {"protected": document["protected"]}
    return {"protected": document["protected"], "payload": payload}


def test_the_file_is_what_the_tool_makes() -> None:
    made, kept = maker.vectors(), deepcopy(VECTORS)
    for each in (made, kept):
        each["lists"] = {name: without_the_packing(document) for name, document in each["lists"].items()}

    assert json.loads(json.dumps(made)) == kept


@named("seals")
def test_each_step_of_a_full_token(vector: dict[str, Any]) -> None:
    said = vector["claims"]
    claims = token.Seal(**said | {"issued_on": date.fromisoformat(said["issued_on"])})
    key = private(claims.key)

    made = token.seal(claims, key)

    assert made == vector["token"]
    assert made[: token.HEAD_LENGTH] == vector["payload"]
    assert (token.SIGNED_PREFIX + vector["payload"].encode()).hex() == vector["signed_bytes"]
    assert key.sign(bytes.fromhex(vector["signed_bytes"])).hex() == vector["signature"]
    assert token.unseal(made, {claims.key: key.public_key()}) == claims
    assert vector["url"].endswith(f"/C/{made}")


@named("seals")
def test_each_qr_code_is_drawn_as_written_and_read_again(vector: dict[str, Any]) -> None:
    rows = vector["qr"]["rows"]
    size = len(rows) + 2 * qr.QUIET
    paper = Image.new("L", (size, size), 255)
    for y, row in enumerate(rows, start=qr.QUIET):
        for x, module in enumerate(row, start=qr.QUIET):
            paper.putpixel((x, y), 255 * (module == "0"))
    (read,) = zxingcpp.read_barcodes(paper.resize((4 * size, 4 * size), Image.Resampling.NEAREST))

    assert ["".join("01"[dark] for dark in row) for row in qr.modules(vector["url"], level="Q")] == rows
    assert len(rows) == 17 + 4 * vector["qr"]["version"]
    assert (read.text, read.ec_level) == (vector["url"], vector["qr"]["level"])


@named("claims")
def test_each_short_token(vector: dict[str, Any]) -> None:
    serial, bits = vector["serial"], int(vector["bits"])

    assert token.claim(serial=serial, bits=bits) == vector["token"]
    assert token.unseal(vector["token"], {}) == token.Claim(serial, bits)


@named("verdicts")
def test_each_verdict(vector: dict[str, Any]) -> None:
    trusted = KEYSETS[vector.get("keys", "")]
    document = vector["list"]
    held = status.read(json.dumps(VECTORS["lists"][document]), trusted.keys) if document is not None else None

    found = offline.judge(vector["text"], trusted=trusted, status=held, now=datetime.fromisoformat(vector["now"]))

    assert {
        "state": found.state.name,
        "exit": int(found.state.exit),
        "serial": found.serial,
        "holder": found.seal.holder if found.seal else None,
        "age_days": found.age_days,
    } == {name: vector[name] for name in ("state", "exit", "serial", "holder", "age_days")}


def test_every_state_that_is_found_offline_has_its_case() -> None:
    found = {vector["state"] for vector in VECTORS["verdicts"]}

    assert found == {"active", "revoked", "suspended", "forged", "wrong_host", "unknown_key", "stale", "short"}
    assert found <= set(STATES)


def test_every_name_is_given_once_and_every_list_is_used() -> None:
    for part in ("seals", "claims", "verdicts"):
        names = [vector["name"] for vector in VECTORS[part]]
        assert len(names) == len(set(names))

    assert {vector["list"] for vector in VECTORS["verdicts"]} - {None} == set(VECTORS["lists"])
