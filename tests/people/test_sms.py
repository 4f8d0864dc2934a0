"""短信: on the console without the number; by a provider over HTTP, tried twice, and told in a sentence when it fails."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from chengxin.people import sms
from chengxin.people.sms import Provider
from chengxin.people.trail import Refused

NUMBER, TEXT = "+8613912345678", "【码上诚信】验证码 123456"
Serve = Callable[..., tuple[str, list[dict[str, Any]]]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers = []

    def start(*statuses: int) -> tuple[str, list[dict[str, Any]]]:
        """Serve these answers, one after another, and return where, and what was asked."""
        asked: list[dict[str, Any]] = []
        left = list(statuses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                asked.append(said | {"token": self.headers["Authorization"], "path": self.path})
                self.send_response(left.pop(0))
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/send", asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_console_shows_the_text_and_not_the_number(capfd: pytest.CaptureFixture[str]) -> None:
    sms.send(NUMBER, TEXT, by=Provider())

    shown = capfd.readouterr().err
    assert "139****5678" in shown and TEXT in shown and "13912345678" not in shown


def test_a_provider_gets_number_text_and_secret(serve: Serve) -> None:
    url, asked = serve(200)

    sms.send(NUMBER, TEXT, by=Provider("http", url, "s3cret"))

    assert asked == [{"phone": NUMBER, "text": TEXT, "token": "Bearer s3cret", "path": "/send"}]


def test_a_fault_of_the_provider_is_tried_once_more(serve: Serve) -> None:
    url, asked = serve(503, 202)

    sms.send(NUMBER, TEXT, by=Provider("http", url, "s"))

    assert len(asked) == 2


@pytest.mark.parametrize(
    "statuses, tries",
    [((500, 502), 2), ((400,), 1), ((401,), 1), ((302,), 1)],
    ids=["its own fault twice", "our fault", "a wrong secret", "a way on to somewhere else"],
)
def test_what_it_does_not_take_is_told_in_a_sentence_and_logged_without_the_number(
    serve: Serve, caplog: pytest.LogCaptureFixture, statuses: tuple[int, ...], tries: int
) -> None:
    url, asked = serve(*statuses)

    with pytest.raises(Refused, match="短信暂时发不出去"):
        sms.send(NUMBER, TEXT, by=Provider("http", url, "s3cret"))

    assert len(asked) == tries and {one["path"] for one in asked} == {"/send"}
    assert f"HTTP {statuses[-1]}" in caplog.text
    assert not {"13912345678", "123456", "s3cret"} & set(caplog.text.split())


def test_one_that_is_not_there_is_told_like_one_that_refuses(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Refused, match="换一种方式"):
        sms.send(NUMBER, TEXT, by=Provider("http", "http://127.0.0.1:1/send", "s"))

    assert "ConnectionError" in caplog.text and "13912345678" not in caplog.text
