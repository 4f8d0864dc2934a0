"""Papers that are handed in: bounded, kept apart, owner-only; and shown to whoever may see them."""

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import RequestFactory
from PIL import Image

from chengxin.credit.applications.models import Newcomer
from chengxin.ingest import store
from chengxin.people.models import Binding, Proof, User
from chengxin.people.trail import Actor, Refused
from chengxin.portals.shared import proofs
from chengxin.portals.shared.headers import MARK
from chengxin.portals.shared.proofs import PROOF_BYTES, clean, handed_in, keep, page_answer, takes_proofs
from chengxin.portals.shared.upload import END

AT = datetime(2026, 4, 1, 2, 30, tzinfo=UTC)
BY = Actor("b-1", "business")
SHOP = "91230402MA1CTE575Q"


def picture():
    file = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(file, "PNG")
    return file.getvalue()


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    return settings.FILES_DIR


def upload(content=None, name="营业执照.png"):
    return SimpleUploadedFile(name, picture() if content is None else content)


def test_a_file_is_kept_as_pictures_under_their_digest_for_its_owner_alone(db, files):
    kept = keep(clean(upload()), subject=SHOP, about="binding", user=None, by=BY, at=AT)

    (sha,) = kept.pages
    path = files / "proofs" / sha[:2] / sha
    assert path.read_bytes().startswith(b"\xff\xd8")
    assert kept.size == path.stat().st_size
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert oct((files / "proofs").stat().st_mode & 0o777) == "0o700"


def test_the_same_page_twice_is_one_file(db, files):
    for _ in range(2):
        keep(clean(upload()), subject=SHOP, about="binding", user=None, by=BY, at=AT)

    assert Proof.objects.count() == 2
    assert len([path for path in (files / "proofs").rglob("*") if path.is_file()]) == 1


def test_forgetting_what_was_sent_does_not_reach_it(db, files):
    keep(clean(upload()), subject=SHOP, about="binding", user=None, by=BY, at=AT)

    assert list(store.kept(files)) == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("执照.png", "执照.png"),
        ("230402199003071233.png", "******************.png"),
        ("\u202egnp.exe\n", "gnp.exe"),
        ("", "没有名称"),
        ("长" * 300 + ".png", "长" * 96 + ".png"),
    ],
    ids=["plain", "an ID number", "turned about", "none", "long"],
)
def test_a_files_name_keeps_no_personal_data(name, kept):
    assert proofs._name(name) == kept


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "是空的"), (b"\xff" * (PROOF_BYTES + 1), "超过 10 MB"), (b"MZ\x90", "不是照片")],
    ids=["empty", "too large", "a program"],
)
def test_what_cannot_be_taken_is_refused_with_a_sentence(content, sentence):
    with pytest.raises(Refused, match=sentence):
        clean(upload(content))


def test_a_page_runs_nothing_wherever_it_is_opened(db):
    kept = keep(clean(upload()), subject=SHOP, about="binding", user=None, by=BY, at=AT)

    answer = page_answer(kept, 1)

    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize("number", [0, 2, 10**9], ids=["before the first", "after the last", "far off"])
def test_there_are_no_other_pages(db, number):
    kept = keep(clean(upload()), subject=SHOP, about="binding", user=None, by=BY, at=AT)

    with pytest.raises(Http404):
        page_answer(kept, number)


def test_a_page_that_was_destroyed_is_not_there(db, files):
    kept = keep(clean(upload()), subject=SHOP, about="binding", user=None, by=BY, at=AT)
    next(path for path in (files / "proofs").rglob("*") if path.is_file()).unlink()

    with pytest.raises(Http404):
        page_answer(kept, 1)


# ---- Forms ---------------------------------------------------------------------------------------------------------


def sent(uploads, *, most=1, ended=True, **said):
    """Return what a view gets that takes papers: the papers, or the sentence by which they are refused."""
    got = []

    def view(request):
        from django.http import HttpResponse

        try:
            got.extend(handed_in(request, "proof", most=most))
        except Refused as refusal:
            got.append(str(refusal))
        return HttpResponse()

    taking = takes_proofs(view)
    assert hasattr(taking, MARK)
    request = RequestFactory().post("/", {"proof": uploads, **said, **({END: "1"} if ended else {})})
    request._dont_enforce_csrf_checks = True
    got.append(taking(request).status_code)
    return got


def test_a_form_carries_several_papers():
    first, second, status = sent([upload(), upload(name="二.png")], most=2)

    assert (first.name, second.name, status) == ("营业执照.png", "二.png", 200)


def test_one_paper_more_than_asked_for_is_told():
    assert sent([upload(), upload()])[0] == "这里最多上传 1 个文件；请少选几个再传。"


def test_a_file_too_large_is_passed_over_and_told():
    assert "超过 10 MB" in sent([upload(b"\xff" * (PROOF_BYTES + 1))])[0]


def test_a_broken_line_is_told():
    assert "没有传完" in sent([upload()], ended=False)[0]


def test_a_body_too_large_is_not_read():
    request = RequestFactory().post("/", b"", content_type="multipart/form-data; boundary=a", CONTENT_LENGTH=10**9)

    assert takes_proofs(lambda request: pytest.fail("was read"))(request).status_code == 413


def test_nothing_is_left_of_what_was_not_kept(files):
    sent([upload(), upload()])

    assert [path for path in Path(files).rglob("*") if path.is_file()] == []


# ---- Time is over --------------------------------------------------------------------------------------------------


def kept_at(about="binding", *, days=181, name="b-1"):
    user, _ = User.objects.get_or_create(username=name, role="business")
    color = (about, days, name)
    file = io.BytesIO()
    Image.new("RGB", (300, 200), f"#{abs(hash(color)) % 0xFFFFFF:06x}").save(file, "PNG")
    made = keep(
        clean(upload(file.getvalue())), subject=SHOP, about=about, user=user, by=BY, at=AT - timedelta(days=days)
    )
    for sha in made.pages:
        path = store.place(proofs.folder(), sha)
        os.utime(path, (AT.timestamp() - 2 * 86400,) * 2)
    return made


def swept():
    return sum(proofs.sweep(at=AT + timedelta(hours=hour), after=timedelta(days=180)) for hour in range(24))


def pages_of(proof):
    proof.refresh_from_db()
    return [store.place(proofs.folder(), sha).exists() for sha in proof.pages]


def test_papers_that_showed_who_somebody_is_are_destroyed_in_time_and_others_stay(db):
    old, young, declared = kept_at(), kept_at(days=100), kept_at("declaration", days=900)
    path = store.place(proofs.folder(), old.pages[0])

    assert swept() == 1

    assert (pages_of(old), path.exists()) == ([], False)
    assert pages_of(young) == pages_of(declared) == [True]


def test_the_certificate_of_a_new_body_that_still_waits_stays(db):
    old = kept_at("newcomer")
    waits = Newcomer.objects.create(
        user=old.user, uscc=SHOP, name="幼儿园", proofs=[old.pk], state="waiting", sent_at=AT, due_on=AT.date()
    )

    assert (swept(), pages_of(old)) == (0, [True])

    Newcomer.objects.filter(pk=waits.pk).update(state="refused")
    assert (swept(), pages_of(old)) == (1, [])


def test_what_a_claim_still_waits_on_stays(db):
    old = kept_at()
    Binding.objects.create(
        user=old.user, subject=SHOP, part="legal", proven_by="name", state="waiting", asked_at=AT, proofs=[old.pk]
    )

    assert swept() == 0
    assert pages_of(old) == [True]


def test_a_page_that_two_papers_have_stays_while_one_of_them_does(db):
    old = kept_at()
    Proof.objects.create(
        subject=SHOP, about="declaration", name="同", pages=old.pages, size=1, user=None, by="b", at=AT
    )
    path = store.place(proofs.folder(), old.pages[0])

    assert swept() == 0
    assert path.exists()


def test_a_page_whose_act_came_to_nothing_is_swept_after_a_day(db):
    stray = kept_at(days=1)
    path = store.place(proofs.folder(), stray.pages[0])
    Proof.objects.all().delete()

    os.utime(path, (AT.timestamp(),) * 2)
    assert swept() == 0
    os.utime(path, (AT.timestamp() - 2 * 86400,) * 2)
    assert swept() == 1
    assert not path.exists()
