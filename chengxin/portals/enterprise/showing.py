"""亮码: a business shows a photo of its code as it hangs. What is in the photo is read at once; whether it counts, a person says."""

from __future__ import annotations

import io
from typing import Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from PIL import Image

from chengxin.board import token
from chengxin.credit.codes import queries, showing
from chengxin.credit.codes.showing import Seen
from chengxin.credit.subjects import queries as subjects
from chengxin.people import proofs
from chengxin.people import queries as people
from chengxin.people.models import Unit
from chengxin.people.trail import Refused
from chengxin.portals.enterprise.page import page
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.proofs import Cleaned, handed_in, keep, takes_proofs
from chengxin.press import reading

SHOWN: Final = 20
PLACES: Final = 100
"""So many places are offered to choose from; where a city has more, one writes the name and is offered as many."""
CODES: Final = 500
"""So many codes are offered to choose from; a taxi firm with more sends photos in which they can be read."""


@takes_proofs
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, subject: str) -> HttpResponse:
    """Show the photos with what became of them, and take one more."""
    if request.method == "POST":
        said = {name: request.POST.get(name, "") for name in ("serial", "where", "place", "anyway")}
        try:
            what = _take(request, subject, said)
        except Refused as refusal:
            return _page(request, subject, said=said, fault=str(refusal), status=422)
        if what is None:
            return _page(request, subject, said=said, unread=True, status=422)
        if what.what == "mine":
            read = f"照片已收到，里面正是您编号 {token.grouped(what.serial or 0)} 的码；核实以后会告诉您。"
        else:
            read = "照片已收到；里面没有读出码，要由人来看，会慢一些。"
        messages.success(request, read)
        return redirect("my-showing", subject=subject)
    return _page(request, subject, said={"serial": request.GET.get("serial", "")})


def _take(request: HttpRequest, subject: str, said: dict[str, str]) -> Seen | None:
    """Take the photo of a form in; return what was read in it, or None where nothing was and it was not sent anyway.

    :raises Refused: there is none, it cannot be used, or it is none to be sent.
    """
    found = handed_in(request, "photo")
    if not found:
        raise Refused("请先拍一张照片，或选择一张。")
    what = showing.seen(texts(found[0]), subject=subject)
    if (fault := showing.why_not(what)) is not None:
        raise Refused(fault)
    if what.what in ("strange", "nothing") and not said["anyway"]:
        return None
    place = _place(said["place"])
    by, at, serial = actor(request), timezone.now(), said["serial"]
    with transaction.atomic():
        photo = keep(found[0], subject=subject, about="showing", user=person(request), by=by, at=at)
        showing.send(
            subject=subject,
            serial=int(serial) if serial.isascii() and serial.isdigit() and len(serial) < 12 else None,
            proof=photo.pk,
            what=what,
            where=said["where"],
            area=subjects.area_of([subject]).get(subject, ""),
            place=place,
            by=by,
            at=at,
        )
    return what


def _place(said: str) -> int | None:
    """Return the place that somebody chose, or wrote the name of; whether it is one is asked by the act.

    :raises Refused: a name means none.
    """
    said = " ".join(said.split())
    if not said:
        return None
    if said.isascii() and said.isdigit() and len(said) < 18:
        return int(said)
    found = people.unit_named(said)
    if found is not None and people.places().filter(pk=found.pk).exists():
        return found.pk
    like = list(people.places().filter(name__contains=said).values_list("name", flat=True)[:5])
    rather = f"您要找的是不是“{'”、“'.join(like)}”？请照着写，" if like else "请写全称，"
    raise Refused(f"没有找到叫“{said[:40]}”的场所。{rather}再选一次照片；{showing.BY_OFFICE}的，不用写。")


def _places(subject: str) -> list[tuple[str, list[Unit]]]:
    """Return the places that a business may say its code hangs in, those of its own area first, under their headings.

    One more than `PLACES` of them tells that there are more.
    """
    area = subjects.area_of([subject]).get(subject, "")
    every = people.places().exclude(uscc=subject)
    near = list(every.filter(area=area)[: PLACES + 1]) if area else []
    far = list(every.exclude(pk__in=[one.pk for one in near])[: PLACES + 1 - len(near)])
    return [(label, ones) for label, ones in (("本地的场所", near), ("其他场所" if near else "场所", far)) if ones]


def texts(cleaned: Cleaned) -> list[str]:
    """Return what the codes in a photo say; it was drawn anew, so it may be opened here."""
    with Image.open(io.BytesIO(cleaned.pages[0]), formats=["JPEG"]) as picture:
        return reading.codes(picture.convert("L"))


def _page(
    request: HttpRequest,
    subject: str,
    *,
    said: dict[str, str],
    fault: str = "",
    unread: bool = False,
    status: int = 200,
) -> HttpResponse:
    today = timezone.localdate()
    codes = [code for code in queries.standing([subject]) if code.state == "active"]
    told = showing.of(subject, limit=SHOWN)
    photos = {photo.pk: photo for photo in proofs.by_id([one.showing.proof for one in told])}
    places = _places(subject)
    offered = [one for _, ones in places for one in ones]
    named = Unit.objects.in_bulk([one.showing.place for one in told if one.showing.place is not None])
    context = {
        "places": places,
        "offered": offered[:PLACES],
        "are_many": len(offered) > PLACES,
        "by_office": showing.BY_OFFICE,
        "codes": codes[:CODES],
        "only": codes[0] if len(codes) == 1 else None,
        "displaying": showing.displaying([subject], today=today).get(subject),
        "told": [
            (one, one.state(today), photos.get(one.showing.proof), named.get(one.showing.place or 0)) for one in told
        ],
        "rule": showing.rule(),
        "said": said,
        "fault": fault,
        "unread": unread,
    }
    return page(request, "enterprise/showing.html", context, at="my-home", status=status)
