"""Talks to the server: the only module with `requests`; signs, limits the wait, explains every failure.

Proxies and certificates of the environment are not followed (`trust_env`): they could redirect a
device to another server.
"""

import gzip
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent_cli.answers import date_of, error_of, json_of, not_ours, server_time_of, unreachable
from agent_cli.least_speed import EndlessAnswerError
from agent_cli.reply_limits import take_whole
from agent_cli.slow_line import Slices, open_session, patience_s
from fieldsync.adapters.request_signatures import sign_request
from fieldsync.errors import FieldsyncError, InputError
from fieldsync.locale import language
from fieldsync.ports import Clock, Randomness
from fieldsync.schemas.problems import PROBLEM_TYPE
from fieldsync.sync.messages import PROTOCOL_HEADER, PROTOCOL_VERSION
from fieldsync.sync.rhythm import short_wait_s
from fieldsync.words import words

_COMPRESS_FROM_BYTES = 2048
_NONCE_BYTES = 16
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def checked_url(url: str) -> str:
    """The server's address without a trailing slash; InputError 600.5 or 600.6 where it is none or unsafe."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise InputError(
            "600.5",
            words("{url} is not the address of a server.", url=url),
            words("Give it as https://host, as the office told you."),
        )
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise InputError(
            "600.6",
            words("{url} would send the bank's data unencrypted.", url=url),
            words("Use https://; http:// is for a server on this very machine."),
        )
    return url.rstrip("/")


@dataclass(slots=True)
class Remote:
    """One server, and the key that signs requests to it; `offset` corrects a wrong clock, once told.

    `progress` is told the bytes that went up and came down since it was last called.
    """

    url: str
    key_id: str
    key: Ed25519PrivateKey
    clock: Clock
    randomness: Randomness
    timeout_s: int
    ca_file: str = ""
    progress: Callable[[int, int], None] = lambda _up, _down: None
    wait: Callable[[float], object] = time.sleep
    offset: timedelta = timedelta(0)
    protocol: int = PROTOCOL_VERSION

    def post(self, path: str, message: Any) -> dict[str, Any]:
        """Send JSON, get JSON; every failure is one of ours."""
        content = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json"}
        if len(content) >= _COMPRESS_FROM_BYTES:
            content, headers["Content-Encoding"] = gzip.compress(content), "gzip"
        return json_of(self.url, self._exchange("POST", path, content, headers))

    def put_file(self, sha256: str, content: bytes, media_type: str) -> None:
        """Send a file; sending it again is the same. Only the server's word counts that it is kept."""
        headers = {"Content-Type": media_type}
        answer = self._exchange("PUT", f"/api/v1/blobs/{sha256}", content, headers)
        if json_of(self.url, answer).get("sha256") != sha256:
            raise not_ours(self.url)

    def ask(
        self, method: str, path: str, content: bytes, headers: dict[str, str]
    ) -> Mapping[str, str]:
        """Ask what is answered in headers alone (tus); every failure is one of ours."""
        return self._exchange(method, path, content, headers).headers

    def _exchange(
        self, method: str, path: str, content: bytes, headers: dict[str, str]
    ) -> requests.Response:
        waits = 0
        while True:
            answer = self._answered(method, path, content, headers)
            if answer.ok and not answer.is_redirect:
                return answer
            error = error_of(self.url, answer)
            pause_s = short_wait_s(error, waits)
            if pause_s is None:
                raise error
            self.wait(pause_s)
            waits += 1

    def _answered(
        self, method: str, path: str, content: bytes, headers: dict[str, str]
    ) -> requests.Response:
        answer = self._send(method, path, content, headers)
        server_time = server_time_of(answer)
        if server_time is None:
            return answer
        # An honest device with a wrong clock takes the server's time, once.
        self.offset = server_time - self.clock.now()
        return self._send(method, path, content, headers)

    def _send(
        self, method: str, path: str, content: bytes, headers: dict[str, str]
    ) -> requests.Response:
        request = requests.Request(method, self.url + path, data=content, headers=headers).prepare()
        request.headers[PROTOCOL_HEADER] = str(self.protocol)
        request.headers["Accept-Language"] = language()
        request.headers["Accept"] = f"application/json, {PROBLEM_TYPE}"
        request.headers["Accept-Encoding"] = "gzip"
        nonce = self.randomness.token(_NONCE_BYTES).hex()
        sign_request(request, self.key_id, self.key, self.clock.now() + self.offset, nonce)
        if content:
            # The signature needed the whole; the line gets it piece by piece.
            pieces = Slices(content, lambda size: self.progress(size, 0))
            request.body = pieces  # type: ignore[assignment]  # requests sends what can be read too
        try:
            with open_session() as session:
                answer = session.send(
                    request,
                    timeout=patience_s(self.timeout_s, len(content)),
                    allow_redirects=False,
                    verify=self.ca_file or True,
                    stream=True,
                )
                take_whole(answer)
        except (requests.exceptions.RequestException, EndlessAnswerError) as error:
            raise unreachable(self.url, self.timeout_s, error) from error
        self.progress(0, answer.raw.tell())
        return answer


class Reach(StrEnum):
    """What stands at a server's address."""

    OURS = "ours"
    OTHER = "other"
    NOTHING = "nothing"


def reach(url: str, timeout_s: float, ca_file: str = "") -> tuple[Reach, datetime | None]:
    """What answers there, and its time by the Date header (for `doctor`); never an error."""
    try:
        with open_session() as session:
            answer = session.get(
                url + "/healthz",
                timeout=timeout_s,
                allow_redirects=False,
                verify=ca_file or True,
                stream=True,
            )
            take_whole(answer)
        health = json_of(url, answer)
    except (requests.exceptions.RequestException, OSError):
        return Reach.NOTHING, None
    except (FieldsyncError, EndlessAnswerError):
        return Reach.OTHER, None
    if not answer.ok or not {"status", "version"} <= health.keys():
        return Reach.OTHER, None
    return Reach.OURS, date_of(answer)
