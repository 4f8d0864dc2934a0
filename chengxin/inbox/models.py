"""The inbox's tables. The public role may add to these, and neither read nor change them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Func, IntegerField, Q
from django.db.models.lookups import LessThanOrEqual

from chengxin.inbox import fakes


class InboxScan(models.Model):
    """One scan of a code: when, which, what was found. The device stands only as the day's salted hash, never an IP.

    The database numbers them in the order in which they came (column `number`, see migration 0005; no field here, as
    nobody ever writes it): whoever tallies goes on from where it stopped, however late a scan is written.
    """

    id = models.UUIDField(primary_key=True)  # made by the public process: it may not read, so no RETURNING
    at = models.DateTimeField()
    serial = models.BigIntegerField(null=True)
    verdict = models.CharField(max_length=16)
    device = models.BinaryField(max_length=8)
    bot = models.BooleanField(db_default=False)  # by the browser's own words, which are not kept; before 0005 not asked

    class Meta:
        db_table = "inbox_scan"
        indexes = [models.Index(fields=["serial", "at"], name="inbox_scan_of_serial")]


class InboxFake(models.Model):
    """One report of a fake code, as somebody handed it in: what is wrong, where, perhaps a picture. Nobody's name.

    Never changed, but for the photo and the point, which are destroyed some time after the case is closed.
    """

    id = models.UUIDField(primary_key=True)  # made of what it says: the same report twice is one row
    at = models.DateTimeField()
    receipt = models.CharField(max_length=fakes.RECEIPT_DIGITS)
    wrong = models.CharField(max_length=16)
    code = models.CharField(max_length=fakes.CODE_LENGTH)
    serial = models.BigIntegerField(null=True)  # where the code is one of ours
    verdict = models.CharField(max_length=16)  # what the code verified as when it was reported; empty without a code
    where = models.CharField(max_length=fakes.WHERE_LENGTH)
    words = models.CharField(max_length=fakes.WORDS_LENGTH)
    lat = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    lon = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    photo = models.BinaryField(max_length=fakes.PHOTO_BYTES, null=True)  # a JPEG drawn anew
    point_consent = models.BooleanField()
    photo_consent = models.BooleanField()
    consent = models.CharField(max_length=16)  # the version of the words that were agreed to
    device = models.BinaryField(max_length=8)  # the day's salted hash, as in the journal of scans

    class Meta:
        db_table = "inbox_fake"
        indexes = [
            models.Index(fields=["-at"], name="inbox_fake_newest"),
            models.Index(fields=["receipt"], name="inbox_fake_of_receipt"),
            models.Index(
                fields=["at"], name="inbox_fake_with_traces", condition=Q(photo__isnull=False) | Q(lat__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(wrong__in=list(fakes.WRONGS)), name="inbox_fake_wrong_is_known"),
            models.CheckConstraint(
                condition=Q(photo__isnull=True) | Q(photo_consent=True), name="inbox_fake_photo_by_consent"
            ),
            models.CheckConstraint(
                condition=Q(lat__isnull=True, lon__isnull=True)
                | Q(lat__isnull=False, lon__isnull=False, point_consent=True),
                name="inbox_fake_point_by_consent",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(
                    Func(F("photo"), function="octet_length", output_field=IntegerField()), fakes.PHOTO_BYTES
                ),
                name="inbox_fake_photo_is_small",
            ),
        ]
