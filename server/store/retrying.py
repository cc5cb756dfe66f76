"""Does a whole transaction again where PostgreSQL broke it off in favour of another one."""

import functools
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError

_P = ParamSpec("_P")
_T = TypeVar("_T")

# Serialization failure, deadlock, and a row that somebody else inserted since we looked: done again,
# the transaction finds it. SQLite has none of them, since one writer waits for the other.
_PASSING = frozenset({"40001", "40P01", "23505"})
_PAUSES_S = (0.01, 0.03, 0.1, 0.3, 1.0)


def retried(work: Callable[_P, _T]) -> Callable[_P, _T]:
    """Make `work` (a whole transaction and nothing that may not be done twice) begin again.

    At most five times, after 10 ms to 1 s; then the error is raised as it came.
    """

    @functools.wraps(work)
    def again(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        for pause_s in _PAUSES_S:
            try:
                return work(*args, **kwargs)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in _PASSING:
                    raise
            time.sleep(pause_s)
        return work(*args, **kwargs)

    return again
