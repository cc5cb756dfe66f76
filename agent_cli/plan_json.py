"""An instalment plan as `--json` prints it: terms, rows with every part, cost, and the three yearly rates."""

from typing import Any

from agent_cli.actions.quote import Offer
from fieldsync.agreements.yearly_rates import yearly_rates
from fieldsync.domain.agreement import Instalment
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.money import Money


def quote_json(offer: Offer) -> dict[str, Any]:
    """The quote as it is signed, with each row's fee and amount, and what needs an approval."""
    quote = offer.quote
    body: dict[str, Any] = to_builtins(quote)
    body["instalments"] = [_row(row) for row in quote.instalments]
    body["rates"] = {name: str(rate) for name, rate in yearly_rates(quote).items()}
    body["totals"] = {
        name: to_builtins(amount)
        for name, amount in (
            ("interest", quote.interest),
            ("fees", quote.fees),
            ("waived", quote.waived),
        )
    }
    body["needs_approval"] = [problem.code for problem in offer.beyond]
    return body


def _row(row: Instalment) -> dict[str, Any]:
    body: dict[str, Any] = to_builtins(row)
    body["fee"] = to_builtins(row.fee or Money(0, row.principal.currency))
    body["amount"] = to_builtins(row.amount)
    return body
