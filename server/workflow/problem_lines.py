"""Says a problem of an import: as a line for a person, and with stable keys for a program."""

from typing import Any

from fieldsync.locale import _, render
from fieldsync.schemas.fault import Problem


def line(problem: Problem) -> str:
    """Where it is, what it is, what to do, and its code."""
    where = f"{problem.file} [{problem.sheet}]" if problem.sheet else problem.file
    place = _("{file}, row {row}", file=where, row=problem.row)
    if problem.column:
        place = _("{place}, {column}", place=place, column=problem.column)
    if problem.value:
        place = _("{place} ({value})", place=place, value=problem.value)
    return _("{place}: {advice}", place=place, advice=advice(problem))


def advice(problem: Problem) -> str:
    """What is wrong, what to do, and the code."""
    fault = problem.fault
    return _("{message} {hint} [{code}]", message=fault.message, hint=fault.hint, code=fault.code)


def as_json(problem: Problem) -> dict[str, Any]:
    """A problem with stable keys; docs/how-to/import-a-case-book.md lists them."""
    return {
        "file": problem.file,
        "sheet": problem.sheet,
        "row": problem.row,
        "column": problem.column or None,
        "value": problem.value,
        "code": problem.fault.code,
        "message": render(problem.fault.message),
        "hint": render(problem.fault.hint),
    }
