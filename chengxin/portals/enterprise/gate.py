"""The gate of the businesses' door: whoever acts for a business gets in to that one, and to what their part allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern

from chengxin.people import bindings
from chengxin.people.models import Binding
from chengxin.portals.shared.gate import View, behind, person

PERMISSION = "business.enter"
WAY_IN = "my-sign-in"
_HELD = "chengxin_binding"


def signed_in(patterns: Iterable[URLPattern]) -> list[URLPattern]:
    """Return URL patterns behind a sign-in of a business's person; of no business in particular."""
    return behind(PERMISSION, patterns, way_in=WAY_IN)


def of_business(act: str, patterns: Iterable[URLPattern]) -> list[URLPattern]:
    """Return URL patterns that name a `subject`, each behind an act of `people.parts`.

    A business that somebody is not bound to is not there (404): its name, or that others are, is told to nobody.
    """
    return behind(
        PERMISSION,
        [
            URLPattern(pattern.pattern, _asked(act, pattern.callback), pattern.default_args, pattern.name)
            for pattern in patterns
        ],
        way_in=WAY_IN,
    )


def _asked(act: str, view: View) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def ask_first(request: HttpRequest, subject: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        held = bindings.of(person(request), subject)
        if held is None:
            raise Http404
        if not bindings.may(held, act):
            raise PermissionDenied
        setattr(request, _HELD, held)
        return view(request, subject, *args, **kwargs)

    return ask_first


def binding(request: HttpRequest) -> Binding:
    """Return by what the person of a request that came through the gate acts for its business."""
    held: Binding = getattr(request, _HELD)
    return held
