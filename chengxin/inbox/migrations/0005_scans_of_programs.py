"""Scans say whether a program made them, and are numbered in the order in which they came.

The number is the database's alone (ALWAYS): the public role needs no right on its sequence. A BRIN index is enough to go
on from a number, as rows are only ever added, and costs the journal nothing. Adding the column writes the table anew.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inbox", "0004_fake_address")]

    operations = [
        migrations.AddField(
            model_name="inboxscan",
            name="bot",
            field=models.BooleanField(db_default=False),
        ),
        migrations.RunSQL(
            sql=[
                "ALTER TABLE inbox_scan ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY",
                """CREATE INDEX inbox_scan_of_number ON inbox_scan USING brin (number)
                   WITH (pages_per_range = 32, autosummarize = on)""",
            ],
            reverse_sql=["ALTER TABLE inbox_scan DROP COLUMN number"],
        ),
    ]
