"""The frame of the page that verifies without a network: its sentences, what it keeps, what it may do."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from msgspec import structs

from chengxin.board.verdict import STATES
from chengxin.credit.codes.placements import PLACEMENTS
from chengxin.public import assets
from chengxin.public.page import verify
from chengxin.public.page.frame import View, view_of
from chengxin.public.page.words import TONGUES
from tests.public import samples

SOURCE = "// the worker\n"


def looked(query: str = "", **others: object) -> View:
    view = view_of(verify.PATH, query, city=samples.CITY, assets=assets.read().addresses, public_url="", indexed=True)
    return replace(view, **others)  # type: ignore[arg-type]


def script(name: str) -> str:
    return (assets.FOLDER / name).read_text(encoding="utf-8")


def said(worker: str) -> dict[str, object]:
    return {name: json.loads(value) for name, value in re.findall(r"^const ([A-Z]+) = (.*);$", worker, re.MULTILINE)}


# ---- Words -------------------------------------------------------------------------------------------------------


def test_every_placement_number_has_its_words() -> None:
    assert {placement.number: placement.name for placement in PLACEMENTS.values()} == verify.NUMBERS


def test_every_verdict_of_the_script_has_its_panel_and_no_panel_is_idle() -> None:
    exits = re.search(r"const EXITS = \{(.*?)\}", script("verify-core.js"), re.DOTALL)
    assert exits is not None

    assert set(re.findall(r"(\w+):", exits[1])) | {"unready"} == set(verify.VERDICTS)
    assert set(verify.VERDICTS) - set(STATES) == {"unready"}


def test_no_two_verdicts_are_said_alike() -> None:
    sentences = [notice.verdict for notice in verify.VERDICTS.values()]

    assert len(set(sentences)) == len(sentences)
    assert all(notice.meaning or notice.advice for notice in verify.VERDICTS.values())


def test_the_script_finds_every_sentence_it_says_and_says_every_one() -> None:
    used = set(re.findall(r"\bwords\.(\w+)", script("verify.js"))) - {"decoder"}
    returned = set(re.findall(r'return "(\w+)"', script("verify.js"))) | {"updated", "older"}

    assert used | (returned & set(verify.SENTENCES)) == set(verify.SENTENCES)


def test_the_script_finds_a_sentence_for_every_fault_of_a_list() -> None:
    core = script("verify-core.js")
    faults = set(re.findall(r'fault: "(\w+)"', core))
    faults |= set(re.findall(r'return "(\w+)";', core)) | {"beyond"}

    assert faults == set(verify.FAULTS)


def test_no_chinese_word_stands_in_a_script() -> None:
    spoken = [line for name in ("verify.js", "verify-worker.js") for line in script(name).splitlines()]

    assert [line for line in spoken if re.search(r"[\u4e00-\u9fff]", line)] == []


@pytest.mark.parametrize("query", ["", "lang=en", "lang=ru&large=1"])
def test_the_page_says_what_to_do_where_there_is_no_script(query: str) -> None:
    page = verify.verify(looked(query))

    assert "<noscript>" in page
    assert '<form id="form" action="/" method="get">' in page
    for part in query.split("&") if query else ():
        name, _, value = part.partition("=")
        assert f'<input type="hidden" name="{name}" value="{value}">' in page


# ---- What is kept on the phone -----------------------------------------------------------------------------------


def test_the_worker_keeps_the_page_in_every_language_and_size_with_its_files() -> None:
    kept = said(verify.worker(looked(), SOURCE))

    assert len(kept["PAGES"]) == 2 * len(TONGUES)  # type: ignore[arg-type]
    assert "/verify" in kept["PAGES"]  # type: ignore[operator]
    for page in kept["PAGES"]:  # type: ignore[attr-defined]
        text = verify.verify(looked(page.partition("?")[2]))
        needed = set(re.findall(r'(?:src|rel="stylesheet" href|data-decoder)="(/[^"]+)"', text))
        assert needed <= set(kept["FILES"])  # type: ignore[call-overload]


def test_a_citys_logo_is_kept_too() -> None:
    kept = said(verify.worker(looked(city=structs.replace(samples.CITY, logo="abc")), SOURCE))

    assert "/logo/abc.png" in kept["FILES"]  # type: ignore[operator]


@pytest.mark.parametrize(
    "other",
    [
        {"city": structs.replace(samples.CITY, phone="0468-1")},
        {"assets": {**assets.read().addresses, "verify.js": "/static/public/verify.other.js"}},
    ],
    ids=["another telephone", "another script"],
)
def test_what_changes_the_page_makes_a_new_worker(other: dict[str, object]) -> None:
    before, after = verify.worker(looked(), SOURCE), verify.worker(looked(**other), SOURCE)

    assert said(before)["VERSION"] != said(after)["VERSION"]
    assert verify.worker(looked(), SOURCE) == before


def test_the_manifest_puts_the_page_on_the_home_screen() -> None:
    found = json.loads(verify.manifest(looked("lang=en")))

    assert (found["start_url"], found["scope"], found["display"]) == ("/verify", "/verify", "standalone")
    assert all(icon["src"] in assets.read().by_address for icon in found["icons"])
