"""Turns assessed cases into candidates for the road, each with its start windows, priority and reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from fieldsync.conduct.allowances import allowances
from fieldsync.conduct.case_facts import facts_of
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import AgreementState, Case, Flag
from fieldsync.domain.itinerary import Candidate, VisitKind
from fieldsync.domain.officer import Pair
from fieldsync.domain.place import Address
from fieldsync.locale import both
from fieldsync.planner.day_clock import start_windows
from fieldsync.planner.prize import POINTS_MIN, Priority, priority
from fieldsync.planner.stops import language_need
from fieldsync.words import Words, words
from server.planning_settings import PlanningSettings
from server.store.plans import LeftOutCase
from server.workflow.assess_eligibility import Assessed
from server.workflow.far_away import Surroundings

_HARD_TIMES = frozenset({Flag.VULNERABLE, Flag.BEREAVEMENT, Flag.CALAMITY})
# Points that another address has less than the home: the door people are visited at first.
_ELSEWHERE_POINTS = 5
_NOBODY: Mapping[str, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who may be put on the road, and who may be visited by the rules but not planned today."""

    ready: tuple[Candidate, ...]
    left_out: tuple[LeftOutCase, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What candidates are made with besides their cases: `met` are the officers whom a borrower knows."""

    day: date
    rulesets: Sequence[Ruleset]
    pairs: Sequence[Pair]
    settings: PlanningSettings = field(default_factory=PlanningSettings)
    met: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOBODY)

    def pair_that_met(self, case_id: str) -> str:
        """The pair with most of the officers who met the borrower last, or none."""
        officers = set(self.met.get(case_id, ()))
        shared = {
            pair.pair_id: len(officers & {one.officer_id for one in pair.officers})
            for pair in self.pairs
        }
        best = max(shared, key=lambda pair_id: shared[pair_id], default="")
        return best if shared.get(best) else ""


def visit_candidates(assessed: Sequence[Assessed], known: Known) -> Candidates:
    """The candidates among the eligible cases, in the order of the cases.

    A case that may be visited at several addresses has one candidate an address, the first first.
    """
    ready: list[Candidate] = []
    left_out: list[LeftOutCase] = []
    around = Surroundings.of(known.pairs, known.settings.most_km)
    for one in assessed:
        if not one.eligibility.eligible:
            continue
        answers = [
            _candidate(one, address_id, windows, known, around)
            for address_id, windows in _places(one)
        ]
        found = [answer for answer in answers if isinstance(answer, Candidate)]
        ready += [found[0], *map(_elsewhere, found[1:])] if found else []
        # Why the first address will not do; the others matter to nobody.
        left_out += [a for a in answers[:1] if isinstance(a, LeftOutCase) and not found]
    return Candidates(tuple(ready), tuple(left_out))


def with_languages(
    candidates: Sequence[Candidate], assessed: Sequence[Assessed], pairs: Sequence[Pair]
) -> tuple[Candidate, ...]:
    """The candidates with the borrower's language as a need, where the branch said who speaks what."""
    if not any(pair.languages for pair in pairs):
        return tuple(candidates)
    spoken = {one.case.case_id: language_need(one.case.borrower.language) for one in assessed}
    return tuple(replace(c, needs=(*c.needs, spoken[c.case_id])) for c in candidates)


def _places(one: Assessed) -> list[tuple[str, tuple[Window, ...]]]:
    eligibility = one.eligibility
    return [(eligibility.address_id or "", eligibility.windows), *eligibility.elsewhere]


def _elsewhere(candidate: Candidate) -> Candidate:
    return replace(candidate, priority=max(POINTS_MIN, candidate.priority - _ELSEWHERE_POINTS))


def _candidate(
    one: Assessed,
    address_id: str,
    lawful: tuple[Window, ...],
    known: Known,
    around: Surroundings,
) -> Candidate | LeftOutCase:
    case = one.case
    address = case.address(address_id)
    if address is None or address.point is None:
        return _left_out(one, "no_place", words("The address has no coordinates."))
    if (wrong := around.wrong_with(address.point)) is not None:
        return _left_out(one, "far_away", wrong)
    kind = _kind(one, known)
    service_s = known.settings.service_minutes[kind] * 60
    windows = _start_windows(one, lawful, service_s)
    if not windows:
        return _left_out(
            one,
            "short_window",
            words(
                "Every time that is open is shorter than the visit takes: {minutes} minutes.",
                minutes=service_s // 60,
            ),
        )
    weight = priority(case, known.day, is_appointment=one.eligibility.is_appointment)
    return Candidate(
        case_id=case.case_id,
        address_id=address.address_id,
        point=address.point,
        windows=windows,
        service_s=service_s,
        priority=weight.points,
        is_appointment=one.eligibility.is_appointment,
        why=_why(one.eligibility.why, weight),
        allowance=_allowance(case, address, lawful, known),
        kind=kind,
        needs=case.skills,
        prefers=known.pair_that_met(case.case_id),
    )


def _allowance(
    case: Case, address: Address, lawful: tuple[Window, ...], known: Known
) -> Mapping[str, int]:
    return allowances(facts_of(case, address, lawful[0].start), known.rulesets)


def _kind(one: Assessed, known: Known) -> VisitKind:
    """What the visit is for, by the case as it stands."""
    if one.eligibility.is_appointment:
        return VisitKind.APPOINTMENT
    if one.case.agreement_state is AgreementState.PROPOSED:
        return VisitKind.AGREEMENT
    if one.case.flags & _HARD_TIMES:
        return VisitKind.WELFARE
    return VisitKind.FOLLOW_UP if one.case.case_id in known.met else VisitKind.FIRST


def _start_windows(one: Assessed, lawful: tuple[Window, ...], service_s: int) -> tuple[Window, ...]:
    """When the visit may start. The time agreed says when to arrive, the law when to be gone."""
    agreed = one.case.appointment
    if not one.eligibility.is_appointment or agreed is None:
        return start_windows(lawful, service_s)
    as_agreed = tuple(w for w in lawful if w.end >= agreed.window.end)
    cut_by_law = tuple(w for w in lawful if w.end < agreed.window.end)
    return (*start_windows(cut_by_law, service_s), *as_agreed)


def _left_out(one: Assessed, reason: str, message: Words) -> LeftOutCase:
    return LeftOutCase(one.case.case_id, reason, both(message), one.eligibility.is_appointment)


def _why(eligible: Mapping[str, str], weight: Priority) -> dict[str, str]:
    """Why the case is on the road, then its priority and what that is made of, in each language."""
    factors = [(both(factor.reason), f"{factor.points:+d}") for factor in weight.factors]
    between, after = {"en": ", ", "zh-CN": "、"}, {"en": " ", "zh-CN": ""}
    made_of = {
        tag: between[tag].join(f"{reason[tag]} {points}" for reason, points in factors)
        for tag in between
    }
    return {
        tag: eligible.get(tag, "") + after[tag] + sentence
        for tag in between
        for sentence in [
            both(
                words("Priority {points}: {reasons}.", points=weight.points, reasons=made_of[tag])
            )[tag]
        ]
    }
