"""Imports answers to notices in one transaction; a table with any wrong row changes nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from fieldsync.domain.calendar import Window
from fieldsync.domain.notice import NoticeAnswer
from fieldsync.errors import ConflictError, FieldsyncError, InputError
from fieldsync.schemas.case_import import Source, problem_of
from fieldsync.schemas.fault import Fault, Problem
from fieldsync.schemas.notice_answers import (
    ANSWER_REQUIRED,
    AnswerRow,
    AnswersRead,
    answer_columns,
    read_answers,
)
from fieldsync.words import words
from server.context import ServerContext
from server.store.dialect import one_at_a_time
from server.store.engine import reading, writing
from server.store.notices import StoredNotice, notice_locked
from server.store.retrying import retried
from server.workflow.answer_notice import tell_devices
from server.workflow.find_notice import notice_named
from server.workflow.record_answer import (
    Told,
    check_chosen,
    check_given,
    check_lawful,
    record_answer,
    with_answer,
)
from server.workflow.signed_decision import signed
from server.workflow.tabular import Tabular, open_tables

_HOW_TO = words("docs/how-to/notices.md lists the columns.")
_TWICE = Fault(
    "422.558",
    words("This notice is answered more than once in the table."),
    words("Keep the row that is right and delete the other."),
)


@dataclass(frozen=True, slots=True)
class AnswersReport:
    """What an import did, or would do: notices answered anew, rows known already, what is wrong."""

    rows: int
    answered: tuple[StoredNotice, ...] = ()
    unchanged: int = 0
    problems: tuple[Problem, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Import:
    """The import while it runs."""

    ctx: ServerContext
    conn: Connection
    source: Source
    by: str
    now: datetime


@dataclass(frozen=True, slots=True)
class _Found:
    """A row with its notice and the time on the borrower's clock; `known` where it was taken down before."""

    row: AnswerRow
    stored: StoredNotice
    told: Told
    known: bool


@retried
def import_answers(
    ctx: ServerContext, path: Path, *, by: str, dry_run: bool = False
) -> AnswersReport:
    """Take down every answer of a table; `by` signs the rows that name nobody.

    Importing the same table again changes nothing, even where a later answer has come since.
    InputError 400.1x where the file cannot be used; what is wrong with rows is in the report.
    """
    table = open_tables(path)[0]
    _check_header(table, path.name)
    source, rows = Source(path.name, table.sheet), list(table.rows())
    read = read_answers(rows, table.header, source)
    report = AnswersReport(len(rows), ignored=read.ignored)
    with reading(ctx.engine) if dry_run else writing(ctx.engine) as conn:
        if not dry_run:
            one_at_a_time(conn, "office")
        run = _Import(ctx, conn, source, by, ctx.clock.now())
        found, problems = _find(run, read)
        if problems:
            return replace(report, problems=_as_titled(problems, table.header))
        fresh = [one for one in found if not one.known]
        if dry_run:
            answered = tuple(with_answer(conn, one.stored, one.told, run.now) for one in fresh)
        else:
            answered = tuple(record_answer(ctx, conn, o.stored, o.told, run.now) for o in fresh)
        if answered and not dry_run:
            tell_devices(conn, sorted({one.notice.case_id for one in answered}), run.now)
    return replace(report, answered=answered, unchanged=len(found) - len(fresh))


def _check_header(table: Tabular, name: str) -> None:
    places = answer_columns(table.header)
    missing = [column for column in ANSWER_REQUIRED if column not in places]
    if missing:
        raise InputError(
            "400.13",
            words(
                "{file} lacks the columns {columns}, which {table} need.",
                file=name,
                columns=", ".join(missing),
                table="answers",
            ),
            _HOW_TO,
        )
    twice = [column for column, found in places.items() if len(found) > 1]
    if twice:
        raise InputError(
            "400.18",
            words("{file} has the column {columns} twice.", file=name, columns=", ".join(twice)),
            words("Rename or delete one of the two."),
        )


def _as_titled(problems: Sequence[Problem], header: Sequence[str]) -> tuple[Problem, ...]:
    """The problems with the titles of the table itself, which may be Chinese."""
    titles = {column: header[places[0]] for column, places in answer_columns(header).items()}
    return tuple(replace(p, column=titles.get(p.column, p.column)) for p in problems)


def _find(run: _Import, read: AnswersRead) -> tuple[list[_Found], tuple[Problem, ...]]:
    """Every answer with its notice, locked; and all that is wrong, in the order of the rows."""
    problems = list(read.problems)
    found: list[_Found] = []
    for row in read.answers:
        try:
            named = notice_named(run.conn, row.notice)
        except FieldsyncError as error:
            problems.append(_problem(run, row, "notice", error))
        else:
            found.append(_as_told(run, row, notice_locked(run.conn, named.notice.notice_id)))
    times = Counter(one.stored.notice.notice_id for one in found)
    for one in found:
        if times[one.stored.notice.notice_id] > 1:
            row = one.row
            problems.append(problem_of(run.source, row.row, "notice", row.notice, _TWICE))
        elif not one.known:
            problems += _checked(run, one)
    return found, tuple(sorted(problems, key=lambda problem: problem.row))


def _as_told(run: _Import, row: AnswerRow, stored: StoredNotice) -> _Found:
    chosen = None
    if row.chosen is not None:
        zone = ZoneInfo(stored.notice.zone)
        chosen = Window(*(at.replace(tzinfo=zone) for at in row.chosen))
    told = Told(row.kind, chosen, *signed(row.reason, row.by or run.by))
    return _Found(row, stored, told, _is_known(stored, told))


def _is_known(stored: StoredNotice, told: Told) -> bool:
    """Whether this very answer was taken down before, be it that a later one has come since."""
    answers = (*stored.notice.earlier, stored.notice.answer)
    return any(
        one is not None
        and (one.kind, one.reason) == (told.kind, told.reason)
        and (one.appointment.window if one.appointment else None) == told.chosen
        for one in answers
    )


def _checked(run: _Import, one: _Found) -> list[Problem]:
    """What keeps the answer from being taken down, if anything."""
    try:
        check_given(one.stored)
    except ConflictError as error:
        return [_problem(run, one.row, "notice", error)]
    if one.told.kind is not NoticeAnswer.ANOTHER_TIME:
        return []
    try:
        chosen = check_chosen(one.told.chosen, run.now)
        check_lawful(run.ctx, run.conn, one.stored, chosen, usual_hours=True)
    except InputError as error:
        return [_problem(run, one.row, "another_time", error)]
    return []


def _problem(run: _Import, row: AnswerRow, column: str, error: FieldsyncError) -> Problem:
    """An error of the whole as a problem of one cell."""
    value = row.notice if column == "notice" else _typed(row)
    fault = Fault(error.code, error.message, error.hint or _HOW_TO)
    return problem_of(run.source, row.row, column, value, fault)


def _typed(row: AnswerRow) -> str:
    if row.chosen is None:
        return ""
    start, end = row.chosen
    return f"{start:%Y-%m-%d %H:%M}-{end:%H:%M}"
