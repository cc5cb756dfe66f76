"""What is derived from the key of accounts: encrypted seeds, keyed marks and tokens against forged forms."""

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fieldsync.domain import base64url
from fieldsync.errors import LocalCopyError
from fieldsync.ports import Randomness
from fieldsync.words import words

_NONCE_BYTES = 12
_TOKEN_BYTES = 32
_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH, _GROUP = 16, 4


def fresh_token(randomness: Randomness) -> str:
    """256 random bits as text: a session, a step of signing in, a mark of a browser."""
    return base64url.encode(randomness.token(_TOKEN_BYTES))


def fresh_code(randomness: Randomness) -> str:
    """80 random bits as four groups of letters and digits that people can type (Crockford's base 32)."""
    drawn = randomness.token(_CODE_LENGTH)
    plain = "".join(_CODE_ALPHABET[byte % len(_CODE_ALPHABET)] for byte in drawn)
    return "-".join(plain[at : at + _GROUP] for at in range(0, _CODE_LENGTH, _GROUP))


def code_hash(said: str) -> str:
    """What is stored of a code, however it was typed."""
    letters = [char for char in said.upper() if char.isascii() and char.isalnum()]
    plain = "".join(letters).translate(str.maketrans("ILO", "110"))
    return digest(plain)


def digest(token: str) -> str:
    """What is stored of a token: whoever reads the store cannot use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed(key: bytes, use: str, text: str) -> str:
    """A mark of the text that only this server makes; each use has its own."""
    return hmac.new(_derived(key, use), text.encode(), hashlib.sha256).hexdigest()


def is_keyed(key: bytes, use: str, text: str, said: str) -> bool:
    """Whether this is that mark, compared in the same time however wrong it is."""
    return hmac.compare_digest(keyed(key, use, text).encode(), said.encode())


def encrypted(key: bytes, owner: str, plain: str, randomness: Randomness) -> str:
    """The text under AES-256-GCM, bound to its owner: moved to another account it does not open."""
    nonce = randomness.token(_NONCE_BYTES)
    sealed = AESGCM(_derived(key, "seed")).encrypt(nonce, plain.encode(), owner.encode())
    return base64url.encode(nonce + sealed)


def decrypted(key: bytes, owner: str, text: str) -> str:
    """What was encrypted; LocalCopyError 602.90 where the key in the folder is another one."""
    raw = base64url.decode(text)
    try:
        plain = AESGCM(_derived(key, "seed")).decrypt(
            raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], owner.encode()
        )
    except InvalidTag as error:
        raise LocalCopyError(
            "602.90",
            words("The seeds of one-time codes do not open with this server's accounts.key."),
            words("Restore the folder `keys` from your backup, or reset the account."),
        ) from error
    return plain.decode()


def _derived(key: bytes, use: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, f"fieldsync office {use}".encode()).derive(key)
