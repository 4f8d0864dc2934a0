"""A number that the operator gave to somebody else opens nothing of its former owner's; whoever comes back proves themselves."""

import io
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from chengxin.credit.subjects.models import Message
from chengxin.people import bindings, owners
from chengxin.people.models import Binding, Phone, PhoneCode, Trail, User
from chengxin.portals.enterprise.entering import PROVED
from tests import make
from tests.make import USCC
from tests.portals.conftest import PASSWORD, bind, signed_in

pytestmark = pytest.mark.django_db
NUMBER = "+8613900000000"
LONG_AGO = timezone.now() - timedelta(days=400)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def li(db):
    """Somebody with an account that was last used more than a year ago, who acts for a restaurant."""
    make.subject()
    user = owners.sign_up(name="李国强", number=NUMBER, at=LONG_AGO)
    owners.set_password(user=user.pk, password=PASSWORD, at=LONG_AGO)
    User.objects.filter(pk=user.pk).update(last_login=LONG_AGO, date_joined=LONG_AGO)
    bind(user, USCC)
    return User.objects.get(pk=user.pk)


def by_sms(client, capfd):
    client.post(reverse("my-sign-in"), {"phone": "13900000000"})
    code = re.findall(r"验证码 (\d{6})，", capfd.readouterr().err)[-1]
    PhoneCode.objects.update(sent_at=timezone.now() - timedelta(minutes=2))
    return client.post(reverse("my-sign-in-code"), {"code": code})


def says(client, capfd, what):
    """Come in by a code, and answer whose number it is."""
    return client.post(by_sms(client, capfd).url, {what: "1"})


def held():
    return Binding.objects.get()


# ---- Asked first -----------------------------------------------------------------------------------------------------


def test_whoever_comes_after_a_long_time_is_asked_first_and_shown_nothing(li, capfd):
    client = Client()

    answer = by_sms(client, capfd)
    assert answer.url == reverse("my-sign-in-whose")
    page = client.get(answer.url).content.decode()

    assert f"{timezone.localtime(LONG_AGO):%Y}年" in page and "是您本人吗" in page
    assert "李国强" not in page and "饺子" not in page and USCC not in page
    assert client.get(reverse("my")).status_code == 302, "nobody is in yet"
    refused = client.post(reverse("my-sign-up-name"), {"name": "王芳"})
    assert refused.status_code == 422 and Phone.objects.get().user == li, (
        "nobody takes the number without having said so"
    )


def moved(li):
    Phone.objects.update(verified_at=timezone.now())


def used(li):
    User.objects.update(last_login=timezone.now() - timedelta(days=179))


@pytest.mark.parametrize("lately", [moved, used])
def test_whose_account_was_used_or_whose_number_the_office_changed_is_not_asked(li, capfd, lately):
    lately(li)

    assert by_sms(Client(), capfd).url == reverse("my")
    assert held().state == "accepted"


def test_the_question_is_for_whoever_has_proved_the_number(li):
    client = Client()

    assert client.post(reverse("my-sign-in-whose"), {"mine": "1"}).url == reverse("my-sign-in")
    assert client.get(reverse("my")).status_code == 302 and held().state == "accepted"


# ---- Somebody else ---------------------------------------------------------------------------------------------------


def test_whoever_is_new_to_the_number_begins_anew_and_the_former_owner_keeps_the_rest(li, capfd):
    client = Client()

    answer = says(client, capfd, "new")
    assert answer.url == reverse("my-sign-up-name")
    assert Phone.objects.get().user == li, "nothing is done before there is a name"
    client.post(answer.url, {"name": "王芳"})

    fresh = Phone.objects.get().user
    assert fresh != li and fresh.name == "王芳"
    assert client.get(reverse("my-home", args=[USCC])).status_code == 404
    assert Client().post(reverse("my-sign-in-password"), {"phone": NUMBER, "password": PASSWORD}).status_code == 422
    verbs = [row.verb for row in Trail.objects.order_by("id")]
    assert "phone.lose" in verbs and "binding.doubt" in verbs
    assert "1390000" not in str(list(Trail.objects.values()))


def test_the_business_and_the_office_hear_that_a_number_has_changed_hands(li, capfd, office):
    says(client := Client(), capfd, "new")
    client.post(reverse("my-sign-up-name"), {"name": "王芳"})

    told = Message.objects.get()
    assert told.title == "有人的登录号码换了主人" and "李国强" not in told.text
    assert (held().state, held().due_on is not None) == ("provisional", True)
    assert "重新核实" in office.get(reverse("bindings")).content.decode()
    assert "已归别人使用" in office.get(reverse("binding", args=[held().pk])).content.decode()


# ---- The same person -------------------------------------------------------------------------------------------------


def test_whoever_says_that_it_is_them_reads_and_says_nothing_in_the_businesss_name(li, capfd):
    client = Client()

    assert says(client, capfd, "mine").url == reverse("my")

    assert "请先证明是您本人" in client.get(reverse("my-home", args=[USCC])).content.decode()
    for name in ("my-commit", "my-declare", "my-people"):
        assert client.get(reverse(name, args=[USCC])).status_code == 403
    for name, *which in (("my-place", 1), ("my-places-list",), ("my-application-withdraw", 1), ("my-apply",)):
        ended = client.post(reverse(name, args=[USCC, *which]), {"act": "end", "why": "不再使用"})
        assert ended.status_code == 403, "nor takes its codes off the wall"
    for name in ("my-codes", "my-showing", "my-prints"):
        assert client.get(reverse(name, args=[USCC])).status_code == 200
    client.post(reverse("my-leave", args=[USCC]))
    assert held().state == "provisional", "nor ends what may be somebody else's"
    client.post(reverse("my-sign-out"))
    assert by_sms(client, capfd).url == reverse("my"), "asked once"
    assert client.get(reverse("my-commit", args=[USCC])).status_code == 403, "another code is no other proof"


def test_the_number_alone_changes_no_way_in(li, capfd):
    client = Client()
    says(client, capfd, "mine")

    for name in ("my-password", "my-phone", "my-passkey-add", "my-account-close"):
        assert reverse("my-again") in client.get(reverse(name)).url
    page = client.get(reverse("my-again")).content.decode()
    assert "发验证码到" not in page and "交证照" in page
    assert client.post(reverse("my-again-send")).url == reverse("my-again")


@pytest.mark.parametrize("again", [True, False], ids=["on the page that asks", "at the next sign-in"])
def test_the_password_ends_the_doubt(li, capfd, again):
    client = Client()
    says(client, capfd, "mine")
    if again:
        client.post(reverse("my-again"), {"password": PASSWORD})
    else:
        client.post(reverse("my-sign-out"))
        client.post(reverse("my-sign-in-password"), {"phone": NUMBER, "password": PASSWORD})

    assert (held().state, held().why) == ("accepted", "")
    assert client.get(reverse("my-commit", args=[USCC])).status_code != 403
    assert Trail.objects.get(verb="binding.assure").detail == {"subject": USCC, "way": "password"}


@pytest.mark.parametrize("has_password", [True, False])
def test_another_way_to_prove_oneself_is_offered_to_who_has_one(li, capfd, has_password):
    if not has_password:
        li.set_unusable_password()
        li.save()
    client = Client()
    says(client, capfd, "mine")

    page = client.get(reverse("my-claimed", args=[held().pk])).content.decode()

    assert (reverse("my-again") in page) == has_password and "交证照" in page


def test_a_new_look_at_the_licence_ends_it_too(li, capfd, office):
    client = Client()
    says(client, capfd, "mine")
    assert not bindings.queue(area=None).exists(), "the office has nothing to look at yet"
    where, to = reverse("my-claimed", args=[held().pk]), reverse("my-claim-again", args=[held().pk])
    assert "请上传" in client.post(to, {"end": "1"}).content.decode()
    file = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(file, "JPEG")

    assert client.post(to, {"paper": SimpleUploadedFile("执照.jpg", file.getvalue()), "end": "1"}).url == where
    assert "证照已交" in client.get(where).content.decode()
    office.post(reverse("binding-decide", args=[held().pk]), {"accept": "1", "seen": "provisional False"})

    assert held().state == "accepted"


def test_nobody_hands_in_a_licence_for_somebody_else_or_without_a_doubt(li):
    client = signed_in(li)
    assert client.post(reverse("my-claim-again", args=[held().pk]), {"end": "1"}).status_code == 422
    session = client.session
    session[PROVED] = timezone.now().isoformat()
    session.save()

    other = signed_in(User.objects.create(username="b-other", role="business"))
    assert other.post(reverse("my-claim-again", args=[held().pk]), {"end": "1"}).status_code == 404
    assert held().state == "accepted"
