"""A phone that was in town and is now in a valley: it verifies by what it fetched, and says how old that is."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from chengxin.board import jwks, status
from tests.journeys.test_from_a_file_to_a_scan import LICENCE, REGISTRY, SHOP, City, write
from tests.pipeline.test_serve import Serving, until
from tests.pipeline.test_verify import poster
from tests.press.samples import pictures
from tests.press.test_decodes import all_at_once


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    serving = Serving(tmp_path_factory.mktemp("valley") / "var")
    serving.start()
    try:
        yield City(serving)
    finally:
        serving.stop()


@pytest.fixture(scope="module")
def code(city: City, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("files")
    city.report("intake", str(write(folder / "登记.csv", REGISTRY)), "--kind", "subject")
    city.report("intake", str(write(folder / "许可.csv", LICENCE)), "--kind", "licence")
    (issued,) = city.report("issue", SHOP, "--consent", "申领表 2026-017")  # type: ignore[misc]
    return str(issued["url"])


class Phone:
    """What a phone keeps between two moments with a network."""

    def __init__(self, city: City, folder: Path) -> None:
        self.city = city
        self.keys = folder / "keys.json"
        self.status = folder / "status.json"
        self.folder = folder

    def sync(self) -> None:
        for path, kept in ((jwks.PATH, self.keys), (status.PATH, self.status)):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.city.port}{path}", timeout=10) as answer:
                kept.write_bytes(answer.read())

    def verify(self, text: str) -> tuple[int, dict[str, object]]:
        words = ("verify", text, "--keys", str(self.keys), "--status", str(self.status), "--json")
        done = self.city.chengxin(*words)
        return done.returncode, json.loads(done.stdout)

    def list_says(self, *, revoked: bool) -> bool:
        """Sync, and tell whether the list has that to say of the first code."""
        self.sync()
        found = status.read(self.status.read_bytes(), jwks.load(self.keys.read_bytes()).keys)
        return isinstance(found, status.StatusList) and any(found.revoked) == revoked


@pytest.fixture(scope="module")
def phone(city: City, code: str, tmp_path_factory: pytest.TempPathFactory) -> Phone:
    phone = Phone(city, tmp_path_factory.mktemp("phone"))
    until(lambda: city.get(f"http://x{status.PATH}")[0] == 200)
    phone.sync()
    return phone


def test_a_code_and_a_photograph_of_its_poster_are_genuine_in_the_valley(phone: Phone, code: str) -> None:
    poster(code).save(phone.folder / "poster.jpg")

    for text in (code, str(phone.folder / "poster.jpg")):
        leaves, told = phone.verify(text)
        assert (leaves, told["state"], told["uscc"], told["age_days"]) == (0, "active", SHOP, 0)


def test_the_poster_that_hung_in_the_street_is_genuine_in_the_valley(city: City, phone: Phone, code: str) -> None:
    city.report("init", "--city", "样例市", "--office", "样例市信用办")
    printed, photo = phone.folder / "海报.pdf", phone.folder / "街上.jpg"
    city.report("print", "poster", "--subject", SHOP, "--out", str(printed))
    (page,) = pictures(printed.read_bytes())
    all_at_once(page, "poster").save(photo)

    leaves, told = phone.verify(str(photo))

    assert (leaves, told["state"], told["uscc"]) == (0, "active", SHOP)


def test_the_same_code_under_another_host_is_told(phone: Phone, code: str) -> None:
    leaves, told = phone.verify(f"https://evil.example/C/{code.partition('/C/')[2]}")

    assert (leaves, told["state"]) == (4, "wrong_host")


def test_a_withdrawn_code_is_told_after_the_next_sync_and_the_age_of_the_list_before(
    city: City, phone: Phone, code: str
) -> None:
    city.report("withdraw", SHOP, "--why", "主体申请停用")

    leaves, told = phone.verify(code)
    assert (leaves, told["state"], told["age_days"]) == (0, "active", 0)
    assert "状态名单" in str(told["note"]), "it says what it rests on"

    until(lambda: phone.list_says(revoked=True))
    leaves, told = phone.verify(code)
    assert (leaves, told["state"]) == (3, "revoked")


def test_after_a_key_was_stolen_its_codes_vouch_for_nothing(city: City, phone: Phone, code: str) -> None:
    (issued,) = city.report("issue", SHOP, "--consent", "申领表 2026-018")  # type: ignore[misc]
    printed = str(issued["url"])
    assert phone.verify(printed)[0] == 0

    keys = city.report("keys", "--revoke", "1", "--why", "备份盘失窃")

    assert [(key["number"], key["revoked"]) for key in keys] == [(1, True), (2, False)]  # type: ignore[index]
    until(lambda: city.get(printed)[0] == 410)
    assert "签发钥匙已作废" in city.get(printed)[1]
    assert city.chengxin("verify", printed).returncode == 5
    phone.sync()
    assert phone.verify(printed)[1]["state"] == "unknown_key"
    (issued,) = city.report("issue", SHOP, "--consent", "申领表 2026-019", "--placement", "vehicle")  # type: ignore[misc]
    assert phone.verify(str(issued["url"]))[1]["state"] == "active", "the list is signed with the new key already"
