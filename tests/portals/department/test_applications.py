"""申请 at the office: overdue first, by area, decided part by part with reasons, appealed once to somebody else; the counter."""

import io
import re
from datetime import date, timedelta
from importlib import import_module
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from chengxin.credit.applications import consents, queries
from chengxin.credit.applications.models import Application, Decided, Decision, Waiting
from chengxin.credit.codes.models import Code, Consent
from chengxin.credit.commitments import templates
from chengxin.credit.subjects import queries as subjects
from chengxin.credit.subjects.models import Message
from chengxin.ingest.models import Batch
from chengxin.people.models import Binding, Proof, Trail, Unit, User
from chengxin.people.trail import Actor
from chengxin.portals.shared import applying
from tests import make
from tests.make import OTHER_USCC, USCC
from tests.portals.conftest import AT, PASSWORD, bind, signed_in

pytestmark = pytest.mark.django_db

ITEM = {"kind": "慈善捐助", "title": "送出全国最佳饺子", "issuer": "某社区"}
FINE = {"kind": "志愿服务", "title": "冬季清雪", "issuer": "某社区"}


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    settings.KEYS_DIR = tmp_path / "keys"


def person(name="b-1", *, subject=USCC, state="accepted"):
    user = User.objects.create_user(name, password=PASSWORD, role="business", name="王敏")
    bind(user, subject, state=state)
    return user


def sent(user, *items, subject=USCC, at=None):
    """Return the number of an application that was sent in."""
    at = at or timezone.now()
    draft = {
        "key": f"{len(Application.objects.all()):032x}",
        "consent": consents.current(timezone.localdate(at)).version,
        "contact": {"name": "王敏", "phone": "13800138000"},
        "items": list(items),
    }
    by = Actor(user.username, "business")
    return applying.send(subject=subject, way="self", draft=draft, person=user, by=by, at=at).application


@pytest.fixture
def waiting(db):
    """An application of which one item waits."""
    make.subject()
    return sent(person(), ITEM, FINE)


def at(name, number, subject=USCC):
    return reverse(name, args=[subject, number])


def decide(client, number, *, subject=USCC, **said):
    page = client.get(at("application", number, subject)).content.decode()
    seen = page.split('name="seen" value="')[1].split('"')[0] if 'name="seen"' in page else "0"
    return client.post(at("application-decide", number, subject), {"seen": seen, **said})


PASS = {"verdict item 1": "pass"}


def refuse(why="没有依据"):
    return {"verdict item 1": "refuse", "why item 1": why}


def county(area="230402", name="county"):
    unit = Unit.objects.create(name=f"{area}信用办", area=area)
    return signed_in(User.objects.create_user(name, password=PASSWORD, role="county", unit=unit))


# ---- The queue ------------------------------------------------------------------------------------------------------


def test_what_is_overdue_stands_on_top_and_says_by_how_much(office, waiting):
    make.subject(OTHER_USCC, name="另一家饭店")
    sent(person("b-2", subject=OTHER_USCC), ITEM, subject=OTHER_USCC)
    Waiting.objects.filter(subject=OTHER_USCC).update(due_on=timezone.localdate() - timedelta(days=10))

    page = office.get(reverse("applications")).content.decode()

    assert page.index("另一家饭店") < page.index("松岭里饺子馆")
    assert "超期" in page and "还有 3 个工作日" in page
    overdue = office.get(reverse("applications"), {"sort": "overdue"}).content.decode()
    assert "另一家饭店" in overdue and "松岭里饺子馆" not in overdue


@pytest.mark.parametrize(
    ("asked", "found"),
    [({"way": "self"}, True), ({"way": "counter"}, False), ({"sort": "appeal"}, False), ({"q": USCC}, True)],
    ids=["self", "counter", "appeal", "one business"],
)
def test_the_queue_is_filtered(office, waiting, asked, found):
    assert ("松岭里饺子馆" in office.get(reverse("applications"), asked).content.decode()) is found


@pytest.mark.parametrize("asked", [{"way": "'"}, {"sort": "x"}, {"page": "x"}, {"q": "%"}], ids=str)
def test_an_odd_question_still_gets_a_page(office, waiting, asked):
    assert office.get(reverse("applications"), asked).status_code in (200, 422)


def test_the_first_page_says_how_much_waits_for_an_office_and_until_when(office, waiting):
    for client in (office, county()):
        home = client.get(reverse("home")).content.decode()
        assert "1 份申请等着办" in home and "到期" in home and f'href="{reverse("applications")}"' in home
    elsewhere = county("230403", "other").get(reverse("home")).content.decode()
    assert "份申请" not in elsewhere and "眼下没有要做的事" in elsewhere


def test_a_county_sees_the_applications_of_its_area_alone(waiting):
    own, other = county(), county("230403", "other")

    assert "松岭里饺子馆" in own.get(reverse("applications")).content.decode()
    assert "松岭里饺子馆" not in other.get(reverse("applications")).content.decode()
    assert "没有申请" in other.get(reverse("applications"), {"q": USCC}).content.decode()
    for name in ("application", "application-poster"):
        assert other.get(at(name, waiting)).status_code == 404
    for name in ("application-decide", "application-contact"):
        assert other.post(at(name, waiting)).status_code == 404
    assert own.get(at("application", waiting)).status_code == 200


def test_a_long_queue_asks_the_database_as_often_as_a_short_one(office, waiting, django_assert_max_num_queries):
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH more AS (
                 INSERT INTO applications_application
                   (subject, key, way, consent, scenarios, body, checks, person, by, sent_at, due_on)
                 SELECT subject, gen_random_uuid(), way, consent, scenarios, body, checks, person, by, sent_at, due_on
                 FROM applications_application, generate_series(1, 60) RETURNING subject, id, way, due_on)
               INSERT INTO applications_waiting (subject, application, area, way, is_appeal, due_on)
               SELECT subject, id, '230402', way, false, due_on FROM more"""
        )

    with django_assert_max_num_queries(31):  # eighteen of them only bound how long the figures may take
        page = office.get(reverse("applications")).content.decode()

    assert page.count("松岭里饺子馆") == 25 and "第 1 页，共 3 页" in page


# ---- What ended -----------------------------------------------------------------------------------------------------


def ended(client, **asked):
    answer = client.get(reverse("applications"), {"state": "done", **asked})
    assert answer.status_code == 200
    return answer.content.decode()


def rows_of(page):
    return page.count('class="whom"')


def test_what_ended_is_listed_with_how_and_by_whom_until_it_is_appealed_against(office, waiting):
    assert "还没有办结的申请" in ended(office)
    decide(office, waiting, **refuse())
    assert "<b>部分通过</b>" in ended(office) and "wangmin</td>" in ended(office)

    appeal(User.objects.get(username="b-1"), waiting)
    assert "还没有办结的申请" in ended(office), "it waits again"
    colleague = signed_in(User.objects.create_user("lihua", password=PASSWORD, role="credit_office"))
    decide(colleague, waiting, **PASS)

    page = ended(office)
    assert "申诉" in page and "全部通过" in page and "lihua</td>" in page and rows_of(page) == 1


def test_what_nobody_of_the_office_decided_says_so(office, waiting):
    make.subject(OTHER_USCC, name="另一家饭店")
    sent(person("b-2", subject=OTHER_USCC), FINE, subject=OTHER_USCC)
    signed_in(User.objects.get(username="b-1")).post(reverse("my-application-withdraw", args=[USCC, waiting]))

    page = ended(office, clerk="-")
    assert "自动核对" in page and "申请人自己" in page and rows_of(page) == 2


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"way": "self"}, 1),
        ({"way": "counter"}, 0),
        ({"result": "partly"}, 1),
        ({"result": "refused"}, 0),
        ({"clerk": "wangmin"}, 1),
        ({"clerk": "lihua"}, 0),
        ({"area": "230402"}, 1),
        ({"area": "230403"}, 0),
        ({"from": "2026-01-01", "to": "2999-01-01"}, 1),
        ({"to": "2025-12-31"}, 0),
        ({"way": "'", "result": "x", "area": "%", "before": "x.y"}, 1),
        ({"before": "00010101T000000.000000+2359.5"}, 1),
        ({"before": f"20260101T000000.000000+0000.{10**30}"}, 0),
    ],
    ids=lambda asked: "-".join(asked) if isinstance(asked, dict) else "",
)
def test_what_ended_is_asked_for(office, waiting, asked, found):
    decide(office, waiting, **{"refuse-all": "1", "why": "用语不当"})
    Application.objects.exclude(id=waiting).delete()

    assert rows_of(ended(office, **asked)) == found


@pytest.mark.parametrize("days", [{"from": "昨天"}, {"from": "2026-03-02", "to": "2026-03-01"}], ids=str)
def test_days_that_are_none_get_a_sentence(office, days):
    answer = office.get(reverse("applications"), {"state": "done", **days})

    assert answer.status_code == 422 and 'role="alert"' in answer.content.decode()


def test_what_ended_before_there_was_a_list_stands_in_it(office, waiting):
    make.subject(OTHER_USCC, name="另一家饭店")
    sent(person("b-2", subject=OTHER_USCC), FINE, subject=OTHER_USCC)
    decide(office, waiting, **refuse())
    told = list(Decided.objects.order_by("subject").values())

    Decided.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(import_module("chengxin.credit.applications.migrations.0006_decided").FILL)

    again = list(Decided.objects.order_by("subject").values())
    assert len(told) == 2 and [one | {"id": 0} for one in again] == [one | {"id": 0} for one in told]


def test_a_county_sees_what_ended_in_its_area_alone_and_has_no_choice(office, waiting):
    decide(office, waiting, **PASS)

    own = ended(county())
    assert "松岭里饺子馆" in own and 'id="area"' not in own
    other = county("230403", "other")
    assert rows_of(ended(other)) == 0 and rows_of(ended(other, area="230402")) == 0


def test_a_long_list_of_what_ended_is_paged_by_its_place_and_asks_the_database_the_same(
    office, waiting, django_assert_num_queries
):
    decide(office, waiting, **PASS)
    Decided.objects.bulk_create(
        Decided(subject=USCC, application=number, way="self", result="approved", decided_at=AT)
        for number in range(1_000_000, 1_000_060)
    )
    seen, asked = [], {}
    for page_of in (25, 25, 11):
        with django_assert_num_queries(10):
            page = ended(office, **asked)
        assert rows_of(page) == page_of
        seen += re.findall(r"applications/\w+/(\d+)", page)
        more = re.search(r'rel="next" href="[^"]*before=([^"&]+)', page)
        asked = {"before": unquote(more[1])} if more else {}

    assert len(set(seen)) == 61 and int(seen[0]) == waiting and not asked


# ---- Deciding -------------------------------------------------------------------------------------------------------


def test_what_was_found_stands_on_the_page_and_the_look_is_noted(office, waiting):
    page = office.get(at("application", waiting)).content.decode()

    assert "<mark>最佳</mark>" in page and "第九条" in page and "身份已核实" in page
    assert "13800138000" not in page and "138****00" in page
    assert Trail.objects.filter(verb="application.see").count() == 1


def test_the_telephone_is_shown_when_asked_for_and_that_is_noted(office, waiting):
    page = office.post(at("application-contact", waiting)).content.decode()

    assert "13800138000" in page
    noted = Trail.objects.get(verb="application.contact")
    assert "138" not in f"{noted.thing}{noted.detail}".replace(USCC, "")


def test_a_clerk_lets_an_item_through_and_goes_on_to_the_next(office, waiting):
    make.subject(OTHER_USCC, name="另一家饭店")
    following = sent(person("b-2", subject=OTHER_USCC), ITEM, subject=OTHER_USCC)

    answer = decide(office, waiting, **PASS)

    assert answer.url == at("application", following, OTHER_USCC)
    (filed,) = queries.filed(USCC)
    assert filed.state == "approved" and filed.parts["item 1"].number.startswith("ZY")
    assert Batch.objects.filter(kind="declaration").count() == 2, "one at once, one now"
    assert not Waiting.objects.filter(subject=USCC).exists()
    assert "1 项内容已通过" in Message.objects.filter(subject=USCC).latest("id").text


def test_the_next_is_of_what_somebody_asked_for_and_they_come_back_to_it(office, waiting):
    make.subject(OTHER_USCC, name="另一家饭店", division="230403")
    other = sent(person("b-2", subject=OTHER_USCC), ITEM, ITEM, subject=OTHER_USCC)
    Waiting.objects.filter(subject=USCC).update(due_on=timezone.localdate() - timedelta(days=10))
    listed = office.get(reverse("applications"), {"area": "230403"}).content.decode()
    assert f'{at("application", other, OTHER_USCC)}?area=230403"' in listed and "松岭里饺子馆" not in listed
    page = office.get(at("application", other, OTHER_USCC), {"area": "230403"}).content.decode()
    assert f'href="{reverse("applications")}?area=230403"' in page
    assert f'{at("application-decide", other, OTHER_USCC)}?area=230403"' in page

    seen = page.split('name="seen" value="')[1].split('"')[0]
    said = {"seen": seen, "refuse-all": "1", "why": "用语不当"}
    answer = office.post(f"{at('application-decide', other, OTHER_USCC)}?area=230403", said, follow=True)

    assert answer.redirect_chain[0][0] == f"{reverse('applications')}?area=230403"
    assert "您筛选的这些都办完了" in answer.content.decode()


def test_a_refusal_says_why_to_the_business(office, waiting):
    assert decide(office, waiting, **refuse("")).status_code == 422
    decide(office, waiting, **refuse("没有依据"))

    (filed,) = queries.filed(USCC)
    assert filed.parts["item 1"].why == "没有依据" and filed.parts["item 2"].state == "shown"
    assert "没有依据" in Message.objects.latest("id").text
    assert Trail.objects.filter(verb="application.decide").count() == 1


def test_all_of_it_is_refused_with_one_reason(office, waiting):
    assert decide(office, waiting, **{"refuse-all": "1"}).status_code == 422
    decide(office, waiting, **{"refuse-all": "1", "why": "用语不当"})

    assert queries.filed(USCC)[0].parts["item 1"].why == "用语不当"


def test_an_item_nobody_judged_is_asked_for_again(office, waiting):
    answer = decide(office, waiting)

    assert answer.status_code == 422 and "逐项选好" in answer.content.decode()
    assert Waiting.objects.exists()


def test_of_two_clerks_at_once_one_wins_and_the_other_is_told(office, waiting):
    colleague = signed_in(User.objects.create_user("lihua", password=PASSWORD, role="credit_office"))
    page = office.get(at("application", waiting)).content.decode()
    seen = page.split('name="seen" value="')[1].split('"')[0]
    decide(colleague, waiting, **refuse())

    late = office.post(at("application-decide", waiting), {"seen": seen, **PASS})

    assert late.status_code == 422 and "有了变化" in late.content.decode()
    assert Decision.objects.filter(state="approved").count() == 1
    with pytest.raises(applying.Refused, match="lihua"):
        applying.decide(
            subject=USCC,
            application=waiting,
            state="approved",
            why="",
            by=Actor("w", "credit_office"),
            at=timezone.now(),
        )


def test_nothing_is_said_in_the_name_of_a_business_before_its_person_is_confirmed(office):
    make.subject()
    user = person(state="provisional")
    number = sent(user, FINE)

    answer = decide(office, number, **PASS)
    assert answer.status_code == 422 and "身份还没有核实" in answer.content.decode()

    assert queries.filed(USCC)[0].state == "waiting" and Code.objects.count() == 1
    Binding.objects.update(state="accepted")
    decide(office, number, **PASS)
    assert queries.filed(USCC)[0].state == "approved"


def test_a_contested_business_gets_its_code_from_a_clerk(office):
    make.subject()
    user = person(state="provisional")
    Binding.objects.update(contested=True)
    number = sent(user)
    assert not Code.objects.exists()

    decide(office, number, **{"verdict code": "pass"})

    assert Code.objects.get().way == "self" and queries.filed(USCC)[0].state == "approved"


# ---- Appeals --------------------------------------------------------------------------------------------------------


def appeal(user, number, words="这是协会发的牌匾"):
    return signed_in(user).post(reverse("my-application-appeal", args=[USCC, number]), {"words": words})


def test_a_refusal_is_appealed_against_once_and_decided_by_somebody_else(office, waiting):
    user = User.objects.get(username="b-1")
    assert appeal(user, waiting).status_code == 422, "nothing was refused yet"
    decide(office, waiting, **refuse())
    assert appeal(user, waiting, "").status_code == 422
    assert appeal(user, waiting, "电话13800138000").status_code == 422

    assert appeal(user, waiting).status_code == 302

    assert Waiting.objects.get().is_appeal
    assert "申诉" in office.get(reverse("applications"), {"sort": "appeal"}).content.decode()
    colleague = signed_in(User.objects.create_user("lihua", password=PASSWORD, role="credit_office"))
    mine = decide(office, waiting, **PASS)
    assert mine.status_code == 422 and "另一位工作人员" in mine.content.decode()
    decide(colleague, waiting, **PASS)
    assert queries.filed(USCC)[0].parts["item 1"].state == "shown"
    assert appeal(user, waiting).status_code == 422, "once"


def test_where_nobody_else_is_there_the_same_clerk_decides(office, waiting):
    decide(office, waiting, **refuse())
    appeal(User.objects.get(username="b-1"), waiting)

    assert decide(office, waiting, **refuse("还是没有依据")).status_code == 302
    page = signed_in(User.objects.get(username="b-1")).get(reverse("my-application", args=[USCC, waiting]))
    assert "还是没有依据" in page.content.decode() and "可以申诉一次" not in page.content.decode()


def test_what_waits_is_taken_back_by_the_business(office, waiting):
    owner = signed_in(User.objects.get(username="b-1"))

    owner.post(reverse("my-application-withdraw", args=[USCC, waiting]))

    assert not Waiting.objects.exists() and queries.filed(USCC)[0].state == "withdrawn"
    again = owner.post(reverse("my-application-withdraw", args=[USCC, waiting]), follow=True)
    assert "已经由" in again.content.decode()
    assert Code.objects.count() == 1, "the code stays"


# ---- The counter ----------------------------------------------------------------------------------------------------


def paper():
    picture = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(picture, "JPEG")
    return SimpleUploadedFile("同意书.jpg", picture.getvalue(), "image/jpeg")


def at_the_counter(client, **changes):
    page = client.get(reverse("counter"), {"subject": USCC}).content.decode()
    key = page.split('name="key" value="')[1].split('"')[0]
    said = {
        "subject": USCC,
        "key": key,
        "name": "王敏",
        "phone": "0468-3350000",
        "paper": "2026-017",
        "identity": "yes",
    }
    said |= {"paper-photo": paper(), "end": "1"}
    return client.post(reverse("counter"), {name: value for name, value in {**said, **changes}.items() if value})


def test_at_the_counter_a_signed_paper_gets_a_code_told_apart(office):
    make.subject()

    answer = at_the_counter(office)

    code = Code.objects.get()
    assert code.way == "counter" and Consent.objects.get().reference == "柜台同意书 2026-017"
    assert Proof.objects.get().about == "consent"
    application = Application.objects.get()
    assert application.person is None and application.by == "wangmin"
    page = office.get(answer.url).content.decode()
    assert "诚信码已签发" in page and "当场打印" in page and "2026-017" in page


@pytest.mark.parametrize(
    ("lacking", "fault"),
    [
        ({"paper": ""}, "同意书的编号"),
        ({"paper-photo": None}, "请上传签了字的同意书"),
        ({"identity": ""}, "核对来人的身份"),
        ({"phone": "12"}, "电话号码不对"),
        ({"end": ""}, "没有传完"),
    ],
    ids=["number", "photo", "identity", "phone", "a broken line"],
)
def test_at_the_counter_what_lacks_is_asked_for(office, lacking, fault):
    make.subject()

    answer = at_the_counter(office, **lacking)

    assert answer.status_code == 422 and fault in answer.content.decode() and not Code.objects.exists()


def test_at_the_counter_an_item_more_is_the_same_form_again_and_loses_nothing(office):
    make.subject()
    said = {"item-1-kind": "志愿服务", "item-1-title": "冬季清雪", "item-1-proof": paper(), "paper": "", "identity": ""}

    answer = at_the_counter(office, **said, add="荣誉奖励", scenario="x")
    page = answer.content.decode()

    assert answer.status_code == 200 and not Application.objects.exists() and 'role="alert"' not in page
    assert 'value="冬季清雪"' in page and "第 2 项：荣誉奖励" in page and 'value="0468-3350000"' in page
    consent, proof = Proof.objects.order_by("about")
    assert f'name="kept" value="{consent.pk}"' in page and f'name="item-1-kept" value="{proof.pk}"' in page
    assert re.search(r'name="item-2-title"[^>]* autofocus', page)

    without = at_the_counter(office, **said | {"item-1-proof": None}, **{"item-2-kind": "资质"}, drop="1")
    page = without.content.decode()
    assert without.status_code == 200 and "第 1 项：资质" in page and "冬季清雪" not in page and "item-2-" not in page


def test_at_the_counter_all_that_a_business_says_comes_with_its_code(office):
    make.subject()
    Unit.objects.create(name="演示市信用办", uscc="11230500001755309F")
    form = templates.for_business(industry=subjects.registrations([USCC])[0].industry)[0]
    assert form.label in office.get(reverse("counter"), {"subject": USCC}).content.decode()
    words = office.get(reverse("counter-consent"), {"subject": USCC, "commitment": form.name}).content.decode()
    assert form.clauses[0] in words and "松岭里饺子馆" in words
    items = {
        "item-1-kind": "荣誉奖励",
        "item-1-title": "文明商户",
        "item-1-issuer": "某市市场监督管理局",
        "item-1-given_on": "2025-03-15",
        "item-1-valid_to": "2098-01-01",
        "item-1-proof": paper(),
        "item-2-kind": "志愿服务",  # added, and left as it is
        "item-3-kind": "慈善捐助",
        "item-3-title": "送出全国最佳饺子",
        "item-3-issuer": "某社区",
        "template": form.name,
    }
    asked = at_the_counter(office, **items)
    page = asked.content.decode()
    assert asked.status_code == 422 and not Application.objects.exists()
    assert 'href="#item-2-anyway"' in page and 'href="#agree"' in page and "<mark>最佳</mark>" in page

    sent = at_the_counter(office, **items | {"item-1-proof": paper(), "item-3-anyway": "1", "agree": "yes"})

    (filed,) = queries.filed(USCC)
    assert sent.url == at("application", filed.application.id) and filed.application.way == "counter"
    assert [filed.parts[about].state for about in ("code", "commitment", "item 1", "item 2")] == ["shown"] * 3 + [
        "waiting"
    ]
    assert filed.items[0][1].valid_to == date(2098, 1, 1) and filed.application.person is None
    assert Proof.objects.get(pk=filed.items[0][1].proof).about == "declaration"
    assert Waiting.objects.get().way == "counter"
    assert Batch.objects.filter(kind="commitment").count() == 1


def test_at_the_counter_what_is_wrong_with_an_item_is_said_where_it_stands_and_on_top(office):
    make.subject()

    answer = at_the_counter(
        office, **{"item-1-kind": "荣誉奖励", "item-1-title": "文明商户", "item-1-given_on": "昨天"}
    )

    page = answer.content.decode()
    assert answer.status_code == 422 and "填报第 1 项：请填写颁发单位" in page and 'href="#item-1-given_on"' in page
    assert 'id="item-1-issuer-fault"' in page and not Code.objects.exists()


def test_at_the_counter_who_has_a_code_adds_to_what_it_says_of_itself(office):
    make.subject()
    at_the_counter(office)
    said = {"item-1-kind": "志愿服务", "item-1-title": "冬季清雪", "item-1-issuer": "某社区"}

    assert at_the_counter(office).status_code == 422, "nothing was said"
    at_the_counter(office, name="", phone="", **said)

    added = queries.filed(USCC)[0]
    assert set(added.parts) == {"item 1"} and added.state == "approved" and Code.objects.count() == 1


def test_at_the_counter_who_has_a_code_is_told_so(office):
    make.subject()
    at_the_counter(office)

    assert "已有诚信码" in office.get(reverse("counter"), {"subject": USCC}).content.decode()


@pytest.mark.parametrize(
    ("typed", "fault"),
    [("", "请输入统一社会信用代码"), ("123", "应是 18 位"), (OTHER_USCC, "不在您的辖区")],
    ids=["nothing", "no code", "another area"],
)
def test_at_the_counter_a_wrong_code_gets_a_sentence(typed, fault):
    make.subject()
    make.subject(OTHER_USCC, name="另一家", division="230403")

    answer = county().get(reverse("counter"), {"subject": typed})

    assert answer.status_code == 422 and fault in answer.content.decode()


def test_the_paper_to_sign_has_the_words_of_the_page(office):
    page = office.get(reverse("counter-consent")).content.decode()

    words = consents.current(timezone.localdate())
    assert words.title in page and all(clause.title in page for clause in words.clauses)


# ---- Figures --------------------------------------------------------------------------------------------------------


def test_the_figures_stand_above_the_queue(office):
    today = timezone.localdate()
    make.subject(established_on=today)
    make.subject(OTHER_USCC, name="另一家", established_on=today, division="230403")
    sent(person())

    page = office.get(reverse("applications")).content.decode()

    assert f"{today.year} 年新设主体自主申领" in page and "50%" in page and "1 / 2 家，目标 35%，已达到" in page
