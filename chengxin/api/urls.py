"""The partners' addresses, under /api/."""

from __future__ import annotations

from django.urls import URLPattern, path

from chengxin.api import docs, token
from chengxin.api.v1 import api

V1 = api.urls
for pattern in V1[0]:
    if isinstance(pattern, URLPattern) and pattern.name == "send_records":
        # Its body may be as large as an intake's, and is bounded as it is read (body.py); any other's is small.
        vars(pattern.callback)["takes_a_file"] = True

urlpatterns = [
    path("oauth/token", token.give, name="token"),
    path("v1/docs", docs.show, name="api-docs"),
    path("v1/", V1),
]
