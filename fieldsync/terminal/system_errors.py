"""Turns what the operating system refuses into a numbered problem: which file, why, what to do."""

from fieldsync.errors import FieldsyncError, InputError, LocalCopyError
from fieldsync.locale.system_reasons import is_disk_full, reason_of
from fieldsync.words import words


def explain(error: OSError) -> FieldsyncError:
    """The documented error: 602.4 for a full disk, 603.6 for a named file, 603.7 for all others."""
    if is_disk_full(error):
        return LocalCopyError(
            "602.4",
            words("The disk is full."),
            words("Nothing was changed. Free some space and try again."),
        )
    if error.filename:
        return InputError(
            "603.6",
            words("{file} cannot be used: {reason}.", file=error.filename, reason=reason_of(error)),
            words("Check the name and the permissions of the file."),
        )
    return FieldsyncError(
        "603.7",
        words("The system refused: {reason}.", reason=reason_of(error)),
        words("Run `doctor` to see what to do."),
    )
