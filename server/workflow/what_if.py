"""A day as it would be with other hands or other hours: officers who are away, a shift of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time

from fieldsync.domain.officer import Pair
from fieldsync.errors import InputError, NotFoundError
from fieldsync.words import words


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Officers or pairs (by id) who are taken off the day, and the shift that everybody else has."""

    without: tuple[str, ...] = ()
    shift: tuple[time, time] | None = None

    @property
    def is_any(self) -> bool:
        """Whether anything is supposed at all."""
        return bool(self.without) or self.shift is not None

    def applied(self, pairs: Sequence[Pair]) -> list[Pair]:
        """The pairs as supposed; one whose officer is away stays at home whole, since a visit takes two.

        Raises:
            NotFoundError: 404.571 where a name is neither a pair's nor an officer's of the branch.
            InputError: 422.581 where nobody is left.
        """
        for name in self.without:
            if not any(name in _names(pair) for pair in pairs):
                raise NotFoundError(
                    "404.571",
                    words("No officer and no pair of the branch is called {name}.", name=name),
                    words("The pairs are: {pairs}.", pairs=", ".join(p.pair_id for p in pairs)),
                )
        left = [pair for pair in pairs if not _names(pair) & set(self.without)]
        if pairs and not left:
            raise InputError(
                "422.581",
                words("Nobody is left to go out."),
                words("Leave out fewer officers with --without."),
            )
        if self.shift is None:
            return left
        begin, end = self.shift
        return [replace(pair, shift_start=begin, shift_end=end) for pair in left]


AS_IT_IS = WhatIf()


def _names(pair: Pair) -> set[str]:
    return {pair.pair_id, *(officer.officer_id for officer in pair.officers)}
