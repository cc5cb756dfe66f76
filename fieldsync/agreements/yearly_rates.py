"""The yearly rate of a plan by every method a reader may know: China, the United States, Europe."""

from decimal import Decimal

from fieldsync.agreements.apr import actuarial, effective, irr_monthly
from fieldsync.agreements.due_dates import add_months
from fieldsync.agreements.schedule import METHOD_NO_INTEREST
from fieldsync.domain.agreement import Quote
from fieldsync.domain.money import Money, total

_MONTHS = Decimal(12)


def yearly_rates(quote: Quote) -> dict[str, Decimal]:
    """Unrounded fractions a year on what is spread after the down payment.

    `irr_nominal` and `irr_effective` by equal months (People's Bank announcement 2021 no. 3),
    `actuarial` by Regulation Z, Appendix J, `effective` by the European equation on calendar days
    from one month before the first instalment. Raises nothing: without interest all are 0.
    """
    rows = [row for row in quote.instalments if row.number > 0]
    if quote.rate_method == METHOD_NO_INTEREST:
        return dict.fromkeys(("irr_nominal", "irr_effective", "actuarial", "effective"), Decimal(0))
    down = [row.amount for row in quote.instalments if row.number == 0]
    advance: Money = quote.financed - total(down, quote.financed.currency)
    amounts = [row.amount.decimal for row in rows]
    nominal, yearly = irr_monthly(advance.decimal, amounts)
    flows = [(amount, month, Decimal(0)) for month, amount in enumerate(amounts, start=1)]
    drawn = max(quote.debt.as_of, add_months(rows[0].due, -1))
    paid = [(row.due, row.amount.decimal) for row in rows]
    return {
        "irr_nominal": nominal,
        "irr_effective": yearly,
        "actuarial": actuarial(advance.decimal, flows, _MONTHS),
        "effective": effective([(drawn, advance.decimal)], paid),
    }
