"""Lets content through piece by piece and says at its end whether it is what its name stands for."""

import hashlib
from collections.abc import Iterable, Iterator

from fieldsync.errors import InputError
from fieldsync.words import words


def checked(sha256: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces; InputError 422.61 in place of the last one where together they have another SHA-256.

    So whoever writes them never comes to the end of a wrong file.
    """
    digest = hashlib.sha256()
    last = b""
    for piece in pieces:
        digest.update(piece)
        if last:
            yield last
        last = piece
    if digest.hexdigest() != sha256:
        raise InputError(
            "422.61",
            words("The file's content is not the one its name stands for."),
            words("Send the file again, whole."),
        )
    yield last
