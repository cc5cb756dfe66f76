"""What became of a plan: payments allocated to its instalments, and how the plan stands on a day.

The oldest instalment comes first; within it the plan's own order of allocation. Nothing here depends
on the order in which payments were imported.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from fieldsync.agreements.amortise import whole
from fieldsync.agreements.due_dates import add_months
from fieldsync.agreements.schedule import DAYS_A_MONTH
from fieldsync.domain.agreement import Component, Instalment, PlanRules, Quote
from fieldsync.domain.case import Payment
from fieldsync.domain.money import Money, total


class InstalmentState(StrEnum):
    """How one instalment stands; `late` is due and not wholly paid."""

    COMING = "coming"
    PART_PAID = "part_paid"
    LATE = "late"
    PAID = "paid"


class PlanStanding(StrEnum):
    """How the whole plan stands by its own rules; `at_risk` has something late within its grace."""

    PERFORMING = "performing"
    AT_RISK = "at_risk"
    BREACHED = "breached"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class KeptInstalment:
    """One instalment with what was paid on it, part by part; `paid_on` is when the last of it came."""

    instalment: Instalment
    parts: tuple[tuple[Component, Money], ...]
    paid_on: date | None
    state: InstalmentState
    days_late: int

    @property
    def paid(self) -> Money:
        """Everything paid on it."""
        return total([amount for _part, amount in self.parts], self.instalment.principal.currency)

    @property
    def left(self) -> Money:
        """What is still to be paid on it."""
        return self.instalment.amount - self.paid


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every instalment as it stands on a day; `credit` is money beyond the whole plan."""

    rows: tuple[KeptInstalment, ...]
    received: Money
    credit: Money
    standing: PlanStanding

    @property
    def left(self) -> Money:
        """What is still to be paid of the whole plan."""
        return total([row.left for row in self.rows], self.received.currency)

    @property
    def overdue(self) -> Money:
        """What is late."""
        late = [row.left for row in self.rows if row.state is InstalmentState.LATE]
        return total(late, self.received.currency)

    @property
    def next_row(self) -> KeptInstalment | None:
        """The first instalment that is not wholly paid."""
        return next((row for row in self.rows if row.left.amount_minor), None)


def ledger(quote: Quote, rules: PlanRules, payments: Iterable[Payment], today: date) -> Ledger:
    """How the plan stands at the end of `today`.

    Money that came after the debt's cut-off counts, also before the signature: the statement does not
    know of it yet. A payment in another currency is left out: a person has to look at it.
    """
    currency = quote.financed.currency
    own = {
        payment.payment_id: payment
        for payment in payments
        if quote.debt.as_of < payment.on <= today and payment.amount.currency == currency
    }
    received = sorted(own.values(), key=lambda p: (p.on, p.payment_id))
    came = [
        (payment.on, payment.amount.amount_minor)
        for payment in received
        if payment.amount.amount_minor > 0
    ]
    rows = []
    for instalment in quote.instalments:
        taken, paid_on = _take(came, instalment.amount.amount_minor)
        rows.append(_row(instalment, rules, taken, paid_on, today))
    left = Money(sum(amount for _on, amount in came), currency)
    arrived = total(
        [Money(p.amount.amount_minor, currency) for p in received if p.amount.amount_minor > 0],
        currency,
    )
    return Ledger(tuple(rows), arrived, left, _standing(rows, rules, today))


def _take(came: list[tuple[date, int]], asked: int) -> tuple[int, date | None]:
    """Take up to `asked` from the oldest money; how much that was, and when its last part came."""
    taken, paid_on = 0, None
    while came and taken < asked:
        on, amount = came[0]
        part = min(amount, asked - taken)
        taken, paid_on = taken + part, on
        if part == amount:
            came.pop(0)
        else:
            came[0] = (on, amount - part)
    return taken, paid_on


def _row(
    instalment: Instalment, rules: PlanRules, taken: int, paid_on: date | None, today: date
) -> KeptInstalment:
    asked = instalment.amount.amount_minor
    is_paid = taken >= asked
    until = paid_on if is_paid and paid_on is not None else today
    state = InstalmentState.PAID
    if not is_paid and today > instalment.due:
        state = InstalmentState.LATE
    elif not is_paid:
        state = InstalmentState.PART_PAID if taken else InstalmentState.COMING
    late = max((until - instalment.due).days, 0)
    return KeptInstalment(instalment, _parts(instalment, rules, taken), paid_on, state, late)


def _parts(
    instalment: Instalment, rules: PlanRules, taken: int
) -> tuple[tuple[Component, Money], ...]:
    nothing = Money(0, instalment.principal.currency)
    owed = {
        Component.FEES: instalment.fee or nothing,
        Component.INTEREST: instalment.interest,
        Component.PRINCIPAL: instalment.principal,
    }
    found = []
    for part in rules.allocation:
        amount = min(owed.get(part, nothing).amount_minor, taken)
        taken -= amount
        if part in owed:
            found.append((part, Money(amount, nothing.currency)))
    return tuple(found)


def _standing(rows: list[KeptInstalment], rules: PlanRules, today: date) -> PlanStanding:
    if all(row.state is InstalmentState.PAID for row in rows):
        return PlanStanding.SETTLED
    grace = timedelta(days=rules.grace_days)
    in_a_row = 0
    for row in rows:
        is_missed = row.state is InstalmentState.LATE and today > row.instalment.due + grace
        in_a_row = in_a_row + 1 if is_missed else 0
        if in_a_row >= rules.missed_in_a_row:
            return PlanStanding.BREACHED
    late = any(row.state is InstalmentState.LATE for row in rows)
    return PlanStanding.AT_RISK if late else PlanStanding.PERFORMING


def early_repayment(quote: Quote, kept: Ledger, day: date) -> Money:
    """What pays the plan off on that day: the principal left, and what interest has run until then.

    Interest and fees of months that have not begun fall away; the month that runs bears its days in
    thirtieths.
    """
    owed = 0
    for row in kept.rows:
        instalment = row.instalment
        cost = instalment.amount.amount_minor - instalment.principal.amount_minor
        begun = add_months(instalment.due, -1)
        share = Decimal(min(max((day - begun).days, 0), DAYS_A_MONTH)) / DAYS_A_MONTH
        due = instalment.principal.amount_minor + whole(cost * share, quote.terms.rounding)
        owed += max(due - row.paid.amount_minor, 0)
    return Money(owed, quote.financed.currency)
