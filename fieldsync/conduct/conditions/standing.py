"""Conditions on how the case and the visit stand: flags, holds, agreement, place, officers, words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from fieldsync.conduct.conditions.condition import SameAllDay, Seen
from fieldsync.conduct.facts import Facts, Manner, Situation
from fieldsync.conduct.local_time import local
from fieldsync.domain.case import AgreementState, Flag, HoldKind
from fieldsync.domain.place import AddressKind


@dataclass(frozen=True, slots=True)
class AnyFlag(SameAllDay):
    """One of these flags is set on the case."""

    flags: frozenset[Flag]
    gives: frozenset[str] = frozenset({"flags"})

    def look(self, facts: Facts) -> Seen | None:
        """The codes that are set."""
        found = self.flags & facts.flags
        return {"flags": ", ".join(sorted(found))} if found else None


@dataclass(frozen=True, slots=True)
class AgreementIs(SameAllDay):
    """The instalment agreement stands in one of these states."""

    states: frozenset[AgreementState]
    gives: frozenset[str] = frozenset({"agreement"})

    def look(self, facts: Facts) -> Seen | None:
        """The state."""
        return {"agreement": facts.agreement.value} if facts.agreement in self.states else None


@dataclass(frozen=True, slots=True)
class HoldOpen:
    """A hold of one of these kinds is open at the instant."""

    kinds: frozenset[HoldKind]
    gives: frozenset[str] = frozenset({"holds"})

    def look(self, facts: Facts) -> Seen | None:
        """The kinds of the open holds; a hold in the future of this clock counts too."""
        found = {
            hold.kind.value
            for hold in facts.holds
            if hold.kind in self.kinds and (hold.until is None or facts.at < hold.until)
        }
        return {"holds": ", ".join(sorted(found))} if found else None

    def edges(self, facts: Facts, day: date) -> Iterable[datetime]:
        """Where holds run out."""
        _ = day
        return (hold.until for hold in facts.holds if hold.until is not None)


@dataclass(frozen=True, slots=True)
class OfficersFewerThan(SameAllDay):
    """Fewer different officers are there than this."""

    number: int
    gives: frozenset[str] = frozenset({"officers", "officers_needed"})

    def look(self, facts: Facts) -> Seen | None:
        """How many there are and how many it takes."""
        present = len({officer for officer in facts.officers if officer})
        if present >= self.number:
            return None
        return {"officers": present, "officers_needed": self.number}


@dataclass(frozen=True, slots=True)
class IdentityNotShown(SameAllDay):
    """Nobody recorded that the officers showed who they are."""

    gives: frozenset[str] = frozenset()

    def look(self, facts: Facts) -> Seen | None:
        """Whether that is missing."""
        return None if facts.identity_shown else {}


@dataclass(frozen=True, slots=True)
class PlaceIs(SameAllDay):
    """The place is of one of these kinds."""

    kinds: frozenset[AddressKind]
    gives: frozenset[str] = frozenset({"place"})

    def look(self, facts: Facts) -> Seen | None:
        """The kind of place."""
        return {"place": facts.place.kind.value} if facts.place.kind in self.kinds else None


@dataclass(frozen=True, slots=True)
class CountryOutside(SameAllDay):
    """The place is in none of these countries; where no country is known, every pack judges it."""

    countries: frozenset[str]
    gives: frozenset[str] = frozenset({"country"})

    def look(self, facts: Facts) -> Seen | None:
        """The country."""
        country = facts.place.country
        return {"country": country} if country and country not in self.countries else None


@dataclass(frozen=True, slots=True)
class CountryKnown(SameAllDay):
    """Always holds, and tells the country: for the rule that no pack covers it."""

    gives: frozenset[str] = frozenset({"country"})

    def look(self, facts: Facts) -> Seen | None:
        """The country, "?" where none is known."""
        return {"country": facts.place.country or "?"}


@dataclass(frozen=True, slots=True)
class AddressInvalid(SameAllDay):
    """The address is known to be wrong, or none is known."""

    gives: frozenset[str] = frozenset()

    def look(self, facts: Facts) -> Seen | None:
        """Whether it is."""
        return {} if facts.place.known_invalid else None


@dataclass(frozen=True, slots=True)
class NumberInvalid(SameAllDay):
    """The borrower's number is known to be wrong."""

    gives: frozenset[str] = frozenset()

    def look(self, facts: Facts) -> Seen | None:
        """Whether it is."""
        return {} if facts.number_invalid else None


@dataclass(frozen=True, slots=True)
class DebtToldInWords(SameAllDay):
    """The words meant for a third party would tell the debt."""

    gives: frozenset[str] = frozenset({"places"})

    def look(self, facts: Facts) -> Seen | None:
        """In how many places; the words themselves are personal."""
        return {"places": len(facts.debt_facts)} if facts.debt_facts else None


@dataclass(frozen=True, slots=True)
class AnyManner(SameAllDay):
    """One of these ways of collecting was reported."""

    manners: frozenset[Manner]
    gives: frozenset[str] = frozenset({"manners"})

    def look(self, facts: Facts) -> Seen | None:
        """Which."""
        found = self.manners & facts.manners
        return {"manners": ", ".join(sorted(found))} if found else None


@dataclass(frozen=True, slots=True)
class AnySituation(SameAllDay):
    """One of these things was said or seen at the door."""

    situations: frozenset[Situation]
    gives: frozenset[str] = frozenset({"situations"})

    def look(self, facts: Facts) -> Seen | None:
        """Which."""
        found = self.situations & facts.situations
        return {"situations": ", ".join(sorted(found))} if found else None


@dataclass(frozen=True, slots=True)
class DaysPastDueBelow(SameAllDay):
    """The loan is less overdue than this, or nobody knows how long."""

    days: int
    gives: frozenset[str] = frozenset({"days_past_due", "days_needed"})

    def look(self, facts: Facts) -> Seen | None:
        """How overdue it is and how overdue it would have to be."""
        overdue = facts.days_past_due
        if overdue is not None and overdue >= self.days:
            return None
        return {"days_past_due": "?" if overdue is None else overdue, "days_needed": self.days}


@dataclass(frozen=True, slots=True)
class PromiseOpen(SameAllDay):
    """The borrower promised to pay by a day that has not passed."""

    gives: frozenset[str] = frozenset({"promise_until"})

    def look(self, facts: Facts) -> Seen | None:
        """The day of the latest open promise."""
        today = local(facts.at, facts.place.zone).date()
        promised = [
            attempt.promise_until
            for attempt in facts.history
            if attempt.promise_until is not None and attempt.promise_until >= today
        ]
        return {"promise_until": max(promised).isoformat()} if promised else None
