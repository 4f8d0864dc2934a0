"""`chengxin account`: opens, changes, closes and lists who may sign in at the office's door."""

import argparse
import json

import pytest

from chengxin.people.models import Unit, User
from chengxin.people.trail import Refused
from chengxin.pipeline.commands import account

pytestmark = pytest.mark.django_db


def run(*words):
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    account.configure(parser)
    return account.run(parser.parse_args(words))


def test_an_account_gets_a_first_password_that_is_told_once(capsys):
    assert run("张三", "--role", "credit_office") == 0
    said = capsys.readouterr().out
    assert "信用办" in said
    password = said.split("密码 ")[1].split("　")[0]
    assert User.objects.get(username="张三").check_password(password)

    assert run("张三", "--role", "credit_office") == 0
    assert "密码" not in capsys.readouterr().out
    assert User.objects.get(username="张三").check_password(password)


def test_a_lost_password_is_replaced_and_the_role_stays(capsys):
    run("张三", "--role", "credit_office", "--json")
    first = json.loads(capsys.readouterr().out)["password"]

    run("张三", "--reset", "--json")

    told = json.loads(capsys.readouterr().out)
    assert told["role"] == "credit_office" and told["password"] not in (None, first)
    assert User.objects.get(username="张三").check_password(told["password"])


def test_accounts_are_listed_with_who_may_sign_in(capsys):
    run("李四", "--role", "credit_office")
    run("张三", "--role", "credit_office")
    run("张三", "--close")
    capsys.readouterr()

    run()

    lines = capsys.readouterr().out.splitlines()
    assert [line.split("　")[0] for line in lines] == ["张三", "李四"]
    assert [line.endswith("已停用") for line in lines] == [True, False]
    run("--json")
    assert [row["active"] for row in json.loads(capsys.readouterr().out)] == [False, True]


def test_an_account_belongs_to_a_unit_that_is_named_in_any_way(capsys):
    unit = Unit.objects.create(name="演示市数据局", former_names=["营商局"])

    assert run("张三", "--role", "department", "--unit", "营商局") == 0

    assert User.objects.get().unit == unit
    run("张三", "--reset")
    assert User.objects.get().unit == unit, "it stays"
    capsys.readouterr()
    run()
    assert "演示市数据局" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("张三", "--role", "department"), "要选一个单位"),
        (("张三", "--role", "department", "--unit", "没有的局"), "名录里没有“没有的局”"),
        (("张三",), "请写明要做什么"),
        (("--role", "credit_office"), "请写明账号名"),
        (("张三", "--reset"), "没有账号"),
        (("张三", "--close"), "没有账号"),
        (("keeper", "--reset"), "chengxin init"),
    ],
)
def test_half_a_command_is_refused_in_a_sentence(words, why):
    User.objects.create(username="keeper", role="keeper")

    with pytest.raises(Refused, match=why):
        run(*words)
