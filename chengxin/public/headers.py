"""What a browser may do on the public's pages: on a scan nothing at all, elsewhere what a page is given by name."""

from __future__ import annotations

from typing import Final

Headers = list[tuple[str, str]]

POLICY: Final = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def security(*, policy: dict[str, str] | None = None, allowed: tuple[str, ...] = ()) -> tuple[tuple[str, str], ...]:
    """Return the headers of a page that needs more: its own directives of the policy, and devices it may ask for.

    `allowed` names features of Permissions-Policy (`camera`, `geolocation`); the visitor is still asked.
    """
    directives = "; ".join(f"{name} {value}" for name, value in {**POLICY, **(policy or {})}.items())
    features = ", ".join(
        f"{name}=({'self' if name in allowed else ''})" for name in ("camera", "geolocation", "microphone")
    )
    return (
        ("Content-Security-Policy", directives),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Permissions-Policy", features),
    )


SECURITY: Final = security()
"""On every answer that asks for nothing more."""
