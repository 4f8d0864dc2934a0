"""The API is what its description says: every answer of every address, and whatever schemathesis thinks of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from jsonschema_rs import Draft202012Validator
from schemathesis.specs.openapi.checks import positive_data_acceptance

from chengxin.api import door
from chengxin.api.docs import POLICY
from chengxin.config.wsgi import application
from chengxin.people import clients
from chengxin.public.bucket import Buckets
from tests.api.conftest import Partner, ask_token
from tests.api.test_records import lines, own_folders, work  # noqa: F401 — a fixture that every test here uses
from tests.ingest.test_intake import known, licence

EXAMPLES = Path(__file__).with_name("examples")


@pytest.fixture
def description() -> dict[str, Any]:
    said: dict[str, Any] = Client().get("/api/v1/openapi.json").json()
    return said


def fits(description: dict[str, Any], pointer: str, what: object) -> list[str]:
    """Return what is wrong with something by a schema of the description."""
    validator = Draft202012Validator({**description, "$ref": f"#{quote(pointer)}"})
    return [error.message for error in validator.iter_errors(what)]


def pointer(path: str, method: str, status: int, media: str) -> str:
    parts = ("paths", path, method, "responses", str(status), "content", media, "schema")
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


# ---- The description -------------------------------------------------------------------------------------------------


def test_it_is_openapi_3_1_in_two_languages(description: dict[str, Any]) -> None:
    assert description["openapi"] == "3.1.0"
    for path, methods in description["paths"].items():
        for operation in methods.values():
            assert not operation["summary"].isascii() and operation["summary"][0].isascii(), path
            assert operation["description"] and not operation["description"].isascii(), path


def test_no_name_stands_twice_in_it() -> None:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs), [name for name, _ in pairs]
        return dict(pairs)

    json.loads(Client().get("/api/v1/openapi.json").content, object_pairs_hook=once)


def test_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    text = json.dumps(description)
    wanted = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}

    assert wanted <= set(description["components"]["schemas"])


def test_every_address_but_the_tokens_asks_for_one_scope(description: dict[str, Any]) -> None:
    for path, methods in description["paths"].items():
        for operation in methods.values():
            if path != "/api/oauth/token":
                assert operation["security"] == [{"Token": []}] or list(operation["security"][0]), path


def test_its_page_runs_nothing_but_our_own_files() -> None:
    answer = Client().get("/api/v1/docs")

    assert answer.status_code == 200 and answer.headers["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY and "http" not in POLICY
    page = answer.content.decode()
    assert "://" not in page and 'lang="zh-CN"' in page


# ---- Frozen examples -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_an_answer_once_given_still_fits_the_description(description: dict[str, Any], path: Path) -> None:
    """What a partner's program was written against must not change under it: new members yes, other ones no."""
    said = json.loads(path.read_text(encoding="utf-8"))

    assert fits(description, pointer(said["path"], said["method"], said["status"], said["media"]), said["body"]) == []


def test_every_address_has_a_frozen_example_of_each_good_answer(description: dict[str, Any]) -> None:
    frozen = {
        (said["path"], said["method"], str(said["status"]))
        for said in (json.loads(path.read_text(encoding="utf-8")) for path in EXAMPLES.glob("*.json"))
    }
    good = {
        (path, method, status)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        for status, answer in operation["responses"].items()
        if status < "300" and any("json" in media for media in answer.get("content", ()))
    }

    assert good - frozen == set()


@pytest.mark.django_db(transaction=True)
def test_answers_given_today_fit_the_description_and_hold_what_the_frozen_ones_hold(
    partner: Partner, description: dict[str, Any]
) -> None:
    known()
    sent = lines(licence(1), licence(2, XK_JDRQ="1949-13-01"))
    asked = "/records?kind=licence&mode=preview"
    first = partner.post(asked, sent, Idempotency_Key="1")
    number = first.json()["id"]
    again = partner.post(asked, sent, Idempotency_Key="1")
    work()
    batch = partner.get(f"/batches/{number}")
    answers = [
        ("/api/v1/records", "post", first),
        ("/api/v1/records", "post", again),
        ("/api/v1/records", "post", partner.post(asked, lines(licence(3)), Idempotency_Key="1")),
        ("/api/v1/batches/{number}", "get", batch),
        ("/api/v1/batches/{number}", "get", partner.get("/batches/999999")),
        ("/api/v1/batches/{number}/findings", "get", partner.get(f"/batches/{number}/findings")),
        ("/api/v1/batches/{number}/confirm", "post", partner.post(f"/batches/{number}/confirm")),
        ("/api/v1/batches/{number}/drop", "post", partner.post(f"/batches/{number}/drop")),
        ("/api/v1/kinds", "get", partner.get("/kinds")),
        ("/api/v1/kinds/{name}", "get", partner.get("/kinds/licence")),
        ("/api/oauth/token", "post", ask_token(partner.made)),
        ("/api/oauth/token", "post", ask_token(partner.made, grant_type="password")),
    ]
    for path, method, answer in answers:
        media = answer.headers["Content-Type"].partition(";")[0]
        assert fits(description, pointer(path, method, answer.status_code, media), answer.json()) == [], path
        for file in EXAMPLES.glob("*.json"):
            frozen = json.loads(file.read_text(encoding="utf-8"))
            if (frozen["path"], frozen["method"], frozen["status"]) == (path, method, answer.status_code):
                assert set(frozen["body"]) <= set(answer.json()), file.name
    assert batch.json()["difference"]["reasons"], "the preview tells what is wrong"


# ---- Whatever else somebody may send ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_no_request_brings_an_answer_that_is_not_described(
    made: clients.Made, nobody_was_here_before: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "CALLS", Buckets(burst=100_000, seconds=1))
    token = ask_token(made).json()["access_token"]
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    few = hypothesis_settings(
        max_examples=6,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    asked = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path == "/api/oauth/token":
            continue

        def ask(case: Any) -> None:
            nonlocal asked
            asked += 1
            # Bytes of a body are whatever they are: that they are rows of a kind no schema can promise.
            case.call_and_validate(
                headers={"Authorization": f"Bearer {token}"}, excluded_checks=[positive_data_acceptance]
            )

        few(given(case=operation.as_strategy())(ask))()
    assert asked >= 20
