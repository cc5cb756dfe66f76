"""The one condition on past contacts: how many attempts, days or channels in a span of time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from fieldsync.conduct.conditions.condition import Seen
from fieldsync.conduct.facts import Facts
from fieldsync.conduct.local_time import day_bounds, local
from fieldsync.domain.case import Channel, ContactAttempt, Reached

ATTEMPTS, DAYS, CHANNELS = "attempts", "days", "channels"


class Subject(StrEnum):
    """Whom or what contacts are counted on; the names are fields of `Facts` and `ContactAttempt`."""

    NUMBER = "number"
    PERSON = "person"
    HOUSEHOLD = "household"
    DEBT = "debt"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryCount:
    """At least (or fewer than) so many of `count` among the contacts that match.

    The span is either `calendar_days` (that many local days, the day of the action being the last;
    `ending_days_ago` moves it back) or `rolling_days` (that many times 24 hours up to the instant).
    `subject` counts only contacts with the same number, person, household or debt as now; one that does
    not say whom or what it was about counts for all. Where caps are shared and a server grants an `allowance` of this name, one that is empty or
    missing counts as reached: the device cannot know what others did.
    """

    count: str = ATTEMPTS
    channels: frozenset[Channel] = frozenset(Channel)
    reached: frozenset[Reached] = frozenset(Reached)
    by: frozenset[str] = frozenset()
    subject: frozenset[Subject] = frozenset()
    calendar_days: int = 0
    rolling_days: int = 0
    ending_days_ago: int = 0
    at_least: int | None = None
    fewer_than: int | None = None
    allowance: str = ""
    gives: frozenset[str] = frozenset({"count", "limit", "days"})

    def look(self, facts: Facts) -> Seen | None:
        """The count, its limit and the days it was counted over."""
        counted = self.counted(facts)
        limit = self.at_least if self.at_least is not None else self.fewer_than or 0
        reached_limit = counted >= limit
        spent = (
            bool(self.allowance)
            and facts.allowance is not None
            and facts.allowance.get(self.allowance, 0) <= 0
        )
        if (reached_limit or spent) != (self.at_least is not None):
            return None
        return {"count": counted, "limit": limit, "days": self.calendar_days or self.rolling_days}

    def edges(self, facts: Facts, day: date) -> Iterable[datetime]:
        """When a contact begins to count, and when a rolling span leaves it behind."""
        _ = day
        for attempt in facts.history:
            if self._matches(attempt, facts):
                yield attempt.at
                if self.rolling_days:
                    yield attempt.at.astimezone(UTC) + timedelta(days=self.rolling_days)

    def _matches(self, attempt: ContactAttempt, facts: Facts) -> bool:
        return (
            attempt.channel in self.channels
            and attempt.reached in self.reached
            and (not self.by or attempt.by in self.by)
            and all(_about_the_same(subject, attempt, facts) for subject in self.subject)
        )

    def counted(self, facts: Facts) -> int:
        """How many of `count` there are in the span, whatever was granted."""
        start, end = self._span(facts)
        matching = [
            attempt
            for attempt in facts.history
            if start <= attempt.at < end
            and attempt.at <= facts.at
            and self._matches(attempt, facts)
        ]
        if self.count == CHANNELS:
            return len({attempt.channel for attempt in matching})
        if self.count == DAYS:
            return len({local(attempt.at, facts.place.zone).date() for attempt in matching})
        return len(matching)

    def _span(self, facts: Facts) -> tuple[datetime, datetime]:
        """The half-open span of instants that count."""
        if self.rolling_days:
            tick = timedelta(microseconds=1)
            return facts.at - timedelta(days=self.rolling_days) + tick, facts.at + tick
        zone = facts.place.zone
        last = local(facts.at, zone).date() - timedelta(days=self.ending_days_ago)
        first = last - timedelta(days=self.calendar_days - 1)
        return day_bounds(first, zone)[0], day_bounds(last, zone)[1]


def _about_the_same(subject: Subject, attempt: ContactAttempt, facts: Facts) -> bool:
    """Whether a contact was about the same as now; what is not told is taken to be (the stricter way).

    No number told now may be any number; no person, household or debt told now is the case's own.
    """
    then, now = getattr(attempt, subject), getattr(facts, subject)
    return not then or then == now or (subject is Subject.NUMBER and not now)
