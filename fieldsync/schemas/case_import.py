"""Turns the rows of a case book into cases, contact attempts and payments, and says all that is wrong.

Nothing stops at the first problem: every function returns what is good beside every problem found.
A case with any bad cell is rejected whole; a bad contact attempt or payment is rejected alone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from fieldsync.domain.case import Case, ContactAttempt
from fieldsync.schemas.book_rows import read_row, schema_of
from fieldsync.schemas.book_tables import Layout, TableKind
from fieldsync.schemas.case_assembly import (
    BookPayment,
    Faults,
    Values,
    assemble_case,
    assemble_contact,
    assemble_payment,
)
from fieldsync.schemas.fault import TOO_MANY_CELLS, Fault, Problem, shortened

T = TypeVar("T")
NumberedRow = tuple[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a table comes from, as a report names it."""

    file: str
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Attached(Generic[T]):
    """A contact attempt or payment with the case it belongs to and the row it stood in."""

    row: int
    case_id: str
    value: T


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What came of some rows: the good ones with their row numbers, the problems, the rejected rows."""

    good: tuple[Attached[T], ...]
    problems: tuple[Problem, ...]

    @property
    def rejected(self) -> frozenset[int]:
        """The numbers of the rows that are not among the good ones."""
        return frozenset(problem.row for problem in self.problems)


def read_cases(rows: Iterable[NumberedRow], layout: Layout, source: Source) -> Read[Case]:
    """The cases of some rows of a `cases` table."""
    return _read(rows, layout, source, assemble_case)


def read_contacts(
    rows: Iterable[NumberedRow], layout: Layout, source: Source
) -> Read[ContactAttempt]:
    """The contact attempts of some rows of a `contacts` table."""
    return _read(rows, layout, source, assemble_contact)


def read_payments(rows: Iterable[NumberedRow], layout: Layout, source: Source) -> Read[BookPayment]:
    """The payments of some rows of a `payments` table, amounts still without their currency."""
    return _read(rows, layout, source, assemble_payment)


def case_ids(rows: Iterable[NumberedRow], layout: Layout) -> Iterable[tuple[int, str]]:
    """Row and case id of every row of a table that names one, for finding ids that come twice."""
    place = dict(layout.places).get("case_id")
    if layout.kind is TableKind.CASES and place is not None:
        for number, row in rows:
            if len(row) > place and (case_id := row[place].strip()):
                yield number, case_id


def problem_of(source: Source, row: int, column: str, value: str, fault: Fault) -> Problem:
    """The fault with its place; the value is shortened for the report."""
    return Problem(source.file, source.sheet, row, column, shortened(column, value), fault)


def _read(
    rows: Iterable[NumberedRow],
    layout: Layout,
    source: Source,
    assemble: Callable[[Values, Faults], T | None],
) -> Read[T]:
    schema = schema_of(layout.kind)
    good: list[Attached[T]] = []
    problems: list[Problem] = []
    for number, row in rows:
        cells = layout.cells(row)
        values, faults = read_row(schema, cells)
        if layout.overflows(row):
            faults.append(("", TOO_MANY_CELLS))
        value = assemble(values, faults)
        if value is not None and not faults:
            good.append(Attached(number, values["case_id"], value))
        problems += [
            problem_of(source, number, column, cells.get(column, ""), fault)
            for column, fault in faults
        ]
    return Read(tuple(good), tuple(problems))
