"""The face of the city that runs this installation: names, telephone numbers, footer. Data, never code.

Edited on one page of the office and by `chengxin init`; posted for the public side as one document.
"""

from __future__ import annotations

import msgspec


class Link(msgspec.Struct):
    """A link in the footer or beside the complaint wording."""

    label: str
    url: str


class City(msgspec.Struct, omit_defaults=True):
    """Who issues the codes of this installation, in the words that stand on its pages and papers."""

    city: str = ""  # 鹤岗市
    office: str = ""  # 鹤岗市社会信用体系建设办公室
    letterhead: str = ""  # what stands at the head of papers
    centre: str = ""  # 报告出具单位
    phone: str = ""
    mailbox: str = ""
    address: str = ""
    links: tuple[Link, ...] = ()  # 12345, 12315, 信用中国 …
    divisions: tuple[str, ...] = ()  # GB/T 2260 prefixes in scope
    site_name: str = ""
    icp: str = ""  # ICP 备案号
    police: str = ""  # 公安备案号
    site_code: str = ""  # 政府网站标识码
    logo: str = ""  # digest of the logo's PNG on the board, empty without one


def dump(city: City) -> str:
    """Return the city as the JSON text that stands on the board."""
    return msgspec.json.encode(city).decode()


def load(document: str | bytes) -> City:
    """Return the city in a document.

    :raises msgspec.ValidationError: the document is not a city.
    """
    return msgspec.json.decode(document, type=City)
