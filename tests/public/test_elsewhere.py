"""A code that somebody else issued, as a stranger meets it at our door: known again, and never vouched for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from msgspec import structs

from chengxin.board import actions as board
from chengxin.board import card as cards
from chengxin.board import elsewhere
from chengxin.public import search
from chengxin.public.page.words import NOTICES
from chengxin.public.wsgi import Door
from chengxin.terms import finding
from tests.public import samples
from tests.public.door import Answer, get, post, post_card, settle

NUMBER = "HLJ-2304-000127"
ADDRESS = "https://credit.example/h5/#/code?id=127"


@pytest.fixture
def hall(door: Door) -> Iterator[Door]:
    """The door with its Django pages."""
    door._otherwise = WSGIHandler
    search.counter.cache_clear()
    with override_settings(
        ROOT_URLCONF="chengxin.public.urls",
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        OFFICE_URL="http://office.example",
        CODE_URL="http://door.example",
    ):
        yield door


def put(number: str = NUMBER, *, address: str = ADDRESS, holder: str = samples.USCC) -> None:
    """Put a code that somebody else issued onto the board, with its holder's card and name."""
    reach = elsewhere.digest(elsewhere.address(address))
    row = board.ElsewhereRow(number, "subject", holder, reach, "省信用信息平台", date(2025, 3, 1))
    board.post_elsewhere([row], holders=[])
    post_card(samples.card())
    keys = tuple(finding.keys("老渡口饺子馆"))
    board.post_names([board.NameRow(holder, "subject", "老渡口饺子馆", "云门县", "正餐服务", "active", keys)])


def ask(door: Door, path: str, **environ: Any) -> Answer:
    frame = {"wsgi.input": io.BytesIO(), "SERVER_NAME": "door", "SERVER_PORT": "80", "wsgi.url_scheme": "http"}
    return get(door, path, **(frame | environ))


def looked_for(door: Door, text: str) -> str:
    body = urlencode({"q": text}).encode()
    return ask(
        door,
        "/search",
        method="POST",
        CONTENT_TYPE="application/x-www-form-urlencoded",
        CONTENT_LENGTH=str(len(body)),
        **{"wsgi.input": io.BytesIO(body)},
    ).text


@pytest.mark.parametrize("written", [NUMBER, "hlj-2304-000127", "HLJ-2304-000127/"])
@pytest.mark.parametrize("language", ["", "lang=en", "lang=ru&large=1"])
def test_its_page_says_who_issued_it_and_that_nothing_of_it_was_verified(
    door: Door, written: str, language: str
) -> None:
    put()
    settle(door)

    answer = get(door, f"/C/{written}", query=language)

    assert answer.status == 200
    assert "省信用信息平台" in answer.text and NUMBER in answer.text
    assert samples.card().head.name in answer.text
    assert "真实有效" not in answer.text
    if not language:
        assert NOTICES["elsewhere"].verdict in answer.text
        assert "没有核验它的真伪" in answer.text
        assert f"{samples.CITY.office}</span>签发" not in answer.text


@pytest.mark.parametrize("number", ["HLJ-2304-000128", "HLJ-2304-00012", "松岭里饺子馆", "1" * 64])
def test_any_other_number_is_nobodys(door: Door, number: str) -> None:
    put()

    answer = get(door, f"/C/{number}")

    assert answer.status == 404
    assert NOTICES["forged"].verdict in answer.text


def test_a_number_of_twenty_letters_that_reads_like_a_short_code_is_known_too(door: Door) -> None:
    put("S0000000000000000127")
    settle(door)

    assert NOTICES["elsewhere"].verdict in get(door, "/C/S0000000000000000127").text


def test_what_is_taken_off_the_board_is_gone_at_once(door: Door) -> None:
    put()
    settle(door)
    assert get(door, f"/C/{NUMBER}").status == 200

    board.take_down(holders=[samples.USCC])
    settle(door)

    assert get(door, f"/C/{NUMBER}").status == 404


@pytest.mark.parametrize("state, own", [("active", True), ("paused", False), ("frozen", False)])
def test_whoever_paused_ours_says_nothing_of_himself_by_anothers(door: Door, state: str, own: bool) -> None:
    put()
    post(state=state)
    settle(door)

    answer = get(door, f"/C/{NUMBER}")

    assert answer.status == 200
    assert ('id="supplement"' in answer.text) == own


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "typed, leads",
    [
        (NUMBER, True),
        (" hlj-2304-000 127 ", True),
        (ADDRESS, True),
        ("HTTP://CREDIT.EXAMPLE:80/h5/#/code?id=127", True),
        ("credit.example/h5/#/code?id=127", True),
        (f"{ADDRESS}8", False),
        (f"{ADDRESS}&next=evil", False),
        ("https://credit.example.evil.example/h5/#/code?id=127", False),
        ("https://credit.example@evil.example/h5/#/code?id=127", False),
        ("https://evil.example/?u=https://credit.example/h5/#/code?id=127", False),
        ("https://credit.example/h5/", False),
    ],
)
def test_what_is_typed_or_pasted_leads_there_only_if_it_is_the_same(hall: Door, typed: str, leads: bool) -> None:
    put()

    answer = ask(hall, "/", query=urlencode({"code": typed}))

    assert answer.status == (302 if leads else 200)
    if leads:
        assert answer.headers["location"].startswith(f"/C/{NUMBER}")


@pytest.mark.django_db(transaction=True)
def test_an_address_that_two_codes_have_names_neither(hall: Door) -> None:
    put()
    put("HLJ-2304-000128")

    assert ask(hall, "/", query=urlencode({"code": ADDRESS})).status == 200
    assert ask(hall, "/", query=urlencode({"code": NUMBER})).status == 302


@pytest.mark.django_db(transaction=True)
def test_the_search_finds_its_holder_by_number_and_by_name_while_nothing_was_stopped(hall: Door) -> None:
    put()

    assert "老渡口饺子馆" in looked_for(hall, NUMBER)
    assert "老渡口饺子馆" not in looked_for(hall, "HLJ-2304-000129")
    assert "老渡口饺子馆" in looked_for(hall, samples.USCC)
    post(state="paused")
    assert "<strong>老渡口饺子馆" not in looked_for(hall, samples.USCC)


def test_who_went_on_as_another_leads_there_and_an_old_name_is_said(door: Door) -> None:
    card = samples.card()
    heir = cards.Onward("91230402MA1CTE575Q", "老渡口餐饮有限公司", "converted", date(2026, 4, 1), "TOKEN")
    card = structs.replace(card, onward=heir, head=structs.replace(card.head, former="老渡口面馆"))
    token = post(card=card)
    settle(door)

    page = get(door, f"/C/{token}", query="lang=en&large=1").text

    assert "老渡口餐饮有限公司" in page and "老渡口面馆" in page
    assert 'href="/C/TOKEN?lang=en&amp;large=1"' in page
    assert "Individual business turned into a company" in page
