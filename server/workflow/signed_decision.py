"""A decision that a person answers for: its reason and the name of who makes it, neither of them empty."""

from fieldsync.errors import InputError
from fieldsync.words import words


def signed(reason: str, by: str) -> tuple[str, str]:
    """Reason and name, trimmed; InputError 400.45 without a reason, 400.49 without a name."""
    why, who = reason.strip(), by.strip()
    if not why:
        raise InputError("400.45", words("A decision needs a reason."), words("Add --reason TEXT."))
    if not who:
        raise InputError(
            "400.49",
            words("A decision needs the name of who makes it."),
            words("Add --by NAME."),
        )
    return why, who
