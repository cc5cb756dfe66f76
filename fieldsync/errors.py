"""Every deliberate error of the product: one root, stable numbered codes, exit code, HTTP status, hint.

The integer part of a code is the HTTP status the error has at the server's border (404.1 is sent
as 404); errors that only a device or an operator can meet use 600 and up. `docs/reference/problems.md`
lists every code; a test keeps the two together. Errors are for broken expectations; an expected
"no" is a value (`Verdict`, `Outcome`).
"""

from typing import ClassVar

from fieldsync.words import Words

# Exit codes of both programs (docs/reference/exit-codes.md).
EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_SIGN_IN = 4
EXIT_REFUSED = 5
EXIT_CONFLICT = 6
EXIT_UNREACHABLE = 7
EXIT_LOCAL_COPY = 8
EXIT_VERSION = 9
EXIT_INTERRUPTED = 130


class FieldsyncError(Exception):
    """The root; never raised itself.

    Attributes:
        code: stable dotted number such as "404.1"; the integer part is the HTTP status below 600.
        message: what went wrong, where.
        hint: what to do about it, or None where the message already says so.
        details: machine-readable facts for JSON output; never personal data.
    """

    exit_code: ClassVar[int] = EXIT_FAILED

    def __init__(
        self, code: str, message: Words, hint: Words | None = None, **details: object
    ) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message
        self.hint = hint
        self.details = details

    @property
    def http_status(self) -> int:
        """The status a server answers with; errors that belong to one machine are 500 there."""
        status = int(self.code.split(".", 1)[0])
        return status if status < 600 else 500  # noqa: PLR2004 - 600 and up are local, see above


class InputError(FieldsyncError):
    """A file, flag or payload is wrong: mend it and try again (400, 413, 415, 422)."""

    exit_code = EXIT_USAGE


class NotFoundError(FieldsyncError):
    """There is no such case, officer, itinerary, operation or file (404)."""


class UnauthorisedError(FieldsyncError):
    """No credential, or one that is expired, used or not ours: sign in or enrol again (401, 403)."""

    exit_code = EXIT_SIGN_IN


class RefusedError(FieldsyncError):
    """A conduct or agreement rule says no; `details["findings"]` cite it (451)."""

    exit_code = EXIT_REFUSED


class ConflictError(FieldsyncError):
    """The other side has something else; the message says what each side has (409, 410)."""

    exit_code = EXIT_CONFLICT


class UnreachableError(FieldsyncError):
    """No network, or no Fieldsync server at the other end: the work stays in the journal (601)."""

    exit_code = EXIT_UNREACHABLE


class LocalCopyError(FieldsyncError):
    """The local file is missing, locked, full, damaged or of another version: run doctor (602)."""

    exit_code = EXIT_LOCAL_COPY


class ProtocolMismatchError(FieldsyncError):
    """Device and server speak versions that cannot talk: update the older one (426)."""

    exit_code = EXIT_VERSION
