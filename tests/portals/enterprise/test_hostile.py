"""The businesses' door against whoever means ill: what a form may say at worst, ways round a freeze, papers of others, too much."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from chengxin.board.models import BoardCode
from chengxin.credit.applications import consents, queries
from chengxin.credit.applications.models import Application
from chengxin.credit.codes import actions, giving, life, placing
from chengxin.credit.codes import queries as codes
from chengxin.credit.codes.models import Turn
from chengxin.credit.codes.places import Place
from chengxin.credit.subjects import successions
from chengxin.credit.subjects.models import Message
from chengxin.people.models import Proof, Trail, User
from chengxin.people.trail import Actor, Refused
from chengxin.portals.shared import applying, proofs
from tests import make
from tests.make import CLERK, NOW, OTHER_USCC, USCC
from tests.portals.conftest import bind, signed_in

pytestmark = pytest.mark.django_db
ID_NUMBER = "11010519491231002X"
ITEM = {"kind": "慈善捐助", "title": "向社区老人捐赠米面", "issuer": "某社区", "end": "1"}


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    settings.KEYS_DIR = tmp_path / "keys"


@pytest.fixture
def signer(settings):
    return actions.signer(folder=settings.KEYS_DIR, by=CLERK, at=NOW)


@pytest.fixture
def door(owner, signer):
    """The serial of the owner's code at the door."""
    (made,) = actions.issue(subjects=[USCC], consent="申领表 1", by=CLERK, at=NOW, signer=signer, way="self")
    return made.serial


def here(name, *more):
    return reverse(name, args=[USCC, *more])


def picture(name="奖状.jpg"):
    file = io.BytesIO()
    Image.new("RGB", (80, 60), "white").save(file, "JPEG")
    return SimpleUploadedFile(name, file.getvalue(), content_type="image/jpeg")


# ---- What a form may say at worst ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "said", "answer"),
    [
        pytest.param("my-declare", ITEM | {"given_on": "99999999999999-1-1"}, 422, id="a year beyond every calendar"),
        pytest.param("my-declare", ITEM | {"key": "z" * 32}, 302, id="a key that is no number"),
        pytest.param("my-print", {"kind": "premises", "serial": "²"}, 422, id="a figure that is no number"),
        pytest.param("my-showing", {"serial": "9" * 5000, "where": "店门口", "anyway": "1"}, 422, id="a number without end"),
    ],
)  # fmt: skip
def test_whatever_a_form_says_gets_an_answer(owner, door, page, said, answer):
    more = {"photo": picture(), "end": "1"} if page == "my-showing" else {}

    assert owner.post(here(page), said | more).status_code == answer


def test_an_odd_place_in_a_list_of_jobs_is_its_beginning(owner, office):
    assert owner.get(here("my-prints"), {"before": "²"}).status_code == 200
    assert office.get("/prints", {"before": "²"}).status_code == 200


@pytest.mark.parametrize("said", ["[" * 20_000, "null", '{"rawId": "\\u0000", "id": "\\ud800"}'])
def test_whatever_a_stranger_says_is_a_passkey_leads_back_to_the_sign_in_page(client, said):
    assert client.post(reverse("my-passkey-sign-in"), {"credential": said}).url == reverse("my-sign-in")


@pytest.mark.parametrize("why", ["长" * 70_000, f"本人 {ID_NUMBER}"])
def test_of_an_act_that_asks_no_reason_none_is_kept(owner, door, why):
    owner.post(here("my-code-turn", door, "pause"), {"why": why})

    assert Turn.objects.order_by("id").last().why == "经营主体暂停展示"
    assert Trail.objects.get(verb="code.pause").detail["why"] == "经营主体暂停展示"


def test_nobodys_number_gets_into_the_trail_by_a_reason(owner, door, office, signer):
    make.subject(OTHER_USCC)
    why = f"店主 {ID_NUMBER} 来电"
    asked = [giving.Asked(OTHER_USCC, OTHER_USCC)]
    made = giving.draw_up(rows=asked, turned_away=[], placement="premises", by=CLERK, at=NOW)

    with pytest.raises(Refused, match="身份证号"):
        life.turn(subject=USCC, serials=[door], verb="freeze", why=why, unit="信用办", by=CLERK, at=NOW)
    with pytest.raises(Refused, match="身份证号"):
        successions.say(
            subject=USCC, successor=OTHER_USCC, how="converted", happened_on=NOW.date(), why=why, unit="信用办",
            by=CLERK, at=NOW, today=NOW.date(),
        )  # fmt: skip
    with pytest.raises(Refused, match="身份证号"):
        giving.give(
            number=made.pk, paper=why, signed_on=NOW.date(), proofs=[], unit="信用办", by=CLERK, at=NOW,
            today=NOW.date(), signer=signer,
        )  # fmt: skip
    page = office.post(
        "/counter", {"subject": OTHER_USCC, "paper": why, "identity": "yes", "name": "王敏", "phone": "0468-3350000"}
    )
    assert page.status_code == 422 and "编号里写了身份证号" in page.content.decode()
    assert ID_NUMBER not in str([*Trail.objects.values_list("detail", flat=True)])


# ---- Ways round a freeze ---------------------------------------------------------------------------------------------


def freeze(*serials):
    life.turn(subject=USCC, serials=serials, verb="freeze", why="有人举报冒用", unit="信用办", by=CLERK, at=NOW)


def test_whoever_gave_up_a_frozen_code_and_asks_for_another_waits_for_a_clerk(owner, door, keeper_of_a_shop):
    freeze(door)
    owner.post(here("my-codes-withdraw"), {"sure": "1"})
    draft = {
        "key": "0" * 32,
        "consent": consents.current(timezone.localdate()).version,
        "contact": {"name": "王敏", "phone": "0468-3350000"},
    }

    sent = applying.send(
        subject=USCC, way="self", draft=draft, person=keeper_of_a_shop, by=Actor("shop-1", "business"), at=NOW
    )

    assert (sent.state, sent.serial) == ("waiting", None)
    assert not applying.has_code(USCC)
    applying.decide(subject=USCC, application=sent.application, state="approved", why="", by=CLERK, at=NOW)
    assert queries.filed(USCC)[0].state == "approved" and applying.has_code(USCC)


def test_a_frozen_code_is_not_ended_by_its_owner_to_place_another(owner, door, signer):
    (car,) = placing.place(
        subject=USCC, places=[Place("taxi", "黑H·T1234")], way="self", by=CLERK, at=NOW, signer=signer
    )
    freeze(car.serial)

    page = owner.post(here("my-place", car.serial), {"act": "end", "why": "填错了"})

    assert "已被信用办冻结" in page.content.decode()
    assert {code.serial: code.state for code in codes.standing([USCC])}[car.serial] == "frozen"


def test_a_code_that_its_owner_had_paused_is_not_shown_again_by_the_office(owner, door, signer):
    (car,) = placing.place(
        subject=USCC, places=[Place("taxi", "黑H·T1234")], way="self", by=CLERK, at=NOW, signer=signer
    )
    owner.post(here("my-code-turn", door, "pause"))
    freeze(door, car.serial)

    life.turn(
        subject=USCC, serials=[door, car.serial], verb="unfreeze", why="查实无误", unit="信用办", by=CLERK, at=NOW
    )

    assert {code.serial: code.state for code in codes.standing([USCC])} == {door: "paused", car.serial: "active"}
    assert BoardCode.objects.get(serial=door).state == "paused"
    assert "现在仍是暂停" in Message.objects.order_by("-id").first().text
    freeze(car.serial)
    actions.turn(subject=USCC, serial=car.serial, verb="unfreeze", why="查实无误", by=CLERK, at=NOW)
    assert codes.standing([USCC])[1].state == "active"


# ---- Papers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("about", "answer"), [("declaration", 200), ("judgment", 200), ("consent", 404), ("binding", 404)]
)
def test_a_paper_that_a_whole_street_signed_is_shown_to_none_of_them(owner, clerk, about, answer):
    cleaned = proofs.clean(picture("名册.jpg"))
    kept = proofs.keep(cleaned, subject=USCC, about=about, user=clerk, by=CLERK, at=NOW)

    assert owner.get(here("my-proof", kept.pk, 1)).status_code == answer


def test_one_person_hands_in_no_more_than_a_days_papers(owner, door, keeper_of_a_shop, monkeypatch):
    monkeypatch.setattr(proofs, "A_DAY", 3)
    for number in range(4):
        page = owner.post(here("my-declare"), ITEM | {"title": "", "proof": picture(f"{number}.jpg")})

    assert "一天最多上传 3 份材料" in page.content.decode()
    assert Proof.objects.filter(user=keeper_of_a_shop).count() == 3
    Proof.objects.update(at=timezone.now() - timedelta(days=1, seconds=1))
    page = owner.post(here("my-declare"), ITEM | {"title": "", "proof": picture()})
    assert "一天最多" not in page.content.decode()


def test_what_is_anothers_is_found_by_no_number(owner, door, signer, keeper_of_a_shop):
    """Everything of another business, asked for by its own number under a business that is one's own."""
    make.subject(OTHER_USCC)
    other = User.objects.create(username="b-other", role="business")
    bind(other, OTHER_USCC)
    draft = {
        "key": "1" * 32,
        "consent": consents.current(timezone.localdate()).version,
        "contact": {"name": "赵", "phone": "0468-3350000"},
        "items": [{name: said for name, said in ITEM.items() if name != "end"}],
    }
    applying.send(subject=OTHER_USCC, way="self", draft=draft, person=other, by=Actor("b-other", "business"), at=NOW)
    theirs = Application.objects.get(subject=OTHER_USCC).id
    (code,) = codes.standing([OTHER_USCC])
    paper = proofs.keep(proofs.clean(picture()), subject=OTHER_USCC, about="declaration", user=other, by=CLERK, at=NOW)

    for where in (
        here("my-application", theirs), here("my-code", code.serial), here("my-carriers", code.serial),
        here("my-place", code.serial), here("my-proof", paper.pk, 1),
    ):  # fmt: skip
        assert owner.get(where).status_code == 404, where
    for where in (here("my-application-withdraw", theirs), here("my-application-appeal", theirs)):
        assert owner.post(where, {"words": "应当通过"}).status_code == 404, where
    kept = owner.post(here("my-declare"), ITEM | {"kept": str(paper.pk), "title": "带别人的材料"})
    assert kept.status_code == 302
    assert all(item.proof is None for filed in queries.filed(USCC) for _, item, _ in filed.items)
    assert signed_in(other).get(here("my-home")).status_code == 404
