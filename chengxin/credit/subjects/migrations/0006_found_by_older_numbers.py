"""Subjects are found by the part of their USCC that was their 组织机构代码, and identities by their subject."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("subjects", "0005_identities_and_areas"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="identity",
            index=models.Index(fields=["subject"], name="identity_of_subject"),
        ),
        # GB 32100-2015: characters 9 to 17 are the body's own code, which it keeps when the rest changes.
        migrations.RunSQL(
            sql="CREATE INDEX subject_of_body ON subjects_subject (substr(uscc, 9, 9))",
            reverse_sql="DROP INDEX subject_of_body",
        ),
    ]
