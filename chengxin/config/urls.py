"""The office's addresses."""

from django.urls import include, path

urlpatterns = [path("", include("chengxin.portals.department.urls"))]
