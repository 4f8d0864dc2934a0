"""Make `docs/code-vectors.json`: every step of the code's format, case by case, for whoever implements it anew.

    python -m tools.vectors           # write the file
    python -m tools.vectors --check   # only say whether it is of today

The keys' seeds stand in the file: they are for tests, and no installation trusts them. Everything is worked out from
fixed values, so the same version makes the same file; `tests/board/test_vectors.py` holds it to that.
"""  # noqa: INP001 — a script, not a package

from __future__ import annotations

import argparse
import hmac
import json
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chengxin.board import jwks, offline, status, token
from chengxin.press import qr

FILE = Path(__file__).resolve().parents[1] / "docs/code-vectors.json"
NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
MADE = datetime(2026, 11, 25, 6, tzinfo=UTC)
WEEK = timedelta(days=7)
ISSUER = "https://credit.example"
CODE_URL = "HTTPS://CREDIT.EXAMPLE"
BEFORE = "HTTPS://OLD.EXAMPLE/XY"
OFFICE = "示范市信用办"
LEVEL = "Q"

ABOUT = """Test vectors of the Chengxin code, format version 1; docs/code-format.md explains each field. `seals` and \
`claims` give every step of making a token. `verdicts` give what a verifier without a network says of `text`, trusting \
the key set `keys` (or the one of `keysets` that it names), holding the document `list` of `lists` (null: none), at \
`now`. `bits` is decimal text, since 60 bits are more than a \
JavaScript number holds. The seeds are for tests: no installation may trust these keys."""

SEEDS = {
    1: b"chengxin vectors, the older key 1"[:32],
    2: b"chengxin vectors, newest key (2)",
    3: b"chengxin vectors, a stolen key 3",
}
FOREIGN = {7: b"chengxin vectors, of another city"[:32]}
FORGER = b"chengxin vectors, of the forger "


def private(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)


KEYS = {number: private(seed) for number, seed in (SEEDS | FOREIGN).items()}


def trusting(numbers: Iterable[int], *, code_urls: tuple[str, ...] = (CODE_URL, BEFORE)) -> jwks.Trusted:
    return jwks.Trusted({number: KEYS[number].public_key() for number in numbers}, code_urls, OFFICE)


KEYSETS = {
    "": trusting([1, 2]),
    "before the theft": trusting([1, 2, 3]),
    "rotated once more": trusting([1, 2, 7]),
    "without key 2": trusting([1]),
    "no keys": trusting([]),
    "moved": trusting([1, 2], code_urls=("HTTPS://NEW.EXAMPLE", CODE_URL, BEFORE)),
}

# ---- Tokens ----------------------------------------------------------------------------------------------------------

ACTIVE, REVOKED, SUSPENDED, BOTH, FIRST, FAR = 12345, 54321, 777, 778, 0, 131_072
SEALS = {
    "genuine": token.Seal(2, "subject", "91230402MA1CTE575Q", ACTIVE, date(2026, 11, 2), 1),
    "signed with an older key": token.Seal(1, "subject", "92230402MA1CTE575M", 12, date(2023, 10, 13), 3),
    "revoked": token.Seal(2, "subject", "91230403MA1CTE5757", REVOKED, date(2026, 11, 2), 2),
    "suspended": token.Seal(2, "subject", "91230403MA1CTE5757", SUSPENDED, date(2026, 11, 2), 4),
    "revoked and suspended": token.Seal(2, "subject", "91230403MA1CTE5757", BOTH, date(2026, 11, 2), 5),
    "serial nought on the first day": token.Seal(1, "subject", "92230402MA1CTE575M", FIRST, date(2020, 1, 1), 10),
    "the last serial of the smallest list": token.Seal(
        2, "subject", "91230402MA1CTE575Q", FAR - 1, date(2026, 11, 2), 1
    ),
    "past the end of the smallest list": token.Seal(2, "subject", "91230402MA1CTE575Q", FAR, date(2026, 11, 2), 1),
    "every field at its greatest": token.Seal(2, "place", "Y" * 18, (1 << 35) - 1, date(2109, 9, 18), 31),
    "signed with a stolen key": token.Seal(3, "subject", "91230402MA1CTE575Q", 4242, date(2026, 11, 2), 1),
    "of another city": token.Seal(7, "subject", "91230402MA1CTE575Q", 99, date(2026, 11, 2), 1),
}
CLAIMS = {
    "short": (4711, 0x123456789ABCDEF),
    "short, every bit set": ((1 << 35) - 1, (1 << 60) - 1),
    "short, nought": (0, 0),
}


def tokens() -> dict[str, str]:
    made = {name: token.seal(claims, KEYS[claims.key]) for name, claims in SEALS.items()}
    return made | {name: token.claim(serial=serial, bits=bits) for name, (serial, bits) in CLAIMS.items()}


TOKENS = tokens()
GENUINE = TOKENS["genuine"]


def seal_vector(name: str, claims: token.Seal) -> dict[str, Any]:
    made = TOKENS[name]
    payload = made[: token.HEAD_LENGTH]
    signed = token.SIGNED_PREFIX + payload.encode()
    url = f"{CODE_URL}/C/{made}"
    rows = qr.modules(url, level=LEVEL)
    return {
        "name": name,
        "claims": asdict(claims) | {"issued_on": claims.issued_on.isoformat()},
        "payload": payload,
        "signed_bytes": signed.hex(),
        "signature": KEYS[claims.key].sign(signed).hex(),
        "token": made,
        "url": url,
        "qr": {
            "level": LEVEL,
            "version": (len(rows) - 17) // 4,
            "rows": ["".join("01"[dark] for dark in row) for row in rows],
        },
    }


# ---- Status lists ----------------------------------------------------------------------------------------------------

Document = dict[str, Any]


def payload(
    *,
    at: datetime = MADE,
    revoked: Iterable[int] = (REVOKED, BOTH),
    suspended: Iterable[int] = (SUSPENDED, BOTH),
    last_serial: int = ACTIVE + REVOKED,
    good_for: timedelta = WEEK,
) -> Document:
    return status.credential(
        revoked=revoked, suspended=suspended, last_serial=last_serial, issuer=ISSUER, at=at, good_for=good_for
    )


def base64url(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def signed(content: Document | bytes, *, key: int = 2, by: Ed25519PrivateKey | None = None, **header: Any) -> Document:
    """Return a document as a forger may make it: any header, any content, any key."""
    heading = {"alg": "Ed25519", "kid": str(key), "typ": "vc+jwt"} | header
    body = content if isinstance(content, bytes) else _json(content)
    said = (
        f"{base64url(_json({name: value for name, value in heading.items() if value is not None}))}.{base64url(body)}"
    )
    protected, _, text = said.partition(".")
    signature = (by or KEYS[key]).sign(said.encode())
    if heading["alg"] == "none":
        signature = b""
    elif heading["alg"] == "HS256":
        # The old confusion: the public key, which everybody has, taken for the secret of an HMAC.
        signature = hmac.digest(KEYS[key].public_key().public_bytes_raw(), said.encode(), "sha256")
    return {"protected": protected, "payload": text, "signature": base64url(signature)}


def _json(content: Document) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def with_list(encoded: object, *, place: int = 0) -> Document:
    made = payload()
    made["credentialSubject"][place]["encodedList"] = encoded
    return made


def lists() -> dict[str, Document]:
    fresh = json.loads(status.sign(payload(), key=2, private_key=KEYS[2]))
    pardoned = signed(payload(revoked=()))
    made = payload()
    one_purpose = payload() | {"credentialSubject": made["credentialSubject"][:1]}
    twice = payload() | {"credentialSubject": [made["credentialSubject"][0], *made["credentialSubject"]]}
    return {
        "fresh": fresh,
        "signed with the older key": signed(payload(), key=1),
        "two days old": signed(payload(at=MADE - timedelta(days=2))),
        "nearly stale": signed(payload(at=NOW - WEEK + timedelta(seconds=1))),
        "stale": signed(payload(at=NOW - WEEK)),
        "long stale": signed(payload(at=MADE - timedelta(days=40))),
        "a clock slightly ahead": signed(payload(at=NOW + timedelta(days=1))),
        "a clock too far ahead": signed(payload(at=NOW + timedelta(days=1, seconds=1))),
        "longer": signed(payload(revoked=[REVOKED, FAR + 1], last_serial=FAR + 5)),
        "forged": fresh | {"payload": pardoned["payload"]},
        "other_key": signed(payload(), key=7),
        "stolen_key": signed(payload(revoked=()), key=3),
        "wrong_key": signed(payload(revoked=()), by=private(FORGER)),
        "no kid": signed(payload(), kid=None),
        "kid not as written": signed(payload(), kid="02"),
        "alg none": signed(payload(revoked=()), alg="none"),
        "alg HS256": signed(payload(revoked=()), alg="HS256"),
        "alg ES256": signed(payload(), alg="ES256"),
        "alg EdDSA": signed(payload(), alg="EdDSA"),
        "another typ": signed(payload(), typ="JWT"),
        "critical header": signed(payload(), crit=["chengxin"], chengxin=1),
        "header outside": fresh | {"protected": "", "header": {"alg": "Ed25519", "kid": "2", "typ": "vc+jwt"}},
        "no signature": {name: fresh[name] for name in ("protected", "payload")},
        "payload no JSON": signed(b"{"),
        "payload no object": signed(b"[]"),
        "another credential": signed(payload() | {"type": ["VerifiableCredential"]}),
        "no suspension": signed(one_purpose),
        "revocation twice": signed(twice),
        "no validUntil": signed({name: value for name, value in made.items() if name != "validUntil"}),
        "validUntil no moment": signed(payload() | {"validUntil": "9999"}),
        "list without u": signed(with_list(made["credentialSubject"][0]["encodedList"][1:])),
        "list no base64url": signed(with_list("u+/+/")),
        "list no gzip": signed(with_list("u" + base64url(b"\0" * 16_384))),
        "list cut off": signed(with_list(made["credentialSubject"][0]["encodedList"][:-16])),
        "list too short": signed(with_list(status.pack(b"\0" * 16_383), place=1)),
        "list no text": signed(with_list(7)),
        "bomb": signed(with_list(status.pack(bytes(status.UNPACKED_LIMIT + 1)))),
    }


LISTS = lists()

# ---- Verdicts --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    name: str
    text: str
    list: str | None = "fresh"
    keys: str = ""
    now: datetime = NOW
    expect: tuple[str, int] = field(default=("", 0))  # state and exit: written here by hand, never worked out


def flipped(text: str, place: int, by: int = 1) -> str:
    value = token.CROCKFORD.index(text[place]) ^ by
    return text[:place] + token.CROCKFORD[value] + text[place + 1 :]


def like(text: str) -> str:
    return text.replace("1", "I", 1).replace("1", "l").replace("0", "o", 3).replace("0", "O")


def url(name: str, before: str = CODE_URL) -> str:
    return f"{before}/C/{TOKENS[name]}"


ACTIVE_, FORGED, UNKNOWN = ("active", 0), ("forged", 4), ("unknown_key", 5)
WRONG, STALE, SHORT, GONE, PAUSED = ("wrong_host", 4), ("stale", 5), ("short", 5), ("revoked", 3), ("suspended", 3)


def cases() -> list[Case]:
    forged_head = token.seal(SEALS["genuine"], private(FORGER))
    by_name = [
        *(
            Case(name, url(name), expect=expect)
            for name, expect in (
                ("genuine", ACTIVE_),
                ("signed with an older key", ACTIVE_),
                ("serial nought on the first day", ACTIVE_),
                ("the last serial of the smallest list", ACTIVE_),
                ("revoked", GONE),
                ("suspended", PAUSED),
                ("revoked and suspended", GONE),
                ("past the end of the smallest list", STALE),
                ("every field at its greatest", STALE),
                ("signed with a stolen key", UNKNOWN),
                ("of another city", UNKNOWN),
                ("short", SHORT),
                ("short, every bit set", SHORT),
                ("short, nought", SHORT),
            )
        ),
    ]
    reading = [
        Case("bare token", GENUINE, expect=ACTIVE_),
        Case("bare short token", TOKENS["short"], expect=SHORT),
        Case("lower case", url("genuine").lower(), expect=ACTIVE_),
        Case("look-alike letters", like(GENUINE), expect=ACTIVE_),
        Case("look-alike letters in an address", f"{CODE_URL}/C/{like(GENUINE)}", expect=ACTIVE_),
        Case("typed in groups", " ".join(GENUINE[at : at + 4] for at in range(0, 136, 4)), expect=ACTIVE_),
        Case("typed with hyphens", "-".join(GENUINE[at : at + 8] for at in range(0, 136, 8)), expect=ACTIVE_),
        Case("broken over lines", f"  {CODE_URL}/C/\r\n{GENUINE[:70]}\r\n\u3000{GENUINE[70:]}\n", expect=ACTIVE_),
        Case(
            "no-break and zero-width blanks",
            f"\ufeff{GENUINE[:9]}\u00a0{GENUINE[9:40]}\u200b{GENUINE[40:]}",
            expect=ACTIVE_,
        ),
        Case("query behind", url("genuine") + "?lang=en&large=1", expect=ACTIVE_),
        Case("fragment behind", url("genuine") + "#notes", expect=ACTIVE_),
        Case("slash behind", url("genuine") + "/", expect=ACTIVE_),
        Case("/C/ in the query", url("genuine") + "?from=/C/" + TOKENS["revoked"], expect=ACTIVE_),
        Case("an earlier address", url("genuine", BEFORE), expect=ACTIVE_),
        Case("address in another case", url("genuine", "hTTps://Credit.Example"), expect=ACTIVE_),
        Case("address without its scheme", url("genuine", "credit.example"), expect=ACTIVE_),
        Case("nothing before /C/", f"/C/{GENUINE}", expect=ACTIVE_),
        Case("moved since it was printed", url("genuine"), keys="moved", expect=ACTIVE_),
        Case("moved, the new address", url("genuine", "https://new.example"), keys="moved", expect=ACTIVE_),
    ]
    hosts = [
        Case("other host", url("genuine", "https://credit.example.cn"), expect=WRONG),
        Case("look-alike host", url("genuine", "HTTPS://CRED1T.EXAMPLE"), expect=WRONG),
        Case("look-alike host in another script", url("genuine", "https://сredit.example"), expect=WRONG),
        Case("our host as a user name", url("genuine", "https://credit.example@evil.example"), expect=WRONG),
        Case(
            "our address inside another",
            url("genuine", "https://evil.example/?to=https://credit.example"),
            expect=WRONG,
        ),
        Case("other path", url("genuine", "HTTPS://CREDIT.EXAMPLE/XY"), expect=WRONG),
        Case("other scheme", url("genuine", "HTTP://CREDIT.EXAMPLE"), expect=WRONG),
        Case("other port", url("genuine", "HTTPS://CREDIT.EXAMPLE:8443"), expect=WRONG),
        Case("words before the address", f"请核验 {url('genuine')}", expect=WRONG),
        Case("other host, revoked", url("revoked", "https://evil.example"), expect=WRONG),
        Case("other host, no list", url("genuine", "https://evil.example"), list=None, expect=WRONG),
        Case("other host, short", url("short", "https://evil.example"), expect=WRONG),
        Case("other host, forged", f"https://evil.example/C/{flipped(GENUINE, 60)}", expect=FORGED),
        Case("other host, unknown key", url("of another city", "https://evil.example"), expect=UNKNOWN),
        Case("an address before it moved", url("genuine", "https://new.example"), expect=WRONG),
    ]
    forged = [
        Case("empty", "", expect=FORGED),
        Case("blanks", " \t\r\n\u3000", expect=FORGED),
        Case("words", "你好", expect=FORGED),
        Case("another address", "https://credit.example/", expect=FORGED),
        Case("address without a token", f"{CODE_URL}/C/", expect=FORGED),
        Case("one character short", GENUINE[:-1], expect=FORGED),
        Case("one character long", GENUINE + "0", expect=FORGED),
        Case("over-long", GENUINE + "0" * 4096, expect=FORGED),
        Case("over-long by blanks", GENUINE + " " * 4096, expect=FORGED),
        Case("over-long by its query", url("genuine") + "?" + "x" * 2048, expect=FORGED),
        Case("wrong alphabet", GENUINE[:50] + "U" + GENUINE[51:], expect=FORGED),
        Case("wrong alphabet, a sign", GENUINE[:50] + "*" + GENUINE[51:], expect=FORGED),
        Case("percent-encoded", f"{CODE_URL}/C/%31{GENUINE[1:]}", expect=FORGED),
        Case("non-ASCII look-alike letter", GENUINE.replace("A", "А", 1), expect=FORGED),
        Case("full-width digit", GENUINE.replace("1", "１", 1), expect=FORGED),
        Case("dotless i", "ı" + GENUINE[1:], expect=FORGED),
        Case("long s of a short token", "ſ" + TOKENS["short"][1:], expect=FORGED),
        Case("Kelvin sign", GENUINE.replace("K", "\u212a", 1), expect=FORGED),
        Case("version to come", "2" + GENUINE[1:], expect=FORGED),
        Case("full version at short length", "1" + TOKENS["short"][1:], expect=FORGED),
        Case("short version at full length", "S" + GENUINE[1:], expect=FORGED),
        Case("no kind of holder", GENUINE[:3] + "X" + GENUINE[4:], expect=FORGED),
        Case("Z in the holder", GENUINE[:10] + "Z" + GENUINE[11:], expect=FORGED),
        Case("Z in the holder, of an unknown key", "109" + GENUINE[3:10] + "Z" + GENUINE[11:], expect=FORGED),
        Case("flipped bit in the kind of holder", GENUINE[:3] + "P" + GENUINE[4:], expect=FORGED),
        Case("flipped bit in the holder", flipped(GENUINE, 12), expect=FORGED),
        Case("flipped bit in the serial", flipped(GENUINE, 28), expect=FORGED),
        Case("flipped bit in the day", flipped(GENUINE, 31), expect=FORGED),
        Case("flipped bit in the placement", flipped(GENUINE, 32), expect=FORGED),
        Case("flipped bit at the beginning of the signature", flipped(GENUINE, 33, 16), expect=FORGED),
        Case("flipped bit at the end of the signature", flipped(GENUINE, 135, 8), expect=FORGED),
        *(Case(f"spare bit {bit} not nought", flipped(GENUINE, 135, 1 << bit), expect=FORGED) for bit in range(3)),
        Case("signature of nought", GENUINE[:33] + "0" * 103, expect=FORGED),
        Case("signature of another code", GENUINE[:33] + TOKENS["suspended"][33:], expect=FORGED),
        Case("signed by a forger under our key's number", forged_head, expect=FORGED),
        Case("another key of ours named", "101" + GENUINE[3:], expect=FORGED),
        Case("a key that is not there named", "109" + GENUINE[3:], expect=UNKNOWN),
        Case("no keys at all", GENUINE, keys="no keys", expect=UNKNOWN),
        Case("stolen key, not revoked yet", url("signed with a stolen key"), keys="before the theft", expect=ACTIVE_),
        Case("key of another city, taken over", url("of another city"), keys="rotated once more", expect=ACTIVE_),
    ]
    good = {"fresh", "signed with the older key", "two days old", "nearly stale", "a clock slightly ahead", "longer"}
    status_lists = [
        Case("no list", url("genuine"), list=None, expect=STALE),
        Case("no list, revoked", url("revoked"), list=None, expect=STALE),
        Case("no list, short", url("short"), list=None, expect=SHORT),
        *(
            Case(f"list: {name}", url("revoked"), list=name, expect=GONE if name in good else STALE)
            for name in LISTS
            if name != "fresh"
        ),
        Case(
            "list signed by a key that was revoked since",
            url("signed with an older key"),
            keys="without key 2",
            expect=STALE,
        ),
        Case(
            "list signed with the stolen key, before",
            url("revoked"),
            list="stolen_key",
            keys="before the theft",
            expect=ACTIVE_,
        ),
        Case("list two days old, genuine", url("genuine"), list="two days old", expect=ACTIVE_),
        Case(
            "a longer list, past its beginning", url("past the end of the smallest list"), list="longer", expect=ACTIVE_
        ),
        Case("the last second", url("genuine"), now=MADE + WEEK - timedelta(seconds=1), expect=ACTIVE_),
        Case("the second after", url("genuine"), now=MADE + WEEK, expect=STALE),
        Case("a day less a second", url("genuine"), now=MADE + timedelta(seconds=86_399), expect=ACTIVE_),
        Case("a day", url("genuine"), now=MADE + timedelta(days=1), expect=ACTIVE_),
        Case("a phone's clock behind", url("genuine"), now=MADE - timedelta(hours=5), expect=ACTIVE_),
        Case("a phone's clock far behind", url("genuine"), now=datetime(2020, 1, 1, tzinfo=UTC), expect=STALE),
    ]
    return [*by_name, *reading, *hosts, *forged, *status_lists]


def verdict_vector(case: Case) -> dict[str, Any]:
    trusted = KEYSETS[case.keys]
    held = None if case.list is None else status.read(json.dumps(LISTS[case.list]), trusted.keys)
    found = offline.judge(case.text, trusted=trusted, status=held, now=case.now)
    if (found.state.name, int(found.state.exit)) != case.expect:
        raise SystemExit(f"{case.name}: {found.state.name}, but {case.expect} is right")
    return {
        "name": case.name,
        "text": case.text,
        "list": case.list,
        **({"keys": case.keys} if case.keys else {}),
        "now": f"{case.now:%Y-%m-%dT%H:%M:%SZ}",
        "state": found.state.name,
        "exit": int(found.state.exit),
        "serial": found.serial,
        "holder": found.seal.holder if found.seal else None,
        "age_days": found.age_days,
    }


def vectors() -> dict[str, Any]:
    """Return all of them."""
    return {
        "about": ABOUT,
        "keys": json.loads(jwks.dump(KEYSETS[""])),
        "keysets": {name: json.loads(jwks.dump(trusted)) for name, trusted in KEYSETS.items() if name},
        "signing_keys": {str(number): {"seed": seed.hex()} for number, seed in (SEEDS | FOREIGN).items()},
        "lists": LISTS,
        "seals": [seal_vector(name, claims) for name, claims in SEALS.items()],
        "claims": [
            {"name": name, "serial": serial, "bits": str(bits), "token": TOKENS[name]}
            for name, (serial, bits) in CLAIMS.items()
        ],
        "verdicts": [verdict_vector(case) for case in cases()],
    }


def written() -> str:
    """Return the file as it should be."""
    return json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the file is not of today")
    made = written()
    if parser.parse_args().check:
        return 0 if FILE.exists() and FILE.read_text(encoding="utf-8") == made else 1
    FILE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
