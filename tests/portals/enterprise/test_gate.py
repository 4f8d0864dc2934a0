"""Every address of the businesses' door against everybody: nobody, each role of the office, the people of another business,
each part in this one, and those who are not confirmed, still wait, were refused or have left. One table.

A new address is knocked on without anybody remembering to, and fails here until its line stands in the table.
"""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.urls.resolvers import URLPattern

from chengxin.people.models import Binding, Unit, User
from chengxin.people.roles import ROLES
from chengxin.portals.enterprise import urls
from tests import make
from tests.make import OTHER_USCC, USCC
from tests.portals.conftest import bind, signed_in

OPEN = frozenset(
    {
        "my-passkey-options",
        "my-passkey-sign-in",
        "my-sign-in",
        "my-sign-in-again",
        "my-sign-in-back",
        "my-sign-in-code",
        "my-sign-in-elsewhere",
        "my-sign-in-password",
        "my-sign-in-whose",
        "my-sign-out",
        "my-sign-up",
        "my-sign-up-name",
    }
)
"""The ways in and out: whoever stands before the door gets an answer there."""

SIGNED_IN = frozenset(
    {
        "my",
        "my-account",
        "my-account-close",
        "my-again",
        "my-again-code",
        "my-again-passkey",
        "my-again-send",
        "my-call-join",
        "my-claim",
        "my-claim-again",
        "my-claim-appeal",
        "my-claim-as",
        "my-claimed",
        "my-join",
        "my-kept",
        "my-letter",
        "my-name",
        "my-newcomer",
        "my-newcomer-appeal",
        "my-newcomer-sent",
        "my-passkey-add",
        "my-passkey-new-options",
        "my-passkey-remove",
        "my-passkey-rename",
        "my-password",
        "my-phone",
        "my-phone-code",
        "my-preview-style",
        "my-sign-out-everywhere",
        "my-unlink",
        "my-welcome",
    }
)
"""Of no business in particular: whoever is signed in as somebody of a business."""

WHO = {
    "my-application": "see",
    "my-applications": "see",
    "my-benefits": "see",
    "my-code": "see",
    "my-codes": "see",
    "my-commitment": "see",
    "my-commitments": "see",
    "my-declarations": "see",
    "my-home": "see",
    "my-leave": "see",
    "my-looks": "see",
    "my-messages": "see",
    "my-preview": "see",
    "my-proof": "see",
    "my-scans": "see",
    "my-carrier-file": "print",
    "my-carrier-look": "print",
    "my-carriers": "print",
    "my-poster": "print",
    "my-print": "print",
    "my-print-file": "print",
    "my-print-job": "print",
    "my-print-order": "print",
    "my-print-state": "print",
    "my-prints": "print",
    "my-showing": "show",
    "my-application-appeal": "apply",
    "my-application-withdraw": "apply",
    "my-apply": "apply",
    "my-apply-item": "apply",
    "my-apply-item-drop": "apply",
    "my-apply-step": "apply",
    "my-place": "place",
    "my-place-add": "place",
    "my-places-list": "place",
    "my-places-template": "place",
    "my-code-turn": "turn",
    "my-codes-inherit": "turn",
    "my-codes-plea": "turn",
    "my-codes-withdraw": "turn",
    "my-declaration": "declare",
    "my-declaration-drop": "declare",
    "my-declaration-end": "declare",
    "my-declare": "declare",
    "my-commit": "commit",
    "my-commitment-answer": "commit",
    "my-commitment-end": "commit",
    "my-call-end": "people",
    "my-hand-over": "people",
    "my-people": "people",
    "my-people-end": "people",
    "my-people-invite": "people",
}
"""Address of one business → the act that it asks for."""

MAY = {
    act: frozenset(who.split())
    for act, who in {
        "see": "legal agent staff legal-provisional agent-provisional",
        "print": "legal agent staff legal-provisional agent-provisional",
        "show": "legal agent staff legal-provisional agent-provisional",
        "apply": "legal agent legal-provisional agent-provisional",
        "place": "legal agent legal-provisional agent-provisional",
        "turn": "legal agent",
        "declare": "legal agent",
        "commit": "legal agent",
        "people": "legal agent",
    }.items()
}
"""Act → who may do it: a part whose person is confirmed, or one that is provisional."""

INSIDE = ["legal", "agent", "staff", "legal-provisional", "agent-provisional"]
OUTSIDE = ["legal-waiting", "legal-refused", "legal-ended", "staff-ended", "of another business", "of none"]
OFFICE = [role for role in ROLES if role not in ("business", "machine", "command")]
METHODS = ("get", "post", "put", "delete")

PATTERNS = {pattern.name: pattern for pattern in urls.urlpatterns}


def address(pattern):
    """Return where an address of the business leads; whatever else it names is number 1."""
    names = dict.fromkeys(pattern.pattern.converters, 1)
    return reverse(pattern.name, kwargs=names | ({"subject": USCC} if "subject" in names else {}))


GUARDED = {name: address(pattern) for name, pattern in PATTERNS.items() if name not in OPEN}


@pytest.fixture(autouse=True)
def both(db):
    make.subject()
    make.subject(OTHER_USCC, name="另一家饭店")


def of(who):
    """Return a browser in which somebody is signed in: a part and a state, or somebody of another business, or of none."""
    user = User.objects.create(username=f"b-{who.replace(' ', '-')}", role="business")
    if who == "of another business":
        bind(user, OTHER_USCC)
    elif who != "of none":
        part, _, state = who.partition("-")
        bind(user, USCC, part=part, state=state or "accepted")
    return signed_in(user)


def answers(client, *methods, leave_out=frozenset()):
    """Return what each address answers, by each method."""
    return {
        (name, method): getattr(client, method)(where)
        for name, where in GUARDED.items()
        if name not in leave_out
        for method in methods or METHODS
    }


def test_every_address_stands_in_the_table_once():
    assert all(isinstance(pattern, URLPattern) and pattern.name for pattern in urls.urlpatterns)
    assert set(PATTERNS) == OPEN | SIGNED_IN | set(WHO), "say who gets in"
    assert len(PATTERNS) == len(OPEN) + len(SIGNED_IN) + len(WHO)
    of_a_business = {name for name, pattern in PATTERNS.items() if "subject" in pattern.pattern.converters}
    assert of_a_business == set(WHO), "what names a business asks for an act"


@pytest.mark.parametrize("who", INSIDE)
def test_each_part_gets_in_where_the_table_says_and_is_told_so_elsewhere(who):
    got = answers(of(who), "get")

    refused = {name for (name, _), answer in got.items() if answer.status_code == 403}
    assert refused == {name for name, act in WHO.items() if who not in MAY[act]}


@pytest.mark.parametrize("who", INSIDE)
def test_no_part_gets_in_by_another_method(who):
    got = answers(of(who), "post", "put", "delete", leave_out={"my-leave"})  # whoever leaves is nobody there any more

    for (name, method), answer in got.items():
        if name in WHO and who not in MAY[WHO[name]]:
            assert answer.status_code == 403, (name, method)


@pytest.mark.parametrize("who", OUTSIDE)
def test_to_whoever_is_not_bound_to_it_a_business_is_not_there(who):
    client = of(who)

    for (name, method), answer in answers(client).items():
        if name in WHO:
            assert answer.status_code == 404, (name, method)
        else:
            assert answer.status_code != 403, (name, method)


def test_a_business_that_is_bound_and_one_that_does_not_exist_look_the_same():
    client = of("of another business")

    pages = [client.get(reverse("my-home", args=[uscc])).content.decode() for uscc in (USCC, "92230402MA0000000A")]

    bound, none = [re.sub(r'(?<=value=")[^"]*', "", page) for page in pages]  # the token of the form, the way back
    assert bound == none


def test_whoever_is_not_signed_in_is_sent_to_sign_in():
    for (name, method), answer in answers(Client()).items():
        assert answer.status_code == 302, (name, method)
        assert answer.url.endswith(f"?next={GUARDED[name]}"), (name, method)


@pytest.mark.parametrize("role", [*OFFICE, "nobody"])
def test_nobody_of_the_office_gets_in(role):
    unit = Unit.objects.create(name="演示市交通运输局", area="230402")
    client = signed_in(User.objects.create(username=f"of-{role}", role=role, unit=unit))

    assert {answer.status_code for answer in answers(client).values()} == {403}


def test_whoever_is_switched_off_is_out_at_once():
    client = of("legal")
    User.objects.update(is_active=False)

    assert {answer.status_code for answer in answers(client).values()} == {302}


def test_whoever_was_let_go_is_out_with_the_next_request():
    client = of("agent")
    assert client.get(reverse("my-home", args=[USCC])).status_code == 200
    Binding.objects.update(state="ended")

    assert client.get(reverse("my-home", args=[USCC])).status_code == 404
