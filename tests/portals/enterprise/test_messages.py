"""消息: what the office says to a business stands on its page, new ones marked until each person has read them."""

import pytest
from django.urls import reverse

from chengxin.credit.subjects import messages
from chengxin.people.models import User
from chengxin.portals.enterprise.messages import SHOWN
from tests.make import NOW, USCC
from tests.portals.conftest import PASSWORD, bind, signed_in

pytestmark = pytest.mark.django_db
PAGE = f"/enterprise/{USCC}/messages"


def tell(title="诚信码已签发", **more):
    said = {"about": "code", "text": "可以下载海报了。<b>", "by": "测试信用办", "at": NOW} | more
    messages.tell(subjects=[USCC], title=title, **said)


def test_a_message_says_what_who_and_when_and_leads_where_something_can_be_done(owner):
    tell(page="my-home")

    page = owner.get(PAGE).content.decode()

    assert "诚信码已签发" in page and "可以下载海报了。&lt;b&gt;" in page and "测试信用办" in page
    assert "2026年11月23日 10:00" in page
    assert f'href="{reverse("my-home", args=[USCC])}">去看看' in page


@pytest.mark.parametrize("page", ["", "my-no-such-page", "batch"], ids=["none", "gone", "not of a business"])
def test_a_message_that_names_no_page_leads_nowhere(owner, page):
    tell(page=page)

    assert "去看看" not in owner.get(PAGE).content.decode()


def test_what_is_new_is_counted_in_the_menu_and_marked_until_it_was_read(owner):
    tell()
    assert "条未读" in owner.get(reverse("my-home", args=[USCC])).content.decode()

    assert owner.get(PAGE).content.decode().count(">新</span>") == 1

    assert ">新</span>" not in owner.get(PAGE).content.decode()
    assert "条未读" not in owner.get(reverse("my-home", args=[USCC])).content.decode()
    tell(at=NOW.replace(hour=3))
    assert owner.get(PAGE).content.decode().count(">新</span>") == 1


def test_what_one_person_has_read_is_still_new_to_another(owner):
    other = User.objects.create_user("shop-2", password=PASSWORD, role="business")
    bind(other, USCC, part="staff")
    tell()

    owner.get(PAGE)

    assert signed_in(other).get(PAGE).content.decode().count(">新</span>") == 1


def test_long_lists_are_paged(owner):
    for number in range(SHOWN + 3):
        tell(f"第 {number} 条消息")

    first = owner.get(PAGE)
    assert f"第 {SHOWN + 2} 条消息" in first.content.decode() and "第 2 条消息" not in first.content.decode()
    then = owner.get(f"{PAGE}?before={first.context['earlier']}").content.decode()
    assert "第 2 条消息" in then and "第 3 条消息" not in then and "回到最新" in then


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²"])
def test_an_odd_place_to_go_on_from_is_the_beginning(owner, before):
    tell()

    assert "诚信码已签发" in owner.get(PAGE, {"before": before}).content.decode()


def test_nothing_yet_says_what_will_come(owner):
    assert "还没有消息" in owner.get(PAGE).content.decode()


def test_a_page_of_messages_asks_as_much_however_many_there_are(owner, django_assert_num_queries):
    for _ in range(SHOWN):
        tell()
    owner.get(PAGE)

    with django_assert_num_queries(11):  # five are of the session and who is in it, four of the frame
        owner.get(PAGE)
