"""In by telephone, one question at a time; by password; out with one press. Nobody learns whose number has an account."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.urls import reverse

from chengxin.people import owners, phone_codes
from chengxin.people.models import Phone, PhoneCode, Trail, User
from tests.make import USCC
from tests.portals.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NUMBER, TYPED = "+8613900000000", "139 0000 0000"


@pytest.fixture
def li(db):
    """Somebody with an account and a password."""
    from django.utils import timezone

    user = owners.sign_up(name="李国强", number=NUMBER, at=timezone.now())
    return owners.set_password(user=user.pk, password=PASSWORD, at=timezone.now())


def sent(capfd):
    """Return the code that the console shows, newest first."""
    shown = capfd.readouterr().err
    assert NUMBER not in shown and "13900000000" not in shown, "the number is nobody's business"
    return re.findall(r"验证码 (\d{6})，", shown)[::-1]


def ask(client, capfd, *, number=TYPED, **more):
    answer = client.post(reverse("my-sign-in"), {"phone": number, **more})
    assert answer.url == reverse("my-sign-in-code")
    return sent(capfd)[0]


def give(client, code):
    return client.post(reverse("my-sign-in-code"), {"code": code})


def later(**by):
    PhoneCode.objects.all().update(
        sent_at=PhoneCode.objects.first().sent_at - timedelta(**by),
        expires_at=PhoneCode.objects.first().expires_at - timedelta(**by),
    )


# ---- New here ----------------------------------------------------------------------------------------------------


def test_a_number_a_code_and_a_name_make_an_account(capfd):
    client = Client()

    answer = give(client, ask(client, capfd))
    assert answer.url == reverse("my-sign-up-name")
    answer = client.post(answer.url, {"name": " 李国强 "})

    user = User.objects.get()
    assert (user.role, user.name, user.has_usable_password()) == ("business", "李国强", False)
    assert re.fullmatch(r"b-[0-9a-f]{16}", user.username)
    assert Phone.objects.get().number == NUMBER
    page = client.get(answer.url).content.decode()
    assert "李国强，注册好了" in page and reverse("my") in page
    assert client.get(reverse("my")).status_code == 200
    assert [row.verb for row in Trail.objects.order_by("id")] == ["account.make", "sign-in"]
    said = str(list(Trail.objects.values()))
    assert "1390000" not in said and "李国强" not in said


def test_the_code_leads_nowhere_without_a_name_and_the_name_without_a_code(capfd):
    client = Client()

    assert client.get(reverse("my-sign-up-name")).url == reverse("my-sign-in")
    give(client, ask(client, capfd))
    answer = client.post(reverse("my-sign-up-name"), {"name": "李"})

    assert answer.status_code == 422 and "2 至 60 个字" in answer.content.decode()
    assert not User.objects.exists() and client.get(reverse("my")).status_code == 302


# ---- Known here --------------------------------------------------------------------------------------------------


def test_a_known_number_is_in_with_the_code_and_goes_where_it_was_going(li, capfd):
    client = Client()
    to = reverse("my-account")
    assert client.get(to).url == f"{reverse('my-sign-in')}?next={to}"

    assert give(client, ask(client, capfd, next=to)).url == to
    assert client.get(to).status_code == 200


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page_and_says_that_it_was_not_taken(client):
    page = reverse("my-declare", args=[USCC])
    answer = client.post(f"{page}?kind=x", {"title": "甲"}, headers={"referer": f"http://testserver{page}?kind=y"})

    assert answer.url == f"{reverse('my-sign-in')}?unsent=1&next={quote(page)}%3Fkind%3Dy"
    assert "刚才那一页没有交上" in client.get(answer.url).content.decode()
    for elsewhere in ("https://evil.example/x", "", "http://testserver"):
        assert client.post(page, headers={"referer": elsewhere}).url == f"{reverse('my-sign-in')}?next={page}"


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/batches", "/enterprise/\r\nX: 1", "/enterprise/" + "x" * 600]
)
def test_one_is_not_sent_elsewhere(li, capfd, to):
    client = Client()

    assert give(client, ask(client, capfd, next=to)).url == reverse("my")


def test_nobody_learns_from_the_pages_whose_number_has_an_account(li, capfd):
    known, unknown = Client(), Client()
    for client, number in ((known, "13900000000"), (unknown, "13900000001")):
        ask(client, capfd, number=number)

    def page(client):
        return re.sub(r'value="[^"]{60,}"|139\*+\d+', "", give(client, "00000x").content.decode())

    assert page(known) == page(unknown)


@pytest.mark.parametrize("typed", ["", "12345", "021-12345678", "+1 900 123 4567", "139\x000000000", "x" * 10_000])
def test_what_is_no_number_is_told_in_a_sentence(typed):
    answer = Client().post(reverse("my-sign-in"), {"phone": typed})

    assert answer.status_code == 422 and "11 位手机号码" in answer.content.decode()
    assert not PhoneCode.objects.exists()


# ---- Codes -------------------------------------------------------------------------------------------------------


def test_five_wrong_tries_end_a_code(li, capfd):
    client = Client()
    code = ask(client, capfd)
    wrong = "000000" if code != "000000" else "000001"

    pages = [give(client, wrong).content.decode() for _ in range(5)]

    assert ["连续输错 5 次" in page for page in pages] == [False] * 4 + [True]
    assert "连续输错 5 次" in give(client, code).content.decode(), "the right one does not help any more"
    assert client.get(reverse("my")).status_code == 302


def test_a_code_is_good_for_minutes_and_once(li, capfd):
    client, other = Client(), Client()
    code = ask(client, capfd)
    later(minutes=6)
    assert "已过期" in give(client, code).content.decode()

    code = ask(client, capfd)
    session = client.session["chengxin_way_in"]
    assert give(client, code).status_code == 302
    store = other.session
    store["chengxin_way_in"] = session
    store.save()
    assert "不对或已过期" in give(other, code).content.decode()


def test_a_code_of_another_browser_or_purpose_opens_nothing(li, capfd):
    client, other = Client(), Client()
    code = ask(client, capfd)

    assert give(other, code).url == reverse("my-sign-in")
    PhoneCode.objects.update(about="phone")
    assert "不对或已过期" in give(client, code).content.decode()


def test_another_code_is_sent_after_a_minute_and_the_first_one_of_this_browser_goes_on_nowhere(li, capfd):
    client = Client()
    ask(client, capfd)

    again = client.post(reverse("my-sign-in-again"))
    assert again.status_code == 422 and "秒后再获取" in again.content.decode()
    later(minutes=2)
    assert client.post(reverse("my-sign-in-again")).status_code == 302
    assert give(client, sent(capfd)[0]).status_code == 302


def asks(number="13900000000", *, client=None, address="10.0.0.1"):
    """Ask for a code from an address, two minutes after the last one, and return the refusal or nothing."""
    answer = (client or Client()).post(reverse("my-sign-in"), {"phone": number}, REMOTE_ADDR=address)
    for row in PhoneCode.objects.all():
        PhoneCode.objects.filter(pk=row.pk).update(sent_at=row.sent_at - timedelta(minutes=2))
    return answer.content.decode() if answer.status_code == 422 else ""


def test_a_stranger_uses_up_part_of_a_number_and_whoever_was_in_before_still_gets_theirs(li, capfd):
    mine = Client()
    mine.force_login(li)
    mine.get(reverse("my"))
    del mine.cookies["chengxin_office"]  # the session has ended by itself

    here = [asks() for _ in range(phone_codes.FROM_ADDRESS + 1)]
    assert [bool(fault) for fault in here] == [False] * phone_codes.FROM_ADDRESS + [True]
    assert "从这里给这个号码发的验证码今天太多了" in here[-1]
    left = phone_codes.OF_NUMBER - phone_codes.FOR_KNOWN - phone_codes.FROM_ADDRESS
    assert [bool(asks(address="10.0.0.2")) for _ in range(left)] == [False] * left
    fault = asks(address="10.0.0.3")
    assert "这个号码今天收的验证码太多了" in fault and "通行密钥" in fault and "政务大厅窗口" in fault

    assert [asks(client=mine) for _ in range(phone_codes.FOR_KNOWN)] == [""] * phone_codes.FOR_KNOWN
    assert "这个号码今天收的" in asks(client=mine)


def test_an_address_gets_so_many_a_day_whatever_the_numbers(capfd, monkeypatch):
    monkeypatch.setattr(phone_codes, "OF_ADDRESS", 2)

    assert [bool(asks(f"1390000000{number}")) for number in range(3)] == [False, False, True]


def test_codes_numbers_and_addresses_are_kept_by_digest_and_not_for_long(li, capfd):
    code = ask(Client(), capfd)
    row = str(list(PhoneCode.objects.values()))

    assert code not in row and "1390000" not in row and "127.0.0.1" not in row
    made = PhoneCode.objects.get().sent_at
    assert phone_codes.forget_old(at=made + timedelta(hours=23)) == 0
    assert phone_codes.forget_old(at=made + timedelta(hours=24)) == 1


# ---- Password ----------------------------------------------------------------------------------------------------


def by_password(client, password=PASSWORD, number=TYPED, **more):
    return client.post(reverse("my-sign-in-password"), {"phone": number, "password": password, **more})


def test_number_and_password_let_in(li):
    client = Client()

    assert by_password(client, next="/enterprise/account").url == "/enterprise/account"
    assert client.get(reverse("my")).status_code == 200
    assert Trail.objects.latest("id").detail == {"way": "password"}


@pytest.mark.parametrize("number", [TYPED, "13900000001", "nonsense"], ids=["known", "unknown", "none"])
def test_a_wrong_try_gets_one_sentence_and_the_fifth_locks_whoever_it_was(li, number):
    client = Client()
    answers = [by_password(client, "wrong", number) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [422] * 4 + [429]
    assert answers[0].content.decode().count("手机号码或密码不对") == 1
    page = answers[-1].content.decode()
    assert "30 分钟后" in page and "用验证码登录" in page and "系统管理员" not in page
    assert by_password(client, number=number).status_code == 429
    assert "1390000" not in str(list(AccessAttempt.objects.values())), "the guard of passwords keeps no numbers"


def test_an_account_without_a_password_has_none_to_guess(capfd):
    from django.utils import timezone

    owners.sign_up(name="王芳", number=NUMBER, at=timezone.now())

    assert by_password(Client(), "").status_code == by_password(Client(), "!").status_code == 422


# ---- Two doors ---------------------------------------------------------------------------------------------------


def test_an_account_of_the_office_never_comes_in_here(clerk, capfd):
    from django.utils import timezone

    Phone.objects.create(user=clerk, number=NUMBER, verified_at=timezone.now())
    client = Client()

    assert by_password(client).status_code == 422
    assert give(client, ask(client, capfd)).url == reverse("my-sign-up-name")
    assert "已经用于另一个账号" in client.post(reverse("my-sign-up-name"), {"name": "王敏"}).content.decode()


def test_an_account_of_a_business_never_comes_in_at_the_office(li):
    answer = Client().post(reverse("sign-in"), {"username": li.username, "password": PASSWORD})

    assert "/enterprise/" in answer.content.decode() and answer.status_code == 200
    client = Client()
    client.force_login(li)
    assert client.get("/").url == reverse("my")
    refused = client.get(reverse("password"))
    assert refused.status_code == 403 and "系统管理员" not in refused.content.decode()


def test_an_account_of_the_office_is_told_where_it_is(office):
    page = office.get(reverse("my"))
    assert page.status_code == 403 and "信用办端的账号" in page.content.decode()
    assert "那边会退出" in office.get(reverse("my-sign-in")).content.decode()


def test_one_press_signs_out_for_good_and_a_link_cannot(li):
    client = Client()
    client.force_login(li)

    assert client.get(reverse("my-sign-out")).status_code == 405
    assert client.post(reverse("my-sign-out")).url == reverse("my-sign-in")
    assert client.get(reverse("my")).status_code == 302
    assert Trail.objects.latest("id").verb == "sign-out"


def test_whoever_is_in_is_not_asked_again(li):
    client = Client()
    client.force_login(li)

    for name in ("my-sign-in", "my-sign-up", "my-sign-in-password"):
        assert client.get(reverse(name)).url == reverse("my")
