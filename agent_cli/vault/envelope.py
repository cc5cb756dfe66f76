"""Wraps the device's keys: they open with the passphrase (argon2id) and the secret of this machine's keyring.

RFC 9106 with three passes over 256 MiB, about a third of a second. The keyring's secret makes a copied folder
worthless without the account it was copied from; where there is no keyring the passphrase stands alone,
and has to be longer.
"""

import base64
import hashlib
import json
import unicodedata
from dataclasses import dataclass

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

SALT_BYTES = argon2id.SALTBYTES
NONCE_BYTES = 24
LEAST_WITH_KEYRING = 6
LEAST_ALONE = 12


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs: passes over that many bytes of memory."""

    passes: int = 3
    memory: int = 256 << 20


@dataclass(frozen=True, slots=True)
class Envelope:
    """The wrapped keys; `bound`: the keyring's secret is needed too."""

    salt: bytes
    cost: Cost
    bound: bool
    nonce: bytes
    box: bytes


def wrap(content: str, passphrase: str, secret: bytes | None, token: bytes, cost: Cost) -> Envelope:
    """An envelope from SALT_BYTES + NONCE_BYTES random bytes; `secret` is the keyring's, if there is one."""
    salt, nonce = token[:SALT_BYTES], token[SALT_BYTES : SALT_BYTES + NONCE_BYTES]
    bare = Envelope(salt, cost, secret is not None, nonce, b"")
    box = crypto_aead_xchacha20poly1305_ietf_encrypt(
        content.encode(), _facts(bare), nonce, _key(bare, passphrase, secret)
    )
    return Envelope(salt, cost, bare.bound, nonce, box)


def unwrap(envelope: Envelope, passphrase: str, secret: bytes | None) -> str | None:
    """What it holds; None where passphrase or secret are wrong, or anything of it was changed.

    MemoryError where this machine has too little for it.
    """
    try:
        key = _key(envelope, passphrase, secret)
        content = crypto_aead_xchacha20poly1305_ietf_decrypt(
            envelope.box, _facts(envelope), envelope.nonce, key
        )
    except (CryptoError, ValueError, TypeError):
        return None
    return content.decode()


def is_strong(passphrase: str, *, bound: bool) -> bool:
    """Whether it is long enough; what a keyboard makes of spaces at the ends does not count."""
    return len(_plain(passphrase)) >= (LEAST_WITH_KEYRING if bound else LEAST_ALONE)


def to_json(envelope: Envelope) -> dict[str, object]:
    """As it is written down."""
    return {
        "passes": envelope.cost.passes,
        "memory": envelope.cost.memory,
        "bound": envelope.bound,
        "salt": base64.b64encode(envelope.salt).decode("ascii"),
        "nonce": base64.b64encode(envelope.nonce).decode("ascii"),
        "box": base64.b64encode(envelope.box).decode("ascii"),
    }


def of_json(facts: dict[str, object]) -> Envelope:
    """As it was written; KeyError, TypeError or ValueError where it is damaged."""
    return Envelope(
        salt=base64.b64decode(str(facts["salt"]), validate=True),
        cost=Cost(int(str(facts["passes"])), int(str(facts["memory"]))),
        bound=bool(facts["bound"]),
        nonce=base64.b64decode(str(facts["nonce"]), validate=True),
        box=base64.b64decode(str(facts["box"]), validate=True),
    )


def _key(envelope: Envelope, passphrase: str, secret: bytes | None) -> bytes:
    stretched = argon2id.kdf(
        32,
        _plain(passphrase).encode(),
        envelope.salt,
        opslimit=envelope.cost.passes,
        memlimit=envelope.cost.memory,
    )
    # Keyed by the machine's secret: without it the stretched passphrase opens nothing.
    return hashlib.blake2b(
        stretched, key=secret or b"", digest_size=32, person=b"fieldsync vault"
    ).digest()


def _facts(envelope: Envelope) -> bytes:
    """What stands open beside the box and must not be changed either."""
    facts = [envelope.cost.passes, envelope.cost.memory, envelope.bound, envelope.salt.hex()]
    return json.dumps(facts).encode()


def _plain(passphrase: str) -> str:
    """NFKC, as RFC 8265 has it: another keyboard types the same letters in other code points."""
    return unicodedata.normalize("NFKC", passphrase).strip()
