"""A subject is found by what somebody inside has of it: a code, an older number, a name of now or of before."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from chengxin.credit.subjects import search
from chengxin.credit.subjects.models import Identity
from chengxin.credit.subjects.rules import fold
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def known():
    make.subject(name="鹤岗市松岭里饺子馆")
    make.subject(make.OTHER_USCC, name="松岭里商贸有限公司")
    Identity.objects.bulk_create(
        [
            Identity(scheme=scheme, value=fold(value), subject=subject)
            for scheme, value, subject in (
                ("name", "鹤岗市松岭里饺子馆", make.USCC),
                ("name", "鹤岗市老渡口饺子馆", make.USCC),
                ("name", "松岭里商贸有限公司", make.OTHER_USCC),
                ("name", "百分百%饮品_店", make.OTHER_USCC),
                ("regno", "230403600012345", make.OTHER_USCC),
            )
        ],
        ignore_conflicts=True,
    )


@pytest.mark.parametrize(
    "text, found",
    [
        (make.USCC, [make.USCC]),
        (make.USCC[:10].lower(), [make.USCC]),
        ("２３０４０３６０００１２３４５", [make.OTHER_USCC]),
        ("2304 0360", [make.OTHER_USCC]),
        ("松岭里", [make.OTHER_USCC, make.USCC]),
        ("老渡口", [make.USCC]),
        ("饺子", [make.USCC]),
        ("百%店", []),
        ("百_%", []),
        ("分百%饮品_", [make.OTHER_USCC]),
        ("没有的", []),
        ("松", []),
        ("", []),
        ("' OR 1=1 --", []),
    ],
    ids=[
        "a code",
        "the beginning of a code",
        "an older number in full width",
        "the beginning of an older number",
        "a part of a name; who begins so first",
        "a name of before",
        "two characters",
        "a percent sign is no wildcard",
        "neither is an underscore",
        "both are found as they are",
        "nobody",
        "one character",
        "nothing",
        "no way into the query",
    ],
)
def test_what_is_found(text, found):
    assert [one.subject for one in search.find(text, limit=10)] == found


def test_each_subject_comes_once_and_no_more_than_asked_for():
    assert len(search.find("鹤岗", limit=10)) == 1
    assert len(search.find("松岭", limit=1)) == 1


def test_a_question_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(search, "_NAMED", ("SELECT ''::text, ''::text, 1 FROM pg_sleep(2)",))
    monkeypatch.setattr(search, "PATIENCE_MS", 50)

    with pytest.raises(OperationalError):
        search.find("松岭", limit=1)
    assert search.find("", limit=1) == [], "the transaction goes on"
