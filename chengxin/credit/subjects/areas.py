"""归属: to which governing area a subject belongs, by hand, by roster or by its address; else its division (rules.WAYS).

Only what differs from the division is said here, and only ever added: the newest row of each way is what that way says,
and the strongest way that says something holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Final, NamedTuple

from django.db import connection, transaction

from chengxin.credit.subjects.models import Attribution, Subject
from chengxin.people import trail
from chengxin.people.trail import Actor, Refused
from chengxin.terms import area as areas

REASON_LENGTH: Final = 200
CHUNK: Final = 2000
REGISTER: Final = "登记信息"
"""Who attributes by address: the register's file."""


class Place(NamedTuple):
    """Where a subject is, as one way says it: an area's code, or nothing; and why."""

    subject: str
    area: str
    reason: str


def attribute(places: Iterable[Place], *, way: str, by: str, batch: int | None, at: datetime) -> int:
    """Add what a way says now, where it differs from what it said before, and return how many that are.

    In the caller's transaction. Of two places of one subject the later counts.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.places")
        cursor.execute(
            """CREATE TEMP TABLE places (number int GENERATED ALWAYS AS IDENTITY, subject varchar(18) COLLATE "C",
               area text, reason text) ON COMMIT DROP"""
        )
        coming = iter(places)
        # A part at a time: the places may be read from this very connection, which cannot be asked in the middle of a COPY.
        while part := list(islice(coming, CHUNK)):
            with cursor.copy("COPY places (subject, area, reason) FROM STDIN") as copy:
                for place in part:
                    copy.write_row((place.subject, place.area, place.reason[:REASON_LENGTH]))
        cursor.execute("ANALYZE places (subject)")
        cursor.execute(
            """WITH wanted AS (SELECT DISTINCT ON (subject) * FROM places ORDER BY subject, number DESC),
               said AS (
                 SELECT DISTINCT ON (a.subject) a.subject, a.area FROM subjects_attribution a JOIN wanted USING (subject)
                 WHERE a.way = %(way)s ORDER BY a.subject, a.id DESC),
               added AS (INSERT INTO subjects_attribution (subject, area, way, reason, by, batch, made_at)
               SELECT w.subject, w.area, %(way)s, w.reason, %(by)s, %(batch)s, %(at)s
               FROM wanted w LEFT JOIN said s USING (subject)
               WHERE coalesce(s.area, '') <> w.area AND EXISTS (SELECT FROM subjects_subject j WHERE j.uscc = w.subject)
               RETURNING subject)
               -- Lists of what lies in an area are made anew from whoever is touched.
               INSERT INTO subjects_touch (subject, bulk) SELECT subject, %(way)s <> 'hand' FROM added""",
            {"way": way, "by": by, "batch": batch, "at": at},
        )
        return int(cursor.rowcount)


def read_addresses(*, batch: int, at: datetime) -> int:
    """Attribute the subjects of the staged entries that are news by their addresses, in the caller's transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            """SELECT e.subject, e.address, e.division FROM pg_temp.counted c JOIN pg_temp.entries e ON e.ctid = c.place
               WHERE c.news ORDER BY e.row"""
        )
        rows = (row for chunk in iter(lambda: cursor.fetchmany(CHUNK), []) for row in chunk)
        return attribute(by_address(rows, on=at.date()), way="address", by=REGISTER, batch=batch, at=at)


def by_address(rows: Iterable[tuple[str, str, str]], *, on: date) -> Iterator[Place]:
    """Yield where subjects are by their addresses on a day; a row is subject, address and registered division."""
    for subject, address, division in rows:
        code, word = areas.by_address(address or "", division or "", on=on)
        yield Place(subject, code, f"住所写有“{word}”" if code else "住所不再在其他管辖区")


def assign(*, subject: str, area: str, reason: str, seen: int, by: Actor, at: datetime) -> None:
    """Attribute a subject by hand, or take back what was said by hand (an empty area).

    :param seen: the newest attribution of the subject that the clerk has seen, 0 for none.
    :raises Refused: there is no such subject or area, no reason, or another clerk has said something meanwhile.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise Refused("请写明理由，例如依据哪份文件或实地核查的结果。")
    if len(reason) > REASON_LENGTH:
        raise Refused(f"理由最多 {REASON_LENGTH} 个字，请写短些。")
    known = areas.find(area) if area else None
    if area and (known is None or not known.stands(at.date())):
        raise Refused("没有这个管辖区，请从列表中选择。")
    with transaction.atomic():
        if not Subject.objects.select_for_update().filter(uscc=subject).exists():
            raise Refused("库中没有这个主体，请核对统一社会信用代码。")
        if newest(subject) != seen:
            raise Refused("刚才有人改过这家的管辖区，请看过现在的情况再决定。")
        attribute([Place(subject, area, reason)], way="hand", by=by.name, batch=None, at=at)
        detail = {"area": area or "taken back"}
        trail.note(by=by, verb="area.assign", thing=f"subject {subject}", at=at, detail=detail)


def newest(subject: str) -> int:
    """Return the number of the newest attribution of a subject, 0 where there is none."""
    return Attribution.objects.filter(subject=subject).order_by("-id").values_list("id", flat=True).first() or 0


def take_back(*, batch: int, void: Sequence[int], by: str, by_batch: int, at: datetime) -> int:
    """Undo, in the caller's transaction, what a batch said of areas: append what was said before it, and return how many.

    `void` are batches undone before, and their undoing. Where another has spoken since, that stays.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH mine AS MATERIALIZED (
                 SELECT DISTINCT subject, way FROM subjects_attribution WHERE batch = %(batch)s),
               counting AS MATERIALIZED (
                 SELECT a.subject, a.way, a.id, a.area, a.reason, a.batch FROM subjects_attribution a
                 JOIN mine USING (subject, way) WHERE a.batch IS NULL OR a.batch <> ALL (%(void)s)),
               stands AS (
                 SELECT DISTINCT ON (subject, way) subject, way, batch FROM counting ORDER BY subject, way, id DESC),
               before AS (
                 SELECT DISTINCT ON (subject, way) subject, way, area, reason FROM counting
                 WHERE batch IS DISTINCT FROM %(batch)s ORDER BY subject, way, id DESC),
               added AS (INSERT INTO subjects_attribution (subject, area, way, reason, by, batch, made_at)
               SELECT s.subject, coalesce(b.area, ''), s.way, coalesce(nullif(b.reason, ''), '撤回'), %(by)s,
                 %(by_batch)s, %(at)s
               FROM stands s LEFT JOIN before b USING (subject, way) WHERE s.batch = %(batch)s
               RETURNING subject)
               INSERT INTO subjects_touch (subject, bulk) SELECT subject, true FROM added""",
            {"batch": batch, "void": list(void), "by": by, "by_batch": by_batch, "at": at},
        )
        return int(cursor.rowcount)


def read_again(*, by: Actor, at: datetime) -> int:
    """Look at every address anew, after the rules for addresses changed, and return for how many subjects that is news."""
    with transaction.atomic():
        with connection.chunked_cursor() as cursor:
            cursor.execute(
                """SELECT subject, CASE WHEN gone THEN '' ELSE body ->> 'DOM' END, division FROM (
                     SELECT DISTINCT ON (subject) * FROM subjects_registration ORDER BY subject, id DESC) newest"""
            )
            rows = (row for chunk in iter(lambda: cursor.fetchmany(CHUNK), []) for row in chunk)
            changed = attribute(by_address(rows, on=at.date()), way="address", by=REGISTER, batch=None, at=at)
        trail.note(by=by, verb="area.read", thing="addresses", at=at, detail={"changed": changed})
    return changed
