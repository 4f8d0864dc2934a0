"""Rows that wait since before there were claims wait for a USCC."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("ingest", "0004_every_row_counted"),
    ]

    operations = [
        migrations.RunSQL(
            sql="UPDATE ingest_set_aside SET claim = 'uscc:' || subject WHERE waiting AND claim = '' AND subject <> ''",
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
