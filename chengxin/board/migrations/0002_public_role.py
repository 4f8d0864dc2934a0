"""The public role, and all that it may do: read the board. What is not posted cannot leak."""

from django.conf import settings
from django.db import DatabaseError, migrations, transaction
from psycopg import sql
from psycopg.errors import DuplicateObject, UniqueViolation

TABLES = ("board_code", "board_card", "board_key", "board_city", "board_salt")


def grant(apps, schema_editor):
    role = sql.Identifier(settings.PUBLIC_ROLE)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.PUBLIC_ROLE])
        if cursor.fetchone() is None:
            # Roles belong to the whole server and locks to one database: another database may make it at this moment.
            try:
                with transaction.atomic():
                    cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
            except DatabaseError as error:
                if not isinstance(error.__cause__, (DuplicateObject, UniqueViolation)):
                    raise
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role))
        for table in TABLES:
            cursor.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(sql.Identifier(table), role))


def revoke(apps, schema_editor):
    role = sql.Identifier(settings.PUBLIC_ROLE)
    with schema_editor.connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.Identifier(table), role))


class Migration(migrations.Migration):
    dependencies = [("board", "0001_first")]

    operations = [migrations.RunPython(grant, revoke)]
