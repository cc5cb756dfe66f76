"""Amounts, rates and how they were worked out, as sentences for people."""

from decimal import ROUND_HALF_EVEN, Decimal

from fieldsync.agreements.schedule import (
    METHOD_EFFECTIVE_DAYS,
    METHOD_IRR_MONTHLY,
    METHOD_NO_INTEREST,
)
from fieldsync.domain.agreement import Quote, Rounding
from fieldsync.domain.money import Money, exponent
from fieldsync.words import Words, words

_METHODS = {
    METHOD_NO_INTEREST: words("no interest is charged"),
    METHOD_IRR_MONTHLY: words("internal rate of return on the balance outstanding, by months"),
    METHOD_EFFECTIVE_DAYS: words("internal rate of return on the balance outstanding, by days"),
}


def method_name(quote: Quote) -> Words:
    """How the annualised rate was worked out."""
    return _METHODS[quote.rate_method]


def rounding_name(quote: Quote) -> Words:
    """How instalments were rounded."""
    currency = quote.financed.currency
    unit = f"{Decimal(1).scaleb(-exponent(currency))} {currency}"
    if quote.terms.rounding is Rounding.HALF_UP:
        return words("to the nearest {unit}, halves up", unit=unit)
    return words("to the nearest {unit}, halves to the even one", unit=unit)


def figure(money: Money) -> str:
    """The bare figure with thousands marked, for columns whose head names the currency."""
    return f"{money.decimal:,.{exponent(money.currency)}f}"


def amount(money: Money) -> Words:
    """An amount within a sentence."""
    if money.currency == "CNY":
        return words("CNY {amount}", amount=figure(money))
    return words("{amount} {currency}", amount=figure(money), currency=money.currency)


def percent(rate: Decimal) -> str:
    """A fraction as a percentage with two decimals."""
    return f"{(rate * 100).quantize(Decimal('0.01'), rounding=ROUND_HALF_EVEN)} %"


def rate_and_method(quote: Quote) -> Words:
    """The annualised rate as it is shown everywhere: the figure, how it was found, the nominal one."""
    if quote.rate_method == METHOD_NO_INTEREST:
        return words("{rate} ({method})", rate=percent(Decimal(0)), method=method_name(quote))
    return words(
        "{rate} ({method}; nominal {nominal})",
        rate=percent(quote.effective_rate),
        method=method_name(quote),
        nominal=percent(quote.nominal_rate),
    )
