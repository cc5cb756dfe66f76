"""Finds the one thing that a person named by its id or the end of it, as lists show it."""

from collections.abc import Sequence
from typing import TypeVar

from fieldsync.errors import ConflictError, NotFoundError
from fieldsync.words import Words, words

# Shorter ends would soon name several.
SHORTEST_END = 6
T = TypeVar("T")


def only_one(found: Sequence[T], end: str, *, missing: NotFoundError, where: Words) -> T:
    """The one that was found; `missing` where there is none, ConflictError 409.72 where several.

    `where` tells how whole ids are seen.
    """
    if not found or len(end) < SHORTEST_END:
        raise missing
    if len(found) > 1:
        raise ConflictError(
            "409.72", words("{count} ids end in {end}.", count=len(found), end=end), where
        )
    return found[0]
