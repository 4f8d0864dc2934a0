"""How a code that somebody else issued is known again: by its number or its address, each in one form. Pure.

Neither is signed by us, so what is found by them says who told us, and never that the code is genuine.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Final
from urllib.parse import quote, unquote, urlsplit

NUMBER_LENGTH: Final = 64
ADDRESS_LENGTH: Final = 500
_NUMBER: Final = re.compile(r"(?=(?:.*[0-9]){4})[0-9A-Z][0-9A-Z._-]{4,63}")
"""A number is told from a word by its digits: whoever types a shop's name is not answered from here."""
_PORTS: Final = {"http": 80, "https": 443}
_KEPT: Final = "!$&'()*+,;=:@/?%"


def number(text: str) -> str:
    """Return a number of a code as it is compared, or nothing where a text cannot be one.

    >>> number(" hlj-２３０４ 000127 "), number("松岭里饺子馆")
    ('HLJ-2304000127', '')
    """
    if len(text) > 4 * NUMBER_LENGTH:
        return ""
    folded = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    return folded if _NUMBER.fullmatch(folded) else ""


def address(text: str) -> str:
    """Return an address as it is compared, or nothing where a text is none: host, path, query and fragment, exactly.

    The scheme does not count, nor do a host's capitals, a port that goes without saying, and how a character is escaped.
    The rest must be the same to the letter: whoever puts something behind a genuine address has made another. An address
    without anything behind its host names nobody.

    >>> address("HTTPS://Credit.Example:443/h5/#/code?id=%e9%be%99")
    'credit.example/h5/#/code?id=%E9%BE%99'
    >>> address("credit.example/code/1?a=b"), address("https://credit.example/"), address("松岭里饺子馆")
    ('credit.example/code/1?a=b', '', '')
    """
    bare = "".join(unicodedata.normalize("NFC", text).split())
    if not bare or len(bare) > ADDRESS_LENGTH:
        return ""
    try:
        parts = urlsplit(bare if "://" in bare else f"https://{bare}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in _PORTS or parts.username is not None or "." not in host or not host.isascii():
        return ""
    if port not in (None, _PORTS[parts.scheme.lower()]):
        host = f"{host}:{port}"
    told = _escaped(parts.path) or "/"
    if parts.query:
        told += f"?{_escaped(parts.query)}"
    if parts.fragment:
        told += f"#{_escaped(parts.fragment)}"
    return f"{host}{told}" if told != "/" else ""


def _escaped(text: str) -> str:
    """Return a part of an address with every character escaped in one way; what is a mark of its own stays one."""
    parts = re.split(r"(%[0-9A-Fa-f]{2})", text)
    plain = "".join(_unescaped(part) if place % 2 else part for place, part in enumerate(parts))
    return quote(plain, safe=_KEPT)


def _unescaped(escape: str) -> str:
    letter = unquote(escape, errors="strict") if int(escape[1:], 16) < 0x80 else ""
    return letter if letter.isalnum() or letter in ("-", ".", "_", "~") and letter else escape.upper()


def digest(folded: str) -> str:
    """Return an address as it stands on the board: by its digest, so that whoever reads the table has no list of them."""
    return hashlib.sha256(folded.encode()).hexdigest() if folded else ""
