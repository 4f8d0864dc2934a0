"""The office's door. Everything but the way in and out stands behind `behind`."""

from __future__ import annotations

from django.urls import path

from chengxin.portals.department import (
    applications,
    areas,
    batches,
    bindings,
    city,
    clients,
    codes,
    commitments,
    counter,
    fakes,
    forms,
    give,
    home,
    join,
    looks,
    newcomers,
    owners,
    password,
    people,
    prints,
    proofs,
    quality,
    queue,
    send,
    showings,
    sign_in,
    subject_file,
    subjects,
    trail,
    units,
    zero,
)
from chengxin.portals.shared import kept, typesize
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
            path("kept", kept.show, name="kept"),
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
        "queue.see",
        [
            path("queue", queue.index, name="queue"),
            path("queue/<int:number>", queue.show, name="queue-claim"),
        ],
    ),
    *behind(
        "queue.decide",
        [
            path("queue/<int:number>/decide", queue.decide, name="queue-decide"),
            path("queue/decisions/<int:number>", queue.decision, name="decision"),
            path("queue/decisions/<int:number>/replace", queue.replace, name="decision-replace"),
        ],
    ),
    *behind("subject.look", [path("areas", areas.index, name="areas")]),
    *behind("area.edit", [path("areas/<str:subject>", areas.edit, name="area")]),
    *behind(
        "code.see",
        [
            path("codes", codes.index, name="codes"),
            path("codes/<str:subject>", codes.show, name="code"),
        ],
    ),
    *behind(
        "code.freeze",
        [
            path("codes/<str:subject>/turn", codes.turn, name="code-turn"),
            path("codes/<str:subject>/answer", codes.answer, name="code-answer"),
            path("codes/<str:subject>/<int:serial>/replace", codes.replace, name="code-replace"),
            path("give/<int:number>/back", give.take_back, name="give-back"),
        ],
    ),
    *behind(
        "code.give",
        [
            path("codes/<str:subject>/succeed", codes.succeed, name="code-succeed"),
            path("give", give.ask, name="give"),
            path("give/list.xlsx", give.template, name="give-template"),
            path("give/look", give.look, name="give-look"),
            path("give/<int:number>", give.show, name="given"),
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
    *behind("application.decide", [path("owners/<int:number>", owners.show, name="owner")]),
    *behind(
        "application.see",
        [
            path("bindings", bindings.index, name="bindings"),
            path("bindings/<int:number>", bindings.show, name="binding"),
            path("newcomers", newcomers.index, name="newcomers"),
            path("newcomers/<int:number>", newcomers.show, name="newcomer"),
        ],
    ),
    *behind(
        "application.decide",
        [
            path("bindings/<int:number>/decide", bindings.decide, name="binding-decide"),
            path("bindings/<int:number>/end", bindings.end, name="binding-end"),
            path("newcomers/<int:number>/decide", newcomers.decide, name="newcomer-decide"),
            path("newcomers/<int:number>/correct", newcomers.correct, name="newcomer-correct"),
        ],
    ),
    *behind("proof.see", [path("proofs/<int:number>/<int:page>.jpg", proofs.show, name="proof")]),
    *behind(
        "commitment.see",
        [
            path("commitments", commitments.index, name="commitments"),
            path("commitments/<str:subject>/<str:number>", commitments.show, name="commitment"),
        ],
    ),
    *behind(
        "commitment.judge",
        [
            path("commitments/add", commitments.add, name="commitment-add"),
            path("commitments/<str:subject>/<str:number>/judge", commitments.judge, name="commitment-judge"),
        ],
    ),
    *behind(
        "application.see",
        [
            path("applications", applications.index, name="applications"),
            path("applications/<str:subject>/<int:number>", applications.show, name="application"),
            path("applications/<str:subject>/<int:number>/poster.pdf", applications.poster, name="application-poster"),
        ],
    ),
    *behind(
        "application.decide",
        [
            path("applications/<str:subject>/<int:number>/decide", applications.decide, name="application-decide"),
            path("applications/<str:subject>/<int:number>/contact", applications.contact, name="application-contact"),
            path("counter", counter.counter, name="counter"),
            path("counter/consent", counter.consent, name="counter-consent"),
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
        "code.give",
        [
            path("prints", prints.index, name="prints"),
            path("prints/new", prints.ask, name="print-ask"),
            path("prints/<int:number>", prints.show, name="print"),
            path("prints/<int:number>/state", prints.state, name="print-state"),
            path("prints/<int:number>/file", prints.result, name="print-file"),
            path("prints/<int:number>/order", prints.order, name="print-order"),
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
    *behind(
        "showing.decide",
        [
            path("showings", showings.index, name="showings"),
            path("showings/<str:subject>/<int:number>", showings.show, name="showing"),
        ],
    ),
]
