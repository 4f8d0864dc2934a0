"""The businesses' door. Everything but the ways in and out stands behind `signed_in` or `of_business`."""

from __future__ import annotations

from django.urls import path

from chengxin.portals.enterprise import applications, apply, declarations, home, messages, preview, proofs
from chengxin.portals.enterprise.gate import of_business, signed_in

urlpatterns = [
    # ---- Ways in and out, the account ------------------------------------------------------------------------------
    *signed_in([path("", home.choose, name="my")]),
    # ---- Claiming a business, its people ---------------------------------------------------------------------------
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
    # ---- Carriers, printing ----------------------------------------------------------------------------------------
    # ---- The owner's home ------------------------------------------------------------------------------------------
    *of_business(
        "see",
        [
            path("<str:subject>/", home.show, name="my-home"),
            path("<str:subject>/messages", messages.index, name="my-messages"),
        ],
    ),
]
