"""The office's door. Everything but the way in and out stands behind `behind`."""

from __future__ import annotations

from django.urls import path

from chengxin.portals.department import (
    batches,
    city,
    fakes,
    forms,
    home,
    password,
    quality,
    send,
    sign_in,
    zero,
)
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
            path("batches/<int:number>/progress.json", batches.progress, name="batch-progress"),
            path("forms", forms.index, name="forms"),
            path("forms/<slug:kind>", forms.show, name="form"),
            path("forms/<slug:kind>.xlsx", forms.workbook, name="form-file"),
        ],
    ),
    *behind(
        "batch.send",
        [
            path("send", send.send, name="send"),
            path("batches/<int:number>/feedback.xlsx", batches.feedback, name="feedback"),
            path("batches/<int:number>/original", batches.original, name="batch-original"),
            path("batches/<int:number>/confirm", batches.confirm, name="batch-confirm"),
            path("batches/<int:number>/drop", batches.drop, name="batch-drop"),
        ],
    ),
    *behind(
        "batch.undo",
        [
            path("batches/<int:number>/undo", batches.undo, name="batch-undo"),
        ],
    ),
    *behind(
        "quality.see",
        [
            path("quality", quality.index, name="quality"),
            path("quality/units/<int:number>", quality.unit, name="quality-unit"),
            path("quality/month.xlsx", quality.export, name="quality-file"),
        ],
    ),
    *behind(
        "zero.report",
        [
            path("zero-reports", zero.index, name="zero"),
            path("zero-reports/add", zero.report, name="zero-report"),
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
