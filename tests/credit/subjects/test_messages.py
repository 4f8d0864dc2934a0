"""What a business was told: newest first, each business its own, unread ones counted and no further than anybody reads."""

from datetime import timedelta

import pytest

from chengxin.credit.subjects import messages
from tests.make import NOW, OTHER_USCC, USCC, subject

pytestmark = pytest.mark.django_db


def tell(*subjects, title="诚信码已签发", at=NOW, **more):
    said = {"about": "code", "text": "可以下载海报了。", "by": "测试信用办"} | more
    messages.tell(subjects=subjects, title=title, at=at, **said)


def test_each_of_several_businesses_is_told_once_and_no_other():
    subject()
    subject(OTHER_USCC)

    tell(USCC, OTHER_USCC, USCC)

    assert [len(messages.newest(uscc, limit=9)) for uscc in (USCC, OTHER_USCC)] == [1, 1]
    (told,) = messages.newest(USCC, limit=9)
    assert (told.about, told.title, told.text, told.by, told.at, told.page) == (
        "code", "诚信码已签发", "可以下载海报了。", "测试信用办", NOW, ""
    )  # fmt: skip


def test_the_newest_stands_first_and_one_goes_on_from_any_of_them():
    subject()
    for number in range(5):
        tell(USCC, title=str(number))

    first = messages.newest(USCC, limit=2)
    then = messages.newest(USCC, before=first[-1].id, limit=2)

    assert [told.title for told in (*first, *then)] == ["4", "3", "2", "1"]


def test_what_came_after_a_moment_is_unread(django_assert_num_queries):
    subject()
    for hours in range(4):
        tell(USCC, at=NOW + timedelta(hours=hours))

    with django_assert_num_queries(1):
        assert messages.unread(USCC, since=NOW + timedelta(hours=1)) == 2
    assert messages.unread(OTHER_USCC, since=NOW) == 0


def test_a_thousand_unread_ones_are_counted_as_far_as_anybody_reads():
    subject()
    for _ in range(messages.UNREAD_AT_MOST + 3):
        tell(USCC)

    assert messages.unread(USCC, since=NOW - timedelta(days=1)) == messages.UNREAD_AT_MOST
