"""Everybody changes their own password, and it counts at once."""

import pytest
from django.test import Client
from django.urls import reverse

from chengxin.people.models import Trail
from tests.portals.conftest import PASSWORD

pytestmark = pytest.mark.django_db

NEW = "jian-kang-lü-cha-2026"


def change(client, *, old=PASSWORD, new=NEW, again=NEW):
    return client.post(
        reverse("password"), {"old_password": old, "new_password1": new, "new_password2": again, "username": "root"}
    )


def test_the_new_password_holds_and_one_stays_signed_in(office, clerk):
    assert change(office).url == reverse("home")

    clerk.refresh_from_db()
    assert clerk.check_password(NEW)
    assert "密码已更改" in office.get(reverse("home")).content.decode()
    assert (Trail.objects.get().verb, Trail.objects.get().detail) == ("password.change", {})


def test_whoever_is_signed_in_elsewhere_under_it_is_out(office, clerk):
    elsewhere = Client()
    elsewhere.force_login(clerk)
    change(office)

    assert elsewhere.get(reverse("home")).status_code == 302


@pytest.mark.parametrize(
    "words, sentence",
    [
        ({"old": "wrong"}, "现在的密码不对"),
        ({"again": "another one 2026"}, "两次输入的新密码不一样"),
        ({"new": "short", "again": "short"}, "新密码不足 10 个字符"),
        ({"new": "1234567890", "again": "1234567890"}, "太常见"),
        ({"new": "wangmin2026", "again": "wangmin2026"}, "太相近"),
        ({"old": "", "new": "", "again": ""}, "请填写。"),
    ],
    ids=["wrong old one", "mistyped", "too short", "known to all", "like the name", "empty"],
)
def test_what_will_not_do_is_said_beside_its_field(office, clerk, words, sentence):
    answer = change(office, **words)

    faults = answer.content.decode().split('class="fault"')[1:]
    assert answer.status_code == 422
    assert any(sentence in fault for fault in faults)
    assert "password is" not in answer.content.decode(), "Django's own words are not always translated"
    clerk.refresh_from_db()
    assert clerk.check_password(PASSWORD)
    assert NEW not in answer.content.decode()
