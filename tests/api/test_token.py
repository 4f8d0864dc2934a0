"""POST /api/oauth/token: one grant, bounded failures, nothing else of the OAuth2 server's."""

from __future__ import annotations

import json

import pytest
from allauth.idp.oidc.models import Token
from axes.models import AccessAttempt, AccessFailureLog
from django.test import Client
from django.urls import get_resolver

from chengxin.people import clients
from chengxin.people.models import Trail, Unit
from tests.api.conftest import ask_token, basic, make_client
from tests.make import CLERK, NOW

pytestmark = pytest.mark.django_db


def test_an_id_and_a_secret_bring_a_token_of_an_hour(made: clients.Made) -> None:
    answer = ask_token(made)

    said = answer.json()
    assert answer.status_code == 200
    assert (said["token_type"], said["expires_in"]) == ("Bearer", 3600)
    assert set(said["scope"].split()) == {"records:write", "batches:read"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert said["access_token"] not in str(Token.objects.values_list())  # kept by its digest alone


def test_the_secret_may_stand_in_the_header(made: clients.Made) -> None:
    answer = Client().post("/api/oauth/token", {"grant_type": "client_credentials"}, headers=basic(made))

    assert answer.status_code == 200


def test_less_than_all_may_be_asked_for_and_more_may_not(unit: Unit) -> None:
    made = make_client(unit, "batches:read")

    assert ask_token(made, scope="batches:read").json()["scope"] == "batches:read"
    refused = ask_token(made, scope="records:write")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    "grant", ["password", "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code", ""]
)
def test_no_other_grant_is_served(made: clients.Made, grant: str) -> None:
    answer = ask_token(made, grant_type=grant)

    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize("closed", ["client", "unit"])
def test_a_revoked_client_and_a_closed_unit_get_no_token(made: clients.Made, unit: Unit, closed: str) -> None:
    if closed == "client":
        clients.revoke(client=made.id, by=CLERK, at=NOW)
    else:
        Unit.objects.update(is_active=False)

    answer = ask_token(made)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert not Token.objects.exists() and not Trail.objects.filter(verb="client.first").exists()


def test_wrong_secrets_are_rationed_and_the_right_one_must_wait_with_them(made: clients.Made) -> None:
    wrong = [ask_token(made, client_secret=f"wrong {number}").status_code for number in range(7)]

    assert wrong == [401] * 5 + [429] * 2
    waiting = ask_token(made)
    assert waiting.status_code == 429 and int(waiting.headers["Retry-After"]) > 0


def test_who_guesses_at_one_client_does_not_lock_out_another(made: clients.Made, other_unit: Unit) -> None:
    for number in range(6):
        ask_token(made, client_secret=f"wrong {number}")

    assert ask_token(make_client(other_unit)).status_code == 200


def test_who_guesses_from_elsewhere_does_not_lock_out_the_client(made: clients.Made) -> None:
    said = {"grant_type": "client_credentials", "client_id": made.id, "client_secret": "wrong"}
    for _ in range(8):
        Client(REMOTE_ADDR="203.0.113.9").post("/api/oauth/token", said)

    assert ask_token(made).status_code == 200


def test_valid_and_wrong_calls_are_no_failed_sign_ins_to_axes(made: clients.Made) -> None:
    token = ask_token(made).json()["access_token"]
    ask_token(made, client_secret="wrong")
    Client().get("/api/v1/kinds", headers={"Authorization": f"Bearer {token}"})
    Client().get("/api/v1/kinds", headers={"Authorization": "Bearer wrong"})

    assert not AccessAttempt.objects.exists() and not AccessFailureLog.objects.exists()


def test_a_machine_cannot_sign_in_on_the_page(made: clients.Made) -> None:
    answer = Client().post("/sign-in", {"username": f"api-{made.id}", "password": made.secret})

    assert answer.status_code == 200 and "账号或密码不对" in answer.content.decode()


def test_an_overlong_request_is_not_read(made: clients.Made) -> None:
    assert ask_token(made, more="x" * 9000).status_code == 400


def test_of_the_oauth2_server_nothing_else_is_served() -> None:
    def addresses(resolver: object, before: str = "") -> list[str]:
        found = []
        for one in getattr(resolver, "url_patterns", ()):
            path = before + str(one.pattern)
            found += addresses(one, path) if hasattr(one, "url_patterns") else [(path, one.callback.__module__)]
        return found

    served = [path for path, module in addresses(get_resolver()) if module.startswith("allauth")]

    assert served == []
    for path in ("/.well-known/openid-configuration", "/identity/o/authorize", "/accounts/login/", "/accounts/signup/"):
        assert Client().get(path).status_code == 404


def test_errors_are_json_without_a_trace_of_the_secret(made: clients.Made) -> None:
    answer = ask_token(made, client_secret="hunter2")

    assert answer.headers["Content-Type"].startswith("application/json")
    assert json.loads(answer.content)["error"] == "invalid_client" and b"hunter2" not in answer.content
