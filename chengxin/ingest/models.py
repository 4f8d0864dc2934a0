"""What came in, and what was set aside."""

from __future__ import annotations

from django.db import models


class Batch(models.Model):
    """One file taken in: what it was, from whom, and what became of its rows."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField("种类", max_length=32)
    source = models.CharField("来源", max_length=200)
    source_code = models.CharField(max_length=18, blank=True)
    file_name = models.CharField("文件", max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField("字节")
    encoding = models.CharField(max_length=16)
    rows = models.IntegerField("行数", default=0)
    accepted = models.IntegerField("接收", default=0)
    unchanged = models.IntegerField("未变", default=0)
    rejected = models.IntegerField("搁置", default=0)
    waiting = models.IntegerField("待匹配", default=0)
    received_at = models.DateTimeField("收到")
    by = models.CharField(max_length=150)

    class Meta:
        db_table = "ingest_batch"


class SetAside(models.Model):
    """One row that could not be used, with its reason. Never dropped; a waiting row is taken when its subject comes."""

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="+")
    row = models.IntegerField("行")
    subject = models.CharField(max_length=18, blank=True, db_collation="C")
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
        ]
