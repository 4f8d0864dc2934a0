"""What came in, and what was set aside."""

from __future__ import annotations

from django.db import models

from chengxin.people.models import Unit


class Batch(models.Model):
    """One file taken in: what it was, from whom, how far it has come, and what became of its rows.

    `rows` = `accepted` + `unchanged` + `rejected`; `changed` is a part of `accepted`, `waiting` a part of `rejected`.
    The states and what may follow which stand in `batches.py`.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField("种类", max_length=32)
    source = models.CharField("来源", max_length=200)
    source_code = models.CharField(max_length=18, blank=True)
    source_name = models.CharField(max_length=200, db_default="default")  # sources.find
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")  # whose account sent it
    way = models.CharField(max_length=12, db_default="command")  # upload, command, folder, api, hand (an undo)
    file_name = models.CharField("文件", max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField("字节")
    encoding = models.CharField(max_length=16)
    state = models.CharField(max_length=12, db_default="applied")
    wanted = models.CharField(max_length=12, db_default="")  # what a worker is to do next: check, apply
    message = models.CharField(max_length=500, blank=True, db_default="")  # why it failed, in one sentence
    catalogue = models.CharField(max_length=32, blank=True, db_default="")  # digest of the kind it was read by
    rows = models.IntegerField("行数", default=0)
    accepted = models.IntegerField("接收", default=0)
    changed = models.IntegerField("更新", default=0, db_default=0)
    unchanged = models.IntegerField("未变", default=0)
    rejected = models.IntegerField("搁置", default=0)
    waiting = models.IntegerField("待匹配", default=0)
    warnings = models.IntegerField("警告", default=0, db_default=0)
    difference = models.JSONField(default=dict, db_default={})  # a sample of what changes, made by the check
    progress_rows = models.IntegerField(default=0, db_default=0)
    progress_share = models.FloatField(null=True)
    same_as = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")  # the identical file
    undoes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    request_client = models.CharField(max_length=150, db_default="", blank=True)
    request_key = models.CharField(max_length=100, db_default="", blank=True)
    received_at = models.DateTimeField("收到")
    checked_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=150)
    role = models.CharField(max_length=24, blank=True, db_default="")  # of whoever sent it
    tries = models.IntegerField(default=0, db_default=0)  # of a worker, since something last came of one

    class Meta:
        db_table = "ingest_batch"
        constraints = [
            # Not one row is lost without a trace.
            models.CheckConstraint(
                condition=~models.Q(state="applied")
                | models.Q(rows=models.F("accepted") + models.F("unchanged") + models.F("rejected")),
                name="batch_every_row_counted",
            ),
            models.UniqueConstraint(
                fields=["request_client", "request_key"], condition=~models.Q(request_key=""), name="batch_request_once"
            ),
            models.UniqueConstraint(fields=["undoes"], name="batch_undone_once"),
        ]
        indexes = [
            models.Index(fields=["sha256"], name="batch_of_file"),
            models.Index(fields=["id"], name="batch_wanted", condition=~models.Q(wanted="")),
            models.Index(fields=["unit", "-id"], name="batch_of_unit"),
        ]


class SetAside(models.Model):
    """One row that could not be used, with its reason. Never dropped; a waiting row is taken when its subject comes."""

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="+")
    row = models.IntegerField("行")
    subject = models.CharField(max_length=18, blank=True, db_collation="C")
    claim = models.CharField(max_length=300, blank=True, db_default="", db_collation="C")  # whom the row says it is of
    code = models.CharField("代码", max_length=8)
    column = models.CharField("列", max_length=64, blank=True)
    message = models.CharField("原因", max_length=500)
    body = models.JSONField()  # the row by field code, without the columns that name a person's papers
    waiting = models.BooleanField(default=False)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ingest_set_aside"
        indexes = [
            models.Index(fields=["batch", "row"], name="set_aside_of_batch"),
            models.Index(fields=["subject"], name="set_aside_waiting", condition=models.Q(waiting=True)),
            models.Index(fields=["claim"], name="set_aside_claim", condition=models.Q(waiting=True)),
        ]


class Decision(models.Model):
    """What a clerk decided about rows that claim to be of somebody: whose they are, or nobody's. The newest counts."""

    id = models.BigAutoField(primary_key=True)
    claim = models.CharField(max_length=300, db_collation="C")
    subject = models.CharField(max_length=18, blank=True, db_collation="C")  # empty: nobody of the register
    reason = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "ingest_decision"
        indexes = [models.Index(fields=["claim", "-id"], name="decision_of_claim")]


class Tally(models.Model):
    """How often something was counted of one source's rows in one batch: a finding's code, or what became of rows.

    `code` is a check's code with its column, or `rows`, `accepted`, `changed`, `unchanged`, `rejected`, `late`, `hidden`.
    """

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="+")
    source_code = models.CharField(max_length=18, blank=True, db_collation="C")
    code = models.CharField(max_length=12)
    column = models.CharField(max_length=64, blank=True)
    level = models.CharField(max_length=8, blank=True)
    count = models.IntegerField()

    class Meta:
        db_table = "ingest_tally"
        indexes = [models.Index(fields=["batch"], name="tally_of_batch")]


class ZeroReport(models.Model):
    """零报告: a unit says that it made no decision of a kind in a month."""

    id = models.BigAutoField(primary_key=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=32)
    month = models.DateField()  # its first day
    by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "ingest_zero_report"
        constraints = [models.UniqueConstraint(fields=["unit", "kind", "month"], name="zero_report_once")]
