"""Providers of a sign-in elsewhere, as a setting names them: every one over TLS, every word known."""

from __future__ import annotations

import json

import pytest

from chengxin.people import providers

ONE = {"id": "licence", "label": "电子营业执照", "server": "https://id.example", "client": "c", "secret": "s"}


def test_nothing_names_nobody() -> None:
    assert providers.read("") == providers.read(" \n") == providers.read("[]") == ()


def test_what_is_not_said_has_its_default() -> None:
    (one,) = providers.read(json.dumps([ONE]))

    assert (one.label, one.uscc, one.name, one.scope) == ("电子营业执照", "", "name", "openid profile")


@pytest.mark.parametrize(
    "said, why",
    [
        pytest.param("{", "not JSON", id="no JSON"),
        pytest.param('{"id": "x"}', "not a JSON list", id="no list"),
        pytest.param("[1]", "not a JSON list of objects", id="a list of something else"),
        pytest.param(json.dumps([{**ONE, "sever": "x"}]), "no such word: sever", id="a word that is none"),
        pytest.param(json.dumps([{**ONE, "secret": ""}]), "licence: missing: secret", id="an empty secret"),
        pytest.param(json.dumps([{**ONE, "server": "http://id.example"}]), "not an https address", id="in the clear"),
        pytest.param(json.dumps([{**ONE, "server": "https://[x"}]), "not an https address", id="no address"),
        pytest.param(json.dumps([{**ONE, "id": "../x"}]), "an id is", id="an id that is none"),
        pytest.param(json.dumps([ONE, ONE]), "one id", id="twice"),
    ],
)
def test_what_is_wrong_is_said_and_names_no_secret(said: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        providers.read(said)
    assert "'s'" not in str(refused.value)
