"""绑定: somebody says which business they act for and shows who they are, one question at a time."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import partial
from typing import Final

import zxingcpp
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from PIL import Image

from chengxin.credit.subjects import queries as subjects
from chengxin.credit.subjects.rules import Registered
from chengxin.people import bindings, parts
from chengxin.people.models import Binding
from chengxin.people.trail import Refused
from chengxin.portals.enterprise import appealing
from chengxin.portals.enterprise.again import can_prove
from chengxin.portals.enterprise.page import plain
from chengxin.portals.shared import claiming
from chengxin.portals.shared.claiming import Claimed
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.headers import with_script
from chengxin.portals.shared.proofs import PROOF_BYTES, Cleaned, handed_in, takes_proofs
from chengxin.portals.shared.upload import END
from chengxin.press import letter
from chengxin.press.paper import NotPrintable
from chengxin.terms import entity, uscc

WAYS: Final = {"legal": Claimed("legal", "name", ""), "agent": Claimed("agent", "letter", "")}
"""As whom somebody may ask here, and how they show it. Staff are invited, and an e-licence speaks at the sign-in."""
PAPERS_AT_MOST: Final = 3
SAID: Final = "chengxin_claim"
"""Of the session: which business, as whom, and the name that was given; it is no part of an address."""
_CODE: Final = re.compile(rf"(?<![0-9A-Za-z])[{uscc.ALPHABET}]{{18}}(?![0-9A-Za-z])")
QR: Final = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
NO_CODE: Final = "照片里的二维码没有写明统一社会信用代码；请把执照上的 18 位代码输进来。"


@takes_proofs
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Ask which business, by its code as typed or by the photo of a licence."""
    if request.method != "POST":
        return _start(request, typed=request.GET.get("code", "")[:40])
    typed = request.POST.get("code", "").strip()[:40]
    try:
        photos = [] if typed else handed_in(request, "photo")
        code = uscc.parse(typed).text if typed else _in_photo(photos)
    except uscc.Malformed as fault:
        return _start(request, typed=typed, fault=f"{str(fault).rstrip('。')}。请照证照逐位核对。")
    except Refused as refusal:
        return _start(request, typed=typed, fault=_sentence(str(refusal)), in_photo=True)
    return redirect("my-claim-as", code)


@takes_proofs
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, code: str) -> HttpResponse:
    """Ask who somebody is: as whom, under which name, by which paper."""
    try:
        subject = uscc.parse(code).text
    except uscc.Malformed as malformed:
        raise Http404 from malformed
    mine = Binding.objects.filter(user=person(request), subject=subject, state__in=bindings.LIVE).first()
    if mine is not None:
        return redirect("my-claimed", mine.pk)
    business = claiming.registered(subject)
    if business is None:
        context = {"code": subject, "grouped": uscc.group(subject), "is_market": subject.startswith("9")}
        return plain(request, "enterprise/claim_unknown.html", context)
    shown: dict[str, object] = {
        "code": subject,
        "grouped": uscc.group(subject),
        "business": business,
        "state": entity.STATES[business.state].label if business.state in entity.STATES else "",
        "why_not": claiming.why_not(business),
    }
    way = WAYS.get(request.GET.get("as", ""))
    if way is None or shown["why_not"]:
        return plain(request, "enterprise/claim_as.html", shown)
    said = request.session.get(SAID) or {}
    name = said.get("name", "") if said.get("of") == [subject, way.part] else ""
    if request.method != "POST":
        if name and request.GET.get("step") == "paper":
            return _paper(request, shown, way)
        context = {**shown, "way": way, "name": name or person(request).name}
        return plain(request, "enterprise/claim_name.html", context)
    here = f"{reverse('my-claim-as', args=[subject])}?as={way.part}"
    if "name" in request.POST:
        return _named(request, shown, way, business) or redirect(f"{here}&step=paper")
    return _handed_in(request, shown, way, name) if name else redirect(here)


def _named(
    request: HttpRequest, shown: Mapping[str, object], way: Claimed, business: Registered
) -> HttpResponse | None:
    """Keep the name that somebody says is theirs; the page again where it cannot be, or is another than registered."""
    name = " ".join(request.POST["name"].split())[:60]
    wrong = "" if len(name) >= 2 else "请写您的姓名，和身份证上的一样。"
    differs = way.level == "name" and not wrong and claiming.match(name, business) == "other"
    if wrong or (differs and "differs" not in request.POST):
        context = {**shown, "way": way, "name": name, "fault": wrong, "differs": differs}
        return plain(request, "enterprise/claim_name.html", context, status=422)
    request.session[SAID] = {"of": [business.subject, way.part], "name": name}
    return None


def _handed_in(request: HttpRequest, shown: Mapping[str, object], way: Claimed, name: str) -> HttpResponse:
    try:
        made = claiming.ask(
            subject=str(shown["code"]),
            said=Claimed(way.part, way.level, name),
            papers=handed_in(request, "paper", most=PAPERS_AT_MOST),
            user=person(request),
            by=actor(request),
            at=timezone.now(),
        )
    except Refused as refusal:
        return _paper(request, shown, way, fault=_sentence(str(refusal)))
    del request.session[SAID]
    return redirect("my-claimed", made.pk)


@require_safe
def paper(request: HttpRequest, code: str) -> HttpResponse:
    """Hand out the letter of authorisation with the business's name filled in, to be printed, signed and sealed."""
    business = claiming.registered(code)
    if business is None:
        raise Http404
    try:
        to = claiming.office()
        made = letter.pdf(name=business.name, code=uscc.group(business.subject), office=to, at=timezone.now())
    except NotPrintable as fault:
        messages.error(request, str(fault))
        return redirect("my-claim-as", code)
    headers = {"Content-Disposition": f'attachment; filename="authorisation-{business.subject}.pdf"'}
    return HttpResponse(made, content_type="application/pdf", headers=headers)


@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show what became of one's claim."""
    return _claimed(request, _mine(request, number))


@takes_proofs
@require_POST
def appeal(request: HttpRequest, number: int) -> HttpResponse:
    """Take an appeal against a refusal, with words and further papers."""
    mine = _mine(request, number)
    return appealing.take(
        request,
        partial(claiming.appeal, binding=mine.pk),
        to=reverse("my-claimed", args=[mine.pk]),
        again=lambda words, fault: _claimed(request, mine, words=words, fault=fault),
    )


@takes_proofs
@require_POST
def show_again(request: HttpRequest, number: int) -> HttpResponse:
    """Take the licence once more from somebody whose account was long unused."""
    mine = _mine(request, number)
    try:
        claiming.show_again(
            binding=mine.pk,
            papers=handed_in(request, "paper", most=PAPERS_AT_MOST),
            user=person(request),
            by=actor(request),
            at=timezone.now(),
        )
    except Refused as refusal:
        return _claimed(request, mine, fault=_sentence(str(refusal)))
    messages.success(request, "证照已提交，等工作人员核对。")
    return redirect("my-claimed", mine.pk)


def _mine(request: HttpRequest, number: int) -> Binding:
    found = Binding.objects.filter(pk=number, user=person(request)).first()
    if found is None:
        raise Http404
    return found


def _claimed(request: HttpRequest, mine: Binding, *, words: str = "", fault: str = "") -> HttpResponse:
    registered = subjects.registrations([mine.subject])
    context = {
        "mine": mine,
        "in_doubt": (in_doubt := bindings.is_in_doubt(mine)),
        "can_prove": in_doubt and can_prove(person(request)),
        "name": registered[0].name if registered else mine.subject,
        "grouped": uscc.group(mine.subject),
        "part": parts.PARTS[mine.part].label,
        "level": parts.LEVELS[mine.proven_by],
        "words": words[: bindings.WHY_LENGTH],
        "fault": fault,
        "why_length": bindings.WHY_LENGTH,
        "end": END,
        "limit": PROOF_BYTES,
    }
    return plain(request, "enterprise/claimed.html", context, status=422 if fault else 200)


def _start(request: HttpRequest, *, typed: str = "", fault: str = "", in_photo: bool = False) -> HttpResponse:
    called = bindings.called(person(request), at=timezone.now())
    names = {one.subject: one.name for one in subjects.registrations([each.subject for each in called])}
    context = {
        "typed": typed,
        "fault": "" if in_photo else fault,
        "photo_fault": fault if in_photo else "",
        "called": [(one, names.get(one.subject, one.subject), parts.PARTS[one.part].label) for one in called],
        "end": END,
    }
    return plain(request, "enterprise/claim.html", context, status=422 if fault else 200)


def _paper(request: HttpRequest, shown: Mapping[str, object], way: Claimed, *, fault: str = "") -> HttpResponse:
    context = {
        **shown,
        "way": way,
        "paper": parts.LEVELS[way.level].paper,
        "days": settings.PROOF_DAYS,
        "fault": fault,
        "end": END,
        "limit": PROOF_BYTES,
    }
    return with_script(plain(request, "enterprise/claim_paper.html", context, status=422 if fault else 200))


def _in_photo(photos: list[Cleaned]) -> str:
    if not photos:
        raise Refused("请输入 18 位代码，或拍一张执照上的二维码。")
    has_code = False
    for page in photos[0].pages:
        with Image.open(io.BytesIO(page)) as picture:
            read = zxingcpp.read_barcodes(picture, formats=QR)
        has_code = has_code or bool(read)
        for found in (code for one in read for code in _CODE.findall(one.text.upper())):
            if uscc.is_valid(found):
                return str(found)
    raise Refused(NO_CODE if has_code else "照片里没有读到二维码；请把码拍满画面，或输入 18 位代码。")


def _sentence(fault: str) -> str:
    return f"{fault.rstrip('。')}。"
