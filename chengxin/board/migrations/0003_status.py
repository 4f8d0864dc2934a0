"""The signed status list, and what it is made of: the codes that do not stand, among them those of ended registrations."""

from django.conf import settings
from django.db import migrations, models
from psycopg import sql


def grant(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(sql.SQL("GRANT SELECT ON board_status TO {}").format(sql.Identifier(settings.PUBLIC_ROLE)))


def revoke(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(sql.SQL("REVOKE ALL ON board_status FROM {}").format(sql.Identifier(settings.PUBLIC_ROLE)))


# Cards posted before say it already; from now on the posting of a card says it of the code.
LEARN = """UPDATE board_code c SET ended = true FROM board_card d
  WHERE d.holder = c.holder AND d.kind = c.holder_kind
    AND d.document::jsonb #>> '{head,state}' IN ('deregistered', 'revoked_registration')"""


class Migration(migrations.Migration):
    dependencies = [("board", "0002_public_role")]

    operations = [
        migrations.CreateModel(
            name="BoardStatus",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("document", models.TextField()),
                ("key", models.PositiveSmallIntegerField()),
                ("digest", models.BinaryField(max_length=32)),
                ("made_at", models.DateTimeField()),
            ],
            options={"db_table": "board_status"},
        ),
        migrations.AddConstraint(
            model_name="boardstatus",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="board_status_is_one"),
        ),
        migrations.RunPython(grant, revoke),
        migrations.AddField(
            model_name="boardcode",
            name="ended",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(LEARN, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="boardcode",
            index=models.Index(
                condition=models.Q(models.Q(("state", "active"), _negated=True), ("ended", True), _connector="OR"),
                fields=["serial"],
                name="board_code_stopped",
            ),
        ),
    ]
