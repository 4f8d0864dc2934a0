"""A place (a mall, a market, a park) looks at the photos said to hang in it and sees nothing else; the office sees all of them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from chengxin.credit.codes import actions as codes
from chengxin.credit.codes import showing
from chengxin.credit.codes.models import ShowingDecision, ShowingWaiting
from chengxin.credit.codes.showing import Seen
from chengxin.people.models import Proof, Unit, User
from chengxin.portals.shared import proofs
from chengxin.portals.shared.proofs import Cleaned
from tests.make import CLERK, NOW, OTHER_USCC, USCC, subject
from tests.portals.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def signer(tmp_path):
    return codes.signer(folder=tmp_path / "keys", by=CLERK, at=NOW)


def unit(name, uscc, *, area="230402"):
    made = Unit.objects.create(name=name, uscc=uscc, area=area)
    User.objects.create(username=f"of {name}", role="place", unit=made)
    return made


@pytest.fixture
def mall(db):
    return unit("松岭里商场", "91230402MA1CTE5752")


@pytest.fixture
def market(db):
    return unit("比邻市场", "91230402MA1CTE5760")


def at_the(place):
    return signed_in(User.objects.get(unit=place))


def shown(signer, place, *, uscc=USCC, **code):
    """Let a business send a photo of a new code of its own."""
    (issued,) = codes.issue(subjects=[uscc], consent="同意书", by=CLERK, at=NOW, signer=signer, **code)
    photo = proofs.keep(
        Cleaned("门口.jpg", (b"\xff\xd8\xff" + str(issued.serial).encode(),)),
        subject=uscc, about="showing", user=None, by=CLERK, at=NOW,
    )  # fmt: skip
    return showing.send(
        subject=uscc, serial=issued.serial, proof=photo.pk, what=Seen("mine", issued.serial), where="二层扶梯旁",
        area="230402", place=place.pk if place else None, by=CLERK, at=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def sent(mall, signer):
    return shown(signer, mall, uscc=subject())


def page_of(one):
    return reverse("showing", args=[one.subject_id, one.id])


def test_a_place_is_led_from_its_first_page_to_the_photo_and_accepts_it(mall, sent):
    client = at_the(mall)
    home = client.get(reverse("home")).content.decode()
    assert "1 张亮码照片等您核实" in home and page_of(sent) in home and "尚未开通" not in home
    assert 'name="say" value="elsewhere"' in client.get(page_of(sent)).content.decode()

    assert client.post(page_of(sent), {"say": "accept", "seen": "0"}).url == reverse("showings")

    assert "没有等您核实的照片" in client.get(reverse("home")).content.decode()
    done = ShowingDecision.objects.get()
    assert (done.unit, done.by_place, done.accepted, done.area) == (mall.name, True, True, "230402")
    assert "松岭里饺子馆" in client.get(reverse("showings"), {"state": "done"}).content.decode()


def test_one_press_says_that_it_does_not_hang_there(mall, sent):
    at_the(mall).post(page_of(sent), {"say": "elsewhere", "seen": "0", "why": "在对面的楼里"})

    assert ShowingDecision.objects.get().why == "不在本场所：在对面的楼里"


def test_a_reason_that_nobody_sees_is_none(mall, sent):
    answer = at_the(mall).post(page_of(sent), {"say": "refuse", "why": "\u200b\u202e", "seen": "0"})

    assert answer.status_code == 422 and "看不见的字符" in answer.content.decode()
    assert not ShowingDecision.objects.exists()


def test_what_it_accepted_it_takes_back_and_what_the_office_accepted_it_does_not(office, mall, sent, signer):
    client = at_the(mall)
    client.post(page_of(sent), {"say": "accept", "seen": "0"})
    mine = ShowingDecision.objects.get()
    assert client.post(page_of(sent), {"say": "refuse", "why": "取下来了", "seen": mine.id}).status_code == 302

    again = shown(signer, mall, placement="vehicle", label="3号车")
    office.post(page_of(again), {"say": "accept", "seen": "0"})
    page = client.get(page_of(again)).content.decode()
    assert "信用办核实通过的" in page and "<form method" in page and 'name="say"' not in page
    assert "wangmin" not in page  # who in the office it was is no affair of a place's
    theirs = ShowingDecision.objects.latest("at").id
    assert client.post(page_of(again), {"say": "refuse", "why": "没有看到", "seen": theirs}).status_code == 422


def test_of_two_places_each_sees_only_what_is_said_to_hang_in_it(mall, market, sent):
    neighbour = at_the(market)

    assert "松岭里饺子馆" not in neighbour.get(reverse("showings")).content.decode()
    assert neighbour.get(page_of(sent)).status_code == 404
    assert neighbour.post(page_of(sent), {"say": "accept", "seen": "0"}).status_code == 404
    at_the(mall).post(page_of(sent), {"say": "accept", "seen": "0"})
    assert "松岭里饺子馆" not in neighbour.get(reverse("showings"), {"state": "done"}).content.decode()


def test_a_place_sees_the_pictures_of_these_photos_and_no_other_paper(mall, market, sent, signer):
    elsewhere = shown(signer, None, uscc=subject(OTHER_USCC, name="比邻百货"))
    paper = Proof.objects.create(
        subject=USCC, about="declaration", name="证书.jpg", pages=["x"], size=1, by="x", at=NOW
    )

    def sees(place, proof):
        return at_the(place).get(reverse("proof", args=[proof, 1])).status_code

    assert [sees(mall, one) for one in (sent.proof, elsewhere.proof, paper.pk)] == [200, 404, 404]
    assert sees(market, sent.proof) == 404


def test_a_place_is_not_told_what_else_a_business_does_with_its_codes(mall, signer):
    subject()
    hidden = shown(signer, mall, placement="stall", label="A12 摊")

    page = at_the(mall).get(page_of(hidden)).content.decode()

    assert "<dt>亮码</dt>" not in page and "A12 摊" not in page


def test_its_own_code_is_no_photo_of_its_queue(mall, sent):
    Unit.objects.filter(pk=mall.pk).update(uscc=USCC)
    client = at_the(mall)

    assert "没有等您核实的照片" in client.get(reverse("home")).content.decode()
    page = client.get(page_of(sent)).content.decode()
    assert "由信用办核实" in page and 'name="say"' not in page
    assert client.post(page_of(sent), {"say": "accept", "seen": "0"}).status_code == 422


def test_a_place_without_a_code_of_its_own_sees_nothing_and_is_told_what_to_do(mall, sent):
    Unit.objects.filter(pk=mall.pk).update(uscc="")
    client = at_the(mall)

    assert "请联系信用办补上" in client.get(reverse("home")).content.decode()
    assert client.get(page_of(sent)).status_code == 404


def test_the_office_sees_in_which_place_it_hangs_and_goes_on_with_its_own(office, mall, sent, signer):
    own = shown(signer, None, placement="vehicle", label="3号车")

    def listed(**asked):
        answer = office.get(reverse("showings"), asked)
        return [row.showing for row, *_ in answer.context["told"]]

    assert listed() == [own.id, sent.id]
    assert (listed(by="office"), listed(by="place"), listed(by="nonsense")) == ([own.id], [sent.id], [own.id, sent.id])
    assert mall.name in office.get(reverse("showings")).content.decode()
    # The place has its days yet: after its own the office is led back to the list.
    assert office.post(page_of(own), {"say": "accept", "seen": "0"}).url == reverse("showings")

    ShowingWaiting.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    assert "逾期未核实" in office.get(reverse("showings")).content.decode()
    User.objects.filter(unit=mall).update(is_active=False)
    ShowingWaiting.objects.update(due_on=timezone.localdate())
    assert "场所已不再核实" in office.get(reverse("showings")).content.decode()
    assert office.post(page_of(sent), {"say": "accept", "seen": "0"}).status_code == 302
    assert (listed(state="done", by="office"), listed(state="done", by="place")) == ([sent.id, own.id], [])


def test_a_county_sees_what_a_place_decided_about_its_businesses(mall, sent):
    at_the(mall).post(page_of(sent), {"say": "accept", "seen": "0"})
    offices = {area: Unit.objects.create(name=f"{area} 信用办", area=area) for area in ("230402", "230403")}
    for area, one in offices.items():
        page = signed_in(User.objects.create(username=area, role="county", unit=one)).get(
            reverse("showings"), {"state": "done"}
        )
        assert (mall.name in page.content.decode()) is (area == "230402")


@pytest.mark.parametrize("who", ["mall", "office"])
def test_a_list_costs_as_many_questions_however_long_it_is(
    who, office, mall, market, sent, signer, django_assert_num_queries, django_assert_max_num_queries
):
    client = office if who == "office" else at_the(mall)
    with django_assert_max_num_queries(12) as few:
        client.get(reverse("showings"))
    for number in range(8):
        shown(signer, mall if number % 2 or who == "mall" else market, placement="vehicle", label=f"{number}号车")

    with django_assert_num_queries(len(few.captured_queries)):
        page = client.get(reverse("showings"))
    assert len(page.context["told"]) == 9
