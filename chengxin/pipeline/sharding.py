"""Which sort each table is of, so that the same schema runs on one PostgreSQL and on a Citus cluster (design.md §2.1).

**owned** by a subject: distributed by the named column, which leads the primary key and stands in every unique
constraint; no trigger, no foreign key but to another owned table. **reference**: small, copied to every node.
**central**: people, queues, sessions; stays on the coordinator. A table in none of the three fails a house test.
"""

from __future__ import annotations

from typing import Final

OWNED: Final = {
    "subjects_subject": "uscc",
    "subjects_registration": "subject",
    "subjects_attribution": "subject",
    "subjects_succession": "subject",
    "subjects_message": "subject",
    "records_record": "subject",
    "codes_consent": "subject",
    "codes_code": "subject",
    "codes_turn": "subject",
    "codes_plea": "subject",
    "codes_placing": "subject",
    "codes_showing": "subject",
    "codes_showing_decision": "subject",
    "codes_elsewhere": "subject",
    "codes_scan_day": "subject",
    "commitments_signing": "subject",
    "commitments_judgment": "subject",
    "commitments_word": "subject",
    "applications_application": "subject",
    "applications_decision": "subject",
    "board_card": "holder",
    "board_name": "holder",
}

REFERENCE: Final = frozenset({"board_key", "board_city", "board_salt", "board_status"})

CENTRAL: Final = frozenset(
    {
        # Found by serial alone, as a short token names no holder; two million rows for a province.
        "board_code",
        # Found by number or address alone, as whoever scans another's code knows no holder.
        "board_elsewhere",
        # A list of many businesses: the office's own.
        "codes_giving",
        # A page of a city's codes in a state is one look; made anew from the codes of whoever is touched.
        "codes_listed",
        "inbox_scan",
        "inbox_fake",
        "fakes_handling",
        "subjects_touch",
        # Asked by name or older number, for whose subject nobody knows yet.
        "subjects_identity",
        "ingest_batch",
        "ingest_set_aside",
        "ingest_decision",
        "ingest_tally",
        "ingest_zero_report",
        # A draft, a queue and a printing belong to whoever is at work, not to the business.
        "applications_draft",
        "applications_waiting",
        # A page of what was decided in a city is one look, as the queue is.
        "applications_decided",
        "applications_newcomer",
        "codes_print_job",
        "codes_showing_waiting",
        # By serial alone, as the journal is.
        "codes_scan_reached",
        "codes_scan_seen",
        "commitments_numbered",
        # A page of what a unit accepted is one look; made anew from the records of whoever is touched.
        "commitments_listed",
        "people_phone",
        "people_phone_code",
        "people_binding",
        "people_call",
        "people_proof",
        "people_unit",
        "people_invitation",
        "people_user",
        "people_user_groups",
        "people_user_user_permissions",
        "people_trail",
        "people_trail_seal",
        "auth_group",
        "auth_group_permissions",
        "auth_permission",
        "account_emailaddress",  # allauth's server looks for it; nothing is ever written
        "account_emailconfirmation",
        "mfa_authenticator",
        "socialaccount_socialaccount",
        "socialaccount_socialapp",
        "socialaccount_socialtoken",
        "allauth_idp_oidc_client",
        "allauth_idp_oidc_token",
        "axes_accessattempt",
        "axes_accessattemptexpiration",
        "axes_accessfailurelog",
        "axes_accesslog",
        "django_content_type",
        "django_migrations",
        "django_session",
    }
)
