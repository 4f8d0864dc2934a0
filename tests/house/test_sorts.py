"""Every table is of a declared sort, and the owned ones can be distributed: tried on a hash-partitioned twin."""

from __future__ import annotations

import pytest
from django.db import connection

from chengxin.pipeline.sharding import CENTRAL, OWNED, REFERENCE

pytestmark = pytest.mark.django_db


def rows(query: str, *parameters: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def test_every_table_has_exactly_one_sort() -> None:
    tables = {
        name
        for (name,) in rows(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
    }

    assert tables == set(OWNED) | REFERENCE | CENTRAL
    assert len(tables) == len(OWNED) + len(REFERENCE) + len(CENTRAL)


@pytest.mark.parametrize("table", OWNED)
def test_the_owner_leads_the_primary_key_and_is_a_varchar_in_c(table: str) -> None:
    first, kind, collation = rows(
        """SELECT a.attname, format_type(a.atttypid, a.atttypmod), c.collname
           FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
           LEFT JOIN pg_collation c ON c.oid = a.attcollation
           WHERE i.indrelid = %s::regclass AND i.indisprimary""",
        table,
    )[0]

    assert (first, kind, collation) == (OWNED[table], "character varying(18)", "C")


@pytest.mark.parametrize("table", OWNED)
def test_an_owned_table_refers_to_owned_tables_alone_and_has_no_triggers(table: str) -> None:
    targets = {
        str(name)
        for (name,) in rows(
            "SELECT confrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass", table
        )
    }
    triggers = rows("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", table)

    assert targets <= set(OWNED)
    assert triggers == []


def test_no_other_table_refers_to_an_owned_one() -> None:
    found = rows(
        """SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
           WHERE contype = 'f' AND confrelid::regclass::text = ANY(%s)""",
        list(OWNED),
    )

    assert {source for source, _ in found} <= set(OWNED)


@pytest.mark.parametrize("table", OWNED)
def test_an_owned_table_stands_as_a_hash_partitioned_twin(table: str) -> None:
    """PostgreSQL makes the twin only if every unique index holds the owner: the condition that Citus makes too."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE twin (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY HASH ({OWNED[table]})"
        )
        for part in range(4):
            cursor.execute(f"CREATE TABLE twin_{part} PARTITION OF twin FOR VALUES WITH (MODULUS 4, REMAINDER {part})")
        cursor.execute(
            """SELECT pg_get_indexdef(indexrelid) FROM pg_index
               WHERE indrelid = %s::regclass AND (indisunique OR indisprimary)""",
            [table],
        )
        definitions = [definition for (definition,) in cursor.fetchall()]
        for number, definition in enumerate(definitions):
            columns = definition[definition.index("USING") :]
            cursor.execute(f"CREATE UNIQUE INDEX twin_unique_{number} ON twin {columns}")

    assert definitions


def test_what_came_with_a_batch_is_found_by_its_number() -> None:
    """Taking a batch of five rows back must not read a million."""
    lacking = rows(
        """SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'batch'
           WHERE c.relname = ANY(%s) AND NOT EXISTS (
             SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum)""",
        list(OWNED),
    )

    assert lacking == []
