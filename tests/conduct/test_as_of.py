"""A case as it stood when a record was made: the log's order counts, whatever its clock said."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldsync.conduct.as_of import LogOrder, as_of
from fieldsync.domain.case import (
    AgreementState,
    Channel,
    ContactAttempt,
    Hold,
    HoldKind,
    Reached,
)
from tests.conduct.conduct_cases import CHEN, at

AT = at("2026-11-24 10:00")

_INSTANTS = st.integers(-600, 600).map(lambda m: AT + timedelta(minutes=m))


def _held(since: datetime, kind: HoldKind = HoldKind.HARDSHIP) -> Hold:
    return Hold("H-1", kind, since)


@given(since=_INSTANTS, instant=_INSTANTS)
def test_a_hold_after_the_record_in_its_log_is_not_seen(since: datetime, instant: datetime) -> None:
    """Whatever the clocks say, what the log tells later had not happened yet."""
    case = replace(CHEN, holds=(_held(since),))
    assert as_of(case, instant, LogOrder(holds_after=frozenset({"H-1"}))).holds == ()


@given(since=_INSTANTS, instant=_INSTANTS)
def test_a_hold_before_the_record_in_its_log_is_seen(since: datetime, instant: datetime) -> None:
    """A clock that was put back ends no hold."""
    case = replace(CHEN, holds=(_held(since),))
    (hold,) = as_of(case, instant, LogOrder(holds_before=frozenset({"H-1"}))).holds
    assert hold.since <= instant


@given(since=_INSTANTS, instant=_INSTANTS)
def test_others_are_ordered_by_the_clock(since: datetime, instant: datetime) -> None:
    """What another device or the office recorded has no place in this log."""
    case = replace(CHEN, holds=(_held(since),))
    assert bool(as_of(case, instant).holds) == (since < instant)


@given(begun=_INSTANTS, instant=_INSTANTS)
def test_visits_count_by_their_place_too(begun: datetime, instant: datetime) -> None:
    """A visit before the record counts on its day at the latest; one after it does not count."""
    visit = ContactAttempt(begun, Channel.VISIT, Reached.DEBTOR)
    call = ContactAttempt(begun, Channel.CALL, Reached.DEBTOR)
    case = replace(CHEN, contacts=(visit, call))
    calls = [call] if begun <= instant else []
    before = as_of(case, instant, LogOrder(visits_before=frozenset({begun})))
    assert list(before.contacts) == [replace(visit, at=min(begun, instant)), *calls]
    after = as_of(case, instant, LogOrder(visits_after=frozenset({begun})))
    assert list(after.contacts) == calls


@pytest.mark.parametrize("order", [LogOrder(), LogOrder(holds_after=frozenset({"H-1"}))])
def test_an_agreement_behind_the_record_was_not_there(order: LogOrder) -> None:
    """The agreement goes with the hold that it brought."""
    later = AT if not order.holds_after else AT - timedelta(hours=1)
    case = replace(
        CHEN,
        holds=(_held(later, HoldKind.AGREEMENT),),
        agreement_state=AgreementState.PERFORMING,
    )
    assert as_of(case, AT, order).agreement_state is AgreementState.NONE
    before = LogOrder(holds_before=frozenset({"H-1"}))
    assert as_of(case, AT, before).agreement_state is AgreementState.PERFORMING
