"""Applications that still hold a contact are found by their age, without going through all of them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("applications", "0004_newcomer_appeals")]

    operations = [
        migrations.RunSQL(
            sql="CREATE INDEX application_with_contact ON applications_application (sent_at) WHERE body ? 'contact'",
            reverse_sql="DROP INDEX application_with_contact",
        ),
    ]
