"""The last door: an error nobody foresaw goes to a file for the developers, a sentence to the person."""

import os
import tempfile
import traceback

from fieldsync.errors import FieldsyncError
from fieldsync.words import words


def report_crash(error: Exception, program: str) -> FieldsyncError:
    """Write the traceback to a file that only its owner may read, and say where it is.

    The file holds code places and the error's own text, never the values that were worked on.
    """
    handle, path = tempfile.mkstemp(prefix=f"{program}-", suffix=".crash.txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.writelines(traceback.format_exception(error))
    return FieldsyncError(
        "603.9",
        words("Something went wrong inside Fieldsync; the step you were at was not done."),
        words("Please send {path} to whoever looks after Fieldsync at your bank.", path=path),
    )
