"""Which packs ask for notice before a visit, how long before, and what holds once it was given."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from fieldsync.conduct.case_facts import facts_of, place_of
from fieldsync.conduct.conditions.clocks import NoticeShorterThan
from fieldsync.conduct.conditions.condition import Condition
from fieldsync.conduct.conditions.joining import AllOf, AnyOf, Unless
from fieldsync.conduct.evaluate import windows
from fieldsync.conduct.facts import Action
from fieldsync.conduct.local_time import local, zone_of
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Case, VisitNotice
from fieldsync.domain.place import Address

_NOON = time(12)
_AN_HOUR = timedelta(hours=1)


def notice_hours(rulesets: Sequence[Ruleset], address: Address | None) -> int:
    """The most hours of notice that a pack of this place asks for; 0 where none asks."""
    place = place_of(address)
    asked = (
        hours
        for pack in rulesets
        if pack.covers(place)
        for rule in pack.rules
        if Action.VISIT_START in rule.actions
        for hours in _hours_in(rule.when)
    )
    return max(asked, default=0)


def told_at(case: Case, day: date, given_at: datetime) -> Case:
    """The case as if notice of a visit on this day had been given at that instant."""
    first = case.addresses[0] if case.addresses else None
    noon = datetime.combine(day, _NOON, zone_of(place_of(first).zone))
    told = VisitNotice("", given_at, Window(noon, noon + _AN_HOUR))
    return replace(case, notices=(*case.notices, told))


def may_be_told_from(
    case: Case, now: datetime, day: date, rulesets: Sequence[Ruleset]
) -> datetime | None:
    """The first instant from now on at which the rules let a notice of a visit that day be sent."""
    address = case.addresses[0] if case.addresses else None
    facts = facts_of(case, address, now, action=Action.MESSAGE_SEND)
    today = local(now, facts.place.zone).date()
    for ahead in range((day - today).days + 1):
        for window in windows(facts, rulesets, today + timedelta(days=ahead)):
            if now < window.end:
                return max(now, window.start)
    return None


def _hours_in(condition: Condition) -> Iterable[int]:
    if isinstance(condition, NoticeShorterThan):
        yield condition.hours
    elif isinstance(condition, AllOf | AnyOf):
        for part in condition.parts:
            yield from _hours_in(part)
    elif isinstance(condition, Unless):
        yield from _hours_in(condition.part)
