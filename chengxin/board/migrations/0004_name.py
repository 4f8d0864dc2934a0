"""Names of holders on the board, so that the public can look for them; and the right to read them."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.conf import settings
from django.db import migrations, models
from psycopg import sql


def grant(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(sql.SQL("GRANT SELECT ON board_name TO {}").format(sql.Identifier(settings.PUBLIC_ROLE)))


def revoke(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(sql.SQL("REVOKE ALL ON board_name FROM {}").format(sql.Identifier(settings.PUBLIC_ROLE)))


class Migration(migrations.Migration):
    dependencies = [("board", "0003_status")]

    operations = [
        migrations.CreateModel(
            name="BoardName",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "holder", "kind", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("holder", models.CharField(db_collation="C", max_length=18)),
                ("kind", models.CharField(max_length=8)),
                ("name", models.TextField()),
                ("place", models.TextField(blank=True)),
                ("trade", models.TextField(blank=True)),
                ("state", models.CharField(max_length=24)),
                ("keys", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
            ],
            options={
                "db_table": "board_name",
                "indexes": [django.contrib.postgres.indexes.GinIndex(fields=["keys"], name="board_name_keys", fastupdate=False)],
            },
        ),
        migrations.RunPython(grant, revoke),
    ]
