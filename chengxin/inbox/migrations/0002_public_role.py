"""The public role may add to the inbox: no reading, no changing, no RETURNING."""

from django.conf import settings
from django.db import migrations
from psycopg import sql


def grant(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(sql.SQL("GRANT INSERT ON inbox_scan TO {}").format(sql.Identifier(settings.PUBLIC_ROLE)))


def revoke(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(sql.SQL("REVOKE ALL ON inbox_scan FROM {}").format(sql.Identifier(settings.PUBLIC_ROLE)))


class Migration(migrations.Migration):
    dependencies = [("inbox", "0001_first"), ("board", "0002_public_role")]

    operations = [migrations.RunPython(grant, revoke)]
