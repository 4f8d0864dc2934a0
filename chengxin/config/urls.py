"""The office's addresses, and the partners'."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("chengxin.api.urls")),
    path("", include("chengxin.portals.department.urls")),
]
