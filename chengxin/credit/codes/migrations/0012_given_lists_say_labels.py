from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("codes", "0011_places_look_at_photos"),
    ]

    operations = [
        migrations.AddField("giving", "labels", models.JSONField(default=list)),
        migrations.AddField("giving", "until", models.DateField(null=True)),
        migrations.AddField("giving", "label_shown", models.BooleanField(default=False)),
        migrations.AddField("giving", "back_at", models.DateTimeField(null=True)),
        migrations.AddField("giving", "back_why", models.CharField(blank=True, max_length=500)),
        migrations.AddField("giving", "cancelled", models.IntegerField(default=0)),
        migrations.AddIndex(
            "giving", GinIndex(fields=["proofs"], name="giving_of_proof", opclasses=["jsonb_path_ops"])
        ),
    ]
