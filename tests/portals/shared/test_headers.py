"""Every answer of the office says: run nothing, load nothing from elsewhere, keep nothing."""

import gzip
import os
import re

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from chengxin.portals.shared.delivery import Delivery

pytestmark = pytest.mark.django_db

PAGES = ["sign-in", "home", "city", "batches"]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_under_the_strict_policy(office, name):
    headers = office.get(reverse(name), follow=True).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert "no-store" in headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/nowhere", "/batches/404"])
def test_a_refusal_is_under_it_too(office, path):
    answer = office.get(path)

    assert answer.status_code == 404
    assert "没有这一页" in answer.content.decode()
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_needs_no_script_no_inline_style_and_no_other_host(office, name):
    page = office.get(reverse(name), follow=True).content.decode()

    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page)
    assert not re.search(r"(src|href|action)=\"(https?:)?//", page)


def test_a_body_that_is_too_large_is_not_read(client):
    answer = Client(enforce_csrf_checks=True).post(
        reverse("sign-in"), data=b"x" * 1_000_001, content_type="application/octet-stream"
    )

    assert answer.status_code == 413


@pytest.mark.parametrize("name", ["sign-in", "my-sign-in", "give"])
def test_a_form_in_another_charset_is_not_read(office, name):
    # In UTF-7 this is half a character, which no page can show and PostgreSQL keeps in no text.
    body = b'--X\r\nContent-Disposition: form-data; name="phone"\r\n\r\n+2AA-\r\n--X--\r\n'

    answer = office.generic("POST", reverse(name), body, "multipart/form-data; boundary=X; charset=utf-7")

    assert answer.status_code == 400 and "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("template", ["400.html", "403_csrf.html", "413.html", "500.html"])
def test_an_error_page_can_be_drawn_with_nothing_at_hand(template, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = render_to_string(template)

    assert page.count("<h1>") == 1 and 'href="/"' in page


class TestLargeType:
    def test_it_is_turned_on_and_off_again(self, client):
        answer = client.post(reverse("type-size"), {"back": "/sign-in"})
        assert answer.url == "/sign-in"
        assert '<html lang="zh-Hans" class="large">' in client.get("/sign-in").content.decode()

        client.post(reverse("type-size"), {"back": "/sign-in"})
        assert 'class="large"' not in client.get("/sign-in").content.decode()

    @pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
    def test_it_leads_nowhere_else(self, client, back):
        assert client.post(reverse("type-size"), {"back": back}).url == reverse("home")


def sheets_of(page):
    return re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)


def test_the_style_sheets_travel_compressed_and_are_kept_by_the_browser(client, owner):
    office = sheets_of(client.get("/sign-in").content.decode())
    business = sheets_of(owner.get(reverse("my")).content.decode())
    assert business[:2] == office and business[2:] == ["/static/portal/enterprise.css"]

    answers = [client.get(sheet, headers={"accept-encoding": "gzip, br"}) for sheet in business]

    assert {(answer.status_code, answer.headers["Content-Encoding"]) for answer in answers} == {(200, "gzip")}
    assert "immutable" in answers[0].headers["Cache-Control"]
    assert sum(int(answer.headers["Content-Length"]) for answer in answers) < 60_000
    for answer, sheet in zip(answers, business, strict=True):
        packed = b"".join(answer.streaming_content)
        assert len(packed) == int(answer.headers["Content-Length"])
        plain = client.get(sheet)
        assert gzip.decompress(packed) == b"".join(plain.streaming_content)
        assert "Content-Encoding" not in plain.headers and plain.headers["Vary"] == "Accept-Encoding"


def test_what_a_file_holds_now_is_sent_and_not_what_it_held_once(tmp_path, settings):
    settings.DATA_DIR = tmp_path / "data"
    sheet = tmp_path / "own.css"

    def sent(words):
        sheet.write_text(words)
        os.utime(sheet, ns=(0, len(words)))
        found = Delivery(lambda request: None).get_static_file(str(sheet), "/static/own.css")
        answer = found.get_response("GET", {"HTTP_ACCEPT_ENCODING": "gzip"})
        with answer.file:
            return gzip.decompress(answer.file.read()).decode()

    before, after = "a{}" * 1000, "b{}" * 1001
    assert [sent(before), sent(after)] == [before, after]
    assert len(list((tmp_path / "data" / "static").iterdir())) == 2
