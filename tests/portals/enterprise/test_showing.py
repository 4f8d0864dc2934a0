"""亮码: the photo is read at once; what is wrong with its code is said at once; whether it counts, the office says."""

import io

import pytest
import zxingcpp
from django.conf import settings as office_settings
from django.urls import reverse
from numpy import asarray
from PIL import Image

from chengxin.credit.codes import actions as codes
from chengxin.credit.codes.models import Showing, ShowingWaiting
from chengxin.people.models import Proof, Trail, Unit, User
from tests.make import CLERK, NOW, OTHER_USCC, USCC, subject
from tests.portals.conftest import signed_in

pytestmark = pytest.mark.django_db
PAGE = f"/enterprise/{USCC}/showing"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def signer(tmp_path):
    return codes.signer(folder=tmp_path / "keys", by=CLERK, at=NOW)


def issue(signer, uscc=USCC, **more):
    (issued,) = codes.issue(subjects=[uscc], consent="同意书", by=CLERK, at=NOW, signer=signer, **more)
    return issued


@pytest.fixture
def code(owner, signer):
    return issue(signer)


def photo(text=""):
    """Return a photo of a door, with a code on it or without."""
    door = Image.new("RGB", (1200, 1000), "#8a7a60")
    if text:
        drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=6)
        door.paste(Image.fromarray(asarray(drawn)).convert("RGB"), (300, 200))
    file = io.BytesIO()
    door.rotate(3).save(file, "JPEG")
    file.seek(0)
    file.name = "门口.jpg"
    return file


def of(code):
    return photo(f"{office_settings.CODE_URL}/C/{code.token}".upper())


def send(owner, picture, **said):
    fields = {"where": "店门口右侧", "serial": "", "end": "1"} | said
    fields = {name: value for name, value in fields.items() if value is not None}
    return owner.post(PAGE, fields | ({"photo": picture} if picture else {}))


def test_a_photo_of_ones_code_is_read_and_waits(owner, code):
    answer = send(owner, of(code))

    assert answer.status_code == 302
    page = owner.get(PAGE).content.decode()
    assert "里面正是您编号" in page and "等待核实" in page and "码已读出，相符" in page
    shown = Showing.objects.get()
    assert (shown.serial, shown.read, shown.where) == (code.serial, True, "店门口右侧")
    assert Proof.objects.get(pk=shown.proof).about == "showing"


def test_where_nothing_is_read_one_is_asked_and_may_send_it_anyway(owner, code):
    answer = send(owner, photo(), serial=str(code.serial))
    assert answer.status_code == 422 and "没有读出诚信码" in answer.content.decode()
    assert Showing.objects.count() == Proof.objects.count() == 0

    assert send(owner, photo(), serial=str(code.serial), anyway="1").status_code == 302
    assert Showing.objects.get().read is False


def test_anothers_code_is_told_and_nothing_is_kept(owner, code, signer):
    other = issue(signer, subject(OTHER_USCC, name="比邻百货"))

    answer = send(owner, of(other))

    assert answer.status_code == 422 and "另一家的诚信码" in answer.content.decode()
    assert "比邻百货" not in answer.content.decode()
    assert Showing.objects.count() == Proof.objects.count() == 0


def test_a_code_that_was_withdrawn_is_told(owner, code, signer):
    issue(signer, placement="counter")
    codes.turn(subject=USCC, serial=code.serial, verb="cancel", why="", by=CLERK, at=NOW)

    answer = send(owner, of(code))

    assert answer.status_code == 422 and "已注销；请贴上现在有效的码" in answer.content.decode()


@pytest.mark.parametrize(
    ("picture", "said", "words"),
    [
        (None, {}, "请先拍一张照片"),
        (b"%PDF-1.4 broken", {}, ""),
        (b"not a picture", {}, ""),
        ("code", {"where": ""}, "请写明贴在哪里"),
        ("code", {"where": "电话13800138000"}, "不要写电话"),
        ("code", {"end": None}, "没有传完"),
    ],
    ids=["none", "a broken PDF", "no picture", "no place", "a telephone", "half a form"],
)
def test_what_cannot_be_used_gets_one_sentence(owner, code, picture, said, words):
    if isinstance(picture, bytes):
        file = io.BytesIO(picture)
        file.name = "x.jpg"
        picture = file
    elif picture == "code":
        picture = of(code)

    answer = send(owner, picture, **said)

    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'class="told error" role="alert"' in page and words in page
    assert Showing.objects.count() == Proof.objects.count() == 0


def test_without_a_code_there_is_nothing_to_show(owner):
    page = owner.get(PAGE).content.decode()

    assert "还没有可以亮的码" in page and '<input class="form-control" type="file"' not in page


def test_of_several_codes_one_is_chosen(owner, code, signer):
    car = issue(signer, placement="vehicle", label="黑H·T1234")

    page = owner.get(PAGE, {"serial": car.serial}).content.decode()

    assert f'<option value="{car.serial}" selected>' in page and "黑H·T1234" in page


class TestTheOffice:
    @pytest.fixture
    def sent(self, owner, code):
        send(owner, of(code))
        return Showing.objects.get()

    def test_sees_what_waits_and_accepts_it(self, office, owner, sent):
        assert "松岭里饺子馆" in office.get(reverse("showings")).content.decode()
        where = reverse("showing", args=[USCC, sent.id])
        assert "系统读出，正是这一个码" in office.get(where).content.decode()

        answer = office.post(where, {"say": "accept"})

        assert answer.url == reverse("showings")
        assert "没有等待核实的照片" in office.get(reverse("showings")).content.decode()
        assert "通过" in office.get(reverse("showings"), {"state": "done"}).content.decode()
        page = owner.get(PAGE).content.decode()
        assert "亮码照片已核实" in page and "已核实，至" in page
        assert "亮码照片已核实" in owner.get(f"/enterprise/{USCC}/messages").content.decode()

    def test_says_why_not_or_is_asked_to(self, office, owner, sent):
        where = reverse("showing", args=[USCC, sent.id])
        answer = office.post(where, {"say": "refuse"})
        assert answer.status_code == 422 and "不通过要写明原因" in answer.content.decode()

        office.post(where, {"say": "refuse", "why": "看不清贴在哪里"})

        page = owner.get(PAGE).content.decode()
        assert "未通过" in page and "看不清贴在哪里" in page

    def test_goes_on_with_the_next_that_waits(self, office, owner, sent, signer):
        car = issue(signer, placement="vehicle", label="3号车")
        send(owner, of(car))

        answer = office.post(reverse("showing", args=[USCC, sent.id]), {"say": "accept"})

        assert answer.url == reverse("showing", args=[USCC, ShowingWaiting.objects.get().showing])

    def test_the_photo_is_looked_at_with_a_trail(self, office, sent):
        page = office.get(reverse("proof", args=[sent.proof, 1]))

        assert page.status_code == 200 and page.headers["Content-Type"] == "image/jpeg"
        assert Trail.objects.filter(verb="proof.see").count() == 1

    @pytest.mark.parametrize(("area", "sees"), [("230402", True), ("230400", True), ("230403", False), ("", False)])
    def test_a_county_sees_its_own(self, sent, area, sees):
        county = signed_in(
            User.objects.create(
                username="county", role="county", unit=Unit.objects.create(name="某区信用办", area=area)
            )
        )

        assert county.get(reverse("showing", args=[USCC, sent.id])).status_code == (200 if sees else 404)
        assert ("松岭里饺子馆" in county.get(reverse("showings")).content.decode()) is sees
        decided = county.post(reverse("showing", args=[USCC, sent.id]), {"say": "accept"})
        assert decided.status_code == (302 if sees else 404)

    def test_a_photo_that_is_not_there_is_not_found(self, office, sent):
        assert office.get(reverse("showing", args=[USCC, 9999])).status_code == 404
        assert office.get(reverse("showing", args=[OTHER_USCC, sent.id])).status_code == 404


class TestAPlace:
    """The owner alone says in which mall, market or park a code hangs."""

    def place(self, name="松岭里商场", *, number=0, area="230402", **unit):
        made = Unit.objects.create(name=name, uscc=f"91230402MA1CT{number:05}", area=area, **unit)
        User.objects.create(username=name, role="place", unit=made)
        return made

    def test_is_chosen_from_those_that_look_the_own_areas_first(self, owner, code):
        assert 'name="place"' not in owner.get(PAGE).content.decode()  # nothing to choose from, nothing asked
        far, near = self.place("甲市场", area="230403"), self.place("乙商场", number=1)
        self.place("停用的商场", number=2, is_active=False)
        Unit.objects.create(name="没有账号的商场", uscc="91230402MA1CT99999")

        page = owner.get(PAGE).content.decode()

        assert (
            page.index("不在场所里，由信用办核实")
            < page.index("乙商场")
            < page.index("其他场所")
            < page.index("甲市场")
        )
        assert "停用的商场" not in page and "没有账号的商场" not in page
        assert send(owner, of(code), place=str(near.pk)).status_code == 302
        assert Showing.objects.get().place == ShowingWaiting.objects.get().place == near.pk != far.pk
        assert "乙商场" in owner.get(PAGE).content.decode()

    @pytest.mark.parametrize("said", ["987654", "9" * 40, "没有的商场"])
    def test_that_is_none_is_told_and_nothing_is_kept(self, owner, code, said):
        self.place()

        answer = send(owner, of(code), place=said)

        assert answer.status_code == 422 and "场所" in answer.content.decode()
        assert Showing.objects.count() == Proof.objects.count() == 0

    def test_where_there_are_many_is_written_by_its_name(self, owner, code):
        for number in range(102):
            self.place(f"第{number:03}市场", number=number)

        page = owner.get(PAGE).content.decode()
        assert page.count("<option value") == 100 and '<datalist id="places">' in page and "<optgroup" not in page

        answer = send(owner, of(code), place="101市")
        assert answer.status_code == 422 and "您要找的是不是“第101市场”" in answer.content.decode()
        assert send(owner, of(code), place=" 第101市场 ").status_code == 302
        assert Unit.objects.get(pk=Showing.objects.get().place).name == "第101市场"
