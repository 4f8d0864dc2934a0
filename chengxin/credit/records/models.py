"""信用记录: facts about subjects, only ever added to."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from chengxin.credit.subjects.models import Subject


class Record(models.Model):
    """One fact about a subject, as one row of one file said it. A correction is a further revision of the same key."""

    pk = models.CompositePrimaryKey("subject_id", "id")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    id = models.BigIntegerField()  # identity, see the migration
    kind = models.CharField(max_length=32)  # a name in the catalogue
    key = models.BinaryField(max_length=16)  # digest of what makes it this document and no other
    revision = models.IntegerField()
    digest = models.BinaryField(max_length=16)  # digest of everything it says
    happened_on = models.DateField()  # the document's date
    body = models.JSONField()  # the file's fields by their code, as normalised
    source = models.CharField(max_length=200)
    source_code = models.CharField(max_length=18, blank=True)
    batch = models.BigIntegerField()
    row = models.IntegerField()
    received_at = models.DateTimeField()
    gone = models.BooleanField(db_default=False)  # this revision takes the fact back: an undo
    # What a record of one of the five ways of stopping speaks of: the kind and key of another record of the subject.
    target_kind = models.CharField(max_length=32, null=True)
    target_key = models.BinaryField(max_length=16, null=True)

    class Meta:
        db_table = "records_record"
        constraints = [
            models.UniqueConstraint(fields=["subject", "kind", "key", "revision"], name="record_revision_once"),
        ]
        # Rows are only ever added, batch after batch: some kilobytes that say which pages hold those of one batch.
        indexes = [BrinIndex(fields=["batch"], name="record_of_batch", autosummarize=True, pages_per_range=32)]
