"""POST /records: a body of rows becomes a batch, once for each request key."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Final, Literal

from django.conf import settings
from django.http import HttpRequest

from chengxin.api.body import taken_in
from chengxin.api.problem import Problem, tongue
from chengxin.credit.records import catalogue
from chengxin.ingest import batches, sources
from chengxin.ingest.models import Batch
from chengxin.ingest.reading.table import NotReadable
from chengxin.ingest.sources import Source
from chengxin.people.clients import Machine
from chengxin.people.trail import Refused

FORMATS: Final = {
    "application/x-ndjson": "jsonl",
    "application/jsonl": "jsonl",
    "text/csv": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
"""Media types that are taken, and the ending of the file's name. What the bytes are is told by the bytes themselves."""

KEY: Final = r"^[!-~]{1,100}$"
"""A request key: visible ASCII, as a UUID or a sender's own serial number is."""


def receive(
    request: HttpRequest,
    who: Machine,
    *,
    kind: str,
    source: str,
    mode: Literal["preview", "apply"],
    key: str,
    at: datetime,
) -> tuple[Batch, bool]:
    """Take in a request's body; return its batch, and whether it is new.

    :raises Problem: it cannot be taken; nothing of it is kept.
    """
    if kind not in catalogue.KINDS:
        raise Problem("no-such-kind", kind=kind[:100])
    ending = FORMATS.get((request.content_type or "").lower())
    if ending is None:
        raise Problem("unsupported", types=", ".join(FORMATS), headers={"Accept-Post": ", ".join(FORMATS)})
    of = source_of(who, source)
    with taken_in(request, limit=settings.INTAKE_MAX_BYTES) as body:
        try:
            batch = batches.receive(
                file=body,
                file_name=f"{re.sub(r'[^0-9A-Za-z._-]', '_', key)}.{ending}",
                kind=kind,
                source=of,
                way="api",
                by=who.actor,
                unit=who.unit,
                at=at,
                then="apply" if mode == "apply" else "check",
                request=(who.client, key),
            )
        except batches.Conflict as error:
            raise Problem("key-used") from error
        except (Refused, NotReadable) as error:
            raise Problem("not-readable", said=_sentence(request, str(error))) from error
    return batch, batch.received_at == at


def source_of(who: Machine, name: str) -> Source:
    """Return the source that a unit's system sends as: the unit itself, or a file of `ingest/sources` that is its own.

    :raises Problem: the source is another unit's.
    """
    if not name:
        return Source(name=sources.DEFAULT, label=who.unit_name, unit=who.unit_name, uscc=who.unit_uscc)
    found = sources.catalogue().get(name)
    if found is None or found.unit not in ("", who.unit_name) or found.uscc not in ("", who.unit_uscc):
        raise Problem("not-your-source", source=name[:100])
    return replace(found, unit=who.unit_name, uscc=who.unit_uscc)


def _sentence(request: HttpRequest, chinese: str) -> str:
    """The intake speaks Chinese: an English reader is told that a Chinese sentence follows."""
    return chinese if tongue(request) == "zh" else f"The intake says (in Chinese): {chinese}"
