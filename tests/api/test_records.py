"""POST /records: streamed, bounded, once for each key; a body that is not whole leaves nothing."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import timezone

from chengxin.api import body, problem
from chengxin.api.problem import Problem
from chengxin.api.records import source_of
from chengxin.credit.records.models import Record
from chengxin.ingest import batches, sources
from chengxin.ingest.models import Batch
from chengxin.ingest.sources import Source
from chengxin.people import clients
from chengxin.people.models import Trail, Unit
from tests.api.conftest import Partner, make_client
from tests.ingest.test_intake import known, licence

pytestmark = pytest.mark.django_db
works = pytest.mark.django_db(transaction=True)
"""For tests in which a worker works: it commits, and tells how far it is on a connection of its own."""


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Path) -> Path:
    settings.FEEDBACK_DIR = tmp_path / "反馈"
    settings.FILES_DIR = tmp_path / "原件"
    return tmp_path


def lines(*rows: dict[str, str]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def kept(folder: Path) -> list[Path]:
    return [path for path in (folder / "原件").rglob("*") if path.is_file()]


def work() -> None:
    while batches.step(at=timezone.now()):
        pass


# ---- The way through -------------------------------------------------------------------------------------------------


@works
def test_rows_are_taken_in_and_their_batch_says_so(partner: Partner, unit: Unit) -> None:
    known()

    answer = partner.post("/records?kind=licence", lines(licence(1), licence(2)), Idempotency_Key="2026-11-25/1")

    said = answer.json()
    assert answer.status_code == 202 and answer.headers["Location"] == f"/api/v1/batches/{said['id']}"
    assert (said["state"], said["working"], said["source"]) == ("received", "apply", unit.name)
    assert said["idempotency_key"] == "2026-11-25/1"
    work()
    now = partner.get(f"/batches/{said['id']}").json()
    assert (now["state"], now["working"], now["rows"], now["accepted"]) == ("applied", "", 2, 2)
    assert Record.objects.count() == 2
    batch = Batch.objects.get()
    assert (batch.way, batch.unit_id, batch.by) == ("api", unit.pk, f"api-{partner.made.id}")
    assert Trail.objects.get(verb="batch.receive").role == "machine"


@works
def test_a_preview_waits_for_its_confirmation(partner: Partner) -> None:
    known()
    number = partner.post("/records?kind=licence&mode=preview", lines(licence(1)), Idempotency_Key="1").json()["id"]
    work()

    looked_at = partner.get(f"/batches/{number}").json()

    assert (looked_at["state"], looked_at["working"]) == ("checked", "")
    assert (looked_at["difference"]["new"], looked_at["difference"]["rejected"]) == (1, 0)
    assert not Record.objects.exists()
    assert partner.post(f"/batches/{number}/confirm").status_code == 202
    work()
    assert partner.get(f"/batches/{number}").json()["state"] == "applied" and Record.objects.count() == 1


@works
def test_a_preview_is_dropped_and_nothing_of_it_enters(partner: Partner) -> None:
    known()
    number = partner.post("/records?kind=licence&mode=preview", lines(licence(1)), Idempotency_Key="1").json()["id"]
    work()

    assert partner.post(f"/batches/{number}/drop").json()["state"] == "dropped"

    refused = partner.post(f"/batches/{number}/confirm")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:chengxin:problem:wrong-state")
    assert not Record.objects.exists()


@pytest.mark.parametrize("type", ["application/x-ndjson", "application/jsonl", "text/csv", "text/csv; charset=gbk"])
def test_the_media_types_of_the_description_are_taken(partner: Partner, type: str) -> None:  # noqa: A002
    assert partner.post("/records?kind=licence", lines(licence(1)), type=type, Idempotency_Key="1").status_code == 202


# ---- Once ------------------------------------------------------------------------------------------------------------


def test_the_same_key_again_is_the_same_batch(partner: Partner) -> None:
    first = partner.post("/records?kind=licence", lines(licence(1)), Idempotency_Key="1")
    again = partner.post("/records?kind=licence", lines(licence(1)), Idempotency_Key="1")

    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == again.json() and Batch.objects.count() == 1


@pytest.mark.parametrize("kind, number", [("licence", 2), ("penalty", 1)], ids=["other rows", "another kind"])
@pytest.mark.parametrize("tongue, says", [("", "请用新的键"), ("en", "give new content a new one")])
def test_the_same_key_with_other_content_is_a_conflict(
    partner: Partner, kind: str, number: int, tongue: str, says: str
) -> None:
    partner.post("/records?kind=licence", lines(licence(1)), Idempotency_Key="1")

    answer = partner.post(f"/records?kind={kind}", lines(licence(number)), Idempotency_Key="1", Accept_Language=tongue)

    assert answer.status_code == 409 and answer.headers["Content-Type"] == "application/problem+json"
    assert says in answer.json()["detail"] and Batch.objects.count() == 1


def test_two_clients_may_use_the_same_key(partner: Partner, other_partner: Partner) -> None:
    assert partner.post("/records?kind=licence", lines(licence(1)), Idempotency_Key="1").status_code == 202
    assert other_partner.post("/records?kind=licence", lines(licence(1)), Idempotency_Key="1").status_code == 202


# ---- Whose -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method, path", [("get", ""), ("get", "/findings"), ("post", "/confirm"), ("post", "/drop")], ids=str
)
def test_a_batch_of_another_unit_is_not_there(partner: Partner, other_partner: Partner, method: str, path: str) -> None:
    number = partner.post("/records?kind=licence&mode=preview", lines(licence(1)), Idempotency_Key="1").json()["id"]

    strange = getattr(other_partner, method)(f"/batches/{number}{path}")
    missing = getattr(other_partner, method)(f"/batches/{number + 1}{path}")

    assert (strange.status_code, missing.status_code) == (404, 404)
    assert strange.json()["detail"] == missing.json()["detail"]
    assert Batch.objects.get().state == "received"


def test_another_system_of_the_same_unit_sees_the_units_batches(partner: Partner, unit: Unit) -> None:
    number = partner.post("/records?kind=licence", lines(licence(1)), Idempotency_Key="1").json()["id"]

    assert Partner(make_client(unit)).get(f"/batches/{number}").status_code == 200


SCOPED = [
    ("post", "/records?kind=licence", "records:write"),
    ("post", "/batches/1/confirm", "records:write"),
    ("post", "/batches/1/drop", "records:write"),
    ("get", "/batches/1", "batches:read"),
    ("get", "/batches/1/findings", "batches:read"),
    ("get", "/kinds", "batches:read"),
    ("get", "/kinds/licence", "batches:read"),
    ("get", "/kinds/licence/template", "batches:read"),
]


@pytest.mark.parametrize("method, path, scope", SCOPED, ids=[path for _, path, _ in SCOPED])
def test_every_address_asks_for_its_scope(unit: Unit, method: str, path: str, scope: str) -> None:
    (other,) = set(clients.SCOPES) - {scope}

    answer = getattr(Partner(make_client(unit), scope=other), method)(path, Idempotency_Key="1")

    assert answer.status_code == 403 and answer.json()["type"] == "urn:chengxin:problem:no-scope"
    assert scope in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("method, path, scope", SCOPED, ids=[path for _, path, _ in SCOPED])
@pytest.mark.parametrize("token", ["", "made up"])
def test_nobody_gets_in_without_a_token(partner: Partner, method: str, path: str, scope: str, token: str) -> None:
    partner.token = token

    answer = getattr(partner, method)(path, Idempotency_Key="1")

    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_session_of_a_person_is_no_token(client: Any, unit: Unit, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("wangmin", role="credit_office"))

    assert client.get("/api/v1/kinds").status_code == 401


@pytest.mark.parametrize("ended", ["revoked", "unit closed"])
def test_a_token_ends_with_its_client_and_its_unit(partner: Partner, ended: str) -> None:
    assert partner.get("/kinds").status_code == 200
    if ended == "revoked":
        clients.revoke(client=partner.made.id, by=batches.Actor("w", "keeper"), at=timezone.now())
    else:
        Unit.objects.update(is_active=False)

    assert partner.get("/kinds").status_code == 401


def test_a_unit_sends_as_itself_or_as_a_source_that_is_its_own(
    partner: Partner, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = Source(name="mine", label="本局", columns={"licence": {"文号": "XK_WSH"}})
    others = Source(name="others", label="别的局", unit="别的局")
    monkeypatch.setattr(sources, "catalogue", lambda: {"mine": mine, "others": others})
    who = clients.machine(partner.token, at=timezone.now())
    assert who is not None

    assert source_of(who, "").unit == source_of(who, "mine").unit == unit.name
    assert source_of(who, "mine").uscc == unit.uscc and source_of(who, "mine").columns == mine.columns
    for name in ("others", "none"):
        with pytest.raises(Problem, match="not-your-source"):
            source_of(who, name)
    assert partner.post("/records?kind=licence&source=others", b"{}", Idempotency_Key="1").status_code == 403


# ---- What is wrong with a request ------------------------------------------------------------------------------------

WRONG = [
    pytest.param("?kind=nonsense", {}, 404, "没有“nonsense”这个种类", id="a kind that is none"),
    pytest.param("", {}, 422, "参数 kind 没有写", id="no kind"),
    pytest.param("?kind=licence&mode=now", {}, 422, "参数 mode 不在可选的值之内", id="a mode that is none"),
    pytest.param("?kind=licence", {"Idempotency_Key": ""}, 422, "Idempotency-Key", id="an empty key"),
    pytest.param("?kind=licence", {"Idempotency_Key": "x" * 101}, 422, "Idempotency-Key", id="a long key"),
    pytest.param("?kind=licence", {"Idempotency_Key": "a b"}, 422, "Idempotency-Key", id="a key with a space"),
    pytest.param("?kind=licence", {"type": "application/json"}, 415, "application/x-ndjson", id="a JSON array"),
    pytest.param("?kind=licence", {"type": "multipart/form-data; boundary=x"}, 415, "text/csv", id="a form"),
]


@pytest.mark.parametrize("query, changes, status, says", WRONG)
def test_what_is_wrong_is_said(
    partner: Partner, own_folders: Path, query: str, changes: dict[str, Any], status: int, says: str
) -> None:
    asked = {"body": b"{}", "Idempotency_Key": "1", **changes}

    answer = partner.post(f"/records{query}", asked.pop("body"), **asked)

    said = answer.json()
    assert (answer.status_code, said["status"]) == (status, status)
    assert answer.headers["Content-Type"] == "application/problem+json" and says in said["detail"]
    assert not Batch.objects.exists() and kept(own_folders) == []


def test_a_body_larger_than_an_intake_may_be_is_not_read(partner: Partner, settings: Any, own_folders: Path) -> None:
    settings.INTAKE_MAX_BYTES = 10

    answer = partner.post("/records?kind=licence", b"x" * 11, Idempotency_Key="1")

    assert (answer.status_code, answer.json()["type"]) == (413, "urn:chengxin:problem:too-large")
    assert kept(own_folders) == []


@pytest.mark.parametrize("code", problem.SORTS)
def test_every_problem_has_its_words_in_both_languages(code: str) -> None:
    sort = problem.SORTS[code]

    assert 400 <= sort.status < 600 and sort.title_zh != sort.title_en and sort.detail_zh
    assert sort.title_en.isascii()


@pytest.mark.parametrize(
    "said, speaks",
    [
        ("", "zh"),
        ("en", "en"),
        ("en-GB,zh;q=0.5", "en"),
        ("ru,en;q=0.8", "en"),
        ("fr", "zh"),
        ("zh-TW", "zh"),
        ("*", "zh"),
    ],
)
def test_the_language_is_the_one_asked_for(said: str, speaks: str) -> None:
    assert problem.tongue(RequestFactory().get("/", headers={"Accept-Language": said})) == speaks


# ---- The body --------------------------------------------------------------------------------------------------------

WHOLE = b"0123456789" * 10_000
DIGEST = "sha-256=:" + base64.b64encode(hashlib.sha256(WHOLE).digest()).decode() + ":"


def a_body(sent: bytes, *, limit: int = 1_000_000, length: str = "", digest: str = "") -> body.Body:
    request = RequestFactory().generic("POST", "/", b"", headers={"Content-Digest": digest} if digest else {})
    request.META |= {"wsgi.input": io.BytesIO(sent), "CONTENT_LENGTH": length}
    return body.Body(request, limit=limit)


def read(one: body.Body) -> bytes:
    file = io.BufferedReader(one)
    return b"".join(iter(lambda: file.read(7000), b""))


@pytest.mark.parametrize(
    "said",
    [{"length": "100000"}, {"digest": DIGEST}, {"length": "100000", "digest": f"md5=:AAAA:, {DIGEST}"}],
    ids=["by length", "by digest", "by both"],
)
def test_a_whole_body_is_read_to_its_end(said: dict[str, str]) -> None:
    assert read(a_body(WHOLE, **said)) == WHOLE


@pytest.mark.parametrize(
    "said, code",
    [
        ({"length": "100001"}, "cut-short"),
        ({"digest": DIGEST.replace("sha-256=:", "sha-256=:A")}, "cut-short"),
        ({"length": "100000", "digest": "sha-256=:AAAA:"}, "cut-short"),
        ({"length": "100000", "limit": 99_999}, "too-large"),
        ({"digest": DIGEST, "limit": 99_999}, "too-large"),
        ({}, "length-needed"),
        ({"length": "ten"}, "length-needed"),
        ({"length": "-1"}, "length-needed"),
    ],
    ids=["shorter", "an odd digest", "another digest", "a length too large", "larger without a length", "neither", "no number", "below zero"],
)  # fmt: skip
def test_a_body_that_is_not_what_it_says_is_refused(said: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem, match=code):
        read(a_body(WHOLE, **said))


def test_a_body_has_a_place_or_is_told_to_come_again() -> None:
    request = RequestFactory().post("/", WHOLE, "text/csv")
    with (
        body.taken_in(request, limit=1_000_000),
        body.taken_in(request, limit=1_000_000),
        pytest.raises(Problem, match="busy"),
        body.taken_in(request, limit=1_000_000),
    ):
        pass
    with body.taken_in(request, limit=1_000_000):
        pass


def test_a_client_is_rationed_and_told_when_to_come_again(partner: Partner, other_partner: Partner) -> None:
    codes = [404]
    while codes[-1] == 404 and len(codes) < 5000:  # on a slow machine some of the ration is back before it is used up
        codes.append(partner.get("/kinds/nonsense").status_code)

    assert codes[-1] == 429 and len(codes) > 121
    assert partner.get("/kinds/nonsense", **{"Accept-Language": "en"}).headers["Retry-After"] == "1"
    assert other_partner.get("/kinds/nonsense").status_code == 404


def test_a_stranger_is_rationed_as_well(partner: Partner) -> None:
    partner.token = "made up"

    assert [partner.get("/kinds").status_code for _ in range(32)][29:] == [401, 429, 429]
