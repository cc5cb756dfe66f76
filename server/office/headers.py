"""The headers of every page: nothing from elsewhere, nothing kept, nothing told to others."""

from flask import Response

from server.api.context import server

_SOURCES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _SOURCES,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_A_YEAR = "max-age=31536000; includeSubDomains"


def guard(response: Response) -> Response:
    """The same page with them."""
    response.headers.update(_HEADERS)
    return response


def guard_office(response: Response) -> Response:
    """The same for the office, whose own script asks its own server (passkeys); with TLS, TLS alone."""
    guard(response)
    response.headers["Content-Security-Policy"] = f"{_SOURCES}; connect-src 'self'"
    # With no referrer at all browsers do not say of which site a form is, and ours asks for it.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if server().config.office.is_secure:
        response.headers["Strict-Transport-Security"] = _A_YEAR
    return response
