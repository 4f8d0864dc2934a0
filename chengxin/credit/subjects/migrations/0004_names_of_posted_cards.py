"""Have every card that is posted already posted again, so that its holder can be found by name."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("subjects", "0003_touches_of_a_subject"), ("board", "0004_name")]

    operations = [
        migrations.RunSQL(
            """INSERT INTO subjects_touch (subject, bulk)
               SELECT holder, true FROM board_card WHERE kind = 'subject' ORDER BY holder""",
            migrations.RunSQL.noop,
        )
    ]
