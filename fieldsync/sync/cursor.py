"""The cursor: how far an agent has read, opaque to the device and authenticated by the server.

Text: base64url(JSON of epoch, agent, fseq) "." base64url(HMAC-SHA-256 over it, 16 bytes).
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass

_MAC_BYTES = 16
_TAG = b"fieldsync/cursor/1\x00"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in one agent's feed, in one life (epoch) of the server's store."""

    epoch: str
    agent: str
    fseq: int


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _mac(key: bytes, payload: bytes) -> bytes:
    return hmac.new(key, _TAG + payload, hashlib.sha256).digest()[:_MAC_BYTES]


def seal_cursor(cursor: Cursor, key: bytes) -> str:
    """The text a device is given."""
    payload = json.dumps([cursor.epoch, cursor.agent, cursor.fseq], separators=(",", ":")).encode()
    return f"{_b64(payload)}.{_b64(_mac(key, payload))}"


def open_cursor(text: str, key: bytes) -> Cursor | None:
    """The cursor in the text, or None if this server did not write it."""
    payload_text, _, mac_text = text.partition(".")
    try:
        payload, mac = _unb64(payload_text), _unb64(mac_text)
    except (binascii.Error, ValueError):
        return None
    if not hmac.compare_digest(mac, _mac(key, payload)):
        return None
    epoch, agent, fseq = json.loads(payload)
    return Cursor(epoch, agent, fseq)
