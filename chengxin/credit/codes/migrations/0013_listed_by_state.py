"""Businesses are listed by the state of their codes for the whole city."""

from django.db import migrations, models

# Whoever has a code already comes onto the list as the pipeline posts them: the same rows, made by the same rule.
FILL = """
INSERT INTO subjects_touch (subject, bulk)
SELECT subject, true FROM (SELECT subject FROM codes_code UNION SELECT subject FROM codes_elsewhere) coded
"""


class Migration(migrations.Migration):
    dependencies = [
        ("codes", "0012_given_lists_say_labels"),
        ("subjects", "0010_successors_found"),
    ]

    operations = [
        migrations.CreateModel(
            name="Listed",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("subject", models.CharField(db_collation="C", max_length=18)),
                ("state", models.CharField(max_length=12)),
                ("area", models.CharField(blank=True, max_length=24)),
                ("newest", models.BigIntegerField()),
                ("shown_until", models.DateField(null=True)),
            ],
            options={
                "db_table": "codes_listed",
                "constraints": [models.UniqueConstraint(fields=("subject", "state"), name="code_listed_once")],
                "indexes": [
                    models.Index(
                        fields=["state", "-newest", "-id"], include=["shown_until"], name="code_listed_by_state"
                    ),
                    models.Index(
                        fields=["state", "area", "-newest", "-id"], include=["shown_until"], name="code_listed_of_area"
                    ),
                ],
            },
        ),
        migrations.RunSQL(sql=FILL, reverse_sql=migrations.RunSQL.noop),
    ]
