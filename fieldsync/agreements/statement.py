"""A statement of account for a plan: what came, what each instalment still needs, what is next."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from fieldsync.agreements.ledger import InstalmentState, KeptInstalment, Ledger, early_repayment
from fieldsync.agreements.wording import amount, figure
from fieldsync.domain.agreement import Agreement
from fieldsync.words import Words, words

# Turns a sentence into the statement's one language.
Say = Callable[[Words], str]

STATES: Mapping[InstalmentState, Words] = {
    InstalmentState.COMING: words("not due yet"),
    InstalmentState.PART_PAID: words("partly paid"),
    InstalmentState.LATE: words("late"),
    InstalmentState.PAID: words("paid"),
}


def statement_data(
    agreement: Agreement, kept: Ledger, name: str, day: date, phone: str, say: Say
) -> dict[str, Any]:
    """The statement as JSON-ready strings; keys are what `statement.typ` reads."""
    coming = kept.next_row
    facts: list[tuple[Words, str]] = [
        (words("Borrower"), name),
        (words("Agreement"), agreement.agreement_id),
        (words("Total to pay"), say(amount(agreement.quote.total_payable))),
        (words("Paid so far"), say(amount(kept.received))),
        (words("Left to pay"), say(amount(kept.left))),
        (words("Late in all"), say(amount(kept.overdue))),
        (words("Pays it off today"), say(amount(early_repayment(agreement.quote, kept, day)))),
    ]
    heads = (
        words("No."), words("Due"), words("To pay"), words("Paid"), words("Came on"),
        words("Left to pay"), words("State"),
    )  # fmt: skip
    return {
        "language": agreement.language,
        "title": say(words("Statement of your plan")),
        "day": say(words("As of {day}", day=day.isoformat())),
        "next": say(_next(coming)),
        "facts": [[say(label), value] for label, value in facts],
        "columns": [say(head) for head in heads],
        "rows": [_row(row, say) for row in kept.rows],
        "call": say(
            words("If a figure is not right, or a month cannot be paid, call {phone}.", phone=phone)
        ),
    }


def _next(coming: KeptInstalment | None) -> Words:
    if coming is None:
        return words("Everything is paid. Thank you.")
    return words(
        "Next: {amount} by {day}.",
        amount=amount(coming.left),
        day=coming.instalment.due.isoformat(),
    )


def _row(row: KeptInstalment, say: Say) -> list[str]:
    return [
        str(row.instalment.number),
        row.instalment.due.isoformat(),
        figure(row.instalment.amount),
        figure(row.paid),
        row.paid_on.isoformat() if row.paid_on else "",
        figure(row.left),
        say(STATES[row.state]),
    ]
