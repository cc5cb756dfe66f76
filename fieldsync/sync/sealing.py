"""What leaves a device stays for the server alone: content sealed to the server's key, kept for a while.

A libsodium sealed box (X25519, XSalsa20-Poly1305): whoever seals keeps no way to open it again.
"""

from datetime import datetime, timedelta

# The server's receipt key signs this + the public key that devices seal to (base64url).
SEAL_TAG = b"fieldsync/seal/1\x00"
# The name of the feed row that carries {"key", "sig"}: `server:seal`.
SEAL_NAME = "seal"
# The same for the hardship team's key: what is sealed to it, the server itself cannot open.
HARDSHIP_SEAL_TAG = b"fieldsync/hardship-seal/1\x00"
HARDSHIP_SEAL_NAME = "hardship_seal"
# What sealing adds: an ephemeral key of 32 bytes and an authenticator of 16.
SEAL_BYTES = 48


def forgotten_before(server_time: datetime, days: int) -> datetime:
    """Sealed copies that the server's receipt covered before this are deleted.

    Backups older than `days` days are not refilled from them.
    """
    return server_time - timedelta(days=days)
