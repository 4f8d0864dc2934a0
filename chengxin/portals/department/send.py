"""报送: one file from a unit to the office: chosen, handed over, looked at before anything goes in."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import BinaryIO, Final, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from chengxin.credit.records.catalogue import KINDS
from chengxin.credit.records.form import CATEGORIES, Kind
from chengxin.ingest import batches, sources
from chengxin.ingest.models import Batch
from chengxin.ingest.reading.table import NotReadable
from chengxin.ingest.sources import Source
from chengxin.people import sight
from chengxin.people.models import Unit, User
from chengxin.people.trail import Refused
from chengxin.portals.department.page import page
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.headers import with_script
from chengxin.portals.shared.upload import END, disk_was_full, is_whole, takes_a_file

UNITS_OFFERED: Final = 1000
OUTSIDE: Final = "目录以外的种类"
"""What the national catalogue does not name: the stops of records, and what a city adds."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One source that somebody may send in the name of."""

    value: str  # of the form
    label: str
    source: Source
    unit: int | None


@takes_a_file
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest) -> HttpResponse:
    """Show the form; take in a file that came whole, and lead to its preview."""
    me = person(request)
    offers = _offers(me)
    if request.method != "POST":
        return _page(request, offers, kind=_usual(request, me), source="", faults={})
    kind, chosen = request.POST.get("kind", ""), request.POST.get("source", "")
    faults: dict[str, str] = {}
    if kind not in KINDS:
        faults["kind"] = "请选择这份文件是哪一种数据。"
    offer = offers[0] if len(offers) == 1 else next((one for one in offers if one.value == chosen), None)
    if offer is None:
        faults["source"] = "请选择数据来源单位。"
    file = request.FILES.get("file")
    if disk_was_full(request):
        faults["file"] = "服务器的存储空间不够，这份文件没有收下。请联系系统管理员。"
    elif not is_whole(request):
        faults["file"] = "文件没有传完，什么都没有收下。请再传一次。"
    elif not isinstance(file, UploadedFile):
        faults["file"] = "请选择要报送的文件。"
    elif not file.size:
        faults["file"] = "这份文件是空的。请核对选的是不是这一份。"
    if faults or offer is None or not isinstance(file, UploadedFile):
        return _refused(request, offers, kind, chosen, faults)
    try:
        batch = batches.receive(
            file=cast(BinaryIO, file.file),
            file_name=file.name or "",
            kind=kind,
            source=offer.source,
            way="upload",
            by=actor(request),
            unit=offer.unit,
            at=timezone.now(),
            then="check",
        )
    except (NotReadable, Refused) as refusal:
        return _refused(request, offers, kind, chosen, {"file": f"{str(refusal).rstrip('。')}。"})
    to = reverse("batch", args=[batch.pk])
    return redirect(to) if _wants_a_page(request) else JsonResponse({"to": to}, status=201)


def grouped_kinds() -> list[tuple[str, list[Kind]]]:
    """Return the kinds under the categories of the national catalogue, and last those that stand in none."""
    kinds = sorted(KINDS.values(), key=lambda kind: (kind.category or len(CATEGORIES) + 1, kind.label))
    return [
        (f"{number}. {CATEGORIES[number]}" if number else OUTSIDE, list(group))
        for number, group in groupby(kinds, key=lambda kind: kind.category)
    ]


def _offers(me: User) -> list[Offer]:
    """Return in whose name somebody may send: one's own unit's; who sees every unit may choose any, or a source."""
    sees = sight.of(me)
    if sees.sees != "all":
        return [] if me.unit is None or sees.sees == "nothing" else [_of_unit(me.unit)]
    units = [_of_unit(unit) for unit in Unit.objects.filter(is_active=True).order_by("name")[:UNITS_OFFERED]]
    own = [offer for offer in units if offer.unit == me.unit_id]
    named = [
        Offer(f"source-{source.name}", source.label, source, me.unit_id)
        for source in sources.catalogue().values()
        if source.name != sources.DEFAULT
    ]
    unnamed = Offer("source-default", "不指定（以文件里每行写的来源单位为准）", sources.find(), me.unit_id)
    return [*own, *(offer for offer in units if offer not in own), *named, unnamed]


def _of_unit(unit: Unit) -> Offer:
    source = Source(name=sources.DEFAULT, label=unit.name, unit=unit.name, uscc=unit.uscc)
    return Offer(f"unit-{unit.pk}", unit.name, source, unit.pk)


def _usual(request: HttpRequest, me: User) -> str:
    """Return the kind that the page opens with: the one asked for, else what its reader sent last."""
    if (asked := request.GET.get("kind", "")) in KINDS:
        return asked
    last = Batch.objects.filter(by=me.username, way="upload").order_by("-id").values_list("kind", flat=True).first()
    return last or ""


def _wants_a_page(request: HttpRequest) -> bool:
    return request.accepts("text/html")


def _refused(request: HttpRequest, offers: list[Offer], kind: str, source: str, faults: dict[str, str]) -> HttpResponse:
    if not _wants_a_page(request):
        return JsonResponse({"faults": faults}, status=422)
    return _page(request, offers, kind=kind, source=source, faults=faults)


def _page(request: HttpRequest, offers: list[Offer], *, kind: str, source: str, faults: dict[str, str]) -> HttpResponse:
    context = {
        "groups": grouped_kinds(),
        "kind": kind,
        "offers": offers,
        "source": source,
        "faults": faults,
        "limit": settings.INTAKE_MAX_BYTES,
        "end": END,
        "step": 1,
    }
    status = 422 if faults else 200
    return with_script(page(request, "department/send.html", context, at="send", status=status))
