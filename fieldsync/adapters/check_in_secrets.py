"""Makes check-in keys from secrets, and makes and checks the proofs they sign (argon2id, Ed25519).

RFC 9106 with libsodium's INTERACTIVE limits: a guess costs 64 MiB and about a tenth of a second.
"""

import binascii
from collections.abc import Callable, Iterable, Mapping

from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id
from nacl.signing import SigningKey, VerifyKey

from fieldsync.domain import base64url
from fieldsync.domain.check_in import CheckInKey, CheckInProof, plain_secret

SALT_BYTES = argon2id.SALTBYTES
_SEED_BYTES = 32
Signer = Callable[[bytes], bytes]


def make_key(
    officer_id: str,
    secret: str,
    salt: bytes,
    opslimit: int = argon2id.OPSLIMIT_INTERACTIVE,
    memlimit: int = argon2id.MEMLIMIT_INTERACTIVE,
) -> CheckInKey:
    """The key of a secret; `salt` is SALT_BYTES random bytes, `memlimit` in bytes."""
    private = _private(secret, salt, opslimit, memlimit)
    public = base64url.encode(bytes(private.verify_key))
    return CheckInKey(officer_id, base64url.encode(salt), opslimit, memlimit, public)


def signer_of(key: CheckInKey, secret: str) -> Signer | None:
    """What signs as this officer; None where the secret is wrong, or the key cannot be used."""
    try:
        private = _private(secret, base64url.decode(key.salt), key.opslimit, key.memlimit)
    except (CryptoError, ValueError, TypeError, MemoryError):
        return None
    if base64url.encode(bytes(private.verify_key)) != key.public_key:
        return None
    return lambda statement: private.sign(statement).signature


def proved(
    statement: bytes, proofs: Iterable[CheckInProof], keys: Mapping[str, CheckInKey]
) -> frozenset[str]:
    """The officers whose proof of this statement holds against their key."""
    return frozenset(
        proof.officer_id
        for proof in proofs
        if proof.officer_id in keys and _holds(keys[proof.officer_id], statement, proof)
    )


def _holds(key: CheckInKey, statement: bytes, proof: CheckInProof) -> bool:
    try:
        public = VerifyKey(base64url.decode(key.public_key))
        public.verify(statement, base64url.decode(proof.sig))
    except (CryptoError, ValueError, TypeError, binascii.Error):
        return False
    return True


def _private(secret: str, salt: bytes, opslimit: int, memlimit: int) -> SigningKey:
    password = plain_secret(secret).encode()
    return SigningKey(argon2id.kdf(_SEED_BYTES, password, salt, opslimit, memlimit))
