"""Raw bytes as text in base64url without padding (RFC 4648, section 5): how keys and signatures travel."""

import base64
import re

# The library passes over every other character, so that many texts would stand for the same bytes.
_LETTERS = re.compile(r"[A-Za-z0-9_-]*")


def encode(raw: bytes) -> str:
    """The text of the bytes."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of the text; ValueError if it is none, or is spelt as `encode` never does."""
    if not _LETTERS.fullmatch(text):
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
