"""One page for the whole face of the city: wrong or right, nothing that was typed is lost."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from chengxin.board.city import City, Link
from chengxin.credit.publishing.city import face
from chengxin.people.models import Trail

pytestmark = pytest.mark.django_db

GOOD = {
    "city": "某市",
    "office": "某市社会信用体系建设办公室",
    "phone": "0468-3350000",
    "link-label": ["市民热线", "", "信用中国"],
    "link-url": ["tel:12345", "", "https://www.creditchina.gov.cn"],
    "divisions": "2304，231102",
}


def png(colour="red", side=64):
    kept = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(kept, "PNG")
    return SimpleUploadedFile("mark.png", kept.getvalue(), "image/png")


def opened(office):
    return office.get(reverse("city")).content.decode().split('name="seen" value="')[1].split('"')[0]


def save(office, **changes):
    return office.post(reverse("city"), {"seen": opened(office), **GOOD, **changes})


def test_what_was_saved_is_shown_again(office):
    answer = save(office)

    assert answer.status_code == 302
    assert face().city == City(
        city="某市",
        office="某市社会信用体系建设办公室",
        phone="0468-3350000",
        links=(Link("市民热线", "tel:12345"), Link("信用中国", "https://www.creditchina.gov.cn")),
        divisions=("2304", "231102"),
    )
    page = office.get(reverse("city")).content.decode()
    assert "已保存：城市名称、信用办名称、咨询电话、链接、行政区划范围。" in page
    assert 'value="某市社会信用体系建设办公室"' in page and 'value="2304，231102"' in page


def test_the_trail_says_who_changed_which_fields(office):
    save(office)
    save(office, phone="12345")

    newest = Trail.objects.latest("id")
    assert (newest.by, newest.role, newest.verb) == ("wangmin", "credit_office", "city.describe")
    assert newest.detail == {"changed": ["phone"]}


def test_saving_without_a_change_says_so(office):
    save(office)

    assert "没有改动。" in office.get(save(office).url).content.decode()
    assert Trail.objects.count() == 1


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(office):
    changes = {"city": "", "phone": "call <me>", "link-url": ["javascript:alert(1)", "", "x"], "divisions": "2399"}
    answer = save(office, **changes)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "还不能保存，有 5 处要改" in page
    for place in ("city", "phone", "links-0-url", "links-1-url", "divisions"):
        assert f'id="{place}-fault"' in page and f'href="#{place}"' in page and f'id="{place}"' in page
    for typed in ("某市社会信用体系建设办公室", "call &lt;me&gt;", "javascript:alert(1)", "信用中国", "2399"):
        assert f'value="{typed}"' in page
    assert not Trail.objects.exists() and face().city == City()


def test_a_preview_shows_and_does_not_save(office):
    page = save(office, preview="1").content.decode()

    assert "还没有保存" in page
    assert "某市社会信用体系建设办公室签发" in page
    assert face().city == City()


def test_a_logo_is_kept_and_shown(office):
    save(office, logo=png())

    answer = office.get(reverse("city-logo"))
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.content == face().logo
    assert reverse("city-logo") in office.get(reverse("city")).content.decode()


def test_a_good_logo_survives_a_fault_elsewhere(office):
    page = save(office, phone="?", logo=png()).content.decode()
    kept = page.split('name="logo-kept" value="')[1].split('"')[0]

    save(office, **{"logo-kept": kept})

    with Image.open(io.BytesIO(face().logo)) as logo:
        assert logo.convert("RGB").getpixel((5, 5)) == (255, 0, 0)


def test_a_logo_is_taken_off(office):
    save(office, logo=png())
    save(office, **{"logo-off": "on"})

    assert face().logo is None
    assert office.get(reverse("city-logo")).status_code == 404


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"logo": SimpleUploadedFile("mark.png", b"<svg/>", "image/png")}, "不是 PNG 格式"),
        ({"logo": SimpleUploadedFile("mark.png", b"\x00" * 250_000, "image/png")}, "不能超过 200 KB"),
        ({"logo-kept": "not base64!"}, "没有传完整"),
        ({"logo-kept": "PHN2Zy8+"}, "不是 PNG 格式"),
    ],
    ids=["no PNG", "too large", "tampered", "tampered with a picture that is none"],
)
def test_a_bad_logo_is_refused_in_one_sentence_and_nothing_is_saved(office, changes, sentence):
    if upload := changes.get("logo"):
        upload.seek(0)
    answer = save(office, **changes)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert face().city == City()


def test_a_huge_upload_is_refused_before_it_is_read(office):
    answer = save(office, logo=SimpleUploadedFile("mark.png", b"\x00" * 1_100_000, "image/png"))

    assert answer.status_code == 413
    assert "太大" in answer.content.decode()


def test_nobody_overwrites_a_colleague_unawares(office):
    seen = opened(office)
    save(office, phone="12345")

    answer = save(office, phone="12315", seen=seen)
    assert answer.status_code == 422
    assert "有人改过本市设置" in answer.content.decode() and 'value="12315"' in answer.content.decode()
    assert face().city.phone == "12345"

    assert save(office, phone="12315").status_code == 302, "having seen it, one may"
    assert face().city.phone == "12315"
