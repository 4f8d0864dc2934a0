"""The public role may do exactly this, whatever bug the public side has."""

from __future__ import annotations

import psycopg
import pytest
from django.conf import settings
from django.db import connection

pytestmark = pytest.mark.django_db

PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
ALLOWED = {
    ("board_code", "SELECT"),
    ("board_card", "SELECT"),
    ("board_name", "SELECT"),
    ("board_elsewhere", "SELECT"),
    ("board_key", "SELECT"),
    ("board_city", "SELECT"),
    ("board_salt", "SELECT"),
    ("board_status", "SELECT"),
    ("inbox_scan", "INSERT"),
    ("inbox_fake", "INSERT"),
}


def rows(query: str, *parameters: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def test_every_relation_and_privilege_is_on_the_list() -> None:
    version = int(str(rows("SHOW server_version_num")[0][0]))
    # MAINTAIN came with PostgreSQL 17; asking an older server for it is an error.
    privileges = [name for name in PRIVILEGES if name != "MAINTAIN" or version >= 170000]
    found = rows(
        """SELECT c.relname, p.name FROM pg_class c CROSS JOIN unnest(%s::text[]) AS p (name)
           WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
             AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace,
               'pg_toast'::regnamespace)
             AND (has_table_privilege(%s, c.oid, p.name)
               OR (p.name IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
                 AND has_any_column_privilege(%s, c.oid, p.name)))""",
        privileges,
        settings.PUBLIC_ROLE,
        settings.PUBLIC_ROLE,
    )

    assert set(found) == ALLOWED


def test_no_sequence_and_no_schema_can_be_used_or_made() -> None:
    sequences = rows(
        """SELECT relname FROM pg_class WHERE relkind = 'S' AND (has_sequence_privilege(%s, oid, 'USAGE')
           OR has_sequence_privilege(%s, oid, 'SELECT') OR has_sequence_privilege(%s, oid, 'UPDATE'))""",
        *[settings.PUBLIC_ROLE] * 3,
    )
    schemas = rows(
        "SELECT nspname FROM pg_namespace WHERE has_schema_privilege(%s, oid, 'CREATE')", settings.PUBLIC_ROLE
    )

    assert (sequences, schemas) == ([], [])


def test_it_is_nobody_and_a_member_of_nothing() -> None:
    found = rows(
        """SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolconnlimit > 0,
             (SELECT count(*) FROM pg_auth_members m WHERE m.member = r.oid)
           FROM pg_roles r WHERE rolname = %s""",
        settings.PUBLIC_ROLE,
    )

    assert found == [(False, False, False, False, False, True, 0)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM people_user",
        "SELECT * FROM records_record",
        "SELECT * FROM inbox_scan",
        "SELECT photo FROM inbox_fake",
        "UPDATE inbox_fake SET words = ''",
        "SELECT * FROM fakes_handling",
        "UPDATE board_code SET state = 'active'",
        "INSERT INTO board_key (number, public_key, since) VALUES (9, '', now())",
        "INSERT INTO inbox_scan VALUES (gen_random_uuid(), now(), 1, 'active', '') RETURNING id",
        "CREATE TEMPORARY TABLE t (n int)",
        "CREATE TABLE t (n int)",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT pg_advisory_lock(hashtext('chengxin prepare'))",
        "SELECT pg_try_advisory_xact_lock_shared(1, 2)",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ],
)
def test_anything_else_is_denied(public_dsn: str, statement: str) -> None:
    with psycopg.connect(public_dsn) as stranger, pytest.raises(psycopg.errors.InsufficientPrivilege):
        stranger.execute(statement)
