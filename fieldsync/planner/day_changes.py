"""How one order of a day differs from another, stop by stop, as the people who walk it read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fieldsync.domain.itinerary import Itinerary, Stop
from fieldsync.planner.rest_of_day import split

_MINUTE = timedelta(minutes=1)


class Move(StrEnum):
    """What becomes of a stop; the names are stable."""

    DONE = "done"
    SAME = "same"
    EARLIER = "earlier"
    LATER = "later"
    ADDED = "added"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Change:
    """One stop before and after; `minutes` is by how much it moves, later counted up."""

    case_id: str
    move: Move
    before: datetime | None
    after: datetime | None

    @property
    def minutes(self) -> int:
        """Whole minutes from the former start to the new one; 0 where there is only one of them."""
        if self.before is None or self.after is None:
            return 0
        return (_minute(self.after) - _minute(self.before)) // _MINUTE


def changes(old: Itinerary, new: Itinerary, visited: Sequence[str]) -> tuple[Change, ...]:
    """Every stop of the new day in its order, then what is dropped of the old one."""
    made, open_stops = split(new.stops, visited)
    _, open_before = split(old.stops, visited)
    before = {stop.case_id: stop for stop in open_before}
    found = [Change(stop.case_id, Move.DONE, stop.start, stop.start) for stop in made]
    found += [_moved(stop, before.pop(stop.case_id, None)) for stop in open_stops]
    found += [Change(case_id, Move.DROPPED, stop.start, None) for case_id, stop in before.items()]
    return tuple(found)


def differs(old: Itinerary, new: Itinerary, visited: Sequence[str]) -> bool:
    """Whether the pair would notice: another order, other minutes, another break."""
    quiet = {Move.DONE, Move.SAME}
    if any(change.move not in quiet for change in changes(old, new, visited)):
        return True
    order = [stop.case_id for stop in old.stops] != [stop.case_id for stop in new.stops]
    return order or old.lunch != new.lunch


def _moved(stop: Stop, before: Stop | None) -> Change:
    if before is None:
        return Change(stop.case_id, Move.ADDED, None, stop.start)
    was, will = _minute(before.start), _minute(stop.start)
    move = Move.SAME if was == will else Move.LATER if will > was else Move.EARLIER
    return Change(stop.case_id, move, before.start, stop.start)


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)
