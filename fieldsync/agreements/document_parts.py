"""The tables of an agreement's document: parties, debt, plan and schedule, as names and values."""

from fieldsync.agreements.facts import TEMPLATE_VERSION, DocumentFacts
from fieldsync.agreements.plan_words import own_terms
from fieldsync.agreements.wording import amount, figure, percent, rate_and_method
from fieldsync.agreements.yearly_rates import yearly_rates
from fieldsync.domain.agreement import Component, Quote
from fieldsync.domain.masking import mask_number
from fieldsync.domain.money import Money
from fieldsync.words import Words, words

Rows = tuple[tuple[Words, Words | str], ...]

PARTS = {
    Component.PRINCIPAL: words("Principal"),
    Component.INTEREST: words("Interest"),
    Component.DEFAULT_INTEREST: words("Default interest"),
    Component.FEES: words("Fees"),
    Component.COSTS: words("Costs"),
}


def reference(facts: DocumentFacts) -> Words:
    """What the document is called, and which version of what it is."""
    said = words(
        "No. {id}, version {version}, form {template}, {languages}",
        id=facts.agreement_id,
        version=facts.version,
        template=TEMPLATE_VERSION,
        languages=" + ".join(facts.languages),
    )
    if facts.replaces is None:
        return said
    return words("{reference}; replaces {id}", reference=said, id=facts.replaces)


def parties(facts: DocumentFacts) -> Rows:
    """Who agrees; the identity number masked."""
    return (
        (words("Lender"), facts.lender.name),
        (words("Branch"), facts.branch),
        (words("Borrower"), facts.debtor_name),
        (words("Identity number"), mask_number(facts.debtor_id_number) or "-"),
        (words("Address"), facts.address or "-"),
        (words("Account"), facts.account_ref),
    )


def debt(facts: DocumentFacts) -> Rows:
    """The debt part by part, what is waived of each, and what the plan spreads."""
    quote = facts.quote
    parts = quote.debt.parts()
    always = {Component.PRINCIPAL, Component.INTEREST, Component.FEES}
    owed = [
        (PARTS[part], figure(money))
        for part, money in parts.items()
        if part in always or money.amount_minor
    ]
    if not quote.terms.waived:
        return (*owed, (words("Total"), amount(quote.financed)))
    given = [
        (words("waived: {part}", part=PARTS[one.component]), f"-{figure(one.amount)}")
        for one in quote.terms.waived
    ]
    return (
        *owed,
        (words("Owed"), figure(quote.debt.owed)),
        *given,
        (words("To be paid by the plan"), amount(quote.financed)),
    )


def plan(facts: DocumentFacts) -> Rows:
    """The terms, those of every plan first, then the kind's own, then what it all costs."""
    quote = facts.quote
    rows = [row for row in quote.instalments if row.number]
    return (
        (words("Kind"), facts.kind_name),
        (words("Instalments"), words("{count}, monthly", count=len(rows))),
        (words("First due"), rows[0].due.isoformat()),
        *own_terms(quote),
        (words("Interest rate"), percent(quote.terms.yearly_rate)),
        (words("Annualised rate"), rate_and_method(quote)),
        *_other_methods(quote),
        (words("Total to pay"), amount(quote.total_payable)),
    )


def _other_methods(quote: Quote) -> Rows:
    """The same cost by the equations of the United States and of Europe."""
    rates = yearly_rates(quote)
    if not any(rates.values()):
        return ()
    told = words(
        "{actuarial} (actuarial, Regulation Z); {effective} (effective, Directive 2023/2225)",
        actuarial=percent(rates["actuarial"]),
        effective=percent(rates["effective"]),
    )
    return ((words("By other methods"), told),)


def columns(quote: Quote) -> tuple[Words, ...]:
    """The heads of the schedule; a fee has its own column where there is one."""
    fee = (words("Fee"),) if quote.fees.amount_minor else ()
    return (
        words("No."),
        words("Due"),
        words("Principal"),
        words("Interest"),
        *fee,
        words("To pay"),
        words("Left to pay"),
    )


def schedule(quote: Quote) -> list[list[str]]:
    """Every instalment; number 0 is the down payment."""
    with_fee = quote.fees.amount_minor > 0
    nothing = Money(0, quote.financed.currency)
    return [
        [
            str(row.number),
            row.due.isoformat(),
            figure(row.principal),
            figure(row.interest),
            *([figure(row.fee or nothing)] if with_fee else []),
            figure(row.amount),
            figure(row.balance),
        ]
        for row in quote.instalments
    ]


def totals(quote: Quote) -> list[str]:
    """The sums under principal, interest, fee (where there is one) and amount."""
    fee = [figure(quote.fees)] if quote.fees.amount_minor else []
    return [figure(quote.financed), figure(quote.interest), *fee, figure(quote.total_payable)]
