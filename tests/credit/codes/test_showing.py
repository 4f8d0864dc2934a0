"""亮码 is a fact: an accepted photo for as long as it is good, or people who scan; everything else is no display."""

from datetime import date, timedelta

import pytest
from django.conf import settings

from chengxin.credit.codes import actions as codes
from chengxin.credit.codes import queries, showing
from chengxin.credit.codes.models import Placing, ScanDay, ShowingWaiting
from chengxin.credit.codes.showing import Seen
from chengxin.credit.subjects import messages
from chengxin.people.models import Trail, Unit, User
from chengxin.people.trail import Refused
from tests.make import CLERK, NOW, OTHER_USCC, USCC, subject

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def signer(tmp_path):
    return codes.signer(folder=tmp_path / "keys", by=CLERK, at=NOW)


@pytest.fixture
def code(signer):
    return issue(signer, subject())


def issue(signer, uscc, **more):
    (issued,) = codes.issue(subjects=[uscc], consent="同意书", by=CLERK, at=NOW, signer=signer, **more)
    return issued


def send(code, *, what=None, serial=None, where="店门口右侧", place=None):
    what = what or Seen("mine", code.serial, "active")
    return showing.send(
        subject=USCC,
        serial=serial,
        proof=1,
        what=what,
        where=where,
        area="230402",
        place=place.pk if place else None,
        by=CLERK,
        at=NOW,
    )


def mall(name="松岭里商场", uscc="91230402MA1CTE5752", *, area="230402", **account):
    unit = Unit.objects.create(name=name, uscc=uscc, area=area)
    User.objects.create(username=name, role="place", unit=unit, **account)
    return unit


def decide(sent, *, accepted=True, why="", today=TODAY, place=None, seen=None):
    showing.decide(
        subject=USCC,
        showing=sent.id,
        accepted=accepted,
        why=why,
        unit=place.name if place else "测试信用办",
        place=place.pk if place else None,
        seen=seen,
        by=CLERK,
        today=today,
        at=NOW,
    )


def state(*, today=TODAY, uscc=USCC):
    found = showing.displaying([uscc], today=today).get(uscc)
    return found and (found.way, found.until)


class TestAPhoto:
    def test_counts_once_it_is_accepted_and_for_its_days(self, code):
        sent = send(code)
        assert state() is None

        decide(sent)

        last = TODAY + timedelta(days=showing.rule().photo_days)
        assert state() == ("photo", last)
        assert state(today=last) == ("photo", last)
        assert state(today=last + timedelta(days=1)) is None

    def test_of_an_events_stand_counts_no_longer_than_the_event(self, code):
        Placing.objects.create(
            subject_id=USCC,
            id=1,
            serial=code.serial,
            label_shown=False,
            until=TODAY + timedelta(days=3),
            by="x",
            at=NOW,
        )
        decide(send(code))

        assert state() == ("photo", TODAY + timedelta(days=3))

    def test_that_is_refused_counts_nothing_and_the_business_is_told_why(self, code):
        decide(send(code), accepted=False, why="看不清贴在哪里")

        assert state() is None
        (told,) = messages.newest(USCC, limit=9)
        assert "看不清贴在哪里" in told.text and (told.by, told.page) == ("测试信用办", "my-showing")

    def test_that_was_accepted_may_be_found_wrong_later(self, code):
        sent = send(code)
        decide(sent)

        decide(sent, accepted=False, why="现场没有看到")

        assert state() is None
        with pytest.raises(Refused, match="已经有人核实过"):
            decide(sent)

    def test_is_decided_by_one_clerk_once(self, code):
        sent = send(code)
        decide(sent)

        with pytest.raises(Refused, match="已经有人核实过"):
            decide(sent)
        with pytest.raises(Refused, match="没有这张照片"):
            decide(type(sent)(subject_id=USCC, id=99))

    @pytest.mark.parametrize("why", ["", "  ", "x", "字" * 201, "请打电话13800138000"])
    def test_is_refused_with_a_reason_that_names_nobody(self, code, why):
        sent = send(code)

        with pytest.raises(Refused, match="原因"):
            decide(sent, accepted=False, why=why)
        assert ShowingWaiting.objects.count() == 1

    def test_of_a_code_that_stopped_counts_nothing(self, code):
        decide(send(code))
        codes.turn(subject=USCC, serial=code.serial, verb="pause", why="装修", by=CLERK, at=NOW)
        assert state() is None

        codes.turn(subject=USCC, serial=code.serial, verb="resume", why="", by=CLERK, at=NOW)
        assert state() is not None

    def test_a_later_one_that_is_refused_takes_nothing_from_an_earlier(self, code):
        decide(send(code))
        decide(send(code), accepted=False, why="这张拍糊了")

        assert state() is not None

    def test_leaves_its_trail_without_where_it_hangs(self, code):
        decide(send(code))

        rows = Trail.objects.filter(verb__startswith="showing.").order_by("id")
        assert [row.verb for row in rows] == ["showing.send", "showing.decide"]
        assert "右侧" not in str([row.detail for row in rows])


class TestSending:
    @pytest.mark.parametrize(
        ("what", "said"),
        [
            (Seen("other"), "另一家的诚信码"),
            (Seen("false"), "不是本系统签发的"),
            (Seen("stopped", 1, "superseded"), "已换发；请贴上现在有效的码"),
            (Seen("stopped", 1, "paused"), "已暂停；"),
        ],
        ids=["another's", "false", "superseded", "paused"],
    )
    def test_what_is_wrong_with_the_code_is_said_at_once(self, code, what, said):
        with pytest.raises(Refused, match=said):
            send(code, what=what)
        assert ShowingWaiting.objects.count() == 0

    def test_a_photo_in_which_nothing_was_read_may_be_sent_for_the_code_that_is_meant(self, code):
        sent = send(code, what=Seen("nothing"), serial=code.serial)

        assert (sent.serial, sent.read) == (code.serial, False)

    @pytest.mark.parametrize("serial", [None, 999_999])
    def test_for_no_code_of_ones_own_it_may_not(self, code, serial):
        with pytest.raises(Refused, match="请选择照片里是哪一个码"):
            send(code, what=Seen("nothing"), serial=serial)

    def test_the_code_that_was_read_counts_and_not_the_one_that_was_chosen(self, code, signer):
        other = issue(signer, USCC, placement="vehicle", label="3号车")

        assert send(code, serial=other.serial).serial == code.serial

    def test_one_photo_of_a_code_waits_at_a_time(self, code):
        send(code)

        with pytest.raises(Refused, match="已经有一张照片在等核实"):
            send(code)

    def test_so_many_of_one_business_wait_and_no_more(self, code, signer):
        most = showing.rule().waiting_at_most
        ShowingWaiting.objects.bulk_create(
            ShowingWaiting(subject=USCC, showing=1000 + n, serial=1000 + n, asked_at=NOW) for n in range(most)
        )

        with pytest.raises(Refused, match=f"已有 {most} 张照片在等核实"):
            send(code)

    @pytest.mark.parametrize("where", ["", " 店 ", "x" * 201, "找老板13800138000"])
    def test_where_it_hangs_is_said_in_a_few_words_and_names_nobody(self, code, where):
        with pytest.raises(Refused, match="贴在哪里"):
            send(code, where=where)

    def test_the_queue_is_that_of_the_governing_area(self, code):
        send(code)

        assert [showing.waiting(today=TODAY, area=area).count() for area in (None, "230402", "230400", "230403", "231100")] == [
            1, 1, 1, 0, 0
        ]  # fmt: skip


class TestAPlace:
    """A mall, a market, a park: what is said to hang there it may decide, beside the office."""

    def test_accepts_what_is_said_to_hang_in_it_and_takes_it_back(self, code):
        place = mall()
        sent = send(code, place=place)
        decide(sent, place=place)
        assert state()[0] == "photo"

        decide(sent, accepted=False, why="取下来了", place=place)

        assert state() is None
        told, _ = messages.newest(USCC, limit=9)
        assert told.by == place.name and f"场所选“{showing.BY_OFFICE}”" in told.text

    def test_decides_about_nothing_else(self, code):
        place, other = mall(), mall("比邻市场", "91230402MA1CTE5760")
        sent = send(code, place=other)

        with pytest.raises(Refused, match="不是贴在本场所的"):
            decide(sent, place=place)
        assert ShowingWaiting.objects.count() == 1
        assert [showing.waiting_in(one.pk, uscc=one.uscc).count() for one in (place, other)] == [0, 1]

    def test_does_not_take_back_what_an_office_accepted(self, code):
        place = mall()
        sent = send(code, place=place)
        decide(sent)

        with pytest.raises(Refused, match="信用办核实通过的"):
            decide(sent, accepted=False, why="没有看到", place=place)

    def test_that_an_office_took_the_photo_back_or_away_is_told_to_whoever_looked_before(self, code):
        place = mall()
        sent = send(code, place=place)
        decide(sent, place=place, seen=0)

        with pytest.raises(Refused, match="已经有人核实过"):
            decide(sent, accepted=False, why="看不清", seen=0)
        assert state() is not None

    @pytest.mark.parametrize(
        "make",
        [
            lambda: None,
            lambda: Unit.objects.create(name="没有账号的商场", uscc="91230402MA1CTE5760"),
            lambda: mall(is_active=False),
            lambda: mall(uscc=""),
        ],
        ids=["none", "nobody looks there", "its last account is closed", "without a code of its own"],
    )
    def test_that_is_none_takes_no_photo(self, code, make):
        unit = make() or Unit(pk=987_654)

        with pytest.raises(Refused, match="没有这个场所"):
            send(code, place=unit)
        assert ShowingWaiting.objects.count() == 0

    def test_that_was_closed_takes_no_photo(self, code):
        place = mall()
        Unit.objects.update(is_active=False)

        with pytest.raises(Refused, match="没有这个场所"):
            send(code, place=place)

    def test_has_its_own_code_looked_at_by_the_office(self, code):
        place = mall(uscc=USCC)
        with pytest.raises(Refused, match="不能核实自己的码"):
            send(code, place=place)

        # It took that code only after it was named.
        Unit.objects.update(uscc="91230402MA1CTE5760")
        sent = send(code, place=place)
        Unit.objects.update(uscc=USCC)
        with pytest.raises(Refused, match="由信用办核实"):
            decide(sent, place=place)
        assert showing.waiting_in(place.pk, uscc=USCC).count() == 0
        decide(sent)

    def test_has_its_days_and_then_the_office_is_shown_the_photo_first(self, code, signer):
        codes_ = [code, *(issue(signer, USCC, placement="vehicle", label=f"{n}号车") for n in range(2))]
        place = mall()
        asleep, at_office, fresh = (send(one, place=to) for one, to in zip(codes_, (place, None, place), strict=True))
        ShowingWaiting.objects.filter(showing=asleep.id).update(due_on=TODAY - timedelta(days=1))

        def waiting(**asked):
            return [row.showing for row in showing.waiting(today=TODAY, **asked)]

        assert waiting() == waiting(area="230402") == [asleep.id, at_office.id, fresh.id]
        assert (waiting(whose="office"), waiting(whose="place")) == ([asleep.id, at_office.id], [fresh.id])
        last = ShowingWaiting.objects.get(showing=fresh.id).due_on
        assert last == date(2026, 11, 26)  # three working days after the Monday on which it came

        User.objects.update(is_active=False)  # nobody looks there any more: nothing is stranded
        assert waiting(whose="office") == [asleep.id, fresh.id, at_office.id]

    def test_what_it_decided_stands_in_its_list_and_in_that_of_the_area(self, code):
        place = mall()
        decide(send(code, place=place), place=place)

        assert [row.by_place for row in showing.decided(place=place.pk)] == [True]
        assert [showing.decided(area=area, unit="某办").count() for area in ("230402", "230400", "230403")] == [1, 1, 0]
        assert showing.decided(place=place.pk + 1).count() == 0


class TestWhatAPhotoShows:
    def test_ones_own_code_goes_before_all_others(self, code):
        text = f"{settings.CODE_URL}/C/{code.token}".upper()

        assert showing.seen(["weixin://pay", text], subject=USCC) == Seen("mine", code.serial, "active")

    def test_ones_own_that_stopped(self, code):
        codes.turn(subject=USCC, serial=code.serial, verb="cancel", why="", by=CLERK, at=NOW)

        assert showing.seen([code.token], subject=USCC) == Seen("stopped", code.serial, "cancelled")

    def test_anothers(self, code, signer):
        other = issue(signer, subject(OTHER_USCC, name="比邻百货"))

        assert showing.seen([other.token], subject=USCC).what == "other"

    def test_a_forged_one(self, code):
        forged = code.token[:-6] + ("000000" if code.token[-6:] != "000000" else "111110")

        assert showing.seen([forged], subject=USCC).what == "false"

    @pytest.mark.parametrize("texts", [["https://example.com/"], ["weixin://wxpay/abc"], ["收款码"], ["x" * 4000]])
    def test_none_of_ours(self, code, texts):
        assert showing.seen(texts, subject=USCC).what == "strange"

    def test_nothing(self, code):
        assert showing.seen([], subject=USCC).what == "nothing"


class TestScans:
    def scan(self, serial, back, devices):
        ScanDay.objects.create(
            subject_id=USCC, serial=serial, day=TODAY - timedelta(days=back), scans=devices, devices=devices, bots=0
        )

    @pytest.mark.parametrize(
        ("days", "counts"),
        [
            ([(0, 2), (1, 2), (2, 1)], True),
            ([(0, 2), (15, 2), (29, 1)], True),
            ([(0, 2), (15, 2), (30, 9)], False),
            ([(0, 9), (1, 9)], False),
            ([(0, 1), (1, 1), (2, 1), (3, 1)], False),
            ([], False),
        ],
        ids=[
            "three days, five devices",
            "the last day that counts",
            "a day too old",
            "two days",
            "four devices",
            "none",
        ],
    )
    def test_on_several_days_by_several_devices_count(self, code, days, counts):
        for back, devices in days:
            self.scan(code.serial, back, devices)

        assert state() == (("scanned", None) if counts else None)

    @pytest.mark.parametrize(
        ("days", "last"),
        [
            ([(0, 2), (1, 2), (2, 1)], 27),
            ([(0, 9), (9, 1), (20, 1), (21, 5)], 9),
            ([(1, 1), (2, 1), (3, 1), (20, 2)], 9),
        ],
        ids=["all are needed", "of four days three", "three days, and a fourth for the devices"],
    )
    def test_it_is_known_until_when_they_will_do(self, code, days, last):
        for back, devices in days:
            self.scan(code.serial, back, devices)

        (until,) = showing.shown_until([USCC], today=TODAY).values()

        assert until == TODAY + timedelta(days=last)
        assert showing.displaying([USCC], today=until) and not showing.displaying(
            [USCC], today=until + timedelta(days=1)
        )

    def test_of_programs_alone_count_nothing(self, code):
        for back in range(5):
            ScanDay.objects.create(
                subject_id=USCC, serial=code.serial, day=TODAY - timedelta(days=back), scans=0, devices=0, bots=50
            )

        assert state() is None

    @pytest.mark.parametrize("placement", ["package", "online", "document"])
    def test_of_what_does_not_hang_count_nothing(self, signer, placement):
        elsewhere = issue(signer, subject(), placement=placement)
        for back in range(5):
            self.scan(elsewhere.serial, back, 5)

        assert state() is None

    def test_of_several_codes_are_not_added_up(self, code, signer):
        for number, serial in enumerate([code.serial, issue(signer, USCC, placement="counter").serial]):
            self.scan(serial, number, 3)
            self.scan(serial, number + 2, 3)

        assert state() is None

    def test_a_photo_tells_more(self, code):
        for back in range(5):
            self.scan(code.serial, back, 5)
        decide(send(code))

        assert state()[0] == "photo"

    def test_are_called_what_is_known_of_them_and_no_more(self):
        assert showing.Displaying("scanned", 1, None).label == "近期有人扫码"


def test_one_look_however_many_are_asked_for(code, django_assert_num_queries):
    decide(send(code))

    with django_assert_num_queries(2):  # and which keys were revoked
        found = showing.displaying([USCC, *(f"91230403MA1C{n:06}" for n in range(500))], today=TODAY)
    assert list(found) == [USCC]


def test_every_photo_is_told_with_its_newest_decision(code, django_assert_num_queries):
    first = send(code)
    decide(first)
    decide(first, accepted=False, why="现场没有看到")
    second = send(code)

    with django_assert_num_queries(2):
        told = showing.of(USCC, limit=9)
    assert [(one.showing.id, one.state(TODAY)) for one in told] == [(second.id, "waiting"), (first.id, "refused")]
    decide(second)
    last = TODAY + timedelta(days=showing.rule().photo_days)
    assert showing.of(USCC, limit=1)[0].state(last) == "accepted"
    assert showing.of(USCC, limit=1)[0].state(last + timedelta(days=1)) == "ended"
    assert queries.standing([USCC])[0].state == "active"
