"""What people do in the demo: its account's businesses live, and the office's queues hold something to decide.

Acts as everybody does them; of scans alone the journal is written at once, and tallied as it always is. A small demo
lacks some of the businesses, and so some of the acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from chengxin.credit.applications import actions as applications
from chengxin.credit.applications import consents, rules
from chengxin.credit.applications.rules import Declared
from chengxin.credit.codes import actions as issuing
from chengxin.credit.codes import giving, scans, showing
from chengxin.credit.codes import queries as codes
from chengxin.credit.codes.places import Place
from chengxin.credit.subjects import queries as subjects
from chengxin.credit.subjects import successions
from chengxin.people import looks, owners, queries
from chengxin.people.models import User
from chengxin.people.trail import Actor
from chengxin.pipeline.demo import owners as account
from chengxin.pipeline.demo import pictures, units
from chengxin.pipeline.demo.businesses import STRANGERS, World, serial
from chengxin.pipeline.demo.dice import Dice
from chengxin.portals.shared import applying, claiming, newcoming, placing, proofs
from chengxin.portals.shared.claiming import Claimed
from chengxin.terms import uscc

CHINA: Final = ZoneInfo("Asia/Shanghai")
CLERK: Final = Actor("clerk", "credit_office")
MALL: Final = Actor("mall", "place")
DAYS: Final = 90
CABS: Final = 30
STALLS: Final = 10
SCANNED: Final = 40
"""So many codes of other businesses are scanned too."""
OTHERS: Final = ("陈演示", "林演示", "周演示", "何演示")
"""Who else has an account at the businesses' door: telephones like the demo's own, without a password."""


def bring_in(*, world: World, at: datetime) -> None:
    """Let the demo's people do what they do: once, all of it or nothing. What they enter is taken in by whoever gathers."""
    with transaction.atomic():
        account.open_one(at=at)
        owner = account.of_demo()
        if owner is None:
            return
        own = account.businesses(today=world.today.isoformat())
        shops = _uncoded(len(OTHERS), beside=set(own.values()))
        if restaurant := own.get(account.RESTAURANT):
            _live(restaurant, owner, at=at)
            _contest(restaurant, _person(0, at), at=at)
        if firm := own.get(account.TAXIS):
            _place_cabs(firm, owner, at=at)
        if len(shops) >= len(OTHERS):
            _wait(shops[0], _person(1, at), at=at)
            _appeal(shops[1], _person(2, at), at=at)
            _claim(shops[2], _person(3, at), at=at)
            _ask_in(world, _person(3, at), at=at)
        _give_a_market(beside={*own.values(), *shops}, at=at)
        _let_the_mall_look(_person(2, at), beside=set(own.values()), at=at)
        _go_on(at=at)
        _scan(sorted(own.values()), seed=world.seed, today=timezone.localdate(at))


def _person(number: int, at: datetime) -> User:
    telephone = f"+861390000000{number + 1}"
    return owners.of_number(telephone) or owners.sign_up(name=OTHERS[number], number=telephone, at=at)


def _uncoded(count: int, *, beside: set[str], division: str = "23") -> list[str]:
    """Return shops that have no code, of a division or what lies in it, the same each time."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT subject FROM subjects_registration r
               WHERE industry LIKE 'F52%%' AND kind = 'individual' AND state = 'active' AND body ->> 'LEREP' <> ''
                 AND subject <> ALL (%s) AND starts_with(division, %s)
                 AND NOT EXISTS (SELECT FROM codes_code c WHERE c.subject = r.subject)
                 AND NOT EXISTS (SELECT FROM subjects_registration n WHERE n.subject = r.subject AND n.id > r.id)
               ORDER BY subject LIMIT %s""",
            [sorted(beside), division, count],
        )
        return [subject for (subject,) in cursor.fetchall()]


# ---- The account's own businesses --------------------------------------------------------------------------------


def _live(subject: str, owner: User, *, at: datetime) -> None:
    """Let a restaurant declare, commit itself, say one word too much, and show its code; the office looks at its file."""
    items = (
        Declared("产品服务介绍", "手工东北饺子，现包现煮", text="面粉和肉菜来自本地农户，后厨可以参观。"),
        Declared("志愿服务", "冬季清雪志愿服务", issuer="街道办事处（演示）", given_on=timezone.localdate(at)),
    )
    offered = applying.offered(subjects.registrations([subject])[0], today=timezone.localdate(at))
    _send(subject, owner, items, commitment=offered[0].name if offered else "", at=at)
    _send(subject, owner, (Declared("产品服务介绍", "招牌菜", text="全市最佳锅包肉，国家级大厨掌勺。"),), at=at)
    code = next(
        (one for one in codes.standing([subject]) if (one.placement, one.state) == ("premises", "active")), None
    )
    if code is not None:
        _show(subject, owner, code.serial, code.token, "店门口右侧", place=None, at=at)
    for days, by, unit, purpose in (
        (9, CLERK, claiming.office(), "award"),
        (4, Actor("bureau", "department"), "市场监督管理局（演示）", "supervise"),
        (1, CLERK, claiming.office(), "approve"),
    ):
        said = looks.purpose(purpose)
        looks.look(by=by, unit=unit, subject=subject, purpose=said, part="", at=at - timedelta(days=days))


def _show(subject: str, owner: User, serial: int, token: str, where: str, *, place: int | None, at: datetime) -> int:
    """Let somebody send a photo of a code as it hangs; return its number."""
    photo = proofs.keep(
        pictures.shown(f"{settings.CODE_URL.upper()}/C/{token}"),
        subject=subject, about="showing", user=owner, by=owners.actor(owner), at=at,
    )  # fmt: skip
    return showing.send(
        subject=subject, serial=serial, proof=photo.pk, what=showing.Seen("mine", serial), where=where,
        area=claiming.area_of(subject), place=place, by=owners.actor(owner), at=at,
    ).id  # fmt: skip


def _place_cabs(subject: str, owner: User, *, at: datetime) -> None:
    """Let a taxi firm register its cars; of every third one the driver has signed."""
    has_words, today = placing.promise(subject, "taxi") is not None, timezone.localdate(at)
    rows = [
        (
            Place("taxi", label=f"演A·D{number:04}", label_shown=True),
            today - timedelta(days=number) if has_words and number % 3 == 1 else None,
        )
        for number in range(1, CABS + 1)
    ]
    placing.register(subject=subject, rows=rows, way="self", person=owner.pk, by=owners.actor(owner), at=at)


def _send(
    subject: str, person: User, items: Sequence[Declared], *, commitment: str = "", at: datetime
) -> applying.Sent:
    draft: dict[str, Any] = {
        "key": uuid4().hex,
        "consent": consents.current(timezone.localdate(at)).version,
        "contact": {"name": person.name, "phone": "13900000000"},
        "items": [rules.kept(item) for item in items],
    }
    if commitment:
        draft["commitment"] = {"template": commitment}
    return applying.send(subject=subject, way="self", draft=draft, person=person, by=owners.actor(person), at=at)


def _give_a_market(*, beside: set[str], at: datetime) -> None:
    """Let a clerk give a market's stalls their codes by one list, with the paper that all have signed."""
    keepers = _uncoded(STALLS, beside=beside, division=units.MALL_AREA)
    if not keepers:
        return
    # Where there are fewer keepers than stalls, some have several.
    rows = [giving.Asked("", keepers[number % len(keepers)], f"A区{number + 1}号") for number in range(STALLS)]
    one = giving.draw_up(rows=rows, turned_away=[], placement="stall", by=CLERK, at=at)
    paper = proofs.keep(
        pictures.paper("诚信码同意书", ("演示农贸市场各摊位同意赋码，", "同意向扫码的人公开摊位号。")),
        subject=one.subjects[0], about="consent", user=User.objects.filter(username=CLERK.name).first(), by=CLERK, at=at,
    )  # fmt: skip
    today = timezone.localdate(at)
    giving.give(
        number=one.pk, paper="演示农贸市场商户同意书", signed_on=today - timedelta(days=3), proofs=[paper.pk],
        label_shown=True, unit=claiming.office(), by=CLERK, at=at, today=today,
        signer=issuing.signer(folder=settings.KEYS_DIR, by=CLERK, at=at),
    )  # fmt: skip


def _let_the_mall_look(person: User, *, beside: set[str], at: datetime) -> None:
    """Let two shops of a mall show their codes: the mall has accepted one, the other waits for it."""
    mall = queries.places().filter(uscc=units.OF["mall"]).first()
    if mall is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT r.subject, c.serial, c.token FROM subjects_registration r
               JOIN codes_code c ON c.subject = r.subject AND c.placement = 'premises'
               JOIN board_code b ON b.serial = c.serial AND b.state = 'active'
               WHERE r.industry LIKE 'F52%%' AND r.division = %s AND r.subject <> ALL (%s)
                 AND NOT EXISTS (SELECT FROM subjects_registration n WHERE n.subject = r.subject AND n.id > r.id)
               ORDER BY r.subject LIMIT 2""",
            [units.MALL_AREA, sorted(beside)],
        )
        shops = cursor.fetchall()
    for number, (subject, hung, token) in enumerate(shops):
        claiming.by_licence(user=person, subject=subject, part="legal", at=at)
        shown = _show(subject, person, hung, token, f"二层 {number + 8} 号铺门口", place=mall.pk, at=at)
        if not number:
            showing.decide(
                subject=subject, showing=shown, accepted=True, why="", unit=mall.name, place=mall.pk, by=MALL,
                today=timezone.localdate(at), at=at,
            )  # fmt: skip


# ---- What waits for the office -----------------------------------------------------------------------------------


def _contest(subject: str, person: User, *, at: datetime) -> None:
    """Let somebody else say that he acts for a business that has its people."""
    paper = pictures.paper("授权委托书", ("兹委托本店经办人", "办理诚信码相关事项"))
    said = Claimed(part="agent", level="letter", name=person.name)
    claiming.ask(subject=subject, said=said, papers=[paper], user=person, by=owners.actor(person), at=at)


def _claim(subject: str, person: User, *, at: datetime) -> None:
    """Let an agent with a letter wait to be looked at."""
    _contest(subject, person, at=at)


def _wait(subject: str, person: User, *, at: datetime) -> None:
    """Let a shop's owner be known by his name so far: he has his code, and what he says waits."""
    name = subjects.registrations([subject])[0].body["LEREP"]
    paper = pictures.paper("营业执照", (f"统一社会信用代码 {subject}", f"经营者 {name}"))
    said = Claimed(part="legal", level="name", name=name)
    made = claiming.ask(subject=subject, said=said, papers=[paper], user=person, by=owners.actor(person), at=at)
    if made.state == "provisional":
        _send(
            subject, person, (Declared("信用承诺", "七天无理由退换", text="不影响再次销售的，七天内可以退换。"),), at=at
        )


def _appeal(subject: str, person: User, *, at: datetime) -> None:
    """Let a shop appeal against what a clerk did not let through."""
    claiming.by_licence(user=person, subject=subject, part="legal", at=at)
    item = Declared("荣誉奖励", "全县最好的粮油店", issuer="消费者协会（演示）", given_on=timezone.localdate(at))
    sent = _send(subject, person, (item,), at=at)
    if sent.state != "waiting":
        return
    why = "“最好”是广告法不允许的用语，请写奖状上的原名。"
    applying.decide(subject=subject, application=sent.application, state="refused", why=why, by=CLERK, at=at)
    applications.appeal(
        subject=subject, application=sent.application, words="这就是奖状上写的原名，奖状在店里，可以来看。",
        area=claiming.area_of(subject), today=timezone.localdate(at), by=owners.actor(person), at=at,
    )  # fmt: skip


def _ask_in(world: World, person: User, *, at: datetime) -> None:
    """Let a kindergarten that no register has ask to be added."""
    code = uscc.compose(department="5", body="2", division="230403", serial=serial(STRANGERS - 1, seed=world.seed))
    said = {
        "ENTNAME": "演示向阳幼儿园", "LEREP": person.name, "REGORG": "演示市民政局", "DOM": "演示市向阳区演示路 8 号",
        "INDUSTRYCO": "8310",
    }  # fmt: skip
    paper = pictures.paper("民办非企业单位登记证书", ("名称 演示向阳幼儿园", f"统一社会信用代码 {code}"))
    newcoming.ask(code=code, said=said, papers=[paper], user=person, by=owners.actor(person), at=at)


def _go_on(*, at: datetime) -> None:
    """Let a business that was struck off go on as another of its trade."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH newest AS (SELECT DISTINCT ON (subject) * FROM subjects_registration ORDER BY subject, id DESC)
               SELECT o.subject, n.subject FROM newest o
               JOIN newest n ON n.industry = o.industry AND n.kind = 'enterprise' AND n.state = 'active'
               WHERE o.state = 'deregistered' AND EXISTS (SELECT FROM codes_code c WHERE c.subject = o.subject)
               ORDER BY o.kind = 'individual' DESC, o.subject, n.subject LIMIT 1"""
        )
        found = cursor.fetchone()
    if found is not None:
        day = timezone.localdate(at)
        successions.say(
            subject=found[0], successor=found[1], how="converted", happened_on=day - timedelta(days=5),
            why="准予变更登记通知书（演示）", unit=claiming.office(), by=CLERK, at=at, today=day,
        )  # fmt: skip


# ---- Scans -------------------------------------------------------------------------------------------------------


def _scan(own: Sequence[str], *, seed: int, today: date) -> None:
    """Write the journal of three months, of these businesses' codes and some others', and tally it day by day."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT placement = 'premises', serial FROM board_code WHERE state = 'active' AND holder = ANY (%s)
               UNION ALL (SELECT false, serial FROM board_code WHERE state = 'active' AND placement = 'premises'
                 AND holder <> ALL (%s) ORDER BY serial LIMIT %s)""",
            [list(own), list(own), SCANNED],
        )
        hung = cursor.fetchall()
        with cursor.copy("COPY inbox_scan (id, at, serial, verdict, device, bot) FROM STDIN") as copy:
            for back in range(DAYS - 1, -1, -1):
                day = today - timedelta(days=back)
                dice = Dice(f"{seed}/scans/{back}")
                for is_busy, number in hung:
                    # More at the weekend; today has only begun.
                    most = (9 if day.weekday() >= 5 else 6) if is_busy else 2
                    for _ in range(dice.below(most + 1)):
                        moment = datetime.combine(
                            day, time(hour=dice.below(1 if not back else 24), minute=dice.below(60)), CHINA
                        )
                        device = dice.below(1 << 16).to_bytes(8, "big")
                        copy.write_row((uuid4(), moment, number, "active", device, dice.chance(0.12)))
        cursor.execute(
            """SELECT (at AT TIME ZONE 'Asia/Shanghai')::date AS day, max(number) FROM inbox_scan GROUP BY day ORDER BY day"""
        )
        for day, upto in cursor.fetchall():
            while scans.tally(upto=upto, today=day):
                pass
    scans.forget_seen(today=today)
