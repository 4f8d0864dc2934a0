
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('codes', '0009_lists_given_together'),
        ('subjects', '0010_successors_found'),
    ]

    operations = [
        migrations.CreateModel(
            name='ShowingWaiting',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('subject', models.CharField(db_collation='C', max_length=18)),
                ('showing', models.BigIntegerField()),
                ('serial', models.BigIntegerField()),
                ('area', models.CharField(blank=True, max_length=24)),
                ('asked_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'codes_showing_waiting',
            },
        ),
        migrations.AddIndex(
            model_name='showingdecision',
            index=models.Index(fields=['-at'], name='showing_decided_newest'),
        ),
        migrations.AddConstraint(
            model_name='showingwaiting',
            constraint=models.UniqueConstraint(fields=('subject', 'showing'), name='showing_waits_once'),
        ),
    ]
