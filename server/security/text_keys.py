"""Ed25519 keys and signatures as text, the form they travel in."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from fieldsync.domain import base64url


def public_key(text: str) -> Ed25519PublicKey:
    """The Ed25519 public key in the text; ValueError if it is none."""
    return Ed25519PublicKey.from_public_bytes(base64url.decode(text))


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half of a key as text."""
    return base64url.encode(key.public_key().public_bytes_raw())


def sign_text(key: Ed25519PrivateKey, tag: bytes, text: str) -> str:
    """The signature over a tag and a text."""
    return base64url.encode(key.sign(tag + text.encode()))
