"""Holds the contact attempts and payments of an import until their cases come by."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fieldsync.domain.case import Case, ContactAttempt, Payment
from fieldsync.schemas.book_tables import TableKind
from fieldsync.schemas.case_assembly import BookPayment, money
from fieldsync.schemas.case_import import (
    Attached,
    Source,
    problem_of,
    read_contacts,
    read_payments,
)
from fieldsync.schemas.fault import CellError, Fault, Problem
from fieldsync.words import words
from server.workflow.book_files import BookTable

_NO_SUCH_CASE = Fault(
    "422.115",
    words("This case is neither in the book nor stored."),
    words("Import the case first, or correct its number."),
)
_CASE_REJECTED = Fault(
    "422.116",
    words("The case of this row was rejected."),
    words("Mend the case and import it together with this row."),
)
_TWO_PAYMENTS = Fault(
    "422.118",
    words("Two different payments have this number."),
    words("Keep the one that is right, or give the other its own number."),
)


@dataclass(slots=True)
class _Waiting:
    contacts: list[tuple[Source, Attached[ContactAttempt]]] = field(default_factory=list)
    payments: list[tuple[Source, Attached[BookPayment]]] = field(default_factory=list)


@dataclass(slots=True)
class Attachments:
    """By case id: what waits for the case."""

    waiting: dict[str, _Waiting] = field(default_factory=dict)

    def of(self, case_id: str) -> _Waiting:
        """What waits for a case, to add to."""
        return self.waiting.setdefault(case_id, _Waiting())

    def case_ids(self) -> list[str]:
        """The cases that something waits for, by id."""
        return sorted(self.waiting)

    def take(self, case: Case) -> tuple[list[ContactAttempt], list[Payment], list[Problem]]:
        """Take out what waits for this case; payments get its currency, or a problem."""
        waiting = self.waiting.pop(case.case_id, None)
        if waiting is None:
            return [], [], []
        payments: dict[str, Payment] = {}
        problems = []
        for source, row in waiting.payments:
            try:
                amount = money(row.value.amount, case.loan.currency)
            except CellError as error:
                problems.append(
                    problem_of(source, row.row, "amount", row.value.amount, error.fault)
                )
                continue
            payment = Payment(row.value.payment_id, row.value.on, amount)
            if payments.setdefault(payment.payment_id, payment) != payment:
                number = payment.payment_id
                problems.append(problem_of(source, row.row, "payment_id", number, _TWO_PAYMENTS))
        return [row.value for _source, row in waiting.contacts], list(payments.values()), problems


def gather(
    attachments: Attachments, table: BookTable, chunk: list[tuple[int, list[str]]]
) -> Sequence[Problem]:
    """Read rows of a contacts or payments table into the waiting room."""
    if table.kind is TableKind.CONTACTS:
        contacts = read_contacts(chunk, table.layout, table.source)
        for attempt in contacts.good:
            attachments.of(attempt.case_id).contacts.append((table.source, attempt))
        return contacts.problems
    payments = read_payments(chunk, table.layout, table.source)
    for payment in payments.good:
        attachments.of(payment.case_id).payments.append((table.source, payment))
    return payments.problems


def unknown_case_problems(attachments: Attachments, ids_in_book: set[str]) -> list[Problem]:
    """A problem for each row whose case never came: it was rejected, or nobody knows it."""
    problems: list[Problem] = []
    for case_id, waiting in attachments.waiting.items():
        fault = _CASE_REJECTED if case_id in ids_in_book else _NO_SUCH_CASE
        places = [(source, row.row) for source, row in waiting.contacts]
        places += [(source, row.row) for source, row in waiting.payments]
        problems += [problem_of(source, row, "case_id", case_id, fault) for source, row in places]
    return problems
