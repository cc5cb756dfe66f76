"""The plain words on top of the document: what is paid, when, what it costs, and what if not."""

from collections.abc import Sequence
from itertools import groupby, pairwise

from fieldsync.agreements.facts import DocumentFacts
from fieldsync.agreements.wording import amount, percent
from fieldsync.domain.agreement import Quote, Standing
from fieldsync.domain.money import Money
from fieldsync.words import Words, words

_EVERY_MONTH_HAS = 28
# More than these nobody keeps in mind when they are read out.
_MOST_RUNS = 4


def summary(facts: DocumentFacts) -> tuple[Words, ...]:
    """A few sentences that can be read out at a kitchen table."""
    quote = facts.quote
    return (
        *_proposed(facts),
        *_down_payment(quote),
        _what_you_pay(quote),
        *_short_months(quote),
        _what_it_costs(quote),
        *_waived(quote),
        words(
            "If you cannot pay one month, call {phone} before the due day: a new plan can be made.",
            phone=facts.lender.phone,
        ),
        words("While you keep to this plan nobody calls, writes or visits to collect this debt."),
    )


def _proposed(facts: DocumentFacts) -> tuple[Words, ...]:
    if facts.standing is Standing.SIGNED:
        return ()
    return (
        words(
            "This is a proposal. The bank will tell you whether it agrees; until then nobody collects."
        ),
    )


def _what_you_pay(quote: Quote) -> Words:
    rows = [row for row in quote.instalments if row.number]
    first, last = rows[0], rows[-1]
    if len(rows) == 1:
        return words(
            "You pay {first} once, on {from_day}.",
            first=amount(first.amount),
            from_day=first.due.isoformat(),
        )
    when = words(
        "on day {day} of each month, {months} times, from {from_day} to {to_day}",
        day=quote.terms.first_due.day,
        months=len(rows),
        from_day=first.due.isoformat(),
        to_day=last.due.isoformat(),
    )
    runs = _runs([row.amount for row in rows])
    if len(runs) == 1:
        return words("You pay {first} {when}.", first=amount(first.amount), when=when)
    if len(runs) == 2 and runs[1][0] == 1:  # noqa: PLR2004 - all alike but the one that balances
        return words(
            "You pay {first} {when}; the last time it is {last}.",
            first=amount(first.amount),
            when=when,
            last=amount(last.amount),
        )
    if all(a > b for (_n, a), (_m, b) in pairwise(runs)):
        return words(
            "You pay {when}: {first} the first time, then a little less each time, {last} the last time.",
            when=when,
            first=amount(first.amount),
            last=amount(last.amount),
        )
    return words("You pay {when}: {runs}.", when=when, runs=_said(runs))


def _runs(amounts: Sequence[Money]) -> list[tuple[int, Money]]:
    """Equal amounts that follow each other, as how many and how much."""
    return [(len(list(same)), money) for money, same in groupby(amounts)]


def _said(runs: Sequence[tuple[int, Money]]) -> Words:
    """Each run in turn; where there are many, the least and the most, and the table has the rest."""
    if len(runs) > _MOST_RUNS:
        return words(
            "between {least} and {most}, as the table says",
            least=amount(min(money for _n, money in runs)),
            most=amount(max(money for _n, money in runs)),
        )
    (count, money), *rest = runs
    said = words("{count} times {amount}", count=count, amount=amount(money))
    for number, more in rest:
        then = words("{count} times {amount}", count=number, amount=amount(more))
        said = words("{first}, then {next}", first=said, next=then)
    return said


def _down_payment(quote: Quote) -> tuple[Words, ...]:
    paid, due = quote.terms.down_payment, quote.terms.down_payment_due
    if paid is None or due is None:
        return ()
    return (words("First you pay {amount} by {day}.", amount=amount(paid), day=due.isoformat()),)


def _waived(quote: Quote) -> tuple[Words, ...]:
    if not quote.waived.amount_minor:
        return ()
    return (
        words(
            "The bank gives up {waived} of the {owed} that you owe.",
            waived=amount(quote.waived),
            owed=amount(quote.debt.owed),
        ),
    )


def _short_months(quote: Quote) -> tuple[Words, ...]:
    if quote.terms.first_due.day <= _EVERY_MONTH_HAS or len(quote.instalments) == 1:
        return ()
    return (words("In a shorter month the due day is its last day."),)


def _what_it_costs(quote: Quote) -> Words:
    cost = quote.interest + quote.fees
    if not cost.amount_minor and quote.waived.amount_minor:
        return words("In all you pay {total}, and no interest.", total=amount(quote.total_payable))
    if not cost.amount_minor:
        return words(
            "In all you pay {total}: what you owe today, and no interest.",
            total=amount(quote.total_payable),
        )
    return words(
        "In all you pay {total}: {owed} of what you owe today, and {cost} interest and fees ({rate} a year).",
        total=amount(quote.total_payable),
        owed=amount(quote.financed),
        cost=amount(cost),
        rate=percent(quote.effective_rate),
    )
