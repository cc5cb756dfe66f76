"""Who may be visited at all on a day, where and when, and why: the escalation of a case, judged by rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from fieldsync.conduct.case_facts import facts_of, place_of
from fieldsync.conduct.evaluate import evaluate, windows
from fieldsync.conduct.local_time import local, zone_of
from fieldsync.conduct.road_words import by_appointment, last_resort, not_on_the_road
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.calendar import Window, intersect_all
from fieldsync.domain.case import Appointment, Case
from fieldsync.domain.place import Address, AddressKind
from fieldsync.domain.verdict import Finding

# Plans always send a pair; who they are is checked at the door (CN-TWO-PERSONS).
A_PAIR = ("first", "second")
_NOON = time(12)
_STAGE_DAYS = 30
_LAST_STAGE = 7
_PREFERRED = (AddressKind.HOME, AddressKind.WORK, AddressKind.OTHER)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The answer for one case and day.

    `windows` are when the visit may start, `reasons` the rules that stop it, and `why` a whole
    answer in "en" and "zh-CN" for either case. `address_id` is None where it is not eligible.
    `elsewhere` are other addresses at which the visit may be made instead, with their windows.
    """

    case_id: str
    eligible: bool
    address_id: str | None
    windows: tuple[Window, ...]
    reasons: tuple[Finding, ...]
    why: Mapping[str, str]
    stage: str
    is_appointment: bool = False
    elsewhere: tuple[tuple[str, tuple[Window, ...]], ...] = ()


def stage_of(days_past_due: int) -> str:
    """The stage in the trade's words: M1 is 1-30 days overdue, M7+ more than 180, M0 not overdue."""
    if days_past_due <= 0:
        return "M0"
    stage = (days_past_due - 1) // _STAGE_DAYS + 1
    return f"M{stage}" if stage < _LAST_STAGE else f"M{_LAST_STAGE}+"


def assess(case: Case, day: date, rulesets: Sequence[Ruleset]) -> Eligibility:
    """Whether, where and when the case may be visited on the local day, and why.

    A visit the borrower asked for that day is judged at its place and time alone; otherwise the
    addresses are tried in order, home first.
    """
    appointment = _agreed_for(case, day)
    if appointment is not None:
        return _by_appointment(case, appointment, day, rulesets)
    addresses = sorted(case.addresses, key=_preference)
    for number, address in enumerate(addresses, 1):
        open_windows = _windows(case, address, day, rulesets)
        if open_windows:
            why = last_resort(case, _stage(case, day), day, address.zone)
            chosen = _on_the_road(case, address.address_id, day, open_windows, why)
            others = _open_places(case, addresses[number:], day, rulesets)
            return replace(chosen, elsewhere=others)
    first = addresses[0] if addresses else None
    noon = datetime.combine(day, _NOON, zone_of(place_of(first).zone))
    return _stays_off(case, first, noon, rulesets)


def _open_places(
    case: Case, addresses: Sequence[Address], day: date, rulesets: Sequence[Ruleset]
) -> tuple[tuple[str, tuple[Window, ...]], ...]:
    """Of these addresses those that are known to be right and may be visited, with their windows."""
    right = [one for one in addresses if not one.invalid and one.point is not None]
    places = ((one.address_id, _windows(case, one, day, rulesets)) for one in right)
    return tuple((address_id, spans) for address_id, spans in places if spans)


def _by_appointment(
    case: Case, appointment: Appointment, day: date, rulesets: Sequence[Ruleset]
) -> Eligibility:
    address = case.address(appointment.address_id)
    lawful = _windows(case, address, day, rulesets)
    open_windows = intersect_all(lawful, (appointment.window,))
    if not open_windows or address is None:
        return _stays_off(case, address, appointment.window.start, rulesets)
    why = by_appointment(appointment.window, address.zone)
    return _on_the_road(case, address.address_id, day, open_windows, why, is_appointment=True)


def _on_the_road(
    case: Case,
    address_id: str,
    day: date,
    open_windows: tuple[Window, ...],
    why: Mapping[str, str],
    *,
    is_appointment: bool = False,
) -> Eligibility:
    stage = _stage(case, day)
    return Eligibility(case.case_id, True, address_id, open_windows, (), why, stage, is_appointment)


def _stays_off(
    case: Case, address: Address | None, at: datetime, rulesets: Sequence[Ruleset]
) -> Eligibility:
    """The answer for a case that stays off the road, with what the rules say at that instant."""
    reasons = evaluate(facts_of(case, address, at, A_PAIR), rulesets).refusals
    day = local(at, place_of(address).zone).date()
    why = not_on_the_road(reasons)
    return Eligibility(case.case_id, False, None, (), reasons, why, _stage(case, day))


def _windows(
    case: Case, address: Address | None, day: date, rulesets: Sequence[Ruleset]
) -> tuple[Window, ...]:
    noon = datetime.combine(day, _NOON, zone_of(place_of(address).zone))
    return windows(facts_of(case, address, noon, A_PAIR), rulesets, day)


def _agreed_for(case: Case, day: date) -> Appointment | None:
    """The appointment, if the day it begins on at its place is this one."""
    appointment = case.appointment
    if appointment is None:
        return None
    zone = place_of(case.address(appointment.address_id)).zone
    return appointment if local(appointment.window.start, zone).date() == day else None


def _preference(address: Address) -> tuple[bool, bool, int]:
    return (address.invalid, address.point is None, _PREFERRED.index(address.kind))


def _stage(case: Case, day: date) -> str:
    return stage_of(case.loan.days_past_due_on(day))
