"""The browser's verifier says what docs/code-vectors.json says, and never throws, whatever it is given."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from chengxin.board.verdict import STATES
from chengxin.public import assets
from tests.browser import close

pytestmark = pytest.mark.browser

VECTORS = json.loads((Path(__file__).resolve().parents[2] / "docs/code-vectors.json").read_text(encoding="utf-8"))
VERDICTS = {one["name"]: one for one in VECTORS["verdicts"]}

JUDGE = """async ({vectors, one}) => {
    const keys = verifyCore.readKeys(vectors.keysets[one.keys] ?? vectors.keys);
    const status = one.list === null ? null : await verifyCore.readStatus(vectors.lists[one.list], keys);
    const found = await verifyCore.judge({text: one.text, keys, status, now: Date.parse(one.now)});
    const {state, exit, serial, holder, age} = found;
    return {state, exit, serial, holder, age_days: age ? age.days : null};
}"""
SAYS = "async ({text, keys}) => verifyCore.judge({text, keys: verifyCore.readKeys(keys), status: null, now: 0})"


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """An empty page of a secure origin with the verifier's core in it, and nothing else."""
    context = browser.new_context()
    context.route("**/*", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page = context.new_page()
    page.goto("https://credit.example/")
    page.add_script_tag(path=assets.FOLDER / "verify-core.js")
    yield page
    close(context)


@pytest.mark.parametrize("name", VERDICTS)
def test_the_browser_gives_the_verdict_of_the_vectors(page: Page, name: str) -> None:
    one = VERDICTS[name]
    # Whole, the vectors hold a gzip bomb and a hundred other texts: each case is sent what it needs.
    lists = {one["list"]: VECTORS["lists"][one["list"]]} if one["list"] else {}
    vectors = {"keys": VECTORS["keys"], "keysets": VECTORS["keysets"], "lists": lists}

    said = page.evaluate(JUDGE, {"vectors": vectors, "one": one})

    assert said == {field: one[field] for field in ("state", "exit", "serial", "holder", "age_days")}


@pytest.mark.parametrize("seal", VECTORS["seals"], ids=lambda seal: seal["name"])
def test_the_browser_reads_every_field_of_a_seal(page: Page, seal: dict[str, Any]) -> None:
    keys = VECTORS["keysets"]["before the theft"]["keys"] + VECTORS["keysets"]["rotated once more"]["keys"]
    found = page.evaluate(SAYS, {"text": seal["token"], "keys": {"keys": keys}})

    assert {field: found.get(field) for field in seal["claims"]} == seal["claims"]


def test_every_verdict_of_the_browser_exits_as_the_command_line_does(page: Page) -> None:
    found = page.evaluate("async () => verifyCore.EXITS")

    assert found == {name: STATES[name].exit for name in found}
    assert set(found) >= {one["state"] for one in VECTORS["verdicts"]}


@pytest.mark.parametrize("serial, printed", [(12345, "0000-C1S"), (0, "0000-000"), (2**35 - 1, "ZZZZ-ZZZ")])
def test_a_serial_is_written_as_it_is_printed(page: Page, serial: int, printed: str) -> None:
    assert page.evaluate("serial => verifyCore.grouped(serial)", serial) == printed


JUNK = [
    None,
    "",
    "<!doctype html>",
    "[]",
    "{}",
    '{"keys": {}}',
    {"keys": [None, 1, "x", [], {"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": "AA"}]},
    {"keys": [], "chengxin": {"code_urls": [1, None, {}], "office": 7}},
    {"protected": 1, "payload": None, "signature": []},
    {"protected": "e30", "payload": "e30", "signature": ""},
    {"protected": "bnVsbA", "payload": "bnVsbA", "signature": "AA"},
    {"protected": "*", "payload": "é", "signature": "A"},
    "[" * 100_000,
    "\ud800",
    1,
    True,
]


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: str(junk)[:30])
def test_junk_is_a_verdict_and_never_an_error(page: Page, junk: object) -> None:
    said = page.evaluate(
        """async junk => {
            const keys = verifyCore.readKeys(junk) ?? verifyCore.readKeys({keys: []});
            const status = await verifyCore.readStatus(junk, keys);
            const {state} = await verifyCore.judge({text: junk, keys, status, now: 0});
            return {fault: status.fault, state};
        }""",
        junk,
    )

    assert said["state"] == "forged"
    assert said["fault"] in ("malformed", "unverifiable")


MINUTE = 60_000
NEWER = """([kept, come, now]) => {
    const best = verifyCore.newer(kept, come, now);
    return best === null ? "none" : best === come ? "come" : "kept";
}"""


@pytest.mark.parametrize(
    ("kept", "come", "takes"),
    [
        ({"from": 0}, {"from": MINUTE}, "come"),
        ({"from": MINUTE}, {"from": 0}, "kept"),
        ({"from": 0}, {"fault": "unverifiable"}, "kept"),
        ({"fault": "unverifiable"}, {"from": 0}, "come"),
        (None, {"from": 0}, "come"),
        (None, {"fault": "malformed"}, "none"),
        ({"from": 0}, {"from": 3 * 24 * 60 * MINUTE}, "kept"),
    ],
    ids=[
        "a newer one",
        "an older one",
        "one that nobody signed",
        "in place of one whose key was revoked",
        "the first",
        "the first, broken",
        "one from the future, which nothing could ever replace",
    ],
)
def test_a_kept_list_is_only_replaced_by_a_newer_one(page: Page, kept: object, come: object, takes: str) -> None:
    assert page.evaluate(NEWER, [kept, come, MINUTE]) == takes
