"""The paper for printers says what the carriers are today, and how they were read."""

import json
import re

import pytest

from chengxin.config import cli
from chengxin.pipeline.commands import carriers as command
from chengxin.press.carriers import CARRIERS
from tools import carriers as maker

PAPER = maker.FILE.read_text(encoding="utf-8")


def test_the_tables_are_of_today():
    assert maker.written(PAPER) == PAPER, "python -m tools.carriers"


def test_every_carrier_stands_in_the_paper_once():
    assert re.findall(r"`([a-z0-9-]+)` \|", PAPER) == [
        carrier.name for group in maker.GROUPS for carrier in CARRIERS.values() if carrier.group == group
    ]


@pytest.mark.parametrize("json_asked", [False, True], ids=["in words", "as JSON"])
def test_the_command_tries_every_carrier_with_codes_of_this_address(settings, capsys, json_asked):
    settings.CODE_URL = "https://credit.example.gov.cn"  # the paper's, whose readings are worked out
    parser = cli._parser({"carriers": command})
    status = command.run(parser.parse_args(["carriers", *(["--json"] if json_asked else [])]))
    said = capsys.readouterr().out

    assert status == 0
    if json_asked:
        assert [one["carrier"] for one in json.loads(said)] == list(CARRIERS)
        assert all(one["why"] is None and one["readings"] for one in json.loads(said))
    else:
        assert said.count("    通过\n") == len(CARRIERS)


def test_the_command_says_what_to_do_where_an_address_is_too_long(settings, capsys):
    settings.CODE_URL = "https://" + "very-long-name." * 12 + "example"
    parser = cli._parser({"carriers": command})
    status = command.run(parser.parse_args(["carriers"]))

    assert status == 1
    assert "请把二维码印成" in capsys.readouterr().out
