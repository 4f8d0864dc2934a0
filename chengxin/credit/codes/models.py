"""诚信码: codes issued, what became of them, and the consent they stand on."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex, GinIndex
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
    version = models.CharField(max_length=16, db_default="")  # of the words, where they were read on a page
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
    way = models.CharField(max_length=8, db_default="batch")  # how it was asked for: self, counter, batch

    class Meta:
        db_table = "codes_code"
        constraints = [
            models.CheckConstraint(condition=models.Q(profile__in=["full", "short"]), name="code_profile_is_known"),
            models.CheckConstraint(condition=models.Q(way__in=["self", "counter", "batch"]), name="code_way_is_known"),
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


class Plea(models.Model):
    """A word on a freeze: what the business says to it, or the office's answer. Only ever added to; the newest counts."""

    pk = models.CompositePrimaryKey("subject_id", "id")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    id = models.BigIntegerField()  # identity, see the migration
    text = models.CharField(max_length=1000)
    answer = models.CharField(max_length=12, blank=True)  # upheld, dismissed; empty: a statement
    unit = models.CharField(max_length=200, blank=True)  # that answers
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        db_table = "codes_plea"


class Placing(models.Model):
    """What is known of where one code hangs: its label, its point, until when. The newest of a serial counts."""

    pk = models.CompositePrimaryKey("subject_id", "id")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    id = models.BigIntegerField()  # identity, see the migration
    serial = models.BigIntegerField()
    label_shown = models.BooleanField()  # by consent: a passenger may compare the plate
    where = models.CharField(max_length=200, blank=True)
    lat = models.DecimalField(max_digits=8, decimal_places=6, null=True)  # WGS-84
    lon = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    pointed_by = models.CharField(max_length=8, blank=True)  # phone, pin, list, centroid (approximate)
    point_consent = models.BooleanField(default=False)
    until = models.DateField(null=True)  # of an event's stand
    keeper = models.CharField(max_length=200, blank=True)  # of a heritage item: its protecting unit
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        db_table = "codes_placing"
        indexes = [
            models.Index(fields=["subject", "serial", "-id"], name="placing_newest"),
            models.Index(fields=["until"], name="placing_ends", condition=models.Q(until__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lat__isnull=True, lon__isnull=True)
                | models.Q(lat__isnull=False, lon__isnull=False, point_consent=True),
                name="placing_point_by_consent",
            ),
        ]


class Showing(models.Model):
    """Somebody showed a photo of a code as it hangs, with the place. Whether it counts is a ShowingDecision."""

    pk = models.CompositePrimaryKey("subject_id", "id")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    id = models.BigIntegerField()  # identity, see the migration
    serial = models.BigIntegerField()
    proof = models.BigIntegerField()  # people_proof.id: the photo
    where = models.CharField(max_length=200)
    read = models.BooleanField()  # whether the code in the photo was read and is this one
    place = models.BigIntegerField(null=True)  # people_unit.id: the place that the owner says it hangs in
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        db_table = "codes_showing"
        indexes = [models.Index(fields=["subject", "serial", "-id"], name="showing_newest")]


class ShowingDecision(models.Model):
    """A photo of a shown code was accepted or refused, by whom and until when it counts. The newest counts.

    Place and area stand here once more: a list of what was decided is one look, and names no subject.
    """

    pk = models.CompositePrimaryKey("subject_id", "id")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    id = models.BigIntegerField()  # identity, see the migration
    showing = models.BigIntegerField()
    serial = models.BigIntegerField()
    accepted = models.BooleanField()
    why = models.CharField(max_length=500, blank=True)
    until = models.DateField(null=True)
    unit = models.CharField(max_length=200)
    place = models.BigIntegerField(null=True)  # as of the photo
    by_place = models.BooleanField(db_default=False)  # by that place; else by an office
    area = models.CharField(max_length=24, db_default="")  # of the business when the photo was sent
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        db_table = "codes_showing_decision"
        indexes = [
            models.Index(fields=["-at"], name="showing_decided_newest"),
            models.Index(fields=["place", "-at"], name="showing_decided_of_place", condition=~models.Q(place=None)),
        ]


class ShowingWaiting(models.Model):
    """A photo of a shown code that nobody has looked at yet; gone with the decision."""

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=18, db_collation="C")
    showing = models.BigIntegerField()
    serial = models.BigIntegerField()
    area = models.CharField(max_length=24, blank=True)  # of the business when it was sent: whose queue it waits in
    place = models.BigIntegerField(null=True)  # people_unit.id: in whose queue it waits too
    due_on = models.DateField(null=True)  # until when the place is to look at it; later the office goes first
    asked_at = models.DateTimeField()

    class Meta:
        db_table = "codes_showing_waiting"
        indexes = [models.Index(fields=["place", "id"], name="showing_waits_in_place", condition=~models.Q(place=None))]
        constraints = [models.UniqueConstraint(fields=["subject", "showing"], name="showing_waits_once")]


class Elsewhere(models.Model):
    """A code that somebody else issued, as a file of theirs says: the province's. It counts, and it is recognised."""

    pk = models.CompositePrimaryKey("subject_id", "id")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    id = models.BigIntegerField()  # identity, see the migration
    number = models.CharField(max_length=64)
    address = models.CharField(max_length=500, blank=True)
    issued_on = models.DateField(null=True)
    way = models.CharField(max_length=8)  # self, counter, batch
    issuer = models.CharField(max_length=100, db_default="")  # as the public is told; empty: nobody said
    gone = models.BooleanField(db_default=False)
    batch = models.BigIntegerField()
    row = models.IntegerField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "codes_elsewhere"
        indexes = [
            BrinIndex(fields=["batch"], name="elsewhere_of_batch", autosummarize=True, pages_per_range=32),
            # Whose a number is already, nobody knows by the subject of the row that says so.
            models.Index(fields=["number"], name="elsewhere_of_number"),
        ]


class Listed(models.Model):
    """A business has codes in a state: what the office's list needs of it, central, so that a page of it is one look.

    Made from the codes of a subject with each turn, and whenever something of it was touched (`listed.make`).
    """

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=18, db_collation="C")
    state = models.CharField(max_length=12)  # of the codes; or pleas, elsewhere
    area = models.CharField(max_length=24, blank=True)  # of the subject
    newest = models.BigIntegerField()  # the newest code's serial: the order of the list
    shown_until = models.DateField(null=True)  # of active codes: until when one is displayed, as far as is known

    class Meta:
        db_table = "codes_listed"
        constraints = [models.UniqueConstraint(fields=["subject", "state"], name="code_listed_once")]
        indexes = [
            models.Index(fields=["state", "-newest", "-id"], include=["shown_until"], name="code_listed_by_state"),
            models.Index(
                fields=["state", "area", "-newest", "-id"], include=["shown_until"], name="code_listed_of_area"
            ),
        ]


class ScanDay(models.Model):
    """The scans of one code on one day: all of them, by how many devices, and those of programs."""

    pk = models.CompositePrimaryKey("subject_id", "serial", "day")
    subject = models.ForeignKey(
        Subject, on_delete=models.DO_NOTHING, related_name="+", db_column="subject", db_index=False
    )
    serial = models.BigIntegerField()
    day = models.DateField()  # Asia/Shanghai
    scans = models.IntegerField()  # by people
    devices = models.IntegerField()
    bots = models.IntegerField()

    class Meta:
        db_table = "codes_scan_day"


class ScanReached(models.Model):
    """The one row that says up to which number the journal of scans is tallied."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField()

    class Meta:
        db_table = "codes_scan_reached"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="scan_reached_is_one")]


class ScanSeen(models.Model):
    """A device that was counted for a code on a day, by the day's salted hash; forgotten some days after."""

    pk = models.CompositePrimaryKey("day", "serial", "device")
    day = models.DateField()
    serial = models.BigIntegerField()
    device = models.BinaryField(max_length=8)

    class Meta:
        db_table = "codes_scan_seen"


class PrintJob(models.Model):
    """Something that is printed in the background: what was asked for, how far it is, where the file lies."""

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=18, db_collation="C", blank=True)  # empty: of the office, many subjects
    carrier = models.CharField(max_length=32)
    form = models.CharField(max_length=8)  # pdf, zip
    serials = models.JSONField(default=list)
    state = models.CharField(max_length=8)  # waiting, running, done, failed
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    refused = models.JSONField(default=list)  # which codes were left out, and why
    message = models.CharField(max_length=500, blank=True)
    file = models.CharField(max_length=64, blank=True)  # SHA-256 in PRINTS_DIR; empty before, and once forgotten
    size = models.BigIntegerField(default=0)  # bytes
    tries = models.IntegerField(default=0)
    by = models.CharField(max_length=150)
    role = models.CharField(max_length=24)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "codes_print_job"
        indexes = [
            models.Index(fields=["id"], name="print_job_wanted", condition=models.Q(state__in=["waiting", "running"])),
            models.Index(fields=["by", "-id"], name="print_job_of_person"),
            models.Index(fields=["subject", "-id"], name="print_job_of_subject"),
        ]


class Giving(models.Model):
    """批量签发: a list of places that the office gives codes for together, and what came of it.

    Drawn up, then given; one that was given wrongly is taken back as a whole.
    """

    id = models.BigAutoField(primary_key=True)
    subjects = models.JSONField(default=list)  # whose places these are, in the order of the list; one may have several
    labels = models.JSONField(default=list)  # beside them, each place's label; none in lists older than labels
    placement = models.CharField(max_length=16)
    until = models.DateField(null=True)  # of a fair's stands
    label_shown = models.BooleanField(default=False)  # the paper says so
    turned_away = models.JSONField(default=list)  # [what was written, why], as the list was read
    state = models.CharField(max_length=8)  # draft, given, back
    consent = models.CharField(max_length=200, blank=True)  # the paper that says yes for all of them
    proofs = models.JSONField(default=list)  # ids of people_proof: the paper, as pictures
    answers = models.JSONField(default=list)  # [subject, serial or null, state, refusal] of each, once given
    issued = models.IntegerField(default=0)
    by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True)
    back_at = models.DateTimeField(null=True)
    back_why = models.CharField(max_length=500, blank=True)
    cancelled = models.IntegerField(default=0)  # codes, when it was taken back

    class Meta:
        db_table = "codes_giving"
        indexes = [
            models.Index(fields=["by", "-id"], name="giving_of_person"),
            # Of which list a paper is, is asked each time somebody wants to see one.
            GinIndex(fields=["proofs"], name="giving_of_proof", opclasses=["jsonb_path_ops"]),
        ]
