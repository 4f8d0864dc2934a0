"""接口账号: the systems of units that speak to the API. Made, revoked, listed, and recognised by their tokens.

A client is a row of the OAuth2 server's (RFC 6749, client credentials). It is owned by a user in the role `machine`,
and that user belongs to a unit: what a token may do follows from the client's scopes, whose rows it sees from the unit.
Secrets and tokens are stored by their digests alone.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from allauth.idp.oidc.models import Client, Token
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q, QuerySet

from chengxin.people import trail
from chengxin.people.models import Unit, User
from chengxin.people.trail import Actor, Refused

SCOPES: Final = {"records:write": "报送数据、确认和放弃批次", "batches:read": "查看批次和逐行问题"}
"""What a client may be allowed, with words for people."""

NAME_LENGTH: Final = 60
ROLE: Final = "machine"


@dataclass(frozen=True, slots=True)
class Made:
    """A client just made: the only moment at which its secret is known."""

    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Machine:
    """A system that has shown a good token: which client, for which unit, and what the token allows."""

    client: str
    user: str
    unit: int
    unit_name: str
    unit_uscc: str
    scopes: frozenset[str]

    @property
    def actor(self) -> Actor:
        """Who acts, for the trail."""
        return Actor(self.user, ROLE)


def new_id() -> str:
    """Return a client id that nobody has: 32 hexadecimal digits. It is a name, not a secret."""
    return secrets.token_hex(16)


@transaction.atomic
def add(*, unit: int, name: str, scopes: Collection[str], by: Actor, at: datetime, client: str = "") -> Made:
    """Make a client of a unit. `client` is an id chosen before, so that a form sent twice makes one.

    :raises Refused: no such unit in use, no name, no scope or an unknown one, or the id stands already.
    """
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH:
        raise Refused(f"请写明是哪个系统，1 至 {NAME_LENGTH} 个字。")
    if not scopes or not set(scopes) <= set(SCOPES):
        raise Refused(f"请至少选一项权限，可用：{'、'.join(SCOPES)}。")
    of = Unit.objects.filter(pk=unit, is_active=True).first()
    if of is None:
        raise Refused("没有这个单位，或它已停用：请先在单位名录里建立或启用。")
    number, secret = client or new_id(), secrets.token_urlsafe(32)
    if not re.fullmatch(r"[0-9a-f]{32}", number):
        raise Refused("这张表单不完整，请重新打开后再提交。")
    owner, is_new = User.objects.get_or_create(username=f"api-{number}", defaults={"role": ROLE, "unit": of})
    if not is_new:
        raise Refused("这个接口账号已经建立，密钥只显示那一次；没有记下的，请停用它，另建一个。")
    owner.name = name
    owner.set_unusable_password()
    owner.save(update_fields=["name", "password"])
    made = Client(
        id=number,
        name=name,
        type=Client.Type.CONFIDENTIAL,
        grant_types=Client.GrantType.CLIENT_CREDENTIALS,
        response_types="",
        owner=owner,
        created_at=at,
        data={},
    )
    made.set_scopes(sorted(scopes))
    made.set_default_scopes(sorted(scopes))  # a request that names none gets all that the client may
    made.set_secret(secret)
    made.save(force_insert=True)
    detail = {"unit": of.name, "name": name, "scopes": sorted(scopes)}
    trail.note(by=by, verb="client.add", thing=f"client {number}", at=at, detail=detail)
    return Made(number, secret)


@transaction.atomic
def revoke(*, client: str, by: Actor, at: datetime) -> None:
    """End a client for good: its tokens hold no longer, and it gets no more. Its row stays, for what it once did.

    :raises Refused: there is no such client, or it is revoked already.
    """
    found = Client.objects.select_for_update().filter(pk=client).first()
    if found is None:
        raise Refused(f"没有接口账号“{client[:40]}”。")
    if revoked_at(found):
        raise Refused(f"接口账号“{found.name}”已经停用。")
    found.secret = make_password(None)  # what no secret is the secret of
    found.grant_types = ""
    found.data = {**(found.data or {}), "revoked_at": at.isoformat()}
    found.save(update_fields=["secret", "grant_types", "data"])
    User.objects.filter(pk=found.owner_id).update(is_active=False)
    Token.objects.filter(client=found).delete()
    trail.note(by=by, verb="client.revoke", thing=f"client {found.pk}", at=at, detail={"name": found.name})


def unit_called(said: str) -> int:
    """Return the unit in use that is called so: by its name, its short name or its USCC.

    :raises Refused: none is, or several are.
    """
    said = said.strip()
    named = Q(name=said) | Q(short=said) | Q(uscc=said.upper())
    found = (
        list(Unit.objects.filter(named, is_active=True).order_by("pk").values_list("pk", flat=True)[:2]) if said else []
    )
    if len(found) != 1:
        raise Refused(f"单位名录里{'没有' if not found else '不止一个'}“{said[:40]}”，请写在用单位的全称。")
    return found[0]


def listed() -> QuerySet[Client]:
    """Return the clients with their owners and units, newest first."""
    found: QuerySet[Client] = Client.objects.select_related("owner__unit").order_by("-created_at", "pk")
    return found


def machine(token: str, *, at: datetime) -> Machine | None:
    """Return who shows a token, or None where it is no token of ours, or past, or its client or unit works no more."""
    found = (
        Token.objects.by_value(token)
        .filter(type=Token.Type.ACCESS_TOKEN, expires_at__gt=at)
        .select_related("client__owner__unit")
        .first()
    )
    if found is None or found.client is None:
        return None
    return _machine(found.client, found.get_scopes())


@transaction.atomic
def use(token: str, *, at: datetime) -> Machine | None:
    """Note that a client has just been given this token; return whose it is, or None if it may have none.

    The first time is an act for the trail; after that only the day of the last is kept.
    """
    found = Token.objects.by_value(token).filter(type=Token.Type.ACCESS_TOKEN).first()
    client = (
        Client.objects.select_for_update(of=("self",))
        .select_related("owner__unit")
        .filter(pk=found.client_id if found else None)
        .first()
    )
    who = _machine(client, found.get_scopes()) if client and found else None
    if who is None or client is None:
        return None
    data: dict[str, Any] = client.data or {}
    if "first_used_at" not in data:
        data["first_used_at"] = at.isoformat()
        trail.note(by=who.actor, verb="client.first", thing=f"client {client.pk}", at=at, detail={"name": client.name})
    client.data = {**data, "last_used_at": at.isoformat()}
    client.save(update_fields=["data"])
    return who


def revoked_at(client: Client) -> datetime | None:
    """Return when a client was revoked, or None."""
    return _moment(client, "revoked_at")


def last_used_at(client: Client) -> datetime | None:
    """Return when a client last asked for a token, or None."""
    return _moment(client, "last_used_at")


def forget_expired(*, at: datetime) -> int:
    """Delete tokens that no longer hold; return how many."""
    gone: int = Token.objects.filter(expires_at__lte=at).delete()[0]
    return gone


def _machine(client: Client, scopes: Collection[str]) -> Machine | None:
    owner = client.owner
    if owner is None or owner.role != ROLE or not owner.is_active or revoked_at(client):
        return None
    unit = owner.unit
    if unit is None or not unit.is_active:
        return None
    return Machine(
        client.pk, owner.username, unit.pk, unit.name, unit.uscc, frozenset(scopes) & set(client.get_scopes())
    )


def _moment(client: Client, name: str) -> datetime | None:
    said = (client.data or {}).get(name)
    return datetime.fromisoformat(said) if said else None
