"""Addresses of the public's door that are no scan."""

from django.urls import path, re_path

from chengxin.public import fakes, search, views

handler400 = "chengxin.public.views.odd"
handler404 = "chengxin.public.views.missing"
handler500 = "chengxin.public.views.failed"

urlpatterns = [
    path("", views.front, name="front"),
    path("verify", views.verify, name="verify"),
    path("verify-worker.js", views.verify_worker, name="verify_worker"),
    path("verify.webmanifest", views.verify_manifest, name="verify_manifest"),
    path("wrong-address", views.wrong_address, name="wrong-address"),
    path("search", search.search, name="search"),
    path("search/challenge", search.challenge),
    path("S/<str:link>", search.found),
    path("fake", fakes.report, name="fake"),
    re_path(r"^[Cc]/?$", views.home),
    re_path(r"^(office|sign-in|sign-out|admin)(/.*)?$", views.office),
]
