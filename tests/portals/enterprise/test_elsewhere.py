"""Signing in by the e-licence: whoever it names is in and bound to their business; whatever is odd about it leads back."""

from __future__ import annotations

import re
import urllib.request
from html import unescape

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chengxin.people import bindings, owners, providers
from chengxin.people.models import Binding, Trail, User
from chengxin.portals.enterprise.entering import PROVED
from tests import make
from tests.make import NOW, USCC
from tests.portals.conftest import bind
from tests.portals.enterprise.provider import WRONG, LocalProvider

pytestmark = pytest.mark.django_db


@pytest.fixture
def licence(settings):
    cache.clear()  # another provider may have had this port
    provider = LocalProvider()
    settings.OIDC_PROVIDERS = providers.read(provider.setting())
    yield provider
    provider.stop()


def go(client, **more):
    """Press the button, agree at the provider, and come back."""
    page = client.post(reverse("my-sign-in-elsewhere", args=["licence"]), more)
    if page.status_code != 200:
        return page
    to = unescape(re.search(r'<a class="btn[^>]*href="([^"]+)"', page.content.decode())[1])
    assert f"url={to}" in unescape(page.content.decode())
    with urllib.request.urlopen(to) as there:  # noqa: S310 — our own
        back = unescape(re.search(r'href="([^"]+)"', there.read().decode())[1])
    assert back.startswith("http://localhost:8001/enterprise/sign-in/by/licence/back?"), back
    return client.get(back.removeprefix("http://localhost:8001"))


def signed_in_just_now(user):
    client = Client()
    client.force_login(user)
    session = client.session
    session[PROVED] = timezone.now().isoformat()
    session.save()
    return client


def told(client):
    return client.get(reverse("my-sign-in")).content.decode()


def test_whoever_it_names_has_an_account_from_then_on(licence):
    client = Client()

    assert go(client).url == reverse("my")
    user = User.objects.get()
    assert (user.role, user.name) == ("business", "李国强")
    assert client.get(reverse("my")).status_code == 200
    client.logout()
    assert go(client).status_code == 302
    assert User.objects.count() == 1
    assert Trail.objects.filter(verb="sign-in").latest("id").detail == {"way": "licence"}


def test_a_form_that_was_kept_waits_where_it_leads_to(licence):
    client = Client()
    go(client)
    client.get(reverse("my-name"))
    del client.cookies["chengxin_office"]  # the session has ended
    assert client.post(reverse("my-name"), {"name": "李国强二"}).url.endswith(reverse("my-kept"))

    assert go(client).url == reverse("my-kept")
    assert "继续提交" in client.get(reverse("my-kept")).content.decode()


def test_where_there_is_a_doubt_about_somebody_it_is_linked_to_nothing_and_what_is_linked_ends_it(licence):
    make.subject()
    user = owners.sign_up(name="李国强", number="+8613900000000", at=timezone.now())
    bind(user, USCC)
    bindings.doubt(user=user, why="很久没有登录", due_on=None, by=owners.actor(user), at=timezone.now())
    client = signed_in_just_now(user)

    assert go(client).url.startswith(reverse("my-again"))
    assert not SocialAccount.objects.exists()
    owners.link(user=user.pk, provider="licence", name="person-1", at=timezone.now())
    go(client)
    assert Binding.objects.get().state == "accepted"


def test_nothing_of_its_claims_is_kept_but_its_own_name_for_somebody(licence):
    licence.claims |= {"phone_number": "13900000000", "id_number": "230402199003071233", "email": "li@example.com"}

    go(Client())

    kept = SocialAccount.objects.get()
    assert (kept.uid, kept.extra_data) == ("person-1", {})
    assert not SocialToken.objects.exists() and User.objects.get().email == ""


def test_the_business_it_names_is_theirs_at_once(licence):
    make.subject()
    licence.claims |= {"uscc": USCC.lower(), "role": "法定代表人"}
    client = Client()

    go(client)

    bound = Binding.objects.get()
    assert (bound.subject, bound.part, bound.proven_by, bound.state) == (USCC, "legal", "licence", "accepted")
    assert client.get(reverse("my-home", args=[USCC])).status_code == 200
    client.logout()
    go(client)
    assert Binding.objects.count() == 1


@pytest.mark.parametrize("role", ["经办人", "", None], ids=["an agent", "nothing", "no such claim"])
def test_whoever_is_not_said_to_be_its_legal_representative_is_an_agent(licence, role):
    make.subject()
    licence.claims |= {"uscc": USCC} | ({"role": role} if role is not None else {})

    go(Client())

    assert Binding.objects.get().part == "agent"


@pytest.mark.parametrize(
    "said", ["91230403MA1CTE5757", "nonsense", "9" * 400], ids=["not registered", "no code", "long"]
)
def test_a_business_that_is_not_in_the_register_binds_to_nothing_and_says_so(licence, said):
    licence.claims |= {"uscc": said}
    client = Client()

    assert go(client).url == reverse("my")
    assert "不在本市登记信息里" in client.get(reverse("my")).content.decode()
    assert not Binding.objects.exists()


def test_a_business_that_somebody_stands_for_waits_for_the_office_and_changes_nothing_for_them(licence):
    make.subject()
    other = owners.sign_up(name="王芳", number="+8613900000009", at=NOW)
    bind(other, USCC)
    licence.claims |= {"uscc": USCC, "role": "法定代表人"}
    client = Client()

    go(client)

    assert bindings.of(other, USCC) is not None
    assert Binding.objects.exclude(user=other).get().state == "waiting"
    assert "要等信用办核对" in client.get(reverse("my")).content.decode()


def test_it_is_linked_to_the_account_that_is_signed_in(licence):
    user = owners.sign_up(name="王芳", number="+8613900000009", at=NOW)
    client = signed_in_just_now(user)

    assert go(client, next=reverse("my-account")).url == reverse("my-account")
    assert SocialAccount.objects.get().user == user and User.objects.count() == 1
    assert Trail.objects.latest("id").verb == "licence.link"
    other = Client()
    go(other)
    assert other.get(reverse("my-account")).context["name"] == "王芳"


def test_linking_it_asks_once_more_who_is_there(licence):
    client = Client()
    client.force_login(owners.sign_up(name="王芳", number="+8613900000009", at=NOW))

    assert go(client).url == f"{reverse('my-again')}?next=%2Fenterprise%2Faccount"
    session = client.session
    session[PROVED] = timezone.now().isoformat()
    session.save()
    page = client.post(reverse("my-sign-in-elsewhere", args=["licence"])).content.decode()
    to = unescape(re.search(r'<a class="btn[^>]*href="([^"]+)"', page)[1])
    session = client.session
    del session[PROVED]
    session.save()
    with urllib.request.urlopen(to) as there:  # noqa: S310 — our own
        back = unescape(re.search(r'href="([^"]+)"', there.read().decode())[1]).removeprefix("http://localhost:8001")
    assert client.get(back).url == reverse("my-again"), "whoever waits over there does not get around it"
    assert not SocialAccount.objects.exists()


def test_once_linked_it_shows_that_it_is_oneself(licence):
    client = signed_in_just_now(owners.sign_up(name="王芳", number="+8613900000009", at=NOW))
    go(client)
    session = client.session
    del session[PROVED]
    session.save()
    assert client.get(reverse("my-password")).status_code == 302

    go(client)

    assert client.get(reverse("my-password")).status_code == 200


def test_one_that_signs_another_account_in_is_not_taken_over(licence):
    go(Client())
    client = signed_in_just_now(owners.sign_up(name="王芳", number="+8613900000009", at=NOW))

    assert go(client).url == reverse("my-account")
    assert "已经用于另一个账号" in client.get(reverse("my-account")).content.decode()
    assert SocialAccount.objects.get().user.name == "李国强"


def test_nobody_is_joined_to_an_account_by_a_mailbox_or_a_number(licence):
    clerk = User.objects.create_user("wangmin", role="credit_office", email="wang@example.com")
    mine = owners.sign_up(name="王芳", number="+8613900000009", at=NOW)
    licence.claims |= {"email": "wang@example.com", "email_verified": True, "phone_number": "+8613900000009"}

    go(Client())

    assert SocialAccount.objects.get().user not in (clerk, mine)


def test_an_account_of_the_office_never_comes_in_by_it(licence, clerk):
    SocialAccount.objects.create(user=clerk, provider="licence", uid="person-1")
    client = Client()

    assert go(client).url == reverse("my-sign-in")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("wrong", WRONG)
def test_whatever_is_odd_leads_back_with_a_sentence_and_lets_nobody_in(licence, wrong, caplog):
    licence.wrong = wrong
    client = Client()

    assert go(client).url == reverse("my-sign-in")
    page = told(client)
    assert "没有从“电子营业执照”登录成功" in page
    assert not User.objects.exists() and "person-1" not in caplog.text


def test_an_answer_that_nobody_asked_for_lets_nobody_in(licence):
    client, other = Client(), Client()
    page = client.post(reverse("my-sign-in-elsewhere", args=["licence"])).content.decode()
    to = unescape(re.search(r'<a class="btn[^>]*href="([^"]+)"', page)[1])
    with urllib.request.urlopen(to) as there:  # noqa: S310 — our own
        back = unescape(re.search(r'href="([^"]+)"', there.read().decode())[1]).removeprefix("http://localhost:8001")

    assert other.get(back).url == reverse("my-sign-in"), "the state is another browser's"
    assert client.get(back).url == reverse("my")
    assert client.get(back).url == reverse("my-sign-in"), "it is good once"
    assert client.get(reverse("my-sign-in-back", args=["licence"])).url == reverse("my-sign-in")


def test_it_asks_with_a_state_a_nonce_and_a_challenge_and_for_no_more_than_it_says(licence):
    client = Client()
    go(client)

    (asked,) = licence.asked
    assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
    assert len(asked["nonce"]) >= 32 and len(asked["state"]) >= 16
    assert sorted(asked["scope"].split()) == ["openid", "profile"]


def test_a_provider_that_is_not_named_is_not_there(licence):
    assert Client().post(reverse("my-sign-in-elsewhere", args=["github"])).status_code == 404
    assert Client().get(reverse("my-sign-in-elsewhere", args=["licence"])).status_code == 405
    assert "电子营业执照" in told(Client())


def test_without_providers_the_page_offers_none():
    assert "my-sign-in-elsewhere" not in told(Client()) and "sign-in/by" not in told(Client())
