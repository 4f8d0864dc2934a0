"""诚信码: codes issued, what became of them, and the consent they stand on."""

from __future__ import annotations

from django.db import models

from chengxin.board.verdict import STORED
from chengxin.credit.subjects.models import Subject


class Consent(models.Model):
    """A business said yes to a code, or took it back: which paper says so, and when. Only ever added to."""

    pk = models.CompositePrimaryKey("subject_id", "id")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    id = models.BigIntegerField()  # identity, see the migration
    given = models.BooleanField()
    reference = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)

    class Meta:
        db_table = "codes_consent"


class Code(models.Model):
    """One placement of a business's code: a serial of its own, so that a copied sticker can be told and withdrawn."""

    pk = models.CompositePrimaryKey("subject_id", "serial")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    serial = models.BigIntegerField()  # dense: its index in the status list
    profile = models.CharField(max_length=5)
    placement = models.CharField(max_length=16)
    label = models.CharField(max_length=60, blank=True)
    token = models.CharField(max_length=136)
    issued_on = models.DateField()

    class Meta:
        db_table = "codes_code"
        constraints = [
            models.CheckConstraint(condition=models.Q(profile__in=["full", "short"]), name="code_profile_is_known"),
        ]


class Turn(models.Model):
    """One turn in a code's life: the state it came into, why, and by whom. The newest counts."""

    pk = models.CompositePrimaryKey("subject_id", "id")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    id = models.BigIntegerField()  # identity, see the migration
    serial = models.BigIntegerField()
    state = models.CharField(max_length=12)
    why = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        db_table = "codes_turn"
        constraints = [models.CheckConstraint(condition=models.Q(state__in=STORED), name="turn_state_is_known")]
        indexes = [models.Index(fields=["subject", "serial", "-id"], name="codes_turn_newest")]
