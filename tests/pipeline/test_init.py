"""`chengxin init`: the city's face and the keeper's account, as often as it is asked."""

import argparse
import io
import json
import sys

import pytest
from PIL import Image

from chengxin.board.city import City, Link
from chengxin.credit.publishing.city import FIELDS, face
from chengxin.people.models import Trail, User
from chengxin.people.trail import Refused
from chengxin.pipeline.commands import init

pytestmark = pytest.mark.django_db

OUR_CITY = ("--city", "某市", "--office", "某市信用办")


@pytest.fixture(autouse=True)
def here(settings, installation):
    settings.INSTALLATION = installation
    settings.OFFICE_URL = "http://office.example"


def run(*words):
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    init.configure(parser)
    return init.run(parser.parse_args(["--json", *words] if "--talk" not in words else [*words][1:]))


def report(capsys):
    return json.loads(capsys.readouterr().out)


def test_the_options_are_the_fields_of_the_city():
    assert [name for name, _ in init.OPTIONS if name not in {field.name for field in FIELDS}] == []
    assert {field.name for field in FIELDS} == {name for name, _ in init.OPTIONS}


def test_it_describes_the_city_and_makes_the_keeper(capsys, installation):
    assert run(*OUR_CITY, "--division", "2304", "--division", "2311", "--link", "市民热线=tel:12345") == 0

    assert face().city == City(
        city="某市", office="某市信用办", divisions=("2304", "2311"), links=(Link("市民热线", "tel:12345"),)
    )
    told = report(capsys)
    assert told["changed"] == ["city", "office", "links", "divisions"]
    assert told["sign_in"]["url"] == "http://office.example/sign-in"
    assert User.objects.get(username="keeper").check_password(told["sign_in"]["password"])
    kept = installation.data / "secrets/keeper-password"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.read_text().strip() == told["sign_in"]["password"]


def test_saying_it_again_changes_nothing(capsys):
    run(*OUR_CITY)
    first = report(capsys)
    run(*OUR_CITY)
    second = report(capsys)

    assert (second["changed"], second["sign_in"]["made"]) == ([], False)
    assert second["sign_in"]["password"] == first["sign_in"]["password"]
    assert Trail.objects.count() == 2


def test_what_is_not_said_stays(capsys):
    run(*OUR_CITY, "--phone", "12345")
    run("--address", "某路 1 号")

    assert face().city == City(city="某市", office="某市信用办", phone="12345", address="某路 1 号")


def test_a_file_is_read_and_the_command_line_has_the_last_word(tmp_path):
    file = tmp_path / "city.toml"
    file.write_text(
        'city = "某市"\noffice = "某市信用办"\nphone = "12345"\ndivisions = ["2304"]\n'
        '[[links]]\nlabel = "信用中国"\nurl = "https://www.creditchina.gov.cn"\n',
        encoding="utf-8-sig",
    )
    run("--file", str(file), "--phone", "12315")

    assert face().city == City(
        city="某市",
        office="某市信用办",
        phone="12315",
        divisions=("2304",),
        links=(Link("信用中国", "https://www.creditchina.gov.cn"),),
    )


def test_a_logo_is_drawn_anew(tmp_path):
    file = tmp_path / "mark.png"
    Image.new("RGB", (900, 900), "red").save(file)
    run(*OUR_CITY, "--logo", str(file))

    with Image.open(io.BytesIO(face().logo)) as logo:
        assert logo.size == (512, 512)


@pytest.mark.parametrize(
    "words, sentence",
    [
        (("--phone", "abc", *OUR_CITY), "电话只能有"),
        (("--phone", "12345"), "请填写城市名称。 请填写信用办名称。"),
        ((*OUR_CITY, "--link", "tel:12345"), "名称=网址"),
        ((*OUR_CITY, "--division", "9"), "没有代码为 9 的行政区划"),
        ((*OUR_CITY, "--file", "/none.toml"), "没有 /none.toml 这个文件"),
        ((*OUR_CITY, "--logo", "/none.png"), "没有 /none.png 这个文件"),
    ],
    ids=["bad field", "no names", "bad link", "bad division", "no file", "no logo"],
)
def test_what_is_wrong_is_said_and_nothing_is_done(words, sentence):
    with pytest.raises(Refused, match=sentence):
        run(*words)

    assert face().city == City() and not User.objects.exists()


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"city = ", "不是正确的 TOML"),
        ('city = "某市"'.encode("gb18030"), "不是 UTF-8"),
        ('town = "某市"'.encode(), "没有“town”这一项"),
        (b"city = 1", "有一项写法不对"),
        (b'logo = "abc"', "没有“logo”这一项"),
    ],
    ids=["broken", "other encoding", "unknown", "a number", "a digest"],
)
def test_a_file_that_is_none_is_refused_in_one_sentence(tmp_path, content, sentence):
    file = tmp_path / "city.toml"
    file.write_bytes(content)

    with pytest.raises(Refused, match=sentence):
        run("--file", str(file))


def test_a_password_changed_elsewhere_is_neither_shown_nor_undone(capsys):
    run()
    report(capsys)
    keeper = User.objects.get()
    keeper.set_password("chosen by its owner")
    keeper.save()

    run()
    assert report(capsys)["sign_in"]["password"] is None
    assert User.objects.get().check_password("chosen by its owner")

    run("--reset-keeper")
    assert User.objects.get().check_password(report(capsys)["sign_in"]["password"])


class TestOnATerminal:
    @pytest.fixture
    def answers(self, monkeypatch):
        given = []

        def answer(question):
            sys.stdout.write(question)
            if not given:
                raise EOFError
            return given.pop(0)

        monkeypatch.setattr("builtins.input", answer)
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        return given

    def test_it_asks_again_until_an_answer_will_do(self, answers, capsys):
        answers += ["", " 某市 ", "某市信用办", "abc", "12345", "", "2399", "2304，2311"]
        run("--talk")

        said = capsys.readouterr().out
        assert face().city == City(city="某市", office="某市信用办", phone="12345", divisions=("2304", "2311"))
        assert "请填写城市名称。" in said and "电话只能有" in said and "没有代码为 2399" in said
        assert "已更新：城市名称、信用办名称、咨询电话、行政区划范围" in said

    def test_an_empty_answer_keeps_what_stands(self, answers, capsys):
        run(*OUR_CITY)
        answers += ["", "", "", "", ""]
        run("--talk")

        assert "现为 某市，直接回车不改" in capsys.readouterr().out
        assert face().city == City(city="某市", office="某市信用办")

    def test_leaving_off_in_the_middle_changes_nothing(self, answers):
        answers += ["某市"]
        with pytest.raises(Refused, match="没有做任何改动"):
            run("--talk")

        assert face().city == City()
