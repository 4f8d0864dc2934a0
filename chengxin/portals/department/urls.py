"""The office's door. Everything but the way in and out stands behind `behind`."""

from __future__ import annotations

from django.urls import path

from chengxin.portals.department import (
    batches,
    city,
    clients,
    fakes,
    home,
    join,
    password,
    people,
    sign_in,
    trail,
    units,
)
from chengxin.portals.shared import typesize
from chengxin.portals.shared.gate import behind

urlpatterns = [
    path("sign-in", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("join/<str:token>", join.join, name="join"),
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
    *behind(
        "unit.see",
        [
            path("units", units.index, name="units"),
            path("units/<int:number>", units.show, name="unit"),
            path("people", people.index, name="people"),
        ],
    ),
    *behind(
        "unit.edit",
        [
            path("units/new", units.add, name="unit-new"),
            path("units/import", units.bring_in, name="units-import"),
            path("units/form.csv", units.form, name="units-form"),
            path("units/<int:number>/edit", units.edit, name="unit-edit"),
            path("units/<int:number>/close", units.close, name="unit-close"),
        ],
    ),
    *behind(
        "account.invite",
        [
            path("people/invite", people.invite, name="invite"),
            path("people/<int:number>", people.show, name="person"),
            path("people/<int:number>/close", people.close, name="person-close"),
            path("people/<int:number>/link", people.link, name="person-link"),
            path("people/links/<int:number>/end", people.take_back, name="link-end"),
        ],
    ),
    *behind(
        "trail.see",
        [
            path("trail", trail.index, name="trail"),
            path("trail.csv", trail.export, name="trail-export"),
        ],
    ),
]
