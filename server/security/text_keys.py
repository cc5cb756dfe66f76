"""Keys and signatures as text: raw bytes in base64url without padding, the form they travel in."""

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def public_key(text: str) -> Ed25519PublicKey:
    """The Ed25519 public key in the text; ValueError if it is none."""
    return Ed25519PublicKey.from_public_bytes(unb64(text))


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half of a key as text."""
    return b64(key.public_key().public_bytes_raw())


def sign_text(key: Ed25519PrivateKey, tag: bytes, text: str) -> str:
    """The signature over a tag and a text."""
    return b64(key.sign(tag + text.encode()))


def b64(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The reverse; ValueError if it is none."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
