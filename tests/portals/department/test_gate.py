"""Every address of the office refuses the stranger; a new one is knocked on without anybody remembering to."""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern

from chengxin.people.roles import ROLES, Role

OPEN = {"sign-in", "sign-out", "type-size"}


def doors(resolver=None):
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from doors(pattern)


def address(pattern):
    return reverse(pattern.name, kwargs=dict.fromkeys(pattern.pattern.converters, 1))


GUARDED = [pattern for pattern in doors() if pattern.name not in OPEN]
knocked_on = pytest.mark.parametrize("pattern", GUARDED, ids=lambda pattern: pattern.name)


def test_every_address_has_a_name_and_those_known_are_among_them():
    assert all(pattern.name for pattern in doors())
    assert {"home", "city", "city-logo", "batches", "batch", "feedback", "fakes", "fake", "fake-photo"} <= {
        pattern.name for pattern in GUARDED
    }


@knocked_on
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
@pytest.mark.django_db
def test_whoever_is_not_signed_in_is_sent_to_sign_in(pattern, method):
    answer = getattr(Client(), method)(address(pattern))

    assert answer.status_code == 302
    assert answer.url == f"{reverse('sign-in')}?next={address(pattern)}"


@knocked_on
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_whoever_has_no_role_is_told_so(pattern, method, stranger):
    answer = getattr(stranger, method)(address(pattern))

    assert answer.status_code == 403
    assert "您的账号不能进入这里" in answer.content.decode()


@knocked_on
def test_whoever_is_switched_off_is_out_at_once(pattern, office, clerk):
    clerk.is_active = False
    clerk.save()

    assert office.get(address(pattern)).status_code == 302


def test_each_goes_only_where_the_role_allows_and_is_led_nowhere_else(office, clerk, batch, monkeypatch):
    monkeypatch.setitem(ROLES, "reader", Role("reader", "查看员", "只看首页。", frozenset({"office.enter"})))
    clerk.role = "reader"
    clerk.save()

    answers = {pattern.name: office.get(address(pattern)).status_code for pattern in GUARDED}

    assert [name for name, status in answers.items() if status != 403] == ["home", "password"]
    page = office.get(reverse("home")).content.decode()
    assert "/city" not in page and "/batches" not in page
