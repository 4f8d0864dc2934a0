"""举报假码, over the real door: what anybody can hand in, as the public role, and what is refused."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from PIL import Image

from chengxin.board import actions as board
from chengxin.inbox.models import InboxFake
from chengxin.public import body, fakes
from chengxin.public.bucket import Buckets
from chengxin.public.page.fake import FAULTS, PHOTO_AGAIN
from chengxin.public.page.words import NOTICES
from chengxin.public.wsgi import Door
from tests.public import samples
from tests.public.door import SERIAL, STRANGER, Answer, Stalled, eventually, get, post, sealed, settle

BOUNDARY = "x-of-the-tests"


@dataclass
class Counter:
    """The door, and somebody who hands in forms at it."""

    door: Door

    def ask(self, query: str = "") -> Answer:
        return get(self.door, "/fake", query=query, **wsgi(b""))

    def hand_in(self, *, photo: bytes | None = None, body: bytes | None = None, **said: Any) -> Answer:
        environ = {name: said.pop(name) for name in list(said) if name.isupper() or "." in name}
        fields = {"wrong": "mismatched", "where": "和平路 12 号"} | {
            name.replace("_", "-"): value for name, value in said.items()
        }
        sent = multipart(fields, photo) if body is None else body
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        browser = {"HTTP_SEC_FETCH_SITE": "same-origin", "CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(sent))}
        query = environ.pop("QUERY", "")
        return get(self.door, "/fake", method="POST", query=query, **wsgi(sent) | browser | environ)


def wsgi(body: bytes) -> dict[str, Any]:
    return {
        "wsgi.input": io.BytesIO(body),
        "SERVER_NAME": "door.example",
        "SERVER_PORT": "80",
        "HTTP_HOST": "door.example",
        "wsgi.url_scheme": "http",
    }


def multipart(fields: dict[str, str], photo: bytes | None) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode(
            errors="surrogatepass"
        )
        for name, value in fields.items()
    ]
    if photo is not None:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="../../p.jpg"\r\n'
        parts.append(f"{head}Content-Type: image/jpeg\r\n\r\n".encode() + photo + b"\r\n")
    return b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])


@cache
def picture(width: int = 640, height: int = 480) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def counter(door: Door, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    door._otherwise = WSGIHandler
    monkeypatch.setattr(fakes, "DEVICES", Buckets(burst=10, seconds=60))
    monkeypatch.setattr(fakes, "EVERYBODY", Buckets(burst=100, seconds=60))
    with override_settings(
        ROOT_URLCONF="chengxin.public.urls",
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        PUBLIC_URL="http://door.example",
        CODE_URL="http://door.example",
    ):
        yield Counter(door)


def receipt_on(answer: Answer) -> str:
    found = re.search(r"举报编号 <b class=\"digits\">(\d{4}) (\d{4})</b>", answer.text)
    assert found is not None, answer.text
    return found[1] + found[2]


# ---- The questions -----------------------------------------------------------------------------------------------


def test_the_questions_can_be_answered_without_a_script(counter: Counter) -> None:
    answer = counter.ask()

    assert answer.status == 200
    assert '<form class="report-fake" method="post" action="/fake" enctype="multipart/form-data"' in answer.text
    assert answer.text.count('type="radio"') == 5
    assert "set-cookie" not in answer.headers
    assert "noindex" in answer.text


def test_only_this_page_may_ask_for_the_place(counter: Counter) -> None:
    answer = counter.ask()

    assert answer.headers["permissions-policy"] == "camera=(), geolocation=(self), microphone=()"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert (
        get(counter.door, "/", **wsgi(b"")).headers["permissions-policy"] == "camera=(), geolocation=(), microphone=()"
    )


def test_a_link_fills_in_the_code_and_what_is_likely_wrong(counter: Counter) -> None:
    text = post(card=samples.card())
    settle(counter.door)
    answer = counter.ask(f"code={text}&why=mismatched&lang=en&large=1")

    assert "老渡口饺子馆" in answer.text
    assert f'name="code" value="{text}"' in answer.text
    assert 'value="mismatched" checked' in answer.text
    assert f'href="?lang=ru&amp;large=1&amp;code={text}&amp;why=mismatched"' in answer.text
    assert 'action="/fake?lang=en&amp;large=1"' in answer.text


@pytest.mark.parametrize(
    "query", ["code=<script>alert(1)</script>", "code=hello&why=<b>", "why=nonsense", "code=%00", "code=" + "x" * 9000]
)
def test_a_link_cannot_put_words_into_the_page(counter: Counter, query: str) -> None:
    answer = counter.ask(query)

    assert answer.status == 200
    assert "<b>" not in answer.text.split("<form")[1]
    assert 'name="code" aria-describedby="code-hint" value=""' in answer.text
    assert "checked" not in answer.text


# ---- What is kept ------------------------------------------------------------------------------------------------


def test_a_report_comes_to_the_inbox_with_what_the_code_verified_as(counter: Counter) -> None:
    text = post(card=samples.card())
    settle(counter.door)
    answer = counter.hand_in(
        code=text, words="贴在 12 号的码是别家的\r\n真的", lat="47.33004", lon="130.28", ticket="a" * 32
    )

    assert answer.status == 200
    kept = InboxFake.objects.get()
    assert (kept.receipt, kept.serial, kept.verdict, kept.wrong) == (
        receipt_on(answer),
        SERIAL,
        "active",
        "mismatched",
    )
    assert (kept.code, kept.where, kept.words) == (text, "和平路 12 号", "贴在 12 号的码是别家的\n真的")
    assert (str(kept.lat), str(kept.lon), kept.point_consent) == ("47.3300", "130.2800", True)
    assert (kept.photo, kept.photo_consent, kept.consent) == (None, False, "2026-11")
    assert len(kept.device) == 8


@pytest.mark.parametrize(
    ("code", "verdict", "serial"),
    [
        (sealed(by=STRANGER), "forged", None),
        (sealed(serial=99), "unknown", None),
        (sealed(key=9), "unknown_key", None),
        (f"http://evil.example/C/{sealed(serial=99)}?x", "unknown", None),
        ("http://evil.example/pay?身份证=230402199003071233", "", None),
    ],
    ids=["forged", "unknown", "unknown key", "within an address", "no code at all"],
)
def test_a_code_that_is_none_of_ours_is_kept_as_it_was_read(
    counter: Counter, code: str, verdict: str, serial: int | None
) -> None:
    assert counter.hand_in(code=code).status == 200

    kept = InboxFake.objects.get()
    assert (kept.verdict, kept.serial) == (verdict, serial)
    assert "230402199003071233" not in kept.code


@pytest.mark.parametrize(
    ("code", "verdict", "serial"),
    [(sealed(), "wrong_host", SERIAL), (sealed(by=STRANGER), "forged", None)],
    ids=["a genuine code", "a forged one"],
)
def test_the_foreign_address_that_a_code_was_found_under_is_kept(
    counter: Counter, code: str, verdict: str, serial: int | None
) -> None:
    post(card=samples.card())
    settle(counter.door)
    foreign = f"https://credit-{'x' * 100}.example/C/{code}"
    counter.hand_in(code=foreign)

    kept = InboxFake.objects.get()
    assert (kept.code, kept.verdict, kept.serial) == (foreign, verdict, serial)


def test_the_address_that_is_ours_is_not_kept_with_the_code(counter: Counter) -> None:
    text = post(card=samples.card())
    settle(counter.door)
    counter.hand_in(code=f"http://door.example/C/{text}?lang=en")

    kept = InboxFake.objects.get()
    assert (kept.code, kept.verdict) == (text, "active")


def test_a_code_of_a_revoked_key_is_not_vouched_for(counter: Counter) -> None:
    text = post(card=samples.card())
    board.revoke_key(number=1, at=datetime.now(UTC))
    eventually(lambda: bool(counter.door.ring.revoked))

    assert "签发钥匙已作废" in counter.ask(f"code={text}").text
    assert samples.card().head.name not in counter.ask(f"code={text}").text
    counter.hand_in(code=text)
    assert InboxFake.objects.get().verdict == "revoked_key"


def test_a_photo_is_drawn_anew_and_kept(counter: Counter) -> None:
    upload = picture() + b"<?php hidden behind ?>"
    assert counter.hand_in(photo=upload, photo_consent="1").status == 200

    kept = InboxFake.objects.get()
    assert kept.photo_consent
    assert kept.photo is not None and b"php" not in bytes(kept.photo)
    assert Image.open(io.BytesIO(kept.photo)).size == (640, 480)


def test_numbers_of_papers_are_masked_before_they_are_kept(counter: Counter) -> None:
    counter.hand_in(words="店主 230402199003071233", where="他的卡 6222021234567890128")

    kept = InboxFake.objects.get()
    assert (kept.words, kept.where) == ("店主 2304********1233", "他的卡 6222********0128")


def test_the_same_report_twice_is_one_with_one_receipt(counter: Counter) -> None:
    first, again = (counter.hand_in(ticket="b" * 32, photo=picture(64, 48), photo_consent="1") for _ in range(2))
    other = counter.hand_in(ticket="b" * 32, words="还有一件事")

    assert receipt_on(first) != receipt_on(other)
    assert InboxFake.objects.count() == 2
    assert again.status == 200


def test_what_a_database_does_not_take_is_left_out(counter: Counter) -> None:
    assert counter.hand_in(where="a\x00b\u202ec", words="\ud800").status == 200

    assert InboxFake.objects.get().where == "abc"


def test_the_report_says_nothing_of_who_sent_it(counter: Counter) -> None:
    counter.hand_in(REMOTE_ADDR="198.51.100.77", HTTP_USER_AGENT="a telephone of mine")

    kept = InboxFake.objects.values().get()
    assert "198.51.100.77" not in str(kept) and "telephone" not in str(kept)


def test_another_day_makes_another_device(counter: Counter) -> None:
    counter.hand_in()
    with_salt = bytes(InboxFake.objects.get().device)
    from datetime import UTC, datetime, timedelta

    tomorrow = (datetime.now(UTC) + timedelta(hours=8)).date() + timedelta(days=1)
    board.turn_salt(today=tomorrow, salt=b"t" * 32)
    counter.hand_in(where="又一处")

    assert {bytes(one.device) for one in InboxFake.objects.all()} != {with_salt}


# ---- What is refused, in a sentence ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "field", "fault"),
    [
        ({"wrong": ""}, "wrong", "wrong"),
        ({"wrong": "'; --"}, "wrong", "wrong"),
        ({"where": "字" * 201}, "where", "where too long"),
        ({"words": "字" * 501}, "words", "words too long"),
        ({"code": "http://" + "x" * 300}, "code", "code too long"),
        ({"photo": picture(64, 48)}, "photo-consent", "no consent"),
        ({"photo": b"GIF89a", "photo_consent": "1"}, "photo", "no picture"),
        ({"photo": picture(64, 48)[:400], "photo_consent": "1"}, "photo", "broken"),
    ],
    ids=[
        "nothing chosen",
        "nonsense chosen",
        "long place",
        "long words",
        "long code",
        "no consent",
        "no picture",
        "half a photo",
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    counter: Counter, said: dict[str, Any], field: str, fault: str
) -> None:
    answer = counter.hand_in(**{"words": "写了<b>很久</b>", "lat": "47.33", "lon": "130.28"} | said)

    assert answer.status == 422
    sentence = FAULTS[fault].split("{")[0]
    assert sentence in answer.text.split(f'id="{field}-fault">')[1][:120]
    assert f'href="#{field}"' in answer.text and f"id={field}" in answer.text.replace('"', "")
    assert said.get("words", "写了&lt;b&gt;很久&lt;/b&gt;")[:20] in answer.text
    assert 'name="lat" value="47.3300"' in answer.text
    assert InboxFake.objects.count() == 0


def test_a_report_without_anything_to_go_by_is_not_taken(counter: Counter) -> None:
    answer = counter.hand_in(where=" \n")

    assert (answer.status, FAULTS["nothing"] in answer.text) == (422, True)
    assert counter.hand_in(where="", lat="47.3", lon="130.2").status == 200


def test_a_photo_that_the_browser_forgets_is_asked_for_again(counter: Counter) -> None:
    answer = counter.hand_in(wrong="", photo=picture(64, 48), photo_consent="1")

    assert (answer.status, PHOTO_AGAIN in answer.text) == (422, True)
    assert 'name="photo-consent" value="1" checked' in answer.text


@pytest.mark.parametrize(
    ("headers", "is_taken"),
    [
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, False),
        ({"HTTP_SEC_FETCH_SITE": "same-site"}, False),
        ({"HTTP_SEC_FETCH_SITE": "none"}, True),
        ({"HTTP_SEC_FETCH_SITE": None, "HTTP_ORIGIN": "http://door.example"}, True),
        ({"HTTP_SEC_FETCH_SITE": None, "HTTP_ORIGIN": "http://evil.example"}, False),
        ({"HTTP_SEC_FETCH_SITE": None, "HTTP_ORIGIN": "null"}, False),
        ({"HTTP_SEC_FETCH_SITE": None, "HTTP_REFERER": "http://door.example/fake"}, True),
        ({"HTTP_SEC_FETCH_SITE": None, "HTTP_REFERER": "http://evil.example/"}, False),
        ({"HTTP_SEC_FETCH_SITE": None, "HTTP_HOST": "127.0.0.1:8000", "HTTP_ORIGIN": "http://door.example"}, True),
        ({"HTTP_SEC_FETCH_SITE": None}, True),
    ],
    ids=[
        "another site",
        "a neighbour",
        "typed",
        "our origin",
        "another origin",
        "no origin said",
        "our referer",
        "another referer",
        "behind a proxy",
        "no browser",
    ],
)
def test_a_form_of_another_site_is_not_taken(counter: Counter, headers: dict[str, Any], is_taken: bool) -> None:
    answer = counter.hand_in(**headers)

    assert answer.status == (200 if is_taken else 403)
    assert InboxFake.objects.count() == is_taken


def test_more_than_eight_megabytes_are_refused_unread(counter: Counter) -> None:
    # Nothing is there to be read: whoever tried would see half a form, and say so.
    answer = counter.hand_in(body=b"", CONTENT_LENGTH="8000001")

    assert (answer.status, FAULTS["too large"] in answer.text) == (413, True)


@pytest.mark.parametrize(
    "environ",
    [
        {"CONTENT_LENGTH": ""},
        {"CONTENT_LENGTH": "many"},
        {"CONTENT_LENGTH": "-5"},
        {"CONTENT_TYPE": "multipart/form-data"},
        {"CONTENT_TYPE": "multipart/form-data; boundary=é"},
    ],
    ids=["no length", "no number", "below nought", "no boundary", "odd boundary"],
)
def test_what_cannot_be_read_is_said(counter: Counter, environ: dict[str, str]) -> None:
    answer = counter.hand_in(**environ)

    assert answer.status == 400
    assert "没有收下" in answer.text or "没有这个网页" in answer.text
    assert InboxFake.objects.count() == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "application/x-www-form-urlencoded"])
def test_another_kind_of_form_is_none(counter: Counter, kind: str) -> None:
    assert counter.hand_in(CONTENT_TYPE=kind).status == 400


def test_half_a_body_is_no_report_but_an_answer(counter: Counter) -> None:
    whole = multipart({"wrong": "other", "where": "x"}, picture())
    answer = counter.hand_in(body=whole[:500], CONTENT_LENGTH=str(len(whole)))

    assert (answer.status, FAULTS["unread"] in answer.text) == (400, True)
    assert InboxFake.objects.count() == 0


def test_who_hands_in_too_much_is_asked_to_wait_and_loses_nothing(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fakes, "DEVICES", Buckets(burst=1, seconds=60))
    assert counter.hand_in().status == 200
    answer = counter.hand_in(words="第二份")

    assert (answer.status, FAULTS["too often"] in answer.text, "第二份" in answer.text) == (429, True, True)
    assert counter.hand_in(words="第三份", REMOTE_ADDR="203.0.113.8").status == 200


def test_a_flood_from_everywhere_ends_as_well(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fakes, "EVERYBODY", Buckets(burst=3, seconds=60))
    answers = [counter.hand_in(words=f"{n}", REMOTE_ADDR=f"203.0.113.{n}").status for n in range(5)]

    assert answers == [200, 200, 200, 429, 429]


def test_a_proxy_of_ours_is_not_taken_for_the_visitor(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fakes, "DEVICES", Buckets(burst=1, seconds=60))
    answers = [
        counter.hand_in(words=f"{n}", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=f"203.0.113.{n}").status
        for n in range(3)
    ]

    assert answers == [200, 200, 200]


def test_who_stops_sending_keeps_nobody_else_from_reporting(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = multipart({"wrong": "other", "where": "和平路"}, None)
    stalled = Stalled(whole[:80])
    monkeypatch.setattr(body, "SENDING_SECONDS", 0.05)
    monkeypatch.setattr(body, "hang_up", lambda remote: stalled.hung_up.set())

    half = counter.hand_in(body=whole, **{"wsgi.input": stalled})
    assert (half.status, FAULTS["unread"] in half.text) == (400, True)
    assert counter.hand_in().status == 200
    assert InboxFake.objects.count() == 1


@pytest.mark.parametrize("said", ["http://[::1", "null", "//"], ids=["half an address", "none", "nothing"])
def test_an_origin_that_is_no_address_is_not_ours(counter: Counter, said: str) -> None:
    answer = counter.hand_in(HTTP_SEC_FETCH_SITE=None, HTTP_ORIGIN=said)

    assert (answer.status, FAULTS["elsewhere"] in answer.text) == (403, True)


def test_without_a_database_nothing_is_lost_but_the_photo(counter: Counter) -> None:
    counter.door.dsn = "host=/nonexistent"
    answer = counter.hand_in(words="写了很久", photo=picture(64, 48), photo_consent="1")

    assert answer.status == 503
    assert FAULTS["not kept"] in answer.text and "写了很久" in answer.text and PHOTO_AGAIN in answer.text


def test_a_code_of_a_stolen_key_is_told_as_one(counter: Counter) -> None:
    text = post(card=samples.card())
    board.revoke_key(number=1, at=datetime.now(UTC))
    settle(counter.door)

    answer = counter.ask(f"code={text}")

    assert NOTICES["revoked_key"].verdict in answer.text
    assert samples.card().head.name not in answer.text


def test_one_body_is_read_at_a_time_and_scans_go_on(counter: Counter) -> None:
    text = post(card=samples.card())
    settle(counter.door)
    assert counter.door.photos.take()

    busy = counter.hand_in()
    assert (busy.status, busy.headers["retry-after"]) == (503, "3")
    assert "请按“返回”" in busy.text
    assert get(counter.door, f"/C/{text}").status == 200
    assert counter.ask().status == 200
    assert counter.door.forms.take(), "who looks for a shop does not wait for a photo"

    counter.door.photos.give_back()
    assert counter.hand_in().status == 200
    assert counter.hand_in(wrong="").status == 422
    assert counter.door.photos.take(), "every answer gives its place back"
    counter.door.photos.give_back()


# ---- The ways here -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("active", "mismatched"),
        ("paused", "mismatched"),
        ("frozen", "mismatched"),
        ("superseded", "still_used"),
        ("cancelled", "still_used"),
        ("pending", "other"),
        ("deregistered", "still_used"),
        ("forged", "not_genuine"),
        ("unknown", "not_genuine"),
        ("unknown_key", "not_genuine"),
        ("updating", "unreadable"),
        ("unavailable", "unreadable"),
    ],
)
def test_every_verdict_leads_to_where_it_can_be_reported(counter: Counter, state: str, why: str) -> None:
    stored = state if state in ("paused", "frozen", "superseded", "cancelled", "pending") else "active"
    card = samples.card(state="deregistered" if state == "deregistered" else "active")
    text = post(state=stored, card=None if state == "updating" else card)
    text = {
        "forged": sealed(by=STRANGER),
        "unknown": sealed(serial=99),
        "unknown_key": sealed(key=9),
    }.get(state, text)
    settle(counter.door)
    if state == "unavailable":
        counter.door.listener.stop()
    for query, more in (("", ""), ("lang=ru&large=1", "lang=ru&amp;large=1&amp;")):
        page = get(counter.door, f"/C/{text.lower()}", query=query)
        ways = re.findall(r'href="(/fake[^"]*)"', page.text)

        assert set(ways) == {f"/fake?{more}code={text}&amp;why={why}"}


@pytest.mark.parametrize("text", ["HELLO", "%22%3E%3Cscript%3E", "S" * 21, "U" * 20, "%C3%A9" * 20])
def test_a_text_that_is_no_code_goes_into_no_link(counter: Counter, text: str) -> None:
    page = get(counter.door, f"/C/{text}")

    assert re.findall(r'href="(/fake[^"]*)"', page.text) == ["/fake?why=not_genuine"]


def test_a_scan_still_asks_for_nothing(counter: Counter) -> None:
    page = get(counter.door, f"/C/{post(card=samples.card())}")

    assert "set-cookie" not in page.headers
    assert "<script" not in page.text and "<form" not in page.text
    assert page.headers["permissions-policy"] == "camera=(), geolocation=(), microphone=()"


def test_a_genuine_page_says_what_to_compare(counter: Counter) -> None:
    text = post(card=samples.card())
    settle(counter.door)
    page = get(counter.door, f"/C/{text}").text

    assert "上面的名称，应和门口招牌、墙上执照一致。" in page
    assert '码旁印的编号应是 <b class="digits">0000-C1S</b>。' in page
    assert "您看到的不是这里、不是这家？" in page
