"""The supervisor: both doors and the river's worker on one database, from one command, until Ctrl-C."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from django.conf import settings
from django.db import connections

from chengxin.board import token
from chengxin.pipeline import processes
from chengxin.pipeline.prepare import prepare
from chengxin.pipeline.processes import Child
from chengxin.pipeline.server import Server
from chengxin.press import qr
from chengxin.press.carriers import DENSEST, SHORT_LEVELS

# What the public process is told of our environment. Not DATABASE_URL, not anything else of the office's.
FOR_THE_PUBLIC = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONPATH", "PYTHONUTF8", "PYTHONHASHSEED",
                  "VIRTUAL_ENV", "LOG_LEVEL", "ALLOWED_HOSTS", "CODE_URL", "CODE_URLS_BEFORE", "OFFICE_URL",
                  "CHENGXIN_DATA")  # fmt: skip
READY_WITHIN = 60.0
CODE_URL_AT_MOST = 44
"""Characters: with `/C/` and a short token behind it as much as version 4 holds at level Q (67; ISO/IEC 18004, table 7)."""
DOORS = 2  # so many of the children answer pages
TICK = 0.25


class CannotServe(Exception):
    """It cannot be served here; the message is one sentence that says what mends it."""


def embedded() -> Server | None:
    """Return this installation's own PostgreSQL, or None where DATABASE_URL names another."""
    if settings.DATABASE_URL:
        return None
    installation = settings.INSTALLATION
    return Server(installation.postgres, socket=installation.socket, password=installation.secret("office", "database"))


@contextlib.contextmanager
def database() -> Iterator[Server | None]:
    """Have the database running and up to date while the block runs."""
    server = embedded()
    try:
        if server is not None:
            server.start()
        prepare()
        yield server
    finally:
        connections.close_all()
        if server is not None:
            server.leave()


# ---- Before anything is started ------------------------------------------------------------------------------------


@contextlib.contextmanager
def claim(*, host: str, port: int) -> Iterator[None]:
    """Hold the data folder and find both ports free.

    :raises CannotServe: somebody serves from this folder already, or has one of the ports.
    """
    data: Path = settings.DATA_DIR
    data.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(data / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = settings.INSTALLATION.served().get("public", "")
            raise CannotServe(
                f"这个数据目录已在服务：{where}（另起一套请换目录和端口：make demo PORT=8010 DATA=另一目录）。"
            ) from None
        # Children of a supervisor that was killed are dying at this moment: they may take a breath.
        deadline = time.monotonic() + 5.0
        while taken := next((each for each in (port, port + 1) if _is_taken(host, each)), None):
            if str(port) != settings.INSTALLATION.served().get("port") or time.monotonic() > deadline:
                raise CannotServe(f"端口 {taken} 已被占用：请换一个端口（make demo PORT={_free_pair(host, port)}）。")
            time.sleep(0.1)
        yield
    finally:
        os.close(descriptor)


def _is_taken(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of an earlier run may linger
        try:
            probe.bind((host, port))
        except PermissionError:
            raise CannotServe(f"没有权限使用端口 {port}：请用 1024 以上的端口（make demo PORT=8000）。") from None
        except OverflowError:
            raise CannotServe(f"端口 {port} 不存在：请用 1024 至 65534 之间的端口（make demo PORT=8000）。") from None
        except OSError as error:
            if error.errno == 99:  # EADDRNOTAVAIL
                raise CannotServe(f"本机没有地址 {host}：请改用 HOST=lan 或 HOST=127.0.0.1。") from None
            return True
    # A browser asked for localhost tries IPv6 first: somebody else must not answer there.
    with socket.socket(socket.AF_INET6) as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("::1", port)) == 0


def _free_pair(host: str, port: int) -> int:
    pairs = (candidate for candidate in range(8010, 65000, 10) if candidate != port)
    return next(pair for pair in pairs if not _is_taken(host, pair) and not _is_taken(host, pair + 1))


# ---- Serving ---------------------------------------------------------------------------------------------------------


def too_long(code_url: str) -> str | None:
    """Return why an address is too long for the short codes of packages and cards, or nothing if it is not.

    They are printed all the same where a carrier has room for them; its own check says so (`press.lint`).
    """
    longest = f"{code_url.upper()}/C/{token.CROCKFORD[-token.SHORT_LENGTH :]}"
    if len(qr.fitted(longest, levels=SHORT_LEVELS, most=DENSEST)) <= DENSEST:
        return None
    return (
        f"CODE_URL 太长，包装和卡片上的短码会超过每边 {DENSEST} 个模块，小件上不好印、不好扫："
        f"请换成 {CODE_URL_AT_MOST} 个字符以内的网址，再用 chengxin carriers 看各种载体的试读结果。"
    )


def children(*, host: str, port: int, environment: Mapping[str, str]) -> list[Child]:
    """Return what is to run: the two doors (first, see DOORS), the worker that posts what changes, the one that prints, the two that take files in."""
    office = {
        **environment,
        "CHENGXIN_DATA": str(settings.DATA_DIR),
        "DJANGO_SETTINGS_MODULE": "chengxin.config.settings",
        "PUBLIC_URL": settings.PUBLIC_URL,
        "OFFICE_URL": settings.OFFICE_URL,
        "CODE_URL": settings.CODE_URL,
    }
    public = {key: value for key, value in office.items() if key in FOR_THE_PUBLIC or key.startswith("PUBLIC_")} | {
        "DJANGO_SETTINGS_MODULE": "chengxin.config.public_settings",
        "PUBLIC_ROLE": settings.PUBLIC_ROLE,
        "FAKE_PHOTO_DAYS": str(settings.FAKE_PHOTO_DAYS),
        "PUBLIC_DATABASE_URL": settings.PUBLIC_DSN,
    }
    door = (sys.executable, "-m", "chengxin.pipeline.door")
    return [
        Child("公众端", (*door, "public", host, str(port)), public),
        Child("信用办端", (*door, "office", host, str(port + 1)), office),
        Child("后台进程", (sys.executable, "-m", "chengxin.pipeline.worker"), office),
        Child("归集进程", (sys.executable, "-m", "chengxin.pipeline.gather"), office),
        Child("印制进程", (sys.executable, "-m", "chengxin.pipeline.press_worker"), office),
        Child("归集进程（小文件）", (sys.executable, "-m", "chengxin.pipeline.gather", "small"), office),
    ]


def serve(
    *,
    host: str,
    port: int,
    environment: Mapping[str, str],
    fill: Callable[[], None] = lambda: None,
    announce: Callable[[], None] = lambda: None,
) -> None:
    """Serve both doors until we are told to stop; `announce` is called once pages answer.

    `fill` puts into the database what is to be there first. The doors come up meanwhile, since that takes as long again;
    whoever works in the background begins after it, on what is whole.

    :raises CannotServe: the folder or a port is taken, or pages do not answer.
    :raises CannotStart: the database does not run.
    :raises GaveUp: a part dies as often as it is started.
    """
    running: list[Child] = []
    if warning := too_long(settings.CODE_URL):
        print(warning, file=sys.stderr, flush=True)  # noqa: T201 — for whoever started us, before thousands are printed
    with _told_to_stop(), claim(host=host, port=port):
        # Before anyone may read it: a code issued meanwhile in another terminal carries this address.
        settings.INSTALLATION.remember(
            "serve",
            {
                "public": settings.PUBLIC_URL,
                "office": settings.OFFICE_URL,
                "code": settings.CODE_URL,
                "port": str(port),
            },
        )
        with database() as server:
            running += children(host=host, port=port, environment=environment)
            try:
                for door in running[:DOORS]:
                    door.start()
                fill()
                connections.close_all()
                local = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 — asked for with HOST=lan
                doors = [(local, port), (local, port + 1)]
                if not processes.until(lambda: all(map(_answers, doors)), children=running, seconds=READY_WITHIN):
                    raise CannotServe(f"页面在 {READY_WITHIN:.0f} 秒内没有应答：原因见上面的输出。")
                announce()
                print(f"ready http://{local}:{port}", flush=True)  # noqa: T201 — what whoever started us waits for
                _watch(running, server)
            finally:
                # Nothing may come between: a second Ctrl-C would leave half of it running.
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(number, signal.SIG_IGN)
                processes.stop(running)


def _watch(running: list[Child], server: Server | None) -> None:
    while True:
        time.sleep(TICK)
        if server is not None and not server.is_running():
            server.start()
        for child in running:
            child.tend()


def _answers(door: tuple[str, int]) -> bool:
    asked = http.client.HTTPConnection(*door, timeout=5)
    try:
        asked.request("GET", "/")
        return asked.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


@contextlib.contextmanager
def _told_to_stop() -> Iterator[None]:
    """Take Ctrl-C, a closed terminal and a polite kill for the same thing: the end, with everything put away."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    except KeyboardInterrupt:
        print("\n已停止。", flush=True)  # noqa: T201 — the answer to Ctrl-C
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
