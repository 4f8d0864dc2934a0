"""What a command may end with that is an answer and not a fault: one sentence, no traceback."""

from django.db import OperationalError

from chengxin.credit.codes.keyring import RingBroken
from chengxin.ingest.reading.sniff import NotReadable
from chengxin.people.trail import Refused
from chengxin.pipeline.serve import CannotServe

REFUSALS = (Refused, NotReadable, RingBroken, CannotServe, OperationalError)
