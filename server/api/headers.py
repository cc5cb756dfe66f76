"""The headers of every answer, errors and files included: nothing kept, nothing guessed, nothing framed."""

from flask import Response

from server.api.context import server

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}
_A_YEAR = "max-age=31536000; includeSubDomains"


def guard_every_answer(response: Response) -> Response:
    """The same answer with them; where a page says its own, that stands. With TLS, TLS alone."""
    # Files of our own would be kept by a browser for as long as it likes.
    response.headers["Cache-Control"] = "no-store"
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if server().config.office.is_secure:
        response.headers["Strict-Transport-Security"] = _A_YEAR
    return response
