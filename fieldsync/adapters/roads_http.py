"""A Valhalla server of the bank, asked over HTTP: bounded in time, size and number of tries.

TLS is checked as `requests` does it. An address may hold a user and a password; they are sent and
never shown.
"""

import json
from typing import Any
from urllib.parse import urlsplit

import requests

from fieldsync.adapters.roads_valhalla import USUAL_PAIRS, RoadRefusedError, unreadable
from fieldsync.errors import InputError, UnreachableError
from fieldsync.ports import Clock
from fieldsync.words import words

_TRIES = 2
_PIECE_BYTES = 64 * 1024
_LARGEST_ANSWER_BYTES = 32 * 1024 * 1024
_OK, _SERVER_ERROR = 200, 500


class ValhallaServer:
    """The RoadEngine of an address; one question at a time, each at most `timeout_s` long."""

    def __init__(
        self, url: str, clock: Clock, *, timeout_s: float = 20, largest: int = USUAL_PAIRS
    ) -> None:
        """InputError 422.601 for an address that is not http or https."""
        self.shown = shown_address(url)
        self._url = url.rstrip("/")
        self._clock = clock
        self._timeout_s = timeout_s
        self._largest = largest
        self._session = requests.Session()

    @property
    def largest(self) -> int:
        """The most pairs that one question may have."""
        return self._largest

    def ask(self, action: str, question: dict[str, object]) -> Any:
        """The answer; a server that stumbles is asked once more."""
        for left in reversed(range(_TRIES)):
            try:
                status, body = self._post(action, question)
            except requests.RequestException:
                if not left:
                    raise self._away() from None
                continue
            if status < _SERVER_ERROR or not left:
                return self._read(status, body)
        raise self._away()

    def _post(self, action: str, question: dict[str, object]) -> tuple[int, bytes]:
        """Status and body; a redirect is not followed: it would carry addresses elsewhere."""
        deadline = self._clock.monotonic_ms() + self._timeout_s * 1000
        with self._session.post(
            f"{self._url}/{action}",
            json=question,
            timeout=self._timeout_s,
            allow_redirects=False,
            stream=True,
        ) as answer:
            body = bytearray()
            for piece in answer.iter_content(_PIECE_BYTES):
                body += piece
                slow = self._clock.monotonic_ms() > deadline
                if slow or len(body) > _LARGEST_ANSWER_BYTES:
                    raise requests.Timeout
            return answer.status_code, bytes(body)

    def _read(self, status: int, body: bytes) -> Any:
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            said = None
        if status == _OK:
            if said is None:
                raise unreadable()
            return said
        code = said.get("error_code") if isinstance(said, dict) else None
        if status < _SERVER_ERROR and isinstance(code, int):
            raise RoadRefusedError(code)
        raise UnreachableError(
            "502.13",
            words("The road server {url} answered HTTP {status}.", url=self.shown, status=status),
        )

    def _away(self) -> UnreachableError:
        return UnreachableError(
            "502.11", words("The road server {url} does not answer.", url=self.shown)
        )


def shown_address(url: str) -> str:
    """Scheme, host and port: what may be shown of an address; InputError 422.601 where it is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host:
        raise InputError(
            "422.601",
            words("The address of the road server is not an http or https address."),
            words('Write it like this: url = "https://roads.bank.example"'),
        )
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")
