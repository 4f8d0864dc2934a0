"""Jobs: read back by engines that are not ours."""

import io
import re
import threading

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageChops

from chengxin.press import job, typeset
from chengxin.press.bind import FANOUT
from chengxin.press.carriers import CARRIERS
from chengxin.press.paper import Issuer, NotPrintable, wide
from tests.press.samples import (
    AT,
    HOSTILE,
    ISSUER,
    bound,
    boxes,
    content,
    fitting,
    one,
    opened,
    pictures,
    sealed,
    texts,
)

EVERY = pytest.mark.parametrize("carrier", list(CARRIERS))


def codes(picture: Image.Image) -> set[str]:
    return {found.text for found in zxingcpp.read_barcodes(picture)}


# ---- One piece -----------------------------------------------------------------------------------------------------


SAID = {
    "code": ("统一社会信用代码", "92230402MA1CTE575M"),
    "serial": ("编号", "0000-11H"),
    "place": ("车内（黑H·12345）",),
    "office": ("签发单位", "某市社会信用体系建设办公室"),
    "date": ("印制日期", "2026年11月25日"),
}
ALL = {"poster": tuple(SAID), "sticker": ("code", "serial", "place", "office")}


@EVERY
def test_a_piece_says_in_clear_text_what_it_has_to(carrier):
    pdf, refused = bound(carrier, [fitting(carrier, serial=1073)])
    what = CARRIERS[carrier]

    said = re.sub(r"\s", "", texts(pdf)[0])
    assert refused == []
    for words in (
        "诚码上诚信", "松岭里饺子馆", "92230402MA1CTE575M", "编号", "0000-11H", "扫码看信用，请认准网址", "xyma.example.gov.cn",
    ):  # fmt: skip
        # Readers tell what is upside down in an order of their own.
        assert said.count(words) >= len([unit for unit in what.units if not unit.turned]), words
    for fact in ALL.get(what.template, what.facts):
        assert all(words in said for words in SAID[fact]), fact
    if what.big:
        assert "黑H·12345" in said
    if what.hotlines and what.template != "label":
        assert all(number in said for number in ("12345", "12315", "0468-3350000"))


@EVERY
def test_a_piece_never_says_how_good_anybody_is(carrier):
    assert re.findall("等级|评分|信用分|AAA|优秀|良好|守信", texts(bound(carrier, [fitting(carrier)])[0])[0]) == []


@EVERY
def test_the_groups_of_the_uscc_can_be_told_apart(carrier):
    assert "92 230402 MA1CTE575 M" in texts(bound(carrier, [fitting(carrier)])[0])[0]


@EVERY
@pytest.mark.parametrize("kind", ["svg", "png"])
def test_a_piece_as_a_picture_says_the_same_code(carrier, kind):
    drawn = job.picture(CARRIERS[carrier], fitting(carrier, serial=7), issuer=ISSUER, at=AT, format=kind)

    if kind == "png":
        picture = Image.open(io.BytesIO(drawn))
        wide, high = CARRIERS[carrier].sheet(shared=False)
        ppi = CARRIERS[carrier].ppi
        assert picture.size == pytest.approx((wide / 25.4 * ppi, high / 25.4 * ppi), abs=2)
        assert codes(picture) == {content(carrier, 7)}
    else:
        assert drawn.startswith(b"<svg") and b"<script" not in drawn and b'href="http' not in drawn


# ---- The file ------------------------------------------------------------------------------------------------------


@EVERY
def test_every_typeface_is_within_and_every_letter_is_told(carrier):
    document = opened(bound(carrier, [fitting(carrier), fitting(carrier, "㐂记", serial=2)])[0])
    things = [thing for thing in document.objects if isinstance(thing, pikepdf.Dictionary)]
    fonts = [thing for thing in things if thing.get("/Type") == "/Font"]
    descriptors = [thing for thing in things if thing.get("/Type") == "/FontDescriptor"]

    assert fonts
    assert all({"/FontFile2", "/FontFile3"} & set(one.keys()) for one in descriptors)
    assert all("/ToUnicode" in font for font in fonts if font.Subtype == "/Type0")
    assert {re.sub(r"^/[A-Z]{6}\+|-Identity-H$", "", str(one.FontName)) for one in descriptors} == {
        "NotoSansSC-Bold", "NotoSansSC-Regular",
    }  # fmt: skip


def test_a_poster_is_an_a4_page_and_a_sticker_has_its_bleed():
    poster, sticker = (opened(bound(carrier, [one()])[0]) for carrier in ("poster", "sticker"))

    assert boxes(poster.pages[0]) == {name: [0, 0, 210, 297] for name in ("MediaBox", "BleedBox", "TrimBox")}
    assert boxes(sticker.pages[0]) == {
        "MediaBox": [0, 0, 114, 159],
        "BleedBox": [9, 9, 105, 150],
        "TrimBox": [12, 12, 102, 147],
    }


@EVERY
def test_black_is_one_ink(carrier):
    """No grey by a profile is left, which a printer would mix of four inks; a symbol is the printer's own black."""
    document = opened(bound(carrier, [fitting(carrier)])[0])
    profiles = [thing for thing in document.objects if isinstance(thing, pikepdf.Stream) and thing.get("/N") == 1]
    drawn = document.pages[0].Contents[0].read_bytes()

    assert profiles == []
    assert b" cm 0 g " in drawn and b" rg" not in drawn


def test_the_file_says_what_it_is():
    document = opened(bound("poster", [one()])[0])

    assert str(document.docinfo["/Title"]) == "诚信码 A4 海报"
    assert str(document.docinfo["/CreationDate"]) == "D:20261125063015Z"
    assert document.Root.ViewerPreferences.PrintScaling == "/None"
    assert document.Root.Lang == "zh-CN"
    assert document.trailer.ID[0] == document.trailer.ID[1]
    with document.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "U")
        assert metadata["dc:title"] == "诚信码 A4 海报"


def test_the_same_job_makes_the_same_bytes():
    assert bound("poster", [one(), one(serial=2)]) == bound("poster", [one(), one(serial=2)])


# ---- Many ----------------------------------------------------------------------------------------------------------


def test_a_long_job_has_its_pages_in_order_and_each_its_own_code():
    count = 2 * job.CHUNK + 5
    pdf, refused = bound("poster", (one(f"第{serial}号店", serial=serial) for serial in range(1, count + 1)))

    assert refused == []
    opened(pdf)
    assert [re.search(r"第(\d+)号店", said)[1] for said in texts(pdf)] == [
        str(serial) for serial in range(1, count + 1)
    ]
    with pypdfium2.PdfDocument(pdf) as document:
        for page in (0, job.CHUNK - 1, job.CHUNK, count - 1):
            assert codes(document[page].render(scale=1.5).to_pil()) == {sealed(page + 1)}


def test_the_tree_of_pages_is_flat_and_counts_right():
    document = opened(bound("poster", [one(serial=serial) for serial in range(1, FANOUT + 3)])[0])
    root = document.Root.Pages

    assert len(document.pages) == int(root.Count) == FANOUT + 2
    assert [int(leaf.Count) for leaf in root.Kids] == [FANOUT, 2]
    assert all(page.obj.Parent.Type == "/Pages" for page in document.pages)


def test_the_ground_is_set_once_for_all_pages():
    document = opened(bound("poster", [one(serial=serial) for serial in range(1, 9)])[0])

    assert len({page.obj.Resources.XObject.Ground.objgen for page in document.pages}) == 1
    assert len(bound("poster", [one(serial=serial) for serial in range(1, 65)])[0]) < 64 * 8_000


def test_stickers_share_sheets_and_the_last_one_may_be_half_empty():
    pdf, _ = bound("sticker", (one(f"第{serial}号店", serial=serial) for serial in range(1, 8)))

    assert [codes(picture) for picture in pictures(pdf)] == [
        {sealed(serial) for serial in (1, 2, 3, 4)},
        {sealed(serial) for serial in (5, 6, 7)},
    ]
    assert texts(pdf)[1].count("码上诚信") == 3


def test_one_that_cannot_be_printed_stops_nobody():
    dense = one("太密的店", serial=9, content="HTTPS://A.EXAMPLE/C/" + "A" * 3000)
    pdf, refused = bound("poster", [one("甲店"), one("😀店", serial=2), dense, one("乙店", serial=3)])

    assert [re.search("[甲乙]店", said)[0] for said in texts(pdf)] == ["甲店", "乙店"]
    assert [name for name, _ in refused] == ["😀店", "太密的店"]
    assert "放不进一个二维码" in refused[1][1]


def test_a_job_of_nothing_writes_nothing():
    assert bound("poster", [])[0] == bound("poster", [one("😀")])[0] == b""


def test_a_word_that_all_share_and_no_typeface_has_ends_the_job():
    with pytest.raises(NotPrintable, match="签发单位名称里的“😀”"):
        bound("poster", [one()], issuer=Issuer("😀办", "a.example", "2026年", ()))


def test_how_far_it_is_is_told_after_each_chunk():
    told = []
    prints = (one(serial=serial) for serial in range(1, job.CHUNK + 3))
    job.bind(io.BytesIO(), CARRIERS["poster"], prints, issuer=ISSUER, at=AT, refused=print, progress=told.append)

    assert told == [job.CHUNK, job.CHUNK + 2]


def test_two_jobs_at_once_do_not_disturb_each_other():
    found = {}

    def run(carrier):
        found[carrier] = bound(carrier, [one(serial=serial) for serial in range(1, 20)])[0]

    threads = [threading.Thread(target=run, args=(carrier,)) for carrier in ("poster", "sticker", "poster")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {carrier: len(opened(pdf).pages) for carrier, pdf in found.items()} == {"poster": 19, "sticker": 5}


# ---- Hostile names -------------------------------------------------------------------------------------------------


CROSS = [
    pytest.param(carrier, name, id=f"{carrier}-{kind}")
    for carrier in CARRIERS
    for kind, name in HOSTILE.items()
    if wide(name) <= CARRIERS[carrier].room
]


@pytest.mark.parametrize(("carrier", "name"), CROSS)
def test_a_name_is_set_letter_by_letter_whatever_it_says(carrier, name):
    pdf, refused = bound(carrier, [fitting(carrier, name)])

    said = re.sub(r"[\s\u200b\u0002\ufffe]", "", texts(pdf)[0])
    assert refused == []
    assert re.sub(r"\s", "", name) in said


@EVERY
@pytest.mark.parametrize(
    "long", ["有限公司", "Ж", "Северный ветер ", "m"], ids=["Chinese", "no blanks", "words", "wide"]
)
def test_a_name_as_long_as_a_carrier_takes_keeps_to_its_place(carrier, long):
    """Everything beside the name is the same picture as with a short one, and no letter of it lies on another thing."""
    what = CARRIERS[carrier]
    name = (long * 400)[: int(what.room / (wide(long) / len(long)))].strip()
    while wide(name) > what.room:
        name = name[:-1].strip()
    full, dotted, ticked = (
        pictures(bound(carrier, [fitting(carrier, said)])[0], dpi=24 if what.width > 300 else 72)[0]
        for said in (name, ".", "'")
    )
    changed = ImageChops.difference(full, dotted).point(lambda light: 255 if light > 8 else 0)

    # What is inked whatever the name: a dot and a tick never lie upon each other.
    others = ImageChops.lighter(dotted, ticked).point(lambda light: 255 if light < 250 else 0)
    assert changed.getbbox() is not None
    assert ImageChops.multiply(changed, others).getbbox() is None


@EVERY
def test_a_name_that_is_too_long_is_refused_with_what_to_do(carrier):
    room = CARRIERS[carrier].room

    _, refused = bound(carrier, [fitting(carrier, "有" * (room + 1))])

    assert len(refused) == 1 and f"最多 {room} 个：请改用大一些的载体" in refused[0][1]


def test_the_compilers_use_no_typeface_of_the_machine():
    assert {font.family for font in typeset.typefaces().fonts()} == {"Noto Sans SC", "Noto Serif SC"}
