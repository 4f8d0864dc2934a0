"""What comes back to a business: rows it wrote on a page that did not go in after all, in a message to it.

Who sends a file looks at its batch; who writes on a page has none, and everything was checked before it was sent. What is
left are the checks over the whole set and a worker that broke three times: rare, and not to be silent for that.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
from django.conf import settings

from chengxin.credit.records import catalogue
from chengxin.credit.subjects import messages
from chengxin.credit.subjects.models import Subject
from chengxin.ingest import store
from chengxin.ingest.models import Batch, SetAside

PAGE: Final = "page"
PAGES: Final = {"commitment": "my-commitments", "declaration": "my-declarations"}
"""Kind → the page of a business where what it wrote of that kind stands."""
AT_MOST: Final = 5000
NO_REASON: Final = "处理时程序出错，已试过三次"


def tell_back(batch: Batch, *, at: datetime) -> None:
    """Tell the businesses whose rows of a page's batch did not go in, in the caller's transaction. Others' stay silent."""
    if batch.way != PAGE:
        return
    kind = catalogue.kind(batch.kind)
    left = SetAside.objects.filter(batch=batch).exclude(subject="").order_by("row")
    why: dict[str, str] = {}
    if batch.state == "failed":
        why = dict.fromkeys(_named(batch), batch.message or NO_REASON)
    else:
        for subject, message in left.values_list("subject", "message")[:AT_MOST]:
            why.setdefault(subject, message)
    known = set(Subject.objects.filter(uscc__in=why).values_list("uscc", flat=True))
    for subject, said in why.items():
        if subject not in known:
            continue
        messages.tell(
            subjects=[subject],
            about=batch.kind,
            title=f"{kind.label}没有入库",
            text=f"{said.rstrip('。')}。请核对后再提交一次；仍不成的，请把批次号 {batch.pk} 告诉信用办。",
            by="信用信息平台",
            at=at,
            page=PAGES.get(batch.kind, ""),
        )


def _named(batch: Batch) -> list[str]:
    """Return whom the rows of a page's file are of; nobody where the file is past its time."""
    decode = msgspec.json.Decoder(dict[str, str]).decode
    column = catalogue.kind(batch.kind).roles.subject
    try:
        lines = store.place(settings.FILES_DIR, batch.sha256).read_bytes().splitlines()
    except FileNotFoundError:
        return []
    return sorted({decode(line).get(column, "") for line in lines} - {""})
