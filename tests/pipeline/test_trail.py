"""`chengxin trail`: a whole chain is told from a broken one."""

from __future__ import annotations

import argparse
import json

import pytest

from chengxin.people import trail
from chengxin.people.models import Trail
from chengxin.pipeline.commands import trail as command
from tests.make import CLERK, NOW

pytestmark = pytest.mark.django_db
ASKED = argparse.Namespace(json=True)


@pytest.mark.parametrize(
    "tamper, status, broken",
    [(lambda: None, 0, None), (lambda: Trail.objects.filter(verb="second").update(by="别人"), 1, 2)],
    ids=["whole", "a row was changed"],
)
def test_the_chain_is_gone_through(tamper, status: int, broken: int | None, capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("first", "second", "third"):
        trail.note(by=CLERK, verb=verb, thing="x", at=NOW)
    trail.seal(at=NOW)
    tamper()

    assert command.run(ASKED) == status
    said = json.loads(capsys.readouterr().out)
    assert (said["sealed"], said["broken"]) == (3, broken)
