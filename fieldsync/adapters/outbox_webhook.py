"""Letters as signed HTTP requests to a service of the bank: RFC 9421 with the server's own key.

Only https, except to this machine while practising; no redirect is followed, no proxy asked.
"""

import http.client
import ipaddress
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fieldsync.adapters.outbox_errors import not_taken, refused, unknown
from fieldsync.adapters.request_signatures import sign_request
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.notice import Letter
from fieldsync.errors import InputError
from fieldsync.ports import Clock
from fieldsync.words import words

KEY_ID = "server"
_BUSY = frozenset({408, 425, 429, *range(500, 600)})
_TAKEN = range(200, 300)
_ANSWER_BYTES = 64 * 1024


@dataclass(slots=True)
class _Request:
    """What is signed and sent."""

    method: str
    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class WebhookOutbox:
    """The Notifier port over HTTP. `Idempotency-Key` is the notice's id: the service gives each once."""

    channel = "webhook"
    repeatable = True

    def __init__(
        self,
        url: str,
        *,
        key: Ed25519PrivateKey,
        clock: Clock,
        timeout_s: int = 20,
        loopback: bool = False,
        context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        """InputError 422.534 for an address that may not be written to."""
        self._parts = _safe(url, loopback=loopback)
        self._url = url
        self._key = key
        self._clock = clock
        self._timeout_s = timeout_s
        self._context = context

    def give(self, letter: Letter) -> None:
        """POST the letter as JSON; any answer of 2xx means that the service has it."""
        request = self._signed(letter)
        connection = self._connection()
        handed_over = False
        try:
            connection.connect()
            if reaches_inwards(connection.sock.getpeername()[0]):
                raise refused(self.channel, "link-local")
            handed_over = True
            connection.request("POST", self._path(), request.body, request.headers)
            answer = connection.getresponse()
            answer.read(_ANSWER_BYTES)
        except (OSError, http.client.HTTPException) as error:
            lost = unknown if handed_over else not_taken
            raise lost(self.channel, str(error) or type(error).__name__) from error
        finally:
            connection.close()
        if answer.status in _BUSY:
            raise not_taken(self.channel, f"HTTP {answer.status}")
        if answer.status not in _TAKEN:
            raise refused(self.channel, f"HTTP {answer.status}")

    def _signed(self, letter: Letter) -> _Request:
        body = json.dumps(to_builtins(letter), ensure_ascii=False, sort_keys=True).encode()
        request = _Request("POST", self._url, body, {"Content-Type": "application/json"})
        request.headers["Idempotency-Key"] = letter.notice_id
        sign_request(request, KEY_ID, self._key, self._clock.now(), letter.notice_id)
        return request

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(
                host, port, timeout=self._timeout_s, context=self._context()
            )
        return http.client.HTTPConnection(host, port, timeout=self._timeout_s)

    def _path(self) -> str:
        query = f"?{self._parts.query}" if self._parts.query else ""
        return (self._parts.path or "/") + query


def _safe(url: str, *, loopback: bool) -> SplitResult:
    """The parts of an address that is https without credentials, or this machine's own in practice."""
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        raise _unsafe() from None
    named = bool(parts.hostname) and "@" not in parts.netloc and not parts.fragment
    here = parts.scheme == "http" and _is_loopback(parts.hostname or "")
    if not named or not (parts.scheme == "https" or (loopback and here)):
        raise _unsafe()
    return parts


def reaches_inwards(peer: str) -> bool:
    """Whether a name has led to an address that only this machine's own surroundings answer at.

    Clouds hand out a machine's credentials at such addresses; a bank's own private ones are fine.
    """
    address = ipaddress.ip_address(peer.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_link_local or mapped.is_multicast or mapped.is_unspecified)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _unsafe() -> InputError:
    return InputError(
        "422.534",
        words("Notices may not be sent to this address."),
        words("Name an https address without a password in `webhook_url`."),
    )
