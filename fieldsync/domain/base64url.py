"""Raw bytes as text in base64url without padding (RFC 4648, section 5): how keys and signatures travel."""

import base64


def encode(raw: bytes) -> str:
    """The text of the bytes."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of the text; ValueError if it is none."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
