
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0003_outcomes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='newcomer',
            name='appeal',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='newcomer',
            name='area',
            field=models.CharField(blank=True, max_length=24),
        ),
        migrations.AddConstraint(
            model_name='newcomer',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('user', 'uscc'), name='newcomer_once'),
        ),
    ]
