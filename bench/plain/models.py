"""The tables of the plain project."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models


class Key(models.Model):
    """A public key that codes are signed with."""

    objects: ClassVar[models.Manager[Self]]
    number = models.PositiveSmallIntegerField(primary_key=True)
    public_key = models.BinaryField()


class City(models.Model):
    """Who issues the codes."""

    objects: ClassVar[models.Manager[Self]]
    document = models.JSONField()


class Subject(models.Model):
    """One business, as the register has it."""

    objects: ClassVar[models.Manager[Self]]
    uscc = models.CharField(max_length=18, primary_key=True)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=24)
    kind = models.CharField(max_length=100)
    lines = models.JSONField()
    source = models.CharField(max_length=200)
    received_on = models.DateField()
    trade = models.CharField(max_length=100)
    place = models.CharField(max_length=100)
    as_of = models.DateTimeField()


class Code(models.Model):
    """One code that was issued."""

    objects: ClassVar[models.Manager[Self]]
    serial = models.BigIntegerField(primary_key=True)
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE)
    state = models.CharField(max_length=12)
    placement = models.CharField(max_length=16)
    label = models.CharField(max_length=60, blank=True)


class Record(models.Model):
    """One public record of a business."""

    objects: ClassVar[models.Manager[Self]]
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE)
    section = models.CharField(max_length=16)
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    lines = models.JSONField()
    source = models.CharField(max_length=200)
    source_code = models.CharField(max_length=18)
    decided_on = models.DateField()
    received_on = models.DateField()
    until = models.DateField(null=True)
    ends = models.DateField(null=True)
    ends_word = models.CharField(max_length=10)
