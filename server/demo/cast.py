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


@dataclass(frozen=True, slots=True)
class Cast:
    """The four pairs of the story; one pair may meet both the ill borrower and the payer."""

    meets_ill: Walking
    meets_payer: Walking
    hears_need: Walking
    finds_nobody: Walking
    pairs: tuple[Walking, ...]

    @property
    def devices(self) -> list[str]:
        """Whose devices take part, leads first: each officer proves who they are at a door."""
        everyone = (*(pair.lead for pair in self.pairs), *(pair.partner for pair in self.pairs))
        return list(dict.fromkeys(everyone))


def cast_of(engine: Engine) -> Cast:
    """The pairs as the published day has them: those who meet somebody, and early ones beside them."""
    with reading(engine) as conn:
        bodies = conn.execute(
            select(itineraries.c.body)
            .where(itineraries.c.branch == BRANCH, itineraries.c.day == DAY)
            .order_by(itineraries.c.pair_id)
        ).scalars()
        walking = [Walking(from_json(body, Itinerary)) for body in bodies]
    ill, payer = (next(w for w in walking if w.visits(c)) for c in (FELL_ILL, PAID_MEANWHILE))
    others = [w for w in walking if w not in (ill, payer) and w.first.start < at("09:30")]
    met = [ill] if ill == payer else [ill, payer]
    pairs = tuple([*met, *others][:PAIRS_ENROLLED])
    return Cast(ill, payer, others[0], others[1], pairs)
