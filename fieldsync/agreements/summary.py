"""The plain words on top of the document: what is paid, when, what it costs, and what if not."""

from fieldsync.agreements.facts import DocumentFacts
from fieldsync.agreements.wording import amount, percent
from fieldsync.domain.agreement import PlanKind, Quote
from fieldsync.domain.money import total
from fieldsync.words import Words, words

_EVERY_MONTH_HAS = 28


def summary(facts: DocumentFacts) -> tuple[Words, ...]:
    """A few sentences that can be read out at a kitchen table."""
    quote = facts.quote
    return (
        _what_you_pay(quote),
        *_short_months(quote),
        _what_it_costs(quote),
        words(
            "If you cannot pay one month, call {phone} before the due day: a new plan can be made.",
            phone=facts.lender.phone,
        ),
        words("While you keep to this plan nobody calls, writes or visits to collect this debt."),
    )


def _what_you_pay(quote: Quote) -> Words:
    rows = quote.instalments
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
    if first.amount == last.amount:
        return words("You pay {first} {when}.", first=amount(first.amount), when=when)
    if quote.terms.kind is PlanKind.EQUAL_PRINCIPAL:
        return words(
            "You pay {when}: {first} the first time, then a little less each time, {last} the last time.",
            when=when,
            first=amount(first.amount),
            last=amount(last.amount),
        )
    return words(
        "You pay {first} {when}; the last time it is {last}.",
        first=amount(first.amount),
        when=when,
        last=amount(last.amount),
    )


def _short_months(quote: Quote) -> tuple[Words, ...]:
    if quote.terms.first_due.day <= _EVERY_MONTH_HAS or len(quote.instalments) == 1:
        return ()
    return (words("In a shorter month the due day is its last day."),)


def _what_it_costs(quote: Quote) -> Words:
    interest = total([row.interest for row in quote.instalments], quote.financed.currency)
    if not interest.amount_minor:
        return words(
            "In all you pay {total}: what you owe today, and no interest.",
            total=amount(quote.total_payable),
        )
    return words(
        "In all you pay {total}: {owed} that you owe today and {interest} interest ({rate} a year).",
        total=amount(quote.total_payable),
        owed=amount(quote.financed),
        interest=amount(interest),
        rate=percent(quote.effective_rate),
    )
