"""Who plays in the demo: the day, the branch, the borrowers with a story and the pairs that meet them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from sqlalchemy import Engine, select

from fieldsync.domain.codec import from_json
from fieldsync.domain.itinerary import Itinerary, Stop
from server.store.engine import reading
from server.store.tables import itineraries

BRANCH = "SZ-NANSHAN"
DAY = date(2026, 11, 24)
NEXT_DAY = DAY + timedelta(days=1)
# The borrowers of fixtures/shenzhen whose stories the demo tells.
FELL_ILL = "NS-0001"
PAID_MEANWHILE = "NS-0004"
_CHINA = timezone(timedelta(hours=8))
PAIRS_ENROLLED = 4


def at(clock: str, day: date = DAY) -> datetime:
    """A practice instant in Shenzhen, from "HH:MM"."""
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}:00").replace(tzinfo=_CHINA)


@dataclass(frozen=True, slots=True)
class Walking:
    """One pair's day as published: its officers, and the stops in order."""

    itinerary: Itinerary

    @property
    def lead(self) -> str:
        """The officer whose device records the day."""
        return self.itinerary.officers[0].officer_id

    @property
    def partner(self) -> str:
        """The second officer."""
        return self.itinerary.officers[1].officer_id

    @property
    def first(self) -> Stop:
        """Where the day begins."""
        return self.itinerary.stops[0]

    def visits(self, case_id: str) -> bool:
        """Whether the case is on this pair's road."""
        return any(stop.case_id == case_id for stop in self.itinerary.stops)


def pairs_of_the_story(engine: Engine) -> list[Walking]:
    """The pair that meets the ill borrower, the one that meets the payer, and two more."""
    with reading(engine) as conn:
        bodies = conn.execute(
            select(itineraries.c.body)
            .where(itineraries.c.branch == BRANCH, itineraries.c.day == DAY)
            .order_by(itineraries.c.pair_id)
        ).scalars()
        walking = [Walking(from_json(body, Itinerary)) for body in bodies]
    met = [next(w for w in walking if w.visits(case)) for case in (FELL_ILL, PAID_MEANWHILE)]
    others = [walk for walk in walking if walk not in met and walk.first.start < at("09:30")]
    return [*met, *others][:PAIRS_ENROLLED]
