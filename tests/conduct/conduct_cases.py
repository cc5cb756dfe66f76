"""A borrower's case file for tests: Chen of Nanshan, 103 days overdue, tried on three channels."""

from datetime import date, datetime

from fieldsync.domain.case import Borrower, Case, Channel, ContactAttempt, Loan, Reached
from fieldsync.domain.money import Money
from fieldsync.domain.place import Address, AddressKind, Point

DAY = date(2026, 11, 24)


def at(text: str) -> datetime:
    """An instant on Beijing's clock, such as "2026-11-24 10:00"."""
    return datetime.fromisoformat(f"{text}+08:00")


def tried(day: str, channel: Channel, reached: Reached = Reached.NONE) -> ContactAttempt:
    """One attempt at nine on a day of November 2026."""
    return ContactAttempt(at(f"2026-11-{day} 09:00"), channel, reached, "13800000001")


TRIED = (
    tried("03", Channel.CALL),
    tried("05", Channel.SMS),
    tried("07", Channel.LETTER),
    tried("09", Channel.CALL),
    tried("11", Channel.CALL),
)
HOME = Address("home", AddressKind.HOME, "深圳市南山区", Point(22.53, 113.93))
WORK = Address("work", AddressKind.WORK, "深圳市福田区", Point(22.54, 114.05))
CHEN = Case(
    "SZ-0001",
    "SZ-NANSHAN",
    Borrower("陈某"),
    Loan(
        account_ref="6222000000007890",
        product="card",
        principal=Money(1_200_000),
        interest=Money(34_560),
        fees=Money(0),
        days_past_due=103,
        as_of=date(2026, 11, 23),
    ),
    (HOME, WORK),
    TRIED,
)
