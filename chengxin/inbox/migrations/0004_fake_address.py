from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inbox", "0003_fake")]

    operations = [
        migrations.AlterField(model_name="inboxfake", name="code", field=models.CharField(max_length=300)),
    ]
