"""The agreement's clauses, each with its head (Credit-card business measures 2011, art. 70)."""

from fieldsync.agreements.facts import DocumentFacts
from fieldsync.agreements.wording import percent, rounding_name
from fieldsync.domain.agreement import Component, PlanKind
from fieldsync.words import Words, words

# The hotline of the National Financial Regulatory Administration for complaints about banks.
COMPLAINT_HOTLINE = "12378"

Clause = tuple[Words, Words]


def clauses(facts: DocumentFacts) -> tuple[Clause, ...]:
    """Every clause that applies, in the order of the document."""
    return (
        _interest(facts),
        (
            words("Paying"),
            words(
                "Pay only to the bank: in its app, at its counters, by transfer to the account in your loan contract, or by the direct debit you agreed to. Never give cash or a private transfer to a collector. Each payment goes to the oldest instalment first, within it in this order: {order}.",
                order=_in_order(facts),
            ),
        ),
        *_holidays(facts),
        (
            words("Paying early"),
            words(
                "You may pay all or part early at any time, free of charge; interest of later months then falls away."
            ),
        ),
        (
            words("If payments stop"),
            words(
                "If {missed} instalments in a row are still unpaid {days} days after their due day, the bank may end this plan by a written notice. What you have paid stays counted; no penalty is added by this plan.",
                missed=facts.rules.missed_in_a_row,
                days=facts.rules.grace_days,
            ),
        ),
        *_waiver(facts),
        (
            words("No collection while you pay"),
            words(
                "While this plan is kept, the bank and its agents stop collecting this debt: no calls, messages, letters or visits other than reminders you ask for."
            ),
        ),
        *_reminders(facts),
        *_promises(facts),
        *_hardship(facts),
        (
            words("Changing your mind"),
            words(
                "Within {days} days of signing you may withdraw from this plan without cost or reason by calling {phone}.",
                days=facts.rules.cooling_off_days,
                phone=facts.lender.phone,
            ),
        ),
        (
            words("Complaints"),
            words(
                "Call {phone}, or the regulator's hotline {hotline}. A complaint never worsens your plan.",
                phone=facts.lender.phone,
                hotline=COMPLAINT_HOTLINE,
            ),
        ),
        (
            words("Your data and your copy"),
            words(
                "The facts in this document are kept to carry out this plan, for as long as the law asks. You receive a copy of this document at once."
            ),
        ),
        *_languages(facts),
    )


_PARTS = {
    Component.PRINCIPAL: words("principal"),
    Component.INTEREST: words("interest"),
    Component.FEES: words("fees"),
}


def _in_order(facts: DocumentFacts) -> Words:
    """Only the parts that an instalment of this plan has."""
    own = {Component.INTEREST, Component.PRINCIPAL}
    if facts.quote.fees.amount_minor:
        own.add(Component.FEES)
    first, *rest = [part for part in facts.rules.allocation if part in own]
    said = _PARTS[first]
    for part in rest:
        said = words("{first}, then {next}", first=said, next=_PARTS[part])
    return said


def _holidays(facts: DocumentFacts) -> tuple[Clause, ...]:
    until = facts.quote.calendar_until
    if until is None:
        return ()
    text = words(
        "Due days are moved as the plan says where banks do not work. Holidays are announced until {day}; after that the statutory ones are reckoned with, and a day that turns out free moves once more at no cost.",
        day=until.isoformat(),
    )
    return ((words("Free days"), text),)


def _reminders(facts: DocumentFacts) -> tuple[Clause, ...]:
    if not facts.reminders:
        return ()
    text = words(
        "You asked to be reminded in writing before each due day; call {phone} to stop it.",
        phone=facts.lender.phone,
    )
    return ((words("Reminders"), text),)


def _waiver(facts: DocumentFacts) -> tuple[Clause, ...]:
    if not facts.quote.terms.waived:
        return ()
    if facts.rules.waiver_returns:
        text = words(
            "What is waived is given up once the plan is kept; if the bank ends the plan, it is owed again."
        )
    else:
        text = words("What is waived stays waived, also if the bank ends this plan.")
    return ((words("What the bank gives up"), text),)


def _languages(facts: DocumentFacts) -> tuple[Clause, ...]:
    if len(facts.languages) == 1:
        return ()
    text = words("Both texts count alike; where they differ, the one kinder to the borrower holds.")
    return ((words("Two languages"), text),)


def _interest(facts: DocumentFacts) -> Clause:
    quote, head = facts.quote, words("Interest and rounding")
    if quote.terms.kind is PlanKind.FLAT_FEE:
        return head, words(
            "No interest is added. Each instalment holds a fee of {rate} of the debt. Each is rounded {rounding}; the last one balances.",
            rate=percent(quote.terms.fee_rate),
            rounding=rounding_name(quote),
        )
    if quote.terms.yearly_rate == 0:
        return head, words(
            "No interest, annual fee or other charge is added during this plan. Each instalment is rounded {rounding}; the last one balances.",
            rounding=rounding_name(quote),
        )
    return head, words(
        "Interest is {rate} a year on the balance still owed, a twelfth each month (30/360); it begins no earlier than one month before the first due day. No annual fee or other charge is added. Each instalment is rounded {rounding}; the last one balances.",
        rate=percent(quote.terms.yearly_rate),
        rounding=rounding_name(quote),
    )


def _promises(facts: DocumentFacts) -> tuple[Clause, ...]:
    debt = words(
        "By signing you acknowledge the debt stated above; the time limit for claiming it begins anew (Civil Code, art. 195)."
    )
    card = "card" in facts.product.lower() or "卡" in facts.product
    if not card:
        return ((words("Your promise"), debt),)
    no_card = words(
        "You will not apply for a credit card at any bank until this plan is paid. {debt}",
        debt=debt,
    )
    return ((words("Your promise"), no_card),)


_REFERENCE = 8


def _hardship(facts: DocumentFacts) -> tuple[Clause, ...]:
    if not facts.hardship_ref:
        return ()
    text = words(
        "What you told us in confidence is on file under reference {ref} and is not described here.",
        # Enough to find it by, and short enough to be read out.
        ref=facts.hardship_ref[-_REFERENCE:],
    )
    return ((words("Your circumstances"), text),)
