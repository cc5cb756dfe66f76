"""Turns the rows of a table of answers to notices into answers, and says all that is wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import Schema

from fieldsync.domain.notice import NoticeAnswer
from fieldsync.schemas import cells
from fieldsync.schemas.book_rows import Cell, read_row
from fieldsync.schemas.book_tables import PROBLEM_COLUMNS
from fieldsync.schemas.case_import import NumberedRow, Source, problem_of
from fieldsync.schemas.fault import TOO_MANY_CELLS, CellError, Fault, Problem, shortened
from fieldsync.words import words

ANSWER_COLUMNS = ("notice", "answer", "another_time", "reason", "by")
ANSWER_REQUIRED = ("notice", "answer", "reason")
# The titles and words of a Chinese table, beside ours.
_CHINESE_TITLES = {
    "通知": "notice", "通知编号": "notice", "通知号": "notice",
    "答复": "answer", "回复": "answer",
    "改约时间": "another_time", "另约时间": "another_time",
    "说明": "reason", "原因": "reason", "答复内容": "reason",
    "记录人": "by", "经办人": "by",
}  # fmt: skip
_CHINESE_WORDS = {
    "改约": NoticeAnswer.ANOTHER_TIME, "另约时间": NoticeAnswer.ANOTHER_TIME,
    "改时间": NoticeAnswer.ANOTHER_TIME,
    "有困难": NoticeAnswer.IN_DIFFICULTY, "困难": NoticeAnswer.IN_DIFFICULTY,
    "遇到困难": NoticeAnswer.IN_DIFFICULTY,
    "有异议": NoticeAnswer.OBJECTS, "异议": NoticeAnswer.OBJECTS,
}  # fmt: skip
_IN_CHINESE = "改约、有困难、有异议"
_SPAN = re.compile(
    r"(?P<day>\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?|\d{8})[\sT]*"
    r"(?P<start>\d{1,2}[:：时点]\d{2}分?)\s*(?:[-–—~～至到])\s*(?P<end>\d{1,2}[:：时点]\d{2}分?)"
)
_NO_SPAN = Fault(
    "422.553",
    words("This is not a span of time."),
    words("Write it like 2026-11-26 15:00-17:00, on the borrower's clock."),
)
_TIME_MISSING = Fault(
    "422.554",
    words("Another time was chosen, and the row does not say which."),
    words("Write it like 2026-11-26 15:00-17:00, on the borrower's clock."),
)
_TIME_TOO_MANY = Fault(
    "422.554",
    words("A time goes only with the answer another_time."),
    words("Delete the time, or change the answer: who is in difficulty is not visited."),
)


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer as a row tells it: `notice` is an id or the end of one, `chosen` on the borrower's clock."""

    row: int
    notice: str
    kind: NoticeAnswer
    chosen: tuple[datetime, datetime] | None
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class AnswersRead:
    """The answers of a table, whole only where `problems` is empty; `ignored` titles nobody reads."""

    answers: tuple[AnswerRow, ...]
    problems: tuple[Problem, ...]
    ignored: tuple[str, ...]


def answer_columns(header: Sequence[str]) -> dict[str, list[int]]:
    """Where each of our columns stands, under its own title or a Chinese one; two places are one too many."""
    found: dict[str, list[int]] = {}
    for place, title in enumerate(header):
        column = _ours(title)
        if column in ANSWER_COLUMNS:
            found.setdefault(column, []).append(place)
    return found


def read_answers(rows: Sequence[NumberedRow], header: Sequence[str], source: Source) -> AnswersRead:
    """The answers of all rows; every problem of every row."""
    places = {column: found[0] for column, found in answer_columns(header).items()}
    schema = _AnswerCells()
    answers: list[AnswerRow] = []
    problems: list[Problem] = []
    for number, row in rows:
        raw = {c: row[p].strip() for c, p in places.items() if p < len(row) and row[p].strip()}
        values, faults = read_row(schema, raw)
        faults += _faults_between(values, raw)
        if any(cell.strip() for cell in row[len(header) :]):
            faults.append(("", TOO_MANY_CELLS))
        problems += [problem_of(source, number, c, raw.get(c, ""), fault) for c, fault in faults]
        if not faults:
            answers.append(_answer(number, values))
    known = {*ANSWER_COLUMNS, *PROBLEM_COLUMNS, ""}
    ignored = tuple(title for title in header if _ours(title) not in known)
    return AnswersRead(tuple(answers), tuple(problems), ignored)


def _ours(title: str) -> str:
    plain = title.strip().lower().replace(" ", "_")
    return _CHINESE_TITLES.get(plain, plain)


def _answer_word(value: str) -> NoticeAnswer:
    plain = value.lower().replace(" ", "_").replace("-", "_")
    known = _CHINESE_WORDS | {kind.value: kind for kind in NoticeAnswer}
    if plain not in known:
        raise CellError(
            Fault(
                "422.552",
                words("{value} is no answer to a notice.", value=shortened("", value)),
                words("Write one of: {known}.", known=f"{', '.join(NoticeAnswer)}; {_IN_CHINESE}"),
            )
        )
    return known[plain]


def _span(value: str) -> tuple[datetime, datetime]:
    """A day with a begin and a later end, naive."""
    found = _SPAN.fullmatch(value)
    if found is None:
        raise CellError(_NO_SPAN)
    try:
        day = cells.day(found["day"])
        start, end = (
            datetime.combine(day, cells.clock_time(found[name])) for name in ("start", "end")
        )
    except CellError as error:
        raise CellError(_NO_SPAN) from error
    if start >= end:
        raise CellError(_NO_SPAN)
    return start, end


class _AnswerCells(Schema):
    """One answer."""

    notice = Cell(cells.identifier, required=True)
    answer = Cell(_answer_word, required=True)
    another_time = Cell(_span)
    reason = Cell(cells.text, required=True)
    by = Cell(cells.text)


def _faults_between(values: Mapping[str, Any], raw: Mapping[str, str]) -> list[tuple[str, Fault]]:
    kind = values.get("answer")
    if kind is NoticeAnswer.ANOTHER_TIME and "another_time" not in raw:
        return [("another_time", _TIME_MISSING)]
    if kind in {NoticeAnswer.IN_DIFFICULTY, NoticeAnswer.OBJECTS} and "another_time" in raw:
        return [("another_time", _TIME_TOO_MANY)]
    return []


def _answer(number: int, values: Mapping[str, Any]) -> AnswerRow:
    return AnswerRow(
        number,
        values["notice"],
        values["answer"],
        values.get("another_time"),
        values["reason"],
        values.get("by", ""),
    )
