"""Who is here and what they did."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.crypto import salted_hmac

from chengxin.people.roles import labelled


class Unit(models.Model):
    """One unit of the directory: a department, a county's credit office, a mall, a park. It is closed, never deleted."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField("名称", max_length=200, unique=True)
    short = models.CharField("简称", max_length=40, blank=True)
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True, db_collation="C")
    area = models.CharField("管辖区", max_length=24, blank=True)  # a code of terms.area; empty: the whole city
    former_names = models.JSONField("曾用名", default=list)  # names that files of earlier years still call it by
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        db_table = "people_unit"
        constraints = [
            models.UniqueConstraint(fields=["uscc"], condition=~models.Q(uscc=""), name="unit_uscc_once"),
        ]


class User(AbstractUser):
    """Someone who may sign in. What they may do follows from the role, what they see from role and unit (roles.py)."""

    role = models.CharField("角色", max_length=24, choices=labelled)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField("姓名", max_length=60, blank=True)
    sessions_ended = models.IntegerField(
        default=0
    )  # how often all sessions were ended; each carries the number of its day

    class Meta:
        db_table = "people_user"

    def get_session_auth_hash(self) -> str:
        """Return what a session must carry to be this account's still: another password, or an end of all, ends it."""
        said = f"{self.password}:{self.sessions_ended}"
        return salted_hmac("chengxin.people.models.User", said, algorithm="sha256").hexdigest()


class Invitation(models.Model):
    """A link that opens one account, once, until a day. Kept by its digest: who reads the table cannot use it."""

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of what stands in the link
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=24)
    name = models.CharField("姓名", max_length=60)
    by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # used, or taken back
    username = models.CharField(max_length=150, blank=True)  # the account it became, or gives a new password to

    class Meta:
        db_table = "people_invitation"


class Phone(models.Model):
    """The telephone number that somebody of a business signs in with. Never in a trail, a log or an address."""

    id = models.BigAutoField(primary_key=True)
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    number = models.CharField(max_length=20, unique=True)
    verified_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "people_phone"


class PhoneCode(models.Model):
    """验证码: six digits sent to a number, good once, for minutes, for one purpose. Numbers and addresses are kept by digest."""

    id = models.BigAutoField(primary_key=True)
    number = models.CharField(max_length=64)  # keyed digests, all three
    address = models.CharField(max_length=64)  # of whoever asked
    digest = models.CharField(max_length=64)
    about = models.CharField(max_length=12)  # phone_codes.PURPOSES
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)  # used, or used up

    class Meta:
        db_table = "people_phone_code"
        indexes = [
            models.Index(fields=["number", "-sent_at"], name="phone_code_of_number"),
            models.Index(fields=["address", "-sent_at"], name="phone_code_of_address"),
            models.Index(fields=["sent_at"], name="phone_code_of_day"),
        ]


class Binding(models.Model):
    """绑定: a person acts for a business, in a part, on some proof. Ended, never deleted; the trail says what became of it."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=18, db_collation="C")
    part = models.CharField(max_length=12)  # parts.PARTS: legal, agent, staff
    proven_by = models.CharField(max_length=12)  # parts.LEVELS
    name = models.CharField(max_length=60, blank=True)  # who they said to be, for whoever compares it with the papers
    state = models.CharField(max_length=12)  # waiting, provisional, accepted, refused, ended
    proofs = models.JSONField(default=list)  # ids of people_proof
    why = models.CharField(max_length=500, blank=True)  # of a refusal, an end or a doubt
    appeal = models.CharField(max_length=500, blank=True)
    contested = models.BooleanField(default=False)  # somebody else stood bound, or claimed, when this was asked for
    area = models.CharField(max_length=24, blank=True)  # of the business when it was asked for: whose queue it waits in
    asked_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)
    seen_at = models.DateTimeField(null=True)  # when its messages were last read

    class Meta:
        db_table = "people_binding"
        indexes = [
            models.Index(fields=["subject"], name="binding_of_subject"),
            models.Index(
                fields=["due_on", "id"],
                name="binding_queue",
                condition=models.Q(state__in=["waiting", "provisional"]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "subject"],
                condition=models.Q(state__in=["waiting", "provisional", "accepted"]),
                name="binding_once",
            ),
        ]


class Call(models.Model):
    """店内邀请: a link, or a telephone number, by which somebody of a business takes another on, once, until a day.

    Kept by its digest. The number is emptied when the call ends.
    """

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of what stands in the link
    subject = models.CharField(max_length=18, db_collation="C")
    part = models.CharField(max_length=12)
    phone = models.CharField(max_length=20, blank=True)  # only whoever has it may come in by the link
    by = models.ForeignKey(Binding, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # used, or taken back

    class Meta:
        db_table = "people_call"
        indexes = [
            models.Index(fields=["subject"], name="call_of_subject", condition=models.Q(ended_at=None)),
            models.Index(fields=["phone"], name="call_of_phone", condition=~models.Q(phone="")),
        ]


class Proof(models.Model):
    """证明材料: a paper or a photo that somebody handed in, drawn anew; its pages lie beside the other files, by digest."""

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=18, db_collation="C")  # of whom it speaks; it need not be registered yet
    about = models.CharField(max_length=24)  # binding, newcomer, declaration, showing, judgment, consent
    name = models.CharField(max_length=100)  # the file's name as handed in, its personal data blotted
    pages = models.JSONField(default=list)  # SHA-256 of each page, a JPEG
    size = models.IntegerField()  # bytes of all pages
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        db_table = "people_proof"
        indexes = [
            models.Index(fields=["subject", "-id"], name="proof_of_subject"),
            GinIndex(fields=["pages"], name="proof_of_page"),
        ]


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
        indexes = [
            models.Index(fields=["verb", "-id"], name="trail_of_verb"),
            models.Index(fields=["thing", "-id"], name="trail_of_thing"),
            models.Index(fields=["by", "-id"], name="trail_of_person"),
            models.Index(fields=["at"], name="trail_of_day"),
        ]


class TrailSeal(models.Model):
    """A trail row's place in the hash chain. A job seals every second; a changed or missing row breaks the chain."""

    number = models.BigIntegerField(primary_key=True)
    trail = models.OneToOneField(Trail, on_delete=models.DO_NOTHING, related_name="+")
    digest = models.BinaryField(max_length=32)

    class Meta:
        db_table = "people_trail_seal"
