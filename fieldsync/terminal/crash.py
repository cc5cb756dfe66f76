"""The last door: an error nobody foresaw goes to a file for the developers, a sentence to the person."""

import os
import tempfile
import traceback

from fieldsync.errors import FieldsyncError
from fieldsync.words import words

_OURS = {"fieldsync", "agent_cli", "server"}


def missing_part(error: Exception) -> FieldsyncError | None:
    """What to install where a command's packages are not there; None for any other error.

    An officer's device has the base install, so the server's commands stop here on it.
    """
    package = (getattr(error, "name", None) or "").partition(".")[0]
    if not isinstance(error, ModuleNotFoundError) or not package or package in _OURS:
        return None
    return FieldsyncError(
        "603.8",
        words("This command needs {package}, which is not installed here.", package=package),
        words("Install the part for servers: `pip install 'fieldsync[server,planner]'`."),
    )


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
