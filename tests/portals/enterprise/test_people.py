"""The one in charge takes people on and lets them go; nobody does more than their part allows."""

import re

import pytest
from django.urls import reverse

from chengxin.people import bindings
from chengxin.people.models import Binding, Call, Phone, User
from tests.make import NOW, OTHER_USCC, USCC, subject
from tests.portals.conftest import bind, signed_in

pytestmark = pytest.mark.django_db
PEOPLE = f"/enterprise/{USCC}/people"


def person(name, **more):
    return User.objects.create(username=f"b-{name}", role="business", name=name, **more)


def text(answer):
    return answer.content.decode()


def link_of(answer):
    return re.search(r"/enterprise/join/[\w-]+", text(answer))[0]


def test_a_link_is_shown_once_and_takes_one_on(owner):
    answer = owner.post(f"{PEOPLE}/invite", {"part": "staff", "phone": ""})
    assert answer.status_code == 201
    link = link_of(answer)
    assert link not in text(owner.get(PEOPLE))

    newcomer = signed_in(person("小王"))
    assert "李国强邀请您加入" in text(newcomer.get(link))
    assert newcomer.post(link).url == reverse("my-home", args=[USCC])

    assert "小王" in text(owner.get(PEOPLE))
    gone = signed_in(person("小李")).get(link)
    assert gone.status_code == 410
    assert "不能用了" in text(gone)


def test_whoever_is_not_signed_in_comes_back_to_the_link_afterwards(client, owner):
    link = link_of(owner.post(f"{PEOPLE}/invite", {"part": "staff"}))

    assert client.get(link).url.endswith(f"?next={link}")


def test_by_number_the_invited_finds_it_on_the_first_page(owner):
    meant = person("小王")
    Phone.objects.create(user=meant, number="+8613800138000", verified_at=NOW)
    answer = owner.post(f"{PEOPLE}/invite", {"part": "agent", "phone": "138 0013 8000"})
    assert "138****8000" in text(answer) and "13800138000" not in text(answer)

    browser = signed_in(meant)
    assert "有人邀请您加入" in text(browser.get(reverse("my")))
    assert "加入松岭里饺子馆" in text(browser.get(reverse("my-claim")))
    call = Call.objects.get()
    assert signed_in(person("小李")).post(reverse("my-call-join", args=[call.pk])).status_code == 410
    assert browser.post(reverse("my-call-join", args=[call.pk])).url == reverse("my-home", args=[USCC])


@pytest.mark.parametrize(
    ("said", "sentence"),
    [({"part": "staff", "phone": "12"}, "11 位手机号码"), ({"part": "legal"}, "不能由您邀请"), ({}, "不能由您邀请")],
    ids=["a wrong number", "the one in charge", "no part"],
)
def test_what_cannot_be_gets_a_sentence_and_makes_no_link(owner, said, sentence):
    answer = owner.post(f"{PEOPLE}/invite", said)

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not Call.objects.exists()


def test_an_invitation_is_taken_back(owner):
    link = link_of(owner.post(f"{PEOPLE}/invite", {"part": "staff"}))
    owner.post(f"{PEOPLE}/calls/{Call.objects.get().pk}/end")

    assert signed_in(person("小王")).get(link).status_code == 410


def test_letting_somebody_go_asks_first_and_shuts_them_out(owner):
    staff = bind(person("小王"), USCC, part="staff")
    browser = signed_in(staff.user)
    here = f"{PEOPLE}/{staff.pk}/end"
    assert "结束小王的绑定？" in text(owner.get(here))
    assert browser.get(reverse("my-home", args=[USCC])).status_code == 200

    owner.post(here)

    assert browser.get(reverse("my-home", args=[USCC])).status_code == 404


def test_an_agent_sees_the_people_and_lets_go_of_staff_alone(owner, keeper_of_a_shop):
    agent, staff = bind(person("经办"), USCC, part="agent"), bind(person("店员"), USCC, part="staff")
    boss = Binding.objects.get(user=keeper_of_a_shop)
    browser = signed_in(agent.user)

    page = text(browser.get(PEOPLE))
    assert f"{PEOPLE}/{staff.pk}/end" in page and f"{PEOPLE}/{boss.pk}/end" not in page
    assert browser.post(f"{PEOPLE}/{boss.pk}/end").status_code == 404
    assert browser.get(f"{PEOPLE}/{boss.pk}/hand-over").status_code == 404


def test_nobody_of_another_business_is_reached(owner):
    far = bind(person("别家"), subject(OTHER_USCC), part="staff")

    for act in ("end", "hand-over"):
        assert owner.post(f"{PEOPLE}/{far.pk}/{act}").status_code == 404
    far.refresh_from_db()
    assert far.state == "accepted"


def test_handing_over_asks_first_and_says_what_it_does_not_change(owner, keeper_of_a_shop):
    agent = bind(person("经办"), USCC, part="agent")
    here = f"{PEOPLE}/{agent.pk}/hand-over"
    assert "登记信息里的法定代表人不会因此改变" in text(owner.get(here))

    owner.post(here)

    assert bindings.of(agent.user, USCC).part == "legal"
    assert bindings.of(keeper_of_a_shop, USCC).part == "agent"


def test_the_last_one_to_leave_is_told_what_becomes_of_it(owner):
    here = reverse("my-leave", args=[USCC])
    assert "您是最后一个人" in text(owner.get(here))

    assert owner.post(here).url == reverse("my")
    assert owner.get(reverse("my-home", args=[USCC])).status_code == 404


def test_the_page_asks_the_database_the_same_however_many_there_are(owner, django_assert_max_num_queries):
    for number in range(30):
        bind(person(f"店员{number}"), USCC, part="staff")

    with django_assert_max_num_queries(14):
        owner.get(PEOPLE)
