"""Applications that ended are listed for the whole city; what a clerk corrected of a newcomer keeps what was written."""

from django.db import migrations, models

# What ended before there was a list. Of the ways in which an area is said the strongest holds, else the division registered.
FILL = """
INSERT INTO applications_decided (subject, application, area, way, result, is_appeal, clerk, decided_at)
SELECT a.subject, a.id,
  coalesce((SELECT area FROM (SELECT DISTINCT ON (way) way, area FROM subjects_attribution t WHERE t.subject = a.subject
      ORDER BY way, id DESC) newest
    WHERE area <> '' ORDER BY array_position(ARRAY['hand', 'roster', 'address', 'division'], way::text) LIMIT 1),
    (SELECT division FROM subjects_registration r WHERE r.subject = a.subject ORDER BY id DESC LIMIT 1), ''),
  a.way,
  CASE WHEN d.state = 'approved' AND jsonb_path_exists(d.outcome, '$.* ? (@.state == "refused")') THEN 'partly'
    ELSE d.state END,
  d.state <> 'withdrawn' AND EXISTS (SELECT FROM applications_decision e
    WHERE e.subject = a.subject AND e.application = a.id AND e.state = 'appealed'),
  CASE WHEN d.state = 'withdrawn' OR (a.person IS NOT NULL AND NOT EXISTS (SELECT FROM applications_decision e
    WHERE e.subject = a.subject AND e.application = a.id AND e.id < d.id)) THEN '' ELSE d.by END,
  d.at
FROM applications_application a
JOIN LATERAL (SELECT * FROM applications_decision d WHERE d.subject = a.subject AND d.application = a.id
  ORDER BY d.id DESC LIMIT 1) d ON true
WHERE d.state IN ('approved', 'refused', 'withdrawn')
"""


class Migration(migrations.Migration):
    dependencies = [("applications", "0005_contacts"), ("subjects", "0010_successors_found")]

    operations = [
        migrations.CreateModel(
            name="Decided",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("subject", models.CharField(db_collation="C", max_length=18)),
                ("application", models.BigIntegerField()),
                ("area", models.CharField(blank=True, max_length=24)),
                ("way", models.CharField(max_length=8)),
                ("result", models.CharField(max_length=12)),
                ("is_appeal", models.BooleanField(default=False)),
                ("clerk", models.CharField(blank=True, max_length=150)),
                ("decided_at", models.DateTimeField()),
            ],
            options={
                "db_table": "applications_decided",
                "constraints": [models.UniqueConstraint(fields=("subject", "application"), name="decided_once")],
                "indexes": [
                    models.Index(fields=["-decided_at", "-id"], name="decided_newest"),
                    models.Index(fields=["area", "-decided_at", "-id"], name="decided_of_area"),
                    models.Index(fields=["clerk", "-decided_at", "-id"], name="decided_by_clerk"),
                ],
            },
        ),
        migrations.RunSQL(sql=FILL, reverse_sql=migrations.RunSQL.noop),
        migrations.AddField(model_name="newcomer", name="said", field=models.JSONField(default=dict)),
        migrations.AddField(model_name="newcomer", name="corrected_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="newcomer", name="corrected_by", field=models.CharField(blank=True, max_length=150)
        ),
    ]
