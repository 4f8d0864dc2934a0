"""经营主体: the holders of a USCC, and what the register has said of them."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class Subject(models.Model):
    """One holder of a USCC. Its code is its identity and never changes; a changed code is a succession."""

    uscc = models.CharField(max_length=18, primary_key=True, db_collation="C")
    first_seen_at = models.DateTimeField()

    class Meta:
        db_table = "subjects_subject"


class Registration(models.Model):
    """What the register said of a subject at one time. The newest counts; nothing is ever changed here."""

    pk = models.CompositePrimaryKey("subject_id", "id")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    id = models.BigIntegerField()  # identity, see the migration
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=24)  # terms.entity.STATES
    kind = models.CharField(max_length=24)  # terms.entity.KINDS
    division = models.CharField(max_length=6, blank=True)
    industry = models.CharField(max_length=5, blank=True)
    established_on = models.DateField(null=True)
    body = models.JSONField()  # the file's fields by their code, as normalised
    digest = models.BinaryField(max_length=16)
    source = models.CharField(max_length=200)
    source_code = models.CharField(max_length=18, blank=True)
    batch = models.BigIntegerField()
    row = models.IntegerField()
    received_at = models.DateTimeField()
    gone = models.BooleanField(db_default=False)  # taken back by an undo: until the next, nothing is registered

    class Meta:
        db_table = "subjects_registration"
        # Rows are only ever added, batch after batch: some kilobytes that say which pages hold those of one batch.
        indexes = [BrinIndex(fields=["batch"], name="registration_of_batch", autosummarize=True, pages_per_range=32)]


class Identity(models.Model):
    """A name or an older number that a subject has or had. Rows without a USCC are matched by it."""

    id = models.BigAutoField(primary_key=True)
    scheme = models.CharField(max_length=12)  # rules.SCHEMES
    value = models.CharField(max_length=200, db_collation="C")  # folded: width, case and spaces do not count
    subject = models.CharField(max_length=18, db_collation="C")

    class Meta:
        db_table = "subjects_identity"
        constraints = [
            models.UniqueConstraint(fields=["scheme", "value", "subject"], name="identity_once"),
        ]
        indexes = [models.Index(fields=["subject"], name="identity_of_subject")]


class Attribution(models.Model):
    """Which governing area a subject belongs to, from a time on, and by what. The newest of the strongest way counts."""

    pk = models.CompositePrimaryKey("subject_id", "id")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    id = models.BigIntegerField()  # identity, see the migration
    area = models.CharField(max_length=24, blank=True)  # a code of terms.area; empty: what this way said is taken back
    way = models.CharField(max_length=12)  # rules.WAYS
    reason = models.CharField(max_length=200, blank=True)  # the rule, the roster's file, or why by hand
    by = models.CharField(max_length=150)
    batch = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "subjects_attribution"
        indexes = [BrinIndex(fields=["batch"], name="attribution_of_batch", autosummarize=True, pages_per_range=32)]


class Succession(models.Model):
    """A subject went on under another USCC (个转企, a merger, a division). Only ever added to; the newest counts."""

    pk = models.CompositePrimaryKey("subject_id", "id")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    id = models.BigIntegerField()  # identity, see the migration
    successor = models.CharField(max_length=18, db_collation="C", blank=True)  # empty: what was said is taken back
    how = models.CharField(max_length=16)  # rules.SUCCESSIONS
    happened_on = models.DateField()
    why = models.CharField(max_length=200)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        db_table = "subjects_succession"
        indexes = [models.Index(fields=["successor"], name="succession_of_successor")]


class Message(models.Model):
    """A word to a business: something was decided, is about to expire, was looked at. Never changed."""

    pk = models.CompositePrimaryKey("subject_id", "id")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    id = models.BigIntegerField()  # identity, see the migration
    about = models.CharField(max_length=24)  # application, code, commitment, showing, binding
    title = models.CharField(max_length=80)
    text = models.CharField(max_length=1000)
    page = models.CharField(max_length=60, blank=True)  # the name of the page it leads to
    by = models.CharField(max_length=200)  # the unit that says it
    at = models.DateTimeField()

    class Meta:
        db_table = "subjects_message"


class Touch(models.Model):
    """A note that something of a subject changed, for the pipeline to post. Added by acts, taken by the pipeline."""

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=18, db_collation="C")
    bulk = models.BooleanField(default=False)  # a batch's touches wait behind a person's

    class Meta:
        db_table = "subjects_touch"
        indexes = [
            models.Index(fields=["bulk", "id"], name="subjects_touch_in_order"),
            models.Index(fields=["subject"], name="subjects_touch_of_subject"),
        ]
