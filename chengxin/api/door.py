"""Who may come in, and how often.

Rates are kept in memory, in this process: the office's door is one process (`chengxin/pipeline/door.py`), so they are
exact, and a restart forgives. Nothing of them is written down.
"""

from __future__ import annotations

import time
from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone
from ninja.security.base import AuthBase

from chengxin.api.problem import Problem
from chengxin.people import clients
from chengxin.people.clients import SCOPES, Machine
from chengxin.people.roles import may
from chengxin.public.bucket import Buckets, household

CALLS: Final = Buckets(burst=120, seconds=0.5)
"""Of a client: 120 at once, two more each second."""
STRANGERS: Final = Buckets(burst=30, seconds=2.0)
"""Of an address that shows tokens which are none."""

NEEDS: Final = {"records:write": "batch.send", "batches:read": "batch.see"}
"""What the role `machine` must allow for a scope to be worth anything: roles have the last word (people/roles.py)."""


class Token(AuthBase):
    """Let in whoever shows a good token that allows something. Nothing of the body is read for it."""

    openapi_type: str = "oauth2"
    openapi_flows: dict[str, Any] = {
        "clientCredentials": {
            "tokenUrl": "/api/oauth/token",
            "scopes": {
                "records:write": f"{SCOPES['records:write']} · send records, confirm and drop batches",
                "batches:read": f"{SCOPES['batches:read']} · read batches and their findings",
            },
        }
    }

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Machine:
        """Return who asks.

        :raises Problem: nobody we know, without the scope, or too often.
        """
        word, _, token = request.headers.get("Authorization", "").partition(" ")
        if word.lower() != "bearer" or not token.strip():
            raise Problem("no-token", headers={"WWW-Authenticate": "Bearer"})
        who = clients.machine(token.strip(), at=timezone.now())
        if who is None:
            take(STRANGERS, household(request.META), seconds=2)
            raise Problem("no-token", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        take(CALLS, who.client, seconds=1)
        if self.scope not in who.scopes or not may("machine", NEEDS[self.scope]):
            wanted = f'Bearer error="insufficient_scope", scope="{self.scope}"'
            raise Problem("no-scope", scope=self.scope, headers={"WWW-Authenticate": wanted})
        return who


def take(buckets: Buckets, who: str, *, seconds: int) -> None:
    """Take one of somebody's ration.

    :raises Problem: there is none left; more comes in `seconds`.
    """
    if not buckets.take(who, at=time.monotonic()):
        raise Problem("too-many", seconds=seconds, headers={"Retry-After": str(seconds)})
