"""The partners' addresses, under /api/."""

from __future__ import annotations

from django.urls import path

from chengxin.api import docs, token

urlpatterns = [
    path("oauth/token", token.give, name="token"),
    path("v1/docs", docs.show, name="api-docs"),
]
