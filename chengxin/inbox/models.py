"""The inbox's tables. The public role may add to these, and neither read nor change them."""

from __future__ import annotations

from django.db import models


class InboxScan(models.Model):
    """One scan of a code: when, which, what was found. The device stands only as the day's salted hash, never an IP."""

    id = models.UUIDField(primary_key=True)  # made by the public process: it may not read, so no RETURNING
    at = models.DateTimeField()
    serial = models.BigIntegerField(null=True)
    verdict = models.CharField(max_length=16)
    device = models.BinaryField(max_length=8)

    class Meta:
        db_table = "inbox_scan"
        indexes = [models.Index(fields=["serial", "at"], name="inbox_scan_of_serial")]
