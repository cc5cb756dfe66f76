"""Conditions joined: all of some, any of some, none of some, and what always holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from fieldsync.conduct.conditions.condition import Condition, SameAllDay, Seen
from fieldsync.conduct.facts import Facts


@dataclass(frozen=True, slots=True)
class Always(SameAllDay):
    """Holds whatever the facts."""

    gives: frozenset[str] = frozenset()

    def look(self, facts: Facts) -> Seen | None:
        """Nothing had to be looked at."""
        _ = facts
        return {}


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds when every part does."""

    parts: tuple[Condition, ...]

    @property
    def gives(self) -> frozenset[str]:
        """What any part gives, since all of them were seen."""
        return frozenset[str]().union(*(part.gives for part in self.parts))

    def look(self, facts: Facts) -> Seen | None:
        """What all parts saw together."""
        seen: dict[str, object] = {}
        for part in self.parts:
            more = part.look(facts)
            if more is None:
                return None
            seen.update(more)
        return seen

    def edges(self, facts: Facts, day: date) -> Iterable[datetime]:
        """Every part's instants."""
        return (edge for part in self.parts for edge in part.edges(facts, day))


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when one part does; the first that holds speaks."""

    parts: tuple[Condition, ...]

    @property
    def gives(self) -> frozenset[str]:
        """Only what every part gives, since any of them may be the one that was seen."""
        return frozenset.intersection(*(part.gives for part in self.parts))

    def look(self, facts: Facts) -> Seen | None:
        """What the first part that holds saw."""
        for part in self.parts:
            seen = part.look(facts)
            if seen is not None:
                return seen
        return None

    def edges(self, facts: Facts, day: date) -> Iterable[datetime]:
        """Every part's instants."""
        return (edge for part in self.parts for edge in part.edges(facts, day))


@dataclass(frozen=True, slots=True)
class Unless:
    """Holds when its part does not."""

    part: Condition
    gives: frozenset[str] = frozenset()

    def look(self, facts: Facts) -> Seen | None:
        """Nothing was seen, which is the point."""
        return {} if self.part.look(facts) is None else None

    def edges(self, facts: Facts, day: date) -> Iterable[datetime]:
        """The part's instants."""
        return self.part.edges(facts, day)
