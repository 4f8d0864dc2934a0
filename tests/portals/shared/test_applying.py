"""Two at once: one application of a draft sent twice, one decision of two clerks; nothing is left half done."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from chengxin.credit.applications import actions, consents, queries
from chengxin.credit.applications.models import Application, Decision, Waiting
from chengxin.credit.codes import actions as codes_actions
from chengxin.credit.codes.models import Code
from chengxin.credit.subjects.models import Message
from chengxin.ingest.models import Batch
from chengxin.people.models import User
from chengxin.people.trail import Actor, Refused
from chengxin.portals.shared import applying
from tests import make
from tests.make import USCC
from tests.portals.conftest import PASSWORD, bind

ITEM = {"kind": "慈善捐助", "title": "送出全国最佳饺子", "issuer": "某社区"}
CLERK = Actor("w", "credit_office")


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    settings.KEYS_DIR = tmp_path / "keys"


def applicant():
    with transaction.atomic():
        make.subject()
    user = User.objects.create_user("b-1", password=PASSWORD, role="business", name="王敏")
    bind(user, USCC)
    return user


def send(user, *items, key="0" * 32):
    draft = {
        "key": key,
        "consent": consents.current(timezone.localdate()).version,
        "contact": {"name": "王敏", "phone": "13800138000"},
        "items": list(items),
    }
    return applying.send(
        subject=USCC, way="self", draft=draft, person=user, by=Actor("b-1", "business"), at=timezone.now()
    )


def at_once(act):
    """Do something in two threads at the same moment, and return what came of each."""
    together = Barrier(2)

    def one(number):
        together.wait()
        try:
            return act(number)
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(one, range(2)))


@pytest.mark.django_db(transaction=True)
def test_sent_twice_or_decided_twice_at_the_same_moment_one_holds():
    user = applicant()

    sent = at_once(lambda _: send(user, ITEM))

    assert {one.application for one in sent} == {Application.objects.get().id}
    assert sorted(one.is_news for one in sent) == [False, True]
    assert Code.objects.count() == Message.objects.count() == Waiting.objects.count() == 1

    number = sent[0].application
    decided = at_once(
        lambda _: applying.decide(
            subject=USCC, application=number, state="approved", why="", by=CLERK, at=timezone.now()
        )
    )

    (refusal,) = (one for one in decided if one is not None)
    assert "已经由 w 办理" in str(refusal)
    assert Decision.objects.filter(state="approved").count() == Batch.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_fails_in_the_middle_leaves_nothing_behind(settings, tmp_path):
    user = applicant()
    settings.FILES_DIR = tmp_path / "no folder"
    settings.FILES_DIR.write_text("in its place")

    with pytest.raises((OSError, Refused)):  # the code is issued by then, and the item cannot be kept
        send(user, {**ITEM, "title": "送饺子"})

    assert not Application.objects.exists() and not Code.objects.exists() and not Message.objects.exists()
    assert queries.waiting_count(USCC) == 0


@pytest.mark.django_db(transaction=True)
def test_whoever_gave_up_a_frozen_code_gets_another_from_a_clerk_alone():
    user = applicant()
    first = send(user)
    now = timezone.now()
    codes_actions.turn(subject=USCC, serial=first.serial, verb="freeze", why="核实信息", by=CLERK, at=now)
    codes_actions.withdraw(subject=USCC, why="不用了", by=Actor("b-1", "business"), at=now)

    again = send(user, key="1" * 32)

    assert (first.state, again.state, again.serial) == ("approved", "waiting", None)
    assert Code.objects.count() == 1
    applying.decide(subject=USCC, application=again.application, state="approved", why="", by=CLERK, at=now)
    assert Code.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_contact_is_erased_some_time_after_the_decision_and_an_untouched_draft_goes():
    user = applicant()
    now = timezone.now()
    send(user, ITEM)
    actions.keep(user=user, subject=USCC, change=lambda body: None, at=now)
    after = {"drafts_after": timedelta(days=90), "contacts_after": timedelta(days=180)}

    assert actions.sweep(at=now + timedelta(days=400), **after) == (1, 0)  # a clerk may still have to call
    applying.decide(subject=USCC, application=Application.objects.get().id, state="approved", why="", by=CLERK, at=now)
    assert actions.sweep(at=now + timedelta(days=179), **after) == (0, 0)
    assert actions.sweep(at=now + timedelta(days=181), **after) == (0, 1)
    assert actions.sweep(at=now + timedelta(days=181), **after) == (0, 0)

    body = Application.objects.get().body
    assert "contact" not in body and body["items"] == [ITEM]


@pytest.mark.django_db
def test_the_longest_reasons_are_told_as_far_as_a_message_holds():
    user = applicant()
    items = [ITEM | {"title": f"送出全国最佳饺子 {number}"} for number in range(20)]
    sent = send(user, *items)
    refused = {f"item {number + 1}": f"{number:02}" + "理" * 498 for number in range(20)}

    applying.decide(
        subject=USCC, application=sent.application, state="approved", why="", refused=refused, by=CLERK,
        at=timezone.now(),
    )  # fmt: skip

    told = Message.objects.order_by("-id").first()
    assert (
        len(told.text) <= 1000 and told.text.startswith("20 项没有通过：00理") and "可以在申请页面申诉一次" in told.text
    )
