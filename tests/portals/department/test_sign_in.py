"""In with a name and a password, out with one press, locked after five wrong tries."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.db.models import F
from django.test import Client
from django.urls import reverse

from chengxin.people.models import Trail
from tests.portals.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(client, *, password=PASSWORD, username="wangmin", **more):
    return client.post(reverse("sign-in"), {"username": username, "password": password, **more})


def test_the_right_password_lets_in(clerk):
    client = Client()

    assert sign_in(client).url == reverse("home")
    assert client.get(reverse("home")).status_code == 200
    assert Trail.objects.get().verb == "sign-in"


def test_one_goes_on_to_where_one_was_going(clerk):
    assert sign_in(Client(), next="/city").url == "/city"


def test_one_is_not_sent_elsewhere(clerk):
    assert sign_in(Client(), next="https://evil.example/").url == reverse("home")


@pytest.mark.parametrize("username", ["wangmin", "nobody"], ids=["wrong password", "no such account"])
def test_a_wrong_try_is_told_in_one_sentence_that_gives_nothing_away(clerk, username):
    answer = sign_in(Client(), username=username, password="wrong")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("账号或密码不对，请核对后再试。") == 1
    assert f'value="{username}"' in page and "wrong" not in page.replace('id="wrong"', "").replace('by="wrong"', "")


def test_an_empty_form_is_told_in_one_sentence():
    assert "请填写账号和密码。" in sign_in(Client(), username="", password="").content.decode()


def test_the_fifth_wrong_try_locks_and_says_how_long_to_wait(clerk):
    client = Client()
    answers = [sign_in(client, password="wrong") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert "30 分钟后" in answers[-1].content.decode()
    assert answers[-1].headers["Retry-After"] == "1800"
    assert sign_in(client).status_code == 429, "the right password does not help either"


def test_trying_again_while_locked_does_not_lock_for_longer(clerk):
    client = Client()
    for _ in range(5):
        sign_in(client, password="wrong")
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=20))

    assert "10 分钟后" in sign_in(client, password="wrong").content.decode()
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=11))
    assert sign_in(client).status_code == 302


def test_a_colleague_at_the_same_address_is_not_locked_out(clerk):
    client = Client()
    for _ in range(5):
        sign_in(client, password="wrong", username="another")

    assert sign_in(client).status_code == 302


def test_one_press_signs_out_for_good(office):
    assert office.post(reverse("sign-out")).url == reverse("sign-in")
    assert office.get(reverse("home")).status_code == 302
    assert Trail.objects.latest("id").verb == "sign-out"


def test_a_link_cannot_sign_anybody_out(office):
    assert office.get(reverse("sign-out")).status_code == 405
    assert office.get(reverse("home")).status_code == 200


def test_a_form_from_elsewhere_is_refused_in_plain_words(clerk):
    answer = sign_in(Client(enforce_csrf_checks=True))

    assert answer.status_code == 403
    assert "刚才的提交没有办理" in answer.content.decode()
