"""The queue's pages: who sees whose rows, what is shown of them, and deciding once for all."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from chengxin.credit.records.models import Record
from chengxin.credit.subjects.rules import called
from chengxin.ingest.models import Decision, SetAside
from chengxin.people.models import Trail, Unit, User
from tests import make
from tests.portals.conftest import PASSWORD, make_batch

pytestmark = pytest.mark.django_db

SHOP, TWIN = make.USCC, make.OTHER_USCC
NAME = "松岭里饺子馆"
BODY = {
    "CF_WSH": "鹤市监罚〔2026〕1号",
    "CF_XDR_MC": NAME,
    "CF_CFJGDM": "11230500001755309F",
    "CF_JDRQ": "2026-05-06",
    "CF_CFLB": "罚款",
    "CF_FRDB": "张三",
}


def wait(count=1, *, unit=None, claim=f"name:{NAME}", **body):
    batch = make_batch(kind="penalty", unit=unit, rejected=count, waiting=count)
    return SetAside.objects.bulk_create(
        SetAside(
            batch=batch,
            row=number,
            claim=claim,
            code="E30",
            message="只有名称",
            body={**BODY, "CF_WSH": f"鹤市监罚〔2026〕{number}号", **body},
            waiting=True,
        )
        for number in range(2, count + 2)
    )


@pytest.fixture
def bureau():
    return Unit.objects.create(name="鹤岗市市场监督管理局")


@pytest.fixture
def sender(bureau):
    """A browser in which somebody of the bureau is signed in."""
    client = Client()
    client.force_login(User.objects.create_user("liqiang", password=PASSWORD, role="department", unit=bureau))
    return client


def decide(office, row, **said):
    return office.post(reverse("queue-decide", args=[row.pk]), {"act": "match", "subject": SHOP, "seen": 0} | said)


def test_rows_that_say_the_same_are_one_line_those_with_the_most_rows_first(office):
    wait(2)
    wait(3, claim="name:大河饭店", CF_XDR_MC="大河饭店")
    wait(2)

    page = office.get(reverse("queue")).content.decode()

    assert re.findall(r'">(\S+饭店|松岭里饺子馆)</a>.*?class="n">(\d+)<', page, re.DOTALL) == [
        (NAME, "4"),
        ("大河饭店", "3"),
    ]
    assert "共 2 种写法" in page


def test_rows_that_wait_for_a_record_are_none_of_the_queues(office):
    rows = wait(1)
    SetAside.objects.update(code="E32")

    assert "没有待匹配的行" in office.get(reverse("queue")).content.decode()
    assert rows


@pytest.mark.parametrize(
    "asked, shown",
    [({"q": "大河"}, ["大河饭店"]), ({"q": " 松岭里 "}, [NAME]), ({"q": "没有"}, []), ({"kind": "penalty"}, ["大河饭店", NAME]),
     ({"kind": "licence"}, []), ({"page": "9"}, []), ({"page": "x"}, ["大河饭店", NAME])],
    ids=["a word", "blanks", "another word", "a kind", "another kind", "a page beyond", "a page that is none"],
)  # fmt: skip
def test_the_queue_is_narrowed_by_words_and_kinds(office, asked, shown):
    wait(1)
    wait(2, claim="name:大河饭店", CF_XDR_MC="大河饭店")

    page = office.get(reverse("queue"), asked).content.decode()

    assert re.findall(r'queue/\d+">(.*?)</a>', page) == shown


def test_the_queue_takes_as_many_questions_for_many_as_for_one(office, django_assert_max_num_queries):
    for number in range(30):
        wait(1, claim=f"name:第{number}家饭店")

    with django_assert_max_num_queries(9):
        assert office.get(reverse("queue")).status_code == 200


def test_a_department_sees_its_own_rows_and_decides_nothing(sender, bureau, django_assert_max_num_queries):
    make.subject(SHOP, name=NAME)
    (mine,) = wait(1, unit=bureau)
    (others,) = wait(1, claim="name:大河饭店")
    wait(4)  # of others, and says the same

    page = sender.get(reverse("queue")).content.decode()
    assert NAME in page and "大河" not in page and "共 1 种写法" in page

    with django_assert_max_num_queries(16):
        page = sender.get(reverse("queue-claim", args=[mine.pk])).content.decode()
    assert "不用重报" in page and "认定一次" not in page, "said to whoever reads it, not to whoever decides"
    assert "有 1 行" in page and SHOP not in page and "退回</button>" not in page
    assert sender.get(reverse("queue-claim", args=[others.pk])).status_code == 404
    assert decide(sender, mine).status_code == 403
    assert sender.get(reverse("queue"), {"state": "decided"}).context["state"] == "decided"
    assert not Decision.objects.exists()


def test_rows_shown_with_a_refusal_are_noted_as_seen_too(office):
    (row,) = wait(1)

    assert decide(office, row, subject="").status_code == 422

    assert list(Trail.objects.values_list("verb", "thing")) == [("queue.see", f"row {row.pk}")]


def test_whoever_belongs_to_no_unit_sees_nothing():
    client = Client()
    client.force_login(User.objects.create_user("county", password=PASSWORD, role="county"))
    (row,) = wait(1)

    assert "没有待匹配的行" in client.get(reverse("queue")).content.decode()
    assert client.get(reverse("queue-claim", args=[row.pk])).status_code == 404


def test_a_clerk_sees_what_rows_say_and_who_may_be_meant(office, django_assert_max_num_queries):
    make.subject(SHOP, name=NAME)
    make.subject(TWIN, name="大河饭店", claims=called("大河饭店", {"OLDNAME": NAME}))
    make.subject("91230402MA1CTE575Q", name="鹤岗市松岑里饺子馆")
    make.subject("93230422MA1CTE575H", name="绥滨县众鑫农民专业合作社")
    rows = wait(12)

    with django_assert_max_num_queries(28):
        answer = office.get(reverse("queue-claim", args=[rows[0].pk]))

    candidates = answer.context["candidates"].found
    assert [(one.subject, one.why, one.is_sure) for one in candidates] == [
        (SHOP, "名称相同", True),
        (TWIN, f"曾用名相同：{NAME}", True),
        ("91230402MA1CTE575Q", "名称相近", False),
    ]
    page = answer.content.decode()
    assert "鹤市监罚〔2026〕2号" in page and "另有 2 行" in page
    assert Trail.objects.get(verb="queue.see").thing == f"row {rows[0].pk}"


def test_once_decided_all_rows_are_taken(office):
    make.subject(SHOP, name=NAME)
    rows = wait(3)

    answer = decide(office, rows[0])

    one = Decision.objects.get()
    assert answer.url == reverse("decision", args=[one.pk])
    assert Record.objects.filter(subject=SHOP).count() == 3
    page = office.get(answer.url).content.decode()
    assert "3 行已经入库" in page and "（以此为准）" in page


def test_the_second_of_two_clerks_is_told(office):
    make.subject(SHOP, name=NAME)
    make.subject(TWIN, name=NAME)
    rows = wait(2)
    decide(office, rows[0])

    answer = decide(office, rows[1], subject=TWIN)

    assert answer.status_code == 422
    assert "刚才有人已经认定过" in answer.content.decode()
    assert Decision.objects.count() == 1
    assert set(Record.objects.values_list("subject", flat=True)) == {SHOP}


@pytest.mark.parametrize(
    "said, fault",
    [
        ({"subject": ""}, "请先选择是哪一家"),
        ({"other": "92230402MA1CTE5750"}, "统一社会信用代码不对"),
        ({"other": TWIN}, "库中没有这个统一社会信用代码"),
        ({"act": "refuse"}, "请写明退回的理由"),
        ({"seen": "x"}, "刚才有人已经认定过"),
    ],
    ids=["nobody chosen", "a wrong code", "an unknown code", "no reason", "a form of no page"],
)
def test_what_cannot_be_decided_is_said_in_a_sentence(office, said, fault):
    make.subject(SHOP, name=NAME)
    (row,) = wait(1)

    answer = decide(office, row, **said)

    assert (answer.status_code, fault in answer.content.decode()) == (422, True)
    assert not Decision.objects.exists()


def test_a_decision_is_replaced_for_rows_to_come(office):
    make.subject(SHOP, name=NAME)
    make.subject(TWIN, name=NAME)
    (row,) = wait(1)
    decide(office, row)
    first = Decision.objects.get()

    office.post(reverse("decision-replace", args=[first.pk]), {"act": "refuse", "reason": "外地的店", "seen": first.pk})

    assert Record.objects.get().subject_id == SHOP
    office.get(reverse("queue"))  # what was told is told once
    page = office.get(reverse("queue"), {"state": "decided"}).content.decode()
    assert "库中没有这一家" in page and "外地的店" in page and SHOP not in page


def test_a_code_that_was_changed_is_found_by_what_it_kept(office):
    make.subject("91230402MA1CTE575Q", name="松岭餐饮有限公司")
    (row,) = wait(1, claim=f"uscc:{SHOP}")

    found = office.get(reverse("queue-claim", args=[row.pk])).context["candidates"].found

    assert [(one.subject, "变更了代码" in one.why) for one in found] == [("91230402MA1CTE575Q", True)]


def test_names_of_a_row_are_shown_as_text(office):
    (row,) = wait(1, claim="name:<script>alert(1)</script>", CF_XDR_MC="<script>alert(1)</script>")

    for address in (reverse("queue"), reverse("queue-claim", args=[row.pk])):
        assert "<script>alert" not in office.get(address).content.decode()
