"""The businesses' door. Everything but the ways in and out stands behind `signed_in` or `of_business`."""

from __future__ import annotations

from django.urls import path

from chengxin.portals.enterprise import commitments, home, messages, proofs
from chengxin.portals.enterprise.gate import of_business, signed_in

urlpatterns = [
    # ---- Ways in and out, the account ------------------------------------------------------------------------------
    *signed_in([path("", home.choose, name="my")]),
    # ---- Claiming a business, its people ---------------------------------------------------------------------------
    *of_business("see", [path("<str:subject>/proofs/<int:number>/<int:page>.jpg", proofs.show, name="my-proof")]),
    # ---- Applying --------------------------------------------------------------------------------------------------
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
