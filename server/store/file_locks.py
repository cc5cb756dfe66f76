"""Lets one process at a time work on a name: a lock that the system drops when its holder dies."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import ModuleType

_fcntl: ModuleType | None
try:
    import fcntl as _fcntl
except ImportError:  # Windows: one process serves, its threads take turns
    _fcntl = None

_turns = [Lock() for _number in range(256)]


@contextmanager
def locked(folder: Path, name: str) -> Iterator[None]:
    """Hold the name, waiting for whoever holds it; `name` begins with two hex digits.

    The lock files are 256 and stay: one that were removed could be held by two.
    """
    if _fcntl is None:
        with _turns[int(name[:2], 16)]:
            yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / name[:2], os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _fcntl.flock(handle, _fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
