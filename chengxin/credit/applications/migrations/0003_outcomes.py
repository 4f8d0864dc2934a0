"""What became of each part of an application, and the key by which a draft that is sent twice is one application."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0002_numbers")]

    operations = [
        migrations.AddField(
            model_name="application", name="key", field=models.UUIDField(default=uuid.uuid4), preserve_default=False
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(fields=("subject", "key"), name="application_sent_once"),
        ),
        migrations.AddField(model_name="decision", name="outcome", field=models.JSONField(default=dict)),
        migrations.AddField(
            model_name="waiting", name="way", field=models.CharField(max_length=8, default="self"), preserve_default=False
        ),
    ]
