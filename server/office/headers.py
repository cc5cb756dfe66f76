"""The headers of pages, beside those of every answer: nothing from elsewhere, nothing told to others."""

from flask import Response

_SOURCES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _SOURCES,
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def guard(response: Response) -> Response:
    """The same page with them."""
    response.headers.update(_HEADERS)
    return response


def guard_office(response: Response) -> Response:
    """The same for the office, whose own script asks its own server (passkeys)."""
    guard(response)
    response.headers["Content-Security-Policy"] = f"{_SOURCES}; connect-src 'self'"
    # With no referrer at all browsers do not say of which site a form is, and ours asks for it.
    response.headers["Referrer-Policy"] = "same-origin"
    return response
