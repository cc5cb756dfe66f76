"""Imports a case book in one transaction: good rows in, bad rows told; twice the same changes nothing."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, insert

from fieldsync.domain.bank_parts import joined
from fieldsync.domain.case import Case
from fieldsync.domain.codec import to_json
from fieldsync.schemas.book_mapping import TableMapping
from fieldsync.schemas.book_tables import TableKind
from fieldsync.schemas.case_import import case_ids, problem_of, read_cases
from fieldsync.schemas.fault import Fault, Problem
from fieldsync.words import words
from server.context import ServerContext
from server.store.audit import record
from server.store.cases import body_of, load_bank_parts, save_bank_parts, stored_hashes
from server.store.chunks import chunks
from server.store.dialect import one_at_a_time
from server.store.engine import reading, writing
from server.store.feed import publish
from server.store.retrying import retried
from server.store.tables import imports
from server.workflow.attachments import Attachments, gather, unknown_case_problems
from server.workflow.book_files import BookTable, open_book
from server.workflow.rejects import write_rejects
from server.workflow.share_cases import share_cases

_PREVIEW_CASES = 5
_ACTOR = "import-cases"
_TWICE = Fault(
    "422.114",
    words("This case is in the book more than once."),
    words("Keep the row that is right and delete the other."),
)


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """`dry_run` and `strict` (with any problem) change nothing; `rejects` names the rejects file."""

    dry_run: bool = False
    strict: bool = False
    rejects: Path | None = None


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do: rows read, cases by fate, problems, files written."""

    files: tuple[str, ...]
    imported: bool = True
    rows_read: int = 0
    cases_new: int = 0
    cases_changed: int = 0
    cases_unchanged: int = 0
    cases_rejected: int = 0
    problems: list[Problem] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)
    rejects: list[Path] = field(default_factory=list)
    preview: list[Case] = field(default_factory=list)

    @property
    def rows_rejected(self) -> int:
        """Rows with at least one problem."""
        return len({(p.file, p.sheet, p.row) for p in self.problems})


@dataclass(slots=True)
class _Book:
    """The import while it runs: where it writes, and what of the book is not yet in a case."""

    conn: Connection
    at: datetime
    report: ImportReport
    attachments: Attachments
    changed_ids: list[str] = field(default_factory=list)
    save: bool = True


class _Nothing(Exception):  # noqa: N818 - no error: it rolls a strict import back
    """Leaves the transaction without its changes."""


@retried
def import_cases(
    server: ServerContext,
    paths: Sequence[Path],
    mappings: Mapping[str, TableMapping],
    options: ImportOptions,
    advance: Callable[[int, int], None] = lambda _done, _total: None,
) -> ImportReport:
    """Read the files and bring the stored cases in step with them.

    `advance(rows, total)` is called as rows are read. InputError 400.1x where a file as a whole
    cannot be used; problems of single rows are in the report instead.
    """
    tables = open_book(paths, mappings)
    report = ImportReport(files=tuple(dict.fromkeys(t.source.file for t in tables)))
    report.ignored_columns = sorted({c for t in tables for c in t.layout.ignored if c.strip()})
    total = sum(table.tabular.count for table in tables)
    opened = reading(server.engine) if options.dry_run else writing(server.engine)
    try:
        with opened as conn:
            if not options.dry_run:
                one_at_a_time(conn, "office")
            book = _Book(conn, server.clock.now(), report, Attachments(), save=not options.dry_run)
            _read_tables(book, tables, lambda rows: advance(rows, total))
            _refuse_if_strict(report, options)
            if not options.dry_run:
                report.rejects = write_rejects(tables, report.problems, options.rejects)
                _conclude(book, server.new_id())
    except _Nothing:
        report.imported = False
    report.imported = report.imported and not options.dry_run
    return report


def _refuse_if_strict(report: ImportReport, options: ImportOptions) -> None:
    if report.problems and options.strict:
        raise _Nothing


def _read_tables(book: _Book, tables: Sequence[BookTable], advance: Callable[[int], None]) -> None:
    """Attempts and payments first, since they become part of the cases that follow."""
    for table in tables:
        if table.kind is not TableKind.CASES:
            for chunk in table.chunks():
                book.report.problems += gather(book.attachments, table, chunk)
                book.report.rows_read += len(chunk)
                advance(len(chunk))
    case_tables = [table for table in tables if table.kind is TableKind.CASES]
    rows_of_id = Counter(
        case_id for t in case_tables for _row, case_id in case_ids(t.tabular.rows(), t.layout)
    )
    for table in case_tables:
        for chunk in table.chunks():
            _take_cases(book, table, chunk, rows_of_id)
            advance(len(chunk))
    _attach_to_stored(book)
    book.report.problems += unknown_case_problems(book.attachments, set(rows_of_id))
    order = {(t.source.file, t.source.sheet): place for place, t in enumerate(tables)}
    book.report.problems.sort(key=lambda p: (order[p.file, p.sheet], p.row))


def _take_cases(
    book: _Book, table: BookTable, chunk: list[tuple[int, list[str]]], rows_of_id: Counter[str]
) -> None:
    found = read_cases(chunk, table.layout, table.source)
    problems = list(found.problems)
    cases = []
    for row in found.good:
        if rows_of_id[row.case_id] > 1:
            problems.append(problem_of(table.source, row.row, "case_id", row.case_id, _TWICE))
        else:
            cases.append(row.value)
    book.report.rows_read += len(chunk)
    book.report.cases_rejected += len(chunk) - len(cases)
    book.report.problems += problems
    _settle(book, cases)


def _settle(book: _Book, fresh: Sequence[Case]) -> None:
    """Join the cases with what is stored and gathered, and save those that changed."""
    ids = [case.case_id for case in fresh]
    stored = load_bank_parts(book.conn, ids)
    hashes = stored_hashes(book.conn, ids)
    changed = []
    for case in fresh:
        known = stored.get(case.case_id)
        contacts, payments, problems = book.attachments.take(case)
        book.report.problems += problems
        whole = joined(case, known, contacts, payments)
        if known is None:
            book.report.cases_new += 1
            changed.append(dataclasses.replace(whole, version=1))
        elif body_of(whole)[1] == hashes[case.case_id][0]:
            book.report.cases_unchanged += 1
        else:
            book.report.cases_changed += 1
            book.changed_ids.append(case.case_id)
            changed.append(dataclasses.replace(whole, version=known.version + 1))
    book.report.preview += changed[: _PREVIEW_CASES - len(book.report.preview)]
    if book.save:
        save_bank_parts(book.conn, changed, book.at)


def _attach_to_stored(book: _Book) -> None:
    """Give attempts and payments that came without their case to the case stored earlier."""
    for ids in chunks(book.attachments.case_ids()):
        _settle(book, list(load_bank_parts(book.conn, ids).values()))


def _conclude(book: _Book, import_id: str) -> None:
    """The record of the import, its audit line, and last the feed of devices that hold these cases."""
    report = book.report
    counts = {
        "rows_read": report.rows_read,
        "cases_new": report.cases_new,
        "cases_changed": report.cases_changed,
        "cases_unchanged": report.cases_unchanged,
        "cases_rejected": report.cases_rejected,
    }
    book.conn.execute(
        insert(imports).values(
            import_id=import_id, at=book.at, files=to_json(report.files), **counts
        )
    )
    record(
        book.conn,
        at=book.at,
        actor=_ACTOR,
        action="cases.import",
        subject=import_id,
        detail={**counts, "rows_rejected": report.rows_rejected},
    )
    publish(book.conn, share_cases(book.conn, book.changed_ids), book.at)
