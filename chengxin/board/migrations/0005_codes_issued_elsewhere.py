"""Codes that others issued, on the board, so that they are known again; and the right to read them."""

from django.conf import settings
from django.db import migrations, models
from psycopg import sql


def grant(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(sql.SQL("GRANT SELECT ON board_elsewhere TO {}").format(sql.Identifier(settings.PUBLIC_ROLE)))


def revoke(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(sql.SQL("REVOKE ALL ON board_elsewhere FROM {}").format(sql.Identifier(settings.PUBLIC_ROLE)))


class Migration(migrations.Migration):
    dependencies = [("board", "0004_name")]

    operations = [
        migrations.CreateModel(
            name="BoardElsewhere",
            fields=[
                ("number", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("holder_kind", models.CharField(max_length=8)),
                ("holder", models.CharField(db_collation="C", max_length=18)),
                ("address", models.CharField(blank=True, max_length=64)),
                ("issuer", models.CharField(blank=True, max_length=100)),
                ("issued_on", models.DateField(null=True)),
            ],
            options={
                "db_table": "board_elsewhere",
                "indexes": [
                    models.Index(fields=["holder"], name="board_elsewhere_of_holder"),
                    models.Index(
                        condition=models.Q(("address", ""), _negated=True),
                        fields=["address"],
                        name="board_elsewhere_address",
                    ),
                ],
            },
        ),
        migrations.RunPython(grant, revoke),
    ]
