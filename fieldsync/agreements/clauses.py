"""The agreement's clauses, each with its head (Credit-card business measures 2011, art. 70)."""

from fieldsync.agreements.facts import DocumentFacts
from fieldsync.agreements.wording import percent, rounding_name
from fieldsync.domain.agreement import PlanKind
from fieldsync.words import Words, words

MISSED_IN_A_ROW = 2
GRACE_DAYS = 10
COOLING_OFF_DAYS = 7
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
                "Pay only to the bank: in its app, at its counters, by transfer to the account in your loan contract, or by the direct debit you agreed to. Never give cash or a private transfer to a collector. Each payment goes to the oldest instalment first, its interest before its principal."
            ),
        ),
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
                missed=MISSED_IN_A_ROW,
                days=GRACE_DAYS,
            ),
        ),
        (
            words("No collection while you pay"),
            words(
                "While this plan is kept, the bank and its agents stop collecting this debt: no calls, messages, letters or visits other than reminders you ask for."
            ),
        ),
        *_promises(facts),
        *_hardship(facts),
        (
            words("Changing your mind"),
            words(
                "Within {days} days of signing you may withdraw from this plan without cost or reason by calling {phone}.",
                days=COOLING_OFF_DAYS,
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


def _languages(facts: DocumentFacts) -> tuple[Clause, ...]:
    if len(facts.languages) == 1:
        return ()
    text = words("Both texts count alike; where they differ, the one kinder to the borrower holds.")
    return ((words("Two languages"), text),)


def _interest(facts: DocumentFacts) -> Clause:
    quote, head = facts.quote, words("Interest and rounding")
    if quote.terms.kind is PlanKind.INTEREST_FREE or quote.terms.yearly_rate == 0:
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
