"""Conditions on how long a record must be kept: from when it was made, or from the last activity."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from fieldsync.conduct.conditions.condition import Seen
from fieldsync.conduct.facts import Facts
from fieldsync.conduct.local_time import day_bounds, local


@dataclass(frozen=True, slots=True)
class RecordYoungerThan:
    """The record to be purged was made less than so many years ago, or nobody knows when.

    Where its own time is not told, it is as old as the latest contact. With `since_last_activity` the
    years run from whatever came last, the record or a contact (12 CFR 1006.100).
    """

    years: int
    since_last_activity: bool = False
    gives: frozenset[str] = frozenset({"years"})

    def look(self, facts: Facts) -> Seen | None:
        """The years it must be kept."""
        since = self._since(facts)
        if since is None:
            return {"years": self.years}
        kept_from = local(since, facts.place.zone).date()
        today = local(facts.at, facts.place.zone).date()
        return {"years": self.years} if today < _years_later(kept_from, self.years) else None

    def edges(self, facts: Facts, day: date) -> Iterable[datetime]:
        """It changes at midnight."""
        return day_bounds(day, facts.place.zone)

    def _since(self, facts: Facts) -> datetime | None:
        made = facts.record_at
        if made is not None and not self.since_last_activity:
            return made
        known = [attempt.at for attempt in facts.history]
        if made is not None:
            known.append(made)
        return max((at.astimezone(UTC) for at in known), default=None)


def _years_later(day: date, years: int) -> date:
    """The same day so many years on; 29 February becomes 1 March, which keeps a record longer."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
