"""`chengxin verify`: of a text or a picture, asking the board, or with two files and nobody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image, ImageFilter

from chengxin.board import jwks, status, token
from chengxin.pipeline import photo
from chengxin.pipeline.commands import verify
from chengxin.press import qr
from tools import vectors

ROOT = Path(__file__).resolve().parents[2]
GENUINE = vectors.url("genuine")
REVOKED = vectors.url("revoked")
FOREIGN = vectors.url("genuine", "https://evil.example")
NOW = datetime.now(UTC)


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """The two documents, as fetched two days ago."""
    keys = jwks.dump(vectors.KEYSETS[""])
    listed = vectors.signed(vectors.payload(at=NOW - timedelta(days=2, hours=1)))
    (tmp_path / "keys.json").write_text(keys, encoding="utf-8")
    (tmp_path / "status.json").write_text(json.dumps(listed), encoding="utf-8")
    return tmp_path


@pytest.fixture
def chengxin(papers: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command with the two documents, far from any database."""

    def run(*words: str, python: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *python, "-m", "chengxin", "verify", *words],
            cwd=ROOT,
            env={**os.environ, "CHENGXIN_DATA": str(papers / "var"), "DATABASE_URL": "host=/proc/nowhere"},  # noqa: TID251
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )

    return run


def offline(papers: Path) -> tuple[str, ...]:
    return ("--keys", str(papers / "keys.json"), "--status", str(papers / "status.json"))


def draw(text: str, *, size: int = 480) -> Image.Image:
    rows = qr.modules(text, level="Q")
    side = len(rows) + 2 * qr.QUIET
    code = Image.new("L", (side, side), 255)
    for y, row in enumerate(rows, start=qr.QUIET):
        for x, dark in enumerate(row, start=qr.QUIET):
            code.putpixel((x, y), 0 if dark else 255)
    return code.resize((size, size), Image.Resampling.NEAREST)


def poster(*texts: str) -> Image.Image:
    """A photograph of a wall: codes of other sizes, tilted, dim and out of focus."""
    wall = Image.new("RGB", (800 * len(texts), 800), (150, 140, 120))
    for place, text in enumerate(texts):
        wall.paste(draw(text, size=480 + 60 * place).convert("RGB"), (800 * place + 150, 150))
    tilted = wall.rotate(7, expand=True, fillcolor=(90, 90, 90), resample=Image.Resampling.BICUBIC)
    return tilted.filter(ImageFilter.GaussianBlur(1.2)).point(lambda value: int(value * 0.4 + 30))


# ---- Texts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "leaves", "says"),
    [
        (GENUINE, 0, "状态名单为 2 天前"),
        (REVOKED, 3, "已停止使用"),
        (vectors.url("suspended"), 3, "现在停用"),
        (FOREIGN, 4, "网址不是本系统的"),
        (vectors.flipped(vectors.GENUINE, 60), 4, "不是本系统签发"),
        (vectors.url("of another city"), 5, "签发钥匙不在册"),
        (vectors.url("short"), 5, "短码须联网核验"),
        (vectors.url("past the end of the smallest list"), 5, "还没有这个编号"),
        ("你好", 4, "不是本系统签发"),
    ],
    ids=["genuine", "revoked", "suspended", "foreign host", "forged", "unknown key", "short", "past the end", "words"],
)
def test_without_a_network(papers: Path, chengxin: Any, text: str, leaves: int, says: str) -> None:
    done = chengxin(text, *offline(papers))

    assert (done.returncode, says in done.stdout, done.stderr) == (leaves, True, "")
    assert not (papers / "var").exists(), "nothing is written, no database is asked"


def test_it_tells_programs_how_old_the_list_is(papers: Path, chengxin: Any) -> None:
    told = json.loads(chengxin(GENUINE, *offline(papers), "--json").stdout)

    assert told["state"] == "active"
    assert told["exit"] == 0
    assert (told["uscc"], told["serial"], told["issued_on"]) == ("91230402MA1CTE575Q", 12345, "2026-11-02")
    assert (told["offline"], told["age_days"], told["office"]) == (True, 2, vectors.OFFICE)
    assert datetime.fromisoformat(told["status_until"]) - datetime.fromisoformat(told["status_from"]) == vectors.WEEK


def test_without_a_list_nothing_is_claimed(papers: Path, chengxin: Any) -> None:
    done = chengxin(GENUINE, "--keys", str(papers / "keys.json"))

    assert done.returncode == 5
    assert "--status" in done.stdout


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (vectors.signed(vectors.payload(at=NOW - timedelta(days=8))), "状态名单已过期"),
        (vectors.signed(vectors.payload(at=NOW + timedelta(days=3))), "本机的日期和时间"),
        (vectors.signed(vectors.payload(at=NOW), key=7), "不是用这些钥匙签的"),
        (vectors.signed(b"{"), "状态名单已损坏"),
        ("rubbish", "状态名单已损坏"),
    ],
    ids=["stale", "from the future", "another key", "malformed", "rubbish"],
)
def test_a_list_that_cannot_be_used_is_said_with_what_to_do(
    papers: Path, chengxin: Any, document: Any, says: str
) -> None:
    (papers / "status.json").write_text(json.dumps(document))

    done = chengxin(GENUINE, *offline(papers))

    assert (done.returncode, says in done.stdout) == (5, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([GENUINE, "--status", "{}/status.json"], "--keys"),
        ([GENUINE, "--keys", "{}/nowhere.json"], "nowhere.json"),
        ([GENUINE, "--keys", "{}/status.json"], "keys"),
        (["{}/nowhere.JPG", "--keys", "{}/keys.json"], "找不到图片文件"),
        (["{}/keys.json", "--keys", "{}/keys.json"], "不是 JPEG、PNG 或 WebP"),
        (["{}", "--keys", "{}/keys.json"], ""),
    ],
    ids=["no keys", "no file", "another file", "no picture", "a file that is no picture", "a folder"],
)
def test_a_file_that_is_of_no_use_is_one_sentence(papers: Path, chengxin: Any, words: list[str], says: str) -> None:
    done = chengxin(*(word.format(papers) for word in words))

    assert "Traceback" not in done.stderr
    if says:
        assert (done.returncode, len(done.stderr.strip().splitlines()), says in done.stderr) == (1, 1, True)


def test_with_files_no_django_is_loaded(papers: Path, chengxin: Any) -> None:
    poster(GENUINE).save(papers / "海报.jpg")

    done = chengxin(str(papers / "海报.jpg"), *offline(papers), python=("-X", "importtime"))

    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert done.returncode == 0
    assert not loaded & {"django", "psycopg_pool"}


# ---- Pictures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["门口.jpg", "门口.png", "门口.webp"])
def test_a_photograph_of_a_poster_is_read(papers: Path, chengxin: Any, name: str) -> None:
    poster(GENUINE).save(papers / name)

    done = chengxin(str(papers / name), *offline(papers))

    assert (done.returncode, "有效" in done.stdout) == (0, True)


def test_of_several_codes_each_is_told_and_the_worst_counts(papers: Path, chengxin: Any) -> None:
    poster(GENUINE, FOREIGN, REVOKED, "wxp://f2f0-some-payment-code").save(papers / "wall.png")

    people = chengxin(str(papers / "wall.png"), *offline(papers))
    told = json.loads(chengxin(str(papers / "wall.png"), *offline(papers), "--json").stdout)

    assert people.returncode == 4
    assert "4 个二维码" in people.stdout
    assert "收款码" in people.stdout
    assert {code["text"]: code["state"] for code in told["codes"]} == {
        GENUINE: "active",
        FOREIGN: "wrong_host",
        REVOKED: "revoked",
        "wxp://f2f0-some-payment-code": "forged",
    }
    assert told["exit"] == 4


@pytest.mark.parametrize(
    ("others", "leaves", "warns"),
    [
        ([GENUINE], 0, False),
        ([], 4, True),
        ([GENUINE, GENUINE.partition("/C/")[2][:-4] + "0000"], 4, True),
        ([GENUINE, FOREIGN], 4, True),
    ],
    ids=["beside a genuine one", "alone", "beside a forged one without an address", "beside one of another site"],
)
def test_a_code_for_payments_says_nothing_of_ours(
    papers: Path, chengxin: Any, others: list[str], leaves: int, warns: bool
) -> None:
    poster("wxp://f2f0-some-payment-code", *others).save(papers / "counter.png")

    done = chengxin(str(papers / "counter.png"), *offline(papers))

    assert done.returncode == leaves
    assert "收款码" in done.stdout
    assert ("举报" in done.stdout) == warns


@pytest.mark.parametrize("turn", [None, *Image.Transpose], ids=lambda turn: getattr(turn, "name", "upright"))
def test_however_the_camera_was_held(tmp_path: Path, turn: Image.Transpose | None) -> None:
    wall = poster(GENUINE)
    exif = Image.Exif()
    exif[0x0112] = 6  # what the camera says of it is neither needed nor believed
    (wall if turn is None else wall.transpose(turn)).save(tmp_path / "turned.jpg", exif=exif)

    assert photo.codes(tmp_path / "turned.jpg") == [GENUINE]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda code: code.filter(ImageFilter.GaussianBlur(3)),
        lambda code: code.point(lambda value: 100 + value // 12),
        lambda code: code.resize((6000, 6000)),
        lambda code: code.resize((130, 130), Image.Resampling.BILINEAR),
        lambda code: code.point(lambda value: 255 - value),
        lambda code: Image.merge("LA", (Image.new("L", code.size, 0), code.point(lambda value: 255 - value))),
        lambda code: code.convert("1"),
        lambda code: code.convert("P"),
        lambda code: code.convert("CMYK"),
    ],
    ids=["blurred", "faint", "large", "small", "negative", "transparent", "one bit", "palette", "cmyk"],
)
def test_a_poor_or_unusual_picture_is_read(tmp_path: Path, spoil: Callable[[Image.Image], Image.Image]) -> None:
    picture = spoil(draw(GENUINE, size=800))
    path = tmp_path / ("x.jpg" if picture.mode == "CMYK" else "x.png")
    picture.save(path)

    assert photo.codes(path) == [GENUINE]


def noise(path: Path) -> None:
    path.write_bytes(os.urandom(5000))


def no_code(path: Path) -> None:
    Image.new("L", (500, 500), 200).save(path, "PNG")


def cut_off(path: Path) -> None:
    draw(GENUINE).save(path, "JPEG")
    path.write_bytes(path.read_bytes()[:9000])


def huge(path: Path) -> None:
    Image.new("1", (12_000, 9_000)).save(path, "PNG")


def bomb(path: Path) -> None:
    Image.new("1", (40_000, 20_000)).save(path, "PNG")


def empty(path: Path) -> None:
    path.touch()


def another_format(path: Path) -> None:
    draw(GENUINE).save(path, "GIF")


def heavy(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(photo.BYTES_LIMIT + 1)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (noise, "不是 JPEG"),
        (empty, "不是 JPEG"),
        (another_format, "不是 JPEG"),
        (no_code, "没有读到二维码"),
        (cut_off, "已损坏"),
        (huge, "五千万像素"),
        (bomb, "五千万像素"),
        (heavy, "MB"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_hostile_picture_is_refused_with_a_sentence(tmp_path: Path, make: Callable[[Path], None], says: str) -> None:
    make(tmp_path / "picture.png")

    with pytest.raises(photo.NoCode, match=says):
        photo.codes(tmp_path / "picture.png")


@pytest.mark.parametrize(
    ("age", "says"),
    [
        (timedelta(minutes=59), "为一小时内"),
        (timedelta(hours=23, minutes=59), "为 23 小时前"),
        (timedelta(days=1), "为 1 天前"),
        (timedelta(days=6, hours=23), "为 6 天前"),
    ],
)
def test_the_age_is_told_in_words(age: timedelta, says: str) -> None:
    assert verify._age(age) == says


def test_a_foreign_text_cannot_write_on_the_terminal() -> None:
    assert "\x1b" not in verify._printable("\x1b[2J\x1b]0;title\x07" + "x" * 999)
    assert len(verify._printable("x" * 999)) == 201


# ---- Where the board is away -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "is_foreign", "state"),
    [(1, False, "unavailable"), (1, True, "wrong_host"), (9, False, "unavailable")],
    ids=["ours", "ours, elsewhere", "of an unknown key"],
)
def test_without_the_board_it_tells_what_the_signature_says(key: int, is_foreign: bool, state: str) -> None:
    ours = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    claims = token.Seal(key, "subject", "91230402MA1CTE575Q", 7, NOW.date(), 1)
    said = token.unseal(token.seal(claims, ours), {1: ours.public_key()})

    answer = verify._without_the_board(said, is_foreign=is_foreign)

    assert answer.state.name == state
    assert bool(answer.notes) == (state == "unavailable" and key == 1)


def test_the_limits_of_what_is_read_are_those_of_the_documents(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    path.write_bytes(b" " * (status.DOCUMENT_LIMIT + 500))

    assert len(verify._bytes(path, status.DOCUMENT_LIMIT)) == status.DOCUMENT_LIMIT + 1


@pytest.mark.parametrize(
    ("name", "says"), [("keys.json", "没有这个文件或目录"), ("", "这是一个目录")], ids=["not there", "a folder"]
)
def test_a_document_that_cannot_be_read_is_told_in_words(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(jwks.NoKeys, match=says):
        verify._bytes(tmp_path / name, 9)
