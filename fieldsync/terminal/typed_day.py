"""Reads a day as a person types it on the command line of either program."""

from datetime import date

from fieldsync.errors import InputError
from fieldsync.words import words


def typed_day(text: str) -> date:
    """The day in the text (ISO 8601); InputError 600.9 if it is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(
            "600.9",
            words("{text} is not a date.", text=repr(text)),
            words("Give it as YYYY-MM-DD, for example 2026-11-24."),
        ) from error
