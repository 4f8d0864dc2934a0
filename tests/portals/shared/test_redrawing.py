"""What is handed in comes out as pictures alone; what is hostile, broken or locked gets its sentence."""

import io
import zipfile

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from chengxin.portals.shared import redrawing
from chengxin.portals.shared.redrawing import Undrawable, pages


def picture(kind="JPEG", size=(1200, 900), **how):
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind, **how)
    return file.getvalue()


def paper(count=1, *, change=None, **how):
    pdf = pikepdf.new()
    for _ in range(count):
        pdf.add_blank_page(page_size=(595, 842))
    if change:
        change(pdf)
    file = io.BytesIO()
    pdf.save(file, **how)
    return file.getvalue()


def drawn(upload, tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(upload)
    with path.open("rb") as file:
        return pages(file)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_comes_out_as_one_jpeg(kind, tmp_path):
    (page,) = drawn(picture(kind), tmp_path)

    with Image.open(io.BytesIO(page)) as seen:
        assert (seen.format, seen.size) == ("JPEG", (1200, 900))


def test_a_paper_comes_out_page_by_page_large_enough_to_read(tmp_path):
    found = drawn(paper(3), tmp_path)

    sizes = [Image.open(io.BytesIO(page)).size for page in found]
    assert sizes == [(1414, 2000)] * 3


def test_what_a_camera_wrote_beside_the_picture_is_gone(tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "the maker of the phone"
    upload = picture(exif=exif) + b"%PDF-1.7 behind the picture <script>alert(1)</script>"

    (page,) = drawn(upload, tmp_path)

    assert b"maker" not in page
    assert b"script" not in page
    assert b"%PDF" not in page


def with_script(pdf):
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert(1)")


def with_launch(pdf):
    act = Dictionary(S=Name.Launch, F="cmd.exe")
    pdf.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=act)])


def with_attachment(pdf):
    pdf.attachments["hidden.exe"] = b"MZ"


def with_nested_script(pdf):
    later = pdf.make_indirect(Dictionary(S=Name.JavaScript))
    pdf.Root.AA = Dictionary(WC=Dictionary(S=Name.GoTo, D="x", Next=Array([Array([later])])))


def heic():
    return b"\0\0\0\x18ftypheic" + bytes(100)


def ofd():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("OFD.xml", "<ofd/>")
    return file.getvalue()


def many_pixels():
    file = io.BytesIO()
    Image.new("1", (9000, 9000)).save(file, "PNG")
    return file.getvalue()


REFUSED = {
    "a script": (paper(change=with_script), redrawing._ACTIVE),
    "a script in a stream of objects": (
        paper(change=with_script, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        redrawing._ACTIVE,
    ),
    "a script behind another act": (paper(change=with_nested_script), redrawing._ACTIVE),
    "a program to start": (paper(change=with_launch), redrawing._ACTIVE),
    "a file within": (paper(change=with_attachment), redrawing._ACTIVE),
    "a password": (paper(encryption=pikepdf.Encryption(user="a", owner="b")), redrawing._LOCKED),
    "too many pages": (paper(21), redrawing._LONG),
    "half a paper": (b"%PDF-1.7\n" + paper(2)[200:300], redrawing._BROKEN),
    "half a picture": (picture("PNG")[:300], redrawing._BROKEN),
    "too many pixels": (many_pixels(), redrawing._LARGE),
    "HEIC": (heic(), redrawing._HEIC),
    "OFD": (ofd(), redrawing._OFD),
    "a web page": (b"<html><script>alert(1)</script></html>", redrawing._OTHER),
    "a drawing with a script": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', redrawing._OTHER),
}


@pytest.mark.parametrize(("upload", "why"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_taken_gets_one_sentence_that_says_what_to_do(upload, why, tmp_path):
    with pytest.raises(Undrawable) as refusal:
        drawn(upload, tmp_path)

    assert str(refusal.value) == redrawing.SENTENCES[why]


def test_a_paper_that_may_be_read_but_not_printed_is_taken(tmp_path):
    locked = paper(encryption=pikepdf.Encryption(user="", owner="b", allow=pikepdf.Permissions(print_lowres=False)))

    assert len(drawn(locked, tmp_path)) == 1


def test_whoever_takes_too_much_memory_is_ended_and_told(tmp_path, monkeypatch):
    def bomb(pdf):
        image = pikepdf.Stream(pdf, b"\0" * 1000)
        image.stream_dict = Dictionary(
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=60000,
            Height=60000,
            ColorSpace=Name.DeviceRGB,
            BitsPerComponent=8,
        )
        pdf.pages[0].Resources = Dictionary(XObject=Dictionary(I=image))
        pdf.pages[0].Contents = pikepdf.Stream(pdf, b"q 595 0 0 842 0 0 cm /I Do Q")

    try:
        found = drawn(paper(change=bomb), tmp_path)
    except Undrawable as refusal:
        assert str(refusal) in (redrawing.TOO_MUCH, redrawing.SENTENCES[redrawing._BROKEN])
    else:
        assert len(found) == 1  # drawn without the picture
