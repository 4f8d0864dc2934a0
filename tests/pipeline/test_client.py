"""`chengxin client`: systems of units are let in, listed and shut out from the command line."""

from __future__ import annotations

import argparse
import json

import pytest
from allauth.idp.oidc.models import Client

from chengxin.people.models import Trail, Unit
from chengxin.people.trail import Refused
from chengxin.pipeline.commands import client

pytestmark = pytest.mark.django_db


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    client.configure(parser)
    return client.run(parser.parse_args(words))


@pytest.fixture(autouse=True)
def unit() -> Unit:
    return Unit.objects.create(name="鹤岗市市场监督管理局", short="市监局")


def test_a_client_is_made_and_its_secret_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--json", "add", "市监局", "办案系统", "--scope", "records:write") == 0

    told = json.loads(capsys.readouterr().out)
    made = Client.objects.get(pk=told["id"])
    assert made.check_secret(told["secret"]) and made.get_scopes() == ["records:write"]
    assert Trail.objects.get(verb="client.add").role == "command"
    run("list")
    listed = capsys.readouterr().out
    assert "鹤岗市市场监督管理局　办案系统　没有用过" in listed and told["secret"] not in listed


def test_without_a_scope_named_a_client_gets_both(capsys: pytest.CaptureFixture[str]) -> None:
    run("add", "鹤岗市市场监督管理局", "办案系统")

    assert "只显示这一次" in capsys.readouterr().out
    assert Client.objects.get().get_scopes() == ["batches:read", "records:write"]


def test_a_client_is_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    run("--json", "add", "市监局", "办案系统")
    number = json.loads(capsys.readouterr().out)["id"]

    run("revoke", number)

    assert "已停用" in capsys.readouterr().out
    run("--json", "list")
    assert [row["active"] for row in json.loads(capsys.readouterr().out)] == [False]


def test_a_unit_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match="单位名录里没有"):
        run("add", "没有这个局", "办案系统")
