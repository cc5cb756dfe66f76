"""How an officer proves at the door who they are: a key made from a secret that only they know."""

import unicodedata
from dataclasses import dataclass

from fieldsync.words import Words, words

CHECK_IN_TAG = b"fieldsync/check-in/1\x00"
SECRET_LEAST = 8
_DIFFERENT_LEAST = 4
_RUNS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_FAMILIAR = ("password", "fieldsync", "iloveyou", "admin", "woaini", "letmein")
_TRIES_FREE = 3
_WAIT_FIRST_S, _WAIT_MOST_S = 30, 3600


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


def plain_secret(typed: str) -> str:
    """The secret as it is used: the same on every keyboard (NFKC), without spaces at its ends."""
    return unicodedata.normalize("NFKC", typed).strip()


def doubtful_secret(secret: str, officer_id: str) -> Words | None:
    """Why a plain secret is too easy to guess; None where it will do."""
    low = secret.casefold()
    if len(secret) < SECRET_LEAST:
        return words("A secret has {least} characters at the least.", least=SECRET_LEAST)
    if len(set(low)) < _DIFFERENT_LEAST:
        return words("This secret repeats too few characters.")
    if any(low in run or low in run[::-1] for run in _RUNS):
        return words("This secret is a row of neighbouring keys.")
    if officer_id.casefold() in low or any(word in low for word in _FAMILIAR):
        return words("This secret is one of the first that anybody would try.")
    return None


def wait_after(tries: int) -> int:
    """Seconds to wait after so many wrong tries in a row: none for three, then doubling up to an hour."""
    if tries < _TRIES_FREE:
        return 0
    return int(min(_WAIT_MOST_S, _WAIT_FIRST_S * 2 ** min(tries - _TRIES_FREE, 10)))
