from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("codes", "0005_codes_issued_elsewhere"), ("board", "0004_name")]

    operations = [
        migrations.AddIndex(
            "placing",
            models.Index(fields=["until"], name="placing_ends", condition=models.Q(("until__isnull", False))),
        ),
        migrations.AddField("printjob", "size", models.BigIntegerField(default=0)),
        migrations.AddIndex("printjob", models.Index(fields=["subject", "-id"], name="print_job_of_subject")),
        # A label is shown by consent from now on (ADR 0031), and nobody was asked about those that stand.
        migrations.RunSQL("UPDATE board_code SET label = '' WHERE label <> ''", migrations.RunSQL.noop),
    ]
