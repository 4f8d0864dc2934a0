"""设置: the whole face of the city on one page."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.board.city import City, Link, dump
from chengxin.credit.publishing import city as publishing
from chengxin.credit.publishing import logo as logos
from chengxin.credit.publishing.city import FIELDS, LABELS, Field
from chengxin.people.trail import Refused
from chengxin.portals.department.page import page
from chengxin.portals.shared.gate import actor

BLANK_ROWS: Final = 2
GROUPS: Final = (
    ("名称", ("city", "office", "letterhead", "centre", "site_name")),
    ("联系方式", ("phone", "mailbox", "address")),
    ("网站备案", ("icp", "police", "site_code")),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wrote on the page, right or wrong: nothing of it may be lost."""

    city: City
    logo: bytes | None  # as `describe_city` takes it
    faults: dict[str, str]


class Line(NamedTuple):
    """One field of the page as it is drawn."""

    field: Field
    value: str
    fault: str


class Row(NamedTuple):
    """One row of the links as it is drawn."""

    link: Link
    label_fault: str
    url_fault: str


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """Show the page; save what was written if all of it is right and it was to be saved."""
    if request.method != "POST":
        return _page(request, Draft(publishing.face().city, None, {}))
    draft = _written(request)
    if draft.faults or "preview" in request.POST:
        return _page(request, draft, status=422 if draft.faults else 200)
    changed = publishing.describe_city(city=draft.city, logo=draft.logo, by=actor(request), at=timezone.now())
    if changed:
        messages.success(request, f"已保存：{'、'.join(LABELS[name] for name in changed)}。公众页面随即更新。")
    else:
        messages.info(request, "没有改动。")
    return redirect("city")


@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    """Return the logo that stands."""
    standing = publishing.face().logo
    if standing is None:
        raise Http404
    return HttpResponse(standing, content_type="image/png")


def _written(request: HttpRequest) -> Draft:
    form = request.POST
    links = zip(form.getlist("link-label"), form.getlist("link-url"), strict=False)
    city = publishing.tidy(
        City(
            **{field.name: form.get(field.name, "") for field in FIELDS},
            links=tuple(Link(label, url) for label, url in links),
            divisions=publishing.split_divisions(form.get("divisions", "")),
        )
    )
    faults = publishing.faults(city)
    if form.get("seen") != _mark(publishing.face().city):
        faults["seen"] = (
            "您打开这一页之后，有人改过本市设置。请看一下您写的是否还要保存；再按一次保存，就以您写的为准。"
        )
    try:
        picture = _picture(request)
    except Refused as refusal:
        picture, faults["logo"] = None, str(refusal)
    return Draft(city, picture, faults)


def _mark(city: City) -> str:
    """Return a mark of what stood when the page was opened, so that nobody overwrites a colleague unawares."""
    return hashlib.sha256(dump(city).encode()).hexdigest()[:16]


def _picture(request: HttpRequest) -> bytes | None:
    if request.POST.get("logo-off"):
        return b""
    upload = request.FILES.get("logo")
    if isinstance(upload, UploadedFile):
        return logos.clean(upload.read(logos.UPLOAD_LIMIT + 1))
    # A browser empties its file field when a page comes back with faults, so a good picture goes along in the page.
    if kept := request.POST.get("logo-kept"):
        try:
            return logos.clean(base64.b64decode(kept, validate=True))
        except binascii.Error as error:
            raise Refused("标志图片没有传完整，请重新选择。") from error
    return None


def _page(request: HttpRequest, draft: Draft, *, status: int = 200) -> HttpResponse:
    city, faults = draft.city, draft.faults
    standing = publishing.face().city
    fields = {field.name: field for field in FIELDS}
    rows = [
        Row(link, faults.get(f"links.{place}.label", ""), faults.get(f"links.{place}.url", ""))
        for place, link in enumerate((*city.links, *(Link("", "") for _ in range(BLANK_ROWS))))
    ]
    context = {
        "groups": [
            (title, [Line(fields[name], getattr(city, name), faults.get(name, "")) for name in names])
            for title, names in GROUPS
        ],
        "rows": rows,
        "links_fault": faults.get("links", ""),
        "divisions": "，".join(city.divisions),
        "divisions_fault": faults.get("divisions", ""),
        "logo_fault": faults.get("logo", ""),
        "logo_kept": base64.b64encode(draft.logo).decode() if draft.logo else "",
        "logo_off": draft.logo == b"",
        "has_logo": bool(standing.logo),
        "seen": _mark(standing),
        "faults": [(name.replace(".", "-"), sentence) for name, sentence in faults.items()],
        "draft": city,
        "is_preview": request.method == "POST" and not faults,
        "at": timezone.now(),
    }
    return page(request, "department/city.html", context, at="city", status=status)
