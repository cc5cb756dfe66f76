"""Every error as RFC 9457 problem details, in the language the request asks for."""

import json
import logging
import traceback
from http import HTTPStatus

from flask import Flask, Response, request
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, ProgrammingError
from werkzeug.exceptions import ClientDisconnected, HTTPException

from fieldsync.domain.codec import to_builtins
from fieldsync.errors import FieldsyncError, InputError, NotFoundError
from fieldsync.locale import render
from fieldsync.schemas.problems import PROBLEM_TYPE
from fieldsync.words import LANGUAGES, Words, words
from server.api.reading import too_large

_LOG = logging.getLogger("fieldsync.server")
_TYPE = "urn:fieldsync:problem:"
_BUSY_S = 5
_SERVER_FAULT = HTTPStatus.INTERNAL_SERVER_ERROR
_BUSY = HTTPStatus.SERVICE_UNAVAILABLE
_TITLES = {
    400: words("Bad request"),
    401: words("Not signed in"),
    403: words("Not allowed"),
    404: words("Not found"),
    405: words("Method not allowed"),
    408: words("Too slow"),
    409: words("Conflict"),
    410: words("Gone"),
    412: words("Versions do not match"),
    413: words("Too large"),
    415: words("Unsupported content type"),
    422: words("Cannot be processed"),
    426: words("Versions do not match"),
    429: words("Too many requests"),
    451: words("Refused by a rule"),
    460: words("Arrived with faults"),
    500: words("Fault of the server"),
    503: words("Not available now"),
    507: words("No room"),
}


def register(app: Flask) -> None:
    """Answer every kind of error this way."""
    app.register_error_handler(FieldsyncError, _deliberate)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(DatabaseError, _of_store)
    for ours in (DataError, IntegrityError, ProgrammingError):
        app.register_error_handler(ours, _unforeseen)
    app.register_error_handler(Exception, _unforeseen)


def language() -> str:
    """The language of the answer: Accept-Language, English otherwise."""
    best = request.accept_languages.best_match(["en", "zh-CN", "zh"], default="en")
    return LANGUAGES[1] if best.startswith("zh") else LANGUAGES[0]


def _deliberate(error: FieldsyncError) -> Response:
    status = error.http_status
    if status >= _SERVER_FAULT and status != _BUSY:
        _LOG.error("error %s: %s", error.code, error)
    response = _problem(status, error.code, error.message, error.hint, error.details)
    if status in {_BUSY, HTTPStatus.INSUFFICIENT_STORAGE}:
        response.headers["Retry-After"] = str(_BUSY_S)
    if status == HTTPStatus.TOO_MANY_REQUESTS and "retry_after_s" in error.details:
        response.headers["Retry-After"] = str(error.details["retry_after_s"])
    if status == HTTPStatus.UNAUTHORIZED:
        # RFC 9110 asks for this header with this status.
        response.headers["WWW-Authenticate"] = 'Signature realm="fieldsync"'
    return response


def _of_http(error: HTTPException) -> Response:
    """What Flask itself refuses: unknown address, method, size."""
    status = error.code or _SERVER_FAULT
    if isinstance(error, ClientDisconnected) and isinstance(error.__context__, OSError):
        return _deliberate(InputError("408.1", words("The request came too slowly.")))
    if status == HTTPStatus.NOT_FOUND:
        return _deliberate(NotFoundError("404.40", words("There is nothing at this address.")))
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return _deliberate(too_large(request.max_content_length or 0))
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        response = _problem(
            405, "405.1", words("This address does not take that method."), None, {}
        )
        response.headers.extend(error.get_headers())
        response.headers["Content-Type"] = PROBLEM_TYPE
        return response
    return _deliberate(InputError("400.48", words("The request cannot be understood.")))


def _of_store(error: DatabaseError) -> Response:
    """The store is busy, full, damaged or away: nothing was changed, and the device tries again."""
    # What follows the first line may hold values (PostgreSQL's DETAIL).
    _LOG.error("the store cannot be used: %s", str(error.orig).partition("\n")[0])
    hint = words("Nothing was changed. Try again in a minute.")
    response = _problem(
        _BUSY, "503.1", words("The server's store cannot be used just now."), hint, {}
    )
    response.headers["Retry-After"] = str(_BUSY_S)
    return response


def _unforeseen(error: Exception) -> Response:
    """A fault of ours: where it happened goes to the log, without its words, which may name a person."""
    where = "".join(traceback.format_tb(error.__traceback__))
    _LOG.error("unforeseen %s\n%s", type(error).__name__, where)
    hint = words("Nothing was changed. The server's log tells more.")
    return _problem(_SERVER_FAULT, "500.1", words("The server made a mistake."), hint, {})


def _problem(
    status: int, code: str, detail: Words, hint: Words | None, details: dict[str, object]
) -> Response:
    tag = language()
    body = {
        **to_builtins(details),
        "type": _TYPE + code,
        "title": render(_TITLES.get(status, _TITLES[_SERVER_FAULT]), tag),
        "status": status,
        "detail": render(detail, tag),
        "code": code,
        "hint": render(hint, tag) if hint else None,
    }
    response = Response(json.dumps(body, ensure_ascii=False), status, mimetype=PROBLEM_TYPE)
    response.headers["Content-Language"] = tag
    response.headers.add("Vary", "Accept-Language")
    return response
