"""Packs larger answers with gzip where the device takes it: poor lines are the rule in the field."""

import gzip

from flask import Response, request

_WORTH_IT_BYTES = 1024
_LEVEL = 6


def compress(response: Response) -> Response:
    """The same answer, packed."""
    response.headers.add("Vary", "Accept-Encoding")
    if (
        response.direct_passthrough
        or response.headers.get("Content-Encoding")
        or request.accept_encodings.quality("gzip") <= 0
        or len(response.get_data()) < _WORTH_IT_BYTES
    ):
        return response
    response.set_data(gzip.compress(response.get_data(), _LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    return response
