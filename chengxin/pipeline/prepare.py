"""Make a database ready to serve: wait for it, bring its tables up to date, give the public role its way in."""

from __future__ import annotations

import logging
import time

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from chengxin.pipeline.server import CannotStart

log = logging.getLogger(__name__)

PATIENCE = 15.0  # seconds for a PostgreSQL that is just coming up beside us
CONNECTIONS = 64  # of the public role: however it is pressed, the office still gets in
LIMITS = {"statement_timeout": "2s", "lock_timeout": "1s", "idle_in_transaction_session_timeout": "5s"}
LARGE_OBJECTS = (
    "lo_creat(integer)",
    "lo_create(oid)",
    "lo_from_bytea(oid, bytea)",
    "lo_get(oid)",
    "lo_get(oid, bigint, integer)",
    "lo_open(oid, integer)",
    "lo_put(oid, bigint, bytea)",
    "lo_unlink(oid)",
)
# Whoever holds our own locks (one worker, one preparation) would keep every command and the river waiting.
LOCKS = tuple(
    f"pg_{trying}advisory_{kind}({key})"
    for trying in ("", "try_")
    for kind in ("lock", "lock_shared", "xact_lock", "xact_lock_shared")
    for key in ("bigint", "integer, integer")
)


def prepare() -> None:
    """Bring the database up to date; two that do it at once do it one after the other.

    :raises CannotStart: it does not answer, or refuses something that we need.
    """
    _wait()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_encoding")
            if cursor.fetchone() != ("UTF8",):
                raise CannotStart(
                    "DATABASE_URL 所指的数据库不是 UTF-8 编码：请用 CREATE DATABASE … ENCODING 'UTF8' 另建一个。"
                )
            cursor.execute("SELECT pg_advisory_lock(hashtext('chengxin prepare'))")
            try:
                executor = MigrationExecutor(connection)
                if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                    call_command("migrate", verbosity=0, interactive=False)
                narrow()
                _let_the_public_in()
            finally:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('chengxin prepare'))")
    except (DatabaseError, psycopg.Error) as error:  # ours come unwrapped where libpq is spoken to directly
        cause = error.__cause__ or error
        mend = (
            "：请给 DATABASE_URL 的用户所需权限，见 docs/operations.md"
            if isinstance(cause, InsufficientPrivilege)
            else ""
        )
        raise CannotStart(f"数据库没有准备好：{_first_line(error)}{mend}。") from error


def _wait() -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.ensure_connection()
        except OperationalError as error:
            # Only what passes is waited for: a wrong password stays wrong.
            passing = any(word in str(error) for word in ("refused", "starting up", "timeout"))
            if not passing or time.monotonic() > deadline:
                raise CannotStart(f"数据库不应答：{_first_line(error)}（请检查 DATABASE_URL）。") from error
            time.sleep(0.3)
        else:
            return


def narrow() -> None:
    """Take from everyone what the public role would otherwise get without being granted it."""
    database = sql.Identifier(str(connection.settings_dict["NAME"]))
    takings = [
        sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(database),
        sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC"),
        # Ours are small strings: S608 does not apply to sql.SQL.
        *(
            sql.SQL("REVOKE EXECUTE ON FUNCTION pg_catalog.{} FROM PUBLIC").format(sql.SQL(name))
            for name in (*LARGE_OBJECTS, *LOCKS)
        ),
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR pg_has_role(current_user, datdba, 'USAGE'), rolsuper"
            "  FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()"
        )
        owner, superuser = cursor.fetchone()
        for number, taking in enumerate(takings):
            if superuser or (owner and number < 2):
                cursor.execute(taking)
        if not superuser:
            log.warning(
                "not a superuser: PUBLIC keeps the functions of large objects and advisory locks; see docs/settings.md, DATABASE_URL"
            )


def _let_the_public_in() -> None:
    if settings.PUBLIC_DATABASE_URL:
        return  # whoever says how the public role gets in has seen to it
    role = settings.PUBLIC_ROLE
    with connection.cursor() as cursor:
        pgconn = connection.connection.pgconn
        # Sent as a digest: the password itself never stands in a statement, and so in no log.
        digest = pgconn.encrypt_password(
            settings.INSTALLATION.secret("public", "database").encode(), role.encode(), b"scram-sha-256"
        ).decode()
        name = sql.Identifier(role)
        try:
            cursor.execute(
                sql.SQL("ALTER ROLE {} LOGIN PASSWORD {} CONNECTION LIMIT {}").format(
                    name, sql.Literal(digest), sql.Literal(CONNECTIONS)
                )
            )
            for limit, value in LIMITS.items():
                cursor.execute(
                    sql.SQL("ALTER ROLE {} SET {} = {}").format(name, sql.Identifier(limit), sql.Literal(value))
                )
        except Exception as error:
            raise CannotStart(
                f"不能为公众端设置数据库角色 {role}：{_first_line(error)}；"
                "请给 DATABASE_URL 的用户 CREATEROLE 权限，或自行设置 PUBLIC_DATABASE_URL。"
            ) from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
