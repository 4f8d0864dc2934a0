"""The cast: a unit's system with its token, another unit's, and a world in which nothing is rationed yet."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.api import door
from chengxin.api import token as tokens
from chengxin.people import clients
from chengxin.people.models import Unit
from tests.make import CLERK


@pytest.fixture(autouse=True)
def nobody_was_here_before() -> None:
    for buckets in (door.CALLS, door.STRANGERS, tokens.FAILED_OF_CLIENT, tokens.FAILED_OF_ADDRESS, tokens.GIVEN):
        buckets._left.clear()


@pytest.fixture
def unit(db: None) -> Unit:
    return Unit.objects.create(name="鹤岗市市场监督管理局", short="市监局", uscc="11230500001755309F")


@pytest.fixture
def other_unit(db: None) -> Unit:
    return Unit.objects.create(name="鹤岗市城市管理综合执法局", uscc="11230400MB7654321X")


@pytest.fixture
def made(unit: Unit) -> clients.Made:
    return make_client(unit)


def make_client(unit: Unit, *scopes: str) -> clients.Made:
    return clients.add(
        unit=unit.pk, name="办案系统", scopes=scopes or list(clients.SCOPES), by=CLERK, at=timezone.now()
    )


def ask_token(made: clients.Made, **changes: Any) -> Any:
    said = {"grant_type": "client_credentials", "client_id": made.id, "client_secret": made.secret}
    return Client().post("/api/oauth/token", {**said, **changes})


def basic(made: clients.Made) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{made.id}:{made.secret}".encode()).decode()}


class Partner:
    """A unit's system: the API as it sees it."""

    def __init__(self, made: clients.Made, **asked: str) -> None:
        self.made = made
        self.token = ask_token(made, **asked).json()["access_token"]
        self._client = Client(raise_request_exception=True)

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **more}

    def get(self, path: str, **headers: str) -> Any:
        return self._client.get(f"/api/v1{path}", headers=self._headers(headers))

    def post(self, path: str, body: bytes | str = b"", *, type: str = "application/x-ndjson", **headers: str) -> Any:  # noqa: A002
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.post(
            f"/api/v1{path}", body if isinstance(body, bytes) else body.encode(), type, headers=self._headers(named)
        )


@pytest.fixture
def partner(made: clients.Made) -> Partner:
    return Partner(made)


@pytest.fixture
def other_partner(other_unit: Unit) -> Partner:
    return Partner(make_client(other_unit))
