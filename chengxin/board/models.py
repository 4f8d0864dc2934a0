"""The board's tables. The public role may read these, and nothing else."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from chengxin.board.verdict import STORED


class BoardCode(models.Model):
    """One code that was issued: its serial, whom it names, where it hangs, and whether it stands."""

    serial = models.BigIntegerField(primary_key=True)
    holder_kind = models.CharField(max_length=8)
    holder = models.CharField(max_length=18, db_collation="C")
    state = models.CharField(max_length=12)
    placement = models.CharField(max_length=16)
    label = models.CharField(max_length=60, blank=True)
    bits = models.BigIntegerField(null=True)  # short profile only
    issued_on = models.DateField()
    ended = models.BooleanField(default=False, db_default=False)  # the holder's registration: 注销 or 撤销

    class Meta:
        db_table = "board_code"
        indexes = [
            models.Index(fields=["holder"], name="board_code_of_holder"),
            # The status list is made of these alone: few among millions.
            models.Index(
                fields=["serial"], name="board_code_stopped", condition=~models.Q(state="active") | models.Q(ended=True)
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=STORED), name="board_code_state_is_known"),
        ]


class BoardCard(models.Model):
    """All that the public may know of one holder, as one document."""

    pk = models.CompositePrimaryKey("holder", "kind")
    holder = models.CharField(max_length=18, db_collation="C")
    kind = models.CharField(max_length=8)
    document = models.TextField()
    good_until = models.DateTimeField()
    posted_at = models.DateTimeField()

    class Meta:
        db_table = "board_card"
        indexes = [models.Index(fields=["good_until"], name="board_card_good_until")]


class BoardName(models.Model):
    """The name of one holder whose card is posted, as it is found: with what a list of results says of it."""

    pk = models.CompositePrimaryKey("holder", "kind")
    holder = models.CharField(max_length=18, db_collation="C")
    kind = models.CharField(max_length=8)
    name = models.TextField()
    place = models.TextField(blank=True)
    trade = models.TextField(blank=True)
    state = models.CharField(max_length=24)  # of registration
    keys = ArrayField(models.IntegerField())  # of terms.finding

    class Meta:
        db_table = "board_name"
        # Without a list of what is not indexed yet: each of a question's dozens of looks would go through it.
        indexes = [GinIndex(fields=["keys"], name="board_name_keys", fastupdate=False)]


class BoardElsewhere(models.Model):
    """One code that somebody else issued, and whose it is: known again by its number, or by the digest of its address."""

    number = models.CharField(max_length=64, primary_key=True)  # as `elsewhere.number` folds it
    holder_kind = models.CharField(max_length=8)
    holder = models.CharField(max_length=18, db_collation="C")
    address = models.CharField(max_length=64, blank=True)  # elsewhere.digest; several may have one
    issuer = models.CharField(max_length=100, blank=True)
    issued_on = models.DateField(null=True)

    class Meta:
        db_table = "board_elsewhere"
        indexes = [
            models.Index(fields=["holder"], name="board_elsewhere_of_holder"),
            models.Index(fields=["address"], name="board_elsewhere_address", condition=~models.Q(address="")),
        ]


class BoardKey(models.Model):
    """One public key that codes were signed with. Old keys stay: what they signed still hangs on doors."""

    number = models.PositiveSmallIntegerField(primary_key=True)
    public_key = models.BinaryField(max_length=32)
    since = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "board_key"


class BoardStatus(models.Model):
    """The one row with the signed status list: what a verifier without a network goes by."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    document = models.TextField()
    key = models.PositiveSmallIntegerField()  # the number of the key that signed it
    digest = models.BinaryField(max_length=32)  # of what it says: the same list is not signed anew
    made_at = models.DateTimeField()

    class Meta:
        db_table = "board_status"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="board_status_is_one")]


class BoardCity(models.Model):
    """The one row with the city's face."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    document = models.TextField()
    logo = models.BinaryField(null=True, max_length=200_000)
    posted_at = models.DateTimeField()

    class Meta:
        db_table = "board_city"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="board_city_is_one")]


class BoardSalt(models.Model):
    """The salt of one day's device hashes. Yesterday's is deleted, and with it every way back to a device."""

    day = models.DateField(primary_key=True)
    salt = models.BinaryField(max_length=32)

    class Meta:
        db_table = "board_salt"
