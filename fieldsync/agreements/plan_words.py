"""The terms that only some plans have, as names and sentences for the document and the terminal."""

from collections.abc import Iterator

from fieldsync.agreements.wording import amount, percent
from fieldsync.domain.agreement import Grace, HolidayShift, Quote
from fieldsync.words import Words, words

_SHIFTS = {
    HolidayShift.FOLLOWING: words("on the next working day"),
    HolidayShift.MODIFIED_FOLLOWING: words("on the next working day of that month, else before"),
    HolidayShift.PRECEDING: words("on the working day before"),
}


def own_terms(quote: Quote) -> tuple[tuple[Words, Words | str], ...]:
    """Each such term with what it says; empty for a plain plan."""
    return tuple(_own_terms(quote))


def _own_terms(quote: Quote) -> Iterator[tuple[Words, Words | str]]:
    terms = quote.terms
    if terms.down_payment is not None and terms.down_payment_due is not None:
        yield (
            words("Down payment"),
            words(
                "{amount} by {day}",
                amount=amount(terms.down_payment),
                day=terms.down_payment_due.isoformat(),
            ),
        )
    if terms.grace is not None:
        yield words("Grace"), _grace(terms.grace, terms.grace_months)
    if terms.step:
        yield (
            words("Rise"),
            words(
                "{rate} after every {months} months",
                rate=percent(terms.step),
                months=terms.step_months,
            ),
        )
    if terms.fee_rate:
        yield words("Fee a month"), words("{rate} of the debt", rate=percent(terms.fee_rate))
    if terms.balloon is not None:
        yield words("Balloon"), amount(terms.balloon)
    yield from _before(quote)


def _before(quote: Quote) -> Iterator[tuple[Words, Words | str]]:
    """What the plan takes the place of, and where its due days go."""
    terms = quote.terms
    if terms.before_rate is not None:
        yield words("Rate before"), percent(terms.before_rate)
    if terms.before_months:
        yield words("Months before"), str(terms.before_months)
    if terms.holiday_shift is not HolidayShift.NONE:
        yield words("On a free day"), _SHIFTS[terms.holiday_shift]


def _grace(grace: Grace, months: int) -> Words:
    if grace is Grace.PRINCIPAL:
        return words("{months} months in which only interest is paid", months=months)
    if grace is Grace.INTEREST:
        return words("{months} months without interest", months=months)
    return words("{months} months without any payment or interest", months=months)
