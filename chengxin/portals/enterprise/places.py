"""放置处: where a business's codes hang: one added, a whole list, changed, ended."""

from __future__ import annotations

import tempfile
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.board import token
from chengxin.credit.codes import actions, placing, queries
from chengxin.credit.codes.placements import PLACEMENTS, Placement
from chengxin.credit.codes.places import AT_ONCE, CENTROID, POINTED_BY, WHERE_LIMIT, Place, faults
from chengxin.credit.codes.placing import Centre
from chengxin.credit.codes.queries import Standing
from chengxin.credit.codes.rules import STATE_LABELS
from chengxin.ingest import placelist
from chengxin.ingest.placelist import Listed
from chengxin.ingest.reading.table import NotReadable
from chengxin.people import bindings
from chengxin.people.trail import Refused
from chengxin.portals.enterprise.gate import binding
from chengxin.portals.enterprise.page import page
from chengxin.portals.shared import placing as registering
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.headers import HEADERS, with_script
from chengxin.terms.point import Point

A_PAGE: Final = 50
SHOWN: Final = 10
"""So many rows of a list are shown before it is confirmed: enough to see that its columns were understood."""
FAULTS_SHOWN: Final = 100
AT: Final = "my-codes"
SHAPES: Final = {"active": "good", "paused": "wait", "pending": "wait", "frozen": "stop"}
OFFERED: Final = {
    "门面、店内": ("premises", "counter", "screen", "board"),
    "车辆": ("taxi", "truck", "bus", "vehicle"),
    "市场、展会、非遗": ("stall", "event", "heritage"),
    "人员、产品、文书": ("badge", "product", "package", "parcel", "card", "document", "online"),
}
"""Kinds as they are offered, in groups that people look for."""
ENDS: Final = ("已转让或报废", "不再使用", "搬走或撤掉", "填错了")


# ---- All of them -----------------------------------------------------------------------------------------------------


def _state(code: Standing) -> tuple[str, str]:
    return SHAPES.get(code.state, "none"), STATE_LABELS[code.state]


# ---- One more --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, subject: str) -> HttpResponse:
    """Ask what kind of place it is; then for what that kind knows; give it a code."""
    kind = PLACEMENTS.get(request.GET.get("kind", "") if request.method != "POST" else request.POST.get("kind", ""))
    refusal = placing.why_not(subject)
    if kind is None or refusal:
        groups = [(title, [PLACEMENTS[name] for name in names]) for title, names in OFFERED.items()]
        return page(request, "enterprise/place_kinds.html", {"groups": groups, "refusal": refusal}, at=AT)
    if request.method != "POST":
        return _add_page(request, subject, kind, {}, {})
    at = timezone.now()
    place, wrong = _said(request, kind, _centre(subject, kind))
    wrong |= {field: said for field, said in faults(place, today=timezone.localdate(at)).items() if field not in wrong}
    signed = bool(request.POST.get("signed")) and kind.commitment and _may_commit(request)
    if not wrong:
        try:
            done = registering.register(
                subject=subject,
                rows=[(place, timezone.localdate(at) if signed else None)],
                way="self",
                person=person(request).pk,
                by=actor(request),
                at=at,
            )
        except Refused as refused:
            wrong = {"label": _sentence(refused)}
        else:
            if not done.new:
                messages.info(request, "这个放置处已经有码，没有重复签发。")
                return redirect("my-codes", subject)
            messages.success(request, f"{kind.label}的码已经签发，可以下载载体了。")
            return redirect("my-carriers", subject, done.new[0])
    return _add_page(request, subject, kind, wrong, dict(request.POST.items()))


def _add_page(
    request: HttpRequest, subject: str, kind: Placement, wrong: dict[str, str], said: dict[str, object]
) -> HttpResponse:
    context = {
        "kind": kind,
        "faults": wrong,
        "said": said,
        "promise": registering.promise(subject, kind.name) if kind.commitment and _may_commit(request) else None,
        "where_limit": WHERE_LIMIT,
        "centre": _centre(subject, kind),
    }
    return _pointing(page(request, "enterprise/place_add.html", context, at=AT, status=422 if wrong else 200), kind)


def _pointing(response: HttpResponse, kind: Placement) -> HttpResponse:
    """Let a page ask the phone where it is, where that means anything."""
    if kind.moves:
        return response
    response.headers["Permissions-Policy"] = HEADERS["Permissions-Policy"].replace(
        "geolocation=()", "geolocation=(self)"
    )
    return with_script(response)


def _centre(subject: str, kind: Placement) -> Centre | None:
    """Return what stands for a place of a kind that stays where it is, where no more than the county shall be told."""
    return None if kind.moves else placing.centre(subject)


def _may_commit(request: HttpRequest) -> bool:
    held = binding(request)
    return bindings.may(held, "commit")


def _said(
    request: HttpRequest, kind: Placement, centre: Centre | None, *, label: str | None = None
) -> tuple[Place, dict[str, str]]:
    """Return the place that a form says, and what is wrong with its writing."""
    said, wrong = request.POST, dict[str, str]()
    consents = bool(said.get("point_consent"))
    lat, lon = (_degrees(said.get(name, ""), wrong) for name in ("lat", "lon"))
    pointed_by = "phone" if said.get("pointed_by") == "phone" else "pin"
    if said.get("county"):
        if lat is not None or lon is not None:
            wrong.setdefault("point", "填了坐标，又选了“只标到县区”：请清空坐标，或者取消勾选“只标到县区”。")
        elif centre is None:
            wrong.setdefault("point", "登记信息没有说清在哪个县区，不能只标到县区：请取消勾选，或者填写坐标。")
        elif not consents:
            wrong["point_consent"] = "选了“只标到县区”，还要勾选“同意记录这个位置”；不同意就取消勾选。"
        else:
            (lat, lon), pointed_by = centre.point, CENTROID
    if (lat is not None or lon is not None) and not consents:
        wrong["point_consent"] = "填了坐标，还要勾选“同意记录这个位置”；不同意就把坐标清空。"
    until: date | None = None
    if text := said.get("until", "").strip():
        try:
            until = date.fromisoformat(text)
        except ValueError:
            wrong["until"] = "日期不对：请写成 2026-12-31 这样。"
    place = Place(
        kind=kind.name,
        label=(said.get("label", "") if label is None else label)[:200],
        label_shown=bool(said.get("shown")),
        where=said.get("where", "")[:1000],
        lat=lat,
        lon=lon,
        pointed_by=pointed_by,
        until=until,
        keeper=said.get("keeper", "")[:1000],
    )
    return place.tidy(), wrong


def _degrees(text: str, wrong: dict[str, str]) -> Decimal | None:
    text = text.strip()
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if value.is_finite() and abs(value) < 1000:
        return value
    wrong["point"] = "坐标不是数字：请填十进制度数，如 47.349920，或者按“用手机定位”。"
    return None


def _sentence(refusal: Exception) -> str:
    return f"{str(refusal).rstrip('。')}。"


# ---- One of them -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, subject: str, serial: int) -> HttpResponse:
    """Show one place; change what is known of it, its label, or end it."""
    code = queries.one(subject, serial)
    if code is None or code.placement not in PLACEMENTS:
        raise Http404
    kind = PLACEMENTS[code.placement]
    if request.method != "POST" or code.state in placing.ENDED:
        return _place_page(request, code, kind, {})
    at, by, act = timezone.now(), actor(request), request.POST.get("act", "")
    try:
        if act == "change":
            place, wrong = _said(request, kind, _centre(subject, kind), label=code.label)
            wrong |= faults(place, today=timezone.localdate(at), label_stands=True)
            if wrong:
                return _place_page(request, code, kind, wrong)
            placing.rehang(
                subject=subject,
                serial=serial,
                by=by,
                at=at,
                label_shown=place.label_shown,
                where=place.where,
                point=(place.lat, place.lon) if place.lat is not None and place.lon is not None else None,
                pointed_by=place.pointed_by,
                until=place.until,
                keeper=place.keeper,
            )
            messages.success(request, "已保存。")
            return redirect("my-place", subject, serial)
        if act == "relabel":
            made = placing.relabel(
                subject=subject,
                serial=serial,
                label=request.POST.get("new_label", "")[:200],
                by=by,
                at=at,
                signer=actions.signer(folder=settings.KEYS_DIR, by=by, at=at),
            )
            messages.success(request, f"已换成新的{kind.called}，旧码已停用：请换上新印的码。")
            assert made.serial is not None  # noqa: S101 — what was placed has its serial
            return redirect("my-carriers", subject, made.serial)
        if act == "end":
            why = request.POST.get("why", "")
            if why not in ENDS:
                return _place_page(request, code, kind, {"why": "请选一个停用的原因。"})
            placing.end(subject=subject, serials=[serial], why=why, by=by, at=at)
            messages.success(
                request, f"{kind.label}{f'（{code.label}）' if code.label else ''}的码已停用，扫码的人会看到“已注销”。"
            )
            return redirect("my-codes", subject)
    except Refused as refusal:
        field = {"relabel": "new_label", "end": "why"}.get(act, "label")
        return _place_page(request, code, kind, {field: _sentence(refusal)})
    return _place_page(request, code, kind, {})


def _place_page(request: HttpRequest, code: Standing, kind: Placement, wrong: dict[str, str]) -> HttpResponse:
    hung = queries.hanging([code.subject], serial=code.serial).get(code.serial)
    said: dict[str, object] = {}
    if wrong:
        said = dict(request.POST.items())
    elif hung:
        said = {
            "shown": hung.label_shown,
            "where": hung.where,
            "lat": "" if hung.lat is None or hung.approximate else hung.lat,
            "lon": "" if hung.lon is None or hung.approximate else hung.lon,
            "county": hung.approximate,
            "point_consent": hung.lat is not None,
            "until": hung.until.isoformat() if hung.until else "",
            "keeper": hung.keeper,
        }
    context = {
        "code": code,
        "kind": kind,
        "serial": token.grouped(code.serial),
        "state": _state(code),
        "stands": code.state not in placing.ENDED,
        "hung": hung,
        "pointed_by": POINTED_BY.get(hung.pointed_by, "") if hung else "",
        "county": placing.county_of(hung.lat, hung.lon)
        if hung and hung.lat is not None and hung.lon is not None
        else "",
        "centre": _centre(code.subject, kind),
        "said": said,
        "faults": wrong,
        "ends": ENDS,
        "why": request.POST.get("why", ""),
        "where_limit": WHERE_LIMIT,
    }
    return _pointing(page(request, "enterprise/place.html", context, at=AT, status=422 if wrong else 200), kind)


# ---- A list of them --------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def many(request: HttpRequest, subject: str) -> HttpResponse:
    """Take a list, pasted or as a file; show what was read; give codes to what was confirmed."""
    kind = PLACEMENTS.get(request.POST.get("kind", "") or request.GET.get("kind", ""))
    refusal = placing.why_not(subject)
    if kind is None or refusal:
        groups = [(title, [PLACEMENTS[name] for name in names]) for title, names in OFFERED.items()]
        return page(request, "enterprise/place_kinds.html", {"groups": groups, "refusal": refusal, "many": True}, at=AT)
    if request.method != "POST":
        return _many_page(request, subject, kind, "")
    at = timezone.now()
    try:
        centre = placing.centre(subject)
        listed = _read(request, kind, today=timezone.localdate(at), centre=centre.point if centre else None)
    except NotReadable as unreadable:
        return _many_page(request, subject, kind, _sentence(unreadable))
    if "confirm" not in request.POST:
        return _preview(request, subject, kind, listed)
    return _register(request, subject, kind, listed, at=at)


def _read(request: HttpRequest, kind: Placement, *, today: date, centre: Point | None) -> Listed:
    file, text = request.FILES.get("file"), request.POST.get("list", "")
    shown = bool(request.POST.get("shown"))
    if not isinstance(file, UploadedFile):
        return placelist.read_text(text, kind=kind.name, shown=shown, today=today, centre=centre)
    folder = Path(settings.FILES_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".part-") as kept:
        for chunk in file.chunks():
            kept.write(chunk)
        kept.flush()
        return placelist.read_file(Path(kept.name), kind=kind.name, shown=shown, today=today, centre=centre)


def _many_page(request: HttpRequest, subject: str, kind: Placement, fault: str) -> HttpResponse:
    context = {
        "kind": kind,
        "fault": fault,
        "list": request.POST.get("list", ""),
        "shown": bool(request.POST.get("shown")),
        "most": AT_ONCE,
        "promise": registering.promise(subject, kind.name) if kind.commitment and _may_commit(request) else None,
    }
    return page(request, "enterprise/place_list.html", context, at=AT, status=422 if fault else 200)


def _preview(request: HttpRequest, subject: str, kind: Placement, listed: Listed, fault: str = "") -> HttpResponse:
    standing = {
        (code.placement, code.label): code.serial
        for code in queries.standing([subject])
        if code.state not in placing.ENDED
    }
    new = [row for row in listed.good if row.place.key not in standing]
    faulty = [row for row in listed.rows if row.faults]
    approximate = sum(row.place.pointed_by == CENTROID for row in listed.good)
    context = {
        "kind": kind,
        "listed": listed,
        "fault": fault,
        "new": len(new),
        "kept": len(listed.good) - len(new),
        "signed": sum(row.signed is not None for row in listed.good),
        "may_commit": _may_commit(request),
        "points": sum(row.place.lat is not None for row in listed.good),
        "approximate": approximate,
        "centre": placing.centre(subject) if approximate else None,
        "labels_shown": sum(row.place.label_shown for row in listed.good),
        "faulty": faulty[:FAULTS_SHOWN],
        "faulty_count": len(faulty),
        "first": [(row, PLACEMENTS[row.place.kind], row.place.key in standing) for row in listed.good[:SHOWN]],
        "text": placelist.as_text(listed.good),
    }
    return page(request, "enterprise/place_preview.html", context, at=AT, status=422 if fault else 200)


def _register(request: HttpRequest, subject: str, kind: Placement, listed: Listed, *, at: datetime) -> HttpResponse:
    if listed.rows != listed.good:
        return _preview(request, subject, kind, listed, "名单和刚才看到的不一样：请再看一遍，然后确认。")
    if any(row.place.lat is not None for row in listed.rows) and not request.POST.get("point_consent"):
        return _preview(
            request,
            subject,
            kind,
            listed,
            "名单里有坐标：请勾选“同意记录这些位置”，或者去掉经纬度和“约略到县区”再提交。",
        )
    signed = any(row.signed is not None for row in listed.rows)
    if signed and not (_may_commit(request) and request.POST.get("signed_consent")):
        return _preview(request, subject, kind, listed, "名单里有驾驶员的承诺：请确认驾驶员本人已经签字，再提交。")
    try:
        done = registering.register(
            subject=subject,
            rows=[(row.place, row.signed) for row in listed.rows],
            way="self",
            person=person(request).pk,
            by=actor(request),
            at=at,
        )
    except Refused as refusal:
        return _preview(request, subject, kind, listed, _sentence(refusal))
    said = f"新签发 {len(done.new):,} 个码"
    said += f"，{done.kept:,} 处原来就有" if done.kept else ""
    said += f"，{done.signed:,} 份承诺已提交" if done.signed else ""
    messages.success(request, f"{said}。")
    return redirect(f"{reverse('my-print', args=[subject])}?{urlencode({'kind': kind.name})}")


@require_safe
def template(request: HttpRequest, subject: str, kind: str) -> HttpResponse:
    """Hand out the workbook that a list of one kind is filled into."""
    if kind not in PLACEMENTS:
        raise Http404
    response = HttpResponse(content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    response["Content-Disposition"] = f'attachment; filename="places-{kind}.xlsx"'
    with tempfile.SpooledTemporaryFile(max_size=1_000_000) as file:
        placelist.template(kind, file)  # type: ignore[arg-type]  # it is one for every use that is made of it
        file.seek(0)
        response.write(file.read())
    return response
