from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("codes", "0010_showings_waiting")]

    operations = [
        migrations.AddField("showing", "place", models.BigIntegerField(null=True)),
        migrations.AddField("showingdecision", "place", models.BigIntegerField(null=True)),
        migrations.AddField("showingdecision", "by_place", models.BooleanField(db_default=False)),
        migrations.AddField("showingdecision", "area", models.CharField(db_default="", max_length=24)),
        migrations.AddField("showingwaiting", "place", models.BigIntegerField(null=True)),
        migrations.AddField("showingwaiting", "due_on", models.DateField(null=True)),
        migrations.AddIndex(
            "showingdecision",
            models.Index(
                condition=models.Q(("place", None), _negated=True),
                fields=["place", "-at"],
                name="showing_decided_of_place",
            ),
        ),
        migrations.AddIndex(
            "showingwaiting",
            models.Index(
                condition=models.Q(("place", None), _negated=True), fields=["place", "id"], name="showing_waits_in_place"
            ),
        ),
    ]
