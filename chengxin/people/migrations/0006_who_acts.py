"""Who somebody said to be when they claimed a business; the invitations of a business; whose page a file is."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0005_ways_in_of_businesses'),
    ]

    operations = [
        migrations.AddField(
            model_name='binding',
            name='name',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddIndex(
            model_name="proof",
            index=django.contrib.postgres.indexes.GinIndex(fields=["pages"], name="proof_of_page"),
        ),
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('subject', models.CharField(db_collation='C', max_length=18)),
                ('part', models.CharField(max_length=12)),
                ('phone', models.CharField(blank=True, max_length=20)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.binding')),
            ],
            options={
                'db_table': 'people_call',
                'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['subject'], name='call_of_subject'), models.Index(condition=models.Q(('phone', ''), _negated=True), fields=['phone'], name='call_of_phone')],
            },
        ),
    ]
