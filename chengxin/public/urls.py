"""Addresses of the public's door that are no scan."""

from django.urls import path, re_path

from chengxin.public import fakes, views

handler400 = "chengxin.public.views.odd"
handler404 = "chengxin.public.views.missing"

urlpatterns = [
    path("", views.front, name="front"),
    path("fake", fakes.report, name="fake"),
    re_path(r"^[Cc]/?$", views.home),
    re_path(r"^(office|sign-in|sign-out|admin)(/.*)?$", views.office),
]
