"""POST /api/oauth/token: an access token for a client's id and secret (RFC 6749, §4.4). The server's own code answers.

Checking a secret costs a slow hash, so whoever fails is rationed, by the client's name at an address and by the address
alone, before anything is computed. Whoever succeeds is rationed too: a token holds an hour.
"""

from __future__ import annotations

import base64
import json
import time
from typing import Final

from allauth.idp.oidc.views import token as allauth_token
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from chengxin.people import clients
from chengxin.public.bucket import Buckets, household

FAILED_OF_CLIENT: Final = Buckets(burst=5, seconds=120.0)
"""Of a client's name at an address: five wrong secrets, then one every two minutes (GB/T 22239: five tries)."""
FAILED_OF_ADDRESS: Final = Buckets(burst=20, seconds=30.0)
GIVEN: Final = Buckets(burst=20, seconds=10.0)
"""Of a client's name at an address: so many requests at all."""
WAIT_SECONDS: Final = 120
LENGTH: Final = 8192
"""Bytes of a request for a token; an ordinary one has two hundred."""

DESCRIPTION: Final = {
    "post": {
        "operationId": "give_token",
        "summary": "An access token 访问令牌",
        "description": "OAuth2 client credentials (RFC 6749, §4.4). Keep the token for its hour. "
        "客户端凭据换访问令牌，一小时内重复使用。",
        "tags": ["oauth 令牌"],
        "security": [{"basic": []}, {}],
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {
                        "type": "object",
                        "required": ["grant_type"],
                        "properties": {
                            "grant_type": {"type": "string", "enum": ["client_credentials"]},
                            "client_id": {"type": "string", "description": "Unless it stands in the header. 编号"},
                            "client_secret": {"type": "string", "description": "Unless it stands in the header. 密钥"},
                            "scope": {"type": "string", "description": "Scopes with spaces between; all without. 权限"},
                        },
                    }
                }
            },
        },
        "responses": {
            "200": {
                "description": "A token 令牌",
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["access_token", "token_type", "expires_in", "scope"],
                            "properties": {
                                "access_token": {"type": "string"},
                                "token_type": {"type": "string", "enum": ["Bearer"]},
                                "expires_in": {"type": "integer", "description": "Seconds. 秒"},
                                "scope": {"type": "string"},
                            },
                        }
                    }
                },
            },
            **{
                status: {
                    "description": words,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["error"],
                                "properties": {
                                    "error": {"type": "string"},
                                    "error_description": {"type": "string"},
                                },
                            }
                        }
                    },
                }
                for status, words in (
                    ("400", "The request is not right 请求有误"),
                    ("401", "Wrong id or secret 编号或密钥不对"),
                    ("429", "Too many tries 尝试太频繁"),
                )
            },
        },
    }
}
"""This address in the API's description."""


@csrf_exempt
@require_POST
@sensitive_post_parameters("client_secret")
def give(request: HttpRequest) -> HttpResponse:
    """Answer a request for a token, as RFC 6749 has it, errors included."""
    if _length(request) > LENGTH:
        return _refuse(400, "invalid_request", "The request is too long.")
    if request.POST.get("grant_type") != "client_credentials":
        return _refuse(400, "unsupported_grant_type", "Only client_credentials is served here.")
    address, now = household(request.META), time.monotonic()
    who = f"{_client(request)[:100]}@{address}"
    if not (FAILED_OF_CLIENT.has(who, at=now) and FAILED_OF_ADDRESS.has(address, at=now)):
        return _later()
    if not GIVEN.take(who, at=now):
        return _later()
    with transaction.atomic():
        response: HttpResponse = allauth_token(request)
        if response.status_code == 200 and clients.use(_issued(response), at=timezone.now()) is None:
            # Its unit was closed, or its account: as if the secret were wrong.
            transaction.set_rollback(True)
            response = _refuse(401, "invalid_client", "")
    if response.status_code == 401:
        FAILED_OF_CLIENT.take(who, at=now)
        FAILED_OF_ADDRESS.take(address, at=now)
    return response


def _issued(response: HttpResponse) -> str:
    return str(json.loads(response.content)["access_token"])


def _client(request: HttpRequest) -> str:
    """Return the client that a request names: in its Authorization header, or in its body."""
    word, _, said = request.headers.get("Authorization", "").partition(" ")
    if word.lower() == "basic":
        try:
            return base64.b64decode(said).decode().partition(":")[0]
        except ValueError:
            return ""
    return str(request.POST.get("client_id", ""))


def _length(request: HttpRequest) -> int:
    said = request.META.get("CONTENT_LENGTH") or "0"
    return int(said) if said.isdecimal() else LENGTH + 1


def _later() -> HttpResponse:
    response = _refuse(429, "slow_down", "Too many requests; see Retry-After.")
    response.headers["Retry-After"] = str(WAIT_SECONDS)
    return response


def _refuse(status: int, error: str, description: str) -> JsonResponse:
    said = {"error": error, "error_description": description} if description else {"error": error}
    response = JsonResponse(said, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
