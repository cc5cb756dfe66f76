"""The cursor: how far an agent has read, opaque to the device and authenticated by the server.

Text: base64url(JSON of epoch, agent, fseq) "." base64url(HMAC-SHA-256 over it, 16 bytes).
"""

import hashlib
import hmac
import json
from dataclasses import dataclass

from fieldsync.domain import base64url

_MAC_BYTES = 16
_TAG = b"fieldsync/cursor/1\x00"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in one agent's feed, in one life (epoch) of the server's store."""

    epoch: str
    agent: str
    fseq: int


def _mac(key: bytes, payload: bytes) -> bytes:
    return hmac.new(key, _TAG + payload, hashlib.sha256).digest()[:_MAC_BYTES]


def seal_cursor(cursor: Cursor, key: bytes) -> str:
    """The text a device is given."""
    payload = json.dumps([cursor.epoch, cursor.agent, cursor.fseq], separators=(",", ":")).encode()
    return f"{base64url.encode(payload)}.{base64url.encode(_mac(key, payload))}"


def open_cursor(text: str, key: bytes) -> Cursor | None:
    """The cursor in the text, or None if this server did not write it."""
    payload_text, _, mac_text = text.partition(".")
    try:
        payload, mac = base64url.decode(payload_text), base64url.decode(mac_text)
    except ValueError:
        return None
    if not hmac.compare_digest(mac, _mac(key, payload)):
        return None
    epoch, agent, fseq = json.loads(payload)
    return Cursor(epoch, agent, fseq)
