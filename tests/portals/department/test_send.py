"""报送: a file comes whole or not at all, straight to disk, and not a byte of a stranger's is read."""

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from chengxin.ingest.models import Batch
from chengxin.people.models import Unit, User
from chengxin.portals.shared import upload
from chengxin.portals.shared.headers import BODY_LIMIT
from tests.portals.conftest import PASSWORD, make_batch, signed_in

pytestmark = pytest.mark.django_db

CONTENT = "行政相对人名称,许可编号\n松岭里饺子馆,1\n".encode()


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.FILES_DIR, settings.FEEDBACK_DIR = tmp_path / "files", tmp_path / "feedback"
    return settings


def sent(**changes):
    fields = {"kind": "licence", "file": SimpleUploadedFile("许可.csv", CONTENT), upload.END: "1"} | changes
    return {name: value for name, value in fields.items() if value is not None}


def kept(folders):
    return [path for path in Path(folders.FILES_DIR).rglob("*") if path.is_file()]


def send(browser, *, json=False, **changes):
    return browser.post(reverse("send"), sent(**changes), headers={"accept": "application/json"} if json else None)


# ---- What is taken in ----------------------------------------------------------------------------------------------


def test_a_file_becomes_a_batch_of_ones_own_unit_that_waits_for_its_check(desk, unit, folders):
    answer = send(desk)

    batch = Batch.objects.get()
    assert answer.url == reverse("batch", args=[batch.pk])
    assert (batch.kind, batch.unit, batch.source, batch.source_code) == ("licence", unit, unit.name, unit.uscc)
    assert (batch.way, batch.state, batch.wanted, batch.by) == ("upload", "received", "check", "lina")
    assert batch.file_name == "许可.csv"
    assert [path.read_bytes() for path in kept(folders)] == [CONTENT]


def test_a_script_is_told_where_the_batch_stands(desk):
    answer = send(desk, json=True)

    assert answer.status_code == 201
    assert answer.json() == {"to": reverse("batch", args=[Batch.objects.get().pk])}


def test_the_page_opens_with_the_kind_that_was_sent_last(desk):
    make_batch(kind="penalty", way="upload", by="lina")
    make_batch(kind="licence", way="upload", by="somebody else")

    assert '<option value="penalty" selected>' in desk.get(reverse("send")).content.decode()
    assert '<option value="honour" selected>' in desk.get(reverse("send"), {"kind": "honour"}).content.decode()


def test_the_page_says_the_limit_before_and_offers_the_kinds_by_category(desk, folders):
    folders.INTAKE_MAX_BYTES = 20 * 1024**2

    page = desk.get(reverse("send")).content.decode()

    assert "不超过 20.0\xa0MB" in page and 'data-limit="20971520"' in page
    assert '<optgroup label="3. 行政管理信息">' in page
    assert "script-src 'self'" in desk.get(reverse("send")).headers["Content-Security-Policy"]


# ---- In whose name -------------------------------------------------------------------------------------------------


def test_a_department_sends_in_no_other_name_than_its_own(desk, unit):
    other = Unit.objects.create(name="某市税务局")

    send(desk, source=f"unit-{other.pk}")

    assert Batch.objects.get().unit == unit
    assert "某市税务局" not in desk.get(reverse("send")).content.decode()


def test_the_credit_office_chooses_a_unit_or_a_source(office, unit):
    page = office.get(reverse("send")).content.decode()
    assert unit.name in page and "source-national-register" in page

    send(office, source=f"unit-{unit.pk}")
    send(office, source="source-national-register", kind="subject")

    first, second = Batch.objects.order_by("id")
    assert (first.unit, first.source) == (unit, unit.name)
    assert (second.unit, second.source_name) == (None, "national-register")


@pytest.mark.parametrize("source", [None, "", "unit-404", "source-none", "'"])
def test_a_source_that_is_none_is_asked_for_again(office, unit, source):
    answer = send(office, source=source)

    assert answer.status_code == 422 and "请选择数据来源单位" in answer.content.decode()
    assert not Batch.objects.exists()


def test_a_closed_unit_is_not_offered(office):
    Unit.objects.create(name="旧营商局", is_active=False)

    assert "旧营商局" not in office.get(reverse("send")).content.decode()


def test_whoever_belongs_to_no_unit_is_told_whom_to_ask(db):
    lost = signed_in(User.objects.create_user("lost", password=PASSWORD, role="department"))

    assert "还没有归到一个单位" in lost.get(reverse("send")).content.decode()
    assert send(lost).status_code == 422 and not Batch.objects.exists()


# ---- What is not taken in ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes, fault",
    [
        ({"kind": ""}, "请选择这份文件是哪一种数据"),
        ({"kind": "nonsense"}, "请选择这份文件是哪一种数据"),
        ({"file": None}, "请选择要报送的文件"),
        ({"file": "no file"}, "请选择要报送的文件"),
        ({"file": SimpleUploadedFile("空.csv", b"")}, "这份文件是空的"),
        ({upload.END: None}, "文件没有传完，什么都没有收下"),
    ],
    ids=["no kind", "a kind that is none", "no file", "words for a file", "an empty file", "the line broke"],
)
@pytest.mark.parametrize("json", [False, True], ids=["page", "script"])
def test_what_is_wrong_is_said_and_nothing_is_kept(desk, folders, changes, fault, json):
    answer = send(desk, json=json, **changes)

    said = " ".join(answer.json()["faults"].values()) if json else answer.content.decode()
    assert answer.status_code == 422 and fault in said
    assert not Batch.objects.exists() and kept(folders) == []


def test_what_was_chosen_stands_after_a_fault(office, unit):
    page = send(office, source=f"unit-{unit.pk}", kind="penalty", file=None).content.decode()

    assert '<option value="penalty" selected>' in page and f'<option value="unit-{unit.pk}" selected>' in page


def test_a_source_that_has_nothing_of_the_kind_says_so(office):
    answer = send(office, source="source-national-register", kind="penalty")

    assert answer.status_code == 422 and "不提供行政处罚" in answer.content.decode()


def test_a_second_file_of_the_same_form_is_passed_over(desk, folders):
    both = sent()
    desk.post(reverse("send"), {**both, "more": SimpleUploadedFile("b.csv", b"other")})

    assert [path.read_bytes() for path in kept(folders)] == [CONTENT]


# ---- A stranger's bytes --------------------------------------------------------------------------------------------


class Untouched(io.RawIOBase):
    """A body that nobody may read."""

    def readable(self):
        return True

    def read(self, *_):
        raise AssertionError("somebody's body was read")

    readinto = readline = read


def post_unread(browser, *, length, **headers):
    return browser.generic(
        "POST",
        reverse("send"),
        b"",
        content_type="multipart/form-data; boundary=x",
        headers={key.replace("_", "-"): value for key, value in headers.items()},
        **{"wsgi.input": Untouched(), "CONTENT_LENGTH": str(length)},
    )


def strict(user=None):
    browser = Client(enforce_csrf_checks=True)
    if user:
        browser.force_login(user)
    return browser


@pytest.mark.parametrize("length", [1000, 50_000_000])
def test_not_a_byte_of_whoever_is_not_signed_in_is_read(length):
    answer = post_unread(strict(), length=length)

    assert answer.status_code == 302 and answer.url.startswith(reverse("sign-in"))


def test_not_a_byte_of_whoever_may_not_send_is_read(db):
    auditor = User.objects.create_user("audit", password=PASSWORD, role="auditor")

    assert post_unread(strict(auditor), length=50_000_000).status_code == 403


def test_not_a_byte_from_another_site_is_read(lina):
    assert post_unread(strict(lina), length=50_000_000, origin="https://evil.example").status_code == 403


def test_not_a_byte_beyond_the_limit_is_read(lina, folders):
    folders.INTAKE_MAX_BYTES = 10_000

    assert post_unread(strict(lina), length=10_000 + upload.FORM_BYTES + 1).status_code == 413


def test_a_form_without_its_token_leaves_nothing(lina, folders):
    answer = send(strict(lina))

    assert answer.status_code == 403
    assert not Batch.objects.exists() and kept(folders) == []


def test_a_form_with_its_token_is_taken(lina):
    browser = strict(lina)
    page = browser.get(reverse("send"))

    answer = send(browser, csrfmiddlewaretoken=str(page.context["csrf_token"]))

    assert answer.status_code == 302 and Batch.objects.exists()


@pytest.mark.parametrize("name", ["city", "sign-in", "nowhere"])
def test_no_other_page_takes_so_much(office, name):
    path = "/nowhere" if name == "nowhere" else reverse(name)

    answer = office.post(path, b"x" * (BODY_LIMIT + 1), content_type="application/octet-stream")

    assert answer.status_code == 413


def test_a_file_larger_than_any_other_body_is_taken(desk, folders):
    answer = send(desk, file=SimpleUploadedFile("大.csv", b"x" * (3 * BODY_LIMIT)))

    assert answer.status_code == 302
    assert [path.stat().st_size for path in kept(folders)] == [3 * BODY_LIMIT]


# ---- Where the line or the disk ends -------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_body_that_breaks_off_leaves_nothing(desk, folders, share):
    boundary = b"--x\r\n"
    fields = b"".join(
        boundary + f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in (("kind", "licence"),)
    )
    file = b'Content-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n'
    end = boundary + f'Content-Disposition: form-data; name="{upload.END}"\r\n\r\n1\r\n--x--\r\n'.encode()
    whole = fields + boundary + file + CONTENT * 20_000 + b"\r\n" + end
    part = whole[: int(len(whole) * share)]

    answer = desk.generic(
        "POST",
        reverse("send"),
        content_type="multipart/form-data; boundary=x",
        **{"wsgi.input": io.BytesIO(part), "CONTENT_LENGTH": str(len(whole))},
    )

    assert answer.status_code == 422 and "文件没有传完" in answer.content.decode()
    assert not Batch.objects.exists() and kept(folders) == []


def test_a_full_disk_is_told(desk, folders, monkeypatch):
    class Full(io.BytesIO):
        def write(self, _):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(upload.tempfile, "TemporaryFile", lambda **_: Full())

    answer = send(desk)

    assert answer.status_code == 422 and "存储空间不够" in answer.content.decode()
    assert not Batch.objects.exists()
