"""批量签发: codes for a street, a market, a list: who is on it, who may have one, the paper in which they agreed, what came of it."""

from __future__ import annotations

import io
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Page, Paginator
from django.db import OperationalError, transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.board import token
from chengxin.credit.codes import actions, giving, life, queries
from chengxin.credit.codes import printing as jobs
from chengxin.credit.codes.giving import AT_ONCE, OFFERED, Asked
from chengxin.credit.codes.models import Giving
from chengxin.credit.codes.placements import PLACEMENTS, Placement
from chengxin.credit.codes.rules import STATE_LABELS
from chengxin.credit.publishing.city import face
from chengxin.credit.subjects import queries as subjects
from chengxin.credit.subjects import search
from chengxin.ingest import givinglist
from chengxin.ingest.givinglist import Line
from chengxin.ingest.reading.table import NotReadable
from chengxin.people import sight
from chengxin.people.models import Proof, User
from chengxin.people.trail import Refused
from chengxin.portals.department.codes import unit_of
from chengxin.portals.department.page import page
from chengxin.portals.department.subjects import sight_of
from chengxin.portals.shared import proofs
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.upload import END
from chengxin.press.carriers import for_placement
from chengxin.terms import area, uscc
from chengxin.terms.area import governs

A_PAGE: Final = 50
LISTS_A_PAGE: Final = 10
LOOKED_THROUGH: Final = 50_000
"""Businesses at an address looked through for those of an area: a big city's longest road, and some seconds at most."""
FOUND_AT_MOST: Final = 400
"""So many are ticked on one page, each with a field for its label: a street, a market. Whoever wants more asks by a list."""
TEXT_LIMIT: Final = 320_000
"""Letters of a pasted list: ten thousand lines of a USCC and a label. In UTF-8 they stay below what a form may have."""
WORDS_LENGTH: Final = 60
PAPERS: Final = 5
LABELS: Final = {"new": "可以签发", "kept": "已有码", "refused": "不能签发"}
AWAY: Final = "away"
"""The filter of rows that were turned away when the list was read."""


class Row(NamedTuple):
    """One row of a list as it is shown."""

    subject: str
    name: str
    label: str
    state: str
    state_label: str
    why: str
    serial: str = ""


def sees(who: User, one: Giving) -> bool:
    """Tell whether somebody sees a list that was given, and its paper: who made it, the credit office, and a county only
    if every business of the list is of its area. The paper names all of them.
    """
    if one.by == who.username:
        return True
    mine = sight.of(who)
    if mine.sees == "all":
        return one.state != "draft"
    if mine.sees != "area" or one.state == "draft" or not one.subjects:
        return False
    wanted = set(one.subjects)
    areas = subjects.area_of(sorted(wanted))
    return all(governs(mine.area, areas.get(subject, "-")) for subject in wanted)


# ---- Who -------------------------------------------------------------------------------------------------------------


@proofs.takes_proofs
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask who gets codes: pasted, from a file, or as ticked; draw the list up and lead to it."""
    if request.method != "POST":
        return _ask_page(request)
    text = request.POST.get("list", "")
    away: list[tuple[str, str]] = []
    try:
        if END not in request.POST:
            raise Refused("表单没有传完，什么都没有收下；请再提交一次。")
        if len(text) > TEXT_LIMIT:
            raise Refused(f"名单太长：一次最多 {AT_ONCE:,} 行，请分几次，或者用表格。")
        kind = _kind(request)
        lines = [*givinglist.read_text(text, kind=kind), *_ticked(request)]
        file = request.FILES.get("file")
        if isinstance(file, UploadedFile):
            lines += _in_file(file, kind)
        rows = _rows(request, lines, away)
        with transaction.atomic():
            one = giving.draw_up(
                rows=rows,
                turned_away=away,
                placement=kind.name,
                until=_until(request, kind),
                by=actor(request),
                at=timezone.now(),
            )
    except (Refused, NotReadable) as refusal:
        return _ask_page(request, text=text[:TEXT_LIMIT], fault=f"{str(refusal).rstrip('。')}。")
    if twice := len(lines) - len(one.turned_away) - len(one.subjects):
        messages.info(request, f"名单里有 {twice:,} 行与别的行相同，只算一次。")
    return redirect("given", number=one.pk)


def _kind(request: HttpRequest) -> Placement:
    said = request.POST.get("placement", "")
    if said not in OFFERED:
        raise Refused("请选码放在哪里。")
    return PLACEMENTS[said]


def _until(request: HttpRequest, kind: Placement) -> date | None:
    """Return the last day that was written, where such places have one."""
    said = request.POST.get("until", "").strip()
    if not kind.ends or not said:
        return None
    if (day := _day(said)) is None:
        raise Refused("“用到哪一天”的日期不对：请写成 2026-12-31 这样。")
    return day


def _ticked(request: HttpRequest) -> list[Line]:
    """Return the businesses that were ticked, each with the label that was written beside it."""
    said = request.POST
    return [
        Line(number, subject[:40], said.get(f"label-{subject}", "")[:200])
        for number, subject in enumerate(said.getlist("subject"), start=1)
    ]


def _in_file(file: UploadedFile, kind: Placement) -> list[Line]:  # type: ignore[type-arg]  # its stubs are generic, it is not
    """Return the rows of a table.

    :raises NotReadable: it is no table, or has more rows than one list may.
    """
    if not file.size:
        raise NotReadable("这份文件是空的")
    if file.size > givinglist.LIMITS.file_bytes:
        raise NotReadable("文件超过 5 MB：名单只要统一社会信用代码和标识两列")
    with tempfile.TemporaryDirectory(dir=settings.FILES_DIR) as folder:
        path = Path(folder) / "list"
        with path.open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
        return givinglist.read_file(path, kind=kind)


def _rows(request: HttpRequest, lines: Sequence[Line], away: list[tuple[str, str]]) -> list[Asked]:
    """Return the places that lines mean, their holders by USCC or by a printed serial, of those that somebody sees."""
    if len(lines) > AT_ONCE:
        raise Refused(f"一次最多 {AT_ONCE:,} 行，这里有 {len(lines):,} 行：请分几次。")
    named: list[tuple[str, str, str, int | None]] = []  # the words, the label, whose by USCC or by serial
    for line in lines:
        said = f"第 {line.number:,} 行 {line.whose[:40]} {line.label}".strip()
        serial = token.ungrouped(line.whose)
        try:
            named.append((said, line.label, "" if serial is not None else uscc.parse(line.whose).text, serial))
        except uscc.Malformed as wrong:
            away.append((said, str(wrong)))
    owners = queries.holders_of([serial for *_, serial in named if serial is not None])
    asked = [
        Asked(said, subject if serial is None else owners.get(serial, ""), label)
        for said, label, subject, serial in named
    ]
    holders = sorted({row.subject for row in asked if row.subject})
    known = {one.subject for one in subjects.registrations(holders)}
    seen = set(_mine(request, holders))
    rows = []
    for row in asked:
        if row.subject in known and row.subject in seen:
            rows.append(row)
        elif row.subject in known:
            away.append((row.said, "不在您的辖区"))
        else:
            away.append((row.said, "库中没有这个主体，请核对，或先归集登记信息" if row.subject else "没有这个编号的码"))
    return rows


def _mine(request: HttpRequest, found: Sequence[str], *, within: str = "") -> list[str]:
    """Return those of these businesses that somebody sees and that lie within an area, in their order."""
    who = sight_of(request)
    scopes = [within, *([who.area] if who.sees == "area" else [])]
    if who.sees not in ("all", "area"):
        return []
    if not any(scopes):
        return list(found)
    areas = subjects.area_of(found)
    return [
        subject for subject in found if all(not scope or governs(scope, areas.get(subject, "-")) for scope in scopes)
    ]


def _ask_page(
    request: HttpRequest, *, text: str = "", fault: str = "", context: dict[str, object] | None = None
) -> HttpResponse:
    said = request.POST
    told = {
        "text": text,
        "fault": fault,
        "end": END,
        "placements": [PLACEMENTS[name] for name in OFFERED],
        "ending": [PLACEMENTS[name] for name in OFFERED if PLACEMENTS[name].ends],
        "placement": said.get("placement", OFFERED[0]),
        "until": said.get("until", "")[:10],
        "at_once": AT_ONCE,
        "areas": [(one.code, area.label(one.code)) for one in _areas(request)],
        "words_length": WORDS_LENGTH,
        "rows": _lists(request),
        "sees_all": sight_of(request).sees == "all",
        "query": "",
        "found_at_most": FOUND_AT_MOST,
        **(context or {}),
    }
    return page(
        request, "department/give.html", told, at="give", status=422 if fault or told.get("look_fault") else 200
    )


def _lists(request: HttpRequest) -> Page[Giving]:
    """Return a page of lists, newest first: one's own, and whoever sees all those of others that were given."""
    wanted = Q(by=person(request).username)
    if sight_of(request).sees == "all":
        wanted |= ~Q(state="draft")
    found = Giving.objects.filter(wanted).defer("subjects", "labels", "turned_away", "answers").order_by("-id")
    return Paginator(found, LISTS_A_PAGE).get_page(request.GET.get("page"))


def _areas(request: HttpRequest) -> list[area.Area]:
    who = sight_of(request)
    every = area.areas(face().city.divisions or ("23",), on=timezone.localdate())
    return [one for one in every if who.sees == "all" or governs(who.area, one.code)]


@require_http_methods(["GET", "HEAD", "POST"])
def look(request: HttpRequest) -> HttpResponse:
    """Find the businesses of a street or a market by words of their address, to be ticked. Words stand in no address."""
    if request.method != "POST":
        return redirect("give")
    said = request.POST
    words = "".join(said.get("words", "").split())[:WORDS_LENGTH]
    names = "".join(said.get("names", "").split())[:WORDS_LENGTH]
    wanted = said.get("area", "")
    fault = "" if len(words) >= 2 else "请写街路、市场或小区的名称，至少两个字，如“九马路”。"
    found: list[str] = []
    if not fault:
        try:
            with transaction.atomic():
                found = search.at_address(words, names=names, limit=LOOKED_THROUGH)
        except OperationalError:
            fault = "符合的太多，没能及时查完；请把地址写得更具体。"
    mine = _mine(request, found, within=wanted)
    shown = mine[:FOUND_AT_MOST]
    registered = {one.subject: one for one in subjects.registrations(shown)}
    coded = queries.coded(shown)
    context: dict[str, object] = {
        "look_fault": fault,
        "words": words,
        "names": names,
        "area": wanted,
        "found": [(registered[one], one in coded) for one in shown if one in registered],
        "looked": not fault,
        "is_cut": len(mine) > FOUND_AT_MOST or len(found) >= LOOKED_THROUGH,
    }
    return _ask_page(request, context=context)


@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """Hand out the workbook that a list is filled into."""
    file = io.BytesIO()
    givinglist.template(file)
    return HttpResponse(
        file.getvalue(),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": content_disposition_header(True, "批量签发名单.xlsx")},
    )


# ---- One list --------------------------------------------------------------------------------------------------------


@proofs.takes_proofs
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show what a list would bring, and give it with its paper; once given, what came of it."""
    one = _seen(request, number)
    if one.state != "draft":
        return _given(request, one)
    if request.method != "POST":
        return _draft(request, one)
    said = request.POST
    at = timezone.now()
    by = actor(request)
    try:
        papers = proofs.handed_in(request, "papers", most=PAPERS)
        with transaction.atomic():
            kept = [
                proofs.keep(each, subject=one.subjects[0], about="consent", user=person(request), by=by, at=at)
                for each in papers
                if one.subjects
            ]
            given = giving.give(
                number=number,
                paper=said.get("paper", ""),
                signed_on=_day(said.get("signed_on", "")),
                proofs=[each.pk for each in kept],
                label_shown=bool(said.get("label_shown")),
                has_seen=bool(said.get("rest")),
                unit=unit_of(person(request)),
                by=by,
                at=at,
                today=timezone.localdate(at),
                signer=actions.signer(folder=settings.KEYS_DIR, by=by, at=at),
            )
    except Refused as refusal:
        return _draft(request, one, fault=f"{str(refusal).rstrip('。')}。")
    messages.success(request, f"已签发 {given.issued:,} 个码。")
    return redirect("given", number=number)


def _seen(request: HttpRequest, number: int) -> Giving:
    one = Giving.objects.filter(pk=number).first() if number < 2**63 else None
    if one is None or not sees(person(request), one):
        raise Http404
    return one


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _draft(request: HttpRequest, one: Giving, *, fault: str = "") -> HttpResponse:
    kind = PLACEMENTS[one.placement]
    fates = giving.fates(giving.places(one), placement=one.placement)
    counts = Counter(fate.state for fate in fates) | Counter({AWAY: len(one.turned_away)})
    filters = LABELS | ({AWAY: "没有收下"} if one.turned_away else {})
    only = request.GET.get("only", "")
    only = only if only in filters else ""
    shown = one.turned_away if only == AWAY else [fate for fate in fates if not only or fate.state == only]
    rows = Paginator(shown, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "one": one,
        "kind": kind,
        "holders": len(set(one.subjects)),
        "labelled": sum(map(bool, one.labels)),
        "counts": [(name, label, counts[name]) for name, label in filters.items()],
        "new": counts["new"],
        "only": only,
        "query": f"only={only}&" if only else "",
        "rows": rows,
        "listed": [] if only == AWAY else _fated(list(rows)),
        "away": list(rows) if only == AWAY else [],
        "away_count": len(one.turned_away),
        "away_first": one.turned_away[:AWAY_SHOWN],
        "fault": fault,
        "said": request.POST,
        "paper": request.POST.get("paper", "")[:200],
        "signed_on": request.POST.get("signed_on", "")[:10],
        "paper_length": giving.PAPER_LENGTH,
        "end": END,
    }
    return page(request, "department/give_draft.html", context, at="give", status=422 if fault else 200)


AWAY_SHOWN: Final = 20
"""So many rows that were turned away stand open above the list; all of them behind their filter."""


def _fated(fates: Sequence[giving.Fate]) -> list[Row]:
    names = {one.subject: one.name for one in subjects.registrations([fate.subject for fate in fates])}
    return [
        Row(fate.subject, names.get(fate.subject, fate.subject), fate.label, fate.state, LABELS[fate.state], fate.why)
        for fate in fates
    ]


# ---- Given -------------------------------------------------------------------------------------------------------------


def _given(request: HttpRequest, one: Giving) -> HttpResponse:
    """Show what came of a list: each row as it was answered, its code in the state that it is in now."""
    serials = giving.serials(one)
    states = queries.states(serials)
    rows = Paginator(
        [(label, *answer) for (_, label), answer in zip(giving.places(one), one.answers, strict=True)], A_PAGE
    ).get_page(request.GET.get("page"))
    names = {each.subject: each.name for each in subjects.registrations([row[1] for row in rows])}
    listed = []
    for label, subject, serial, state, why in rows:
        now = states.get(serial, state)
        said = LABELS.get(now) or STATE_LABELS.get(now, now)
        code = token.grouped(serial) if serial is not None else ""
        listed.append(Row(subject, names.get(subject, subject), label, now, said, why, code))
    active = [serial for serial in serials if states.get(serial) == "active"]
    context = {
        "one": one,
        "kind": PLACEMENTS[one.placement],
        "rows": rows,
        "listed": listed,
        "labelled": any(one.labels),
        "kept": sum(answer[2] == "kept" for answer in one.answers),
        "refused": sum(answer[2] == "refused" for answer in one.answers),
        "active": len(active),
        "proofs": list(Proof.objects.filter(pk__in=one.proofs).order_by("pk")),
        "serials": "\n".join(map(token.grouped, active)),
        # First what was made for such a place: a stall's sign before a poster.
        "carriers": sorted(
            (each for each in for_placement(one.placement) if "pdf" in each.forms),
            key=lambda each: each.placements[0] != one.placement,
        ),
        "zip_limit": jobs.ZIP_LIMIT,
        "query": "",
    }
    return page(request, "department/given.html", context, at="give")


@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: HttpRequest, number: int) -> HttpResponse:
    """Ask whether a list that was given wrongly shall be taken back, with what follows; take it back."""
    one = _seen(request, number)
    if one.state != "given":
        return redirect("given", number=number)
    said, fault = request.POST.get("why", "")[: 2 * life.WHY_LENGTH], ""
    if request.method == "POST":
        try:
            back = giving.take_back(
                number=number, why=said, unit=unit_of(person(request)), by=actor(request), at=timezone.now()
            )
        except Refused as refusal:
            fault = f"{str(refusal).rstrip('。')}。"
        else:
            messages.success(request, f"已撤回：注销 {back.cancelled:,} 个码，扫码页即刻改变，经营主体会收到消息。")
            return redirect("given", number=number)
    counts = Counter(queries.states(giving.serials(one)).values())
    context = {
        "one": one,
        "kind": PLACEMENTS[one.placement],
        "active": counts.pop("active", 0),
        "others": [(STATE_LABELS[name], counts[name]) for name in STATE_LABELS if counts[name]],
        "why": said,
        "why_length": life.WHY_LENGTH,
        "fault": fault,
    }
    return page(request, "department/give_back.html", context, at="give", status=422 if fault else 200)
