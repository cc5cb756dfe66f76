"""What every condition is: a question to the facts, and the instants at which its answer may change."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Protocol

from fieldsync.conduct.facts import Facts

# What a condition saw when it held: names and values for the message, never personal data.
Seen = Mapping[str, object]


class Condition(Protocol):
    """One question. Conditions are frozen and compare by value, so that packs do too."""

    @property
    def gives(self) -> frozenset[str]:
        """The names its answer always carries, which the rule's message may use."""
        ...

    def look(self, facts: Facts) -> Seen | None:
        """What it saw if it holds, None if it does not."""
        ...

    def edges(self, facts: Facts, day: date) -> Iterable[datetime]:
        """Every instant of the local day at which `look` may begin to answer otherwise.

        Instants outside the day and instants that change nothing do no harm.
        """
        ...


class SameAllDay:
    """The part of a condition whose answer is the same at every instant of a local day."""

    __slots__ = ()

    def edges(self, facts: Facts, day: date) -> Iterable[datetime]:
        """None."""
        _ = (facts, day)
        return ()
