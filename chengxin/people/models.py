"""Who is here and what they did."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from chengxin.people.roles import labelled


class User(AbstractUser):
    """Someone who may sign in. What they may do follows from the role alone (roles.py)."""

    role = models.CharField("角色", max_length=24, choices=labelled)

    class Meta:
        db_table = "people_user"


class Trail(models.Model):
    """One act: who did what to which thing, when. Written in the act's transaction; one row a batch, not a row a row."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)  # by text, not by key: it outlives what it names
    role = models.CharField(max_length=24)
    verb = models.CharField(max_length=60)
    thing = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)

    class Meta:
        db_table = "people_trail"


class TrailSeal(models.Model):
    """A trail row's place in the hash chain. A job seals every second; a changed or missing row breaks the chain."""

    number = models.BigIntegerField(primary_key=True)
    trail = models.OneToOneField(Trail, on_delete=models.DO_NOTHING, related_name="+")
    digest = models.BinaryField(max_length=32)

    class Meta:
        db_table = "people_trail_seal"
