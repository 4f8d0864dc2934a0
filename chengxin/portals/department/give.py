"""批量签发: codes for a street, a market, a list: who is on it, who may have one, the paper in which they agreed, what came of it."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db import OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from chengxin.board import token
from chengxin.credit.codes import actions, giving, queries
from chengxin.credit.codes.giving import AT_ONCE, OFFERED, Fate
from chengxin.credit.codes.models import Giving
from chengxin.credit.codes.placements import PLACEMENTS
from chengxin.credit.codes.rules import STATE_LABELS
from chengxin.credit.publishing.city import face
from chengxin.credit.publishing.printing import asked as read
from chengxin.credit.subjects import queries as subjects
from chengxin.credit.subjects import search
from chengxin.ingest.reading.table import Limits, NotReadable, open_table
from chengxin.people.models import Proof
from chengxin.people.trail import Refused
from chengxin.portals.department.codes import unit_of
from chengxin.portals.department.page import page
from chengxin.portals.department.subjects import sight_of
from chengxin.portals.shared import proofs
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.upload import END
from chengxin.terms import area
from chengxin.terms.area import governs

A_PAGE: Final = 50
LOOKED_THROUGH: Final = 3000
FOUND_AT_MOST: Final = 500
"""So many are ticked on one page: a street, a market. Whoever wants more asks by a list."""
TEXT_LIMIT: Final = 300_000
"""Letters of a list: ten thousand lines of a USCC and its line's end, with room."""
LIMITS: Final = Limits(5_000_000, 100_000_000, 5_000_000)
WORDS_LENGTH: Final = 60
PAPERS: Final = 5
RECENT: Final = 10
COLUMNS: Final = ("统一社会信用代码", "社会信用代码", "信用代码", "代码", "码编号", "编号")
LABELS: Final = {"new": "可以签发", "kept": "已有码", "refused": "不能签发"}


class Row(NamedTuple):
    """One business of a list as it is shown."""

    subject: str
    name: str
    state: str
    label: str
    why: str
    serial: str = ""


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
            raise Refused(f"名单太长：一次最多 {AT_ONCE:,} 家，请分几次。")
        lines = [*text.splitlines(), *request.POST.getlist("subject")]
        file = request.FILES.get("file")
        if isinstance(file, UploadedFile):
            lines += _in_file(file)
        wanted = _wanted(request, lines, away)
        with transaction.atomic():
            one = giving.draw_up(
                subjects=wanted,
                turned_away=away,
                placement=request.POST.get("placement", ""),
                by=actor(request),
                at=timezone.now(),
            )
    except (Refused, NotReadable) as refusal:
        return _ask_page(request, text=text[:TEXT_LIMIT], fault=f"{str(refusal).rstrip('。')}。")
    return redirect("given", number=one.pk)


def _in_file(file: UploadedFile) -> list[str]:  # type: ignore[type-arg]  # its stubs are generic, it is not
    """Return the codes in a table: of the column that is called so, or of the first that holds any.

    :raises NotReadable: it is no table, or has more rows than one list may.
    """
    if not file.size:
        raise NotReadable("这份文件是空的")
    if file.size > LIMITS.file_bytes:
        raise NotReadable("文件超过 5 MB：名单只要统一社会信用代码一列")
    with tempfile.TemporaryDirectory(dir=settings.FILES_DIR) as folder:
        path = Path(folder) / "list"
        with path.open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
        with open_table(path, limits=LIMITS, recognise=_recognise) as table:
            bare = ["".join(name.split()).split("（")[0].split("(")[0] for name in table.header]
            column = next((bare.index(name) for name in COLUMNS if name in bare), None)
            if column is None:
                raise NotReadable("表里没有“统一社会信用代码”这一列：请把列名改成它")
            found: list[str] = []
            for _, cells in table.rows:
                if column < len(cells) and cells[column].strip():
                    found.append(cells[column].strip())
                if len(found) > AT_ONCE:
                    raise NotReadable(f"名单超过 {AT_ONCE:,} 行：请分成几份，分几次签发")
    return found


def _recognise(names: Iterable[str]) -> int:
    return 2 * sum("".join(name.split()).split("（")[0].split("(")[0] in COLUMNS for name in names)


def _wanted(request: HttpRequest, lines: Sequence[str], away: list[tuple[str, str]]) -> list[str]:
    """Return the businesses that lines mean, by USCC or by a printed serial, of those that somebody sees."""
    if len(lines) > 2 * AT_ONCE:
        raise Refused(f"一次最多 {AT_ONCE:,} 家，这里有 {len(lines):,} 行：请分几次。")
    asked = list(read(lines, lambda said, why: away.append((said, why))))
    owners = queries.holders_of([one.serial for one in asked if one.serial is not None])
    named = [(one.said, owners.get(one.serial, "") if one.serial is not None else one.subject) for one in asked]
    seen = set(_mine(request, [subject for _, subject in named if subject]))
    known = {one.subject for one in subjects.registrations([subject for _, subject in named if subject])}
    wanted = []
    for said, subject in named:
        if subject in seen and subject in known:
            wanted.append(subject)
        elif subject in known:
            away.append((said, "不在您的辖区"))
        else:
            away.append((said, "库中没有这个主体，请核对，或先归集登记信息" if subject else "没有这个编号的码"))
    return list(dict.fromkeys(wanted))


def _mine(request: HttpRequest, found: Sequence[str]) -> list[str]:
    who = sight_of(request)
    if who.sees == "all":
        return list(found)
    if who.sees != "area":
        return []
    areas = subjects.area_of(found)
    return [subject for subject in found if governs(who.area, areas.get(subject, "-"))]


def _ask_page(
    request: HttpRequest, *, text: str = "", fault: str = "", context: dict[str, object] | None = None
) -> HttpResponse:
    said = request.POST
    told = {
        "text": text,
        "fault": fault,
        "end": END,
        "placements": [(PLACEMENTS[name], name) for name in OFFERED],
        "placement": said.get("placement", OFFERED[0]),
        "at_once": AT_ONCE,
        "areas": [(one.code, area.label(one.code)) for one in _areas(request)],
        "words_length": WORDS_LENGTH,
        "recent": Giving.objects.filter(by=person(request).username).order_by("-id")[:RECENT],
        "found_at_most": FOUND_AT_MOST,
        **(context or {}),
    }
    return page(
        request, "department/give.html", told, at="give", status=422 if fault or told.get("look_fault") else 200
    )


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
    mine = _mine(request, found)
    if wanted and mine:
        areas = subjects.area_of(mine)
        mine = [subject for subject in mine if governs(wanted, areas.get(subject, "-"))]
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


# ---- One list --------------------------------------------------------------------------------------------------------


@proofs.takes_proofs
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show what a list would bring, and give it with its paper; once given, what came of it."""
    one = Giving.objects.filter(pk=number, by=person(request).username).first() if number < 2**63 else None
    if one is None:
        raise Http404
    if one.state == "given":
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
                unit=unit_of(person(request)),
                by=by,
                at=at,
                today=timezone.localdate(at),
                signer=actions.signer(folder=settings.KEYS_DIR, by=by, at=at),
            )
    except Refused as refusal:
        return _draft(request, one, fault=f"{str(refusal).rstrip('。')}。")
    messages.success(request, f"已签发 {given.issued} 个码。")
    return redirect("given", number=number)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _draft(request: HttpRequest, one: Giving, *, fault: str = "") -> HttpResponse:
    fates = giving.fates(one.subjects, placement=one.placement)
    counts = Counter(fate.state for fate in fates)
    only = request.GET.get("only", "")
    shown = [fate for fate in fates if not only or fate.state == only]
    rows = Paginator(shown, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "one": one,
        "placement": PLACEMENTS[one.placement].label,
        "counts": [(name, label, counts[name]) for name, label in LABELS.items()],
        "new": counts["new"],
        "only": only if only in LABELS else "",
        "query": f"only={only}&" if only in LABELS else "",
        "rows": rows,
        "listed": _fated(list(rows)),
        "away": one.turned_away[:100],
        "away_count": len(one.turned_away),
        "fault": fault,
        "paper": request.POST.get("paper", "")[:200],
        "signed_on": request.POST.get("signed_on", "")[:10],
        "paper_length": giving.PAPER_LENGTH,
        "papers": PAPERS,
        "end": END,
    }
    return page(request, "department/give_draft.html", context, at="give", status=422 if fault else 200)


def _fated(fates: Sequence[Fate]) -> list[Row]:
    names = {one.subject: one.name for one in subjects.registrations([fate.subject for fate in fates])}
    return [
        Row(fate.subject, names.get(fate.subject, fate.subject), fate.state, LABELS[fate.state], fate.why)
        for fate in fates
    ]


def _given(request: HttpRequest, one: Giving) -> HttpResponse:
    rows = Paginator(one.answers, A_PAGE).get_page(request.GET.get("page"))
    names = {each.subject: each.name for each in subjects.registrations([answer[0] for answer in rows])}
    listed = [
        Row(
            subject,
            names.get(subject, subject),
            state,
            LABELS.get(state) or STATE_LABELS.get(state, state),
            why,
            token.grouped(serial) if serial is not None else "",
        )
        for subject, serial, state, why in rows
    ]
    serials = [answer[1] for answer in one.answers if answer[1] is not None]
    context = {
        "one": one,
        "placement": PLACEMENTS[one.placement].label,
        "rows": rows,
        "listed": listed,
        "kept": sum(answer[2] == "kept" for answer in one.answers),
        "refused": sum(answer[2] == "refused" for answer in one.answers),
        "proofs": list(Proof.objects.filter(pk__in=one.proofs).order_by("pk")),
        "serials": "\n".join(map(token.grouped, serials)),
        "query": "",
    }
    return page(request, "department/given.html", context, at="give")
