"""Turns what PostgreSQL says into words for a person: away, not let in, no such database, busy, full."""

from fieldsync.errors import LocalCopyError
from fieldsync.words import Words, words

_NOTHING = words("Nothing was changed. Try again in a minute.")
_ADDRESS = words("Check FIELDSYNC_DATABASE_URL and `database_url` in the settings.")
_AWAY = words("Check that PostgreSQL runs, and FIELDSYNC_DATABASE_URL.")
_BUSY = frozenset({"40001", "40P01", "55P03", "53300"})
_FULL = "53100"
_NOT_LET_IN = ("authentication failed", "no password supplied", "pg_hba.conf", 'FATAL:  role "')


def is_of_postgresql(error: object) -> bool:
    """Whether its driver raised it; the driver itself may not be installed here."""
    return type(error).__module__.partition(".")[0] == "psycopg"


def explain(error: object) -> LocalCopyError:
    """The documented error; neither statement nor password is in it."""
    state = getattr(error, "sqlstate", None)
    said = str(error)
    if state in _BUSY:
        return LocalCopyError("602.27", words("The database is busy."), _NOTHING)
    if state == _FULL:
        return LocalCopyError("602.28", words("The database server's disk is full."), _NOTHING)
    if state is None or state.startswith(("08", "57P", "28", "3D")):
        return _unreached(state or "", said)
    return LocalCopyError(
        "602.29", words("PostgreSQL refused the step: {reason}", reason=_first_line(said)), _NOTHING
    )


def _unreached(state: str, said: str) -> LocalCopyError:
    """A connection that failed has no state, only what the server said, in English by default."""
    if state.startswith("3D") or ('database "' in said and "does not exist" in said):
        return LocalCopyError("602.23", words("There is no such database."), _ADDRESS)
    if state.startswith("28") or any(sign in said for sign in _NOT_LET_IN):
        return LocalCopyError(
            "602.22",
            words("PostgreSQL does not let us in with this user and password."),
            _ADDRESS,
        )
    return LocalCopyError("602.21", _unreachable(said), _AWAY)


def _unreachable(said: str) -> Words:
    return words("PostgreSQL cannot be reached: {reason}", reason=_first_line(said))


def _first_line(said: str) -> str:
    return said.strip().partition("\n")[0]
