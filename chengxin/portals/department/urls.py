"""The office's door. Everything but the way in and out stands behind `behind`."""

from __future__ import annotations

from django.urls import path

from chengxin.portals.department import batches, city, clients, fakes, home, password, sign_in
from chengxin.portals.shared import typesize
from chengxin.portals.shared.gate import behind

urlpatterns = [
    path("sign-in", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("type-size", typesize.switch, name="type-size"),
    *behind(
        "office.enter",
        [
            path("", home.show, name="home"),
            path("password", password.change, name="password"),
        ],
    ),
    *behind(
        "city.edit",
        [
            path("city", city.edit, name="city"),
            path("city/logo.png", city.logo, name="city-logo"),
        ],
    ),
    *behind(
        "batch.see",
        [
            path("batches", batches.index, name="batches"),
            path("batches/<int:number>", batches.show, name="batch"),
            path("batches/<int:number>/feedback.csv", batches.feedback, name="feedback"),
        ],
    ),
    *behind(
        "fake.see",
        [
            path("fakes", fakes.index, name="fakes"),
            path("fakes/<str:key>", fakes.show, name="fake"),
            path("fakes/<str:key>/photo.jpg", fakes.photo, name="fake-photo"),
        ],
    ),
    *behind(
        "fake.handle",
        [
            path("fakes/<str:key>/handle", fakes.handle, name="fake-handle"),
        ],
    ),
    *behind(
        "client.edit",
        [
            path("clients", clients.index, name="clients"),
            path("clients/add", clients.add, name="client-add"),
            path("clients/<str:client>/revoke", clients.revoke, name="client-revoke"),
        ],
    ),
]
