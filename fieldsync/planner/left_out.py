"""Why a case is not on the road today, in words for the person who asks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fieldsync.planner.pair_day import PairDay
from fieldsync.planner.problem import Problem, Routes
from fieldsync.words import Words, words


class Reason(StrEnum):
    """The stable name of a reason, for grouping and JSON."""

    NO_WINDOW = "no_window"
    NO_SKILL = "no_skill"
    OUT_OF_REACH = "out_of_reach"
    APPOINTMENT_CLASH = "appointment_clash"
    TOO_FAR = "too_far"
    DAY_FULL = "day_full"


_SENTENCES = {
    Reason.NO_WINDOW: words("No time of this day is open for the visit."),
    Reason.NO_SKILL: words("No pair of the day has the language or the training it needs."),
    Reason.OUT_OF_REACH: words("Nobody can be there in the permitted time within the shift."),
    Reason.APPOINTMENT_CLASH: words("It cannot be kept together with the other appointments."),
    Reason.TOO_FAR: words("The way there takes longer than its priority bears today."),
    Reason.DAY_FULL: words("The day is full with cases of higher priority."),
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A client that nobody visits, and why."""

    client: int
    reason: Reason

    @property
    def sentence(self) -> Words:
        """The reason in words."""
        return sentence_of(self.reason)


def sentence_of(reason: Reason) -> Words:
    """What a person reads for a reason."""
    return _SENTENCES[reason]


def reachable(problem: Problem) -> list[int]:
    """The clients that some pair with nothing else to do could visit."""
    idle = _days(problem, problem.nothing)
    return [c for c in range(len(problem.clients)) if _fits_somewhere(c, idle)]


def explain(problem: Problem, routes: Routes, clients: Iterable[int]) -> tuple[LeftOut, ...]:
    """For each client the first reason that holds, from its own limits to the choice between cases."""
    idle, days = _days(problem, problem.nothing), _days(problem, routes)
    return tuple(LeftOut(c, _reason(problem, c, idle, days)) for c in clients)


def _reason(
    problem: Problem, number: int, idle: Sequence[PairDay], days: Sequence[PairDay]
) -> Reason:
    client = problem.clients[number]
    if not client.windows:
        return Reason.NO_WINDOW
    if not any(pair.can(client.needs) for pair in problem.vehicles):
        return Reason.NO_SKILL
    if not _fits_somewhere(number, idle):
        return Reason.OUT_OF_REACH
    if client.is_appointment:
        return Reason.APPOINTMENT_CLASH
    # Where the ways leave less than the visit takes, no place needs to be looked for.
    roomy = [day for day in days if day.spare_s >= client.service_s]
    return Reason.TOO_FAR if _fits_somewhere(number, roomy) else Reason.DAY_FULL


def _days(problem: Problem, routes: Routes) -> list[PairDay]:
    return [PairDay(problem, number, route) for number, route in enumerate(routes)]


def _fits_somewhere(client: int, days: Sequence[PairDay]) -> bool:
    return any(day.place_for(client) is not None for day in days)
