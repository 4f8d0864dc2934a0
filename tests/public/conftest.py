from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from chengxin.public.wsgi import Door, make_application
from tests.public.door import furnish


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def door(transactional_db: None, public_dsn: str) -> Iterator[Door]:
    """The public's door on a furnished board, as the public role, listening."""
    furnish()
    door = make_application(
        dsn=public_dsn, public_url="http://door.example", code_urls=["HTTP://DOOR.EXAMPLE"], with_django=False
    )
    yield door
    door.close()


@pytest.fixture
def street(door: Door) -> Iterator[str]:
    """The door on a port of its own; gives its address."""
    door._otherwise = WSGIHandler
    server = Server(("127.0.0.1", 0), Quiet)
    server.set_app(door)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{server.server_port}"
    with override_settings(
        ROOT_URLCONF="chengxin.public.urls",
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        CODE_URL=base,
        OFFICE_URL=base,
    ):
        yield base
    server.shutdown()
    server.server_close()
