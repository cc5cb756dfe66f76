"""Why a case is not on the road today, in words for the person who asks."""

from dataclasses import dataclass
from enum import StrEnum

from fieldsync.planner.insertion import find_place
from fieldsync.planner.problem import Problem, Routes
from fieldsync.planner.timetable import walk
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


def reachable_alone(problem: Problem, client: int) -> bool:
    """Whether some pair with nothing else to do could make the visit."""
    return any(
        walk(problem, vehicle, (client,)).fault is None for vehicle in range(len(problem.vehicles))
    )


def explain(problem: Problem, routes: Routes, client: int) -> LeftOut:
    """The first reason that holds, from the case's own limits to the choice between cases."""
    if not problem.clients[client].windows:
        return LeftOut(client, Reason.NO_WINDOW)
    if not any(pair.can(problem.clients[client].needs) for pair in problem.vehicles):
        return LeftOut(client, Reason.NO_SKILL)
    if not reachable_alone(problem, client):
        return LeftOut(client, Reason.OUT_OF_REACH)
    if problem.clients[client].is_appointment:
        return LeftOut(client, Reason.APPOINTMENT_CLASH)
    if any(find_place(problem, v, route, client) for v, route in enumerate(routes)):
        return LeftOut(client, Reason.TOO_FAR)
    return LeftOut(client, Reason.DAY_FULL)
