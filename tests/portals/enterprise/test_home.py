"""首页: the code and its state, the one next thing to do, scans, what ends and what to do about it, in so many questions."""

from datetime import date, timedelta

import pytest
from django.conf import settings as office_settings
from django.urls import reverse
from django.utils import timezone

from chengxin.credit.codes import actions as codes
from chengxin.credit.codes.models import ScanDay
from chengxin.credit.subjects import messages
from chengxin.people import looks
from chengxin.people.models import User
from chengxin.people.trail import Actor
from chengxin.portals.enterprise import known as knowing
from chengxin.portals.enterprise.home import next_thing
from tests.make import CLERK, NOW, OTHER_USCC, USCC, record, subject
from tests.portals.conftest import PASSWORD, bind, signed_in

pytestmark = pytest.mark.django_db
PAGE = f"/enterprise/{USCC}/"
EVERYTHING = {"see", "print", "show", "apply", "place", "turn", "declare", "commit", "people"}


@pytest.fixture
def signer(tmp_path):
    return codes.signer(folder=tmp_path / "keys", by=CLERK, at=NOW)


@pytest.fixture
def code(owner, signer):
    return issue(signer)


def issue(signer, **more):
    (issued,) = codes.issue(subjects=[USCC], consent="同意书", by=CLERK, at=NOW, signer=signer, **more)
    return issued


def licence(days, *, name="食品经营许可证", number="1"):
    record(
        "licence",
        {"XK_XKZS": name, "XK_NR": "热食类", "XK_YXQZI": (timezone.localdate() + timedelta(days=days)).isoformat()},
        number=number,
    )


def commit():
    record("commitment", {"CN_BM": "23040220261123000001", "CN_NR": "足斤足两"}, number="c")


def page(client):
    return client.get(PAGE).content.decode()


class TestTheCode:
    def test_is_drawn_with_its_serial_and_where_it_hangs(self, owner, code):
        said = page(owner)

        assert '<svg class="qr"' in said and "店门口" in said and 'class="state good">有效' in said
        assert f'href="{office_settings.CODE_URL}/C/{code.token}"' in said

    def test_that_does_not_stand_is_not_drawn_and_says_so(self, owner, code):
        codes.turn(subject=USCC, serial=code.serial, verb="pause", why="", by=CLERK, at=NOW)

        said = page(owner)

        assert '<svg class="qr"' not in said and "已暂停" in said

    def test_at_the_door_is_shown_first_of_several(self, owner, code, signer):
        issue(signer, placement="vehicle", label="黑H·T1234")

        answer = owner.get(PAGE)

        assert answer.context["code"].serial == code.serial and answer.context["others"] == 1

    def test_says_whether_it_is_displayed(self, owner, code):
        assert "没有亮码" in page(owner)
        for back in range(5):
            ScanDay.objects.create(
                subject_id=USCC,
                serial=code.serial,
                day=timezone.localdate() - timedelta(days=back),
                scans=4,
                devices=3,
                bots=0,
            )

        said = page(owner)

        assert "近期有人扫码" in said and "没有亮码" not in said
        assert '<rect class="bar"' in said


class TestTheNextThing:
    def next(self, filed=None, may=EVERYTHING):
        found = next_thing(knowing.of(USCC, at=timezone.now()), filed, may=may)
        return found and found.page

    def test_is_to_ask_for_a_code(self, owner):
        assert self.next() == "my-apply"
        assert "申领诚信码" in page(owner) and "五分钟" in page(owner)

    def test_is_nothing_for_who_may_not_ask(self, owner):
        assert self.next(may={"see", "print", "show"}) is None

    def test_is_to_commit_then_to_hang_it_then_nothing(self, code):
        assert self.next() == "my-commitments"
        commit()
        assert self.next() == "my-poster"
        for back in range(5):
            ScanDay.objects.create(
                subject_id=USCC,
                serial=code.serial,
                day=timezone.localdate() - timedelta(days=back),
                scans=4,
                devices=3,
                bots=0,
            )
        assert self.next() is None

    def test_of_a_shop_assistant_is_to_hang_it(self, code):
        assert self.next(may={"see", "print", "show"}) == "my-poster"

    def test_of_a_code_that_is_frozen_is_to_see_why(self, code):
        codes.turn(subject=USCC, serial=code.serial, verb="freeze", why="核查", by=CLERK, at=NOW)

        assert self.next() == "my-codes"


class TestWhatEnds:
    @pytest.mark.parametrize(
        ("days", "told", "over"),
        [
            (0, True, False),
            (60, True, False),
            (61, False, False),
            (-1, True, True),
            (-90, True, True),
            (-91, False, False),
        ],
    )
    def test_a_licence(self, owner, days, told, over):
        licence(days)

        said = page(owner)

        assert ("食品经营许可证" in said) is told
        assert ("已过期" in said) is over
        assert ("发证机关" in said) is told

    def test_a_penalty_is_no_licence_to_be_renewed(self, owner):
        record("penalty", {"CF_CFLB": "罚款", "CF_WFXW": "未公示", "CF_GSJZQ": timezone.localdate().isoformat()})

        assert "快到期的" not in page(owner)

    def test_very_many_are_bounded(self, owner):
        for number in range(knowing.ENDINGS_AT_MOST + 5):
            licence(number, number=str(number))

        assert len(owner.get(PAGE).context["endings"]) == knowing.ENDINGS_AT_MOST


def test_it_leads_to_messages_looks_and_benefits(owner, code):
    messages.tell(subjects=[USCC], about="code", title="码已签发", text="可以下载。", by="信用办", at=timezone.now())
    looks.look(
        by=Actor("wangmin", "credit_office"),
        unit="某市卫健委",
        subject=USCC,
        purpose="日常监管",
        part="",
        at=timezone.now(),
    )

    said = page(owner)

    assert "码已签发" in said and "近 90 天 1 次" in said
    assert reverse("my-looks", args=[USCC]) in said and reverse("my-benefits", args=[USCC]) in said


def test_whoever_holds_several_may_change_to_another_and_who_holds_one_may_add_one(owner, keeper_of_a_shop):
    assert "加一家" in page(owner)
    bind(keeper_of_a_shop, subject(OTHER_USCC, name="比邻百货"))
    assert "换一家" in page(owner)
    assert "比邻百货" in owner.get(reverse("my")).content.decode()


def test_who_is_not_confirmed_yet_is_told_what_waits(code):
    user = User.objects.create_user("new", password=PASSWORD, role="business")
    bind(user, USCC, part="agent", state="provisional")

    new = signed_in(user)
    for at in (PAGE, reverse("my-declarations", args=[USCC]), reverse("my-commitments", args=[USCC])):
        assert "您的身份还在核实" in new.get(at).content.decode()


def test_it_asks_as_much_however_much_there_is(owner, code, signer, django_assert_num_queries):
    licence(5)
    with django_assert_num_queries(22):
        owner.get(PAGE)
    for number in range(6):
        licence(number, number=f"x{number}")
        extra = issue(signer, placement="vehicle", label=f"黑H·T123{number}")
        ScanDay.objects.create(subject_id=USCC, serial=extra.serial, day=date(2026, 11, 1), scans=4, devices=3, bots=0)
        messages.tell(subjects=[USCC], about="code", title="x", text="x", by="x", at=NOW)

    with django_assert_num_queries(22):
        owner.get(PAGE)


class TestLooks:
    def look(self, at=NOW, unit="某市卫生健康委员会", purpose="日常监管", by="zhangsan", part="", uscc=USCC):
        looks.look(by=Actor(by, "department"), unit=unit, subject=uscc, purpose=purpose, part=part, at=at)

    def told(self, client):
        return client.get(reverse("my-looks", args=[USCC]))

    def test_the_unit_the_purpose_and_the_day_are_told_and_never_the_person(self, owner):
        self.look()

        said = self.told(owner).content.decode()

        assert "某市卫生健康委员会" in said and "日常监管" in said and "2026-11-23" in said
        assert "zhangsan" not in said and "10:00" not in said

    def test_several_of_one_unit_for_one_purpose_on_a_day_are_one_line(self, owner):
        for part in ("", "licence", "penalty"):
            self.look(part=part)
        self.look(purpose="行政审批")

        told = self.told(owner).context["told"]

        assert [(one.purpose, one.times) for one in told] == [("行政审批", 1), ("日常监管", 3)]

    def test_whoever_belongs_to_no_unit_is_told_by_the_role(self, owner):
        self.look(unit="")

        assert self.told(owner).context["told"][0].unit == "部门"

    def test_anothers_are_not_told_nor_other_acts(self, owner, code):
        self.look(uscc=OTHER_USCC)

        assert "还没有单位看过" in self.told(owner).content.decode()

    def test_long_lists_are_paged(self, owner):
        for number in range(65):
            self.look(purpose=f"其他：第 {number} 次", at=NOW + timedelta(minutes=number))

        first = self.told(owner)
        then = owner.get(reverse("my-looks", args=[USCC]), {"before": first.context["earlier"]})

        assert len(first.context["told"]) == 60 and len(then.context["told"]) == 5
        assert then.context["told"][-1].purpose == "其他：第 0 次"

    def test_it_asks_as_much_however_many_there_are(self, owner, django_assert_num_queries):
        for _ in range(60):
            self.look()

        with django_assert_num_queries(11):
            self.told(owner)


class TestBenefits:
    def told(self, client):
        return client.get(reverse("my-benefits", args=[USCC]))

    def test_without_a_code_it_says_what_is_missing_and_where_to_get_it(self, owner):
        answer = self.told(owner)

        assert answer.context["open"] == []
        assert "还没有有效的诚信码" in answer.content.decode()
        assert reverse("my-apply", args=[USCC]) in answer.content.decode()

    def test_with_a_code_that_lies_in_a_drawer_the_lane_asks_to_display_it(self, owner, code):
        answer = self.told(owner)

        assert [one.benefit.scenario for one in answer.context["open"]] == ["hegang-2024/3", "hegang-2024/19"]
        assert "还没有亮码" in answer.content.decode()
        assert "为亮码经营主体提供优先办理服务" in answer.content.decode()

    def test_elsewhere_nothing_is_promised(self, owner):
        subject(OTHER_USCC, name="外地店", division="230103")
        bind(User.objects.get(username="shop-1"), OTHER_USCC)

        assert "本地还没有公布应用场景" in owner.get(reverse("my-benefits", args=[OTHER_USCC])).content.decode()
