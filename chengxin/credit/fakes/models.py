"""举报处理: what the office did about reports of fake codes. The reports themselves lie in the inbox."""

from __future__ import annotations

from django.db import models

from chengxin.inbox.models import InboxFake

NOTE_LENGTH = 500


class Handling(models.Model):
    """One thing done about one report: the first closes the case, a later one adds to it. Never changed."""

    id = models.BigAutoField(primary_key=True)
    fake = models.ForeignKey(InboxFake, on_delete=models.DO_NOTHING, related_name="+")
    note = models.CharField(max_length=NOTE_LENGTH)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)

    class Meta:
        db_table = "fakes_handling"
