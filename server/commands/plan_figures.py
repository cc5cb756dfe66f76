"""The load of each pair on a planned day: visits, hours at doors, on the way and waiting, kilometres."""

from dataclasses import dataclass

from fieldsync.domain.itinerary import Itinerary


@dataclass(frozen=True, slots=True)
class Load:
    """One pair's day in figures; seconds, metres. `work_s` is from leaving to being back."""

    pair_id: str
    officers: str
    stops: int
    agreed: int
    work_s: int
    service_s: int
    travel_s: int
    lunch_s: int
    metres: int

    @property
    def waiting_s(self) -> int:
        """What is left of the day: waiting for a window to open."""
        return max(0, self.work_s - self.service_s - self.travel_s - self.lunch_s)


def load_of(itinerary: Itinerary) -> Load:
    """The figures of one itinerary, the way home included."""
    stops = itinerary.stops
    officers = "、".join(officer.name for officer in itinerary.officers)
    agreed = sum(stop.is_appointment for stop in stops)
    if not stops:
        return Load(itinerary.pair_id, officers, 0, 0, 0, 0, 0, 0, 0)
    home_s, home_m = _way_home(itinerary)
    lunch = itinerary.lunch
    left_at = stops[0].arrive.timestamp() - stops[0].travel_s
    return Load(
        itinerary.pair_id,
        officers,
        len(stops),
        agreed,
        work_s=round(itinerary.return_at.timestamp() - left_at),
        service_s=sum(stop.service_s for stop in stops),
        travel_s=sum(stop.travel_s for stop in stops) + home_s,
        lunch_s=round((lunch.end - lunch.start).total_seconds()) if lunch else 0,
        metres=sum(stop.distance_m for stop in stops) + home_m,
    )


def _way_home(itinerary: Itinerary) -> tuple[int, int]:
    rows = {c.case_id: row for row, c in enumerate(itinerary.candidates, 2)}
    last = rows[itinerary.stops[-1].case_id]
    return itinerary.travel_s[last][1], itinerary.distance_m[last][1]
