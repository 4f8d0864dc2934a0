"""信用承诺: who signed which words, and what the accepting unit found. The commitment itself is a record like any other."""

from __future__ import annotations

from django.db import models

from chengxin.credit.subjects.models import Subject


class Signing(models.Model):
    """A business signed a commitment: which words, in which version, by whom. Never changed."""

    pk = models.CompositePrimaryKey("subject_id", "id")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    id = models.BigIntegerField()  # identity, see the migration
    number = models.CharField(max_length=20)  # 承诺编码
    template = models.CharField(max_length=32)
    version = models.CharField(max_length=16)
    digest = models.BinaryField(max_length=32)  # SHA-256 of the words that were signed
    placing = models.BigIntegerField(null=True)  # the serial it was made for: a vehicle, a stall
    signed_on = models.DateField()
    until = models.DateField(null=True)
    unit = models.CharField(max_length=200)  # 承诺受理单位
    unit_code = models.CharField(max_length=18)
    person = models.BigIntegerField(null=True)  # people_user.id
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        db_table = "commitments_signing"
        constraints = [models.UniqueConstraint(fields=["subject", "number"], name="signing_number_once")]


class Judgment(models.Model):
    """The accepting unit found how far a commitment was kept, on what evidence. The newest counts."""

    pk = models.CompositePrimaryKey("subject_id", "id")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    id = models.BigIntegerField()  # identity, see the migration
    number = models.CharField(max_length=20)
    kept = models.CharField(max_length=16)  # 全部履行, 部分履行, 全部未履行
    unkept = models.CharField(max_length=4000, blank=True)
    consequence = models.CharField(max_length=4000, blank=True)
    evidence = models.CharField(max_length=500)
    proofs = models.JSONField(default=list)  # ids of people_proof
    unit = models.CharField(max_length=200)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        db_table = "commitments_judgment"


class Numbered(models.Model):
    """The last serial number of a place and day (承诺编码: division, day, serial). Changed under its row's lock."""

    id = models.BigAutoField(primary_key=True)
    division = models.CharField(max_length=6)
    day = models.DateField()
    last = models.IntegerField()

    class Meta:
        db_table = "commitments_numbered"
        constraints = [models.UniqueConstraint(fields=["division", "day"], name="numbered_once")]


class Word(models.Model):
    """What a business says of a commitment it has made: that it ends it, or its answer to a finding. Only ever added to."""

    pk = models.CompositePrimaryKey("subject_id", "id")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    id = models.BigIntegerField()  # identity, see the migration
    number = models.CharField(max_length=20)
    about = models.CharField(max_length=8)  # end, answer
    text = models.CharField(max_length=500)
    person = models.BigIntegerField(null=True)  # people_user.id
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        db_table = "commitments_word"
        constraints = [models.CheckConstraint(condition=models.Q(about__in=("end", "answer")), name="word_is_known")]


class Listed(models.Model):
    """One commitment that stands, as the office's lists need it: central, so that a page of them is one look.

    Made from the records of a subject whenever something of it was touched, and so never more than they say.
    """

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=18, db_collation="C")
    number = models.CharField(max_length=20)  # 承诺编码
    type = models.CharField(max_length=64)  # 承诺类型
    name = models.CharField(max_length=200)  # of whom it is, as the record says
    unit = models.CharField(max_length=200)  # 承诺受理单位
    unit_code = models.CharField(max_length=18, db_collation="C")
    area = models.CharField(max_length=24, blank=True)  # of the subject
    signed_on = models.DateField()
    until = models.DateField(null=True)
    kept = models.CharField(max_length=16, blank=True)  # empty: 未认定
    judged_on = models.DateField(null=True)

    class Meta:
        db_table = "commitments_listed"
        constraints = [models.UniqueConstraint(fields=["subject", "number"], name="listed_once")]
        indexes = [
            models.Index(fields=["-signed_on", "-id"], name="listed_by_day"),
            models.Index(fields=["unit_code", "-signed_on", "-id"], name="listed_of_unit"),
            models.Index(fields=["area", "-signed_on", "-id"], name="listed_of_area"),
            models.Index(fields=["kept", "-signed_on", "-id"], name="listed_by_finding"),
            models.Index(fields=["until", "id"], name="listed_to_judge", condition=models.Q(kept="")),
        ]
