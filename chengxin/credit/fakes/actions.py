"""Acts on reports of fake codes."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from chengxin.credit.fakes.models import NOTE_LENGTH, Handling
from chengxin.inbox.fakes import masked
from chengxin.inbox.models import InboxFake
from chengxin.people import trail
from chengxin.people.trail import Actor, Refused

FORGOTTEN_AT_ONCE = 1_000


@transaction.atomic
def handle(*, key: UUID, note: str, seen: int, by: Actor, at: datetime) -> bool:
    """Note what was done about a report, and tell whether that is news: the same note sent twice is one.

    `seen` is how many notes there were when this one was written.

    :raises Refused: the note is empty or too long, or somebody noted something meanwhile; the message says which.
    :raises InboxFake.DoesNotExist: there is no such report.
    """
    note = masked(note.replace("\0", "").strip())  # PostgreSQL keeps no NUL; a browser sends none
    if not note:
        raise Refused("请写明怎样处理的。")
    if len(note) > NOTE_LENGTH:
        raise Refused(f"处理说明最多 {NOTE_LENGTH} 个字，现在有 {len(note)} 个，请缩短。")
    # Locked, so that one note sent twice at the same moment is one as well.
    fake = InboxFake.objects.select_for_update().only("pk", "receipt").get(pk=key)
    handlings = Handling.objects.filter(fake=fake).order_by("-id")
    newest = handlings.first()
    if newest is not None and (newest.note, newest.by) == (note, by.name):
        return False
    if newest is not None and handlings.count() > seen:
        raise Refused(f"您写的时候，{newest.by} 已经记下了处理情况，见上面：请看过以后再记。")
    Handling.objects.create(fake=fake, note=note, at=at, by=by.name)
    trail.note(by=by, verb="fake.handle", thing=f"fake {fake.receipt}", at=at, detail={"key": str(fake.pk)})
    return True


@transaction.atomic
def forget(*, at: datetime, after: timedelta) -> int:
    """Destroy photos and points of cases closed longer ago than `after` (counted from the last note); return how many.

    《个人信息保护法》第 19 条: no longer than the purpose needs. What the reporter wrote stays with the case.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE inbox_fake SET photo = NULL, lat = NULL, lon = NULL
               WHERE id IN (
                 SELECT f.id FROM inbox_fake f JOIN fakes_handling h ON h.fake_id = f.id
                 WHERE (f.photo IS NOT NULL OR f.lat IS NOT NULL) AND f.at <= %s
                 GROUP BY f.id HAVING max(h.at) <= %s LIMIT %s)""",
            [at - after, at - after, FORGOTTEN_AT_ONCE],
        )
        count = int(cursor.rowcount)
    if count:
        trail.note(by=Actor("pipeline", "pipeline"), verb="fake.forget", thing=f"{count} fakes", at=at)
    return count
