"""The pages that are no scan, through Django, as the door delegates them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlencode

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from chengxin.board import token
from chengxin.public.page.words import NOTICES, TONGUES
from chengxin.public.reader import Face, Ring
from chengxin.public.views import code_in
from chengxin.public.wsgi import Door
from tests.public import samples
from tests.public.door import KEY, STRANGER, Answer, get, sealed

# Django looks at a worker's kept connection when a request begins, though these pages ask the database nothing.
pytestmark = pytest.mark.django_db

SHORT = token.claim(serial=7, bits=9)


@pytest.fixture
def hall() -> Iterator[Door]:
    """A door that delegates and never goes to the board."""
    door = Door(
        dsn="host=/nonexistent",
        public_url="http://door.example",
        code_urls=["HTTPS://PRINTED.EXAMPLE", "HTTP://DOOR.EXAMPLE"],
        otherwise=WSGIHandler,
    )
    door._ring = Ring({1: KEY.public_key()}, {})
    door._city = (Face(samples.CITY), {})
    with override_settings(
        ROOT_URLCONF="chengxin.public.urls",
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        OFFICE_URL="http://office.example",
        CODE_URL="http://door.example",
    ):
        yield door


def ask(door: Door, path: str, query: str = "", method: str = "GET") -> Answer:
    return get(
        door,
        path,
        query=query,
        method=method,
        **{"wsgi.input": io.BytesIO(), "SERVER_NAME": "door", "SERVER_PORT": "80", "wsgi.url_scheme": "http"},
    )


@pytest.mark.parametrize("query", ["", "lang=en", "lang=ru&large=1"])
def test_the_front_page_can_be_used_without_a_camera(hall: Door, query: str) -> None:
    answer = ask(hall, "/", query)

    assert answer.status == 200
    assert '<label for="code">' in answer.text
    assert "door.example" in answer.text
    assert "noindex" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("typed", "leads_to"),
    [
        (SHORT, SHORT),
        (SHORT.lower(), SHORT),
        ("S000 0007 0000 0000 0009", SHORT),
        ("S000-0007-0000-0000-0009", SHORT),
        ("SOOO0007OOOOOOOO0009", SHORT),
        (f"HTTP://DOOR.EXAMPLE/C/{SHORT}", SHORT),
        (f"https://printed.example/c/{SHORT.lower()}?from=chat#top", SHORT),
        (f"door.example/C/{SHORT}", SHORT),
        (f"https://elsewhere.example/C/{sealed(by=STRANGER)}", sealed(by=STRANGER)),
        (sealed(), sealed()),
    ],
    ids=[
        "as printed",
        "small letters",
        "in groups",
        "hyphens",
        "look-alikes",
        "an address",
        "as printed before",
        "without a scheme",
        "a forged one elsewhere",
        "a long one",
    ],
)
def test_what_is_typed_leads_to_its_page(hall: Door, typed: str, leads_to: str) -> None:
    answer = ask(hall, "/", urlencode({"code": typed, "lang": "en"}))

    assert answer.status == 302
    assert answer.headers["location"] == f"/C/{leads_to}?lang=en"


@pytest.mark.parametrize("code", [SHORT, sealed(), sealed().lower()], ids=["short", "full", "small letters"])
@pytest.mark.parametrize(
    "before", ["https://elsewhere.example", "https://door.example@evil.example", "DOOR.EXAMPLE.CN"]
)
def test_a_genuine_code_under_a_foreign_address_is_told_and_not_vouched_for(hall: Door, code: str, before: str) -> None:
    answer = ask(hall, "/", urlencode({"code": f"{before}/C/{code}", "lang": "en"}))

    assert answer.status == 302
    assert answer.headers["location"] == "/wrong-address?lang=en"


@pytest.mark.parametrize(
    ("query", "says"), [("", "网址不对"), ("lang=en", "Wrong address"), ("lang=ru&large=1", "Адрес неверный")]
)
def test_the_page_of_a_foreign_address_says_what_to_do(hall: Door, query: str, says: str) -> None:
    answer = ask(hall, "/wrong-address", query)

    assert (answer.status, says in answer.text) == (404, True)
    assert "12345" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "typed", ["", "hello", "老渡口", "//evil.example/", "\u0660" * 20, "x" * 9000, "/C/", "%0d%0aX: y"]
)
def test_what_is_no_code_is_said_and_never_followed(hall: Door, typed: str) -> None:
    assert code_in(typed) is None
    answer = ask(hall, "/", urlencode({"code": typed + "<b>"}))

    assert answer.status == 200
    assert "这不像一个诚信码" in answer.text
    assert "<b>" not in unescape(answer.text).split("<form")[1].split("value=")[0]
    assert f"{typed}<b>" not in answer.text


@pytest.mark.parametrize("path", ["/office/", "/sign-in/", "/admin/login/", "/office/records/"])
def test_who_looks_for_the_office_is_sent_there(hall: Door, path: str) -> None:
    answer = ask(hall, path, "next=1")

    assert (answer.status, answer.headers["location"]) == (302, f"http://office.example{path}?next=1")


@pytest.mark.parametrize("path", ["/nowhere", "/C", "/%ff%fe", "/static/x", "/office%0d%0aX: y/"])
def test_where_nothing_is_the_page_says_so(hall: Door, path: str) -> None:
    answer = ask(hall, path)

    assert answer.status in (302, 404)
    if answer.status == 404:
        assert "没有这个网页" in answer.text
    assert "\n" not in answer.headers.get("location", "")


def test_the_front_page_is_only_looked_at(hall: Door) -> None:
    assert ask(hall, "/", method="POST").status == 405


@pytest.mark.parametrize("query", ["&".join(["a=1"] * 1_100)], ids=["more parameters than Django reads"])
def test_what_is_too_odd_to_read_gets_a_page_of_ours(hall: Door, query: str) -> None:
    answer = ask(hall, "/", query)

    assert (answer.status, "没有这个网页" in answer.text) == (400, True)
    assert "content-security-policy" in answer.headers


# ---- The page that verifies without a network --------------------------------------------------------------------


def test_the_verifying_page_may_run_our_scripts_and_see_the_camera_and_nothing_else(hall: Door) -> None:
    headers = ask(hall, "/verify").headers

    assert sorted(headers["content-security-policy"].split("; ")) == [
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self'",
        "manifest-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "worker-src 'self'",
    ]
    assert headers["permissions-policy"] == "camera=(self), geolocation=(), microphone=()"
    assert headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/verify-worker.js", "text/javascript; charset=utf-8"), ("/verify.webmanifest", "application/manifest+json")],
)
def test_what_keeps_the_verifying_page_is_asked_for_anew_each_time(hall: Door, path: str, kind: str) -> None:
    answer = ask(hall, path)

    assert (answer.status, answer.headers["content-type"]) == (200, kind)
    assert answer.headers["cache-control"] == "no-cache"
    assert "camera=()" in answer.headers["permissions-policy"]


@pytest.mark.parametrize("query", ["", "lang=en&large=1"])
def test_the_front_page_leads_to_the_verifying_page_in_its_language_and_size(hall: Door, query: str) -> None:
    leads = f"/verify?{query}" if query else "/verify"

    assert f'href="{leads}"' in unescape(ask(hall, "/", query).text)
    assert ask(hall, "/verify", query).status == 200


def test_the_verifying_page_is_only_looked_at(hall: Door) -> None:
    assert ask(hall, "/verify", method="POST").status == 405


def test_a_fault_of_ours_is_a_page_of_ours(
    hall: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object, **__: object) -> str:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr("chengxin.public.page.front.front", breaks)

    answer = ask(hall, "/", "lang=en")

    assert answer.status == 500
    assert TONGUES["en"].say(NOTICES["unavailable"].verdict) in unescape(answer.text)
    assert "nobody thought of this" not in answer.text and "nobody thought of this" in caplog.text


@pytest.mark.parametrize(
    ("query", "words"),
    [("", "经营者入口"), ("lang=en", "For businesses"), ("lang=ru", "Для предпринимателей")],
    ids=["Chinese", "English", "Russian"],
)
def test_the_front_page_leads_businesses_to_their_own_door(hall: Door, query: str, words: str) -> None:
    page = ask(hall, "/", query).text

    assert words in page and 'href="http://office.example/enterprise/"' in page
