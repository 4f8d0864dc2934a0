"""What was typed into a form survives the end of a session, for the same account on the same browser, and for nobody else."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chengxin.people import owners
from chengxin.people.models import User
from chengxin.portals.shared import kept
from tests import make
from tests.make import USCC
from tests.portals.conftest import PASSWORD, bind

pytestmark = pytest.mark.django_db
NUMBER = "+8613900000000"
NAME = reverse("my-name")


@pytest.fixture(autouse=True)
def quiet(settings, tmp_path, monkeypatch):
    settings.FILES_DIR = tmp_path / "files"
    monkeypatch.setattr(kept, "_ration", kept.Buckets(burst=20, seconds=180))


@pytest.fixture
def li(db):
    user = owners.sign_up(name="李国强", number=NUMBER, at=timezone.now())
    return owners.set_password(user=user.pk, password=PASSWORD, at=timezone.now())


def browser(user, page=NAME):
    """Return a browser in which somebody looked at a page, and whose session has ended since."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    client.token = token_of(client.get(page))
    end(client)
    return client


def token_of(answer):
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.content.decode())[1]


def end(client):
    Session.objects.all().delete()
    del client.cookies["chengxin_office"]


def send(client, to=NAME, **said):
    said = said or {"name": "李国强二"}
    return client.post(to, {**said, "csrfmiddlewaretoken": client.token}, headers={"referer": f"http://testserver{to}"})


def by_password(client, number="13900000000", page=None):
    page = client.get(page or reverse("my-sign-in-password"))
    said = {"phone": number, "password": PASSWORD, "csrfmiddlewaretoken": token_of(page)}
    return client.post(reverse("my-sign-in-password"), said)


def go_on(client, where):
    """Press what the page offers, and return what came of it."""
    form = client.get(where).content.decode().split("继续提交")[0].rpartition("<form ")[2]
    said = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    to = unescape(re.search(r'action="([^"]+)"', form)[1])
    return client.post(to, {name: unescape(value) for name, value in said.items()})


# ---- The same account ----------------------------------------------------------------------------------------------


def test_what_was_typed_goes_on_after_the_same_account_has_signed_in(li):
    client = browser(li)

    answer = send(client)
    assert answer.url == f"{reverse('my-sign-in')}?next={reverse('my-kept')}"
    assert "刚才填写的内容替您留着" in client.get(answer.url).content.decode()
    answer = by_password(client)
    assert answer.url == reverse("my-kept")
    assert "李国强二" not in re.sub(r"<input[^>]*>", "", client.get(answer.url).content.decode())

    assert go_on(client, answer.url).url == reverse("my-account")
    li.refresh_from_db()
    assert li.name == "李国强二"
    assert client.get(reverse("my-kept")).url == reverse("my"), "it is used once"


def test_it_is_let_go_with_one_press(li):
    client = browser(li)
    send(client)
    where = by_password(client).url
    token = token_of(client.get(where))

    assert client.post(where, {"drop": "1", "csrfmiddlewaretoken": token}).url == reverse("my")
    assert client.get(where).url == reverse("my") and kept.KEPT not in client.session


def test_a_code_by_sms_carries_it_whatever_page_it_was_asked_from(li, capfd):
    client = browser(li)
    send(client)

    token = token_of(client.get(reverse("my-sign-in")))
    client.post(reverse("my-sign-in"), {"phone": "13900000000", "csrfmiddlewaretoken": token})
    code = re.findall(r"验证码 (\d{6})，", capfd.readouterr().err)[-1]

    answer = client.post(reverse("my-sign-in-code"), {"code": code, "csrfmiddlewaretoken": token})
    assert answer.url == reverse("my-kept")
    assert go_on(client, answer.url).status_code == 302


def test_the_offices_door_carries_it_too(clerk):
    client = browser(clerk, reverse("city"))

    answer = send(client, reverse("city"), office="演示市信用办", phone="0468-1234567")
    assert answer.url == f"{reverse('sign-in')}?next={reverse('kept')}"
    page = client.get(answer.url)
    assert "刚才填写的内容替您留着" in page.content.decode()
    said = {"username": "wangmin", "password": PASSWORD, "csrfmiddlewaretoken": token_of(page)}
    answer = client.post(reverse("sign-in"), said)

    assert answer.url == reverse("kept")
    assert "0468-1234567" in go_on(client, answer.url).content.decode(), "the page has it, whatever it says to it"


def test_a_page_that_was_open_while_its_owner_signed_in_elsewhere_can_still_be_sent(li):
    client = browser(li)
    by_password(client)

    assert send(client).url == reverse("my-account")


def test_the_token_of_another_account_or_of_a_day_ago_is_not_kept(li, monkeypatch):
    client = browser(li)
    monkeypatch.setattr(kept, "WORKDAY", timedelta(0))
    by_password(client)
    assert send(client).status_code == 403

    other = owners.sign_up(name="王芳", number="+8613900000001", at=timezone.now())
    owners.set_password(user=other.pk, password=PASSWORD, at=timezone.now())
    monkeypatch.undo()
    client = browser(li)
    by_password(client, "13900000001")
    assert send(client).status_code == 403


# ---- Files -----------------------------------------------------------------------------------------------------------


def test_of_a_form_with_files_the_words_stand_in_the_page_again(li):
    make.subject()
    bind(li, USCC, state="refused")
    from chengxin.people.models import Binding

    where = reverse("my-claimed", args=[Binding.objects.get().pk])
    client = browser(li, where)
    said = {"words": "照片<看得清>，请再看一次", "csrfmiddlewaretoken": client.token, "end": "1"}
    photo = SimpleUploadedFile("执照.jpg", b"x" * 300_000)

    to = reverse("my-claim-appeal", args=[Binding.objects.get().pk])
    client.post(to, {**said, "paper": photo}, headers={"referer": f"http://testserver{where}"})
    page = client.get(by_password(client).url)
    assert "照片和文件没有留下" in page.content.decode() and "继续提交" not in page.content.decode()
    back = client.post(reverse("my-kept"), {"back": "1", "csrfmiddlewaretoken": token_of(page)})

    assert back.url == where
    assert "\n照片&lt;看得清&gt;，请再看一次</textarea>" in client.get(where).content.decode()
    assert len(str(client.session[kept.KEPT])) < 2000, "the file is not kept"


# ---- Nobody else -----------------------------------------------------------------------------------------------------


def test_another_account_gets_nothing_of_it(li):
    other = owners.sign_up(name="王芳", number="+8613900000001", at=timezone.now())
    owners.set_password(user=other.pk, password=PASSWORD, at=timezone.now())
    client = browser(li)
    send(client)

    assert client.get(by_password(client, "13900000001").url).url == reverse("my")
    assert kept.KEPT not in client.session


def test_it_is_gone_after_half_an_hour(li):
    client = browser(li)
    send(client)
    where = by_password(client).url
    session = client.session
    session[kept.KEPT] = {**session[kept.KEPT], "at": (timezone.now() - timedelta(minutes=31)).isoformat()}
    session.save()

    assert client.get(where).url == reverse("my") and kept.KEPT not in client.session


def unknown(client):
    del client.cookies[kept.COOKIE]


def forged(client):
    client.cookies[kept.COOKIE] = "0" * 32 + ":" + "0" * 32 + ":1tYyyy:forged"


def signed_out(client):
    client.force_login(User.objects.get())
    client.token = token_of(client.get(NAME))
    client.post(reverse("my-sign-out"), {"csrfmiddlewaretoken": client.token})
    assert not client.cookies[kept.COOKIE].value


@pytest.mark.parametrize("without", [unknown, forged, signed_out])
def test_a_browser_that_was_not_here_lately_gets_nothing_kept(li, without):
    client = browser(li)
    without(client)
    before = Session.objects.count()

    assert "unsent=1" in send(client).url and Session.objects.count() == before


@pytest.mark.parametrize(
    "said",
    [
        {"text": "字" * 40_000},
        {f"f{number}": "1" for number in range(501)},
        {"name": "甲", "password": "secret words"},
        {"code": "123456"},
        {"credential": "{}"},
    ],
    ids=["too long", "too many", "a password", "a code", "a passkey"],
)
def test_too_much_and_what_is_secret_is_not_kept(li, said):
    client = browser(li)

    assert "unsent=1" in send(client, **said).url
    assert not Session.objects.exists()


def test_what_failed_the_check_is_not_done_but_can_be_copied_where_it_stood_on_a_page_of_ours(li):
    client = browser(li)

    def page(**headers):
        answer = client.post(NAME, {"name": "李国强写了很久<b>", "csrfmiddlewaretoken": "x" * 64}, headers=headers)
        assert answer.status_code == 403
        return answer.content.decode()

    assert "李国强写了很久&lt;b&gt;</textarea>" in page(origin="http://testserver")
    assert "李国强" not in page() + page(origin="https://evil.example") + page(origin="null")
    li.refresh_from_db()
    assert li.name == "李国强"


@pytest.mark.parametrize(
    ("referer", "back"),
    [("http://testserver//evil.example/x", "/%252Fevil.example/x"), ("http://[x", reverse("give"))],
    ids=["another site behind our name", "no address"],
)
def test_nobody_is_led_away_by_where_a_form_says_that_it_stood(client, referer, back):
    answer = client.post(reverse("give"), {"list": "x"}, headers={"referer": referer})

    assert answer.status_code == 302 and answer.url.endswith(f"next={back}")


def test_a_form_of_another_site_is_not_kept(li):
    client = browser(li)
    client.token = "x" * 64

    assert send(client).status_code == 403
    make.subject()
    assert "unsent=1" in send(client, reverse("my-claim"), code=USCC).url, "nor one whose body nobody had read"
    assert not Session.objects.exists()


def test_an_account_keeps_so_many_an_hour(li):
    client = browser(li)

    answers = [send(client).url for _ in range(21)]
    assert ["unsent" in url for url in answers] == [False] * 20 + [True]
