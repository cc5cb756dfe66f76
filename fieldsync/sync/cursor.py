"""The cursor: how far an agent has read, opaque to the device and authenticated by the server.

Text: base64url(JSON of epoch, agent, fseq and, while it matters, clear_to) "." base64url(HMAC-SHA-256
over it, 16 bytes).
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
    """A place in one agent's feed, in one life (epoch) of the server's store.

    `clear_to`: its reader began from nothing when removals up to there were pruned already, and so
    holds no row that they removed.
    """

    epoch: str
    agent: str
    fseq: int
    clear_to: int = 0

    def misses(self, floor: int) -> bool:
        """Whether removals that its reader has not seen may be pruned, those up to `floor`."""
        return max(self.fseq, self.clear_to) < floor


def _mac(key: bytes, payload: bytes) -> bytes:
    return hmac.new(key, _TAG + payload, hashlib.sha256).digest()[:_MAC_BYTES]


def seal_cursor(cursor: Cursor, key: bytes) -> str:
    """The text a device is given."""
    place: list[str | int] = [cursor.epoch, cursor.agent, cursor.fseq]
    if cursor.clear_to > cursor.fseq:
        place.append(cursor.clear_to)
    payload = json.dumps(place, separators=(",", ":")).encode()
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
    return Cursor(*json.loads(payload))
