"""The short code on the borrower's copy: random, easy to read out, and a slip of the pen is noticed.

Crockford's base 32 (no I, L, O, U): eleven characters of 55 random bits, and a check character.
"""

from fieldsync.errors import InputError
from fieldsync.words import words

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_BYTES = 11
_LENGTH = RANDOM_BYTES + 1
_GROUP = 4
_LOOK_ALIKE = str.maketrans("OIL", "011")


def code_of(random: bytes) -> str:
    """A code such as 7KQM-2D9X-PVRA from eleven random bytes."""
    plain = "".join(ALPHABET[byte % len(ALPHABET)] for byte in random[:RANDOM_BYTES])
    whole = plain + _check_of(plain)
    return "-".join(whole[i : i + _GROUP] for i in range(0, _LENGTH, _GROUP))


def read_code(text: str) -> str:
    """The code as it is kept, from how a person typed it; InputError 422.631 where it cannot be one."""
    plain = "".join(c for c in text.upper().translate(_LOOK_ALIKE) if c in ALPHABET)
    if len(plain) != _LENGTH or _check_of(plain[:-1]) != plain[-1]:
        raise InputError(
            "422.631",
            words("{code} is not a verification code.", code=text[:40]),
            words("Type it as it stands on the copy: twelve letters and digits."),
        )
    return "-".join(plain[i : i + _GROUP] for i in range(0, _LENGTH, _GROUP))


def _check_of(plain: str) -> str:
    """Odd weights modulo 32: every single wrong character is noticed, and most swapped ones."""
    weighed = sum((2 * place + 1) * ALPHABET.index(c) for place, c in enumerate(plain))
    return ALPHABET[weighed % len(ALPHABET)]
