"""The office looks at claims: papers beside the register, both sides of a contest beside each other, decisions with reasons."""

from datetime import date

import pytest
from django.urls import reverse

from chengxin.credit.subjects.models import Message
from chengxin.people import looks
from chengxin.people.models import Binding, Proof, Trail, Unit, User
from chengxin.portals.department import bindings as pages
from tests import make
from tests.make import NOW, OTHER_USCC, USCC
from tests.portals.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    return User.objects.create(username="wangmin", role="credit_office")


@pytest.fixture
def claimed():
    make.subject(LEREP="李国强")
    return claim("b-1", state="provisional")


def claim(account, *, subject=USCC, **more):
    user = User.objects.create(username=account, role="business", name=account)
    said = {"part": "legal", "proven_by": "name", "name": "李国强", "state": "waiting", "area": "230402"}
    said["due_on"] = date(2026, 11, 26)
    return Binding.objects.create(user=user, subject=subject, asked_at=NOW, **(said | more))


def text(answer):
    return answer.content.decode()


def decide(browser, binding, *, accept=True, **more):
    said = {"seen": f"{binding.state} {bool(binding.appeal)}", "accept" if accept else "refuse": "1"}
    return browser.post(reverse("binding-decide", args=[binding.pk]), said | more)


def test_the_queue_says_what_is_overdue_first_and_what_is_contested(office, claimed):
    make.subject(OTHER_USCC, name="另一家饭店")
    claim("b-2", subject=OTHER_USCC, due_on=date(2020, 1, 2), contested=True)

    page = text(office.get(reverse("bindings")))

    assert page.index("另一家饭店") < page.index("松岭里饺子馆")
    assert "超期" in page and "有争议" in page


def test_the_papers_stand_beside_what_the_register_says_and_the_look_is_noted(office, claimed):
    proof = Proof.objects.create(
        subject=USCC, about="binding", name="执照.jpg", pages=["0" * 64], size=1, user=claimed.user, by="b-1", at=NOW
    )
    Binding.objects.filter(pk=claimed.pk).update(proofs=[proof.pk])

    page = text(office.get(reverse("binding", args=[claimed.pk])))

    assert "与登记一致" in page and reverse("proof", args=[proof.pk, 1]) in page
    look = looks.of_trail(Trail.objects.get(verb=looks.LOOK))
    assert (look.subject, look.purpose) == (USCC, looks.PURPOSES["approve"])


def test_both_sides_of_a_contest_stand_beside_each_other(office, claimed):
    second = claim("b-2", name="王五", contested=True)

    page = text(office.get(reverse("binding", args=[second.pk])))

    assert "王五" in page and "与登记不一致" in page
    assert "李国强" in page and "现在代表这一家" in page and f'name="ends" value="{claimed.pk}"' in page


def test_accepting_tells_the_business_and_goes_on_to_the_next(office, claimed):
    make.subject(OTHER_USCC)
    following = claim("b-2", subject=OTHER_USCC)

    answer = decide(office, claimed)

    assert answer.url == reverse("binding", args=[following.pk])
    claimed.refresh_from_db()
    assert (claimed.state, claimed.decided_by) == ("accepted", "wangmin")
    assert Message.objects.get().title == "有人绑定了本主体"


def test_whoever_looks_at_one_business_goes_on_to_the_next_of_that_one(office, claimed):
    make.subject(OTHER_USCC)
    claim("b-2", subject=OTHER_USCC, due_on=date(2020, 1, 2))
    assert f'{reverse("binding", args=[claimed.pk])}?q={USCC}"' in text(office.get(reverse("bindings"), {"q": USCC}))
    page = text(office.get(reverse("binding", args=[claimed.pk]), {"q": USCC}))
    assert (
        f'{reverse("bindings")}?q={USCC}"' in page
        and f'{reverse("binding-decide", args=[claimed.pk])}?q={USCC}"' in page
    )
    said = {"seen": f"{claimed.state} False", "accept": "1"}

    answer = office.post(f"{reverse('binding-decide', args=[claimed.pk])}?q={USCC}", said)

    assert answer.url == f"{reverse('bindings')}?q={USCC}", "the other business waits longer, and was not asked for"


def test_accepting_one_ends_the_other_with_a_reason(office, claimed):
    second = claim("b-2", contested=True)
    assert decide(office, second, ends=[claimed.pk]).status_code == 422

    decide(office, second, ends=[claimed.pk], why="核对了证照原件")

    claimed.refresh_from_db()
    second.refresh_from_db()
    assert (claimed.state, second.state) == ("ended", "accepted")


def test_a_refusal_needs_a_reason(office, claimed):
    answer = decide(office, claimed, accept=False)
    assert answer.status_code == 422
    assert "请写明理由" in text(answer)

    decide(office, claimed, accept=False, why=pages.COMMON[0])

    claimed.refresh_from_db()
    assert (claimed.state, claimed.why) == ("refused", pages.COMMON[0])


def test_a_page_that_is_old_decides_nothing(office, claimed):
    Binding.objects.filter(pk=claimed.pk).update(state="waiting")

    assert decide(office, claimed).status_code == 422
    claimed.refresh_from_db()
    assert claimed.state == "waiting"


def test_an_appeal_is_for_another_clerk(office, claimed):
    Binding.objects.filter(pk=claimed.pk).update(state="waiting", appeal="请再看看证照", decided_by="wangmin")
    User.objects.create(username="lihua", role="credit_office")
    claimed.refresh_from_db()

    page = text(office.get(reverse("binding", args=[claimed.pk])))
    assert "请由另一位同事处理" in page and "binding-decide" not in page
    assert decide(office, claimed).status_code == 422


def test_the_office_ends_what_stands_and_the_business_is_told(office, claimed):
    Binding.objects.filter(pk=claimed.pk).update(state="accepted")
    here = reverse("binding-end", args=[claimed.pk])
    assert office.post(here, {"why": ""}).status_code == 422

    office.post(here, {"why": "已离职，本主体来信说明"})

    claimed.refresh_from_db()
    assert claimed.state == "ended"
    assert "已离职" in Message.objects.get().text


@pytest.mark.parametrize(("area", "status"), [("230402", 200), ("230403", 404)], ids=["own", "another"])
def test_a_county_sees_and_decides_those_of_its_own_area(claimed, area, status):
    unit = Unit.objects.create(name="某区信用办", area=area)
    county = signed_in(User.objects.create(username="county", role="county", unit=unit))

    assert county.get(reverse("binding", args=[claimed.pk])).status_code == status
    assert ("松岭里饺子馆" in text(county.get(reverse("bindings")))) is (status == 200)
    assert decide(county, claimed).status_code == (302 if status == 200 else 404)


@pytest.mark.parametrize(
    ("role", "area", "status"),
    [
        ("credit_office", "", 200),
        ("county", "230402", 200),
        ("county", "230403", 404),
        ("department", "230402", 404),
        ("auditor", "", 403),
    ],
)
def test_a_paper_is_seen_by_whoever_judges_it_and_the_look_is_noted(claimed, settings, tmp_path, role, area, status):
    settings.FILES_DIR = tmp_path
    sha = "ab" + "0" * 62
    page = tmp_path / "proofs" / "ab" / sha
    page.parent.mkdir(parents=True)
    page.write_bytes(b"\xff\xd8")
    proof = Proof.objects.create(
        subject=USCC, about="binding", name="执照.jpg", pages=[sha], size=1, user=claimed.user, by="b-1", at=NOW
    )
    unit = Unit.objects.create(name="某单位", area=area)
    browser = signed_in(User.objects.create(username="somebody", role=role, unit=unit))

    assert browser.get(reverse("proof", args=[proof.pk, 1])).status_code == status
    assert Trail.objects.filter(verb="proof.see").count() == (status == 200)


def test_a_search_by_code_finds_every_state_and_a_wrong_code_gets_a_sentence(office, claimed):
    assert "松岭里饺子馆" in text(office.get(reverse("bindings"), {"q": USCC.lower()}))
    wrong = office.get(reverse("bindings"), {"q": "123"})
    assert wrong.status_code == 422
    assert "应是 18 位" in text(wrong)


def test_the_queue_asks_the_database_the_same_however_long_it_is(office, claimed, django_assert_max_num_queries):
    for number in range(30):
        claim(f"b-many-{number}", subject=f"91230403MA1CT{number:04}X")

    with django_assert_max_num_queries(10):
        office.get(reverse("bindings"))
    with django_assert_max_num_queries(18):
        office.get(reverse("binding", args=[claimed.pk]))
