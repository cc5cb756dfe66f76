"""Talks to the server: the only module with `requests`; signs, limits the wait, explains every failure.

Proxies and certificates of the environment are not followed (`trust_env`): they could redirect a
device to another server.
"""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fieldsync.adapters.request_signatures import sign_request
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
from fieldsync.locale import language
from fieldsync.ports import Clock, Randomness
from fieldsync.sync.messages import PROTOCOL_HEADER, PROTOCOL_VERSION
from fieldsync.words import Words, words

_COMPRESS_FROM_BYTES = 2048
_NONCE_BYTES = 16
_PROBLEM = "application/problem+json"
_CLOCK_OFF = "401.2"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
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


def checked_url(url: str) -> str:
    """The server's address without a trailing slash; InputError 600.5 or 600.6 where it is none or unsafe."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise InputError(
            "600.5",
            words("{url} is not the address of a server.", url=url),
            words("Give it as https://host, as the office told you."),
        )
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise InputError(
            "600.6",
            words("{url} would send the bank's data unencrypted.", url=url),
            words("Use https://; http:// is for a server on this very machine."),
        )
    return url.rstrip("/")


@dataclass(slots=True)
class Remote:
    """One server, and the key that signs requests to it; `offset` corrects a wrong clock, once told."""

    url: str
    key_id: str
    key: Ed25519PrivateKey
    clock: Clock
    randomness: Randomness
    timeout_s: int
    progress: Callable[[int], None] = lambda _bytes: None
    offset: timedelta = timedelta(0)

    def post(self, path: str, message: Any) -> dict[str, Any]:
        """Send JSON, get JSON; every failure is one of ours."""
        content = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json"}
        if len(content) >= _COMPRESS_FROM_BYTES:
            content, headers["Content-Encoding"] = gzip.compress(content), "gzip"
        return _json_of(self._exchange("POST", path, content, headers))

    def put(self, path: str, content: bytes, media_type: str) -> None:
        """Send a file; sending it again is the same."""
        self._exchange("PUT", path, content, {"Content-Type": media_type})

    def _exchange(
        self, method: str, path: str, content: bytes, headers: dict[str, str]
    ) -> requests.Response:
        answer = self._send(method, path, content, headers)
        server_time = _server_time(answer)
        if server_time is not None:
            # An honest device with a wrong clock takes the server's time, once.
            self.offset = server_time - self.clock.now()
            answer = self._send(method, path, content, headers)
        if not answer.ok or answer.is_redirect:
            raise _error_of(answer)
        return answer

    def _send(
        self, method: str, path: str, content: bytes, headers: dict[str, str]
    ) -> requests.Response:
        request = requests.Request(method, self.url + path, data=content, headers=headers).prepare()
        request.headers[PROTOCOL_HEADER] = str(PROTOCOL_VERSION)
        request.headers["Accept-Language"] = language()
        request.headers["Accept"] = f"application/json, {_PROBLEM}"
        request.headers["Accept-Encoding"] = "gzip"
        nonce = self.randomness.token(_NONCE_BYTES).hex()
        sign_request(request, self.key_id, self.key, self.clock.now() + self.offset, nonce)
        self.progress(len(content))
        try:
            with requests.Session() as session:
                session.trust_env = False
                return session.send(request, timeout=self.timeout_s, allow_redirects=False)
        except requests.exceptions.SSLError as error:
            raise UnreachableError(
                "601.2", words("{url} cannot prove who it is.", url=self.url), _KEPT
            ) from error
        except requests.exceptions.Timeout as error:
            raise UnreachableError(
                "601.3",
                words("{url} did not answer in {seconds} s.", url=self.url, seconds=self.timeout_s),
                _KEPT,
            ) from error
        except requests.exceptions.RequestException as error:
            raise UnreachableError(
                "601.1", words("There is no way to {url} just now.", url=self.url), _KEPT
            ) from error


def is_reachable(url: str, timeout_s: float) -> tuple[bool, datetime | None]:
    """Whether a Fieldsync server answers there, and its time by the Date header (for `doctor`)."""
    from email.utils import parsedate_to_datetime

    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(url + "/healthz", timeout=timeout_s, allow_redirects=False)
    except requests.exceptions.RequestException:
        return False, None
    told = answer.headers.get("Date")
    return answer.ok, None if told is None else parsedate_to_datetime(told)


def not_ours(url: str) -> UnreachableError:
    """The error for an answer that no Fieldsync server gives."""
    return UnreachableError(
        "601.4",
        words("What answered at {url} is not a Fieldsync server.", url=url),
        words("Perhaps this network wants you to sign in first: open a browser, then sync again."),
    )


def _json_of(answer: requests.Response) -> dict[str, Any]:
    if not answer.headers.get("Content-Type", "").startswith("application/json"):
        raise not_ours(answer.url)
    try:
        data = answer.json()
    except ValueError as error:
        raise not_ours(answer.url) from error
    if not isinstance(data, dict):
        raise not_ours(answer.url)
    return data


def _problem_of(answer: requests.Response) -> dict[str, Any]:
    if answer.headers.get("Content-Type", "").startswith(_PROBLEM):
        try:
            data = answer.json()
        except ValueError:
            return {}
        if isinstance(data, dict) and isinstance(data.get("code"), str):
            return data
    return {}


def _server_time(answer: requests.Response) -> datetime | None:
    problem = _problem_of(answer)
    if problem.get("code") != _CLOCK_OFF:
        return None
    try:
        told = datetime.fromisoformat(str(problem.get("server_time")))
    except ValueError:
        return None
    return told if told.tzinfo else None


def _error_of(answer: requests.Response) -> FieldsyncError:
    problem = _problem_of(answer)
    if not problem:
        if answer.status_code >= 500:  # noqa: PLR2004 - HTTP's own border
            return UnreachableError(
                "601.5", words("The server at {url} is in trouble.", url=answer.url), _KEPT
            )
        return not_ours(answer.url)
    kind = _BY_STATUS.get(answer.status_code)
    if kind is None:
        kind = InputError if answer.status_code < 500 else UnreachableError  # noqa: PLR2004 - the same
    # The server has already said it in the officer's language.
    hint = problem.get("hint")
    details = {k: v for k, v in problem.items() if k in {"head_seq", "head_hash", "protocols"}}
    return kind(
        problem["code"],
        Words(str(problem.get("detail") or problem.get("title") or "")),
        Words(str(hint)) if hint else None,
        **details,
    )
