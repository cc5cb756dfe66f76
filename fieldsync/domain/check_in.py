"""How an officer proves at the door who they are: a key made from a secret that only they know."""

from dataclasses import dataclass

CHECK_IN_TAG = b"fieldsync/check-in/1\x00"


@dataclass(frozen=True, slots=True)
class CheckInKey:
    """What others need to check a proof; `salt` and `public_key` (Ed25519) are base64url.

    The private key is made anew each time from the secret by argon2id with `opslimit` and `memlimit`
    (bytes), and kept nowhere.
    """

    officer_id: str
    salt: str
    opslimit: int
    memlimit: int
    public_key: str


@dataclass(frozen=True, slots=True)
class CheckInProof:
    """An officer's signature (base64url) over the statement of one visit."""

    officer_id: str
    sig: str


def check_in_statement(
    visit_id: str, case_id: str, address_id: str, officers: tuple[str, ...]
) -> bytes:
    """The bytes that every officer who checks in signs; ids never hold a line break."""
    lines = (visit_id, case_id, address_id, *officers)
    return CHECK_IN_TAG + "\n".join(lines).encode()
