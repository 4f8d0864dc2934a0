"""The office's addresses, the businesses', and the partners'."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("chengxin.api.urls")),
    path("enterprise/", include("chengxin.portals.enterprise.urls")),
    path("", include("chengxin.portals.department.urls")),
]
