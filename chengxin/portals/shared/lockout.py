"""What someone sees who gave a wrong password too often."""

from __future__ import annotations

import math
from datetime import timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone


def locked(request: HttpRequest, _answer: object = None, credentials: dict[str, str] | None = None) -> HttpResponse:
    """Return the page that says how long to wait; django-axes asks for it."""
    waiting = timedelta(hours=settings.AXES_COOLOFF_TIME)
    newest = (
        AccessAttempt.objects.filter(
            username=(credentials or {}).get("username"), ip_address=getattr(request, "axes_ip_address", None)
        )
        .order_by("-attempt_time")
        .first()
    )
    until = (newest.attempt_time if newest else timezone.now()) + waiting
    minutes = max(1, math.ceil((until - timezone.now()).total_seconds() / 60))
    context = {
        "is_business": request.path.startswith("/enterprise/"),
        "minutes": minutes,
        "until": until,
        "tries": settings.AXES_FAILURE_LIMIT,
    }
    response = render(request, "portals/locked.html", context, status=429)
    response.headers["Retry-After"] = str(minutes * 60)
    return response
