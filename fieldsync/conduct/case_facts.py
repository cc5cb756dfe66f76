"""Takes from a case file what the rules may look at, for one address, action and instant."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from fieldsync.conduct.facts import Action, Facts, Notice, Place, Situation
from fieldsync.conduct.local_time import local
from fieldsync.conduct.moratorium import flags_in_force
from fieldsync.conduct.third_party import debt_facts_in
from fieldsync.domain.case import Case
from fieldsync.domain.place import Address


def facts_of(  # noqa: PLR0913 - what is known of a visit, each named at the call
    case: Case,
    address: Address | None,
    at: datetime,
    officers: Sequence[str] = (),
    *,
    action: Action = Action.VISIT_START,
    identity_shown: bool = False,
    words_for_others: str = "",
    number: str = "",
    clock_plausible: bool = True,
    situations: Collection[Situation] = (),
    allowance: Mapping[str, int] | None = None,
    record_at: datetime | None = None,
) -> Facts:
    """The facts of a case for one judgement; an address of None is one that nobody knows.

    `words_for_others` is what would be told or left to somebody other than the borrower, `record_at`
    when the record to be purged was made, `allowance` what is left of caps that are shared: None only
    where the whole history is known (see `Facts`).
    """
    place = place_of(address)
    agreed = case.appointment
    return Facts(
        action=action,
        at=at,
        place=place,
        officers=tuple(officers),
        flags=case.flags | flags_in_force(case.holds, at),
        consents=case.consents,
        history=case.contacts,
        agreement=case.agreement_state,
        notice=notice_of(case, at, place.zone),
        holds=case.holds,
        allowance=allowance,
        appointment=agreed.window if agreed else None,
        appointment_here=agreed is None
        or address is None
        or agreed.address_id == address.address_id,
        days_past_due=case.loan.days_past_due_on(local(at, place.zone).date()),
        identity_shown=identity_shown,
        debt_facts=debt_facts_in(words_for_others, case) if words_for_others else (),
        number=number,
        situations=frozenset(situations),
        record_at=record_at,
        clock_plausible=clock_plausible,
    )


def notice_of(case: Case, at: datetime, zone: str) -> Notice | None:
    """The notice that holds for the local day: the latest that was given by then and names it.

    A notice for another day, or given later, is no notice of this visit.
    """
    day = local(at, zone).date()
    of_the_day = [
        notice
        for notice in case.notices
        if notice.given_at <= at and local(notice.window.start, zone).date() == day
    ]
    if not of_the_day:
        return None
    latest = max(of_the_day, key=lambda notice: notice.given_at.astimezone(UTC))
    return Notice(latest.given_at, latest.window.start)


def place_of(address: Address | None) -> Place:
    """The place of an address; none is a place known to be invalid."""
    if address is None:
        return Place(known_invalid=True)
    return Place(address.zone, address.kind, address.country, address.subdivision, address.invalid)
