"""The one view: verify, read, render."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from bench.plain import page
from bench.plain.models import City, Code, Key, Record
from chengxin.board import token


@lru_cache
def keys() -> dict[int, Ed25519PublicKey]:
    return {key.number: Ed25519PublicKey.from_public_bytes(bytes(key.public_key)) for key in Key.objects.all()}


@lru_cache
def city() -> dict[str, Any]:
    document: dict[str, Any] = City.objects.get().document
    return document


def scan(request: HttpRequest, text: str) -> HttpResponse:
    said = token.unseal(text, keys())
    if not isinstance(said, token.Seal):
        raise Http404
    code = Code.objects.select_related("subject").filter(serial=said.serial, state="active").first()
    if code is None or code.subject.uscc != said.holder:
        raise Http404
    today = timezone.localdate()
    records = Record.objects.filter(Q(until=None) | Q(until__gte=today), subject=code.subject).order_by("-decided_on")
    return render(request, "plain/scan.html", page.context(code=code, records=records, city=city(), today=today))
