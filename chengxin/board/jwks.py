"""The public keys as others read them: a JWK set (RFC 7517), and beside it what may stand before `/C/…`. Pure.

Whoever has this document can verify a full code without asking anybody. It is trusted because of where it was fetched
from (HTTPS), not because of a signature: a key cannot vouch for itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from chengxin.board.token import KEY_LIMIT

PATH: Final = "/.well-known/chengxin/keys.json"
MEDIA_TYPE: Final = "application/jwk-set+json"
ALGORITHM: Final = "Ed25519"
"""The name of RFC 9864. `EdDSA`, which does not say with which curve, is deprecated there and not taken here."""
DOCUMENT_LIMIT: Final = 1 << 20

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True)
class Trusted:
    """What a verifier was given to trust."""

    keys: Mapping[int, Ed25519PublicKey]
    code_urls: tuple[str, ...] = ()  # what may stand before `/C/…`
    office: str = ""


class NoKeys(ValueError):
    """A document is no key set of ours; the message is one sentence that says what to do."""


def dump(trusted: Trusted) -> str:
    """Return the document for these keys."""
    return json.dumps(
        {
            "keys": [
                {
                    "kty": "OKP",
                    "crv": ALGORITHM,
                    "alg": ALGORITHM,
                    "use": "sig",
                    "kid": str(number),
                    "x": OKPKey.import_key(key).as_dict(private=False)["x"],
                }
                for number, key in sorted(trusted.keys.items())
            ],
            "chengxin": {"code_urls": list(trusted.code_urls), "office": trusted.office},
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def load(document: str | bytes) -> Trusted:
    """Return what a document says. Keys of other kinds are passed over, as RFC 7517 asks.

    :raises NoKeys: it is no key set.
    """
    if len(document) > DOCUMENT_LIMIT:
        raise NoKeys("钥匙文件太大，不是本系统的：请重新下载 keys.json")
    try:
        said = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise NoKeys("钥匙文件不是 JSON：请重新下载 keys.json") from error
    listed = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(listed, list):
        raise NoKeys("钥匙文件里没有 keys：请重新下载 keys.json")
    extra = said.get("chengxin")
    extra = extra if isinstance(extra, dict) else {}
    urls = extra.get("code_urls")
    office = extra.get("office")
    return Trusted(
        keys=dict(found for jwk in listed if (found := _key(jwk)) is not None),
        code_urls=tuple(url for url in _list(urls) if isinstance(url, str) and url),
        office=office if isinstance(office, str) else "",
    )


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def number_of(kid: object) -> int | None:
    """Return the key number that a `kid` writes, in decimal and in one way only, or None."""
    if not isinstance(kid, str) or not _NUMBER.fullmatch(kid):
        return None
    return number if (number := int(kid)) < KEY_LIMIT else None


def _key(jwk: Any) -> tuple[int, Ed25519PublicKey] | None:
    if not isinstance(jwk, dict) or (jwk.get("kty"), jwk.get("crv")) != ("OKP", ALGORITHM):
        return None
    if jwk.get("alg", ALGORITHM) != ALGORITHM or jwk.get("use", "sig") != "sig":
        return None
    number = number_of(jwk.get("kid"))
    if number is None:
        return None
    x = jwk.get("x")
    if not isinstance(x, str):
        return None
    try:
        key = OKPKey.import_key({"kty": "OKP", "crv": ALGORITHM, "x": x}).public_key
    except (JoseError, ValueError, TypeError):
        return None
    return (number, key) if isinstance(key, Ed25519PublicKey) else None
