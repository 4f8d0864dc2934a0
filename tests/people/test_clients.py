"""接口账号: made for a unit, with a secret that is kept nowhere; ended at once with the client or its unit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.idp.oidc.models import Client, Token

from chengxin.people import clients
from chengxin.people.models import Trail, Unit, User
from chengxin.people.trail import Refused
from tests.make import CLERK, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit() -> Unit:
    return Unit.objects.create(name="鹤岗市市场监督管理局", short="市监局", uscc="11230400MB1234567X")


def made(of: Unit, **changes: object) -> clients.Made:
    said = {"unit": of.pk, "name": "办案系统", "scopes": ["records:write", "batches:read"], "by": CLERK, "at": NOW}
    return clients.add(**{**said, **changes})  # type: ignore[arg-type]


def token(client: str, *, scopes: tuple[str, ...] = ("batches:read",), minutes: int = 60) -> str:
    """Put a token where the server puts one."""
    fresh = Token(type=Token.Type.ACCESS_TOKEN, client_id=client, expires_at=NOW + timedelta(minutes=minutes))
    fresh.set_value(f"t-{client}")
    fresh.set_scopes(list(scopes))
    fresh.save()
    return f"t-{client}"


def test_a_client_belongs_to_a_unit_and_its_secret_is_stored_nowhere(unit: Unit) -> None:
    one = made(unit)

    client = Client.objects.get(pk=one.id)
    owner = User.objects.get(username=f"api-{one.id}")
    assert (client.owner, owner.role, owner.unit, owner.has_usable_password()) == (owner, "machine", unit, False)
    assert client.check_secret(one.secret) and one.secret not in client.secret
    row = Trail.objects.get(verb="client.add")
    assert row.detail == {"unit": unit.name, "name": "办案系统", "scopes": ["batches:read", "records:write"]}
    assert one.secret not in str(Trail.objects.values_list())


def test_a_form_sent_twice_makes_one_client(unit: Unit) -> None:
    number = clients.new_id()
    made(unit, client=number)

    with pytest.raises(Refused, match="已经建立"):
        made(unit, client=number)

    assert Client.objects.count() == User.objects.count() == 1


@pytest.mark.parametrize(
    "changes, says",
    [
        pytest.param({"name": "  "}, "哪个系统", id="no name"),
        pytest.param({"name": "长" * 61}, "60", id="a long name"),
        pytest.param({"scopes": []}, "权限", id="no scope"),
        pytest.param({"scopes": ["openid"]}, "records:write", id="a scope that is none"),
        pytest.param({"unit": 0}, "没有这个单位", id="no unit"),
        pytest.param({"client": "../../etc"}, "不完整", id="an odd id"),
    ],
)
def test_a_client_is_refused_in_a_sentence(unit: Unit, changes: dict[str, object], says: str) -> None:
    with pytest.raises(Refused, match=says):
        made(unit, **changes)
    assert not Client.objects.exists() and not User.objects.exists()


def test_a_token_tells_the_unit_and_what_it_allows(unit: Unit) -> None:
    one = made(unit)

    who = clients.machine(token(one.id), at=NOW)

    assert who is not None
    assert (who.client, who.unit, who.unit_name, who.unit_uscc) == (one.id, unit.pk, unit.name, unit.uscc)
    assert who.scopes == {"batches:read"} and who.actor.role == "machine"


def test_a_token_past_its_time_or_of_nobody_tells_nothing(unit: Unit) -> None:
    one = made(unit)

    assert clients.machine(token(one.id, minutes=-1), at=NOW) is None
    assert clients.machine("made up", at=NOW) is None
    assert clients.forget_expired(at=NOW) == 1 and not Token.objects.exists()


def test_a_token_never_allows_more_than_its_client_does_now(unit: Unit) -> None:
    one = made(unit, scopes=["batches:read"])

    who = clients.machine(token(one.id, scopes=("batches:read", "records:write")), at=NOW)

    assert who is not None and who.scopes == {"batches:read"}


def test_a_revoked_client_is_out_at_once_and_for_good(unit: Unit) -> None:
    one = made(unit)
    held = token(one.id)

    clients.revoke(client=one.id, by=CLERK, at=NOW)

    assert clients.machine(held, at=NOW) is None
    assert not Client.objects.get(pk=one.id).check_secret(one.secret)
    assert Trail.objects.filter(verb="client.revoke", thing=f"client {one.id}").count() == 1
    with pytest.raises(Refused, match="已经停用"):
        clients.revoke(client=one.id, by=CLERK, at=NOW)
    with pytest.raises(Refused, match="没有接口账号"):
        clients.revoke(client="nobody", by=CLERK, at=NOW)


@pytest.mark.parametrize("closed", ["unit", "owner", "role"])
def test_a_client_of_a_closed_unit_or_account_is_out_at_once(unit: Unit, closed: str) -> None:
    one = made(unit)
    held = token(one.id)
    if closed == "unit":
        Unit.objects.update(is_active=False)
    elif closed == "owner":
        User.objects.update(is_active=False)
    else:
        User.objects.update(role="department")

    assert clients.machine(held, at=NOW) is None
    assert clients.use(held, at=NOW) is None


def test_the_first_use_is_in_the_trail_and_the_last_is_known(unit: Unit) -> None:
    one = made(unit)
    held = token(one.id)
    later = NOW + timedelta(hours=1)

    clients.use(held, at=NOW)
    clients.use(held, at=later)

    assert Trail.objects.filter(verb="client.first").count() == 1
    assert clients.last_used_at(Client.objects.get(pk=one.id)) == later


def test_a_unit_is_called_by_its_names_and_its_code(unit: Unit) -> None:
    Unit.objects.create(name="别的", short="教育局")
    Unit.objects.create(name="再一个", short="教育局")
    Unit.objects.create(name="关了的", is_active=False)

    assert {clients.unit_called(said) for said in (" 鹤岗市市场监督管理局 ", "市监局", "11230400mb1234567x")} == {
        unit.pk
    }
    for said, says in (("教育局", "不止一个"), ("关了的", "没有"), ("", "没有"), ("谁", "没有")):
        with pytest.raises(Refused, match=says):
            clients.unit_called(said)
