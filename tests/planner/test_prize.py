"""The priority of a case: one to a hundred, with reasons that add up."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fieldsync.domain.case import (
    Borrower,
    Case,
    Channel,
    ContactAttempt,
    Flag,
    Loan,
    Payment,
    Reached,
)
from fieldsync.domain.money import Money
from fieldsync.planner.prize import priority

DAY = date(2026, 11, 24)


def case_of(days_past_due: int = 100, owed_minor: int = 3_000_000) -> Case:
    """A loan that many days overdue on the day itself."""
    money = Money(owed_minor), Money(0), Money(0)
    loan = Loan("6222", "card", *money, days_past_due, DAY)
    return Case("C1", "SZ-NANSHAN", Borrower("Lin"), loan)


def points(case: Case) -> int:
    """Its priority on the day."""
    return priority(case, DAY).points


@given(
    st.integers(0, 3000),
    st.integers(0, 10**11),
    st.frozensets(st.sampled_from(Flag)),
)
def test_points_stay_between_one_and_a_hundred_and_have_a_reason(
    days: int, owed: int, flags: frozenset[Flag]
) -> None:
    """Whatever the book holds, the number is in range and can be explained."""
    found = priority(replace(case_of(days, owed), flags=flags), DAY)
    assert 1 <= found.points <= 100
    assert found.factors


def test_the_factors_add_up() -> None:
    """What a person reads is what was counted."""
    found = priority(case_of(), DAY)
    assert found.points == sum(factor.points for factor in found.factors)


def test_a_hard_time_lowers_the_priority() -> None:
    """Vulnerability never makes anybody a more rewarding door."""
    assert points(replace(case_of(), flags=frozenset({Flag.VULNERABLE}))) < points(case_of())


def test_paying_lowers_and_silence_raises_the_priority() -> None:
    """Who pays is left in peace; who could not be reached is worth the way."""
    paid = replace(case_of(), payments=(Payment("P1", DAY - timedelta(days=3), Money(100)),))
    days = [datetime(2026, 11, 10 + n, 10, tzinfo=UTC) for n in range(3)]
    attempts = tuple(ContactAttempt(at, Channel.CALL, Reached.NONE) for at in days)
    assert points(paid) < points(case_of()) < points(replace(case_of(), contacts=attempts))


def test_a_talk_at_the_door_is_continued_and_a_broken_promise_asked_about() -> None:
    """Both add a little."""
    met = ContactAttempt(datetime(2026, 10, 20, 10, tzinfo=UTC), Channel.VISIT, Reached.DEBTOR)
    promised = replace(met, channel=Channel.CALL, promise_until=date(2026, 11, 1))
    assert points(replace(case_of(), contacts=(met,))) == points(case_of()) + 5
    assert points(replace(case_of(), contacts=(promised,))) == points(case_of()) + 5


def test_an_agreed_time_outranks_everything() -> None:
    """Somebody is waiting."""
    assert priority(case_of(1, 100), DAY, is_appointment=True).points == 100


def test_the_debt_ages_after_the_book_was_made() -> None:
    """A book of last month does not keep a loan young."""
    old_book = replace(case_of(), loan=replace(case_of(50).loan, as_of=DAY - timedelta(days=50)))
    assert str(priority(old_book, DAY).factors[0].reason) == "100 days past due"
