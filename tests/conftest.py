"""One PostgreSQL a run (the embedded one, or DATABASE_URL's), one copy of a migrated database a worker."""

# ruff: noqa: TID251 — what a run of the tests hands to its own workers
from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from psycopg import sql
from psycopg.conninfo import make_conninfo

from chengxin.config.installation import Installation
from chengxin.pipeline.prepare import narrow, prepare
from chengxin.pipeline.server import ELSEWHERE, Server
from tests import browser as chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RUN = Path(os.environ["CHENGXIN_TEST_DATA"])
# How long an example takes says how busy the machine is: what is drawn is bounded in each test.
hypothesis.settings.register_profile("here", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("here")
PUBLIC_PASSWORD = "of the tests"
# A crash of the machine may cost a test run; a flush to disk for each test does cost it.
HURRIED = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def stay_home(event: str, arguments: tuple[object, ...]) -> None:
    """Forbid every connection beyond this machine."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = str(arguments[1][0])
        if not (host.startswith("127.") or host in ("::1", "localhost")):
            raise OSError(f"a test tried to reach {host}")


sys.addaudithook(stay_home)


# ---- The server --------------------------------------------------------------------------------------------------


def server_of(run: Path) -> Server:
    installation = Installation(run)
    return Server(
        installation.postgres,
        socket=installation.socket,
        password=installation.secret("office", "database"),
        settings=HURRIED,
    )


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    # Held while we live, so that the next run can tell a killed one from a running one.
    config.stash[ALIVE] = alive = os.open(RUN / "alive", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(alive, fcntl.LOCK_EX)
    for left in RUN.parent.glob("chengxin-test-*"):
        with contextlib.suppress(OSError):
            descriptor = os.open(left / "alive", os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                clear(left)
            finally:
                os.close(descriptor)


def pytest_unconfigure(config: pytest.Config) -> None:
    if ALIVE not in config.stash:
        return
    if settings.DATABASE_URL:
        with contextlib.suppress(psycopg.Error), administration() as server:
            drop(server, template_name())
    clear(RUN)
    os.close(config.stash[ALIVE])
    # As root, a test with an installation in pytest's own folder (closed to `nobody`) leaves its cluster elsewhere.
    mine = str(config._tmp_path_factory.getbasetemp())  # type: ignore[attr-defined] — pytest offers it to fixtures only
    for note in ELSEWHERE.glob("data-*.of"):
        if note.read_text().startswith(f"{mine}/"):
            shutil.rmtree(note.with_suffix(""), ignore_errors=True)
            note.unlink()


ALIVE = pytest.StashKey[int]()


def clear(run: Path) -> None:
    if (run / "postgres").exists():
        server = server_of(run)
        server.stop()
        shutil.rmtree(server.socket, ignore_errors=True)
        shutil.rmtree(server.seat.resolve(), ignore_errors=True)
    shutil.rmtree(run)


# ---- The databases -----------------------------------------------------------------------------------------------


def template_name() -> str:
    return f"{settings.DATABASES['default']['NAME']}_{RUN.name.replace('-', '_')}"


def parameters() -> dict[str, str]:
    """Return how libpq gets in to the database that Django uses now."""
    known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    said = connection.get_connection_params()
    return {key: str(value) for key, value in said.items() if key in known and value not in (None, "")}


@contextlib.contextmanager
def administration() -> Iterator[psycopg.Connection]:
    with psycopg.connect(make_conninfo(**{**parameters(), "dbname": "postgres"}), autocommit=True) as server:
        # Roles and databases belong to the whole server: one at a time, whoever tests on it.
        server.execute("SELECT pg_advisory_lock(hashtext('chengxin tests'))")
        yield server


def drop(server: psycopg.Connection, name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def migrate(name: str) -> None:
    use(name)
    prepare()
    with connection.cursor() as cursor:
        role = sql.Identifier(settings.PUBLIC_ROLE)
        cursor.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(PUBLIC_PASSWORD)))
    connection.close()


KEPT = ("auth_permission", "django_content_type")  # what Django says of the models, which no test changes
FILLED = """SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND relname = ANY(%s) AND relname <> ALL(%s) AND pg_relation_size(oid) > 0"""
AT_WORK = """SELECT EXISTS (SELECT FROM pg_locks
    WHERE locktype = 'relation' AND relation >= 16384 AND pid <> pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"""


def sweep(_: TransactionTestCase) -> None:
    """Empty the tables in which something stands, after a test that commits.

    Django would empty all of them, and write its permissions anew: most of the time that such a test takes.
    """
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.cursor() as cursor:
        # A request whose answer nobody waited for may still be reading: the two would wait for each other's tables.
        for _wait in range(100):
            cursor.execute(AT_WORK)
            if cursor.fetchone() == (False,):
                break
            time.sleep(0.05)
        cursor.execute(FILLED, [names, list(KEPT)])
        if filled := ", ".join(name for (name,) in cursor.fetchall()):
            cursor.execute(f"TRUNCATE {filled} CASCADE")


TransactionTestCase._fixture_teardown = sweep


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest, worker_id: str) -> Iterator[None]:
    template = template_name()
    mine = f"{template}_{worker_id}"
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        if not settings.DATABASE_URL:
            server_of(RUN).start()
        with administration() as server:
            known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone()
            if not known:
                server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(template)))
                try:
                    migrate(template)
                except BaseException:
                    connection.close()
                    drop(server, template)
                    raise
            copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
            server.execute(copy.format(sql.Identifier(mine), sql.Identifier(template)))
        use(mine)
        narrow()  # what a database's PUBLIC may do is not copied with it
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        use(template)
        with contextlib.suppress(psycopg.OperationalError), administration() as server:
            drop(server, mine)


# ---- The browser -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def has_chromium() -> Iterator[None]:
    if chromium.CHROMIUM is None:
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse("Debian's chromium is not installed")
    yield
    chromium.ours.stop()


@pytest.fixture(scope="module")
def browser(has_chromium: None) -> Iterator[Browser]:
    """The browser, for a module that makes its own contexts in it."""
    with chromium.ours.lent() as browser, pytest.MonkeyPatch.context() as patch:
        # In the thread of Playwright's event loop, Django takes every query for one made in async code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield browser
        for context in browser.contexts:
            chromium.close(context)


# ---- What a test is given ----------------------------------------------------------------------------------------


@pytest.fixture
def public_dsn(django_db_setup: None) -> str:
    """The public role's way in to this worker's database."""
    return make_conninfo(**{**parameters(), "user": settings.PUBLIC_ROLE, "password": PUBLIC_PASSWORD})


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """A data folder of this test's own, without a server in it."""
    return Installation(tmp_path / "var")
