"""`chengxin print`: one, a list, all of them; whole or not at all; and what is said of the others."""

import argparse
import errno
import io
import json
import os
import re
import signal
import sys

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from django.utils import timezone
from PIL import Image

from chengxin.board.city import City
from chengxin.board.token import grouped
from chengxin.credit.codes import actions as codes
from chengxin.credit.publishing import printing
from chengxin.credit.publishing.city import describe_city
from chengxin.people.models import Trail
from chengxin.people.trail import Refused
from chengxin.pipeline.commands import print as command
from chengxin.press import typeset
from tests import make

pytestmark = pytest.mark.django_db

MANY_CODES, NO_CODE, PAUSED, UNKNOWN = (
    "91230403MA1CTE5757",
    "92230402MA1CTE575M",
    "91230402MA1CTE575Q",
    "91231100MY8483LK13",
)


@pytest.fixture(autouse=True)
def here(settings, installation):
    settings.INSTALLATION = installation
    settings.KEYS_DIR = installation.keys
    settings.CODE_URL = "https://xyma.example.gov.cn"
    describe_city(
        city=City(city="某市", office="某市信用办", phone="0468-3350000"), logo=None, by=make.CLERK, at=make.NOW
    )


@pytest.fixture
def town(here, settings):
    """A business with four codes, one without, one whose code is paused; returns the serials of the first."""
    make.subject(MANY_CODES, name="松岭里出租汽车有限公司")
    make.subject(NO_CODE, name="没有码的小店")
    make.subject(PAUSED, name="暂停的公司")
    serials = [
        issue(MANY_CODES, settings, placement=placement, label=label)
        for placement, label in (("vehicle", "黑H·12345"), ("premises", ""), ("vehicle", "黑H·12346"), ("package", ""))
    ]
    asleep = issue(PAUSED, settings)
    codes.turn(subject=PAUSED, serial=asleep, verb="pause", why="测试", by=make.CLERK, at=make.NOW)
    return serials


def issue(subject, settings, *, placement="premises", label=""):
    signer = codes.signer(folder=settings.KEYS_DIR, by=make.CLERK, at=make.NOW)
    (issued,) = codes.issue(
        subjects=[subject],
        consent="同意书",
        placement=placement,
        label=label,
        by=make.CLERK,
        at=make.NOW,
        signer=signer,
    )
    return issued.serial


def run(*words):
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    command.configure(parser)
    return command.run(parser.parse_args([str(word) for word in words]))


def said(path):
    with pypdfium2.PdfDocument(path) as document:
        return [re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in document]


def only(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_file())


# ---- Which codes ---------------------------------------------------------------------------------------------------


def test_of_several_codes_the_one_at_the_door_is_printed(town, tmp_path):
    assert run("poster", "--subject", MANY_CODES.lower(), "--out", tmp_path / "a.pdf") == 0

    (page,) = said(tmp_path / "a.pdf")
    for words in (
        "松岭里出租汽车有限公司",
        MANY_CODES,
        grouped(town[1]),
        "店门口",
        "某市信用办",
        "xyma.example.gov.cn",
        "0468-3350000",
    ):
        assert words in page


def test_a_placement_means_every_code_that_hangs_there(town, tmp_path):
    assert run("sticker", "--subject", MANY_CODES, "--placement", "vehicle", "--out", tmp_path / "a.pdf") == 0

    (page,) = said(tmp_path / "a.pdf")
    assert page.count("码上诚信") == 2
    assert "车内（黑H·12345）" in page and "车内（黑H·12346）" in page


def test_a_serial_means_this_one(town, tmp_path):
    assert run("poster", "--subject", MANY_CODES, "--serial", grouped(town[2]), "--out", tmp_path / "a.pdf") == 0
    assert "黑H·12346" in said(tmp_path / "a.pdf")[0]


def test_a_list_is_printed_in_its_order_and_what_cannot_be_is_told(town, tmp_path, capsys):
    names = tmp_path / "名单.txt"
    lines = [
        "\ufeff# 名单",
        grouped(town[2]),
        "",
        MANY_CODES,
        NO_CODE,
        PAUSED,
        UNKNOWN,
        "xx",
        "0000-ZZZ",
        f" {MANY_CODES.lower()} ",
    ]
    names.write_text("\n".join(lines), encoding="utf-8")

    assert run("poster", "--list", names, "--out", tmp_path / "a.pdf") == 1

    assert [re.search(f"{MANY_CODES}([0-9A-Z]{{4}}-[0-9A-Z]{{3}})", page)[1] for page in said(tmp_path / "a.pdf")] == [
        grouped(town[place]) for place in (2, 1, 1)
    ]
    assert capsys.readouterr().err.splitlines() == [
        "xx  未印：统一社会信用代码应为 18 位，现为 2 位",
        f"{NO_CODE}  未印：还没有诚信码，请先签发（chengxin issue）",
        f"{PAUSED}  未印：诚信码已暂停，只印有效的码",
        f"{UNKNOWN}  未印：库中没有这个主体，请先归集登记信息",
        "0000-ZZZ  未印：没有这个编号的码",
    ]


def test_a_list_may_come_from_a_pipe(town, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{MANY_CODES}\n"))

    assert run("poster", "--list", "-", "--out", tmp_path / "a.pdf") == 0
    assert len(said(tmp_path / "a.pdf")) == 1


def test_all_means_everybody_with_an_active_code_and_nobody_is_blamed(town, tmp_path, capsys):
    assert run("poster", "--all", "--out", tmp_path / "a.pdf", "--json") == 0

    told = capsys.readouterr()
    report = json.loads(told.out)
    assert (report["printed"], report["refused"], report["without"], told.err) == (1, 0, 1, "")
    assert len(said(tmp_path / "a.pdf")) == 1


def test_codes_are_read_in_chunks_and_none_is_lost_between_them(town, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(printing, "CHUNK", 1)
    issue(make.subject(NO_CODE, name="没有码的小店"), settings)

    assert run("poster", "--all", "--out", tmp_path / "a.pdf") == 0
    assert len(said(tmp_path / "a.pdf")) == 2


def test_a_deregistered_business_is_not_printed(town, tmp_path, capsys):
    make.subject(MANY_CODES, name="松岭里出租汽车有限公司", state="deregistered")

    assert run("poster", "--subject", MANY_CODES, "--out", tmp_path / "a.pdf") == 1
    assert "不能印制" in capsys.readouterr().err


def test_a_name_without_a_shape_is_told_and_the_others_are_printed(town, settings, tmp_path, capsys):
    issue(make.subject(NO_CODE, name="𠮷野小店"), settings)

    assert run("poster", "--all", "--out", tmp_path / "a.pdf", "--json") == 1

    told = capsys.readouterr()
    (refusal,) = json.loads(told.out)["refusals"]
    assert refusal["asked"].startswith(NO_CODE) and "“𠮷”" in refusal["reason"]
    assert len(said(tmp_path / "a.pdf")) == 1


# ---- The file ------------------------------------------------------------------------------------------------------


@pytest.fixture
def meanwhile(monkeypatch):
    """Let something happen after the codes were read, while the paper is set."""

    def happens(act):
        ready = typeset.ready

        def slowly(carrier, one):
            done = ready(carrier, one)
            act()
            return done

        monkeypatch.setattr(typeset, "ready", slowly)

    return happens


@pytest.mark.parametrize("ending", ["pdf", "png"])
def test_a_code_withdrawn_while_it_is_printed_leaves_no_paper(town, tmp_path, meanwhile, ending):
    (tmp_path / f"a.{ending}").write_bytes(b"old")
    meanwhile(lambda: codes.withdraw(subject=MANY_CODES, why="测试", by=make.CLERK, at=timezone.now()))

    with pytest.raises(Refused, match=f"印制期间 {MANY_CODES}（编号 {grouped(town[1])}） 停用了：没有生成文件"):
        run("poster", "--subject", MANY_CODES, "--out", tmp_path / f"a.{ending}")

    assert (tmp_path / f"a.{ending}").read_bytes() == b"old"
    assert only(tmp_path) == [f"a.{ending}"]
    assert not Trail.objects.filter(verb="code.print").exists()


def test_a_code_paused_before_another_is_printed_disturbs_nobody(town, settings, tmp_path, meanwhile):
    other = issue(make.subject(NO_CODE, name="另一家小店"), settings)
    meanwhile(lambda: codes.turn(subject=NO_CODE, serial=other, verb="pause", why="", by=make.CLERK, at=timezone.now()))

    assert run("poster", "--subject", MANY_CODES, "--out", tmp_path / "a.pdf") == 0


def revoke(settings):
    codes.revoke(number=1, why="失窃", folder=settings.KEYS_DIR, by=make.CLERK, at=make.NOW)


def test_what_a_revoked_key_signed_is_not_printed(town, settings, tmp_path, capsys):
    revoke(settings)

    assert run("poster", "--subject", MANY_CODES, "--out", tmp_path / "a.pdf") == 1
    assert "签发钥匙已作废" in capsys.readouterr().err
    assert run("sticker", "--subject", MANY_CODES, "--placement", "package", "--out", tmp_path / "b.pdf") == 0  # short


def test_a_key_revoked_while_its_codes_are_printed_leaves_no_paper(town, settings, tmp_path, meanwhile):
    meanwhile(lambda: revoke(settings))

    with pytest.raises(Refused, match="有签发钥匙作废"):
        run("poster", "--subject", MANY_CODES, "--out", tmp_path / "a.pdf")

    assert only(tmp_path) == []


@pytest.mark.parametrize("ending", ["png", "PNG"])
def test_a_picture_reads_back(town, tmp_path, ending):
    assert run("sticker", "--subject", MANY_CODES, "--out", tmp_path / f"a.{ending}") == 0

    (found,) = zxingcpp.read_barcodes(Image.open(tmp_path / f"a.{ending}"))
    assert found.text.startswith("HTTPS://XYMA.EXAMPLE.GOV.CN/C/1")


def test_an_svg_is_one(town, tmp_path):
    assert run("poster", "--subject", MANY_CODES, "--out", tmp_path / "a.svg") == 0
    assert (tmp_path / "a.svg").read_bytes().startswith(b"<svg")


def test_what_stood_there_is_replaced_at_the_end_and_can_be_read_by_others(town, tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"old")
    run("poster", "--subject", MANY_CODES, "--out", tmp_path / "a.pdf")

    assert pikepdf.open(tmp_path / "a.pdf").check_pdf_syntax() == []
    assert (tmp_path / "a.pdf").stat().st_mode & 0o077 != 0 or sys.platform == "win32"
    assert only(tmp_path) == ["a.pdf"]


def test_nothing_is_left_where_nothing_could_be_printed(town, tmp_path, capsys):
    (tmp_path / "old.pdf").write_bytes(b"old")

    assert run("poster", "--subject", NO_CODE, "--out", tmp_path / "old.pdf") == 1
    assert (tmp_path / "old.pdf").read_bytes() == b"old"
    assert only(tmp_path) == ["old.pdf"]
    assert capsys.readouterr().err.splitlines()[-1] == "没有可以印的码，没有生成文件。"
    assert Trail.objects.filter(verb="code.print").count() == 0


def test_nothing_is_left_of_a_job_that_was_stopped(town, tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(command._Desk, "noted", stop)
    with pytest.raises(KeyboardInterrupt):
        run("poster", "--subject", MANY_CODES, "--out", tmp_path / "a.pdf")

    assert only(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["kill", "terminal closed"])
def test_a_job_that_is_ended_from_outside_takes_its_file_away(town, tmp_path, meanwhile, number):
    meanwhile(lambda: os.kill(os.getpid(), number))
    before = signal.getsignal(number)

    with pytest.raises(SystemExit) as left:
        run("poster", "--subject", MANY_CODES, "--out", tmp_path / "a.pdf")

    assert left.value.code == 128 + number
    assert signal.getsignal(number) == before
    assert only(tmp_path) == []


def test_a_full_disk_is_told_by_the_file_that_found_no_room(town, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refused, match=r"a\.pdf：磁盘已满。"):
        run("poster", "--subject", MANY_CODES, "--out", tmp_path / "a.pdf")

    assert only(tmp_path) == []


def test_what_is_refused_is_not_among_the_serials_of_the_trail(town, settings, tmp_path):
    issue(make.subject(NO_CODE, name="𠮷野小店"), settings)
    run("poster", "--all", "--out", tmp_path / "a.pdf")

    assert Trail.objects.get(verb="code.print").detail["serials"] == [town[1], town[1]]


def test_a_list_cannot_paint_the_terminal(town, tmp_path, capsys):
    (tmp_path / "list").write_text("\x1b[31mred\n")
    run("poster", "--list", tmp_path / "list", "--out", tmp_path / "a.pdf")

    assert "\x1b" not in capsys.readouterr().err


def test_it_leaves_a_trail(town, tmp_path):
    run("sticker", "--subject", MANY_CODES, "--placement", "vehicle", "--out", tmp_path / "a.pdf")

    row = Trail.objects.get(verb="code.print")
    assert row.thing == f"subject:{MANY_CODES}"
    assert row.detail == {"carrier": "sticker", "printed": 2, "refused": 0, "serials": [town[0], town[2]]}


# ---- What is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--subject", MANY_CODES, "--out", "a.docx"), "要以 .pdf、.svg、.png 结尾"),
        (("--subject", "9123", "--out", "a.pdf"), "应为 18 位，现为 4 位"),
        (("--subject", MANY_CODES, "--placement", "roof", "--out", "a.pdf"), "没有“roof”这个放置处"),
        (("--subject", MANY_CODES, "--serial", "7", "--out", "a.pdf"), "“7”不是编号"),
        (("--subject", MANY_CODES, "--serial", "0000-ZZZ", "--out", "a.pdf"), "没有编号为 0000-ZZZ 的码"),
        (("--all", "--serial", "0000-001", "--out", "a.pdf"), "要与 --subject 同用"),
        (("--subject", MANY_CODES, "--placement", "vehicle", "--out", "a.png"), "一个文件只能放一个码"),
        (("--list", "nowhere.txt", "--out", "a.pdf"), "读不了名单 nowhere.txt：没有这个文件或目录"),
        (("--list", "", "--out", "a.pdf"), "读不了名单 ：这是一个目录"),
        (("--subject", "", "--out", "a.pdf"), "统一社会信用代码为空"),
        (("--subject", MANY_CODES, "--serial", "", "--out", "a.pdf"), "“”不是编号"),
        (("--subject", MANY_CODES, "--out", "folder.pdf"), "写不了 folder.pdf：这是一个目录"),
        (("--subject", MANY_CODES, "--out", f"{'x' * 300}.pdf"), "文件名太长"),
        (("--subject", MANY_CODES, "--out", "nowhere/a.pdf"), "写不了 nowhere/a.pdf：没有这个文件或目录"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_asked_wrongly_is_told_in_one_sentence(town, tmp_path, monkeypatch, words, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.pdf").mkdir()
    with pytest.raises(Refused, match=re.escape(sentence)):
        run("poster", *words)

    assert only(tmp_path) == []


def test_nobody_prints_before_it_is_known_who_issues(town, tmp_path, monkeypatch):
    with pytest.raises(Refused, match="还没有写明签发单位"):
        printing.issuer(City(), code_url="https://a.example", today=make.NOW.date())


def test_a_long_job_says_how_far_it_is(capsys, monkeypatch):
    desk = command._Desk(quiet=False)
    desk.expect(1000)
    desk._began -= 10
    desk._shown -= 10
    desk.show(250)

    assert re.fullmatch(r"\[█████░+\]  25% 已印 250 个，每秒 25 个，约剩 30 秒\n", capsys.readouterr().err)
