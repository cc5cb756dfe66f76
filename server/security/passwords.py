"""Passwords as argon2id (64 MiB, three passes), checked in the same time whether an account exists or not."""

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher, Type
from argon2.exceptions import Argon2Error, InvalidHashError

from fieldsync.errors import InputError
from fieldsync.words import words

LEAST = 12
# Longer ones are refused before they cost anything.
MOST = 256
_HASHER = PasswordHasher(
    time_cost=3, memory_cost=64 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
)
# Each check takes 64 MiB: of a crowd that knocks at once, two a process are served at a time.
_TURNS = BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """The password as it is stored."""
    with _TURNS:
        return _HASHER.hash(password)


def is_password(stored: str | None, said: str) -> bool:
    """Whether this is the password; with none stored the same work is done, and the answer is no."""
    if len(said) > MOST:
        return False
    with _TURNS:
        try:
            _HASHER.verify(stored or _nobodys(), said)
        except (Argon2Error, InvalidHashError):
            return False
    return stored is not None


def check_new_password(password: str, login: str) -> None:
    """InputError 422.910 for one that is short, long, or holds the name it is for."""
    if not LEAST <= len(password) <= MOST:
        raise InputError(
            "422.910",
            words("The password needs {least} to {most} characters.", least=LEAST, most=MOST),
            words("Take four or five words that do not belong together."),
        )
    if login.lower() in password.lower() or len(set(password)) < LEAST // 2:
        raise InputError(
            "422.911",
            words("That password would be guessed soon."),
            words("Take four or five words that do not belong together."),
        )


@cache
def _nobodys() -> str:
    """What a password is compared with where there is no account, made once a process."""
    return _HASHER.hash("nobody has this password")
