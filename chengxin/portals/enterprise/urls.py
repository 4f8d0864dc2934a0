"""The businesses' door. Everything but the ways in and out stands behind `signed_in` or `of_business`."""

from __future__ import annotations

from django.urls import path

from chengxin.portals.enterprise import (
    account,
    again,
    applications,
    apply,
    benefits,
    claim,
    codes,
    commitments,
    declarations,
    elsewhere,
    home,
    looks,
    messages,
    newcomer,
    passkeys,
    people,
    places,
    preview,
    prints,
    proofs,
    scans,
    showing,
    sign_in,
)
from chengxin.portals.enterprise.gate import of_business, signed_in
from chengxin.portals.shared import kept

urlpatterns = [
    # ---- Ways in and out, the account ------------------------------------------------------------------------------
    path("sign-in", sign_in.start, name="my-sign-in"),
    path("sign-in/code", sign_in.code, name="my-sign-in-code"),
    path("sign-in/again", sign_in.code_again, name="my-sign-in-again"),
    path("sign-in/whose", sign_in.whose, name="my-sign-in-whose"),
    path("sign-in/password", sign_in.password, name="my-sign-in-password"),
    path("sign-in/passkey", passkeys.sign_in, name="my-passkey-sign-in"),
    path("sign-in/passkey.json", passkeys.options, name="my-passkey-options"),
    path("sign-in/by/<slug:provider>", elsewhere.start, name="my-sign-in-elsewhere"),
    path("sign-in/by/<slug:provider>/back", elsewhere.back, name="my-sign-in-back"),
    path("sign-up", sign_in.start, {"is_new": True}, name="my-sign-up"),
    path("sign-up/name", sign_in.name, name="my-sign-up-name"),
    path("sign-out", sign_in.sign_out, name="my-sign-out"),
    *signed_in(
        [
            path("", home.choose, name="my"),
            path("kept", kept.show, name="my-kept"),
            path("welcome", sign_in.welcome, name="my-welcome"),
            path("account", account.show, name="my-account"),
            path("account/name", account.name, name="my-name"),
            path("account/phone", account.number, name="my-phone"),
            path("account/phone/code", account.number_code, name="my-phone-code"),
            path("account/password", account.password, name="my-password"),
            path("account/passkeys/add", passkeys.add, name="my-passkey-add"),
            path("account/passkeys/add.json", passkeys.new_options, name="my-passkey-new-options"),
            path("account/passkeys/<int:number>/name", passkeys.rename, name="my-passkey-rename"),
            path("account/passkeys/<int:number>/remove", passkeys.remove, name="my-passkey-remove"),
            path("account/by/<slug:provider>/unlink", account.unlink, name="my-unlink"),
            path("account/sign-out-everywhere", account.sign_out_everywhere, name="my-sign-out-everywhere"),
            path("account/close", account.close, name="my-account-close"),
            path("again", again.show, name="my-again"),
            path("again/send", again.send, name="my-again-send"),
            path("again/code", again.code, name="my-again-code"),
            path("again/passkey", again.by_passkey, name="my-again-passkey"),
        ]
    ),
    # ---- Claiming a business, its people ---------------------------------------------------------------------------
    *signed_in(
        [
            path("claim", claim.start, name="my-claim"),
            path("claim/<str:code>", claim.claim, name="my-claim-as"),
            path("claim/<str:code>/letter.pdf", claim.paper, name="my-letter"),
            path("claims/<int:number>", claim.show, name="my-claimed"),
            path("claims/<int:number>/appeal", claim.appeal, name="my-claim-appeal"),
            path("claims/<int:number>/again", claim.show_again, name="my-claim-again"),
            path("newcomer", newcomer.ask, name="my-newcomer"),
            path("newcomer/<int:number>", newcomer.show, name="my-newcomer-sent"),
            path("newcomer/<int:number>/appeal", newcomer.appeal, name="my-newcomer-appeal"),
            path("join/<str:token>", people.join, name="my-join"),
            path("calls/<int:number>/join", people.join_called, name="my-call-join"),
        ]
    ),
    *of_business(
        "people",
        [
            path("<str:subject>/people", people.index, name="my-people"),
            path("<str:subject>/people/invite", people.invite, name="my-people-invite"),
            path("<str:subject>/people/calls/<int:number>/end", people.take_back, name="my-call-end"),
            path("<str:subject>/people/<int:number>/end", people.let_go, name="my-people-end"),
            path("<str:subject>/people/<int:number>/hand-over", people.hand_over, name="my-hand-over"),
        ],
    ),
    *of_business("see", [path("<str:subject>/leave", people.leave, name="my-leave")]),
    *of_business("see", [path("<str:subject>/proofs/<int:number>/<int:page>.jpg", proofs.show, name="my-proof")]),
    # ---- Applying --------------------------------------------------------------------------------------------------
    *of_business(
        "apply",
        [
            path("<str:subject>/apply", apply.start, name="my-apply"),
            path("<str:subject>/apply/<slug:step>", apply.show, name="my-apply-step"),
            path("<str:subject>/apply/items/<int:place>", apply.item, name="my-apply-item"),
            path("<str:subject>/apply/items/<int:place>/drop", apply.item_drop, name="my-apply-item-drop"),
            path("<str:subject>/applications/<int:number>/appeal", applications.appeal, name="my-application-appeal"),
            path(
                "<str:subject>/applications/<int:number>/withdraw",
                applications.withdraw,
                name="my-application-withdraw",
            ),
        ],
    ),
    *of_business(
        "see",
        [
            path("<str:subject>/preview", preview.show, name="my-preview"),
            path("<str:subject>/applications", applications.index, name="my-applications"),
            path("<str:subject>/applications/<int:number>", applications.show, name="my-application"),
        ],
    ),
    *signed_in([path("preview.css", preview.style, name="my-preview-style")]),
    # ---- Declared items and commitments ----------------------------------------------------------------------------
    *of_business(
        "see",
        [
            path("<str:subject>/commitments", commitments.index, name="my-commitments"),
            path("<str:subject>/commitments/<str:number>", commitments.show, name="my-commitment"),
        ],
    ),
    *of_business(
        "commit",
        [
            path("<str:subject>/commit", commitments.sign, name="my-commit"),
            path("<str:subject>/commitments/<str:number>/end", commitments.end, name="my-commitment-end"),
            path("<str:subject>/commitments/<str:number>/answer", commitments.answer, name="my-commitment-answer"),
        ],
    ),
    *of_business("see", [path("<str:subject>/declarations", declarations.index, name="my-declarations")]),
    *of_business(
        "declare",
        [
            path("<str:subject>/declarations/new", declarations.add, name="my-declare"),
            path("<str:subject>/declarations/<str:number>", declarations.edit, name="my-declaration"),
            path("<str:subject>/declarations/<str:number>/end", declarations.ask_drop, name="my-declaration-end"),
            path("<str:subject>/declarations/<str:number>/drop", declarations.drop, name="my-declaration-drop"),
        ],
    ),
    # ---- Codes, placements -----------------------------------------------------------------------------------------
    *of_business(
        "see",
        [
            path("<str:subject>/codes", codes.index, name="my-codes"),
            path("<str:subject>/codes/<int:serial>", codes.show, name="my-code"),
        ],
    ),
    *of_business(
        "turn",
        [
            path("<str:subject>/codes/withdraw", codes.withdraw, name="my-codes-withdraw"),
            path("<str:subject>/codes/plea", codes.plead, name="my-codes-plea"),
            path("<str:subject>/codes/inherit", codes.inherit, name="my-codes-inherit"),
            path("<str:subject>/codes/<int:serial>/turn/<slug:act>", codes.turn, name="my-code-turn"),
        ],
    ),
    *of_business(
        "place",
        [
            path("<str:subject>/places/add", places.add, name="my-place-add"),
            path("<str:subject>/places/list", places.many, name="my-places-list"),
            path("<str:subject>/places/list/<slug:kind>.xlsx", places.template, name="my-places-template"),
            path("<str:subject>/places/<int:serial>", places.show, name="my-place"),
        ],
    ),
    # ---- Carriers, printing ----------------------------------------------------------------------------------------
    *of_business(
        "print",
        [
            path("<str:subject>/poster", prints.poster, name="my-poster"),
            path("<str:subject>/codes/<int:serial>/carriers", prints.carriers, name="my-carriers"),
            path("<str:subject>/codes/<int:serial>/carriers/<slug:carrier>", prints.preview, name="my-carrier-look"),
            path(
                "<str:subject>/codes/<int:serial>/carriers/<slug:carrier>.<slug:form>",
                prints.file,
                name="my-carrier-file",
            ),
            path("<str:subject>/print", prints.ask, name="my-print"),
            path("<str:subject>/prints", prints.index, name="my-prints"),
            path("<str:subject>/prints/<int:number>", prints.show, name="my-print-job"),
            path("<str:subject>/prints/<int:number>/state", prints.state, name="my-print-state"),
            path("<str:subject>/prints/<int:number>/file", prints.result, name="my-print-file"),
            path("<str:subject>/prints/<int:number>/order", prints.order, name="my-print-order"),
        ],
    ),
    # ---- The owner's home ------------------------------------------------------------------------------------------
    *of_business(
        "see",
        [
            path("<str:subject>/", home.show, name="my-home"),
            path("<str:subject>/messages", messages.index, name="my-messages"),
            path("<str:subject>/scans", scans.index, name="my-scans"),
            path("<str:subject>/looks", looks.index, name="my-looks"),
            path("<str:subject>/benefits", benefits.index, name="my-benefits"),
        ],
    ),
    *of_business("show", [path("<str:subject>/showing", showing.index, name="my-showing")]),
]
