"""Turns what SQLite says about a file into words for a person: locked, full, damaged, not ours."""

from fieldsync.errors import LocalCopyError
from fieldsync.words import words

# With a log beside the database (WAL) a full disk shows first where that log's index must grow.
_NO_ROOM = {"SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_WRITE"}
_REASONS = {
    "disk i/o error": words("the disk does not answer"),
    "unable to open database file": words("you have no permission for it"),
    "attempt to write a readonly database": words("it can only be read here"),
}
_DOCTOR = words("Nothing was changed. Run `doctor` to see what to do.")


_DRIVERS = {("sqlite3", "Error"), ("sqlcipher3.dbapi2", "Error")}


def is_of_sqlite(error: object) -> bool:
    """Whether SQLite says it, through the standard library or through the encrypting driver."""
    return any((kind.__module__, kind.__name__) in _DRIVERS for kind in type(error).__mro__)


def explain(error: Exception) -> LocalCopyError:
    """The documented error for a SQLite error; its text, never the statement or its values, is kept."""
    text = str(error).lower()
    if "locked" in text or "busy" in text:
        return LocalCopyError(
            "602.3",
            words("The local database is in use by another program."),
            words("Nothing was changed. Close the other program and try again."),
        )
    if "full" in text or getattr(error, "sqlite_errorname", "") in _NO_ROOM:
        return LocalCopyError(
            "602.4",
            words("The disk is full."),
            words("Nothing was changed. Free some space and try again."),
        )
    if "malformed" in text or "not a database" in text:
        return LocalCopyError("602.5", words("The local database is damaged."), _DOCTOR)
    return LocalCopyError(
        "602.6",
        words("The local database cannot be used: {reason}", reason=_REASONS.get(text, text)),
        _DOCTOR,
    )
