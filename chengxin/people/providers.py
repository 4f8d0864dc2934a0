"""Who else signs people in, and who sends SMS: settings read and checked. Pure: no Django, no clock.

A provider of a sign-in by OpenID Connect says who somebody is and of which business: the province's e-licence, 龙易办.
"""

from __future__ import annotations

import json
import re
from dataclasses import MISSING, dataclass, fields
from typing import Any, Final
from urllib.parse import urlsplit

LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_ID: Final = re.compile(r"[a-z][a-z0-9-]{0,30}")


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider: its name here and its label for people, where it is, what we are to it, and its claims.

    `uscc` is the claim that names a business, `part` the one that says what somebody is in it, `legal` what that says of a
    legal representative, `name` the claim with the person's name. Without `uscc` nobody is bound to anything.
    """

    id: str
    label: str
    server: str
    client: str
    secret: str
    uscc: str = ""
    part: str = ""
    legal: str = ""
    name: str = "name"
    scope: str = "openid profile"


_NEEDED: Final = tuple(field.name for field in fields(Provider) if field.default is MISSING)
_KNOWN: Final = frozenset(field.name for field in fields(Provider))


def is_safe(url: str) -> bool:
    """Tell whether secrets may be sent to an address: over TLS, or within this machine.

    >>> is_safe("https://id.example"), is_safe("http://localhost:9000"), is_safe("http://id.example"), is_safe("")
    (True, True, False, False)
    """
    try:
        said = urlsplit(url)
    except ValueError:
        return False
    return bool(said.hostname) and (said.scheme == "https" or (said.scheme == "http" and said.hostname in LOOPBACK))


def read(text: str) -> tuple[Provider, ...]:
    """Return the providers that a setting names, in its order.

    >>> read('[{"id": "yz", "label": "电子营业执照", "server": "https://id.example", "client": "c", "secret": "s"}]')[0].label
    '电子营业执照'

    :raises ValueError: it is no list of providers, two have one id, or one of them is not reached over TLS.
    """
    if not text.strip():
        return ()
    try:
        said = json.loads(text)
    except ValueError as error:
        raise ValueError("it is not JSON") from error
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        raise ValueError("it is not a JSON list of objects")
    found = tuple(_provider(one) for one in said)
    if len({one.id for one in found}) < len(found):
        raise ValueError("two providers have one id")
    return found


def _provider(said: dict[str, Any]) -> Provider:
    where = f"provider {said.get('id', '?')}"
    if odd := sorted(set(said) - _KNOWN):
        raise ValueError(f"{where}: no such word: {', '.join(odd)}")
    if missing := [name for name in _NEEDED if not said.get(name)]:
        raise ValueError(f"{where}: missing: {', '.join(missing)}")
    one = Provider(**{name: str(value) for name, value in said.items()})
    if not _ID.fullmatch(one.id):
        raise ValueError(f"{where}: an id is lower-case letters, digits and hyphens")
    if not is_safe(one.server):
        raise ValueError(f"{where}: server is not an https address")
    return one
