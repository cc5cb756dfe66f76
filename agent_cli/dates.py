"""Dates as officers type them."""

from datetime import date

from fieldsync.errors import InputError
from fieldsync.words import words


def typed_date(text: str) -> date:
    """The date in the text; InputError 600.9 if it is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(
            "600.9",
            words("{text} is not a date.", text=repr(text)),
            words("Give it as YYYY-MM-DD, for example 2026-11-24."),
        ) from error
