"""Reads what came back from the server, or did not: JSON, or an error that says what to do."""

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import urllib3

from agent_cli.least_speed import EndlessAnswerError
from fieldsync.errors import (
    ConflictError,
    FieldsyncError,
    InputError,
    NotFoundError,
    ProtocolMismatchError,
    RefusedError,
    UnauthorisedError,
    UnreachableError,
)
from fieldsync.schemas.problems import PROBLEM_TYPE
from fieldsync.words import Words, words

_CLOCK_OFF = "401.2"
_SERVER_FAULT = 500
# Too slowly for it, or too much at once: it may be asked again.
_LATER = frozenset({408, 429})
# Longer waits than three years are no waits.
_DIGITS_MAX = 9
_KEPT = words("Your records stay on this device; sync again when there is a network.")
_BY_STATUS: dict[int, type[FieldsyncError]] = {
    401: UnauthorisedError,
    403: UnauthorisedError,
    404: NotFoundError,
    409: ConflictError,
    410: ConflictError,
    426: ProtocolMismatchError,
    451: RefusedError,
}
# A used code is a conflict on the wire; for the officer it is one more way not to be signed in.
_BY_CODE: dict[str, type[FieldsyncError]] = {"409.44": UnauthorisedError}
# Answers of servers that do not know the method or HTTP as we speak it, and of networks that want a
# sign-in (511, RFC 6585): none of ours gives them.
_NEVER_OURS = frozenset({501, 505, 511})
_TOLD = frozenset({"at_seq", "head_seq", "head_hash", "protocols"})


def unreachable(url: str, timeout_s: int, error: Exception) -> UnreachableError:
    """Why no answer came: the network, its certificate, its slowness, or a reply that broke off."""
    if isinstance(error, requests.exceptions.SSLError):
        return UnreachableError(
            "601.2",
            words("{url} cannot prove who it is.", url=url),
            words("Nothing was sent. Use another network; tell the office if it stays so."),
        )
    if _is_endless(error):
        return UnreachableError(
            "601.7",
            words("The answer from {url} does not end.", url=url),
            words(
                "Nothing of it was taken, and your records stay on this device. Sync again, in"
                " another network if it stays so."
            ),
        )
    if _is_timeout(error):
        return UnreachableError(
            "601.3",
            words("{url} did not answer in {seconds} s.", url=url, seconds=timeout_s),
            _KEPT,
        )
    if _broke_off(error):
        return UnreachableError(
            "601.6", words("The connection to {url} broke off in the middle.", url=url), _KEPT
        )
    return UnreachableError("601.1", words("There is no way to {url} just now.", url=url), _KEPT)


def not_ours(url: str) -> UnreachableError:
    """The error for an answer that no Fieldsync server gives."""
    return UnreachableError(
        "601.4",
        words("What answered at {url} is not a Fieldsync server.", url=url),
        words("Perhaps this network wants you to sign in first: open a browser, then sync again."),
    )


def json_of(url: str, answer: requests.Response) -> dict[str, Any]:
    """The JSON object of an answer that went well; UnreachableError 601.4 for anything else."""
    if not answer.headers.get("Content-Type", "").startswith("application/json"):
        raise not_ours(url)
    try:
        data = answer.json()
    except (ValueError, RecursionError) as error:
        raise not_ours(url) from error
    if not isinstance(data, dict):
        raise not_ours(url)
    return data


def server_time_of(answer: requests.Response) -> datetime | None:
    """The server's time where it refused a request for its wrong one (401.2), else None."""
    problem = _problem_of(answer)
    if problem.get("code") != _CLOCK_OFF:
        return None
    try:
        told = datetime.fromisoformat(str(problem.get("server_time")))
    except ValueError:
        return None
    return told if told.tzinfo else None


def error_of(url: str, answer: requests.Response) -> FieldsyncError:
    """The error an answer stands for, in the words of the server where it is one of ours."""
    problem = _problem_of(answer)
    hint = problem.get("hint")
    if not problem and answer.status_code in _NEVER_OURS:
        return not_ours(url)
    if answer.status_code >= _SERVER_FAULT or answer.status_code in _LATER:
        return _in_trouble(url, answer, problem)
    if not problem:
        return not_ours(url)
    kind = _BY_CODE.get(problem["code"]) or _BY_STATUS.get(answer.status_code, InputError)
    details = {name: value for name, value in problem.items() if name in _TOLD}
    return kind(problem["code"], Words(problem["detail"]), Words(hint) if hint else None, **details)


def _problem_of(answer: requests.Response) -> dict[str, Any]:
    """The problem document, or nothing where the answer is none of ours."""
    if not answer.headers.get("Content-Type", "").startswith(PROBLEM_TYPE):
        return {}
    try:
        data = answer.json()
    except (ValueError, RecursionError):
        return {}
    if not isinstance(data, dict):
        return {}
    ours = all(isinstance(data.get(name), str) for name in ("code", "detail"))
    return data if ours and isinstance(data.get("hint"), str | None) else {}


def _in_trouble(url: str, answer: requests.Response, problem: dict[str, Any]) -> UnreachableError:
    """The server, or what stands before it, is there and cannot answer now; `retry_after_s` as told."""
    message = (
        Words(problem["detail"])
        if problem
        else words("The server at {url} is in trouble.", url=url)
    )
    code = str(problem.get("code", "601.5"))
    seconds = _retry_after_s(answer)
    if seconds is None:
        return UnreachableError(code, message, _KEPT)
    hint = words(
        "Your records stay on this device; sync again in {seconds} seconds.", seconds=seconds
    )
    return UnreachableError(code, message, hint, retry_after_s=seconds)


def _retry_after_s(answer: requests.Response) -> int | None:
    """When to try again by `Retry-After`: seconds, or a date beside the answer's own `Date` (RFC 9110)."""
    told = answer.headers.get("Retry-After", "")
    if told.isascii() and told.isdecimal() and len(told) < _DIGITS_MAX:
        return int(told)
    # Both dates are the server's, so this device's clock plays no part.
    until, now = _date_in(told), date_of(answer)
    if until is None or now is None:
        return None
    return max(0, int((until - now).total_seconds()))


def date_of(answer: requests.Response) -> datetime | None:
    """When it was answered by `Date`, the server's own clock; None where that says nothing."""
    return _date_in(answer.headers.get("Date", ""))


def _date_in(text: str) -> datetime | None:
    """A date of HTTP with its zone; a number of thousands of digits is none either."""
    try:
        told = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return told if told.tzinfo else None


def _is_endless(error: Exception) -> bool:
    return any(isinstance(one, EndlessAnswerError) for one in (error, *_reasons(error)))


def _is_timeout(error: Exception) -> bool:
    """No answer in time; where not even a connection came about in time, there is no way (601.1)."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return False
    # requests tells a wait in the middle of a request or of a reply as a broken connection.
    return (
        isinstance(error, requests.exceptions.Timeout)
        or isinstance(_cause(error), urllib3.exceptions.ReadTimeoutError)
        or any(isinstance(reason, TimeoutError) for reason in _reasons(error))
    )


def _broke_off(error: Exception) -> bool:
    broken = (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)
    return isinstance(error, broken) or isinstance(_cause(error), urllib3.exceptions.ProtocolError)


def _cause(error: Exception) -> object:
    return error.args[0] if error.args else None


def _reasons(error: Exception) -> tuple[object, ...]:
    """What urllib3 gives as the reason why a connection broke."""
    cause = _cause(error)
    return cause.args if isinstance(cause, urllib3.exceptions.ProtocolError) else ()
