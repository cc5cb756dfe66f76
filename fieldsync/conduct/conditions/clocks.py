"""Conditions on time: the hour at the borrower's place, consents, agreed times, notice, the clock itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from fieldsync.conduct.conditions.condition import SameAllDay, Seen
from fieldsync.conduct.facts import Facts
from fieldsync.conduct.local_time import clock_changes, instants_of, local

_TICK = timedelta(microseconds=1)
APPOINTMENTS = ("today", "later", "elsewhere")


@dataclass(frozen=True, slots=True)
class LocalTimeOutside:
    """The clock at the borrower's place is before `opens` or past `closes`.

    The instant `opens` is open; `closes` is open only where `closes_included`.
    """

    opens: time
    closes: time
    closes_included: bool = False
    gives: frozenset[str] = frozenset({"local_time", "opens", "closes"})

    def look(self, facts: Facts) -> Seen | None:
        """The local time, when closed."""
        clock = local(facts.at, facts.place.zone).time()
        before_end = clock <= self.closes if self.closes_included else clock < self.closes
        if self.opens <= clock and before_end:
            return None
        return {
            "local_time": clock.strftime("%H:%M:%S" if clock.second else "%H:%M"),
            "opens": self.opens.strftime("%H:%M"),
            "closes": self.closes.strftime("%H:%M"),
        }

    def edges(self, facts: Facts, day: date) -> Iterable[datetime]:
        """Opening, closing, and where clocks are moved."""
        zone = facts.place.zone
        yield from instants_of(day, self.opens, zone)
        after = _TICK if self.closes_included else timedelta()
        yield from (instant + after for instant in instants_of(day, self.closes, zone))
        yield from clock_changes(day, zone)


@dataclass(frozen=True, slots=True)
class ConsentOpen:
    """A consent of this kind covers the instant."""

    kind: str
    gives: frozenset[str] = frozenset()

    def look(self, facts: Facts) -> Seen | None:
        """Only whether there is one; whose and why stays in the case."""
        covered = any(
            consent.start <= facts.at and (consent.end is None or facts.at < consent.end)
            for consent in facts.consents
            if consent.kind == self.kind
        )
        return {} if covered else None

    def edges(self, facts: Facts, day: date) -> Iterable[datetime]:
        """Where consents of the kind begin and end."""
        _ = day
        for consent in facts.consents:
            if consent.kind == self.kind:
                yield consent.start
                if consent.end is not None:
                    yield consent.end


@dataclass(frozen=True, slots=True)
class InAgreedWindow:
    """The instant lies in the time agreed with the borrower."""

    gives: frozenset[str] = frozenset()

    def look(self, facts: Facts) -> Seen | None:
        """Whether it does."""
        agreed = facts.appointment if facts.appointment_here else None
        return {} if agreed is not None and agreed.contains(facts.at) else None

    def edges(self, facts: Facts, day: date) -> Iterable[datetime]:
        """Where the agreed time begins and ends."""
        _ = day
        return () if facts.appointment is None else (facts.appointment.start, facts.appointment.end)


@dataclass(frozen=True, slots=True)
class AppointmentIs(SameAllDay):
    """The borrower chose a time: `today` for this place, `later` for any, or `elsewhere` not past.

    Days are those of the local calendar.
    """

    when: str
    gives: frozenset[str] = frozenset()

    def look(self, facts: Facts) -> Seen | None:
        """Whether there is such an appointment."""
        if facts.appointment is None:
            return None
        today = local(facts.at, facts.place.zone).date()
        agreed = local(facts.appointment.start, facts.place.zone).date()
        held = {
            "today": facts.appointment_here and agreed == today,
            "later": agreed > today,
            "elsewhere": not facts.appointment_here and agreed >= today,
        }
        return {} if held[self.when] else None


@dataclass(frozen=True, slots=True)
class NoticeShorterThan:
    """No notice named this local day at least so many hours before."""

    hours: int
    gives: frozenset[str] = frozenset({"hours"})

    def look(self, facts: Facts) -> Seen | None:
        """The hours asked for, where they were not given."""
        notice = facts.notice
        if notice is not None:
            zone = facts.place.zone
            same_day = local(notice.visit_at, zone).date() == local(facts.at, zone).date()
            if (
                same_day
                and notice.given_at.astimezone(UTC) + timedelta(hours=self.hours) <= facts.at
            ):
                return None
        return {"hours": self.hours}

    def edges(self, facts: Facts, day: date) -> Iterable[datetime]:
        """When the notice becomes old enough."""
        _ = day
        if facts.notice is None:
            return ()
        return (facts.notice.given_at.astimezone(UTC) + timedelta(hours=self.hours),)


@dataclass(frozen=True, slots=True)
class ClockImplausible(SameAllDay):
    """The device's clock cannot be believed, so no hour can be judged."""

    gives: frozenset[str] = frozenset()

    def look(self, facts: Facts) -> Seen | None:
        """Whether it cannot."""
        return None if facts.clock_plausible else {}
