"""The office's door. Everything but the way in and out stands behind `behind`."""

from __future__ import annotations

from django.urls import path

from chengxin.portals.department import batches, city, fakes, home, looks, password, sign_in, subject_file, subjects
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
        "subject.look",
        [
            path("subjects", subjects.find, name="subjects"),
            path("subjects/<str:subject>", subject_file.show, name="subject"),
            path("subjects/<str:subject>/registration", subject_file.registration, name="subject-registration"),
            path("subjects/<str:subject>/<slug:kind>/<str:key>", subject_file.record, name="subject-record"),
        ],
    ),
    *behind(
        "trail.see",
        [
            path("looks", looks.index, name="looks"),
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
]
