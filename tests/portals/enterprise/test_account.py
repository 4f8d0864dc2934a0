"""我的账号: whoever changes a way in shows first that it is them; whoever leaves is forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chengxin.people import bindings, owners, providers
from chengxin.people.models import Phone, PhoneCode, Trail, User
from chengxin.portals.enterprise.entering import PROVED
from tests import make
from tests.make import USCC
from tests.portals.conftest import PASSWORD, bind
from tests.portals.enterprise.test_sign_in import NUMBER, by_password, later, sent

pytestmark = pytest.mark.django_db
NEW = "jian-kang-lü-cha-2026"
NEW_NUMBER = "+8613900000002"


@pytest.fixture
def li(db):
    user = owners.sign_up(name="李国强", number=NUMBER, at=timezone.now())
    return owners.set_password(user=user.pk, password=PASSWORD, at=timezone.now())


@pytest.fixture
def mine(li):
    """A browser in which Li has just signed in."""
    client = Client()
    by_password(client)
    return client


def passkey(user, name="我的手机"):
    return Authenticator.objects.create(user=user, type="webauthn", data={"name": name, "credential": {}})


def wait(client, minutes):
    session = client.session
    session[PROVED] = (timezone.now() - timedelta(minutes=minutes)).isoformat()
    session.save()


ASKS = {
    "my-phone": {},
    "my-phone-code": {},
    "my-password": {},
    "my-passkey-add": {},
    "my-passkey-new-options": {},
    "my-passkey-rename": {"number": 1},
    "my-passkey-remove": {"number": 1},
    "my-unlink": {"provider": "licence"},
    "my-sign-out-everywhere": {},
    "my-account-close": {},
}


@pytest.mark.parametrize("name", ASKS)
def test_whatever_changes_a_way_in_asks_once_more_who_is_there(mine, name):
    where = reverse(name, kwargs=ASKS[name])
    wait(mine, minutes=10)

    answer = mine.get(where)
    assert answer.status_code == 405 or answer.url == f"{reverse('my-again')}?next={where.replace('/', '%2F')}"
    answer = mine.post(where)
    assert answer.status_code == 405 or answer.url == f"{reverse('my-again')}?next=%2Fenterprise%2Faccount"
    wait(mine, minutes=9)
    answer = mine.get(where)
    assert answer.status_code != 302 or "again" not in answer.url


def test_the_page_tells_what_there_is_and_shows_no_number_whole(mine, li):
    passkey(li)
    page = mine.get(reverse("my-account")).content.decode()

    assert "李国强" in page and "139****0000" in page and "我的手机" in page
    assert "13900000000" not in page


# ---- Once more ---------------------------------------------------------------------------------------------------


def test_a_code_shows_it_is_oneself_and_leads_back(mine, capfd):
    wait(mine, minutes=11)
    to = reverse("my-password")
    assert "139****0000" in mine.get(f"{reverse('my-again')}?next={to}").content.decode()

    assert mine.post(reverse("my-again-send"), {"next": to}).url == reverse("my-again-code")
    code = sent(capfd)[0]
    assert mine.post(reverse("my-again-code"), {"code": "0"}).status_code == 422
    assert mine.post(reverse("my-again-code"), {"code": code}).url == to
    assert mine.get(to).status_code == 200


def test_the_password_shows_it_too_and_a_wrong_one_does_not(mine):
    wait(mine, minutes=11)
    again = reverse("my-again")

    wrong = mine.post(again, {"password": "wrong"})
    assert wrong.status_code == 422 and "密码不对" in wrong.content.decode()
    assert mine.get(reverse("my-password")).status_code == 302
    assert mine.post(again, {"password": PASSWORD}).url == reverse("my-account")
    assert mine.get(reverse("my-password")).status_code == 200


def test_five_wrong_passwords_there_lock_like_at_the_door(mine):
    wait(mine, minutes=11)
    answers = [mine.post(reverse("my-again"), {"password": "wrong"}).status_code for _ in range(5)]

    assert answers == [422] * 4 + [429]


def test_another_ones_password_shows_nothing(mine):
    other = owners.sign_up(name="王芳", number=NEW_NUMBER, at=timezone.now())
    owners.set_password(user=other.pk, password=NEW, at=timezone.now())
    wait(mine, minutes=11)

    assert mine.post(reverse("my-again"), {"password": NEW}).status_code == 422


# ---- What can be changed -----------------------------------------------------------------------------------------


def test_a_name_is_changed_and_stands_in_no_trail(mine, li):
    assert mine.post(reverse("my-name"), {"name": "李国强（店长）"}).status_code == 302
    li.refresh_from_db()
    assert li.name == "李国强（店长）" and "李国强" not in str(list(Trail.objects.values()))
    assert mine.post(reverse("my-name"), {"name": ""}).status_code == 422


def test_another_number_is_proven_by_a_code_sent_to_it(mine, li, capfd):
    assert mine.post(reverse("my-phone"), {"phone": "139 0000 0002"}).url == reverse("my-phone-code")
    code = sent(capfd)[0]
    assert mine.post(reverse("my-phone-code"), {"code": "1"}).status_code == 422
    assert owners.number_of(li) == NUMBER, "not before it is proven"
    assert mine.post(reverse("my-phone-code"), {"code": code}).url == reverse("my-account")

    assert (owners.number_of(li), owners.of_number(NUMBER)) == (NEW_NUMBER, None)
    told = capfd.readouterr().err
    assert "139****0000：【码上诚信】您的账号已改用另一个手机号码登录" in told, "whose it was hears of it there"
    assert Trail.objects.latest("id").verb == "phone.change"
    assert "0000" not in str(list(Trail.objects.values("thing", "detail")))


def test_a_number_of_another_account_is_refused_only_to_whoever_holds_it(mine, capfd):
    owners.sign_up(name="王芳", number=NEW_NUMBER, at=timezone.now())

    assert mine.post(reverse("my-phone"), {"phone": NEW_NUMBER}).url == reverse("my-phone-code")
    answer = mine.post(reverse("my-phone-code"), {"code": sent(capfd)[0]})

    assert answer.status_code == 422 and "已经用于另一个账号" in answer.content.decode()


@pytest.mark.parametrize(
    "said, sentence",
    [
        ({"password": "short", "again": "short"}, "不足 10 个字符"),
        ({"password": "1234567890", "again": "1234567890"}, "太常见"),
        ({"password": NEW, "again": "another"}, "两次输入的密码不一样"),
        ({}, "不足 10 个字符"),
    ],
    ids=["short", "common", "mistyped", "empty"],
)
def test_a_password_that_will_not_do_is_refused_beside_its_field(mine, li, said, sentence):
    answer = mine.post(reverse("my-password"), said)

    assert answer.status_code == 422 and sentence in answer.content.decode().split('class="fault"', 1)[1]
    li.refresh_from_db()
    assert li.check_password(PASSWORD)


def test_another_password_holds_and_ends_the_sessions_elsewhere(mine, li):
    elsewhere = Client()
    by_password(elsewhere)

    assert mine.post(reverse("my-password"), {"password": NEW, "again": NEW}).url == reverse("my-account")

    assert mine.get(reverse("my-account")).status_code == 200
    assert elsewhere.get(reverse("my-account")).status_code == 302
    assert by_password(Client(), NEW).status_code == 302


def test_one_press_ends_the_sessions_elsewhere_and_not_this_one(mine):
    elsewhere = Client()
    by_password(elsewhere)

    mine.post(reverse("my-sign-out-everywhere"))

    assert elsewhere.get(reverse("my-account")).status_code == 302
    assert mine.get(reverse("my-account")).status_code == 200
    assert Trail.objects.filter(verb="sessions.end").count() == 1


def test_a_passkey_is_renamed_and_taken_away_and_nobody_elses(mine, li):
    own, other = passkey(li), passkey(owners.sign_up(name="王芳", number="", at=timezone.now()))

    assert mine.post(reverse("my-passkey-rename", args=[own.pk]), {"name": " 店里的电脑 "}).status_code == 302
    own.refresh_from_db()
    assert own.data["name"] == "店里的电脑"
    for name in ("my-passkey-rename", "my-passkey-remove"):
        assert mine.post(reverse(name, args=[other.pk]), {"name": "x"}).status_code == 404
    mine.post(reverse("my-passkey-remove", args=[own.pk]))
    assert list(Authenticator.objects.all()) == [other]
    assert Trail.objects.latest("id").verb == "passkey.remove"


@pytest.mark.parametrize(
    "said", ["", "{}", "[]", "null", '{"response": {}}', '{"response": {"userHandle": "eA"}}', "x" * 99_999]
)
def test_what_no_passkey_says_opens_nothing_and_is_no_fault_of_ours(mine, said):
    client = Client()
    client.get(reverse("my-passkey-options"))

    assert client.post(reverse("my-passkey-sign-in"), {"credential": said}).url == reverse("my-sign-in")
    assert "_auth_user_id" not in client.session
    mine.get(reverse("my-passkey-new-options"))
    assert mine.post(reverse("my-passkey-add"), {"credential": said}).status_code == 422
    wait(mine, minutes=11)
    assert mine.post(reverse("my-again-passkey"), {"credential": said}).status_code == 422


def test_there_are_so_many_passkeys_and_no_more(mine, li):
    for _ in range(owners.PASSKEYS_AT_MOST):
        passkey(li)

    assert mine.get(reverse("my-passkey-add")).url == reverse("my-account")


def test_a_provider_elsewhere_is_unlinked_unless_it_is_the_only_way_in(mine, li, settings):
    settings.OIDC_PROVIDERS = providers.read(
        '[{"id": "licence", "label": "电子营业执照", "server": "https://id.example", "client": "c", "secret": "s"}]'
    )
    owners.link(user=li.pk, provider="licence", name="person-1", at=timezone.now())
    Phone.objects.all().delete()

    mine.post(reverse("my-unlink", args=["licence"]))
    assert SocialAccount.objects.exists()
    assert "唯一的登录方式" in mine.get(reverse("my-account")).content.decode()
    passkey(li)
    mine.post(reverse("my-unlink", args=["licence"]))
    assert not SocialAccount.objects.exists()
    assert mine.post(reverse("my-unlink", args=["licence"])).status_code == 404


def test_whoever_leaves_is_forgotten_and_acts_for_nobody(mine, li):
    bind(li, make.subject())
    passkey(li)
    owners.link(user=li.pk, provider="licence", name="person-1", at=timezone.now())
    elsewhere = Client()
    by_password(elsewhere)
    assert "1 家经营主体的绑定结束" in mine.get(reverse("my-account-close")).content.decode()

    assert mine.post(reverse("my-account-close")).url == reverse("my-sign-in")

    li.refresh_from_db()
    assert (li.name, li.is_active, li.has_usable_password()) == ("", False, False)
    assert not Phone.objects.exists() and not Authenticator.objects.exists() and not SocialAccount.objects.exists()
    assert bindings.of(li, USCC) is None
    assert [client.get(reverse("my")).status_code for client in (mine, elsewhere)] == [302, 302]
    assert Trail.objects.latest("id").verb == "account.close"


def test_whoever_left_may_come_again_as_somebody_new(mine, li, capfd):
    mine.post(reverse("my-account-close"))
    client = Client()

    client.post(reverse("my-sign-in"), {"phone": NUMBER})
    assert client.post(reverse("my-sign-in-code"), {"code": sent(capfd)[0]}).url == reverse("my-sign-up-name")
    client.post(reverse("my-sign-up-name"), {"name": "李国强"})
    assert User.objects.filter(is_active=True, role="business").get().pk != li.pk


def test_codes_are_for_one_purpose(mine, capfd):
    wait(mine, minutes=11)
    mine.post(reverse("my-again-send"))
    code = sent(capfd)[0]
    later(minutes=2)
    other = Client()
    other.post(reverse("my-sign-in"), {"phone": NUMBER})
    session = other.session
    session["chengxin_way_in"] = {**session["chengxin_way_in"], "asked": PhoneCode.objects.earliest("id").pk}
    session.save()

    assert "不对或已过期" in other.post(reverse("my-sign-in-code"), {"code": code}).content.decode()
