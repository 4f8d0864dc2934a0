"""Reports of fake codes. The public role may add them: no reading, no changing, no RETURNING."""

import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models
from psycopg import sql


def grant(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(sql.SQL("GRANT INSERT ON inbox_fake TO {}").format(sql.Identifier(settings.PUBLIC_ROLE)))


def revoke(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(sql.SQL("REVOKE ALL ON inbox_fake FROM {}").format(sql.Identifier(settings.PUBLIC_ROLE)))


class Migration(migrations.Migration):

    dependencies = [
        ('inbox', '0002_public_role'),
    ]

    operations = [
        migrations.CreateModel(
            name='InboxFake',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('receipt', models.CharField(max_length=8)),
                ('wrong', models.CharField(max_length=16)),
                ('code', models.CharField(max_length=160)),
                ('serial', models.BigIntegerField(null=True)),
                ('verdict', models.CharField(max_length=16)),
                ('where', models.CharField(max_length=200)),
                ('words', models.CharField(max_length=500)),
                ('lat', models.DecimalField(decimal_places=4, max_digits=6, null=True)),
                ('lon', models.DecimalField(decimal_places=4, max_digits=7, null=True)),
                ('photo', models.BinaryField(max_length=500000, null=True)),
                ('point_consent', models.BooleanField()),
                ('photo_consent', models.BooleanField()),
                ('consent', models.CharField(max_length=16)),
                ('device', models.BinaryField(max_length=8)),
            ],
            options={
                'db_table': 'inbox_fake',
                'indexes': [models.Index(fields=['-at'], name='inbox_fake_newest'), models.Index(fields=['receipt'], name='inbox_fake_of_receipt'), models.Index(condition=models.Q(('photo__isnull', False), ('lat__isnull', False), _connector='OR'), fields=['at'], name='inbox_fake_with_traces')],
                'constraints': [models.CheckConstraint(condition=models.Q(('wrong__in', ['unreadable', 'mismatched', 'not_genuine', 'still_used', 'other'])), name='inbox_fake_wrong_is_known'), models.CheckConstraint(condition=models.Q(('photo__isnull', True), ('photo_consent', True), _connector='OR'), name='inbox_fake_photo_by_consent'), models.CheckConstraint(condition=models.Q(models.Q(('lat__isnull', True), ('lon__isnull', True)), models.Q(('lat__isnull', False), ('lon__isnull', False), ('point_consent', True)), _connector='OR'), name='inbox_fake_point_by_consent'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(models.Func(models.F('photo'), function='octet_length', output_field=models.IntegerField()), 500000), name='inbox_fake_photo_is_small')],
            },
        ),
        migrations.RunPython(grant, revoke),
    ]
