"""申领: a business asks for its code, says what it says of itself, and hears what was decided."""

from __future__ import annotations

from django.db import models

from chengxin.credit.subjects.models import Subject
from chengxin.people.models import User

WAYS = ("self", "counter", "batch")
STATES = ("waiting", "approved", "refused", "appealed", "withdrawn")


class Draft(models.Model):
    """What somebody has filled in so far for one business: the only thing here that is changed, and deleted when sent."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=18, db_collation="C")
    body = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "applications_draft"
        constraints = [models.UniqueConstraint(fields=["user", "subject"], name="draft_once")]


class Application(models.Model):
    """One application as it was sent in, with what the checks said then. Never changed: what became of it is a Decision."""

    pk = models.CompositePrimaryKey("subject_id", "id")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    id = models.BigIntegerField()  # identity, see the migration
    key = models.UUIDField()  # of the draft: sent twice, it is one application
    way = models.CharField(max_length=8)  # WAYS: the figures count `self` apart
    consent = models.CharField(max_length=16)  # version of the words that were agreed to
    scenarios = models.JSONField(default=list)  # ids of credit.scenarios
    body = models.JSONField(default=dict)  # contact, declared items, commitment, placement: rules.py says their form
    checks = models.JSONField(default=list)  # each check's name, whether it passed, and its sentence
    person = models.BigIntegerField(null=True)  # people_user.id of who applied for it; None at a counter
    by = models.CharField(max_length=150)
    sent_at = models.DateTimeField()
    due_on = models.DateField()  # the last working day for a decision

    class Meta:
        db_table = "applications_application"
        constraints = [
            models.CheckConstraint(condition=models.Q(way__in=WAYS), name="application_way_is_known"),
            models.UniqueConstraint(fields=["subject", "key"], name="application_sent_once"),
        ]


class Decision(models.Model):
    """What became of an application: the newest counts. A refusal says why, an appeal what for."""

    pk = models.CompositePrimaryKey("subject_id", "id")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    id = models.BigIntegerField()  # identity, see the migration
    application = models.BigIntegerField()
    state = models.CharField(max_length=12)
    outcome = models.JSONField(default=dict)  # what became of each part, as rules.parts reads it
    why = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        db_table = "applications_decision"
        constraints = [models.CheckConstraint(condition=models.Q(state__in=STATES), name="decision_state_is_known")]
        indexes = [models.Index(fields=["subject", "application", "-id"], name="decision_newest")]


class Waiting(models.Model):
    """The queue of applications that wait for a clerk: central, so that a page of it is one look. Deleted once decided."""

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=18, db_collation="C")
    application = models.BigIntegerField()
    area = models.CharField(max_length=24, blank=True)  # of the subject when it was sent
    way = models.CharField(max_length=8)  # of the application
    is_appeal = models.BooleanField(default=False)
    due_on = models.DateField()

    class Meta:
        db_table = "applications_waiting"
        constraints = [models.UniqueConstraint(fields=["subject", "application"], name="waiting_once")]
        indexes = [models.Index(fields=["due_on", "id"], name="waiting_by_day")]


class Decided(models.Model):
    """How an application ended, one row each: central like the queue, so that a page of the list is one look.

    Written in the transaction of the Decision that it repeats; gone while the application waits again on appeal.
    """

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=18, db_collation="C")
    application = models.BigIntegerField()
    area = models.CharField(max_length=24, blank=True)  # of the subject when it was decided
    way = models.CharField(max_length=8)  # of the application
    result = models.CharField(max_length=12)  # of rules.RESULTS
    is_appeal = models.BooleanField(default=False)  # decided on appeal
    clerk = models.CharField(max_length=150, blank=True)  # account; empty: the checks passed, or it was taken back
    decided_at = models.DateTimeField()

    class Meta:
        db_table = "applications_decided"
        constraints = [models.UniqueConstraint(fields=["subject", "application"], name="decided_once")]
        indexes = [
            models.Index(fields=["-decided_at", "-id"], name="decided_newest"),
            models.Index(fields=["area", "-decided_at", "-id"], name="decided_of_area"),
            models.Index(fields=["clerk", "-decided_at", "-id"], name="decided_by_clerk"),
        ]


class Newcomer(models.Model):
    """A body that the register does not have (a kindergarten, a law firm, a club, a village body) asks to be added."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uscc = models.CharField(max_length=18, db_collation="C")
    name = models.CharField(max_length=200)
    body = models.JSONField(default=dict)  # the columns of the kind `subject`, as they would be registered
    said = models.JSONField(default=dict)  # column → what whoever asks wrote there, where a clerk corrected it
    corrected_at = models.DateTimeField(null=True)
    corrected_by = models.CharField(max_length=150, blank=True)
    proofs = models.JSONField(default=list)  # ids of people_proof
    state = models.CharField(max_length=12)  # waiting, accepted, refused
    why = models.CharField(max_length=500, blank=True)
    appeal = models.CharField(max_length=500, blank=True)
    area = models.CharField(max_length=24, blank=True)  # whose queue it waits in
    sent_at = models.DateTimeField()
    due_on = models.DateField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)

    class Meta:
        db_table = "applications_newcomer"
        indexes = [models.Index(fields=["state", "due_on", "id"], name="newcomer_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "uscc"],
                condition=models.Q(state="waiting"),
                name="newcomer_once",
            ),
        ]
