"""The badge of a web page: it leads to the public page, asks nobody else for anything, and says nothing that goes stale."""

from __future__ import annotations

import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image

from chengxin.press import badge
from tests.browser import chromium
from tests.press.samples import AT, ISSUER, one, sealed

NAMES = {"plain": "松岭里饺子馆", "hostile": '"><script>alert(1)</script>&甲'}
EVERY = pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
ADDRESS = sealed(7).replace("HTTPS://XYMA.EXAMPLE.GOV.CN", "https://xyma.example.gov.cn")


def test_a_link_is_the_address_as_people_write_it():
    assert badge.link(one(serial=7)) == ADDRESS


@EVERY
def test_the_picture_leads_to_the_public_page_and_loads_nothing(name):
    drawn = badge.svg(one(name, serial=7), issuer=ISSUER, at=AT)
    root = ElementTree.fromstring(drawn)  # noqa: S314 — our own
    links = [element for element in root.iter() if element.tag.endswith("}a")]
    refers = [value for element in root.iter() for key, value in element.attrib.items() if key.endswith("href")]

    assert [link.attrib["href"] for link in links] == [ADDRESS]
    assert all(value == ADDRESS or value.startswith(("#", "data:image/svg+xml;base64,")) for value in refers)
    assert not [element.tag for element in root.iter() if "script" in element.tag]
    assert root[0].text == f"诚信码 0000-07C：{name}，点开或扫码核验".replace("0000-07C", one(serial=7).serial)


@EVERY
def test_the_html_is_one_link_with_one_picture(name):
    seen: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append((tag, dict(attrs)))

    Reader().feed(badge.html(one(name, serial=7), picture="诚信码.svg"))

    assert [tag for tag, _ in seen] == ["a", "img"]
    assert (seen[0][1]["href"], seen[0][1]["rel"]) == (ADDRESS, "noopener")
    assert (seen[1][1]["src"], seen[1][1]["width"], seen[1][1]["height"]) == ("诚信码.svg", "360", "200")
    assert name in seen[1][1]["alt"]


@EVERY
def test_the_json_says_who_and_how_to_verify(name):
    said = json.loads(badge.json(one(name, serial=7), issuer=ISSUER, made_on=date(2026, 11, 25)))

    assert said["name"] == name
    assert (said["uscc"], said["serial"]) == ("92230402MA1CTE575M", one(serial=7).serial)
    assert (said["address"], said["host"]) == (ADDRESS, "xyma.example.gov.cn")
    assert said["keys"] == "https://xyma.example.gov.cn/.well-known/chengxin/keys.json"
    assert (said["state_when_made"], said["made_on"]) == ("active", "2026-11-25")
    assert "以打开的页面为准" in said["how"]


def test_nothing_claims_that_a_code_is_in_force():
    said = (
        badge.svg(one(), issuer=ISSUER, at=AT).decode()
        + badge.html(one(), picture="a.svg")
        + badge.json(one(), issuer=ISSUER, made_on=date(2026, 11, 25))
    )

    assert re.findall("真实有效|守信|认证企业|诚信企业|等级", said) == []


@pytest.mark.browser
@pytest.mark.usefixtures("has_chromium")
def test_a_shop_page_shows_a_badge_that_another_phone_reads(tmp_path: Path) -> None:
    (tmp_path / "badge.svg").write_bytes(badge.svg(one(serial=7), issuer=ISSUER, at=AT))
    page_text = f"<body>网店首页<p>{badge.html(one(serial=7), picture='badge.svg')}"
    (tmp_path / "shop.html").write_text(f'<meta charset="utf-8">{page_text}', encoding="utf-8")
    with chromium(390, 400) as page:
        page.goto((tmp_path / "shop.html").as_uri())
        page.screenshot(path=tmp_path / "seen.png")

    assert [found.text for found in zxingcpp.read_barcodes(Image.open(tmp_path / "seen.png"))] == [sealed(7)]
