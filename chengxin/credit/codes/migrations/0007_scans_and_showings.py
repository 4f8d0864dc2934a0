
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('codes', '0005_codes_issued_elsewhere'),
        ('subjects', '0009_numbers'),
    ]

    operations = [
        migrations.CreateModel(
            name='ScanReached',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField()),
            ],
            options={
                'db_table': 'codes_scan_reached',
            },
        ),
        migrations.CreateModel(
            name='ScanSeen',
            fields=[
                ('pk', models.CompositePrimaryKey('day', 'serial', 'device', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('serial', models.BigIntegerField()),
                ('device', models.BinaryField(max_length=8)),
            ],
            options={
                'db_table': 'codes_scan_seen',
            },
        ),
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
            model_name='scanreached',
            constraint=models.CheckConstraint(condition=models.Q(('id', 1)), name='scan_reached_is_one'),
        ),
        migrations.AddConstraint(
            model_name='showingwaiting',
            constraint=models.UniqueConstraint(fields=('subject', 'showing'), name='showing_waits_once'),
        ),
    ]
