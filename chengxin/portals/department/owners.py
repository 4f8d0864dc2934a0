"""经营者: somebody of a business whose telephone is lost gets in again by another number, once papers were seen."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from chengxin.credit.subjects import queries
from chengxin.people import bindings, owners, parts, sight
from chengxin.people.models import Binding, User
from chengxin.people.trail import Refused
from chengxin.portals.department.page import page
from chengxin.portals.department.subjects import visible
from chengxin.portals.shared.gate import actor, person
from chengxin.terms import phone


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show who somebody is and for whom they act, and move their account to another number."""
    user, held = _seen(request, number)
    if request.method != "POST":
        return _page(request, user, held)
    draft = {name: request.POST.get(name, "")[:300] for name in ("phone", "why")}
    new = phone.normalise(draft["phone"])
    if new is None:
        return _page(request, user, held, draft, {"phone": owners.NO_NUMBER})
    try:
        owners.move_number(user=user.pk, number=new, why=draft["why"], by=actor(request), at=timezone.now())
    except Refused as refusal:
        where = "phone" if str(refusal) == owners.TAKEN else "why"
        return _page(request, user, held, draft, {where: str(refusal)})
    messages.success(request, "登录号码已换好。请本人用新号码收验证码登录；原来的密码、通行密钥和登录都已失效。")
    return redirect("owner", number=user.pk)


def _seen(request: HttpRequest, number: int) -> tuple[User, list[Binding]]:
    """Return somebody and the bindings of theirs that one may see. Whoever acts for nobody in one's area is not there."""
    user = User.objects.filter(pk=number, role=owners.ROLE, is_active=True).first()
    held = bindings.held(user) if user is not None else []
    seen = set(visible(sight.of(person(request)), [one.subject for one in held]))
    found = [one for one in held if one.subject in seen]
    if user is None or not found:
        raise Http404
    return user, found


def _page(
    request: HttpRequest,
    user: User,
    held: list[Binding],
    draft: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
) -> HttpResponse:
    number = owners.number_of(user)
    names = {one.subject: one.name for one in queries.registrations([one.subject for one in held])}
    context = {
        "owner": user,
        "number": phone.mask(number) if number else "",
        "held": [
            (one.subject, names.get(one.subject, one.subject), parts.PARTS[one.part].label, one.state in bindings.BOUND)
            for one in held
        ],
        "draft": draft or {},
        "faults": faults or {},
    }
    return page(request, "department/owner.html", context, at="", status=422 if faults else 200)
