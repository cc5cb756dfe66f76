"""Reads a day from the command line."""

from datetime import date

from fieldsync.errors import InputError
from fieldsync.words import words


def parse_day(text: str) -> date:
    """The day in ISO 8601; InputError 422.30 for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            "422.30",
            words("{text} is not a day.", text=repr(text)),
            words("Write it as year-month-day, for example 2026-11-24."),
        ) from error
