"""The search as a stranger meets it: through the door, through Django, on a real board."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from time import time
from typing import Any
from urllib.parse import urlencode

import altcha
import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import override_settings
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from chengxin.board import actions as board
from chengxin.public import body, proof, search
from chengxin.public.line import Down
from chengxin.public.page import search as pages
from chengxin.public.wsgi import Door
from chengxin.terms import finding
from tests.public import samples
from tests.public.door import Answer, Stalled, eventually, get, post, post_card

UNCODED = "91230402MA1CTE575Q"


@pytest.fixture
def hall(door: Door) -> Iterator[Door]:
    """The door with its Django pages, on a board with one business that can be found."""
    door._otherwise = WSGIHandler
    search.counter.cache_clear()
    post(card=samples.card())
    name()
    with override_settings(
        ROOT_URLCONF="chengxin.public.urls",
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        OFFICE_URL="http://office.example",
        CODE_URL="http://door.example",
    ):
        yield door


def name(text: str = "老渡口饺子馆", holder: str = samples.USCC, *, state: str = "active") -> None:
    board.post_names([board.NameRow(holder, "subject", text, "云门县", "正餐服务", state, tuple(finding.keys(text)))])


def seen(door: Door, path: str, **environ: Any) -> Answer:
    frame = {"wsgi.input": io.BytesIO(), "SERVER_NAME": "door", "SERVER_PORT": "80", "wsgi.url_scheme": "http"}
    return get(door, path, **(frame | environ))


def send(door: Door, fields: dict[str, str], **environ: Any) -> Answer:
    body = urlencode(fields, errors="surrogatepass").encode()
    return seen(
        door,
        "/search",
        method="POST",
        **(
            {
                "CONTENT_TYPE": "application/x-www-form-urlencoded",
                "CONTENT_LENGTH": str(len(body)),
                "wsgi.input": io.BytesIO(body),
            }
            | environ
        ),
    )


def proven(door: Door) -> str:
    """Return what the page's own solver would send."""
    challenge = altcha.Challenge.from_dict(json.loads(seen(door, "/search/challenge").body))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


def ask(door: Door, typed: str, **fields: str) -> Answer:
    return send(door, {"q": typed, "altcha": proven(door)} | fields)


def links(answer: Answer) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="(/S/[^"]+)"', answer.text)]


# ---- What is found -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["老渡口", "渡口", "ldk", "老渡口餃子館", "老波口饺子馆", " 老渡口　", "laodukou", samples.USCC,
     "92 230421 MA1CTE575 6", samples.USCC.lower(), "９２２３０４２１ＭＡ１ＣＴＥ５７５６"],
)  # fmt: skip
def test_a_business_is_found(hall: Door, typed: str) -> None:
    answer = ask(hall, typed)

    assert answer.status == 200
    assert "老渡口饺子馆" in answer.text
    assert "92 230421 MA1CTE575 6" in answer.text
    assert len(links(answer)) == 1


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (UNCODED, "未申领（自愿申领）"),
        (UNCODED, "没有申领，不说明它的信用好，也不说明不好"),
        ("雁归来", "没有查到这个名称"),
        ("雁归来", "没有申领，不说明它的信用好，也不说明不好"),
        (samples.USCC[:-1] + "X", "第 18 位校验码应为 6"),
        (samples.USCC[:-1], "应为 18 位，现为 17 位"),
        ("230402199003071233", "这个统一社会信用代码不对"),
        ("店", "请至少输入两个字"),
        ("", "请至少输入两个字"),
        ("。、！", "请至少输入两个字"),
        ("长" * 61, "请不要超过 60 个字"),
        ("长" * 10_000, "请不要超过 60 个字"),
    ],
)
def test_what_is_not_found_is_said_in_a_sentence(hall: Door, typed: str, says: str) -> None:
    answer = ask(hall, typed)

    assert answer.status in (200, 400)
    assert says in answer.text
    assert links(answer) == []


@pytest.mark.parametrize(
    "typed",
    ["' OR 1=1 --", "老渡'); DROP TABLE board_name;", "老:* & !渡 | 口", "\\x27{1,2}\"", "{}{},NULL", "%_%", "老\x00渡口",
     "😀😀饭店", "\u202e口渡老\u202c", "<script>alert(1)</script>", "\ud800老渡", "a" * 40, "ｇ̈" * 20, "\n\r\n老"],
)  # fmt: skip
def test_hostile_questions_are_questions(hall: Door, typed: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = ask(hall, typed)

    assert answer.status == 200
    assert "<script>alert" not in answer.text
    assert "\x00" not in answer.text
    assert caplog.records == []


@pytest.mark.parametrize("query", ["lang=en", "lang=ru&large=1"])
def test_the_answer_comes_in_the_language_of_the_page(hall: Door, query: str) -> None:
    body = urlencode({"q": "老渡口", "altcha": proven(hall)}).encode()
    answer = seen(
        hall, "/search", query=query, method="POST", CONTENT_TYPE="application/x-www-form-urlencoded",
        CONTENT_LENGTH=str(len(body)), **{"wsgi.input": io.BytesIO(body)},
    )  # fmt: skip

    assert re.search("Found: 1|Найдено: 1", answer.text)
    assert links(answer)[0].endswith(f"?{query}")


def test_a_name_stands_in_no_address(hall: Door) -> None:
    answer = ask(hall, "老渡口")

    assert 'action="/search" method="post"' in answer.text
    assert samples.USCC not in links(answer)[0]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "no-store" in answer.headers["cache-control"]


def test_the_page_may_run_its_own_scripts_and_nothing_else(hall: Door) -> None:
    answer = seen(hall, "/search")

    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'; worker-src 'self'; connect-src 'self'" in policy
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "noindex" not in answer.text
    assert "<script" not in seen(hall, links(ask(hall, "老渡口"))[0]).text


# ---- A page at a time --------------------------------------------------------------------------------------------


@pytest.fixture
def crowded(hall: Door) -> Door:
    from tests.public.search import published

    published.post(
        [f"云门县{first}{second}串串店" for first in "天地玄黄宇宙洪荒日月盈昃" for second in "甲乙丙丁戊己庚辛壬癸"]
    )
    return hall


def test_a_list_has_pages_and_an_end(crowded: Door) -> None:
    first = ask(crowded, "串串店")
    further = re.search(r'name="pass" value="([^"]+)"', first.text)
    assert further
    lists = [first, *(send(crowded, {"q": "串串店", "pass": further[1], "page": str(page)}) for page in range(2, 6))]

    assert [len(links(each)) for each in lists] == [20] * 5
    names = [one for each in lists for one in re.findall(r"<strong>([^<]+)</strong>", each.text) if "串串店" in one]
    assert len(set(names)) == 100
    assert "100+" in first.text
    assert "请把名称写得更完整些" in lists[-1].text and "请把名称写得更完整些" not in first.text
    assert "上一页" not in first.text and "下一页" not in lists[-1].text


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "1" * 30, "２"])
def test_an_odd_page_is_a_page(crowded: Door, page: str) -> None:
    assert len(links(ask(crowded, "串串店", page=page))) == 20


def test_a_pass_is_for_one_question_only(crowded: Door) -> None:
    further = re.search(r'name="pass" value="([^"]+)"', ask(crowded, "串串店").text)
    assert further

    assert send(crowded, {"q": "老渡口", "pass": further[1]}).status == 403
    assert send(crowded, {"q": "串串店", "pass": further[1] + "x"}).status == 403


def test_a_question_is_few_statements(hall: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    from chengxin.public.line import Line

    plain = Line.ask
    monkeypatch.setattr(
        Line, "ask", lambda line, query, *a, **k: (query.startswith(b"SELECT 1") or asked.append(query)) and None
        or plain(line, query, *a, **k),
    )  # fmt: skip
    ask(hall, "老波口饺子馆")

    assert len([query for query in asked if b"board_" in query]) <= 4


# ---- What is hidden is not found -----------------------------------------------------------------------------------


def paused() -> None:
    board.take_down(codes=[(12345, "paused")])


def withdrawn() -> None:
    board.take_down(holders=[samples.USCC], codes=[(12345, "cancelled")])


def taken_down() -> None:
    board.take_down(holders=[samples.USCC])


def frozen() -> None:
    board.take_down(codes=[(12345, "frozen")])


def stale() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE board_card SET good_until = %s", [datetime.now(UTC) - timedelta(seconds=1)])


@pytest.mark.parametrize("act", [paused, withdrawn, taken_down, frozen, stale])
def test_who_is_hidden_is_not_found_from_that_moment_on(hall: Door, act: Any) -> None:
    (link,) = links(ask(hall, "老渡口"))
    assert seen(hall, link).status == 200
    act()

    assert links(ask(hall, "老渡口")) == []
    assert "未申领（自愿申领）" in ask(hall, samples.USCC).text
    gone = seen(hall, link)
    assert gone.status == 410
    assert "老渡口" not in gone.text


# ---- The card behind a link ----------------------------------------------------------------------------------------


def test_the_card_says_that_no_code_was_verified(hall: Door) -> None:
    answer = seen(hall, links(ask(hall, "老渡口"))[0])

    assert answer.status == 200
    assert "按名称查到：已申领诚信码" in answer.text
    assert "请扫码" in answer.text
    assert "此码真实有效" not in answer.text
    assert "这张码应放在" not in answer.text
    assert "食品经营许可证" in answer.text
    assert "noindex" in answer.text


def test_a_body_struck_off_is_said_in_the_list_and_on_the_card(hall: Door) -> None:
    post_card(samples.card(state="deregistered"))
    name(state="deregistered")

    answer = ask(hall, "老渡口")

    assert "注销" in answer.text
    page = seen(hall, links(answer)[0]).text
    assert "该主体已注销登记" in page
    assert "环卫工人" not in page


def test_an_item_past_its_day_is_not_on_the_card(hall: Door) -> None:
    today = (datetime.now(UTC) + timedelta(hours=8)).date()
    post_card(samples.card(administration=(samples.penalty(until=today - timedelta(days=1)),)))

    assert "未按规定公示" not in seen(hall, links(ask(hall, "老渡口"))[0]).text


@pytest.mark.parametrize("spoil", [lambda link: link[:-2], lambda link: "/S/" + "A" * 160, lambda link: "/S/x" * 1])
def test_a_link_that_is_not_ours_leads_back(hall: Door, spoil: Any) -> None:
    answer = seen(hall, spoil(links(ask(hall, "老渡口"))[0]))

    assert answer.status == 410
    assert "这个链接已过期" in answer.text and 'href="/search"' in answer.text


def test_a_link_is_over_after_half_an_hour(hall: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    (link,) = links(ask(hall, "老渡口"))
    monkeypatch.setattr(search, "time", lambda: time() + 1801)

    assert seen(hall, link).status == 410


def test_a_card_nobody_can_read_is_not_guessed_at(hall: Door) -> None:
    (link,) = links(ask(hall, "老渡口"))
    with connection.cursor() as cursor:
        cursor.execute("""UPDATE board_card SET document = '{"version": 2}'""")

    assert seen(hall, link).status == 410


def test_without_a_young_beat_nothing_is_found_or_shown(hall: Door) -> None:
    (link,) = links(ask(hall, "老渡口"))
    payload = proven(hall)
    hall.listener.stop()
    eventually(lambda: not hall.listener.is_young)

    answer = send(hall, {"q": "老渡口", "altcha": payload})
    assert (answer.status, links(answer)) == (503, [])
    assert "系统现在查不到最新的记录" in answer.text
    assert seen(hall, link).status == 503


def test_a_database_that_does_not_answer_is_said(hall: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(question: object) -> None:
        raise Down("no answer")

    monkeypatch.setattr(hall.reader, "ask", nobody)

    assert ask(hall, "老渡口").status == 503
    assert ask(hall, samples.USCC).status == 503


def test_a_board_that_refuses_is_not_read(hall: Door) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE SELECT ON board_name FROM {settings.PUBLIC_ROLE}")
    try:
        assert ask(hall, "老渡口").status == 503
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"GRANT SELECT ON board_name TO {settings.PUBLIC_ROLE}")


# ---- Against scraping ----------------------------------------------------------------------------------------------


def test_without_a_script_only_a_full_code_is_answered(hall: Door) -> None:
    refused = send(hall, {"q": "老渡口"})
    answered = send(hall, {"q": samples.USCC})

    assert "JavaScript" in refused.text and links(refused) == []
    assert len(links(answered)) == 1


def test_without_a_proof_codes_are_asked_for_slowly(hall: Door) -> None:
    statuses = [send(hall, {"q": samples.USCC}).status for _ in range(11)]

    assert statuses == [200] * 10 + [429]
    assert send(hall, {"q": samples.USCC}, REMOTE_ADDR="203.0.113.99").status == 200
    assert send(hall, {"q": samples.USCC, "altcha": proven(hall)}).status == 200


def test_a_line_has_one_ration_for_all_of_its_addresses(hall: Door) -> None:
    for number in range(11):
        last = send(hall, {"q": samples.USCC}, REMOTE_ADDR=f"2001:db8:1:2::{number:x}")

    assert last.status == 429
    assert send(hall, {"q": samples.USCC}, REMOTE_ADDR="2001:db8:1:3::1").status == 200
    assert send(hall, {"q": samples.USCC}, REMOTE_ADDR="unix:").status == 200


@pytest.mark.parametrize("length", ["x", "-1", "9" * 5000, "٣"])
def test_an_odd_length_is_no_length(hall: Door, length: str) -> None:
    assert send(hall, {"q": samples.USCC}, CONTENT_LENGTH=length).status in (200, 400)


def test_who_stops_sending_keeps_nobody_else_from_searching(hall: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    stalled = Stalled(b"q=%E8%80%81")
    monkeypatch.setattr(body, "FORM_SECONDS", 0.05)
    monkeypatch.setattr(body, "hang_up", lambda remote: stalled.hung_up.set())

    half = send(hall, {"q": "老渡口"}, **{"wsgi.input": stalled})
    assert (half.status, pages.HALF.words in half.text) == (400, True)
    assert send(hall, {"q": samples.USCC}).status == 200


def test_what_cannot_even_be_taken_for_a_request_is_answered(hall: Door) -> None:
    odd = send(hall, {"q": samples.USCC}, CONTENT_TYPE="multipart/form-data; boundary*=nosuch'en'b")

    assert odd.status == 400
    assert send(hall, {"q": samples.USCC}).status == 200, "every answer gives its place back"


def test_a_solution_is_used_once(hall: Door) -> None:
    payload = proven(hall)

    assert send(hall, {"q": "老渡口", "altcha": payload}).status == 200
    again = send(hall, {"q": "老渡口", "altcha": payload})
    assert (again.status, links(again)) == (403, [])


def altered(payload: str, change: Any) -> str:
    said = json.loads(base64.b64decode(payload))
    change(said)
    return base64.b64encode(json.dumps(said).encode()).decode()


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said["solution"].update(counter=said["solution"]["counter"] + 1),
        lambda said: said["solution"].update(derivedKey="00" * 32),
        lambda said: said["challenge"].update(signature="00" * 32),
        lambda said: said["challenge"].pop("signature"),
        lambda said: said["challenge"]["parameters"].update(keyPrefix="00"),
        lambda said: said["challenge"]["parameters"].update(expiresAt=2**40),
        lambda said: said["challenge"]["parameters"].update(cost="x"),
        lambda said: said.update(challenge=[]),
        lambda said: said.update(solution=None),
    ],
)
def test_a_forged_solution_is_none(hall: Door, change: Any) -> None:
    assert send(hall, {"q": "老渡口", "altcha": altered(proven(hall), change)}).status == 403


def test_the_same_solution_in_other_words_is_the_same(hall: Door) -> None:
    payload = proven(hall)
    send(hall, {"q": "老渡口", "altcha": payload})
    shouted = altered(payload, lambda said: said["challenge"].update(signature=said["challenge"]["signature"].upper()))
    spaced = altered(payload, lambda said: said.update(note="again"))

    assert [send(hall, {"q": "老渡口", "altcha": each}).status for each in (shouted, spaced)] == [403, 403]


def test_a_challenge_expires(hall: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "time", lambda: time() - proof.CHALLENGE_SECONDS - 1)
    payload = proven(hall)
    monkeypatch.setattr(search, "time", time)

    assert send(hall, {"q": "老渡口", "altcha": payload}).status == 403


def test_challenges_are_given_out_slowly(hall: Door) -> None:
    statuses = {seen(hall, "/search/challenge").status for _ in range(190)}

    assert statuses == {200, 429}


@pytest.mark.parametrize("path", ["/search/challenge", "/S/abc"])
def test_the_rest_is_only_looked_at(hall: Door, path: str) -> None:
    assert seen(hall, path, method="POST", CONTENT_LENGTH="0").status == 405


def test_a_body_that_is_too_large_is_not_read(hall: Door) -> None:
    class Unread(io.BytesIO):
        def read(self, *sizes: int | None) -> bytes:
            raise AssertionError("it was read")

    answer = send(hall, {"q": "老" * 9000}, **{"wsgi.input": Unread()})

    assert (answer.status, "请不要超过 60 个字" in answer.text) == (400, True)


# ---- Proofs by themselves ------------------------------------------------------------------------------------------

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["challenge", "solution", "parameters", "signature", "nonce", "counter"]), inner
        )
    ),
    max_leaves=12,
)


@bounds(max_examples=200)
@given(anything)
def test_whatever_json_a_stranger_sends_proves_nothing(said: object) -> None:
    payload = base64.b64encode(json.dumps(said).encode()).decode()

    assert not proof.Proofs("secret").accept(payload, now=time())


@bounds(max_examples=200)
@given(st.text(max_size=60))
def test_whatever_text_a_stranger_sends_is_no_proof_no_link_and_no_pass(said: str) -> None:
    seals = proof.Seals("secret")

    assert not proof.Proofs("secret").accept(said, now=time())
    assert seals.holder(said, now=time()) is None
    assert not seals.has_pass(said, "老渡口", now=time())


def test_a_pass_is_no_link_and_a_link_no_pass() -> None:
    seals, now = proof.Seals("secret"), time()

    assert seals.holder(seals.give_pass("老渡口", now=now), now=now) is None
    assert not seals.has_pass(seals.link(kind="subject", holder=samples.USCC, now=now), samples.USCC, now=now)
    assert seals.holder(seals.link(kind="subject", holder=samples.USCC, now=now), now=now) == ("subject", samples.USCC)
    assert proof.Seals("other").holder(seals.link(kind="subject", holder=samples.USCC, now=now), now=now) is None


def test_used_solutions_are_forgotten_when_they_have_expired_anyway() -> None:
    proofs, now = proof.Proofs("secret", used=2), time()
    for _ in range(4):
        challenge = altcha.Challenge.from_dict(proofs.challenge(now=now))
        solution = altcha.solve_challenge(challenge)
        assert solution is not None
        assert proofs.accept(altcha.Payload(challenge, solution).to_base64(), now=now)

    assert len(proofs._used) <= 2
    assert settings.SECRET_KEY
